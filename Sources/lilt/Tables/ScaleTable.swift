/// The named scales that come with Lilt, as a file of the user's own would say it.
enum ScaleTable {
  static let toml = """
    # A scale's name in brackets; half tones above the tonic. Without "descending" it goes down as it
    # goes up. Ragas: their notes upwards and downwards (aroha and avaroha) as in the table of
    # https://github.com/soniAnkur/voice-stories/blob/main/indian-classical-ragas.md; where "about" names
    # another page, that one was read, too. Which notes are turned or held is not told by a scale.
    [pentatonic-major]
    ascending = [0, 2, 4, 7, 9]

    [pentatonic-minor]
    ascending = [0, 3, 5, 7, 10]

    [hexatonic-major]
    ascending = [0, 2, 4, 5, 7, 9]

    [hexatonic-minor]
    ascending = [0, 2, 3, 5, 7, 10]

    [melodic-minor]
    ascending = [0, 2, 3, 5, 7, 9, 11]
    descending = [0, 2, 3, 5, 7, 8, 10]

    [harmonic-minor]
    ascending = [0, 2, 3, 5, 7, 8, 11]

    [bhupali]
    ascending = [0, 2, 4, 7, 9]
    about = "S R G P D"

    [durga]
    ascending = [0, 2, 5, 7, 9]
    about = "S R m P D"

    [malkauns]
    ascending = [0, 3, 5, 8, 10]
    about = "S g m d n; Wikipedia, Malkauns"

    [hamsadhvani]
    ascending = [0, 2, 4, 7, 11]
    about = "S R G P N"

    [yaman]
    ascending = [0, 2, 4, 6, 9, 11]
    descending = [0, 2, 4, 6, 7, 9, 11]
    about = "N R G M D N S, S N D P M G R S; music.indianraag.com/raag-yaman-kalyan"

    [desh]
    ascending = [0, 2, 5, 7, 11]
    descending = [0, 2, 4, 5, 7, 9, 10]
    about = "S R m P N S, S n D P m G R S; sujamusic.wordpress.com/desh"

    [khamaj]
    ascending = [0, 4, 5, 7, 9, 11]
    descending = [0, 2, 4, 5, 7, 9, 10]
    about = "S G m P D N S, S n D P m G R S"

    [kafi]
    ascending = [0, 2, 3, 5, 7, 9, 10]
    about = "S R g m P D n"

    [bhimpalasi]
    ascending = [0, 3, 5, 7, 10]
    descending = [0, 2, 3, 5, 7, 9, 10]
    about = "n S g m P n S, S n D P m g R S; www.swarbhasha.com/raagbase/bhimpalasi"

    [bageshri]
    ascending = [0, 3, 5, 9, 10]
    descending = [0, 2, 3, 5, 7, 9, 10]
    about = "S g m D n S, S n D m P D m g R S; musicwithaditi.com/bageshri leaves P out"

    [bhairav]
    ascending = [0, 1, 4, 5, 7, 8, 11]
    about = "S r G m P d N"

    [bhairavi]
    ascending = [0, 1, 3, 5, 7, 8, 10]
    about = "S r g m P d n"

    [marwa]
    ascending = [0, 1, 4, 6, 9, 11]
    about = "S r G M D N"

    [todi]
    ascending = [0, 1, 3, 6, 8, 11]
    descending = [0, 1, 3, 6, 7, 8, 11]
    about = "S r g M d N S, S N d P M g r S"
    """
}

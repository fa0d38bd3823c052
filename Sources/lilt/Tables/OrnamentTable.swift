/// The ways to play ornaments that come with Lilt besides `OrnamentStyle.standard`, as a file of the
/// user's own would say it.
enum OrnamentTable {
  static let toml = """
    # A manner's name in brackets. For each sign the notes it is played with: the note itself or its
    # neighbour above or below; behind ':' its share of the written length, behind '<' how long it is
    # at most, in whole notes. 'repeat' = two notes that alternate, each as long as '=' says.
    # graces = the part of its written length that a grace note lasts. What a row leaves out is played
    # as in `standard`.
    [irish]
    # A roll as a group of notes of one pitch and length that are begun differently, first by a cut,
    # then by a tip: connepedia.blogspot.com/2017/01/music-irish-flute.html, barbaraprice.com/irish.
    # How short cut and tip are, and the grace notes, is ours.
    about = "rolls in three even parts, the second begun by a cut, the third by a tip, as flute players teach them; how short these are is our choice"
    graces = "1/8"
    roll = "note:8 above:1 note:7 below:1 note:7"
    lowermordent = "note:1<1/64 below:1<1/64 note:2"
    uppermordent = "note:1<1/64 above:1<1/64 note:2"

    [baroque]
    # The Explication in the Clavier-Büchlein vor Wilhelm Friedemann Bach (1720), transcribed at
    # pennuto.com/music/jsb_ornm.htm: Trillo from the upper note, Mordant with the lower one, Cadence as
    # the turn of `standard`, all on the beat. Their speed, and the grace notes, are ours.
    about = "trills from the upper note, on the beat, as in the table of J. S. Bach's Clavier-Büchlein (1720); how fast they go is our choice"
    graces = "1/2"
    trill = "repeat above=1/32 note=1/32"
    uppermordent = "above:1<1/32 note:1<1/32 above:1<1/32 note:3"
    """
}

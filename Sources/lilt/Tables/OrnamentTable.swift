/// The ways to play ornaments that come with Lilt, as a file of the user's own would say it.
enum OrnamentTable {
  static let toml = """
    # A manner's name in brackets. For each sign the notes it is played with: the note itself or its
    # neighbour above or below; behind ':' its share of the written length, behind '<' how long it is
    # at most, in whole notes. 'repeat' = two notes that alternate, each as long as '=' says.
    # graces = the part of its written length that a grace note lasts. What a row leaves out is played
    # as in [standard].
    [standard]
    about = "rolls of five notes with cuts and tips of a 32nd at most; trills from the note itself"
    graces = "1/4"
    trill = "repeat note=1/32 above=1/32"
    roll = "note:3 above:1<1/32 note:4 below:1<1/32 note:3"
    lowermordent = "note:1<1/32 below:1<1/32 note:2"
    uppermordent = "note:1<1/32 above:1<1/32 note:2"
    turn = "above note below note"
    invertedturn = "below note above note"

    [irish]
    about = "rolls in three even parts, the second begun by a cut and the third by a tip, both as short as can be, as Grey Larsen teaches them (The Essential Guide to Irish Flute and Tin Whistle, 2003)"
    graces = "1/8"
    roll = "note:8 above:1 note:7 below:1 note:7"
    lowermordent = "note:1<1/64 below:1<1/64 note:2"
    uppermordent = "note:1<1/64 above:1<1/64 note:2"

    [baroque]
    about = "trills begin with the upper note, as in the table that J. S. Bach wrote for Wilhelm Friedemann (Clavier-Büchlein, 1720)"
    graces = "1/2"
    trill = "repeat above=1/32 note=1/32"
    uppermordent = "above:1<1/32 note:1<1/32 above:1<1/32 note:3"
    """
}

/// The instruments that come with Lilt, as a file of the user's own would say it.
enum InstrumentTable {
  static let toml = """
    # An instrument's name in brackets; lowest and highest written note as MIDI keys (60 = middle C).
    [fiddle]
    lowest = 55
    highest = 83
    about = "fiddle in first position, G3 to B5"

    [mandolin]
    lowest = 55
    highest = 88
    about = "mandolin up to the twelfth fret, G3 to E6"

    [whistle]
    lowest = 62
    highest = 83
    about = "whistle in D as it is written, two octaves less a tone, D4 to B5"

    [flute]
    lowest = 62
    highest = 86
    about = "simple-system flute in D, D4 to D6"

    [concertina]
    lowest = 55
    highest = 86
    about = "Anglo concertina in C and G, without its lowest notes, G3 to D6"

    [accordion]
    lowest = 59
    highest = 86
    about = "button accordion in B and C, right hand, B3 to D6"

    [smallpipes]
    lowest = 62
    highest = 83
    about = "Northumbrian smallpipes of seven keys as they are written, D4 to B5"

    [highland-pipes]
    lowest = 67
    highest = 81
    about = "Great Highland bagpipe as it is written, nine notes from G4 to A5"

    [voice]
    lowest = 57
    highest = 76
    about = "a voice that sings with others, A3 to E5"
    """
}

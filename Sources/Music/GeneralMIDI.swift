/// The instruments of General MIDI, by program number.
public enum GeneralMIDI {
  /// In the order of their programs, 0...127 (General MIDI 1, table 2).
  public static let names: [String] = """
    acoustic grand piano,bright acoustic piano,electric grand piano,honky-tonk piano,electric piano 1,\
    electric piano 2,harpsichord,clavinet,celesta,glockenspiel,music box,vibraphone,marimba,xylophone,\
    tubular bells,dulcimer,drawbar organ,percussive organ,rock organ,church organ,reed organ,accordion,\
    harmonica,tango accordion,nylon guitar,steel guitar,jazz guitar,clean guitar,muted guitar,\
    overdriven guitar,distortion guitar,guitar harmonics,acoustic bass,fingered bass,picked bass,\
    fretless bass,slap bass 1,slap bass 2,synth bass 1,synth bass 2,violin,viola,cello,contrabass,\
    tremolo strings,pizzicato strings,orchestral harp,timpani,string ensemble 1,string ensemble 2,\
    synth strings 1,synth strings 2,choir aahs,voice oohs,synth voice,orchestra hit,trumpet,trombone,\
    tuba,muted trumpet,french horn,brass section,synth brass 1,synth brass 2,soprano sax,alto sax,\
    tenor sax,baritone sax,oboe,english horn,bassoon,clarinet,piccolo,flute,recorder,pan flute,\
    blown bottle,shakuhachi,whistle,ocarina,square lead,sawtooth lead,calliope lead,chiff lead,\
    charang lead,voice lead,fifths lead,bass and lead,new age pad,warm pad,polysynth pad,choir pad,\
    bowed pad,metallic pad,halo pad,sweep pad,rain,soundtrack,crystal,atmosphere,brightness,goblins,\
    echoes,sci-fi,sitar,banjo,shamisen,koto,kalimba,bagpipe,fiddle,shanai,tinkle bell,agogo,\
    steel drums,woodblock,taiko drum,melodic tom,synth drum,reverse cymbal,guitar fret noise,\
    breath noise,seashore,bird tweet,telephone ring,helicopter,applause,gunshot
    """.split(separator: ",").map { String($0) }

  /// What musicians say for some of them.
  private static let synonyms = [
    "piano": 0, "organ": 19, "guitar": 24, "bass": 32, "double bass": 43, "strings": 48, "harp": 46,
    "choir": 52, "voice": 52, "horn": 60, "sax": 65, "saxophone": 65, "tin whistle": 78,
    "penny whistle": 78, "bagpipes": 109, "pipes": 109, "concertina": 23, "mandolin": 25,
    "hammered dulcimer": 15, "squeezebox": 21, "melodeon": 21, "mouth organ": 22,
  ]

  /// The program that a name means: its number 0...127, its name, a musician's word for it, or the
  /// first whose name begins with it or has it as a word.
  public static func program(named name: String) -> Int? {
    let asked = name.lowercased()
    if let number = Int(asked) { return (0...127).contains(number) ? number : nil }
    guard !asked.isEmpty else { return nil }
    return names.firstIndex(of: asked) ?? synonyms[asked]
      ?? names.firstIndex { $0.hasPrefix(asked) }
      ?? names.firstIndex { $0.split(separator: " ").contains { $0 == asked } }
  }

  /// Every name that `program(named:)` knows, for suggestions.
  public static var allNames: [String] { names + synonyms.keys.sorted() }
}

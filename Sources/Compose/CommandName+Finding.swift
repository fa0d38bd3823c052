import ABC

extension CommandName {
  /// Short forms musicians know from other programs.
  public static let aliases: [String: CommandName] = [
    "w": .write, "q": .quit, "q!": .quitNow, "wq": .quit, "e": .open, "h": .help,
    "save": .write, "title": .name, "gen": .generateToggle, "play": .playToggle,
    "practice": .practise, "color": .colour, "warnings": .goTo,
  ]

  /// The command a word names: in full, by alias, or by the only name it begins.
  public static func named(_ word: String) -> CommandName? {
    if let exact = CommandName(rawValue: word) ?? aliases[word] { return exact }
    let beginning = allCases.filter { $0.rawValue.hasPrefix(word) }
    return beginning.count == 1 ? beginning[0] : nil
  }

  /// The name nearest to a word that names nothing.
  public static func nearest(to word: String) -> String? {
    nearestWord(to: word, among: allCases.map(\.rawValue) + aliases.keys.sorted())
  }

  /// Words by which people look for the command and that neither its name nor its sentence has.
  var synonyms: String {
    switch self {
    case .export: "midi mid wav flac mp3 sound file save render audio record"
    case .insert: "chord harmony"
    case .write: "save store file"
    case .quit, .quitNow: "exit leave close"
    case .tempo: "speed bpm faster slower"
    case .mute: "volume silence loud instrument"
    case .theme: "colour color dark light"
    case .motion: "calm animation blink scroll page"
    case .pane: "notation engraved score sheet"
    case .colour: "color"
    case .rng: "seed random"
    case .memory: "repeat repetition remember"
    case .shape: "form structure plan aaba"
    case .instrument: "range tessitura"
    case .mood: "style lively tender dark manner"
    case .mix: "blend interpolate checkpoint"
    case .plan: "veto repeat bar"
    case .scale: "mode raga pentatonic"
    case .open: "import load read midi file"
    case .help: "manual keys commands"
    case .tutor: "learn tutorial lesson first begin"
    case .output: "audio device speaker"
    default: ""
    }
  }
}

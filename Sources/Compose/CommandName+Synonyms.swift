extension CommandName {
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

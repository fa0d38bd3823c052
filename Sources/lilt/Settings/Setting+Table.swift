import Analysis
import Audio
import Compose

/// Every setting there is. A row added here appears in `config.toml`, in the environment, in
/// `lilt config` and in the manual; what it does is up to whoever asks `Settings` for it.
extension Setting {
  static let checkpoint = Setting(
    .generator, "checkpoint", .text, standard: .text(""),
    "the model: a name in a Models folder, or a path; empty = the one Lilt ships",
    option: "--checkpoint")
  static let temperature = Setting(
    .generator, "temperature", .number(Sampling.temperatures), standard: .number(1),
    "1 = as the model was trained; lower is calmer, higher is wilder", option: "--temperature")
  static let topK = Setting(
    .generator, "top-k", .integer(0...65536), standard: .integer(0),
    "draw only from this many characters; 0 = all", option: "--top-k")
  static let topP = Setting(
    .generator, "top-p", .number(0...1), standard: .number(1),
    "draw only from the likeliest characters that make up this share; 1 = all",
    option: "--top-p")
  static let minP = Setting(
    .generator, "min-p", .number(0...1), standard: .number(0),
    "leave out characters less likely than this share of the likeliest; 0 = none",
    option: "--min-p")
  static let rng = Setting(
    .generator, "rng",
    .form("\"new\" or a whole number from 0", isValid: { $0 == "new" || UInt64($0) != nil }),
    standard: .text("new"), "the random number that a draft starts from; new = another each time",
    option: "--rng")
  static let pace = Setting(
    .generator, "pace",
    .form(
      "\"max\", \"follow\" or characters a second from 1 to 10000",
      isValid: { Sampling.Pace($0) != nil }),
    standard: .text("follow"),
    "how fast the model writes: max, characters a second, or follow the playhead")
  static let ahead = Setting(
    .generator, "ahead", .integer(0...64), standard: .integer(2),
    "bars that the model keeps in front of the playhead")

  static let phrase = Setting(
    .constraints, "phrase", .integer(1...64), standard: .integer(8), "bars in a phrase")
  static let stopRule = Setting(
    .constraints, "stop-rule", .choice(Sampling.StopRule.allCases.map(\.rawValue)),
    standard: .text("phrase"),
    "where the model stops by itself: at a phrase's end, a cadence, the tune's end, or never")

  /// Values that have rows of their own, with an option or a wider range.
  private static let apart = ["temperature", "top-k", "top-p", "min-p", "copy-guard"]

  /// What is wanted of the tunes, and how they are drawn: a row for each value of the table.
  private static let wishes: [Setting] = SamplingValue.all.filter {
    $0.group != .running && !$0.isOfOneTune && !apart.contains($0.name)
  }.map { value in
    Setting(
      value.group == .drawing ? .generator : .writing, value.name,
      .form(
        value.argument,
        isValid: { text in
          var sampling = Sampling()
          return value.set(&sampling, text, Catalogue.load().catalogue) == nil
        }),
      standard: .text(value.text(Sampling())), value.help)
  }

  /// The setting of a value that steers the writing.
  static func writing(_ name: String) -> Setting? { wishes.first { $0.name == name } }

  static let copyGuard = Setting(
    .constraints, "copy-guard",
    .form(CopyGuard.Rule.forms, isValid: { CopyGuard.Rule($0) != nil }),
    standard: .text(CopyGuard.Rule.default.description),
    "what is done about so many notes in a row of a tune that the model has learnt from")
  static let repertoires = Setting(
    .constraints, "repertoires", .text, standard: .text(""),
    "tunes of your own that are not copied either: files of 'lilt repertoire', with commas")

  static let audio = Setting(
    .player, "audio",
    .form(
      "auto, none, pcm:NAME, alsa:NAME or log:FILE",
      isValid: { text in
        ["auto", "none"].contains(text)
          || ["pcm:", "alsa:", "log:"].contains { text.hasPrefix($0) && text.count > $0.count }
      }),
    standard: .text("auto"), "where the sound goes: auto, none, pcm:NAME or log:FILE",
    option: "--audio")
  static let soundFont = Setting(
    .player, "soundfont", .text, standard: .text(""),
    "the instruments, a .sf2 file; empty = the one Debian installs", option: "--soundfont")
  static let ornamentStyle = Setting(
    .player, "ornament-style",
    .form(
      "the name of a row: standard, irish, baroque or one of ornaments.toml",
      isValid: { name in Catalogue.load().catalogue.ornaments.contains { $0.name == name } }),
    standard: .text("standard"),
    "how rolls, trills and grace notes are played: standard, irish, baroque, or a row of your own",
    option: "--ornaments")
  static let metronome = Setting(
    .player, "metronome", .flag, standard: .flag(false), "click on each beat")
  static let countIn = Setting(
    .player, "count-in", .integer(Session.countInBars), standard: .integer(0),
    "bars that are clicked before the composer plays")

  static let recordCountIn = Setting(
    .record, "count-in", .integer(Session.countInBars), standard: .integer(1),
    "bars that are clicked before a take", variable: "LILT_RECORD_COUNT_IN")
  static let recordClick = Setting(
    .record, "click", .flag, standard: .flag(true), "click on each beat of a take",
    variable: "LILT_RECORD_CLICK")
  static let practiseStart = Setting(
    .practise, "start", .integer(10...400), standard: .integer(60),
    "where practising begins, in percent of the tune's tempo", variable: "LILT_PRACTISE_START")
  static let practiseStep = Setting(
    .practise, "step", .integer(1...200), standard: .integer(5),
    "how many beats a minute faster it gets", variable: "LILT_PRACTISE_STEP")
  static let practiseRounds = Setting(
    .practise, "rounds", .integer(1...200), standard: .integer(2),
    "how many rounds each tempo has", variable: "LILT_PRACTISE_ROUNDS")
  static let practiseRests = Setting(
    .practise, "rests", .flag, standard: .flag(false),
    "a silent round after each, to answer in", variable: "LILT_PRACTISE_RESTS")

  static let midiOut = Setting(
    .midi, "out", .text, standard: .text(""),
    "where notes go, with commas: synth, and MIDI ports by name; empty = as last chosen",
    variable: "LILT_MIDI_OUT", option: "--midi-out")
  static let midiIn = Setting(
    .midi, "in", .text, standard: .text(""),
    "MIDI ports that notes come from, by name; empty = as last chosen, off = none",
    variable: "LILT_MIDI_IN")
  static let midiThru = Setting(
    .midi, "thru", .flag, standard: .flag(true),
    "let what is played on a MIDI keyboard sound here", variable: "LILT_MIDI_THRU")
  static let midiClock = Setting(
    .midi, "clock", .choice(MIDIClock.allCases.map(\.rawValue)), standard: .text("off"),
    "send MIDI clock, start and stop to others, or follow theirs", variable: "LILT_MIDI_CLOCK")

  static let theme = Setting(
    .display, "theme", .text, standard: .text(""),
    "a theme's name; empty = theme-dark or theme-light, whichever suits the terminal",
    option: "--theme")
  static let themeDark = Setting(
    .display, "theme-dark", .text, standard: .text("default"),
    "the theme for a dark terminal")
  static let themeLight = Setting(
    .display, "theme-light", .text, standard: .text("default"),
    "the theme for a light terminal")
  static let color = Setting(
    .display, "color", .choice(["auto", "never", "16", "256", "true"]), standard: .text("auto"),
    "how many colours; auto = ask NO_COLOR, COLORTERM and the terminal", option: "--color")
  static let symbols = Setting(
    .display, "symbols", .choice(["auto", "utf8", "ascii"]), standard: .text("auto"),
    "what the screen is drawn with; auto = what locale and terminal allow", option: "--ascii")
  static let mouse = Setting(
    .display, "mouse", .flag, standard: .flag(true), "listen to the mouse", option: "--no-mouse")
  static let noteColour = Setting(
    .display, "note-colour", .choice(ViewSettings.NoteColour.allCases.map(\.rawValue)),
    standard: .text("origin"), "what a note's colour says")
  static let follow = Setting(
    .display, "follow", .choice(ViewSettings.Follow.allCases.map(\.rawValue)),
    standard: .text("playhead"), "what the view keeps in sight")
  static let motion = Setting(
    .display, "motion", .flag, standard: .flag(true),
    "let the view move with the music; false = page by page, and nothing blinks")
  static let windowTitle = Setting(
    .display, "window-title", .flag, standard: .flag(true),
    "name the tune in the terminal's title")

  static let editorCommand = Setting(
    .editor, "command", .text, standard: .text(""),
    "the editor that E opens; empty = $VISUAL, $EDITOR or vi", variable: "LILT_EDITOR")
  static let exportFolder = Setting(
    .export, "dir", .text, standard: .text(""),
    "where exports go; empty = the current folder", variable: "LILT_EXPORT_DIR")
  static let exportAccompaniment = Setting(
    .export, "accompaniment", .flag, standard: .flag(true),
    "play chord symbols in MIDI files", variable: "LILT_EXPORT_ACCOMPANIMENT",
    option: "--no-accompaniment")
  static let exportOrnaments = Setting(
    .export, "ornaments", .flag, standard: .flag(true),
    "play ornaments in MIDI files", variable: "LILT_EXPORT_ORNAMENTS", option: "--no-ornaments")
  static let exportRecipe = Setting(
    .export, "recipe", .flag, standard: .flag(true),
    "let the composer's ABC and MIDI files say how the tune came to be",
    variable: "LILT_EXPORT_RECIPE")

  static let exportLoudness = Setting(
    .export, "loudness",
    .form(
      "\"off\", \"none\" or a number from -60 to 0",
      isValid: { text in
        ["off", "none"].contains(text)
          || Double(text).map(SoundLevel.loudnessRange.contains) ?? false
      }),
    standard: .text("-16"),
    "how loud sound files are, in LUFS; off = as the synthesizer plays",
    variable: "LILT_EXPORT_LOUDNESS", option: "--loudness")
  static let exportPeak = Setting(
    .export, "peak", .number(SoundLevel.peakRange), standard: .number(-1),
    "what the true peak of a sound file may reach, in dBTP (between the samples, too)",
    variable: "LILT_EXPORT_PEAK", option: "--peak")

  /// Commands that run when something has happened; they get the file as their last argument.
  static func hook(_ moment: Hooks.Moment) -> Setting {
    let help =
      switch moment {
      case .export: "a command to run on each exported file"
      case .take: "a command to run on what becomes a take, as an ABC file"
      case .phrase: "a command to run when the model has written a phrase, on the tune as ABC"
      }
    return Setting(.hooks, moment.rawValue, .text, standard: .text(""), help + "; empty = none")
  }

  /// The table, in the order in which it is shown.
  static let all: [Setting] =
    [
      checkpoint, temperature, topK, topP, minP, rng, pace, ahead,
      phrase, stopRule, copyGuard, repertoires,
    ] + wishes + [
      audio, soundFont, ornamentStyle, metronome, countIn,
      recordCountIn, recordClick, practiseStart, practiseStep, practiseRounds, practiseRests,
      midiOut, midiIn, midiThru, midiClock,
      theme, themeDark, themeLight, color, symbols, mouse, noteColour, follow, motion, windowTitle,
      editorCommand,
      exportFolder, exportAccompaniment, exportOrnaments, exportLoudness, exportPeak, exportRecipe,
    ] + Hooks.Moment.allCases.map(hook)
}

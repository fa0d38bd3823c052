import ABC
import ArgumentParser
import Audio
import MIDI
import Music

/// `lilt export`: a tune as a MIDI file, as ABC, as MusicXML, as sound or as a picture.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a tune as MIDI, ABC, MusicXML, sound, notation or a picture.",
    usage: """
      lilt export FILE [--tune N] [--bars A-B] [--as roll|notation] -o OUT
             lilt export TUNEBOOK.abc... --all -o FOLDER
      """,
    discussion: """
      FILE is ABC, MIDI or MusicXML (.musicxml, .mxl); - is standard input. A MIDI file is written down as ABC by listening: \
      what had to be rounded or decided is told on standard error. The end of OUT says the \
      format, or --format where OUT is -, standard output: .mid, .abc, .musicxml, .mxl, .wav, .flac, .ogg, .opus or .mp3, \
      or a picture as .svg, .png or .pdf. Pictures show notation (drawn by abcm2ps), or with --as \
      roll the piano roll, as usual for MIDI; .png and .pdf are drawn by rsvg-convert, Debian's \
      librsvg2-bin. A file that exists is replaced, as one step.

      Exit status 4 when FILE cannot be read, 6 when OUT cannot be written.
      """)

  @Argument(help: "An ABC, MIDI or MusicXML file, with --all also several; - is standard input.")
  var files: [String]
  @Option(
    name: .shortAndLong, help: "The file to write, or with --all the folder; - is standard output.")
  var output: String
  @Option(help: "The tune with this number (X:); otherwise the first.")
  var tune: Int?
  @Option(help: "Tracks of a MIDI file: numbers such as 1,3-4, or merge, or merge:1,3.")
  var tracks: TrackChoice?
  @Flag(help: "Write every tune of the tunebook, each as a file named after it.")
  var all = false
  @Option(help: "Only these bars, such as 5-8, each once.")
  var bars: String?
  @Option(
    help: ArgumentHelp(
      "One of the formats; otherwise what OUT ends with.", valueName: ExportFormat.names))
  var format: ExportFormat?
  @Option(name: .customLong("as"), help: "What a picture shows: roll or notation.")
  var drawing: Drawing?
  @Flag(name: .customLong("no-accompaniment"), help: "Do not play the chord symbols.")
  var noAccompaniment = false
  @Flag(name: .customLong("no-ornaments"), help: "Do not play rolls, trills and staccato.")
  var noOrnaments = false
  @Flag(
    name: .customLong("no-jumps"), help: "Play on past D.C., D.S., fine and coda.")
  var noJumps = false
  @Option(help: "How they are played: standard, irish, baroque, or a row of ornaments.toml.")
  var ornaments: String?
  @Option(help: SwingChoice.help)
  var swing: SwingChoice?
  @Option(help: "The melody's instrument: a General MIDI name or number.")
  var sound: String?
  @Option(help: "The instruments for sound files: a .sf2 file.")
  var soundfont: String?
  @Option(help: "How loud sound files are, in LUFS (BS.1770), or off.")
  var loudness: String?
  @Option(help: "What their true peak may reach, in dBTP.")
  var peak: String?

  func validate() throws {
    if files.isEmpty { throw ValidationError("a file is missing; - is standard input") }
    if !all && files.count > 1 {
      throw ValidationError("one file at a time, or --all with a folder after -o")
    }
    if all && (tune != nil || bars != nil) {
      throw ValidationError("--all takes every tune whole: leave out --tune and --bars")
    }
    if all && tracks != nil {
      throw ValidationError("--tracks is for one MIDI file: leave out --all")
    }
    if all && output == "-" { throw ValidationError("--all needs a folder after -o") }
    if drawing != nil, let format = format ?? ExportFormat(path: output), !format.isPicture {
      throw ValidationError("--as is for pictures: .svg, .png and .pdf")
    }
    if bars != nil && barRange == nil {
      throw ValidationError("--bars needs two bar numbers, such as 5-8")
    }
    if !all && format == nil && output != "-" && ExportFormat(path: output) == nil {
      throw ValidationError(
        "the name after -o must end with one of \(ExportFormat.endings), or use --format")
    }
  }

  func run() throws {
    var settings = Settings.load()
    try settings.override(.soundFont, with: soundfont)
    try settings.override(.ornamentStyle, with: ornaments)
    try settings.override(.exportLoudness, with: loudness)
    try settings.override(.exportPeak, with: peak)
    var playback = PlaybackOptions()
    playback.accompaniment = !noAccompaniment && settings.flag(.exportAccompaniment)
    playback.ornaments = !noOrnaments && settings.flag(.exportOrnaments)
    playback.followsJumps = !noJumps
    playback.style = settings.ornamentStyle
    playback.swing = swing?.ratio

    var export = Export(
      playback: playback, soundFont: settings.path(.soundFont), level: SoundLevel(settings),
      drawing: drawing)
    export.sound = try soundProgram(sound)
    let writer = ExportWriter(export: export)
    let sources =
      try tracks == nil ? ExportSource.all(files) : [ExportSource(path: files[0], tracks: tracks)]
    let usual: ExportFormat = sources[0].isMIDI || sources[0].isScore ? .abc : .mid
    let written = all ? format ?? .mid : format ?? ExportFormat(path: output) ?? usual
    try refuseIdleOptions(for: written)
    if all {
      try writer.writeAll(sources, to: output, as: written)
      return
    }
    let source = sources[0]
    var music = try source.music(tune: tune)
    if tune == nil, source.count > 1 {
      StandardError.line(
        "\(source.name): 1 of \(source.count) tunes; --tune N or --all for the others.")
    }
    if let barRange { music = try music.excerpt(barRange, path: source.name) }
    try writer.write(music, from: source, to: output, as: written)
  }

  /// Options that would change nothing in a file of a format are refused.
  private func refuseIdleOptions(for format: ExportFormat) throws(CommandFailure) {
    let isNoted =
      [.abc, .musicxml, .mxl].contains(format) || format.isPicture && drawing == .notation
    let rules: [(option: String, isGiven: Bool, isIdle: Bool, what: String)] = [
      (
        "--sound", sound != nil, format != .mid && format.audio == nil,
        "MIDI and sound files (in ABC, %%MIDI program N says it)"
      ),
      ("--soundfont", soundfont != nil, format.audio == nil, "sound files"),
      ("--loudness", loudness != nil, format.audio == nil, "sound files"),
      ("--peak", peak != nil, format.audio == nil, "sound files"),
      ("--swing", swing != nil, isNoted, "what is played: MIDI, sound, or a picture --as roll"),
      (
        "--ornaments", ornaments != nil, isNoted,
        "what is played: MIDI, sound, or a picture --as roll"
      ),
      (
        "--no-ornaments", noOrnaments, isNoted,
        "what is played: MIDI, sound, or a picture --as roll"
      ),
      (
        "--no-accompaniment", noAccompaniment, isNoted,
        "what is played: MIDI, sound, or a picture --as roll"
      ),
      ("--no-jumps", noJumps, isNoted, "what is played: MIDI, sound, or a picture --as roll"),
    ]
    for rule in rules where rule.isGiven && rule.isIdle {
      throw CommandFailure(.usage, "\(rule.option) is for \(rule.what)")
    }
  }

  /// `5-8`, or `5` for one bar; nil where it is neither.
  private var barRange: ClosedRange<Int>? {
    guard let parts = bars?.split(separator: "-", omittingEmptySubsequences: false) else {
      return nil
    }
    guard let first = Int(parts[0]), let last = Int(parts[parts.count - 1]), parts.count <= 2,
      0 <= first, first <= last
    else { return nil }
    return first...last
  }
}

extension SoundLevel {
  /// As the settings say.
  init(_ settings: Settings) {
    self.init(
      loudness: Double(settings.text(.exportLoudness)), peak: settings.number(.exportPeak))
  }
}

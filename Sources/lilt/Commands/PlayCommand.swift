import ABC
import ArgumentParser
import Audio
import Dispatch
import Glibc
import MIDI
import Music

/// `lilt play`: a tune heard without a screen.
struct PlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Play an ABC, MIDI or MusicXML file, without a screen.",
    usage: """
      lilt play FILE [--tune N] [--from BAR] [--loop A-B] [--tempo N] [--practise PLAN] \
      [--audio OUT] [--midi-out PORT]
      """,
    discussion: """
      FILE is ABC, MIDI or MusicXML; - is standard input. Ctrl-C ends it. Without a sound device \
      in silence, and standard error says why.

      Exit status 4 when FILE cannot be read, 5 when the device named by --audio cannot be
      opened, or fails, or a port of --midi-out is not there.
      """)

  @Argument(help: "An ABC, MIDI or MusicXML file; - is standard input.")
  var file: String
  @Option(help: "The tune with this number (X:); otherwise the first.")
  var tune: Int?
  @Option(help: "Tracks of a MIDI file: numbers such as 1,3-4, or merge, or merge:1,3.")
  var tracks: TrackChoice?
  @Option(help: "Begin at this bar.")
  var from: Int?
  @Option(help: "Repeat these bars, such as 5-8, until Ctrl-C.")
  var loop: String?
  @Option(help: "Beats a minute; in 6/8 a beat is a dotted quarter.")
  var tempo: Double?
  @Option(
    help: ArgumentHelp(
      "Practise the bars of --loop, or all: from 60 beats a minute to 100, 5 faster after 2 rounds; "
        + "rest = a silent round after each.", valueName: "60,100,5,2[,rest]"))
  var practise: String?
  @Option(help: "auto, none, pcm:NAME or log:FILE.")
  var audio: String?
  @Option(help: "MIDI ports to play on, with commas; synth = here, too.")
  var midiOut: String?
  @Option(help: "The melody's instrument: a General MIDI name or number.")
  var sound: String?
  @Option(help: "The instruments: a .sf2 file.")
  var soundfont: String?
  @Flag(help: "Click on each beat, and a bar before the music.")
  var metronome = false
  @Flag(name: .customLong("no-accompaniment"), help: "Do not play the chord symbols.")
  var noAccompaniment = false
  @Flag(name: .customLong("no-ornaments"), help: "Do not play rolls, trills and staccato.")
  var noOrnaments = false
  @Option(help: "How they are played: standard, irish, baroque, or a row of ornaments.toml.")
  var ornaments: String?
  @Option(help: SwingChoice.help)
  var swing: SwingChoice?

  func validate() throws {
    if let tempo, !(tempo.isFinite && (5...1000).contains(tempo)) {
      throw ValidationError("--tempo must lie between 5 and 1000 beats a minute")
    }
    if practise != nil, tempo != nil || from != nil {
      throw ValidationError("--practise says the tempos itself, and plays the bars of --loop")
    }
    if loop != nil && loopBars == nil {
      throw ValidationError("--loop needs two bar numbers, such as 5-8")
    }
  }

  func run() throws {
    var settings = Settings.load()
    try settings.override(.audio, with: audio)
    try settings.override(.soundFont, with: soundfont)
    try settings.override(.ornamentStyle, with: ornaments)
    try settings.override(.midiOut, with: midiOut)
    var playback = PlaybackOptions()
    playback.accompaniment = !noAccompaniment && settings.flag(.exportAccompaniment)
    playback.ornaments = !noOrnaments && settings.flag(.exportOrnaments)
    playback.style = settings.ornamentStyle
    playback.swing = swing?.ratio

    let source = try ExportSource(path: file, tracks: tracks)
    if tune == nil, source.count > 1 {
      StandardError.line("\(source.name): 1 of \(source.count) tunes; --tune N for the others.")
    }
    for sentence in source.remarks { StandardError.line("\(source.name): \(sentence)") }
    var music = try PlayedMusic(
      source.music(tune: tune), playback: playback, sound: soundProgram(sound), name: source.name)
    var loopRange = try loopBars.map { bars throws(CommandFailure) in try music.ticks(of: bars) }
    if let practise {
      try music.practise(practise, in: loopRange, habits: settings.habits)
      loopRange = nil
    }
    let start = try from.map { bar throws(CommandFailure) in
      try music.ticks(of: bar...bar).lowerBound
    }
    // Before the player's threads begin, so that only this thread gets the signals.
    let signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP, SIGTSTP])
    let player = try startPlayer(settings)
    defer { player.shutdown() }
    let midi = try connect(player, settings)
    defer {
      player.shutdown()
      midi?.close()
    }
    if let tempo { player.setTempoScale(tempo / music.beatsPerMinute) }
    player.setMetronome(metronome)
    player.setCountIn(metronome ? 1 : 0)
    player.setLoop(loopRange)
    player.play(music.schedule, from: start ?? loopRange?.lowerBound ?? .zero)
    if let signal = listen(to: player, playing: music, until: signals) {
      throw ExitCode(128 + signal)
    }
    // The sentence was said when it failed.
    if case .pcm = try? SoundOutput(settings.text(.audio)), player.status.isSilent {
      throw CommandFailure(.sound, nil)
    }
  }

  /// Returns at the end of the music, or with the signal that ended it.
  private func listen(
    to player: Player, playing music: PlayedMusic, until signals: AwaitedSignals
  ) -> Int32? {
    var line = PlayLine(music)
    defer { line.clear() }
    var hasBegun = false
    while true {
      if let signal = signals.next(milliseconds: 50) {
        guard signal == SIGTSTP else { return signal }
        suspend(player, music)
        continue
      }
      let status = player.status
      if status.state != .stopped { hasBegun = true }
      // The command to play is obeyed before the player can come to rest again.
      if status.isResting && (hasBegun || status.playhead >= music.schedule.end) { return nil }
      line.show(status)
    }
  }

  /// Ctrl-Z: silent while stopped, and on from the same place afterwards.
  private func suspend(_ player: Player, _ music: PlayedMusic) {
    let wasPlaying = player.status.state != .stopped
    let playhead = player.status.playhead
    player.release()
    raise(SIGSTOP)
    player.setCountIn(0)
    if wasPlaying { player.play(music.schedule, from: playhead) }
  }

  private func startPlayer(_ settings: Settings) throws(CommandFailure) -> Player {
    do throws(AudioError) {
      let output = try SoundOutput(settings.text(.audio))
      return try Player(output: output, soundFont: settings.given(.soundFont)) { event in
        switch event {
        case .playingSilently(let sentence), .deviceLost(let sentence):
          StandardError.line(sentence)
        default: break
        }
      }
    } catch {
      switch error {
      case .outputNotUnderstood: throw CommandFailure(.usage, error.description)
      case .fileNotWritten: throw CommandFailure(.unwritableOutput, error.description)
      default: throw CommandFailure(.sound, error.description)
      }
    }
  }

  /// Connects the MIDI ports that are asked for; nil where none are.
  private func connect(
    _ player: Player, _ settings: Settings
  ) throws(CommandFailure) -> MIDIClient? {
    var places = SoundPlaces()
    places.setOutputs(SoundPlaces.parts(settings.given(.midiOut) ?? ""))
    let clock = MIDIClock(rawValue: settings.text(.midiClock)) ?? .off
    guard !places.outputs.isEmpty || clock == .send else { return nil }
    player.setSynth(places.hasSynth)
    let bell = DispatchSemaphore(value: 0)
    let midi = MIDIClient(player: player) { _ in bell.signal() }
    // The ports last: once they are connected, the clock is known to be on, and tells of the start.
    if clock == .send { midi.setClock(.send) }
    midi.setOutputs(places.outputs)
    // The first word comes when the sequencer is open, the next when the ports are connected.
    for _ in 0..<2 {
      _ = bell.wait(timeout: .now() + 1)
      let state = midi.state
      if let trouble = state.trouble {
        midi.close()
        throw CommandFailure(.sound, trouble)
      }
      if state.outputs.count == places.outputs.count { break }
    }
    if let missing = midi.state.missing.first {
      let ports = midi.state.ports.filter(\.takes).map(\.fullName)
      midi.close()
      throw CommandFailure(
        .sound, "there is no MIDI port '\(missing)'" + suggestion(for: missing, among: ports))
    }
    return midi
  }

  /// `5-8`, or `5` for one bar; nil where it is neither.
  private var loopBars: ClosedRange<Int>? {
    guard let parts = loop?.split(separator: "-", omittingEmptySubsequences: false),
      parts.count <= 2, let first = Int(parts[0]), let last = Int(parts[parts.count - 1]),
      0 <= first, first <= last
    else { return nil }
    return first...last
  }
}

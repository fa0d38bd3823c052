import Music

/// The player as the session knows it, and what is silenced.
struct Listening: Sendable {
  private(set) var player = PlayerReport(
    state: .stopped, playhead: .zero, output: "", silence: "")
  private(set) var wiring = MIDIWiring()
  private(set) var isMuted = false
  /// Voices by index that are silenced.
  private(set) var mutedVoices: Set<Int> = []
  private(set) var hasMetronome = false
  /// How ornaments are played; nil = as the settings say.
  private(set) var ornaments: String?
  /// Bars of clicks before the music.
  private(set) var countIn = 0
  /// What the player was last told to loop and to silence.
  private var sentLoop: Range<Tick>?
  private var sentMuted: Set<Int> = []
  private var sentProgram = 0
  private var taps: [Int] = []

  var isPlaying: Bool { player.state != .stopped }

  mutating func start(at tick: Tick) {
    player.state = .playing
    player.playhead = tick
  }

  mutating func jump(to tick: Tick) { player.playhead = tick }
  mutating func stop() { player.state = .stopped }
  mutating func hear(_ report: PlayerReport) { player = report }

  mutating func setWiring(_ wiring: MIDIWiring) { self.wiring = wiring }

  mutating func setOrnaments(_ name: String) { ornaments = name }
  mutating func setMetronome(_ isOn: Bool) { hasMetronome = isOn }
  mutating func setCountIn(_ bars: Int) { countIn = bars }

  /// Silences everything, or lets everything sound.
  mutating func mute(_ isMuted: Bool) {
    self.isMuted = isMuted
    if !isMuted { mutedVoices = [] }
  }

  /// - Returns: Whether the voice is silent now.
  mutating func toggle(voice: Int) -> Bool {
    if mutedVoices.remove(voice) != nil { return false }
    mutedVoices.insert(voice)
    return true
  }

  mutating func silence(voices: Set<Int>) { mutedVoices = voices }

  /// What the player must be told, as loop and silence follow the text.
  mutating func effects(loop: Range<Tick>?, muted: Set<Int>, program: Int) -> [Effect] {
    var effects: [Effect] = []
    if program != sentProgram {
      sentProgram = program
      effects.append(.setPlayedProgram(program))
    }
    if loop != sentLoop {
      sentLoop = loop
      effects.append(.setLoop(loop))
    }
    if muted != sentMuted {
      sentMuted = muted
      effects.append(.setMuted(muted))
    }
    return effects
  }

  /// Notes a tap at a time in milliseconds.
  ///
  /// - Returns: Beats a minute, from the second tap on.
  mutating func tap(at clock: Int) -> Int? {
    if let last = taps.last, clock - last > 2500 { taps = [] }
    taps.append(clock)
    if taps.count > 8 { taps.removeFirst(taps.count - 8) }
    guard taps.count > 1, let first = taps.first, clock > first else { return nil }
    return 60000 * (taps.count - 1) / (clock - first)
  }
}

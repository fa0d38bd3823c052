import Music

/// A take while it is played in: what has been played, where it is written, and what the clock says.
struct Recording: Sendable, Equatable {
  /// Bars of the tune that are heard meanwhile, in the order in which they are played.
  struct Span: Sendable, Equatable {
    /// Ticks of the take.
    var ticks: Range<Int>
    /// Index into `places`.
    var place: Int
  }

  /// Notes whose rhythm is tapped anew.
  struct Tapped: Sendable, Equatable {
    /// The MIDI keys of each note or chord, and how long it was written, in ticks.
    var sounds: [(keys: [Int], length: Int)]
    var count = 0

    static func == (left: Tapped, right: Tapped) -> Bool {
      left.count == right.count && left.sounds.map(\.keys) == right.sounds.map(\.keys)
        && left.sounds.map(\.length) == right.sounds.map(\.length)
    }
  }

  var take = PlayedTake()
  var places: [TakePlace]
  var spans: [Span]
  /// The place that takes what is played behind the spans; `nil` where nothing is.
  var openPlace: Int?
  /// Where the take begins on the player's time line, in ticks.
  let origin: Int
  /// Where the take ends by itself, in ticks of the take.
  var limit: Int?
  let voice: Int
  /// Whether what is played before the first bar line becomes a pickup.
  let mayHavePickup: Bool
  var tapped: Tapped?

  var isRunning = false
  var clock = TakeClock()
  /// When the clock was started, in milliseconds, and at which tick of the take.
  var startedAt = 0
  var startsFrom = 0
  /// The beat of the player's clock that was last written up to.
  var beat = Int.min
  /// Whether a version has been begun for it.
  var isWritten = false

  // Step by step
  var steps = StepLength()
  /// Where the next step begins; and where the ones before began, to go back.
  var stepAt = 0
  var stepsBefore: [Int] = []
  /// MIDI keys that are down while notes are entered step by step.
  var held: Set<Int> = []
  var lastStroke: (place: Character, at: Int)?

  static func == (left: Recording, right: Recording) -> Bool {
    left.take == right.take && left.places == right.places && left.isRunning == right.isRunning
      && left.steps == right.steps && left.stepAt == right.stepAt && left.clock == right.clock
  }

  /// Where the spans end and the open place begins.
  var spansEnd: Int { spans.last?.ticks.upperBound ?? 0 }

  /// Ticks of a bar at a moment of the take, and where that bar begins.
  func bar(at tick: Int) -> Range<Int> {
    if let span = spans.first(where: { $0.ticks.contains(tick) }) { return span.ticks }
    guard let transcriber = (openPlace.map { places[$0] } ?? places.last)?.transcriber else {
      return tick..<tick + Tick.perQuarter * 4
    }
    let inside = tick - spansEnd + transcriber.offset
    let number =
      inside >= 0 ? inside / transcriber.bar : -((transcriber.bar - 1 - inside) / transcriber.bar)
    let start = number * transcriber.bar - transcriber.offset + spansEnd
    return start..<start + transcriber.bar
  }
}

/// The length of a step: a plain note value, dotted, or a third less.
struct StepLength: Sendable, Equatable {
  private(set) var plain = Tick.perQuarter / 2
  private(set) var isDotted = false
  private(set) var isTriplet = false

  var ticks: Int { isDotted ? plain * 3 / 2 : isTriplet ? plain * 2 / 3 : plain }

  init() {}

  init(unit: Int) { plain = min(max(unit, StepLength.shortest), StepLength.longest) }

  static let shortest = Tick.perQuarter / 8
  static let longest = Tick.perQuarter * 4

  mutating func scale(up: Bool) {
    plain = min(max(up ? plain * 2 : plain / 2, StepLength.shortest), StepLength.longest)
  }

  mutating func dot() { (isDotted, isTriplet) = (!isDotted, false) }
  mutating func third() { (isDotted, isTriplet) = (false, !isTriplet) }

  /// `1/8`, `1/8.`, `1/8t`.
  var name: String {
    let whole = Tick.perQuarter * 4
    let value = plain == whole ? "1" : "1/\(whole / plain)"
    return value + (isDotted ? "." : isTriplet ? "t" : "")
  }
}

/// What the player's time line says between its reports, by the session's clock.
struct TakeClock: Sendable, Equatable {
  private var known: (tick: Double, at: Int)?
  var ticksPerMillisecond = 1.92

  static func == (left: TakeClock, right: TakeClock) -> Bool {
    left.known?.tick == right.known?.tick && left.known?.at == right.known?.at
  }

  var isKnown: Bool { known != nil }

  /// The moment now, on the player's time line; `nil` before the player has said anything.
  func tick(at milliseconds: Int) -> Int? {
    known.map { Int(($0.tick + Double(milliseconds - $0.at) * ticksPerMillisecond).rounded()) }
  }

  /// Reports come in steps of a sound card's period: small differences are taken up little by little.
  mutating func hear(_ tick: Int, at milliseconds: Int) {
    guard let expected = self.tick(at: milliseconds) else {
      known = (Double(tick), milliseconds)
      return
    }
    let error = tick - expected
    let isJump = abs(error) > Tick.perQuarter / 4
    known = (Double(expected) + Double(error) * (isJump ? 1 : 0.2), milliseconds)
  }

  mutating func forget() { known = nil }
}

import Glibc
import Neural
import Notes

/// A network of notes at a place in its music: what it has read, and what it says comes next.
///
/// A value: a copy goes its own way from here.
public struct NoteReader: Sendable {
  public let model: NoteModel
  /// Everything it has read.
  public private(set) var tokens: [String] = []
  private var state: State
  /// What it said after the last token; empty where that has to be found out.
  private var known: [Float]
  private var snapshots: [(count: Int, state: State, known: [Float])] = []
  private var sampler: Sampler

  private enum State: Sendable {
    case tokens(RecurrentNetwork.State)
    case timed(LayeredNetwork.State)
  }

  public init(_ model: NoteModel) {
    self.model = model
    sampler = Sampler(vocabularySize: model.scoreCount, groups: model.classes)
    (state, known) = Self.start(model)
  }

  /// Before any music was read: behind the mark between pieces, where the network knows it. Without,
  /// everything is equally likely.
  private static func start(_ model: NoteModel) -> (state: State, known: [Float]) {
    var (state, known) = empty(model)
    if let end = model.end { step(model, end.token, &state, &known) }
    return (state, known)
  }

  private static func empty(_ model: NoteModel) -> (state: State, known: [Float]) {
    let state: State =
      switch model.network {
      case .tokens(let network, _): .tokens(network.makeState())
      case .timed(let network): .timed(network.makeState())
      }
    return (state, [Float](repeating: 0, count: model.isTimed ? 130 : model.scoreCount))
  }

  // MARK: Reading

  /// Reads music from its start; goes on from what is the same as before.
  public mutating func prime(with wanted: [String]) {
    let common = zip(tokens, wanted).prefix { $0 == $1 }.count
    if common < tokens.count { rewind(to: common) }
    for token in wanted[tokens.count...] { read(token) }
  }

  private static let snapshotDistance = 32

  public mutating func read(_ token: String) {
    if model.window == nil {
      if tokens.count.isMultiple(of: Self.snapshotDistance) {
        snapshots.append((tokens.count, state, known))
      }
      Self.step(model, token, &state, &known)
    } else {
      known = []
    }
    tokens.append(token)
  }

  private mutating func rewind(to count: Int) {
    guard model.window == nil else {
      tokens.removeSubrange(count...)
      known = tokens.isEmpty ? Self.start(model).known : []
      return
    }
    let kept = Array(tokens[..<count])
    while let last = snapshots.last, last.count > count { snapshots.removeLast() }
    let last = snapshots.popLast()
    (state, known) = last.map { ($0.state, $0.known) } ?? Self.start(model)
    tokens = Array(kept[..<(last?.count ?? 0)])
    for token in kept[tokens.count...] { read(token) }
  }

  private static func step(
    _ model: NoteModel, _ token: String, _ state: inout State, _ outputs: inout [Float]
  ) {
    switch (model.network, state) {
    case (.tokens(let network, let vocabulary), .tokens(var inner)):
      guard let place = vocabulary.place(of: token) else { return }
      // Given up first, so that it has one owner while it is changed.
      state = .tokens(.none)
      network.step(place, state: &inner, logits: &outputs)
      state = .tokens(inner)
    case (.timed(let network), .timed(var inner)):
      guard let note = TimedNote(token: token) else { return }
      network.step(note.numbers, state: &inner, results: &outputs)
      state = .timed(inner)
    default: break
    }
  }

  /// What the network says now: scores of its tokens, or of 128 pitches, then step and duration.
  public mutating func outputs() -> [Float] {
    guard known.isEmpty, let window = model.window else { return known }
    // As it was trained: each time anew, over so many tokens.
    var state: State
    (state, known) = tokens.count < window ? Self.start(model) : Self.empty(model)
    for token in tokens.suffix(window) { Self.step(model, token, &state, &known) }
    return known
  }

  // MARK: Asking

  /// How surprising a token would be now, in bits; of pitch, step and duration the pitch alone
  /// counts. nil where the network does not know it.
  public mutating func bits(of token: String) -> Double? {
    model.place(of: token).map { sampler.bits(of: $0, in: scores()) }
  }

  /// 1 = the token is the likeliest.
  public mutating func rank(of token: String) -> Int? {
    guard let place = model.place(of: token) else { return nil }
    let scores = scores()
    return scores.count { $0 > scores[place] } + 1
  }

  /// The scores of what is drawn.
  mutating func scores() -> [Float] {
    let outputs = outputs()
    return model.isTimed ? Array(outputs.prefix(128)) : outputs
  }

  /// How likely each token is now, or each of 128 pitches, without temperature.
  public mutating func probabilities() -> [Double] { sampler.probabilities(of: scores()) }

  public mutating func entropyBits() -> Double { sampler.entropyBits(of: scores()) }

  // MARK: Drawing

  /// How a token is drawn.
  public struct Temperatures: Sendable {
    /// Of tokens, or of the pitch.
    public var settings: SamplerSettings
    /// nil = the step is what the network says.
    public var step: Double?
    public var duration: Double?

    public init(settings: SamplerSettings, step: Double? = nil, duration: Double? = nil) {
      self.settings = settings
      self.step = step
      self.duration = duration
    }

    /// For a network of pitch, step and duration the three classes are these.
    init(_ sampling: Sampling, isTimed: Bool) {
      settings = SamplerSettings(sampling)
      guard isTimed else { return }
      settings.temperature = sampling.temperature(of: .melody)
      settings.groupTemperatures = []
      (step, duration) = (sampling.rhythm, sampling.form)
    }
  }

  /// Draws a token, and does not read it.
  ///
  /// Of pitch, step and duration the pitch is drawn, and both times are what the network says, as
  /// published. A time that has a temperature is drawn, too: from the normal distribution that a
  /// squared error stands for, its variance times the temperature.
  ///
  /// - Parameters:
  ///   - allowed: For each token whether it may be drawn; empty = all may.
  ///   - uniform: Random numbers in `0..<1` by their place, 0 to 4.
  public mutating func draw(
    _ temperatures: Temperatures, allowed: [Bool] = [], uniform: (_ place: Int) -> Double
  ) -> UnwrittenNotes.Token {
    let drawn = sampler.pick(
      scores(), temperatures.settings, uniform: uniform(0), allowed: allowed)
    let text: String
    switch model.network {
    case .tokens(_, let vocabulary): text = vocabulary.tokens[drawn.token]
    case .timed:
      let outputs = outputs()
      func time(_ mean: Float, _ temperature: Double?, _ deviation: Double, _ place: Int) -> Float {
        guard let temperature, mean.isFinite else { return max(0, mean) }
        // Box and Muller.
        let radius = (-2 * log(max(uniform(place), 1e-12))).squareRoot()
        let normal = radius * cos(2 * .pi * uniform(place + 1))
        return max(0, mean + Float(normal * deviation * temperature.squareRoot()))
      }
      text =
        TimedNote(
          pitch: drawn.token,
          step: time(outputs[128], temperatures.step, model.deviations.step, 1),
          duration: time(outputs[129], temperatures.duration, model.deviations.duration, 3)
        ).token
    }
    return UnwrittenNotes.Token(
      text: text, bits: Float(drawn.bits), rank: Int32(clamping: drawn.rank),
      entropy: Float(drawn.entropyBits), temperature: Float(drawn.temperature))
  }

  /// Draws so many tokens after some others, reading each, as the network alone would go on.
  public mutating func tokens(
    after start: [String], count: Int, _ temperatures: Temperatures, rng: UInt64, run: UInt64 = 0
  ) -> [String] {
    prime(with: start)
    return (0..<count).map { index in
      let token = draw(temperatures) { place in
        RandomSource.uniform(rng: rng ^ UInt64(place) << 60, run: run, index: UInt64(index))
      }
      read(token.text)
      return token.text
    }
  }
}

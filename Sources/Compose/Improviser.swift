import Neural

/// A network at a place in a tune, about to write the next character.
///
/// A value: a copy goes its own way from here. What it will write follows from the text it has read,
/// the settings, and three numbers; nothing else, so that rewinding and going on again writes the
/// same. Use one from one thread at a time.
public struct Improviser: Sendable {
  public let model: ImproviserModel
  /// Which characters may be written.
  public var legality = Legality.free
  /// Whether the next character may end the tune.
  public var mayEndTune = true
  /// Values that the network has to write into a header of its own, by field: `["K": "Em"]`. They
  /// must be in the short forms it knows.
  public var wantedHeader: [Character: String] = [:] {
    didSet { grammar.wantHeader(wantedHeader) }
  }
  /// Whether first and second endings may be written.
  public var allowsEndings = true {
    didSet { grammar.allowsEndings = allowsEndings }
  }
  /// On how many threads it reads; what it writes does not depend on it.
  public var threads = ThreadChoice.one
  /// Everything read since the start of the tune, what was written included.
  public private(set) var text = ""

  /// The start text's tokens and those of `text`.
  private var tokens: [Int]
  private let startCount: Int
  /// What the network remembers, and what it thinks comes next.
  var state: RecurrentNetwork.State
  var logits: [Float] = []
  private var snapshots = Snapshots()
  private var sampler: Sampler
  /// Where the tune stands: bars, repeats, header.
  public private(set) var grammar: TuneGrammar
  private var allowed: [Bool] = []

  /// An improviser that has read the start of a tune and nothing else.
  public init(_ model: ImproviserModel) {
    self.model = model
    sampler = Sampler(vocabularySize: model.network.vocabularySize, groups: model.classes)
    state = model.network.makeState()
    grammar = TuneGrammar(model.description)
    tokens = []
    // A network that was trained without a start text still needs something to read.
    let known = model.tokens(model.description.start)
    let start = known.isEmpty ? [0] : known
    startCount = start.count
    for token in start { read(token) }
    snapshots.keep(state, logits, at: tokens.count, isStart: true)
  }

  // MARK: Reading

  /// Reads a text from the start of a tune, as `ModelText` spells it.
  ///
  /// Goes on from the last bar line or line end up to which the text is the same as what was read
  /// before, so that going back costs a bar at most.
  ///
  /// - Returns: How many characters had to be read.
  @discardableResult
  public mutating func prime(with modelText: String) -> Int {
    let wanted = model.tokens(modelText)
    var common = 0
    while common < wanted.count, startCount + common < tokens.count,
      tokens[startCount + common] == wanted[common]
    {
      common += 1
    }
    if startCount + common < tokens.count {
      let snapshot = snapshots.last(atMost: startCount + common)
      state = snapshot.state
      logits = snapshot.logits
      tokens.removeSubrange(snapshot.position...)
      common = snapshot.position - startCount
      let kept = wanted[..<common]
      text = String(String.UnicodeScalarView(kept.map { model.description.vocabulary[$0] }))
      grammar = TuneGrammar(model.description)
      grammar.wantHeader(wantedHeader)
      grammar.allowsEndings = allowsEndings
      for scalar in text.unicodeScalars { grammar.read(scalar) }
    }
    for token in wanted[common...] { hear(token) }
    return wanted.count - common
  }

  /// Reads one token of a tune.
  mutating func hear(_ token: Int) {
    read(token)
    heard(token)
  }

  /// Goes on after a token of the tune that the network has read.
  mutating func heard(_ token: Int) {
    let character = model.description.vocabulary[token]
    text.unicodeScalars.append(character)
    grammar.read(character)
    if character == "|" || character == "\n" {
      snapshots.keep(state, logits, at: tokens.count, isStart: false)
    }
  }

  private mutating func read(_ token: Int) {
    model.network.step(token, state: &state, logits: &logits, threads: threads)
    tokens.append(token)
  }

  /// Notes a token that the network has read among those of other improvisers.
  mutating func readElsewhere(_ token: Int) {
    tokens.append(token)
    heard(token)
  }

  // MARK: Writing

  /// Draws the next character and reads it.
  ///
  /// - Parameters:
  ///   - rng: The draft's random number.
  ///   - run: Which of the runs with it.
  ///   - index: How many characters this run has written before.
  public mutating func next(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> GeneratedCharacter {
    let drawn = draw(settings, rng: rng, run: run, index: index)
    hear(drawn.token)
    return drawn.character
  }

  /// Draws the next character without reading it.
  mutating func draw(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> (token: Int, character: GeneratedCharacter) {
    fillAllowed()
    let drawn = sampler.pick(
      logits, settings, uniform: RandomSource.uniform(rng: rng, run: run, index: index),
      allowed: allowed)
    let character = GeneratedCharacter(
      character: String(Character(model.description.vocabulary[drawn.token])),
      bits: Float(drawn.bits), rank: Int32(clamping: drawn.rank),
      entropy: Float(drawn.entropyBits), temperature: Float(drawn.temperature))
    return (drawn.token, character)
  }

  /// What is written now stands between music that stays; `draw` then says by a bar line that the
  /// gap is filled.
  mutating func enter(_ gap: Gap) { grammar.enter(gap) }

  mutating func leaveGap() { grammar.leaveGap() }

  private mutating func fillAllowed() {
    let vocabulary = model.description.vocabulary
    let isFree = legality == .free && (wantedHeader.isEmpty || !isInHeader)
    if isFree && (mayEndTune || !wouldEnd) {
      allowed.removeAll(keepingCapacity: true)
      return
    }
    if allowed.count != vocabulary.count {
      allowed = [Bool](repeating: true, count: vocabulary.count)
    }
    var isAnyAllowed = false
    for token in allowed.indices {
      let character = vocabulary[token]
      allowed[token] =
        (isFree || grammar.allows(character))
        && (mayEndTune || !(wouldEnd && character == model.description.end.unicodeScalars.last))
      isAnyAllowed = isAnyAllowed || allowed[token]
    }
    guard !isAnyAllowed else { return }
    let remedies = grammar.remedies(knownTo: vocabulary).filter {
      mayEndTune || !(wouldEnd && $0 == model.description.end.unicodeScalars.last)
    }
    for character in remedies { vocabulary.token(character).map { allowed[$0] = true } }
    if remedies.isEmpty { allowed.removeAll(keepingCapacity: true) }
  }

  /// Whether one more character may end the tune.
  private var wouldEnd: Bool {
    let end = model.description.end.unicodeScalars.dropLast()
    return !isInHeader && text.unicodeScalars.suffix(end.count).elementsEqual(end)
  }

  /// Whether the text that ends a tune was just read: an empty line.
  public var endsTune: Bool {
    !text.isEmpty
      && text.unicodeScalars.reversed().starts(
        with: model.description.end.unicodeScalars.reversed())
  }

  /// Whether the header is not complete yet.
  public var isInHeader: Bool { grammar.isInHeader }

  // MARK: Asking

  /// The likeliest next characters, without temperature, masks and cuts; the likeliest first.
  public mutating func distribution(top: Int = 12) -> [NextCharacter] {
    let probabilities = sampler.probabilities(of: logits)
    let order = probabilities.indices.sorted {
      (probabilities[$0], $1) > (probabilities[$1], $0)
    }
    return order.prefix(max(0, top)).map { token in
      NextCharacter(
        character: String(Character(model.description.vocabulary[token])),
        probability: Float(probabilities[token]))
    }
  }

  /// Entropy of the next character, in bits.
  public var entropy: Float {
    mutating get { Float(sampler.entropyBits(of: logits)) }
  }

  /// Reads more text, and says how surprising each of its characters was, in bits.
  ///
  /// Characters that the network does not know are not read and have none.
  public mutating func score(_ text: String) -> [Float] {
    model.tokens(text).map { token in
      let bits = sampler.bits(of: token, in: logits)
      hear(token)
      return Float(bits)
    }
  }
}

/// Which characters an improviser may write.
public enum Legality: String, Codable, Sendable, CaseIterable {
  /// Whatever the network says.
  case free
  /// Only characters that can continue a tune in correct ABC.
  case legal
}

/// States kept at bar lines and line ends, so that going back is instant.
///
/// Memory is bounded: when there are too many, every second of the older ones goes.
struct Snapshots: Sendable {
  struct Snapshot: Sendable {
    /// How many tokens had been read.
    var position: Int
    var state: RecurrentNetwork.State
    var logits: [Float]
  }

  /// Sorted by position; the first is the start of the tune and is never dropped.
  private(set) var kept: [Snapshot] = []
  static let most = 256

  mutating func keep(
    _ state: RecurrentNetwork.State, _ logits: [Float], at position: Int, isStart: Bool
  ) {
    while let last = kept.last, last.position >= position, kept.count > 1 { kept.removeLast() }
    kept.append(Snapshot(position: position, state: state, logits: logits))
    guard kept.count > Self.most else { return }
    let recent = kept.count / 2
    kept = kept.enumerated().filter { place, _ in
      place == 0 || place >= recent || place % 2 == 0
    }.map(\.element)
  }

  /// The last one at or before a position, which must not lie before the start of the tune.
  mutating func last(atMost position: Int) -> Snapshot {
    while kept.count > 1, let last = kept.last, last.position > position { kept.removeLast() }
    return kept[kept.count - 1]
  }
}

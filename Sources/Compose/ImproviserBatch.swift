import Neural

/// Several improvisers of one model that write at the same time: the weights are read once for all
/// of them. Each writes what it would write alone.
public struct ImproviserBatch: Sendable {
  private var improvisers: [Improviser] = []
  private let model: ImproviserModel
  private var states: [RecurrentNetwork.State] = []
  private var logits: [Float] = []
  /// On how many threads they read.
  public var threads: ThreadChoice

  /// Where an improviser stands in its run, and how it draws.
  public struct Turn: Sendable {
    public var settings: SamplerSettings
    public var rng: UInt64
    public var run: UInt64
    public var index: UInt64

    public init(settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64) {
      self.settings = settings
      self.rng = rng
      self.run = run
      self.index = index
    }
  }

  /// A batch without improvisers.
  public init(_ model: ImproviserModel, threads: ThreadChoice = .one) {
    self.model = model
    self.threads = threads
  }

  public var count: Int { improvisers.count }

  /// One of the improvisers, for reading and for changing what it may write.
  public subscript(place: Int) -> Improviser {
    get { improvisers[place] }
    _modify { yield &improvisers[place] }
  }

  /// Adds an improviser of the batch's model at the end.
  public mutating func append(_ improviser: Improviser) {
    precondition(improviser.model === model, "an improviser of another model")
    improvisers.append(improviser)
  }

  /// Takes one out; the last one moves to its place.
  @discardableResult
  public mutating func remove(at place: Int) -> Improviser {
    improvisers.swapAt(place, improvisers.count - 1)
    return improvisers.removeLast()
  }

  /// Each improviser draws its next character and reads it.
  ///
  /// - Parameter turns: One for each improviser, in their order; as for `Improviser.next`.
  public mutating func next(_ turns: [Turn]) -> [GeneratedCharacter] {
    precondition(turns.count == count, "one turn for each improviser")
    var tokens: [Int] = []
    var characters: [GeneratedCharacter] = []
    tokens.reserveCapacity(count)
    characters.reserveCapacity(count)
    states.removeAll(keepingCapacity: true)
    for (place, turn) in turns.enumerated() {
      let drawn = improvisers[place].draw(
        turn.settings, rng: turn.rng, run: turn.run, index: turn.index)
      tokens.append(drawn.token)
      characters.append(drawn.character)
      // Taken out, so that no state has two owners while it is changed.
      states.append(improvisers[place].takeState())
    }
    model.network.step(tokens, states: &states, logits: &logits, threads: threads)
    let size = model.network.vocabularySize
    for place in (0..<count).reversed() {
      improvisers[place].state = states.removeLast()
      logits.withUnsafeBufferPointer { all in
        for token in 0..<size {
          improvisers[place].logits[token] = all[place * size + token]
        }
      }
      improvisers[place].readElsewhere(tokens[place])
    }
    return characters
  }
}

extension Improviser {
  /// The state; leaves an empty one until another is put back.
  fileprivate mutating func takeState() -> RecurrentNetwork.State {
    var taken = RecurrentNetwork.State.none
    swap(&taken, &state)
    return taken
  }
}

extension ImproviserModel {
  /// How surprising each character of some texts is, in bits, each text read after a beginning of
  /// its own; what `Improviser.prime(with:)` and `score(_:)` say of them, for many at once.
  public func score(
    _ texts: [(beginning: String, text: String)], streams: Int = 64,
    threads: ThreadChoice = .one
  ) -> [[Float]] {
    struct Reader {
      var text: Int
      var tokens: [Int]
      /// Tokens before this one are not scored.
      var first: Int
      var place = 0
    }
    var start = network.makeState()
    var startLogits = [Float](repeating: 0, count: network.vocabularySize)
    let known = tokens(description.start)
    for token in known.isEmpty ? [0] : known {
      network.step(token, state: &start, logits: &startLogits, threads: threads)
    }
    let size = network.vocabularySize
    var sampler = Sampler(vocabularySize: size)
    var bits = [[Float]](repeating: [], count: texts.count)
    var readers: [Reader] = []
    var states: [RecurrentNetwork.State] = []
    var logits: [Float] = []
    var next = 0
    while true {
      while readers.count < max(1, streams), next < texts.count {
        let beginning = tokens(texts[next].beginning)
        let reader = Reader(
          text: next, tokens: beginning + tokens(texts[next].text), first: beginning.count)
        next += 1
        guard !reader.tokens.isEmpty else { continue }
        readers.append(reader)
        states.append(start)
        logits += startLogits
      }
      guard !readers.isEmpty else { return bits }
      logits.withUnsafeBufferPointer { all in
        for (place, reader) in readers.enumerated() where reader.place >= reader.first {
          let row = UnsafeBufferPointer(rebasing: all[place * size..<(place + 1) * size])
          bits[reader.text].append(
            Float(sampler.bits(of: reader.tokens[reader.place], in: row)))
        }
      }
      network.step(
        readers.map { $0.tokens[$0.place] }, states: &states, logits: &logits, threads: threads)
      for place in readers.indices.reversed() {
        readers[place].place += 1
        guard readers[place].place == readers[place].tokens.count else { continue }
        let last = readers.count - 1
        readers.swapAt(place, last)
        states.swapAt(place, last)
        for token in 0..<size { logits[place * size + token] = logits[last * size + token] }
        readers.removeLast()
        states.removeLast()
        logits.removeLast(size)
      }
    }
  }
}

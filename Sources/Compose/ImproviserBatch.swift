import Neural

/// Several improvisers of one model that write at the same time: the weights are read once for all
/// of them. Each writes what it would write alone.
public struct ImproviserBatch: Sendable {
  private var improvisers: [Improviser] = []
  private let model: ImproviserModel
  // Kept from step to step, so that none asks for their memory.
  private var states: [RecurrentNetwork.State] = []
  private var tokens: [Int] = []
  private var places: [Int32] = []
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

  /// Each improviser draws its next character and reads it, or reads a control character of its plan.
  ///
  /// - Parameter turns: One for each improviser, in their order; as for `Improviser.next`.
  /// - Returns: What each has drawn; nil where it has read something else, and has the same turn again.
  public mutating func next(_ turns: [Turn]) -> [GeneratedCharacter?] {
    precondition(turns.count == count, "one turn for each improviser")
    var characters: [GeneratedCharacter?] = []
    characters.reserveCapacity(count)
    states.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    for (place, turn) in turns.enumerated() {
      switch improvisers[place].move(
        turn.settings, rng: turn.rng, run: turn.run, index: turn.index)
      {
      case .reading(let token, let text):
        tokens.append(token)
        places.append(text)
        characters.append(nil)
      case .character(let token, let character):
        let accepted = improvisers[place].accept(token)
        tokens.append(token)
        places.append(accepted.place)
        characters.append(character)
      }
      improvisers[place].remember(tokens[place], at: places[place])
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
      improvisers[place].readElsewhere(tokens[place], at: places[place])
      if characters[place] != nil { improvisers[place].finishCharacter() }
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

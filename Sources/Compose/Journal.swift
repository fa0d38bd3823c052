import FoundationEssentials
import Notes

/// Characters as the journal keeps them: a text, and the numbers of each character packed, so that
/// a draft with many takes is read back in a few milliseconds.
public struct GeneratedBatch: Codable, Sendable, Equatable {
  public var characters: [GeneratedCharacter]
  /// What they were drawn with; `nil` = as the batch before.
  public var sampling: Sampling?
  /// Whether the first of them was kept from ending the tune.
  public var isPastEnd: Bool
  /// The version they were written in; `nil` = the current one.
  public var version: History.Identifier?
  /// Whether a gap is filled with them.
  public var closesGap: Bool
  /// What an author of notes has drawn behind them, and how many steps it took for the batch; `nil`
  /// where a model of characters wrote it.
  public var unwritten: UnwrittenNotes?
  public var steps: Int?

  public init(
    _ characters: [GeneratedCharacter], sampling: Sampling? = nil, isPastEnd: Bool = false,
    version: History.Identifier? = nil, closesGap: Bool = false,
    unwritten: UnwrittenNotes? = nil, steps: Int? = nil
  ) {
    self.characters = characters
    self.sampling = sampling
    self.isPastEnd = isPastEnd
    self.version = version
    self.closesGap = closesGap
    self.unwritten = unwritten
    self.steps = steps
  }

  /// Numbers of each character, in 32 bits.
  private static let words = 5

  private enum CodingKeys: String, CodingKey {
    case text, numbers, sampling, isPastEnd, version, closesGap, unwritten, steps
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(characters.map(\.character).joined(), forKey: .text)
    var data = Data(capacity: characters.count * Self.words * 4)
    for character in characters {
      for word in [
        character.bits.bitPattern, UInt32(bitPattern: character.rank),
        character.entropy.bitPattern, character.temperature.bitPattern,
        character.memory.bitPattern,
      ] {
        withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
      }
    }
    try container.encode(data.base64EncodedString(), forKey: .numbers)
    try container.encodeIfPresent(sampling, forKey: .sampling)
    if isPastEnd { try container.encode(true, forKey: .isPastEnd) }
    try container.encodeIfPresent(version, forKey: .version)
    if closesGap { try container.encode(true, forKey: .closesGap) }
    try container.encodeIfPresent(unwritten, forKey: .unwritten)
    try container.encodeIfPresent(steps, forKey: .steps)
  }

  /// Numbers that are missing read as 0: the text counts for more than its statistics.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .text)
    sampling = try container.decodeIfPresent(Sampling.self, forKey: .sampling)
    isPastEnd = try container.decodeIfPresent(Bool.self, forKey: .isPastEnd) ?? false
    version = try container.decodeIfPresent(Int.self, forKey: .version)
    closesGap = try container.decodeIfPresent(Bool.self, forKey: .closesGap) ?? false
    unwritten = try container.decodeIfPresent(UnwrittenNotes.self, forKey: .unwritten)
    steps = try container.decodeIfPresent(Int.self, forKey: .steps)
    let data = Data(base64Encoded: try container.decode(String.self, forKey: .numbers)) ?? Data()
    let bytes = [UInt8](data)
    // Before there was a memory each character had a word less.
    let words = bytes.count == text.unicodeScalars.count * 16 ? 4 : Self.words
    func word(_ character: Int, _ place: Int) -> UInt32 {
      let index = character * words + place
      guard place < words, index * 4 + 4 <= bytes.count else { return 0 }
      return (0..<4).reduce(0) { $0 | UInt32(bytes[index * 4 + $1]) << UInt32($1 * 8) }
    }
    // The model writes one scalar at a time.
    characters = text.unicodeScalars.enumerated().map { index, scalar in
      GeneratedCharacter(
        character: String(scalar), bits: Float(bitPattern: word(index, 0)),
        rank: Int32(bitPattern: word(index, 1)),
        entropy: Float(bitPattern: word(index, 2)),
        temperature: Float(bitPattern: word(index, 3)),
        memory: Float(bitPattern: word(index, 4)))
    }
  }
}

/// One line of a draft's journal. Read back in order, the lines rebuild the draft: its text, its
/// takes, its undo tree, its settings and the place where the musician was.
public enum JournalEntry: Codable, Sendable, Equatable {
  /// The first line; said again where the name or the random number changes. A reader refuses a
  /// format higher than the ones it knows.
  case draft(format: Int, title: String, rng: UInt64)
  case model(name: String, hash: String)
  /// A new version that begins as the current text.
  case begin(kind: History.Version.Kind, head: Int, rng: UInt64)
  /// Bytes of the current version replaced.
  case edit(lower: Int, upper: Int, text: String, origin: Origin)
  /// Characters the model added to the current version.
  case generated(GeneratedBatch)
  case select(History.Identifier)
  /// A new version that begins as another, which stays where it is: a candidate.
  case branch(Branch)
  /// Bytes of a version replaced that need not be the current one.
  case change(Change)
  /// The places of a version that the model is to fill.
  case gaps(Gaps)
  /// What a take is called, and whether it was taken off a list of alternatives.
  case mark(Mark)
  /// Everything in the current text that must stay as it is, in bytes.
  case locks([Locked])
  /// A phrase on the shelf; without one the name is free again.
  case kept(name: String, phrase: Shelf.Phrase?)
  /// The form the tune was built in.
  case form(String)
  /// What a register holds: a letter's, `-` for what was cut last, no name for what was copied last.
  case register(name: String, text: String)
  case sampling(Sampling)
  /// Tunes that the model is lent; `Writing.book` names them.
  case book(LentTunes)
  case place(Place)
  /// The program was left in good order; a journal that ends otherwise was cut off.
  case closed

  /// What this program writes; 2 since the model writes anywhere, 3 since there is a shelf, takes have
  /// names, and gaps may keep a side of what stood there.
  public static let format = 3

  public struct Branch: Codable, Sendable, Equatable {
    public var from: History.Identifier
    public var kind: History.Version.Kind
    public var head: Int
    public var rng: UInt64
    /// Which of the runs with that number writes it; `nil` = the version's own number.
    public var run: Int?
  }

  public struct Change: Codable, Sendable, Equatable {
    public var version: History.Identifier
    public var lower: Int
    public var upper: Int
    public var text: String
    public var origin: Origin
  }

  public struct Gaps: Codable, Sendable, Equatable {
    /// `nil` = the current one.
    public var version: History.Identifier?
    public var gaps: [Gap]
  }

  public struct Mark: Codable, Sendable, Equatable {
    public var version: History.Identifier
    /// `nil` = as it was.
    public var tag: String?
    /// `nil` = as it was.
    public var isDropped: Bool?
  }

  public struct Locked: Codable, Sendable, Equatable {
    public var lower: Int
    public var upper: Int
  }

  /// Where the musician was, and how the screen looked.
  public struct Place: Codable, Sendable, Equatable {
    public var cursor: Int
    public var head: Int
    public var view: ViewSettings
    public var isDone: Bool
    public var isPastEnd: Bool
    /// The bytes of the looped bars.
    public var loop: Locked?
  }
}

extension History {
  /// Does to the tree what a journal line says. A line that makes no sense in its place is passed
  /// over.
  ///
  /// - Returns: How positions of the current text move.
  @discardableResult
  mutating func apply(_ entry: JournalEntry) -> [Shift] {
    switch entry {
    case .begin(let kind, let head, let rng):
      begin(kind, head: min(max(head, 0), current.byteCount), rng: rng)
    case .edit(let lower, let upper, let text, let origin):
      guard 0 <= lower, lower <= upper, upper <= current.byteCount else { return [] }
      replace(lower..<upper, with: text, origin: origin)
      return [Edit(lower..<upper, text).shift]
    case .generated(let batch):
      let shifts = add(batch)
      return (batch.version ?? currentIdentifier) == currentIdentifier ? shifts : []
    case .select(let identifier):
      guard versions.indices.contains(identifier) else { return [] }
      defer { select(identifier) }
      return path(from: currentIdentifier, to: identifier)
    case .branch(let new):
      guard versions.indices.contains(new.from) else { return [] }
      branch(
        from: new.from, new.kind,
        head: min(max(new.head, 0), versions[new.from].byteCount), rng: new.rng, run: new.run)
    case .change(let change):
      guard versions.indices.contains(change.version), 0 <= change.lower,
        change.lower <= change.upper, change.upper <= versions[change.version].byteCount
      else { return [] }
      replace(
        change.lower..<change.upper, with: change.text, origin: change.origin,
        in: change.version)
    case .gaps(let gaps):
      guard gaps.version.map(versions.indices.contains) ?? true else { return [] }
      setGaps(gaps.gaps, in: gaps.version)
    case .mark(let mark):
      guard versions.indices.contains(mark.version) else { return [] }
      if let tag = mark.tag { setTag(tag, of: mark.version) }
      if let isDropped = mark.isDropped { setDropped(isDropped, of: mark.version) }
    case .draft, .model, .sampling, .book, .place, .locks, .kept, .form, .register, .closed: break
    }
    return []
  }
}

extension History {
  /// Puts in what the model wrote.
  ///
  /// - Returns: How positions move in the version that it wrote.
  mutating func add(_ batch: GeneratedBatch) -> [Shift] {
    let version = batch.version ?? currentIdentifier
    guard versions.indices.contains(version) else { return [] }
    var shifts: [Shift] = []
    for character in batch.characters { shifts += insert(character, in: version) }
    setUnwritten(batch.unwritten, of: version)
    if batch.closesGap { closeGap(in: version) }
    return shifts
  }
}

extension Session {
  /// Applies journal lines in order, as they were written. Lines that make no sense in their place
  /// are passed over, so that a damaged journal gives back all that it still holds.
  public mutating func restore(_ entries: [JournalEntry]) {
    var last: JournalEntry.Place?
    var loop: Range<Int>?
    for entry in entries {
      switch entry {
      case .sampling(let sampling): writer.steer { $0 = sampling }
      case .book(let book): writer.keep(book)
      case .place(let place):
        last = place
        loop = place.loop.flatMap { $0.lower < $0.upper ? $0.lower..<$0.upper : nil }
      case .register(let name, let text): registers.restore(text, in: name)
      default:
        let shifts = draft.restore(entry)
        loop = loop.map { shifts.reduce($0) { $1.moved($0) } }
      }
    }
    draft.endRestoring()
    if let last {
      screen.arrange { $0 = last.view }
      writer.restore(isDone: last.isDone, isPastEnd: last.isPastEnd)
      places.moveCursor(to: min(max(last.cursor, 0), history.current.byteCount))
      places.moveHead(to: min(max(last.head, 0), history.current.byteCount))
      if let loop { setLoop(score.bars(inBytes: loop.clamped(to: 0..<draft.count))) }
    }
    findTakes()
    recorder.begin(sampling: sampling, place: JournalEntry.Place(of: self))
  }
}

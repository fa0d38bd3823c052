import FoundationEssentials

/// Characters as the journal keeps them: a text, and the numbers of each character packed, so that
/// a draft with many takes is read back in a few milliseconds.
public struct GeneratedBatch: Codable, Sendable, Equatable {
  public var characters: [GeneratedCharacter]
  /// What they were drawn with; `nil` = as the batch before.
  public var sampling: Sampling?
  /// Whether the first of them was kept from ending the tune.
  public var isPastEnd: Bool

  public init(
    _ characters: [GeneratedCharacter], sampling: Sampling? = nil, isPastEnd: Bool = false
  ) {
    self.characters = characters
    self.sampling = sampling
    self.isPastEnd = isPastEnd
  }

  private enum CodingKeys: String, CodingKey { case text, numbers, sampling, isPastEnd }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(characters.map(\.character).joined(), forKey: .text)
    var data = Data(capacity: characters.count * 16)
    for character in characters {
      for word in [
        character.bits.bitPattern, UInt32(bitPattern: character.rank),
        character.entropy.bitPattern, character.temperature.bitPattern,
      ] {
        withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
      }
    }
    try container.encode(data.base64EncodedString(), forKey: .numbers)
    try container.encodeIfPresent(sampling, forKey: .sampling)
    if isPastEnd { try container.encode(true, forKey: .isPastEnd) }
  }

  /// Numbers that are missing read as 0: the text counts for more than its statistics.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .text)
    sampling = try container.decodeIfPresent(Sampling.self, forKey: .sampling)
    isPastEnd = try container.decodeIfPresent(Bool.self, forKey: .isPastEnd) ?? false
    let data = Data(base64Encoded: try container.decode(String.self, forKey: .numbers)) ?? Data()
    let bytes = [UInt8](data)
    func word(_ index: Int) -> UInt32 {
      guard index * 4 + 4 <= bytes.count else { return 0 }
      return (0..<4).reduce(0) { $0 | UInt32(bytes[index * 4 + $1]) << UInt32($1 * 8) }
    }
    // The model writes one scalar at a time.
    characters = text.unicodeScalars.enumerated().map { index, scalar in
      GeneratedCharacter(
        character: String(scalar), bits: Float(bitPattern: word(index * 4)),
        rank: Int32(bitPattern: word(index * 4 + 1)),
        entropy: Float(bitPattern: word(index * 4 + 2)),
        temperature: Float(bitPattern: word(index * 4 + 3)))
    }
  }
}

/// One line of a draft's journal. Read back in order, the lines rebuild the draft: its text, its
/// takes, its undo tree, its settings and the place where the musician was.
public enum JournalEntry: Codable, Sendable, Equatable {
  /// The first line. `format` is 1; a reader refuses a higher one.
  case draft(format: Int, title: String, rng: UInt64)
  case model(name: String, hash: String)
  /// A new version that begins as the current text.
  case begin(kind: History.Version.Kind, head: Int, rng: UInt64)
  /// Bytes of the current version replaced.
  case edit(lower: Int, upper: Int, text: String, origin: Origin)
  /// Characters the model added to the current version.
  case generated(GeneratedBatch)
  case select(History.Identifier)
  case sampling(Sampling)
  case place(Place)
  /// The program was left in good order; a journal that ends otherwise was cut off.
  case closed

  /// Where the musician was, and how the screen looked.
  public struct Place: Codable, Sendable, Equatable {
    public var cursor: Int
    public var head: Int
    public var view: ViewSettings
    public var isDone: Bool
    public var isPastEnd: Bool
  }
}

extension Session {
  /// Applies journal lines in order, as they were written. Lines that make no sense in their place
  /// are passed over, so that a damaged journal gives back all that it still holds.
  public mutating func restore(_ entries: [JournalEntry]) {
    for entry in entries {
      switch entry {
      case .draft(_, let title, let rng):
        draftTitle = title
        self.rng = rng
      case .model, .closed:
        break
      case .begin(let kind, let head, let rng):
        history.begin(kind, head: min(max(head, 0), history.current.byteCount), rng: rng)
      case .edit(let lower, let upper, let text, let origin):
        let count = history.current.byteCount
        guard 0 <= lower, lower <= upper, upper <= count else { continue }
        history.replace(lower..<upper, with: text, origin: origin)
      case .generated(let batch):
        for character in batch.characters { history.append(character) }
      case .select(let identifier):
        history.select(identifier)
      case .sampling(let sampling):
        self.sampling = sampling
      case .place(let place):
        cursor = place.cursor
        head = place.head
        view = place.view
        generator = place.isDone ? .done(.phrase) : .noModel
        isPastEnd = place.isPastEnd
      }
    }
    textChanged()
    cursor = min(max(cursor, 0), history.current.byteCount)
    head = min(max(head, 0), history.current.byteCount)
    findTakes()
    journalledSampling = sampling
    journalled = Place(of: self)
  }
}

/// Statistics of a draft: what the model wrote for it, and what of that was kept.
///
/// A take is a version that the model wrote something in, a candidate of a list of alternatives included. It is
/// kept where anything of it stands in the tune that the draft shows, or where it has a tag.
public struct DraftStatistics: Sendable, Equatable, Codable {
  public var takes = 0
  public var keptTakes = 0
  public var taggedTakes = 0
  /// Taken off a list of alternatives, by the musician or because they did not fit.
  public var droppedTakes = 0
  /// What the model drew and the tune shows, and what else it drew.
  public var kept = Drawn()
  public var passedOver = Drawn()
  /// Characters of the tune by where they came from: `model`, `hand`, `paste`, `file`, `shelf`.
  public var tune: [String: Int] = [:]
  /// Characters drawn, by the model's name.
  public var models: [String: Int] = [:]

  /// Characters that were drawn, in sums, so that drafts can be added up.
  public struct Drawn: Sendable, Equatable, Codable {
    public var characters = 0
    public var temperatures = 0.0
    /// Surprise by the untempered probabilities.
    public var bits = 0.0

    /// Means of one character; nil where nothing was drawn.
    public var temperature: Double? { characters == 0 ? nil : temperatures / Double(characters) }
    public var bitsPerCharacter: Double? { characters == 0 ? nil : bits / Double(characters) }

    fileprivate mutating func add(_ record: CharacterRecord) {
      characters += 1
      temperatures += Double(record.temperature)
      bits += Double(record.bits)
    }

    fileprivate static func += (sum: inout Drawn, other: Drawn) {
      sum.characters += other.characters
      sum.temperatures += other.temperatures
      sum.bits += other.bits
    }

    /// What is left of a sum. A text that was drawn and then put in twice by hand counts once.
    fileprivate static func - (sum: Drawn, part: Drawn) -> Drawn {
      Drawn(
        characters: max(sum.characters - part.characters, 0),
        temperatures: max(sum.temperatures - part.temperatures, 0),
        bits: max(sum.bits - part.bits, 0))
    }
  }

  public init() {}

  /// Of the draft that these lines of a journal rebuild.
  public init(_ entries: [JournalEntry]) {
    var history = History()
    // For each version, the version in which each byte of its text was drawn; nil = not by a model.
    var sources: [[History.Identifier?]] = [[]]
    var drawn = Drawn()
    var wrote: Set<History.Identifier> = []
    var model = ""
    for entry in entries {
      switch entry {
      case .model(let name, _): model = name
      case .generated(let batch):
        let version = batch.version ?? history.currentIdentifier
        guard history.versions.indices.contains(version), !batch.characters.isEmpty else { break }
        for character in batch.characters { drawn.add(character.record) }
        models[model, default: 0] += batch.characters.count
        wrote.insert(version)
        for shift in history.add(batch) {
          sources[version].replaceSubrange(
            shift.lower..<shift.lower + shift.removed,
            with: repeatElement(Optional(version), count: shift.inserted))
        }
        continue
      default: break
      }
      let before = history
      history.apply(entry)
      if history.versions.count > before.versions.count, let new = history.versions.last {
        sources.append(sources[new.parent ?? 0])
      }
      for (lower, removed, inserted, version) in entry.edits(in: before) {
        sources[version].replaceSubrange(
          lower..<lower + removed, with: repeatElement(nil, count: inserted))
      }
    }
    let standing = Set(sources[history.currentIdentifier].compactMap(\.self))
    for version in wrote {
      let isTagged = !history.versions[version].tag.isEmpty
      takes += 1
      if isTagged { taggedTakes += 1 }
      if isTagged || standing.contains(version) { keptTakes += 1 }
      if history.versions[version].isDropped { droppedTakes += 1 }
    }
    for record in history.current.records {
      tune["\(record.origin)", default: 0] += 1
      if record.origin == .model { kept.add(record) }
    }
    passedOver = drawn - kept
  }

  public static func += (sum: inout DraftStatistics, other: DraftStatistics) {
    sum.takes += other.takes
    sum.keptTakes += other.keptTakes
    sum.taggedTakes += other.taggedTakes
    sum.droppedTakes += other.droppedTakes
    sum.kept += other.kept
    sum.passedOver += other.passedOver
    sum.tune.merge(other.tune, uniquingKeysWith: +)
    sum.models.merge(other.models, uniquingKeysWith: +)
  }
}

extension JournalEntry {
  /// The bytes that the entry replaces in a version, as `History.apply` does.
  fileprivate func edits(
    in history: History
  ) -> [(lower: Int, removed: Int, inserted: Int, version: History.Identifier)] {
    let (lower, upper, text, version) =
      switch self {
      case .edit(let lower, let upper, let text, _):
        (lower, upper, text, history.currentIdentifier)
      case .change(let change): (change.lower, change.upper, change.text, change.version)
      default: (0, -1, "", 0)
      }
    guard history.versions.indices.contains(version), 0 <= lower, lower <= upper,
      upper <= history.versions[version].byteCount
    else { return [] }
    return [(lower, upper - lower, text.utf8.count, version)]
  }
}

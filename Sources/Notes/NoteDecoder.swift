import Music

/// Reads tokens of a `NoteEncoding` one by one and says which notes they are.
public struct NoteDecoder: Sendable {
  /// What was not said as it should be.
  public struct Repairs: Hashable, Sendable {
    /// Lengths without a note before them: each counts as a step of time.
    public var strayLengths = 0
    /// Notes that began while the same key still sounded: they are ignored.
    public var overlaps = 0
    /// Tokens that mean nothing, which were passed over.
    public var unknownTokens = 0

    public init() {}
    public var total: Int { strayLengths + overlaps + unknownTokens }
  }

  public let encoding: NoteEncoding
  /// Where the next note begins, in ticks.
  public private(set) var time: Int
  /// In the order in which they were said.
  public private(set) var notes: [PlacedNote] = []
  public private(set) var repairs = Repairs()
  /// For each key up to when it sounds.
  private var ends: [Int: Int] = [:]
  /// What a length would belong to now.
  private var last: Last?

  private enum Last: Equatable {
    case note(index: Int)
    case ignored(key: Int)
  }

  /// - Parameters:
  ///   - time: Where the first note begins.
  ///   - sounding: Notes that began before.
  public init(_ encoding: NoteEncoding, at time: Int = 0, sounding: [PlacedNote] = []) {
    self.encoding = encoding
    self.time = time
    for note in sounding { ends[note.key] = max(ends[note.key] ?? 0, note.end) }
  }

  public mutating func read(_ token: String) {
    switch encoding.meaning(of: token) {
    case .step: pass()
    case .length(let count):
      if case .note(let index) = last {
        lengthen(index, by: (count - 1) * encoding.grid)
      } else if last == nil {
        repairs.strayLengths += 1
        pass()
      }
      last = nil
    case .key(let key) where encoding == .noteChords: sound([key])
    case .key(let key): begin(key)
    case .chord(let classes): sound(classes.map { 60 + $0 })
    case .end: last = nil
    case nil: repairs.unknownTokens += 1
    }
  }

  private mutating func pass() {
    time += encoding.grid
    last = nil
  }

  private mutating func begin(_ key: Int) {
    if case .note(let index) = last, notes[index].key == key {
      // Said again at once: one longer.
      lengthen(index, by: encoding.grid)
    } else if ends[key] ?? 0 > time {
      if last != .ignored(key: key) { repairs.overlaps += 1 }
      last = .ignored(key: key)
    } else {
      last = .note(index: notes.count)
      add(key)
    }
  }

  private mutating func sound(_ keys: [Int]) {
    for key in keys { add(key) }
    time += encoding.grid
  }

  private mutating func add(_ key: Int) {
    notes.append(PlacedNote(start: time, length: encoding.grid, key: key))
    ends[key] = time + encoding.grid
  }

  private mutating func lengthen(_ index: Int, by ticks: Int) {
    notes[index].length += ticks
    ends[notes[index].key] = notes[index].end
  }
}

/// Follows a tune while it is written and keeps it from copying: how many of its last notes stand in
/// a row in one tune of some repertoires, in any key.
///
/// A value: a copy goes its own way from here, as a draft that is taken up again does. Nearly always
/// reading a note costs no search: no note lengthens a run by more than one, so that after a search
/// the next one can wait for as many notes as the run lacks.
public struct CopyGuard: Sendable {
  /// What is done about copied notes.
  public enum Rule: Hashable, Sendable {
    /// Nothing; nothing is looked up.
    case off
    /// A run of so many notes is told.
    case warn(Int)
    /// A note that would be the so manieth of a run is not written.
    case forbid(Int)

    public static let `default` = Rule.forbid(24)
    /// How many notes may be named.
    public static let lengths = (MelodyIndex.leastNotes + 1)...500

    /// Notes from which on a run counts; nil while off.
    public var notes: Int? {
      switch self {
      case .off: nil
      case .warn(let notes), .forbid(let notes): notes
      }
    }
  }

  public let repertoires: [Repertoire]
  public let rule: Rule

  private var reader = MelodyReader()
  /// Semitones from note to note; the last one changes while its note is being read.
  private var intervals: [Int8] = []
  private var lastPitch: Int?
  private var pitchBefore: Int?
  /// No run that ends with the last note has more notes.
  private var mostNotes = 0
  /// The same for the note before it.
  private var mostNotesBefore = 0

  /// A guard that has read nothing.
  public init(_ repertoires: [Repertoire], rule: Rule = .default) {
    self.repertoires = repertoires
    self.rule = repertoires.isEmpty ? .off : rule
    if self.rule != .off { intervals.reserveCapacity(512) }
  }

  /// Reads the next character of the tune: its header, then its music.
  public mutating func read(_ character: Unicode.Scalar) {
    guard rule != .off else { return }
    switch reader.read(character) {
    case .none: return
    case .newNote(let pitch):
      mostNotesBefore = mostNotes
      pitchBefore = lastPitch
      if let lastPitch { intervals.append(Self.interval(lastPitch, pitch)) }
      lastPitch = pitch
    case .lastNote(let pitch):
      if let pitchBefore, !intervals.isEmpty {
        intervals[intervals.count - 1] = Self.interval(pitchBefore, pitch)
      }
      lastPitch = pitch
    }
    mostNotes = mostNotesBefore + 1
  }

  /// Reads all characters of a text.
  public mutating func read(_ text: some StringProtocol) {
    for character in text.unicodeScalars { read(character) }
  }

  /// The run at the end of what was read; nil where it has fewer than `MelodyIndex.leastNotes`.
  public var run: SharedRun? {
    rule == .off ? nil : repertoires.longestRun(endOf: intervals[...])
  }

  /// Notes of the longest run at the end, looked up if it may be as long as matters.
  private mutating func settle(_ limit: Int) {
    if mostNotes >= limit { mostNotes = notes(intervals[...]) }
    if mostNotesBefore >= limit, !intervals.isEmpty {
      mostNotesBefore = notes(intervals.dropLast())
    }
  }

  /// Whether a character may come that the rule forbids: asked before `forbids`, so that it seldom
  /// has to be asked for every character.
  public mutating func mayForbid() -> Bool {
    guard case .forbid(let most) = rule else { return false }
    settle(most - 1)
    return mostNotes >= most - 1 || mostNotesBefore >= most - 1
  }

  /// Whether the rule keeps this character from being written: it would lengthen a shared run to as
  /// many notes as are forbidden. There is always another letter that it allows.
  public func forbids(_ character: Unicode.Scalar) -> Bool {
    guard case .forbid(let most) = rule else { return false }
    switch reader.change(character) {
    case .none: return false
    case .newNote(let pitch):
      guard let lastPitch, mostNotes >= most - 1 else { return false }
      return notes(intervals[...], then: Self.interval(lastPitch, pitch)) >= most
    case .lastNote(let pitch):
      // The note in its new octave goes on from what came before it.
      guard let pitchBefore, mostNotesBefore >= most - 1 else { return false }
      return notes(intervals.dropLast(), then: Self.interval(pitchBefore, pitch)) >= most
    }
  }

  private func notes(_ intervals: ArraySlice<Int8>, then next: Int8? = nil) -> Int {
    repertoires.longestRun(endOf: intervals, then: next)?.match.notes ?? MelodyIndex.leastNotes - 1
  }

  private static func interval(_ first: Int, _ second: Int) -> Int8 {
    Int8(clamping: max(second - first, -127))
  }
}

extension CopyGuard.Rule: LosslessStringConvertible {
  /// Reads `off`, `warn 20`, `forbid 24`, or `24` for the last; nil for anything else.
  public init?(_ description: String) {
    let words = description.split { $0 == " " || $0 == ":" }
    switch (words.first, words.count) {
    case ("off", 1): self = .off
    case (let digits?, 1):
      guard let notes = Int(digits), Self.lengths.contains(notes) else { return nil }
      self = .forbid(notes)
    case ("warn", 2), ("forbid", 2):
      guard let notes = Int(words[1]), Self.lengths.contains(notes) else { return nil }
      self = words[0] == "warn" ? .warn(notes) : .forbid(notes)
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .off: "off"
    case .warn(let notes): "warn \(notes)"
    case .forbid(let notes): "forbid \(notes)"
    }
  }
}

extension CopyGuard.Rule: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let rule = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a copy guard must be \(Self.forms)")
    }
    self = rule
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// What may be given.
  public static let forms =
    "off, warn N or forbid N, with N from \(lengths.lowerBound) to \(lengths.upperBound)"
}

/// Follows a tune while it is written and says how many of its last notes stand in a row in one tune
/// of a repertoire, in any key: where it begins to copy.
///
/// A value: a copy goes its own way from here, as a draft that is taken up again does. Reading a
/// character costs nothing, reading a note one search of about a microsecond; nothing is allocated.
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

  public let repertoire: Repertoire
  public let rule: Rule
  /// The run at the end of what was read; nil where it has fewer than `MelodyIndex.leastNotes`.
  public private(set) var run: MelodyIndex.Match?
  /// The longest run so far.
  public private(set) var longest: MelodyIndex.Match?

  private var reader = MelodyReader()
  /// Semitones from note to note; the last one changes while its note is being read.
  private var intervals: [Int8] = []
  private var lastPitch: Int?
  private var pitchBefore: Int?
  /// The run, and the longest run, without the note that is being read.
  private var runBefore: MelodyIndex.Match?
  private var longestBefore: MelodyIndex.Match?

  /// A guard that has read nothing.
  public init(_ repertoire: Repertoire, rule: Rule = .default) {
    self.repertoire = repertoire
    self.rule = rule
    intervals.reserveCapacity(512)
  }

  /// Reads the next character of the tune: its header, then its music.
  public mutating func read(_ character: Unicode.Scalar) {
    guard rule != .off else { return }
    switch reader.read(character) {
    case .none: return
    case .newNote(let pitch):
      runBefore = run
      longestBefore = longest
      pitchBefore = lastPitch
      if let lastPitch { intervals.append(Self.interval(lastPitch, pitch)) }
      lastPitch = pitch
    case .lastNote(let pitch):
      if let pitchBefore, !intervals.isEmpty {
        intervals[intervals.count - 1] = Self.interval(pitchBefore, pitch)
      }
      lastPitch = pitch
    }
    run = repertoire.melodies.match(endOf: intervals[...])
    longest = longestBefore
    if let run, run.notes > longest?.notes ?? 0 { longest = run }
  }

  /// Reads all characters of a text.
  public mutating func read(_ text: some StringProtocol) {
    for character in text.unicodeScalars { read(character) }
  }

  /// Whether the rule keeps this character from being written: it would lengthen a shared run to as
  /// many notes as are forbidden.
  ///
  /// There is always another letter that it allows. Nearly always it answers without a search:
  /// no note lengthens a run by more than one.
  public func forbids(_ character: Unicode.Scalar) -> Bool {
    guard case .forbid(let most) = rule else { return false }
    switch reader.change(character) {
    case .none: return false
    case .newNote(let pitch):
      guard let lastPitch, run?.notes ?? 0 >= most - 1 else { return false }
      return notes(after: intervals[...], Self.interval(lastPitch, pitch)) >= most
    case .lastNote(let pitch):
      // The note in its new octave goes on from what came before it.
      guard let pitchBefore, runBefore?.notes ?? 0 >= most - 1 else { return false }
      return notes(after: intervals.dropLast(), Self.interval(pitchBefore, pitch)) >= most
    }
  }

  /// Whether the run at the end is as long as the rule names.
  public var isTooLong: Bool {
    guard let run, let notes = rule.notes else { return false }
    return run.notes >= notes
  }

  private func notes(after intervals: ArraySlice<Int8>, _ next: Int8) -> Int {
    repertoire.melodies.match(endOf: intervals, then: next)?.notes ?? 0
  }

  private static func interval(_ first: Int, _ second: Int) -> Int8 {
    Int8(clamping: max(second - first, -127))
  }
}

extension CopyGuard.Rule: LosslessStringConvertible {
  /// Reads `off`, `warn 20` or `forbid 24`; nil for anything else.
  public init?(_ description: String) {
    let words = description.split(separator: " ")
    switch (words.first, words.count) {
    case ("off", 1): self = .off
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

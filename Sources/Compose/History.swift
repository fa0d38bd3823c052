import Notes

/// Everything a draft has ever been: a tree of versions that only grows.
///
/// Undo and redo walk the tree, takes are other branches of it; nothing made by the model or by
/// hand is ever removed. Versions hold whole texts: a tune is a few kilobytes.
public struct History: Sendable, Equatable {
  public typealias Identifier = Int

  public struct Version: Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
      case start, generated, hand, barBack, header, paste, file, tempo, command
    }
    public let identifier: Identifier
    public let parent: Identifier?
    public let kind: Kind
    public fileprivate(set) var text: String
    /// One for each byte of `text`.
    public fileprivate(set) var records: [CharacterRecord]
    /// For `.generated`: the byte offset at which the model began to write.
    public let head: Int
    /// For `.generated`: the random number it was drawn with.
    public let rng: UInt64
    /// Which of the runs with that number wrote it.
    public let run: Int
    /// How many characters the model has written in this version.
    public fileprivate(set) var generatedCount = 0
    /// The child last visited: where redo goes.
    fileprivate(set) var lastChild: Identifier?
    /// Places the model still has to fill, in the order in which it does.
    public fileprivate(set) var gaps: [Gap] = []
    /// Those it was given at first.
    public fileprivate(set) var askedGaps: [Gap] = []
    /// Whether the model was given places to fill in this version.
    public fileprivate(set) var isFilling = false
    /// What the musician calls this take; empty = nothing.
    public fileprivate(set) var tag = ""
    /// Whether it was taken off a list of alternatives, by the musician or because it did not fit.
    public fileprivate(set) var isDropped = false
    /// What an author of notes has drawn behind the text; nil where anything else made it.
    public fileprivate(set) var unwritten: UnwrittenNotes?
    /// What has moved every position since the parent; what was put in in one go is one shift.
    fileprivate(set) var shifts: [Shift] = []

    /// Where the model writes: in the gap that is open, or at the end.
    public var writePoint: Int {
      guard let gap = gaps.first else { return byteCount }
      return gap.isOpen ? gap.range.upperBound : gap.range.lowerBound
    }

    public var byteCount: Int { records.count }
  }

  public private(set) var versions: [Version]
  public private(set) var currentIdentifier: Identifier

  /// A draft with one empty version.
  public init() {
    versions = [
      Version(
        identifier: 0, parent: nil, kind: .start, text: "", records: [], head: 0, rng: 0, run: 0)
    ]
    currentIdentifier = 0
  }

  public var current: Version { versions[currentIdentifier] }
  public var canRedo: Bool { current.lastChild != nil }

  /// How many undo steps lie behind the current version.
  public var depth: Int {
    var steps = 0
    var version = current
    while let parent = version.parent {
      steps += 1
      version = versions[parent]
    }
    return steps
  }

  /// Starts a version with the current text, and makes it current.
  @discardableResult
  mutating func begin(_ kind: Version.Kind, head: Int = 0, rng: UInt64 = 0) -> Identifier {
    let identifier = branch(from: currentIdentifier, kind, head: head, rng: rng)
    versions[currentIdentifier].lastChild = identifier
    currentIdentifier = identifier
    return identifier
  }

  /// Starts a version with the text of another, without going there.
  ///
  /// - Parameter run: nil = its own number.
  @discardableResult
  mutating func branch(
    from parent: Identifier, _ kind: Version.Kind, head: Int = 0, rng: UInt64 = 0,
    run: Int? = nil
  ) -> Identifier {
    let parent = versions[parent]
    versions.append(
      Version(
        identifier: versions.count, parent: parent.identifier, kind: kind, text: parent.text,
        records: parent.records, head: head, rng: rng, run: run ?? versions.count))
    return versions.count - 1
  }

  /// Replaces bytes of a version's text; of the current one where none is named.
  mutating func replace(
    _ range: Range<Int>, with text: String, origin: Origin, in version: Identifier? = nil
  ) {
    let version = version ?? currentIdentifier
    let range = range.clamped(to: 0..<versions[version].byteCount)
    let record = CharacterRecord(origin: origin)
    versions[version].text.replaceBytes(range, with: text)
    versions[version].unwritten = nil
    versions[version].records.replaceSubrange(
      range, with: repeatElement(record, count: text.utf8.count))
    versions[version].add(Edit(range, text).shift)
  }

  /// Puts a character that the model wrote in where a version is written; the first one in a gap
  /// takes the place of the old music there.
  ///
  /// - Returns: How positions move.
  @discardableResult
  mutating func insert(
    _ generated: GeneratedCharacter, in version: Identifier? = nil
  ) -> [Shift] {
    let version = version ?? currentIdentifier
    let opening = openGap(in: version)
    let place = versions[version].writePoint
    let count = generated.character.utf8.count
    if place == versions[version].byteCount {
      versions[version].text += generated.character
    } else {
      versions[version].text.replaceBytes(place..<place, with: generated.character)
    }
    versions[version].records.insert(
      contentsOf: repeatElement(generated.record, count: count), at: place)
    versions[version].generatedCount += 1
    let shift = Shift(lower: place, removed: 0, inserted: count)
    versions[version].add(shift)
    return (opening.map { [$0] } ?? []) + [shift]
  }

  mutating func setUnwritten(_ notes: UnwrittenNotes?, of version: Identifier) {
    versions[version].unwritten = notes
  }

  // MARK: Marks

  /// Names a take; an empty name takes the name away.
  mutating func setTag(_ tag: String, of version: Identifier) { versions[version].tag = tag }

  mutating func setDropped(_ isDropped: Bool, of version: Identifier) {
    versions[version].isDropped = isDropped
  }

  // MARK: Gaps

  /// Says which places of a version the model is to fill.
  mutating func setGaps(_ gaps: [Gap], in version: Identifier? = nil) {
    let version = version ?? currentIdentifier
    let count = versions[version].byteCount
    versions[version].gaps = gaps.filter { $0.range.upperBound <= count }
    if versions[version].askedGaps.isEmpty { versions[version].askedGaps = versions[version].gaps }
    versions[version].isFilling = !gaps.isEmpty
  }

  private mutating func openGap(in version: Identifier) -> Shift? {
    guard let gap = versions[version].gaps.first, !gap.isOpen else { return nil }
    replace(gap.range, with: "", origin: .hand, in: version)
    let start = gap.range.lowerBound
    versions[version].gaps[0].range = start..<start
    versions[version].gaps[0].isOpen = true
    return Edit(gap.range, "").shift
  }

  /// The first gap is filled: the model goes on in the next one.
  mutating func closeGap(in version: Identifier? = nil) {
    let version = version ?? currentIdentifier
    if !versions[version].gaps.isEmpty { versions[version].gaps.removeFirst() }
  }

  // MARK: The tree

  /// Makes a version current. The way back there is remembered for redo.
  mutating func select(_ identifier: Identifier) {
    guard versions.indices.contains(identifier) else { return }
    currentIdentifier = identifier
    var child = identifier
    while let parent = versions[child].parent {
      versions[parent].lastChild = child
      child = parent
    }
  }

  /// What moves the positions of one version to those of another.
  func path(from start: Identifier, to end: Identifier) -> [Shift] {
    var (up, down) = (start, end)
    var before: [Shift] = []
    var after: [[Shift]] = []
    // A child's number is always higher than its parent's.
    while up != down {
      if up > down {
        before += versions[up].shifts.reversed().map(\.inverse)
        up = versions[up].parent ?? down
      } else {
        after.append(versions[down].shifts)
        down = versions[down].parent ?? up
      }
    }
    return before + after.reversed().joined()
  }

  /// Where the model began to write what stands at a byte of the current version otherwise in
  /// versions beside it: alternatives that were not chosen. The latest of them counts.
  func alternativesHead(around byte: Int) -> Int? {
    let bytes = Array(current.text.utf8)
    return versions.last { version in
      guard version.parent == currentIdentifier, version.kind == .generated, version.head <= byte
      else { return false }
      let kept = zip(version.text.utf8.reversed(), bytes.reversed()).prefix { $0 == $1 }.count
      return byte < bytes.count - kept
    }?.head
  }

  var undoTarget: Identifier? { current.parent }
  var redoTarget: Identifier? { current.lastChild }

  /// The versions that are other continuations of the current text from byte `anchor` on, the
  /// current one included, oldest first: those that share the text before `anchor`, and are not
  /// merely the beginning of another.
  public func takes(from anchor: Int) -> [Identifier] {
    let prefix = Array(current.text.utf8.prefix(anchor))
    guard prefix.count == anchor else { return [currentIdentifier] }
    var endings: [ArraySlice<UInt8>: Identifier] = [:]
    for version in versions where version.byteCount > anchor {
      guard version.text.utf8.starts(with: prefix) else { continue }
      let ending = Array(version.text.utf8)[anchor...]
      if endings[ending] == nil || version.identifier == currentIdentifier {
        endings[ending] = version.identifier
      }
    }
    var found = endings.map { (identifier: $0.value, bytes: $0.key) }
    // In alphabetical order a text stands right before the ones it is the beginning of.
    found.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var maximal: [Identifier] = []
    for (index, candidate) in found.enumerated() {
      let isBeginning =
        index + 1 < found.count && found[index + 1].bytes.starts(with: candidate.bytes)
      if !isBeginning || candidate.identifier == currentIdentifier {
        maximal.append(candidate.identifier)
      }
    }
    return maximal.sorted()
  }
}

extension History.Version {
  fileprivate mutating func add(_ shift: Shift) {
    gaps = gaps.map { $0.moved(by: shift) }
    if let last = shifts.last, shift.removed == 0, shift.lower == last.lower + last.inserted {
      shifts[shifts.count - 1].inserted += shift.inserted
    } else {
      shifts.append(shift)
    }
  }
}

extension String {
  /// The string index of a UTF-8 byte offset, clamped to the text.
  func index(atByte offset: Int) -> String.Index {
    utf8.index(startIndex, offsetBy: min(max(offset, 0), utf8.count))
  }

  /// The text of a range of UTF-8 bytes.
  public func text(atBytes range: Range<Int>) -> String {
    String(self[index(atByte: range.lowerBound)..<index(atByte: range.upperBound)])
  }

  mutating func replaceBytes(_ range: Range<Int>, with text: String) {
    let bounds = index(atByte: range.lowerBound)..<index(atByte: range.upperBound)
    replaceSubrange(bounds, with: text)
    makeContiguousUTF8()
  }

  /// The byte offset one character before `offset`.
  func byteBefore(_ offset: Int) -> Int {
    guard offset > 0 else { return 0 }
    let position = index(atByte: offset)
    return utf8.distance(from: startIndex, to: index(before: position))
  }

  /// The byte offset one character after `offset`.
  func byteAfter(_ offset: Int) -> Int {
    guard offset < utf8.count else { return utf8.count }
    let position = index(atByte: offset)
    return utf8.distance(from: startIndex, to: index(after: position))
  }
}

/// A change of a text: bytes replaced by others. What every position in a text obeys.
public struct Edit: Sendable, Equatable {
  /// UTF-8 offsets into the text before the change.
  public var range: Range<Int>
  public var replacement: String

  public init(_ range: Range<Int>, _ replacement: String) {
    self.range = range
    self.replacement = replacement
  }

  /// Which way a position goes when text is put in exactly where it stands.
  public enum Side: Sendable { case before, after }

  /// Where a position of the text before the change stands in the text after it.
  ///
  /// A position inside what was replaced goes to the start of the replacement (`before`) or to its
  /// end (`after`); one at either edge stays at that edge.
  public func moved(_ place: Int, _ side: Side) -> Int { shift.moved(place, side) }

  var shift: Shift {
    Shift(lower: range.lowerBound, removed: range.count, inserted: replacement.utf8.count)
  }
}

/// How an edit moves what stands in the text, without the words.
struct Shift: Sendable, Equatable {
  var lower: Int
  var removed: Int
  var inserted: Int

  /// The shift that takes this one back.
  var inverse: Shift { Shift(lower: lower, removed: inserted, inserted: removed) }

  func moved(_ place: Int, _ side: Edit.Side) -> Int {
    let upper = lower + removed
    if removed == 0, place == lower { return side == .before ? lower : lower + inserted }
    if place <= lower { return place }
    if place >= upper { return place + inserted - removed }
    return side == .before ? lower : lower + inserted
  }

  /// A range does not grow at its edges: what is put in there stays outside.
  func moved(_ range: Range<Int>) -> Range<Int> {
    let start = moved(range.lowerBound, .after)
    let end = moved(range.upperBound, .before)
    return start..<max(start, end)
  }
}

extension Edit {
  /// The edits that turn one text into another, the last place first, so that each can be made
  /// without minding the others. What stands between bar lines is replaced bar by bar.
  static func edits(from old: String, to new: String) -> [Edit] {
    let before = pieces(of: old)
    let after = pieces(of: new)
    let start = zip(before, after).prefix { $0.text == $1.text }.count
    let end = zip(before[start...].reversed(), after[start...].reversed())
      .prefix { $0.text == $1.text }.count
    let oldMiddle = before[start..<before.count - end]
    let newMiddle = after[start..<after.count - end]
    var edits: [Edit] = []
    for (left, right) in hunks(oldMiddle, newMiddle) {
      let lower = left.first?.offset ?? offset(of: left.startIndex, in: before, old)
      let removed = left.map(\.text).joined()
      let inserted = right.map(\.text).joined()
      edits.append(trimmed(lower, removed, inserted))
    }
    return edits.reversed()
  }

  private struct Piece {
    var text: String
    var offset: Int
  }

  private static func offset(of index: Int, in pieces: [Piece], _ text: String) -> Int {
    index < pieces.count ? pieces[index].offset : text.utf8.count
  }

  /// Cut behind every bar line and line end.
  private static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var current = ""
    var offset = 0
    func isEnd(_ character: Character) -> Bool { character == "|" || character == "\n" }
    for character in text {
      current.append(character)
      guard isEnd(character) else { continue }
      pieces.append(Piece(text: current, offset: offset))
      offset += current.utf8.count
      current = ""
    }
    if !current.isEmpty { pieces.append(Piece(text: current, offset: offset)) }
    return pieces
  }

  /// Runs of pieces that differ, in order; each as a part of the old and one of the new.
  private static func hunks(
    _ old: ArraySlice<Piece>, _ new: ArraySlice<Piece>
  ) -> [(ArraySlice<Piece>, ArraySlice<Piece>)] {
    guard !old.isEmpty || !new.isEmpty else { return [] }
    // As many bars as before: each was changed for itself.
    if old.count == new.count {
      return zip(old.indices, new.indices).compactMap { left, right in
        old[left].text == new[right].text
          ? nil : (old[left...left], new[right...right])
      }
    }
    // Beyond this a finer comparison would take longer than it is worth.
    guard old.count + new.count < 2000 else { return [(old, new)] }
    let difference = Array(new.map(\.text)).difference(from: old.map(\.text))
    let removed = Set(difference.removals.compactMap(\.removedOffset))
    let inserted = Set(difference.insertions.compactMap(\.insertedOffset))
    var hunks: [(ArraySlice<Piece>, ArraySlice<Piece>)] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      let (firstLeft, firstRight) = (left, right)
      while removed.contains(left) { left += 1 }
      while inserted.contains(right) { right += 1 }
      if left > firstLeft || right > firstRight {
        hunks.append(
          (
            old[old.startIndex + firstLeft..<old.startIndex + left],
            new[new.startIndex + firstRight..<new.startIndex + right]
          ))
      } else {
        left += 1
        right += 1
      }
    }
    return hunks
  }

  /// Leaves out what is the same at both ends, cut at characters.
  private static func trimmed(_ lower: Int, _ removed: String, _ inserted: String) -> Edit {
    let (old, new) = (Array(removed), Array(inserted))
    let start = zip(old, new).prefix { $0 == $1 }.count
    let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
    let before = String(old[..<start]).utf8.count
    let gone = String(old[start..<old.count - end]).utf8.count
    return Edit(
      lower + before..<lower + before + gone, String(new[start..<new.count - end]))
  }
}

extension CollectionDifference.Change {
  fileprivate var removedOffset: Int? {
    if case .remove(let offset, _, _) = self { offset } else { nil }
  }

  fileprivate var insertedOffset: Int? {
    if case .insert(let offset, _, _) = self { offset } else { nil }
  }
}

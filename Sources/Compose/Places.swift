/// Positions in the text, in UTF-8 bytes. Every one of them follows every edit by one rule,
/// `Edit.moved`; nothing else moves them but the musician.
struct Places: Sendable, Equatable {
  private(set) var cursor = 0
  /// Where the model writes next.
  private(set) var head = 0
  private(set) var lastEdit = 0
  /// The bytes of the looped bars.
  private(set) var loop: Range<Int>?
  /// The bytes of the bar where the selection began, and of the one where its other end is.
  private(set) var anchor: Range<Int>?
  private(set) var end: Range<Int>?

  /// The bytes of the selected bars.
  var selection: Range<Int>? {
    guard let anchor, let end else { return nil }
    return min(anchor.lowerBound, end.lowerBound)..<max(anchor.upperBound, end.upperBound)
  }

  /// Moves with the text. What is put in where a position stands goes before it, so that the cursor
  /// of somebody who watches the model follows it.
  mutating func follow(_ shifts: [Shift]) {
    for shift in shifts {
      cursor = shift.moved(cursor, .after)
      head = shift.moved(head, .after)
      loop = loop.map(shift.moved)
      anchor = anchor.map(shift.moved)
      end = end.map(shift.moved)
      lastEdit = shift.lower
    }
    if loop?.isEmpty == true { loop = nil }
    if selection?.isEmpty == true { deselect() }
  }

  mutating func moveCursor(to byte: Int) { cursor = byte }
  mutating func moveHead(to byte: Int) { head = byte }
  mutating func setLoop(_ bytes: Range<Int>?) { loop = bytes?.isEmpty == true ? nil : bytes }

  mutating func select(from anchor: Range<Int>, to end: Range<Int>) {
    self.anchor = anchor
    self.end = end
  }

  mutating func extendSelection(to bar: Range<Int>) {
    if anchor != nil { end = bar }
  }

  mutating func deselect() { (anchor, end) = (nil, nil) }
}

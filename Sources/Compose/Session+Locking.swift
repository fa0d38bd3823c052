import ABC

/// Bars that must stay as they are. Whatever would change their bytes is refused, by whom ever it
/// is asked.
extension Session {
  /// Locks the selected bars or the cursor's bar; lets them go when they all are locked.
  mutating func lock(_ argument: String) -> [Effect] {
    let bars: ClosedRange<Int>
    switch argument {
    case "off":
      guard !locks.isEmpty else {
        notice("no bar is locked")
        return []
      }
      let count = locks.count
      draft.setLock(0..<draft.count, isLocked: false)
      notice(count == 1 ? "the lock is off" : "\(count) locks are off")
      return []
    case "":
      guard let here = selection ?? score.bar(atByte: cursor).map({ $0...$0 }) else {
        notice("no bar here to lock")
        return []
      }
      bars = here
    default:
      guard let asked = barRange(argument) else {
        complain("'\(argument)' is no range of bars: write 5-8, or off")
        return []
      }
      bars = asked
    }
    let wasLocked = bars.allSatisfy(isLocked)
    for bar in bars { draft.setLock(parsed.bars[bar].range, isLocked: !wasLocked) }
    endSelection()
    notice(
      wasLocked
        ? "\(barNames(bars)) can be changed again" : "\(barNames(bars)) locked (L lets go)")
    return []
  }

  /// Whether a bar, by its index into the parsed tune, may not be changed.
  public func isLocked(bar: Int) -> Bool {
    guard parsed.bars.indices.contains(bar) else { return false }
    return locks.contains { $0.overlaps(parsed.bars[bar].range) }
  }

  /// Whether bytes of the text may be replaced; says which locked bars they touch where not.
  ///
  /// - Parameter hint: What else can be done, where there is something.
  mutating func isFree(_ ranges: [Range<Int>], hint: String = "") -> Bool {
    let touched = ranges.flatMap { draft.locks(touchedBy: $0) }
    guard touched.isEmpty else {
      refuse(touched, hint: hint)
      return false
    }
    return true
  }

  /// Whether an edit by hand leaves every locked bar a bar of its own: what is put in or taken out
  /// just before one must end with a bar line.
  mutating func isFree(_ edit: Edit) -> Bool {
    guard isFree([edit.range]) else { return false }
    let reached = locks.filter { $0.lowerBound == edit.range.upperBound }
    guard !reached.isEmpty else { return true }
    let before = text.text(atBytes: 0..<edit.range.lowerBound) + edit.replacement
    let last = before.utf8.last { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    if last.map({ "|]:\n".utf8.contains($0) }) ?? true { return true }
    refuse(reached)
    return false
  }

  /// Names the locked bars that are in the way.
  mutating func refuse(_ locks: [Range<Int>], hint: String = "") {
    let bars = locks.flatMap { score.bars(inBytes: $0).map { Array($0) } ?? [] }
    let isOne = numbers(ofBars: bars).count == 1
    complain(
      "\(barNames(bars)) \(isOne ? "is" : "are") locked and \(isOne ? "stays" : "stay") as "
        + "\(isOne ? "it is" : "they are") (L there lets go\(hint.isEmpty ? "" : ", " + hint))")
  }
}

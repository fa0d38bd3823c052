import ABC
import Music

/// What a change of fields does to bars that were there before: whether they still add up, and
/// whether those that are locked still sound as they did.
extension Session {
  /// The bars that hold as much as their meter asks for, by index.
  var fittingBars: Set<Int> {
    Set(parsed.bars.indices.filter { parsed.bars[$0].isClosed && !isUneven(parsed.bars[$0]) })
  }

  /// The numbers of bars that no longer hold what their meter asks for.
  func barsThatNoLongerFit(_ before: Set<Int>) -> [Int] {
    numbers(ofBars: parsed.bars.indices.filter { before.contains($0) && isUneven(parsed.bars[$0]) })
  }

  /// `; 4 bars no longer add up: 5, 6, 7, 8`, or nothing.
  func fittingRemark(_ before: Set<Int>) -> String {
    let numbers = barsThatNoLongerFit(before)
    guard !numbers.isEmpty else { return "" }
    let list =
      numbers.count <= 8
      ? numbers.map(String.init).joined(separator: ", ") : Session.runs(of: numbers)
    let verb = numbers.count == 1 ? "adds" : "add"
    return "; \(Session.bars(numbers.count)) no longer \(verb) up: \(list)"
  }

  private func isUneven(_ bar: ParsedTune.WrittenBar) -> Bool {
    guard bar.isClosed, let expected = bar.expected else { return false }
    return bar.length != expected
  }

  /// The locked bars that would sound otherwise in another text with the same bars, by index.
  func lockedBars(soundingOtherwiseIn other: ParsedTune) -> [Int] {
    guard other.bars.count == parsed.bars.count else { return [] }
    func sound(_ tune: ParsedTune, _ bar: Int) -> [SoundingNote] {
      tune.notes.filter { $0.bar == bar }.map {
        SoundingNote(key: $0.pitch?.key, length: $0.length)
      }
    }
    return parsed.bars.indices.filter { isLocked(bar: $0) && sound(parsed, $0) != sound(other, $0) }
  }

  /// Whether the locked bars sound in another text as they do; says which do not.
  mutating func keepsLockedSound(_ other: ParsedTune) -> Bool {
    let bars = lockedBars(soundingOtherwiseIn: other)
    guard !bars.isEmpty else { return true }
    let isOne = numbers(ofBars: bars).count == 1
    complain(
      "\(barNames(bars)) \(isOne ? "is" : "are") locked and would sound otherwise "
        + "(L there lets go)")
    return false
  }

  private struct SoundingNote: Equatable {
    var key: Int?
    var length: Fraction
  }

  // MARK: Names of bars that do not stand in a row

  /// What bars are called, by index: each number once, in order.
  func numbers(ofBars bars: [Int]) -> [Int] { Set(bars.map { parsed.bars[$0].number }).sorted() }

  /// `bar 3`, `bars 3-4 and 8`.
  func barNames(_ bars: [Int]) -> String {
    let numbers = numbers(ofBars: bars)
    return (numbers.count == 1 ? "bar " : "bars ") + Session.runs(of: numbers)
  }

  /// Numbers in order as ranges: `3-4, 6 and 8`.
  static func runs(of numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, number == last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    let words = runs.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }
    guard words.count > 1, let last = words.last else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}

import ABC

/// Which bars of a version a recipe speaks of.
enum RecipeBars: Equatable {
  /// By their numbers, as the ruler counts them.
  case numbered(ClosedRange<Int>, voice: Int, withPickup: Bool)
  /// By their place, where numbers do not say which are meant.
  case written(ClosedRange<Int>)

  /// - Parameter places: By place in `ParsedTune.bars`, from 0.
  init(_ places: ClosedRange<Int>, in strains: Strains) {
    self = .written(places)
    let bars = strains.tune.bars
    guard places.upperBound < bars.count else { return }
    let hasPickup = places.count > 1 && strains.isPickup(places.lowerBound)
    let first = bars[places.lowerBound + (hasPickup ? 1 : 0)]
    let last = bars[places.upperBound]
    guard first.number >= 1, first.number <= last.number else { return }
    let numbered = RecipeBars.numbered(
      first.number...last.number, voice: first.voice, withPickup: hasPickup)
    if numbered.places(in: strains) == places { self = numbered }
  }

  /// By place in `ParsedTune.bars`; `nil` where the tune has no such bars.
  func places(in strains: Strains) -> ClosedRange<Int>? {
    switch self {
    case .written(let places): return places
    case .numbered(let numbers, let voice, let withPickup):
      let bars = strains.tune.bars
      func place(of number: Int, _ places: [Int]) -> Int? {
        places.first {
          bars[$0].voice == voice && bars[$0].number == number && !strains.isPickup($0)
        }
      }
      guard let first = place(of: numbers.lowerBound, Array(bars.indices)),
        let last = place(of: numbers.upperBound, bars.indices.reversed()), first <= last
      else { return nil }
      return withPickup ? strains.withPickup(first...last) : first...last
    }
  }

  /// `bars 5-8 with the pickup`, `bars 3-3 of voice 2`.
  func text(voices: Int) -> String {
    switch self {
    case .written(let places):
      return "written bars \(places.lowerBound + 1)-\(places.upperBound + 1)"
    case .numbered(let numbers, let voice, let withPickup):
      return "bars \(numbers.lowerBound)-\(numbers.upperBound)"
        + (withPickup ? " with the pickup" : "") + (voices > 1 ? " of voice \(voice + 1)" : "")
    }
  }

  /// Reads what `text` writes; `nil` for anything else, such as `whole`.
  init?(reading words: [String]) {
    guard let mark = words.firstIndex(of: "bars"), words.indices.contains(mark + 1) else {
      return nil
    }
    let range = words[mark + 1].split(separator: "-").compactMap { Int($0) }
    guard range.count == 2, 1 <= range[0], range[0] <= range[1] else { return nil }
    if mark > 0, words[mark - 1] == "written" {
      self = .written(range[0] - 1...range[1] - 1)
      return
    }
    let voice =
      words.firstIndex(of: "voice").flatMap { words.dropFirst($0 + 1).first }
      .flatMap { Int($0) } ?? 1
    self = .numbered(
      range[0]...range[1], voice: max(voice - 1, 0), withPickup: words.contains("pickup"))
  }
}

import ABC
import Form
import Music

/// Which bars of a tune come back.
extension Score {
  /// Bars back in which a bar is looked for; of equally like ones the first of these counts.
  private static let distances = [4, 8, 2, 1, 16, 12, 6, 3]

  /// What a closed bar has to do with those before it: the same as one or a variant of it, its number
  /// told; `nil` where it is like none, and for bars of other voices than the first.
  public func returning(bar index: Int) -> BarWish? {
    guard parsed.bars.indices.contains(index) else { return nil }
    let bar = parsed.bars[index]
    guard bar.isClosed, bar.voice == 0, bar.number > 1, bar.length == bar.expected else {
      return nil
    }
    let own = grid(of: index)
    guard own.cells.count > 1 else { return nil }
    var best: (bar: Int, likeness: Double)?
    for distance in Self.distances where distance < bar.number {
      let other = parsed.bars.firstIndex {
        $0.voice == 0 && $0.number == bar.number - distance && $0.length == bar.length
      }
      guard let other, other < index else { continue }
      let likeness = own.likeness(to: grid(of: other))
      if likeness >= BarRelation.alike, best.map({ likeness > $0.likeness }) ?? true {
        best = (parsed.bars[other].number, likeness)
      }
    }
    return best.map { .like($0.bar, isVaried: $0.likeness < 1) }
  }

  private func grid(of index: Int) -> MelodyGrid {
    var bar = MelodyBar()
    for note in parsed.notes where note.bar == index && note.kind != .grace {
      let length = note.length
      bar.notes.append(
        MelodyNote(
          pitch: note.pitch?.key, onset: 0,
          length: MelodyReader.whole * length.numerator / max(length.denominator, 1)))
    }
    return MelodyGrid([bar])
  }
}

extension Session {
  /// The phrases of the part in progress as letters, those that are to come included: `A A' A B`.
  /// Empty where nothing is planned.
  public var planWords: String {
    let planned = plannedBars
    guard let first = planned.first, let left = first.barsLeft, let length = first.partLength,
      length % 4 == 0, left <= length
    else { return "" }
    let start = first.number - (length - left)
    let size = length / 4
    func wish(_ number: Int) -> BarWish? {
      if let bar = planned.first(where: { $0.number == number }) { return bar.wish }
      return score.bar(numbered: number).flatMap { score.returning(bar: $0) }
    }
    var letters: [(letter: Int, isVaried: Bool)] = []
    var next = 0
    func isKnown(_ number: Int) -> Bool {
      planned.contains { $0.number == number } || number < first.number
    }
    for phrase in 0..<4 {
      guard isKnown(start + phrase * size) else { break }
      var found: (letter: Int, isVaried: Bool)?
      for offset in 0..<size {
        guard case .like(let other, let isVaried) = wish(start + phrase * size + offset) else {
          if found != nil { found?.isVaried = true }
          continue
        }
        let place = other - start
        guard place >= 0, place / size < phrase, place % size == offset else { continue }
        let letter = letters[place / size].letter
        if let known = found {
          if known.letter != letter { found?.isVaried = true }
        } else {
          found = (letter, isVaried || offset > 0)
        }
        if isVaried { found?.isVaried = true }
      }
      if found == nil {
        found = (next, false)
        next += 1
      }
      if let found { letters.append(found) }
    }
    return letters.map { entry in
      String(UnicodeScalar(UInt8(65 + entry.letter))) + (entry.isVaried ? "'" : "")
    }.joined(separator: " ")
  }
}

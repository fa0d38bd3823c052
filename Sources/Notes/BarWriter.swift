/// Writes the inside of one bar, without bar lines.
package struct BarWriter {
  /// The unit note length.
  package let unit: Int
  package let meter: WrittenMeter
  /// Where a bar line of this meter stands, to count beats from.
  package let origin: Int
  package var memory: AccidentalMemory
  /// Whether very short notes become grace notes, which are played in a time of their own.
  private let gathersGraces: Bool

  package init(
    unit: Int, meter: WrittenMeter, origin: Int, memory: AccidentalMemory,
    gathersGraces: Bool = true
  ) {
    self.unit = unit
    self.meter = meter
    self.origin = origin
    self.memory = memory
    self.gathersGraces = gathersGraces
  }

  /// Notes of one group stand close together: a beat, or half a bar in 4/4 and 2/2.
  private var group: Int {
    if meter.isCompound { return meter.beatLength }
    if meter.beats * 4 == meter.unit * 4 { return max(1, meter.barLength / 2) }
    return max(1, max(meter.beatLength, unit))
  }

  package mutating func text(_ items: [BarItem]) -> String {
    let items = gathersGraces ? gatheringGraces(items) : items
    var text = ""
    var index = 0
    while index < items.count {
      if index > 0 && startsGroup(items[index].start) { text += " " }
      if let tuplet = tuplet(from: index, in: items) {
        text += tuplet.mark
        for member in items[index..<tuplet.end] {
          text += note(member, length: member.length * tuplet.written / tuplet.sounding)
        }
        index = tuplet.end
      } else if index + 1 < items.count, let sign = brokenRhythm(items[index], items[index + 1]) {
        text += note(items[index], length: unit) + sign + note(items[index + 1], length: unit)
        index += 2
      } else {
        text += note(items[index], length: items[index].length)
        index += 1
      }
    }
    return text
  }

  private func startsGroup(_ moment: Int) -> Bool { (moment - origin) % group == 0 }

  private mutating func note(_ item: BarItem, length: Int) -> String {
    var text = item.fields
    text += item.symbol.map { "\"\($0)\"" } ?? ""
    if !item.graces.isEmpty {
      text += "{" + item.graces.map { memory.text($0) }.joined() + "}"
    }
    let names = item.keys.map {
      memory.text($0, isTiedFromBefore: item.isTiedFromBefore && item.graces.isEmpty)
        + ($0.isTiedOn ? "-" : "")
    }
    switch names.count {
    case 0: text += "z"
    case 1: text += names[0]
    default: text += "[" + names.joined() + "]"
    }
    text += WrittenLength.text(length, of: unit)
    return item.isTiedOn ? text + "-" : text
  }

  /// `>` for three halves and a half, `<` the other way round (ABC 2.1 §4.4).
  private func brokenRhythm(_ first: BarItem, _ second: BarItem) -> String? {
    guard (first.start - origin) % (2 * unit) == 0, first.length + second.length == 2 * unit,
      !first.isTiedOn, !first.keys.contains(where: \.isTiedOn),
      second.fields.isEmpty, !(first.keys.isEmpty && second.keys.isEmpty)
    else { return nil }
    if first.length * 2 == unit * 3 { return ">" }
    if first.length * 2 == unit { return "<" }
    return nil
  }

  /// Thirty-second notes or shorter just before a note that alone would have no length a person
  /// writes: grace notes, which take their time from it. They are played as a quarter of the unit,
  /// and never take as much as they leave.
  private func gatheringGraces(_ items: [BarItem]) -> [BarItem] {
    let graceLength = unit / 4
    guard unit.isMultiple(of: 4), graceLength * 32 <= Unit.perWhole else { return items }
    var result: [BarItem] = []
    var index = 0
    while index < items.count {
      var host = index
      while host < items.count, items[host].length == graceLength, items[host].keys.count == 1,
        !items[host].isTiedOn, !items[host].isTiedFromBefore,
        host == index || items[host].fields.isEmpty
      {
        host += 1
      }
      let count = host - index
      if (1...4).contains(count), host < items.count, !items[host].keys.isEmpty,
        items[host].fields.isEmpty, items[host].length > count * graceLength
      {
        var item = items[host]
        item.start = items[index].start
        item.length += count * graceLength
        item.graces = items[index..<host].flatMap(\.keys)
        item.symbol = items[index...host].lazy.compactMap(\.symbol).first
        item.fields = items[index].fields
        if isHidden(items[host].start, by: item) {
          result.append(item)
          index = host + 1
          continue
        }
      }
      result.append(items[index])
      index += 1
    }
    return result
  }

  /// Whether a note that starts at `start` would stand at a stranger place than with its graces.
  private func isHidden(_ start: Int, by item: BarItem) -> Bool {
    for step in [unit / 2, unit] {
      let isPlain = (item.start - origin).isMultiple(of: step) && item.length.isMultiple(of: step)
      if isPlain && !(start - origin).isMultiple(of: step) { return true }
    }
    return false
  }

  private struct Tuplet {
    /// Such as `(3` or `(5:4:6`.
    var mark: String
    var end: Int
    /// Written length = sounding length × `written` / `sounding`.
    var written: Int
    var sounding: Int
  }

  /// The shortest run from `first` that together has a plain length though its members have none.
  private func tuplet(from first: Int, in items: [BarItem]) -> Tuplet? {
    guard !WrittenLength.isPlain(items[first].length, of: unit) else { return nil }
    var total = 0
    for last in first..<min(items.count, first + 16) {
      total += items[last].length
      guard last > first, WrittenLength.isPlain(total, of: unit) else { continue }
      let members = items[first...last]
      var best: (tuplet: Tuplet, cost: Int)?
      for p in [3, 5, 7, 9] {
        let usual = p == 3 ? 2 : meter.isCompound ? 3 : 2
        for q in Set([usual, 2, 4, 8]).sorted() {
          let lengths = members.map { $0.length * p / q }
          guard zip(members, lengths).allSatisfy({ $0.length * p == $1 * q }),
            lengths.allSatisfy({ WrittenLength.isPlain($0, of: unit) })
          else { continue }
          let isUsual = q == usual && members.count == p
          let mark = isUsual ? "(\(p)" : "(\(p):\(q):\(members.count)"
          // Three are read in the time of two, whatever they are.
          let strangeness = p == 3 && q != usual ? 12 : 0
          let cost = lengths.reduce(mark.count + strangeness) {
            $0 + WrittenLength.text($1, of: unit).count * 2
          }
          if cost < best?.cost ?? .max {
            best = (Tuplet(mark: mark, end: last + 1, written: p, sounding: q), cost)
          }
        }
      }
      return best?.tuplet
    }
    return nil
  }
}

import ABC
import Music

/// Filling: bars, beats or notes written anew between music that stays.
extension Session {
  /// Alternatives of exactly these bars, by index into the parsed tune; of the first one's voice.
  mutating func fill(_ bars: ClosedRange<Int>, _ wanted: Int) -> [Effect] {
    endSelection()
    let voice = parsed.bars[bars.lowerBound].voice
    let own = bars.filter { parsed.bars[$0].voice == voice }
    let gaps = gaps(ofBars: own)
    guard !gaps.isEmpty else {
      notice("there is no music in \(barNames(bars)) to write anew")
      return []
    }
    guard isFree(gaps.map(\.range)) else { return [] }
    return open(.bars, .fill(gaps), Room(gaps: gaps), name: barNames(bars), wanted)
  }

  /// So many bars of a voice, from the one at a byte on, or as many as there are; `nil` where there
  /// is none.
  func bars(from byte: Int, _ count: Int) -> ClosedRange<Int>? {
    guard let first = score.bar(atByte: byte) else { return nil }
    let voice = parsed.bars[first].voice
    let own = parsed.bars.indices.filter { $0 >= first && parsed.bars[$0].voice == voice }
    return own.prefix(count).last.map { first...$0 }
  }

  /// The bars around the cursor that lie between locked ones, or before one; `nil` where no lock
  /// follows.
  var barsBetweenLocks: ClosedRange<Int>? {
    guard let here = score.bar(atByte: cursor), !isLocked(bar: here) else { return nil }
    let voice = parsed.bars[here].voice
    let own = parsed.bars.indices.filter { parsed.bars[$0].voice == voice }
    guard let next = own.first(where: { $0 > here && isLocked(bar: $0) }),
      let last = own.last(where: { $0 < next })
    else { return nil }
    return here...last
  }

  /// Alternatives of the cursor's note, or of its beat. What cannot stand alone (a note of a
  /// triplet) brings its beat or its bar along.
  mutating func fillNote(isBeat: Bool, _ wanted: Int) -> [Effect] {
    guard let index = score.note(atOrAfterByte: cursor) else {
      notice("no note here")
      return []
    }
    let note = parsed.notes[index]
    let bar = parsed.bars[note.bar]
    let inside = note.start - bar.start
    if !isBeat, let gap = gap(in: note.bar, from: inside, to: inside + note.length) {
      guard isFree([gap.range]) else { return [] }
      let name = "the note \(text.text(atBytes: gap.range)) in bar \(max(bar.number, 1))"
      return open(.notes, .fill([gap]), Room(gaps: [gap]), name: name, wanted)
    }
    let beat = parsed.header.beatLength
    let number = beat > .zero ? Int(inside.value / beat.value + 1e-9) : 0
    let start = beat * Fraction(number)
    if let gap = gap(in: note.bar, from: start, to: start + beat) {
      guard isFree([gap.range]) else { return [] }
      let name = "beat \(number + 1) of bar \(max(bar.number, 1))"
      return open(.notes, .fill([gap]), Room(gaps: [gap]), name: name, wanted)
    }
    return fill(note.bar...note.bar, wanted)
  }

  /// The gap between two moments of a bar, both counted from its start; `nil` where notes do not
  /// begin and end there by themselves.
  func gap(in bar: Int, from start: Fraction, to end: Fraction) -> Gap? {
    let origin = parsed.bars[bar].start
    let notes = parsed.notes.filter {
      $0.bar == bar && $0.kind != .grace && start <= $0.start - origin
        && $0.start - origin < end
    }
    guard let first = notes.first, let last = notes.last, first.start - origin == start,
      last.start + last.length - origin == end, start.isEven, end.isEven
    else { return nil }
    let bytes = Array(text.utf8)
    let range = BarFrame.whole(first.range.lowerBound..<last.range.upperBound, bytes)
    // Broken rhythm ties a note to its neighbour.
    let broken: [UInt8] = [UInt8(ascii: "<"), UInt8(ascii: ">")]
    func isBroken(_ place: Int) -> Bool {
      bytes.indices.contains(place) && broken.contains(bytes[place])
    }
    guard !isBroken(range.lowerBound - 1), !isBroken(range.upperBound) else { return nil }
    var gap = Gap(range, length: end)
    // Its chord symbol stands before it and stays.
    gap.allowsChordSymbols = false
    return gap
  }

  /// How many bytes behind the last gap are read to rank what fills it: the rest of the bar, and
  /// the next bars of the voice.
  func following(after gaps: [Gap], in version: History.Identifier) -> Int {
    guard let end = gaps.last?.range.upperBound else { return 0 }
    let isShown = version == history.currentIdentifier
    let score = isShown ? score : Score(text: history.versions[version].text)
    let voice = score.voice(atByte: end)
    let bars = score.parsed.bars.filter { $0.voice == voice && $0.range.upperBound > end }
    guard let last = bars.prefix(Session.barsRankedBy + 1).last else { return 0 }
    return last.range.upperBound - end
  }

  /// How many kept bars behind a gap take part in the ranking.
  static let barsRankedBy = 8
}

extension Fraction {
  /// Whether it has a power of two below: no place inside a triplet.
  fileprivate var isEven: Bool { denominator & (denominator - 1) == 0 }
}

extension BarFrame {
  /// A range of notes with the brackets of their chords and the lengths behind them.
  static func whole(_ range: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    if lower > 0, bytes[lower - 1] == UInt8(ascii: "[") { lower -= 1 }
    var end = upper
    while end < bytes.count, bytes[end] != UInt8(ascii: "]"), bytes[end] != UInt8(ascii: "|"),
      bytes[end] != UInt8(ascii: " "), bytes[end] != UInt8(ascii: "[")
    {
      end += 1
    }
    let opens = bytes[lower..<upper].count { $0 == UInt8(ascii: "[") }
    let closes = bytes[lower..<upper].count { $0 == UInt8(ascii: "]") }
    if opens > closes, end < bytes.count, bytes[end] == UInt8(ascii: "]") {
      upper = end + 1
      while upper < bytes.count,
        (48...57).contains(bytes[upper]) || bytes[upper] == UInt8(ascii: "/")
      {
        upper += 1
      }
    }
    return lower..<upper
  }
}

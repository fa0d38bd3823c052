import ABC
import Music

/// A draft's text as music: parsed, performed, and every question about places answered.
///
/// Three ways of saying where: a byte of the text, a moment of the written time line (whole notes,
/// repeats not unrolled), a tick of the performance (repeats unrolled).
public struct Score: Sendable {
  public let parsed: ParsedTune
  public let performance: Performance

  public init(text: String) { self.init(ParsedTune(text: text)) }

  init(_ parsed: ParsedTune) {
    self.parsed = parsed
    performance = parsed.performance(PlaybackOptions())
  }

  /// How many bars of the first voice are closed, pickups not counted; the two halves of a bar that
  /// a repeat divides are one.
  public var completeBars: Int { completeBars(ofVoice: 0) }

  /// How many bars of a voice are closed before a byte.
  public func completeBars(ofVoice voice: Int, before byte: Int = .max) -> Int {
    parsed.completeBars(ofVoice: voice, before: byte)
  }

  /// The number of the bar that the next character written at a byte belongs to.
  public func growingBar(atByte byte: Int = .max) -> Int {
    let voice = voice(atByte: byte)
    guard
      let last = parsed.bars.last(where: { $0.voice == voice && $0.range.lowerBound < byte })
    else { return 0 }
    return last.isClosed && last.range.upperBound <= byte ? last.number + 1 : max(last.number, 0)
  }

  /// The voice of the last bar that begins before a byte.
  public func voice(atByte byte: Int) -> Int {
    guard parsed.voices.count > 1 else { return 0 }
    return parsed.bars.last { $0.range.lowerBound < byte }?.voice ?? 0
  }

  /// The bars that have bytes in a range; `nil` when there are none.
  public func bars(inBytes range: Range<Int>) -> ClosedRange<Int>? {
    guard
      let first = parsed.bars.firstIndex(where: {
        $0.range.upperBound > range.lowerBound && $0.range.lowerBound < range.upperBound
      }), let last = parsed.bars.lastIndex(where: { $0.range.lowerBound < range.upperBound }),
      first <= last
    else { return nil }
    return first...last
  }

  /// The index of the bar a byte stands in; the last bar at the end of the text, `nil` before the
  /// first.
  public func bar(atByte byte: Int) -> Int? {
    var found: Int?
    for (index, bar) in parsed.bars.enumerated() where bar.range.lowerBound <= byte {
      found = index
      if byte < bar.range.upperBound { break }
    }
    return found
  }

  /// The index of the first bar with a number, counted from 1: of a voice, where it has one, or of
  /// any.
  public func bar(numbered number: Int, ofVoice voice: Int? = nil) -> Int? {
    let own = voice.flatMap { voice in
      parsed.bars.firstIndex { $0.number == number && $0.voice == voice }
    }
    return own ?? parsed.bars.firstIndex { $0.number == number }
  }

  /// The index of the sounding note or rest at a byte, or of the next one after it.
  public func note(atOrAfterByte byte: Int) -> Int? {
    parsed.notes.firstIndex { $0.range.upperBound > byte && $0.kind != .grace }
  }

  public func note(beforeByte byte: Int) -> Int? {
    parsed.notes.lastIndex { $0.range.lowerBound < byte && $0.kind != .grace }
  }

  /// When a byte is first heard. The end of the performance for a place after the last note.
  public func tick(atByte byte: Int) -> Tick {
    let sounding = performance.notes.lazy.filter { $0.written != nil }
    if let note = note(atOrAfterByte: byte), parsed.notes[note].kind == .note,
      let played = sounding.first(where: { $0.written == note })
    {
      return played.start
    }
    guard let bar = bar(atByte: byte) else { return .zero }
    let written = parsed.bars[bar]
    if byte >= written.range.upperBound, bar == parsed.bars.count - 1 { return performance.end }
    guard let leading = leadingBar(of: bar),
      let played = performance.bars.first(where: { $0.written == leading })
    else { return .zero }
    guard let note = note(atOrAfterByte: byte), parsed.notes[note].bar == bar else {
      return byte <= written.range.lowerBound ? played.start : played.end
    }
    return played.start + Tick(parsed.notes[note].start - parsed.bars[leading].start)
  }

  /// The bar by which a bar is played: its own in the first voice, in another one the bar of the
  /// first voice that sounds with it.
  func leadingBar(of bar: Int) -> Int? {
    guard parsed.bars.indices.contains(bar) else { return nil }
    let written = parsed.bars[bar]
    guard let voice = performance.bars.first.map({ parsed.bars[$0.written].voice }),
      voice != written.voice
    else { return bar }
    return parsed.bars.indices.last {
      parsed.bars[$0].voice == voice && parsed.bars[$0].start <= written.start
        && written.start < parsed.bars[$0].start + parsed.bars[$0].length
    }
  }

  /// The bar that sounds at a tick.
  public func playedBar(at tick: Tick) -> Performance.PlayedBar? {
    performance.bars.last { $0.start <= tick } ?? performance.bars.first
  }

  /// Bar number and beat (both from 1) that sound at a tick.
  public func position(at tick: Tick) -> (bar: Int, beat: Int) {
    guard let played = playedBar(at: tick), parsed.bars.indices.contains(played.written) else {
      return (1, 1)
    }
    let beat = max(Tick(parsed.header.beatLength).count, 1)
    return (
      parsed.bars[played.written].number, max(tick.count - played.start.count, 0) / beat + 1
    )
  }

  /// The bars in the order in which they are played, as runs of their numbers: `1-4 1-4 5-8`. Pickups
  /// go with the bar after them. Empty where everything is played once, from first to last.
  public var playedOrder: String {
    var runs: [ClosedRange<Int>] = []
    var isStraight = true
    var before: Performance.PlayedBar?
    for played in performance.bars where parsed.bars.indices.contains(played.written) {
      defer { before = played }
      let number = parsed.bars[played.written].number
      if let before, played.written != before.written + 1 { isStraight = false }
      guard number > 0 else { continue }
      if let last = runs.last, number == last.upperBound || number == last.upperBound + 1,
        before.map({ $0.written < played.written }) == true
      {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    guard !isStraight else { return "" }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: " ")
  }

  /// The written moment that sounds at a tick, for the playhead of the roll.
  public func writtenTime(at tick: Tick) -> Double {
    guard let played = playedBar(at: tick), parsed.bars.indices.contains(played.written) else {
      return 0
    }
    let start = parsed.bars[played.written].start.value
    let inside = min(max(tick.count - played.start.count, 0), (played.end - played.start).count)
    return start + Double(inside) / Double(4 * Tick.perQuarter)
  }

  /// The written notes that sound at a tick.
  public func soundingNotes(at tick: Tick) -> [Int] {
    performance.notes.compactMap { note in
      note.start <= tick && tick < note.end ? note.written : nil
    }
  }

  /// How far the text can be heard while it is written at a byte: to the end of the last bar that
  /// is closed before it.
  public func readyUntil(writePoint: Int) -> Tick {
    guard
      let open = parsed.bars.firstIndex(where: {
        $0.range.upperBound >= writePoint && !($0.isClosed && $0.range.upperBound == writePoint)
      })
    else { return performance.end }
    if let played = performance.bars.first(where: { $0.written == open }) { return played.start }
    // A bar of another voice than the first is heard at the same time as one of the first.
    let start = parsed.bars[open].start
    return performance.bars.first {
      parsed.bars.indices.contains($0.written) && parsed.bars[$0.written].start >= start
    }?.start ?? performance.end
  }

  /// The smallest byte range that holds some bars, from the first one's start.
  public func bytes(ofBars bars: ClosedRange<Int>) -> Range<Int> {
    guard let first = parsed.bars.indices.contains(bars.lowerBound) ? bars.lowerBound : nil else {
      return 0..<0
    }
    let last = min(bars.upperBound, parsed.bars.count - 1)
    return parsed.bars[first].range.lowerBound..<parsed.bars[last].range.upperBound
  }

  /// The first time some written bars are heard from first to last.
  public func ticks(ofBars bars: ClosedRange<Int>) -> Range<Tick>? {
    let leading = Set(bars.compactMap { leadingBar(of: $0) })
    guard let first = leading.min(), let last = leading.max(),
      let start = performance.bars.firstIndex(where: { $0.written == first })
    else { return nil }
    var end = performance.bars[start].end
    for played in performance.bars[start...] {
      guard leading.contains(played.written) else { break }
      end = max(end, played.end)
      if played.written == last { break }
    }
    return performance.bars[start].start..<end
  }
}

extension ParsedTune {
  /// How many bars of a voice are closed before a byte, pickups not counted.
  func completeBars(ofVoice voice: Int, before byte: Int = .max) -> Int {
    bars.reduce(0) {
      $1.isClosed && $1.voice == voice && $1.range.upperBound <= byte ? max($0, $1.number) : $0
    }
  }
}

extension IncrementalTune {
  /// Takes on another text by replacing what differs.
  mutating func become(_ text: String) {
    let old = Array(self.text.utf8)
    let new = Array(text.utf8)
    let start = zip(old, new).prefix { $0 == $1 }.count
    let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
    guard start < old.count || start < new.count else { return }
    // Cut at characters: bytes of one in two texts may agree by chance.
    var lower = start
    while lower > 0, lower < new.count, new[lower] & 0xC0 == 0x80 { lower -= 1 }
    while lower > 0, lower < old.count, old[lower] & 0xC0 == 0x80 { lower -= 1 }
    var kept = end
    while kept > 0, new[new.count - kept] & 0xC0 == 0x80 { kept -= 1 }
    replace(lower..<(old.count - kept), with: text.text(atBytes: lower..<(new.count - kept)))
  }
}

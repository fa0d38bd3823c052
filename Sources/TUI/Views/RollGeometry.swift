import ABC
import Compose
import Music

/// Where the written time line and the pitches lie on the roll. Repeats are not unrolled.
struct RollGeometry {
  struct Bar {
    /// Index into the parsed tune's bars.
    var index: Int
    var number: Int
    /// Whole notes.
    var start: Double
    var length: Double
    /// Column of its bar line; may lie left of the roll.
    var column: Int
    /// Columns between its bar lines.
    var width: Int
    /// Indices of the bars of all voices that sound in it.
    var voices: [Int]
    /// Where its notes stand on a staff; nil where time is measured out in columns.
    var spacing: StaffSpacing?
    /// Its number as the ruler shows it.
    var digits: String { number > 0 ? "\(number)" : "" }
  }

  /// How rows stand for pitches.
  enum Rows {
    /// Two semitones in each row; `top` is the upper half of the first.
    case half(top: Int)
    case semitones(top: Int)
    /// One scale degree in each row, from the top.
    case degrees([Int])
    /// One step of a staff in each row, in a key of so many sharps; see `StaffNote.step`.
    case staff(top: Int, fifths: Int)
  }

  var bars: [Bar] = []
  var rows = Rows.half(top: 82)
  let area: Area
  /// The row that bears the numbers of its bars.
  var rulerRow: Int?
  /// Where a line that another follows ends, in whole notes.
  var limit = Double.infinity
  let gutter: Int
  let isStaff: Bool
  let columnsPerWhole: Double
  let tonic: Int

  /// - Parameter asStaff: Whether the rows are steps of a staff; as the musician wishes where nil.
  init(
    _ session: Session, _ area: Area, isTall: Bool, symbols: Symbols, playhead: Tick,
    asStaff: Bool? = nil
  ) {
    self.area = area
    isStaff = asStaff ?? session.view.showsStaff
    let fifths = session.score.performance.keys.first?.fifths ?? 0
    gutter = isStaff ? 3 + min(abs(fifths), 7) : isTall ? 6 : 5
    columnsPerWhole = Double(8 * max(session.view.columnsPerUnit, 1))
    tonic = RollGeometry.tonic(of: session.parsed.header.key)
    layBars(session, focus: RollGeometry.focus(of: session, playhead: playhead))
    if isStaff {
      layStaff(session, fifths: fifths)
    } else {
      layRows(session, isTall: isTall, symbols: symbols)
    }
  }

  // MARK: Time

  /// The moment that should be seen: what the view follows, or the cursor.
  static func focus(of session: Session, playhead: Tick) -> Double {
    let isPlaying = session.player.state != .stopped
    let isWriting = session.generator == .running || session.generator == .resting
    switch session.view.follow {
    case .playhead where isPlaying: return session.score.writtenTime(at: playhead)
    case .playhead where isWriting, .head where isWriting:
      return writtenTime(atByte: session.head, in: session)
    default: return writtenTime(atByte: session.cursor, in: session)
    }
  }

  /// The first bar of the page that a bar is on, where pages hold as many whole bars as there is room.
  static func page(with bar: Int, of widths: [Int], _ room: Int) -> Int {
    var start = 0
    var used = 0
    for place in 0...max(bar, 0) where widths.indices.contains(place) {
      if used > 0, used + widths[place] > room { (start, used) = (place, 0) }
      used += widths[place]
    }
    return start
  }

  /// The moment at which a byte of the text stands, in whole notes.
  static func writtenTime(atByte byte: Int, in session: Session) -> Double {
    let parsed = session.parsed
    let after = session.score.note(atOrAfterByte: byte)
    if let bar = session.score.bar(atByte: byte) {
      let here = parsed.bars[bar]
      if let after, parsed.notes[after].bar == bar { return parsed.notes[after].start.value }
      if byte >= here.range.upperBound, after == nil || here.isClosed {
        return here.start.value + here.length.value
      }
      if let before = session.score.note(beforeByte: byte), parsed.notes[before].bar == bar {
        return parsed.notes[before].start.value + parsed.notes[before].length.value
      }
      return here.start.value
    }
    return after.map { parsed.notes[$0].start.value } ?? 0
  }

  /// Every bar of the tune in time, with its width and without a place.
  func allBars(of session: Session) -> [Bar] {
    let parsed = session.parsed
    var all: [Bar] = []
    // The bars of the first voice, and those of others where it has none.
    let order = parsed.bars.indices.sorted {
      let (left, right) = (parsed.bars[$0], parsed.bars[$1])
      return (left.start.value, left.voice, $0) < (right.start.value, right.voice, $1)
    }
    for index in order {
      let bar = parsed.bars[index]
      var length = bar.length.value
      // A bar that still grows keeps the width it will have.
      if !bar.isClosed { length = max(length, bar.expected?.value ?? length) }
      guard length > 0, length < 64 else { continue }
      if let last = all.indices.last, bar.start.value < all[last].start + all[last].length - 1e-9 {
        all[last].voices.append(index)
        continue
      }
      let width = max(Int((length * columnsPerWhole).rounded(.up)), 1)
      all.append(
        Bar(
          index: index, number: bar.number, start: bar.start.value, length: length, column: 0,
          width: width, voices: [index]))
    }
    return all
  }

  private mutating func layBars(_ session: Session, focus: Double) {
    var all = allBars(of: session)
    guard !all.isEmpty else { return }
    if isStaff { spaceNotes(of: &all, session) }
    // The bars that come are named right of the music.
    let isPlanned = session.plannedBars.contains { $0.number > all[all.count - 1].number }
    let room = area.width - gutter - (isPlanned ? area.width / 6 : 0)
    let focused = all.lastIndex { $0.start <= focus + 1e-9 } ?? 0
    var first = max(focused - 1, 0)
    let isByPage = session.view.isCalm && session.view.follow != .off
    if isByPage { first = RollGeometry.page(with: focused, of: all.map { $0.width + 1 }, room) }
    if session.view.follow == .off {
      // Where the musician put the view, as long as the place in question is seen there.
      let wanted = all.firstIndex { $0.index >= session.view.scrollBar } ?? 0
      let isSeen =
        wanted <= focused && all[wanted...focused].reduce(1) { $0 + $1.width + 1 } <= room
      if isSeen { first = wanted }
    }
    // Do not leave room empty at the end while there is music before.
    var total = all[first...].reduce(1) { $0 + $1.width + 1 }
    while first > 0, !isByPage, total + all[first - 1].width + 1 <= room {
      first -= 1
      total += all[first].width + 1
    }
    var column = area.column + gutter
    let isBefore = first < focused
    if isBefore, all[first].width + 1 + all[focused].width > room { first = focused }
    if all[first].width > room, first == focused {
      // One bar wider than the screen: keep the place in view.
      let inside = Int(columns(from: all[first].start, to: focus, in: all[first]))
      column -= min(max(inside - room * 2 / 3, 0), all[first].width - room / 2)
    }
    for var bar in all[first...] {
      guard column < area.end else { break }
      bar.column = column
      column += bar.width + 1
      bars.append(bar)
    }
  }

  /// The visible bar that holds a moment.
  func bar(at time: Double) -> Bar? {
    guard time < limit - 1e-9, let found = bars.last(where: { $0.start <= time + 1e-9 }),
      time < found.start + found.length + 1e-9
    else { return nil }
    return found
  }

  /// The column of a moment, with its fraction; `nil` outside the roll. A moment at a bar line
  /// belongs to the bar after it.
  func column(at time: Double) -> Double? {
    guard let bar = bar(at: time) else { return nil }
    let column = Double(bar.column + 1) + columns(from: bar.start, to: time, in: bar)
    return column < Double(area.end) ? column : nil
  }

  /// Columns between two moments of a bar.
  func columns(from start: Double, to end: Double, in bar: Bar) -> Double {
    guard let spacing = bar.spacing else { return (end - start) * columnsPerWhole }
    return spacing.column(at: end - bar.start, length: bar.length)
      - (start > bar.start ? spacing.column(at: start - bar.start, length: bar.length) : 0)
  }

  /// Columns that a note lasts, at most to the end of its bar on a staff.
  func columns(of note: ParsedTune.WrittenNote) -> Double {
    let (start, length) = (note.start.value, note.length.value)
    guard isStaff, let bar = bar(at: start) else { return length * columnsPerWhole }
    return columns(from: start, to: min(start + length, bar.start + bar.length), in: bar)
  }

  /// The moment under a column, for the mouse.
  func time(at column: Int) -> Double? {
    guard let bar = bars.last(where: { $0.column < column }) else { return bars.first?.start }
    if let spacing = bar.spacing { return bar.start + spacing.time(at: column - bar.column - 1) }
    return bar.start + min(Double(column - bar.column - 1) / columnsPerWhole, bar.length)
  }

  // MARK: Pitch

  /// The pitch class of a key such as `F#m` or `Bb`; C for what is none.
  static func tonic(of key: String) -> Int {
    let classes: [Character: Int] = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]
    guard let letter = key.first, let tone = classes[letter] else { return 0 }
    switch key.dropFirst().first {
    case "#": return (tone + 1) % 12
    case "b": return (tone + 11) % 12
    default: return tone
    }
  }

  /// Pitch classes of the key signature, from its sharps.
  static func scale(fifths: Int) -> Set<Int> {
    let start = ((fifths * 7) % 12 + 12) % 12
    return Set([0, 2, 4, 5, 7, 9, 11].map { (start + $0) % 12 })
  }

  private mutating func layRows(_ session: Session, isTall: Bool, symbols: Symbols) {
    let notes = session.parsed.notes
    var (low, high) = (128, -1)
    for note in notes {
      guard let key = note.pitch?.key else { continue }
      low = min(low, key)
      high = max(high, key)
    }
    if high < 0 { (low, high) = (60 + tonic % 12, 72 + tonic % 12) }
    let usesDegrees = symbols == .ascii
    let span = usesDegrees ? area.height * 12 / 7 : isTall ? area.height : area.height * 2
    if high - low + 1 > span, let first = bars.first, let last = bars.last {
      let (from, to) = (first.start, last.start + last.length)
      (low, high) = (128, -1)
      for note in notes where note.start.value >= from && note.start.value < to {
        guard let key = note.pitch?.key else { continue }
        low = min(low, key)
        high = max(high, key)
      }
      if high < 0 { (low, high) = (60, 72) }
    }
    let middle = (low + high + 1) / 2 + session.view.scrollPitch
    var top = middle + span / 2
    if high - low < span, session.view.scrollPitch == 0 {
      top = min(max(top, high), max(low + span - 1, high))
    }
    top = min(max(top, span - 1), 127)
    if usesDegrees {
      let fifths = session.score.performance.keys.first?.fifths ?? 0
      let scale = RollGeometry.scale(fifths: fifths)
      let inScale = (0...127).reversed().filter { scale.contains($0 % 12) }
      let start = inScale.firstIndex { $0 <= top } ?? 0
      rows = .degrees(Array(inScale.dropFirst(start).prefix(area.height)))
    } else if isTall {
      rows = .semitones(top: top)
    } else {
      // Pairs are D and C sharp, C and B ...: the upper is even, so that D and C name rows.
      var even = top % 2 == 0 ? top : top + 1
      if even > top, low < even - span + 1, high <= top - 1 { even = top - 1 }
      rows = .half(top: even)
    }
  }

  /// The row of a key on the roll (from 0), and which half; `nil` where it is off the roll.
  func place(of key: Int) -> (row: Int, isLower: Bool)? {
    let row: Int
    var isLower = false
    switch rows {
    case .half(let top):
      guard key <= top else { return nil }
      row = (top - key) / 2
      isLower = (top - key) % 2 == 1
    case .semitones(let top):
      guard key <= top else { return nil }
      row = top - key
    case .staff(let top, let fifths):
      let steps = (0..<area.height).map { top - $0 }
      row = steps.firstIndex { StaffNote.key(of: $0, fifths: fifths) <= key } ?? area.height
    case .degrees(let keys):
      guard let first = keys.first, key <= first + 1 else { return nil }
      row = keys.firstIndex { $0 <= key } ?? keys.count
    }
    return row < area.height ? (row, isLower) : nil
  }

  /// The keys that a row stands for, upper first.
  func keys(ofRow row: Int) -> [Int] {
    switch rows {
    case .half(let top): [top - 2 * row, top - 2 * row - 1]
    case .semitones(let top): [top - row]
    case .degrees(let keys): keys.indices.contains(row) ? [keys[row]] : []
    case .staff(let top, let fifths): [StaffNote.key(of: top - row, fifths: fifths)]
    }
  }

  static func isBlack(_ key: Int) -> Bool { [1, 3, 6, 8, 10].contains((key % 12 + 12) % 12) }

  static let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
  static let flatNames = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]

  /// `D5`, `F#4`; with flats where the key has them.
  static func name(of key: Int, usesFlats: Bool = false) -> String {
    let pitch = (key % 12 + 12) % 12
    return (usesFlats ? flatNames : names)[pitch] + "\(key / 12 - 1)"
  }
}

import ABC
import Music

/// What music is read with: the values of `M:`, `L:` and `K:`, and of `Q:` where there is one.
struct PhraseFields: Equatable {
  var meter = "none"
  var unit = "1/8"
  var key = "C"
  var tempo = ""

  /// Inline fields that take music from other fields to these.
  func inline(after other: PhraseFields) -> String {
    (meter == other.meter ? "" : "[M:\(meter)]") + (unit == other.unit ? "" : "[L:\(unit)]")
      + (tempo == other.tempo || tempo.isEmpty ? "" : "[Q:\(tempo)]")
      + (key == other.key ? "" : "[K:\(key)]")
  }

  /// - Parameters:
  ///   - header: The lines of a header.
  ///   - unit: The unit length it means, which need not be said.
  init(header: String, unit: Fraction) {
    self.unit = "\(unit.numerator)/\(unit.denominator)"
    for line in header.split(separator: "\n") {
      guard let letter = line.first, line.dropFirst().first == ":" else { continue }
      set(letter, String(line.dropFirst(2).prefix { $0 != "%" }).trimmingSpaces())
    }
  }

  mutating func set(_ letter: Character, _ value: String) {
    switch letter {
    case "M": meter = value
    case "L": unit = value
    case "K": key = value
    case "Q": tempo = value
    default: break
    }
  }
}

/// A phrase of one voice taken apart: what it is read with, and its bars without what frames them.
struct PhraseMusic {
  private(set) var fields: PhraseFields
  /// The music of each bar, with the blanks and line ends in front of it; no bar lines, no endings.
  private(set) var bars: [String]
  /// The bar line behind each bar but the last: `|` or `||`.
  private(set) var lines: [String]
  /// The lines of words below its last line.
  private(set) var words: String
  /// All of it as it was written, where it holds repeats or endings that belong to it.
  private(set) var whole: String?
  /// The bars of each time it is played, by place; one run where nothing is repeated.
  private(set) var passes: [[Int]]
  /// How long the bar before its first bar line is where it is a pickup, in whole notes.
  private(set) var pickup: Fraction?
  /// How long its last bar is where that is shorter than the meter asks for.
  private(set) var shortEnd: Fraction?
  /// What the meter asks of a bar; `nil` in free meter.
  private(set) var barLength: Fraction?
  /// Its notes in the order in which they are written.
  private(set) var pitches: [Pitch]
  /// Bars inside of it that do not add up, in words.
  private(set) var faults: [String] = []

  /// Reads a small tune; `nil` where it holds no notes.
  ///
  /// - Parameter mayRest: Whether rests alone will do, as in a voice beside others.
  init?(_ text: String, mayRest: Bool = false) {
    let tune = ParsedTune(text: text)
    guard let first = tune.bars.first, let last = tune.bars.last,
      tune.notes.contains(where: { $0.kind == .note || (mayRest && $0.kind == .rest) })
    else { return nil }
    var fields = PhraseFields(
      header: text.text(atBytes: 0..<tune.body.lowerBound), unit: tune.header.unitLength)
    var start = min(tune.body.lowerBound, first.range.lowerBound)
    var raw: [String] = []
    for bar in tune.bars {
      raw.append(text.text(atBytes: start..<max(start, bar.range.upperBound)))
      start = max(start, bar.range.upperBound)
    }
    for (letter, value) in PhraseMusic.takeFields(&raw[0]) { fields.set(letter, value) }
    self.fields = fields
    bars = raw.map { PhraseMusic.withoutLine(PhraseMusic.withoutSign($0)) }
    lines = raw.dropLast().map { PhraseMusic.endsWithDouble($0) ? "||" : "|" }
    let rest = text.text(atBytes: last.range.upperBound..<text.utf8.count)
    words = rest.split(separator: "\n").filter { $0.hasPrefix("w:") || $0.hasPrefix("+:") }
      .joined(separator: "\n")
    passes = [Array(tune.bars.indices)]
    barLength = first.expected
    if tune.bars.count > 1 {
      if let length = first.expected, first.length < length { pickup = first.length }
      if let length = last.expected, last.length < length { shortEnd = last.length }
    }
    pitches = tune.notes.compactMap { $0.kind == .note ? $0.pitch : nil }
    for (place, bar) in tune.bars.enumerated().dropFirst().dropLast() where !bar.mayDiffer {
      if let length = bar.expected, bar.length != length {
        faults.append("its bar \(place + 1) holds \(bar.length), not \(length)")
      }
    }
    readRepeats(raw)
  }

  /// Finds out whether the signs inside mean something without those at both ends.
  private mutating func readRepeats(_ raw: [String]) {
    let inner = PhraseMusic.withoutLine(PhraseMusic.withoutRepeat(before: raw.joined()))
    let head = "X:1\nM:\(fields.meter)\nL:\(fields.unit)\nK:\(fields.key)\n"
    let order = Score(text: head + inner + "|\n").performance.bars.map(\.written)
    guard order != Array(bars.indices), !order.isEmpty else { return }
    passes = []
    for bar in order {
      if let last = passes.last?.last, bar > last {
        passes[passes.count - 1].append(bar)
      } else {
        passes.append([bar])
      }
    }
    var text = raw.joined()
    while text.last?.isWhitespace == true { text.removeLast() }
    let isOpen = passes.dropFirst().contains { $0.first == 0 }
    let begins = text.drop { $0.isWhitespace }
    if isOpen, !begins.hasPrefix("|:"), !begins.hasPrefix("[|:") { text = "|:" + text }
    whole = text
  }

  /// The music of one time it is played, without repeats; `nil` where it is not played so often.
  func pass(_ number: Int) -> PhraseMusic? {
    guard passes.count >= number, passes.allSatisfy({ $0.first == 0 }) else { return nil }
    let chosen = passes[number - 1]
    var phrase = self
    phrase.whole = nil
    phrase.bars = chosen.map { bars[$0] }
    phrase.lines = chosen.dropLast().map { $0 < lines.count ? lines[$0] : "|" }
    phrase.passes = [Array(chosen.indices)]
    return phrase
  }

  /// Its bars with the bar lines between them.
  var music: String {
    whole ?? zip(bars, lines + [""]).map { $0 + $1 }.joined().trimmingLines()
  }

  // MARK: Signs

  /// Takes the fields off that stand before the music, inline or as lines.
  private static func takeFields(_ music: inout String) -> [(Character, String)] {
    var found: [(Character, String)] = []
    while true {
      let start = music.drop { $0 == " " || $0 == "\n" }
      let isInline = start.first == "["
      let name = isInline ? start.dropFirst() : start
      guard let letter = name.first, "IKLMNPQRTV".contains(letter), name.dropFirst().first == ":",
        let end = start.firstIndex(of: isInline ? "]" : "\n")
      else { return found }
      let value = name[name.index(name.startIndex, offsetBy: 2)..<end]
      found.append((letter, String(value.prefix { $0 != "%" }).trimmingSpaces()))
      music = String(start[start.index(after: end)...])
    }
  }

  /// Without a bar line, repeat sign or number of an ending in front; blanks in front stay.
  private static func withoutSign(_ bar: String) -> String {
    let blank = bar.prefix { $0 == " " || $0 == "\n" }
    let rest = bar.dropFirst(blank.count)
    var music = rest
    if music.hasPrefix("[|") { music = music.dropFirst() }
    music = music.drop { $0 == "|" || $0 == ":" || $0 == " " }
    var number = music.first == "[" ? music.dropFirst() : music
    if number.first?.isNumber == true {
      number = number.drop { $0.isNumber || $0 == "," || $0 == "-" }
      music = number.drop { $0 == " " }
    }
    return music.count == rest.count ? bar : String(blank) + music
  }

  /// Without a repeat sign or bar line in front.
  private static func withoutRepeat(before music: String) -> String {
    var rest = music.drop { $0 == " " || $0 == "\n" }
    if rest.hasPrefix("[|") { rest = rest.dropFirst() }
    return String(rest.drop { $0 == "|" || $0 == ":" })
  }

  private static func endsWithDouble(_ bar: String) -> Bool {
    var bar = bar[...]
    while bar.last?.isWhitespace == true { bar.removeLast() }
    return bar.hasSuffix("||")
  }

  /// Without the bar line or repeat sign at the end.
  static func withoutLine(_ music: String) -> String {
    var music = music
    func trim() { while let last = music.last, last == " " || last == "\n" { music.removeLast() } }
    trim()
    if music.hasSuffix("|]") { music.removeLast() }
    var hadLine = false
    while let last = music.last, last == "|" || last == ":" {
      hadLine = hadLine || last == "|"
      music.removeLast()
    }
    if hadLine, music.last == "[" { music.removeLast() }
    trim()
    return music
  }
}

extension String {
  /// Without blanks and line ends at both ends.
  func trimmingLines() -> String {
    let start = drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}

import Music

/// What `Q:` says (ABC 2.1 §3.1.8, §10).
struct TempoField: Hashable, Sendable {
  /// How a number without a beat was read.
  enum BareNumber: Hashable, Sendable {
    /// As the standard's old form asks: so many unit lengths a minute.
    case units
    /// So many quarters, because the old form would give no tempo that anyone plays.
    case quarters
  }

  private(set) var quartersPerMinute: Double?
  private(set) var text = ""
  /// `nil` where a beat is given.
  private(set) var bareNumber: BareNumber?
  /// The beat and number of `1/4 120`, which lacks its `=`.
  private(set) var lacksEquals = false
  let unit: Fraction
  /// Whether neither a number nor a known word was found.
  private(set) var isUnknown = false

  /// Italian and other words with their usual tempo in quarter notes a minute.
  private static let words: [(String, Double)] = [
    ("larghissimo", 40), ("prestissimo", 210), ("larghetto", 63), ("adagietto", 74),
    ("andantino", 84), ("allegretto", 114), ("moderato", 104), ("andante", 79), ("adagio", 59),
    ("allegro", 120), ("vivace", 144), ("presto", 184), ("largo", 50), ("lento", 53),
    ("grave", 43), ("vivo", 140),
  ]

  init(_ field: String, unit: Fraction) {
    self.unit = unit
    if let plain = TempoField.plain(field) {
      set(plain)
      return
    }
    var numbers: [UInt8] = []
    var quoted: [UInt8] = []
    var isQuoted = false
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
        numbers.append(0x20)
      } else if isQuoted {
        quoted.append(byte)
      } else {
        numbers.append(byte)
      }
    }
    text = decodeText(String(decoding: quoted, as: UTF8.self))
    read(String(decoding: trimmed(numbers[...]), as: UTF8.self))
    guard quartersPerMinute == nil else { return }
    let lower = (text.isEmpty ? field : text).lowercased()
    if let word = TempoField.words.first(where: { lower.utf8Contains($0.0) }) {
      quartersPerMinute = word.1
    } else {
      isUnknown = true
    }
  }

  /// Quarters a minute of `1/4=120`, as a tempo nearly always is; `nil` for any other text.
  private static func plain(_ field: String) -> Double? {
    guard let equals = field.utf8.firstIndex(of: UInt8(ascii: "=")),
      let (top, bottom) = plainRatio(field[..<equals]), top > 0, bottom > 0
    else { return nil }
    let digits = field.utf8[field.utf8.index(after: equals)...]
    guard digits.count <= 4, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let count = Int(Substring(digits)), count > 0
    else { return nil }
    return Fraction(top, bottom).value * 4 * Double(count)
  }

  private mutating func read(_ numbers: String) {
    guard !numbers.isEmpty else { return }
    let halves = numbers.utf8.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false
    ).map { String(decoding: trimmed(Array($0)[...]), as: UTF8.self) }
    guard halves.count == 2 else {
      readWithoutEquals(fieldWords(numbers))
      return
    }
    // `120=1/4`, the wrong way round, says what it means, too.
    if halves[1].utf8.contains(UInt8(ascii: "/")) {
      guard let count = TempoField.number(halves[0]), let beats = beats(halves[1]) else { return }
      set(beats.value * 4 * count)
    } else if let count = TempoField.number(halves[1]), let beats = beats(halves[0]) {
      set(beats.value * 4 * count)
    }
  }

  private mutating func readWithoutEquals(_ words: [String]) {
    if words.count > 1, let beats = beats(words.dropLast().joined(separator: " ")),
      let count = TempoField.number(words[words.count - 1])
    {
      lacksEquals = true
      set(beats.value * 4 * count)
      return
    }
    guard let first = words.first, let count = TempoField.number(first) else { return }
    let inUnits = unit.value * 4 * count
    let usual = 30.0...300.0
    bareNumber = !usual.contains(inUnits) && usual.contains(count) ? .quarters : .units
    set(bareNumber == .quarters ? count : inUnits)
  }

  /// `1/4`, `1/4 3/8`, a printed note, or the old `C` and `C3`, which count unit lengths;
  /// `nil` where a word is none of these.
  private func beats(_ text: String) -> Fraction? {
    var beats = Fraction.zero
    for word in fieldWords(text) {
      let bytes = Array(word.utf8)
      let isOld = bytes.first.map { $0 | 0x20 } == UInt8(ascii: "c")
      let parts = bytes[(isOld ? 1 : 0)...].split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
      ).map { Int(String(decoding: $0, as: UTF8.self)) }
      if bytes.contains(where: { $0 >= 0x80 }), let length = TempoField.printed[word] {
        beats += length
      } else if isOld, bytes.count == 1 {
        beats += unit
      } else if isOld, parts.count <= 2, let top = parts[0], (1...99).contains(top) {
        let bottom = parts.count > 1 ? parts[1] ?? 0 : 1
        guard (1...99).contains(bottom) else { return nil }
        beats += unit * Fraction(top, bottom)
      } else if !isOld, parts.count == 2, let top = parts[0], let bottom = parts[1],
        (1...999).contains(top), (1...999).contains(bottom)
      {
        beats += Fraction(top, bottom)
      } else {
        return nil
      }
    }
    return beats > .zero ? beats : nil
  }

  private static let printed: [String: Fraction] = [
    "\u{1D15E}": Fraction(1, 2), "♩": Fraction(1, 4), "♪": Fraction(1, 8), "♩.": Fraction(3, 8),
    "\u{1D15F}": Fraction(1, 4), "\u{1D160}": Fraction(1, 8),
  ]

  /// What to say about a number without a beat, or none at all.
  var remark: (severity: Diagnostic.Severity, sentence: String)? {
    if isUnknown {
      return (.warning, "This tempo gives no number above 0; the one before it stays.")
    }
    if lacksEquals {
      return (.note, "A tempo needs an = between beat and number, as in 1/4=120; it is read so.")
    }
    switch bareNumber {
    case .units:
      return (
        .note, "A tempo without a beat is an old form: it counts notes of the length \(unit)."
      )
    case .quarters:
      return (
        .note,
        "A tempo without a beat counts notes of the length \(unit) in the old form, which would be "
          + "too \(4 * unit.value < 1 ? "slow" : "fast") here; it is read as quarters a minute."
      )
    case nil: return nil
    }
  }

  private mutating func set(_ quarters: Double) {
    quartersPerMinute = min(max(quarters, 1), 4000)
  }

  /// The number that a text begins with, as in `120`, `62.5`, `ca. 80` and `100-110`, but not in
  /// `1/8`.
  private static func number(_ text: String) -> Double? {
    var bytes = Array(text.utf8)[...]
    for word in ["ca.", "ca", "c.", "~"] where bytes.starts(with: word.utf8) {
      bytes = trimmed(bytes.dropFirst(word.utf8.count))
      break
    }
    let digits = bytes.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    guard bytes.dropFirst(digits.count).first != UInt8(ascii: "/") else { return nil }
    guard let number = Double(String(decoding: digits.prefix(9), as: UTF8.self)), number > 0 else {
      return nil
    }
    return number
  }
}

extension String {
  /// Whether `part` occurs, byte for byte.
  func utf8Contains(_ part: String) -> Bool {
    let text = Array(utf8)
    let pattern = Array(part.utf8)
    guard pattern.count <= text.count else { return false }
    return (0...(text.count - pattern.count)).contains { start in
      text[start..<(start + pattern.count)].elementsEqual(pattern)
    }
  }
}

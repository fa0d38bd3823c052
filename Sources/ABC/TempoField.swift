import Music

/// What `Q:` says (ABC 2.1 §3.1.8, §10).
struct TempoField: Hashable, Sendable {
  var quartersPerMinute: Double?
  var text = ""
  /// Whether the number counts unit lengths, the old form `Q:120`.
  var countsUnits = false
  var unit: Fraction
  /// Whether neither a number nor a known word was found.
  var isUnknown = false

  /// Italian and other words with their usual tempo in quarter notes a minute.
  private static let words: [(String, Double)] = [
    ("larghissimo", 40), ("prestissimo", 210), ("larghetto", 63), ("adagietto", 74),
    ("andantino", 84), ("allegretto", 114), ("moderato", 104), ("andante", 79), ("adagio", 59),
    ("allegro", 120), ("vivace", 144), ("presto", 184), ("largo", 50), ("lento", 53),
    ("grave", 43), ("vivo", 140),
  ]

  init(_ field: String, unit: Fraction) {
    self.unit = unit
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

  private mutating func read(_ numbers: String) {
    guard !numbers.isEmpty else { return }
    let halves = numbers.utf8.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    let last = String(decoding: trimmed(Array(halves[halves.count - 1])[...]), as: UTF8.self)
    guard let count = TempoField.number(last), count > 0 else { return }
    guard halves.count == 2 else {
      countsUnits = true
      set(unit.value * 4 * count)
      return
    }
    var beats = Fraction.zero
    for word in fieldWords(String(decoding: Array(halves[0]), as: UTF8.self)) {
      let parts = word.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .map { Int(String(decoding: $0, as: UTF8.self)) }
      if parts.count == 2, let top = parts[0], let bottom = parts[1], (1...999).contains(top),
        (1...999).contains(bottom)
      {
        beats += Fraction(top, bottom)
      } else if word.utf8.first == UInt8(ascii: "C") || word.utf8.first == UInt8(ascii: "c") {
        // The old `C=120` and `C3=40` count unit lengths.
        let times = Int(String(word.dropFirst())) ?? 1
        beats += unit * min(max(times, 1), 99)
      }
    }
    guard beats > .zero else { return }
    set(beats.value * 4 * count)
  }

  private mutating func set(_ quarters: Double) {
    quartersPerMinute = min(max(quarters, 1), 4000)
  }

  private static func number(_ text: String) -> Double? {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    return Double(String(decoding: Array(digits.prefix(9)), as: UTF8.self))
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

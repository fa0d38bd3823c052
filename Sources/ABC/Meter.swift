import Music

/// A time signature as `M:` writes it.
struct Meter: Hashable, Sendable {
  /// Beats in a bar; 0 in free meter.
  var beats: Int
  var unit: Int

  static let common = Meter(beats: 4, unit: 4)
  static let free = Meter(beats: 0, unit: 4)

  var isFree: Bool { beats == 0 }

  /// One bar in whole notes; `nil` in free meter.
  var barLength: Fraction? { isFree ? nil : Fraction(beats, unit) }

  /// 6, 9 or 12 eighths or shorter: the beat is three units long (ABC 2.1 §4.13).
  var isCompound: Bool { (beats == 6 || beats == 9 || beats == 12) && unit >= 8 }

  var beatLength: Fraction { isCompound ? Fraction(3, unit) : Fraction(1, unit) }

  /// The unit length when `L:` is missing (ABC 2.1 §3.1.7).
  var defaultUnitLength: Fraction {
    !isFree && beats * 4 < unit * 3 ? Fraction(1, 16) : Fraction(1, 8)
  }

  /// Reads the text after `M:`; `nil` when it is no meter, or more than one.
  init?(_ text: String) {
    guard let (meter, rest) = Meter.read(text), rest.isEmpty else { return nil }
    self = meter
  }

  /// A meter at the start of a text, and what stands after it: `6/8` and `jig`.
  static func read(_ text: String) -> (meter: Meter, rest: String)? {
    if let (beats, unit) = plainRatio(text), (1...512).contains(beats), (1...512).contains(unit) {
      return (Meter(beats: beats, unit: unit), "")
    }
    let bytes = Array(trimmed(Array(text.utf8)[...]))
    if let found = named(bytes) { return found }
    var reader = SumReader(bytes: bytes)
    guard let meter = reader.read() else { return nil }
    return (meter, String(decoding: trimmed(bytes[reader.index...]), as: UTF8.self))
  }

  private static let names: [(name: String, meter: Meter)] = [
    ("none", .free), ("free", .free), ("c|", Meter(beats: 2, unit: 2)), ("c", .common),
    ("cut", Meter(beats: 2, unit: 2)), ("common", .common),
  ]

  private static func named(_ bytes: [UInt8]) -> (meter: Meter, rest: String)? {
    guard !bytes.isEmpty else { return (.free, "") }
    let word = bytes.prefix { $0 != 0x20 && $0 != 0x09 }
    let lower = String(decoding: word, as: UTF8.self).lowercased()
    guard let found = names.first(where: { $0.name == lower }) else { return nil }
    let rest = trimmed(bytes[word.count...])
    // `C |`, with a blank.
    if found.name == "c", rest.elementsEqual([UInt8(ascii: "|")]) {
      return (Meter(beats: 2, unit: 2), "")
    }
    return (found.meter, String(decoding: rest, as: UTF8.self))
  }

  /// Reads `(2+3+2)/8` and `2+3/8`, which count all their beats, and `3/4+2/4`, a sum of fractions.
  private struct SumReader {
    let bytes: [UInt8]
    /// Behind the meter.
    private(set) var index = 0

    private func next(after place: Int) -> Int {
      var place = place
      while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
      return place
    }

    mutating func read() -> Meter? {
      var total = Fraction.zero
      var pending: [Int] = []
      var unit = 0
      var place = 0
      // Whether a number may stand here: two numbers in a row are two meters.
      var wantsNumber = true
      scan: while place < bytes.count {
        switch bytes[place] {
        case 0x30...0x39:
          guard wantsNumber else { break scan }
          pending.append(Meter.number(bytes, &place))
          wantsNumber = false
          if unit > 0, bytes[next(after: place)...].first != UInt8(ascii: "/"), !isInSum(place) {
            return nil
          }
        case UInt8(ascii: "/"):
          place = next(after: place + 1)
          guard place < bytes.count, (0x30...0x39).contains(bytes[place]) else { return nil }
          let bottom = Meter.number(bytes, &place)
          guard bottom > 0, bottom <= 512, !pending.isEmpty else { return nil }
          for top in pending { total += Fraction(top, bottom) }
          pending = []
          unit = max(unit, bottom)
          index = place
        case UInt8(ascii: "+"):
          wantsNumber = true
          place += 1
        case UInt8(ascii: "(") where unit > 0 && !wantsNumber: break scan
        case UInt8(ascii: "("), UInt8(ascii: ")"):
          place += 1
          if unit > 0, pending.isEmpty { index = place }
        case 0x20, 0x09: place += 1
        default: break scan
        }
      }
      guard unit > 0, pending.isEmpty else { return nil }
      let beats = total * unit
      guard beats.denominator == 1, (1...512).contains(beats.numerator) else { return nil }
      return Meter(beats: beats.numerator, unit: unit)
    }

    /// Whether a `+` or `)` follows.
    private func isInSum(_ place: Int) -> Bool {
      let byte = bytes[next(after: place)...].first
      return byte == UInt8(ascii: "+") || byte == UInt8(ascii: ")")
    }
  }

  /// Whether the lower number is a note length that is written: 1, 2, 4, 8 ...
  var isWritable: Bool { unit & (unit - 1) == 0 }

  /// With the nearest lower number that is a note length: 2/4 for 2/3.
  var nearestWritable: Meter { Meter(beats: beats, unit: nearestPowerOfTwo(to: unit)) }

  init(beats: Int, unit: Int) {
    self.beats = beats
    self.unit = unit
  }

  fileprivate static func number(_ bytes: [UInt8], _ index: inout Int) -> Int {
    var value = 0
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
      value = min(value * 10 + Int(bytes[index] - 0x30), 100_000)
      index += 1
    }
    return value
  }
}

/// The two numbers of `6/8`, of at most three digits each; `nil` for any other text.
func plainRatio(_ text: some StringProtocol) -> (top: Int, bottom: Int)? {
  guard text.utf8.count <= 7 else { return nil }
  var numbers = (0, 0)
  var digits = 0
  var isBelow = false
  for byte in text.utf8 {
    if byte == UInt8(ascii: "/"), !isBelow, digits > 0 {
      isBelow = true
      digits = 0
    } else if (0x30...0x39).contains(byte), digits < 3 {
      digits += 1
      if isBelow {
        numbers.1 = numbers.1 * 10 + Int(byte - 0x30)
      } else {
        numbers.0 = numbers.0 * 10 + Int(byte - 0x30)
      }
    } else {
      return nil
    }
  }
  return isBelow && digits > 0 ? numbers : nil
}

/// 4 for 3, 8 for 7: of two that are as near, the greater; at most 64.
func nearestPowerOfTwo(to number: Int) -> Int {
  var power = 1
  while power < 64, number - power >= 2 * power - number, number != power { power *= 2 }
  return power
}

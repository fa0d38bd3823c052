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

  /// Reads the text after `M:`; `nil` when it is no meter.
  init?(_ text: String) {
    if let (beats, unit) = plainRatio(text), (1...512).contains(beats), (1...512).contains(unit) {
      self.init(beats: beats, unit: unit)
      return
    }
    let bytes = Array(text.utf8.filter { $0 != 0x20 && $0 != 0x09 })
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "none", "", "free":
      self = .free
      return
    case "c":
      self = .common
      return
    case "c|":
      self.init(beats: 2, unit: 2)
      return
    default: break
    }
    // (2+3+2)/8 and 2+3/8 count all their beats; 3/4+2/4 adds up fractions.
    var total = Fraction.zero
    var pending: [Int] = []
    var unit = 0
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case 0x30...0x39:
        pending.append(Meter.number(bytes, &index))
      case Character("/").asciiValue:
        index += 1
        guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else { return nil }
        let bottom = Meter.number(bytes, &index)
        guard bottom > 0, bottom <= 512 else { return nil }
        for top in pending { total += Fraction(top, bottom) }
        pending = []
        unit = max(unit, bottom)
      case UInt8(ascii: "+"), UInt8(ascii: "("), UInt8(ascii: ")"):
        index += 1
      default:
        return nil
      }
    }
    guard unit > 0, pending.isEmpty else { return nil }
    let beats = total * unit
    guard beats.denominator == 1, (1...512).contains(beats.numerator) else { return nil }
    self.init(beats: beats.numerator, unit: unit)
  }

  init(beats: Int, unit: Int) {
    self.beats = beats
    self.unit = unit
  }

  private static func number(_ bytes: [UInt8], _ index: inout Int) -> Int {
    var value = 0
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
      value = min(value * 10 + Int(bytes[index] - 0x30), 100_000)
      index += 1
    }
    return value
  }
}

/// The two numbers of `6/8`, of at most three digits each; `nil` for any other text.
func plainRatio(_ text: String) -> (top: Int, bottom: Int)? {
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

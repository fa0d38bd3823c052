internal import Glibc

extension String {
  /// The text of a meta event. The file does not say how it is encoded: UTF-8 where the bytes are,
  /// else Shift-JIS where they look Japanese, else Latin-1 as Windows writes it. Control
  /// characters become spaces; text past 4,096 bytes is dropped.
  init(decodingMIDIText data: [UInt8]) {
    let bytes = data.prefix(4096).prefix { $0 != 0 }
    let text: String
    if let utf8 = String(validating: bytes, as: UTF8.self) {
      text = utf8
    } else if bytes.looksLikeShiftJIS, let japanese = String(shiftJIS: Array(bytes)) {
      text = japanese
    } else {
      text = String(String.UnicodeScalarView(bytes.map(Unicode.Scalar.init(windows1252:))))
    }
    let isControl = { (scalar: Unicode.Scalar) in
      scalar.properties.generalCategory == .control
    }
    guard text.unicodeScalars.contains(where: isControl) else {
      self = text
      return
    }
    self = String(
      String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
  }

  /// By the C library's tables; `nil` where they are not installed or the bytes do not fit.
  private init?(shiftJIS bytes: [UInt8]) {
    let converter = iconv_open("UTF-8", "SHIFT_JIS")
    guard converter != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(converter) }
    var input = bytes.map(CChar.init(bitPattern:))
    var output = [CChar](repeating: 0, count: bytes.count * 3)
    var left = output.count
    let isConverted = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        var from = source.baseAddress
        var to = target.baseAddress
        var fromLeft = source.count
        return iconv(converter, &from, &fromLeft, &to, &left) == 0
      }
    }
    guard isConverted else { return nil }
    let utf8 = output.prefix(output.count - left).map(UInt8.init(bitPattern:))
    self.init(decoding: utf8, as: UTF8.self)
  }
}

extension Collection<UInt8> {
  /// Whether the bytes are well-formed Shift-JIS and hold kana or mostly pairs: a lone pair may as
  /// well be an accented letter and its neighbour.
  fileprivate var looksLikeShiftJIS: Bool {
    var pairs = 0
    var kana = 0
    var iterator = makeIterator()
    while let byte = iterator.next() {
      switch byte {
      case 0x81...0x9F, 0xE0...0xFC:
        guard let second = iterator.next(), second >= 0x40, second != 0x7F, second <= 0xFC else {
          return false
        }
        pairs += 1
        if (0x82...0x83).contains(byte) && second >= 0x40 { kana += 1 }
      case 0x80, 0xA0, 0xFD...0xFF:
        return false
      default:
        break
      }
    }
    return kana > 0 && pairs > 1 || pairs * 2 * 2 >= count && pairs > 1
  }
}

extension Unicode.Scalar {
  /// Latin-1, with the quotation marks and dashes that Windows puts at 0x80...0x9F.
  fileprivate init(windows1252 byte: UInt8) {
    let upper: [UInt16] = [
      0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039,
      0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
      0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
    ]
    guard (0x80...0x9F).contains(byte) else {
      self.init(byte)
      return
    }
    self = Unicode.Scalar(upper[Int(byte) - 0x80]) ?? "?"
  }
}

/// A value written down as JSON or as Python prints it: `{"a": 0}`, `{'a': 0}`, `[True, None]`.
///
/// One reader serves both, because people paste either into a file. Nesting deeper than 64 is
/// refused; time and memory are bounded by the length of the text.
indirect enum Literal: Equatable {
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case list([Literal])
  /// In the order of the text; keys are as they come.
  case dictionary([Entry])

  struct Entry: Equatable {
    var key: Literal
    var value: Literal
  }

  init(_ bytes: [UInt8], format: String) throws(ImportError) {
    var reader = LiteralReader(bytes: bytes, format: format)
    self = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.isAtEnd else { throw reader.failure("something follows the end of the value") }
  }

  /// What a pickle says, as far as it is made of lists, tuples, sets, dictionaries, texts and numbers;
  /// anything else in it is `none`.
  init(_ pickle: Pickle) throws(ImportError) {
    var steps = 0
    self = try Self.value(pickle.root, in: pickle, depth: 0, steps: &steps)
  }

  private static func value(
    _ value: PickleValue, in pickle: Pickle, depth: Int, steps: inout Int
  ) throws(ImportError) -> Literal {
    // A pickle may hold the same list many times over, or itself.
    steps += 1
    guard steps <= 1 << 22, depth <= 16 else {
      throw .damaged(format: "pickle", reason: "it is too large or nested too deeply")
    }
    switch value {
    case .boolean(let boolean): return .boolean(boolean)
    case .integer(let integer): return .integer(integer)
    case .real(let real): return .real(real)
    case .text(let text): return .text(text)
    case .bytes(let bytes): return .text(String(decoding: bytes, as: UTF8.self))
    default: break
    }
    var values = pickle.members(value)
    var isSet = false
    // A set is called with a list of its members, or filled afterwards.
    if values == nil, case .call(let name, let arguments, _)? = pickle.node(value),
      name == "builtins.set" || name == "builtins.frozenset" || name == "builtins.list"
    {
      values = arguments.count == 1 ? pickle.members(arguments[0]) ?? arguments : arguments
      isSet = name != "builtins.list"
    }
    if let values {
      var list: [Literal] = []
      for value in values {
        list.append(try self.value(value, in: pickle, depth: depth + 1, steps: &steps))
      }
      // A set has no order of its own: what is made of one is sorted first.
      return .list(isSet ? sorted(list) : list)
    }
    guard let pairs = pickle.entries(value) else { return .none }
    var entries: [Entry] = []
    for (key, value) in pairs {
      entries.append(
        Entry(
          key: try self.value(key, in: pickle, depth: depth + 1, steps: &steps),
          value: try self.value(value, in: pickle, depth: depth + 1, steps: &steps)))
    }
    return .dictionary(entries)
  }

  private static func sorted(_ list: [Literal]) -> [Literal] {
    list.sorted { left, right in
      if let left = left.integer, let right = right.integer { return left < right }
      guard let left = left.text, let right = right.text else { return false }
      return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
    }
  }

  /// The value of a text key; nil where there is none, or this is no dictionary.
  subscript(key: String) -> Literal? {
    guard case .dictionary(let entries) = self else { return nil }
    return entries.last { $0.key == .text(key) }?.value
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  var list: [Literal]? { if case .list(let list) = self { list } else { nil } }
  var boolean: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }

  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .real(let real): real
    default: nil
    }
  }
}

private struct LiteralReader {
  let bytes: [UInt8]
  let format: String
  var position = 0

  init(bytes: [UInt8], format: String) {
    self.bytes = bytes
    self.format = format
    // A byte order mark is how some editors begin a text.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  private static let deepest = 64

  var isAtEnd: Bool { position == bytes.count }
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ reason: String) -> ImportError {
    .damaged(format: format, reason: "at byte \(position) \(reason)")
  }

  mutating func skipSpace() {
    while let byte = next {
      if byte == UInt8(ascii: "#") {
        while let byte = next, byte != 0x0a {
          _ = byte
          position += 1
        }
      } else if byte == 0x20 || (0x09...0x0d).contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(ImportError) -> Literal {
    guard depth <= Self.deepest else { throw failure("it is nested too deeply") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try dictionary(depth: depth)
    case UInt8(ascii: "["): return .list(try list(until: UInt8(ascii: "]"), depth: depth))
    case UInt8(ascii: "("): return .list(try list(until: UInt8(ascii: ")"), depth: depth))
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      var text = try string()
      // Python joins neighbouring texts.
      skipSpace()
      while next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") {
        text += try string()
        skipSpace()
      }
      return .text(text)
    case nil: throw failure("it ends too early")
    default: return try word()
    }
  }

  private mutating func list(until end: UInt8, depth: Int) throws(ImportError) -> [Literal] {
    position += 1
    var values: [Literal] = []
    while !take(end) {
      values.append(try value(depth: depth + 1))
      if take(end) { break }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma was expected") }
    }
    return values
  }

  private mutating func dictionary(depth: Int) throws(ImportError) -> Literal {
    position += 1
    var entries: [Literal.Entry] = []
    let end = UInt8(ascii: "}")
    while !take(end) {
      let key = try value(depth: depth + 1)
      guard take(UInt8(ascii: ":")) else { throw failure("a colon was expected") }
      entries.append(Literal.Entry(key: key, value: try value(depth: depth + 1)))
      if take(end) { break }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma was expected") }
    }
    return .dictionary(entries)
  }

  private mutating func word() throws(ImportError) -> Literal {
    let start = position
    while let byte = next, byte < 0x80, byte > 0x20, !",:]})[{(#\"'".utf8.contains(byte) {
      position += 1
    }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word {
    case "null", "None": return .none
    case "true", "True": return .boolean(true)
    case "false", "False": return .boolean(false)
    case "NaN", "nan": return .real(.nan)
    case "Infinity", "inf": return .real(.infinity)
    case "-Infinity", "-inf": return .real(-.infinity)
    default: break
    }
    if let integer = Int(word) { return .integer(integer) }
    if let real = Double(word), word.utf8.first != UInt8(ascii: "n") { return .real(real) }
    position = start
    throw failure("a value was expected")
  }

  private mutating func string() throws(ImportError) -> String {
    let quote = bytes[position]
    position += 1
    var text: [UInt8] = []
    while true {
      guard let byte = next else { throw failure("a text is not closed") }
      position += 1
      if byte == quote {
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw failure("a text is not UTF-8")
        }
        return valid
      }
      if byte == UInt8(ascii: "\\") {
        if let scalar = try escape() { text += Array(String(Character(scalar)).utf8) }
      } else {
        text.append(byte)
      }
    }
  }

  /// What an escape stands for; nothing for an escaped end of line.
  private mutating func escape() throws(ImportError) -> Unicode.Scalar? {
    guard let byte = next else { throw failure("a text is not closed") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "v"): return "\u{b}"
    case UInt8(ascii: "a"): return "\u{7}"
    case UInt8(ascii: "0"): return "\0"
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return Unicode.Scalar(byte)
    case 0x0a: return nil
    case UInt8(ascii: "x"): return try scalar(digits(2))
    case UInt8(ascii: "U"): return try scalar(digits(8))
    case UInt8(ascii: "u"):
      let code = try digits(4)
      guard (0xd800..<0xdc00).contains(code) else { return try scalar(code) }
      guard next == UInt8(ascii: "\\"), bytes.count - position > 1,
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw failure("half a character is missing") }
      position += 2
      let low = try digits(4)
      guard (0xdc00..<0xe000).contains(low) else { throw failure("half a character is missing") }
      return try scalar(0x10000 + (code - 0xd800) << 10 + (low - 0xdc00))
    default: throw failure("an escape is not known")
    }
  }

  private func scalar(_ code: UInt32) throws(ImportError) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(code) else { throw failure("no character has this number") }
    return scalar
  }

  private mutating func digits(_ count: Int) throws(ImportError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<count {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("hexadecimal digits were expected")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}

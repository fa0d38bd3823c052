extension InputDecoder {
  /// The key that one ASCII byte is.
  static func key(_ byte: UInt8) -> KeyPress {
    switch byte {
    case 0: KeyPress(.character(" "), .control)
    case 8, 127: KeyPress(.backspace)
    case 9: KeyPress(.tab)
    case 10, 13: KeyPress(.enter)
    case 27: KeyPress(.escape)
    case 1...26: KeyPress(.character(Character(UnicodeScalar(byte + 96))), .control)
    case 28...31: KeyPress(.character(Character(UnicodeScalar(byte + 64))), .control)
    default: KeyPress(.character(Character(UnicodeScalar(byte))))
    }
  }

  /// How many bytes follow the first one of a UTF-8 character; 0 where none begins so.
  static func continuations(of byte: UInt8) -> Int {
    switch byte {
    case 0xC2..<0xE0: 1
    case 0xE0..<0xF0: 2
    case 0xF0..<0xF5: 3
    default: 0
    }
  }

  /// The key of `ESC O`, an optional number for the modifiers, and a letter.
  static func singleShift(_ bytes: some BidirectionalCollection<UInt8>) -> KeyPress? {
    guard let last = bytes.last else { return nil }
    let numbers = String(decoding: bytes.dropLast(), as: UTF8.self).split(separator: ";")
    let bits = max(numbers.last.flatMap { Int($0) } ?? 1, 1) - 1
    var modifiers: KeyPress.Modifiers = []
    if bits & 1 != 0 { modifiers.insert(.shift) }
    if bits & 2 != 0 { modifiers.insert(.alt) }
    if bits & 4 != 0 { modifiers.insert(.control) }
    func key(_ key: KeyPress.Key) -> KeyPress { KeyPress(key, modifiers) }
    switch UnicodeScalar(last) {
    case "A": return key(.up)
    case "B": return key(.down)
    case "C": return key(.right)
    case "D": return key(.left)
    case "H": return key(.home)
    case "F": return key(.end)
    case "P", "Q", "R", "S": return key(.function(Int(last) - 79))
    // rxvt's arrows with Ctrl.
    case "a": return KeyPress(.up, .control)
    case "b": return KeyPress(.down, .control)
    case "c": return KeyPress(.right, .control)
    case "d": return KeyPress(.left, .control)
    case "M": return key(.enter)
    case "I": return key(.tab)
    case "X": return key(.character("="))
    // The keypad in its application mode.
    case "j"..."y": return key(.character(Character(UnicodeScalar(last - 0x40))))
    default: return nil
    }
  }
}

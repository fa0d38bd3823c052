/// A control sequence (ECMA-48, CSI) taken apart: `ESC [`, parameters, intermediates, final byte.
struct ControlSequence: Hashable {
  /// One of `<`, `=`, `>`, `?` at its beginning; 0 where there is none.
  var marker = UnicodeScalar(0 as UInt8)
  /// Numbers between semicolons, each with its parts between colons; `nil` where none is given.
  var parameters: [[Int?]] = []
  var intermediates = ""
  var final: UnicodeScalar

  /// Reads what follows `ESC [`, final byte included; `nil` where its bytes stand in no order that
  /// ECMA-48 knows.
  init?(_ bytes: some BidirectionalCollection<UInt8>) {
    guard let last = bytes.last, (0x40...0x7E).contains(last) else { return nil }
    final = UnicodeScalar(last)
    var rest = bytes.dropLast()
    if let first = rest.first, (0x3C...0x3F).contains(first) {
      marker = UnicodeScalar(first)
      rest = rest.dropFirst()
    }
    var isParameter = true
    var parameter: [Int?] = [nil]
    var isEmpty = true
    for byte in rest {
      switch byte {
      case 0x30...0x39 where isParameter:
        // Nothing that is counted here comes near the limit.
        let number = (parameter[parameter.count - 1] ?? 0) * 10 + Int(byte - 0x30)
        parameter[parameter.count - 1] = min(number, 9_999_999)
        isEmpty = false
      case 0x3A where isParameter:
        parameter.append(nil)
        isEmpty = false
      case 0x3B where isParameter:
        parameters.append(parameter)
        parameter = [nil]
        isEmpty = false
      case 0x20...0x2F:
        isParameter = false
        intermediates.unicodeScalars.append(UnicodeScalar(byte))
      default: return nil
      }
    }
    if !isEmpty { parameters.append(parameter) }
  }

  /// A parameter's number, counted from 0; `nil` where it is not given.
  func number(_ index: Int, part: Int = 0) -> Int? {
    guard index < parameters.count, part < parameters[index].count else { return nil }
    return parameters[index][part]
  }
}

extension ControlSequence {
  /// What the sequence does to the keys.
  enum Meaning: Hashable {
    case key(KeyPress)
    case pasteStart
    case pasteEnd
    case answer(TerminalAnswer)
    /// Something that is neither a key nor an answer that Lilt uses.
    case nothing
  }

  var meaning: Meaning {
    if let answer = TerminalAnswer(self) { return .answer(answer) }
    guard intermediates.isEmpty else { return .nothing }
    if marker == "<" {
      guard final == "M" || final == "m", let button = number(0), let column = number(1),
        let row = number(2)
      else { return .nothing }
      return ControlSequence.mouse(button, column: column, row: row, isRelease: final == "m")
    }
    guard marker.value == 0 else { return .nothing }
    switch final {
    case "A": return plain(.up)
    case "B": return plain(.down)
    case "C": return plain(.right)
    case "D": return plain(.left)
    case "H": return plain(.home)
    case "F": return plain(.end)
    case "Z": return .key(KeyPress(.tab, .shift))
    case "P", "Q", "R", "S": return plain(.function(Int(final.value) - 79))
    case "I" where parameters.isEmpty: return .key(KeyPress(.focus(true)))
    case "O" where parameters.isEmpty: return .key(KeyPress(.focus(false)))
    // rxvt's arrows with Shift.
    case "a" where parameters.isEmpty: return .key(KeyPress(.up, .shift))
    case "b" where parameters.isEmpty: return .key(KeyPress(.down, .shift))
    case "c" where parameters.isEmpty: return .key(KeyPress(.right, .shift))
    case "d" where parameters.isEmpty: return .key(KeyPress(.left, .shift))
    case "~": return tilde
    case "u": return ControlSequence.named(self)
    case "M":
      // urxvt's decimal mouse reports.
      guard let button = number(0), let column = number(1), let row = number(2) else {
        return .nothing
      }
      return ControlSequence.mouse(button - 32, column: column, row: row)
    default: return .nothing
    }
  }

  /// A key with xterm's modifiers in its second parameter: `CSI 1 ; 5 D`.
  private func plain(_ key: KeyPress.Key) -> Meaning {
    // `CSI 3 ; 7 H` places a cursor; a key has 1 or nothing before its modifiers.
    guard (number(0) ?? 1) == 1, parameters.count <= 2, let modifiers, isPressed else {
      return .nothing
    }
    return .key(KeyPress(key, modifiers))
  }

  private var tilde: Meaning {
    let first = number(0)
    if first == 200 { return .pasteStart }
    if first == 201 { return .pasteEnd }
    // xterm's modifyOtherKeys: CSI 27 ; modifiers ; code ~.
    if first == 27, let code = number(2) {
      var same = self
      same.parameters = [[code], parameters[1]]
      same.final = "u"
      return ControlSequence.named(same)
    }
    guard let modifiers, isPressed else { return .nothing }
    switch first {
    case 1, 7: return .key(KeyPress(.home, modifiers))
    case 4, 8: return .key(KeyPress(.end, modifiers))
    case 3: return .key(KeyPress(.delete, modifiers))
    case 5: return .key(KeyPress(.pageUp, modifiers))
    case 6: return .key(KeyPress(.pageDown, modifiers))
    // Insert has no name here.
    default:
      return first.flatMap(ControlSequence.function).map {
        .key(KeyPress(.function($0), modifiers))
      }
        ?? .nothing
    }
  }

  /// The function key of a DEC number: 11 to 15, 17 to 21, 23 and 24.
  private static func function(_ number: Int) -> Int? {
    switch number {
    case 11...15: number - 10
    case 17...21: number - 11
    case 23, 24: number - 12
    default: nil
    }
  }

  /// Modifiers of the second parameter: 1 + shift 1 + alt 2 + control 4 + super 8 + hyper 16 + meta
  /// 32 + caps lock 64 + num lock 128. `nil` with super or hyper, which no key here has.
  var modifiers: KeyPress.Modifiers? {
    let bits = max(number(1) ?? 1, 1) - 1
    guard bits & 0b1_1000 == 0 else { return nil }
    var modifiers: KeyPress.Modifiers = []
    if bits & 1 != 0 { modifiers.insert(.shift) }
    if bits & 0b10_0010 != 0 { modifiers.insert(.alt) }
    if bits & 4 != 0 { modifiers.insert(.control) }
    return modifiers
  }

  /// Pressed or repeated, not let go of (the kitty protocol's event types 1, 2 and 3).
  var isPressed: Bool { number(1, part: 1) != 3 }

  /// A mouse report with xterm's button bits; places count from 1.
  static func mouse(_ bits: Int, column: Int, row: Int, isRelease: Bool = false) -> Meaning {
    guard bits >= 0, column >= 1, row >= 1 else { return .nothing }
    let button = bits & ~(4 | 8 | 16 | 32)
    let act: KeyPress.Mouse.Act
    switch button {
    case 64: act = .wheelUp
    case 65: act = .wheelDown
    case 0 where bits & 32 != 0: act = .drag
    case 0: act = isRelease ? .release : .press
    // Without SGR reports a release does not say of which button.
    case 3 where bits & 32 == 0: act = .release
    default: return .nothing
    }
    let press = KeyPress(.mouse(KeyPress.Mouse(act, row: row - 1, column: column - 1)))
    var modifiers: KeyPress.Modifiers = []
    if bits & 4 != 0 { modifiers.insert(.shift) }
    if bits & 8 != 0 { modifiers.insert(.alt) }
    if bits & 16 != 0 { modifiers.insert(.control) }
    return .key(KeyPress(press.key, modifiers))
  }
}

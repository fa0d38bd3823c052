import Compose

extension KeyStroke.Act {
  /// The kitty protocol's event types 1, 2 and 3.
  init(_ sequence: ControlSequence) {
    switch sequence.number(1, part: 1) {
    case 2: self = .hold
    case 3: self = .release
    default: self = .press
    }
  }
}

extension ControlSequence {
  /// The key that `CSI code : shifted : base ; modifiers : event ; text u` names
  /// (kitty keyboard protocol, "Key encoding").
  static func named(_ sequence: ControlSequence) -> Meaning {
    guard case .key(var key) = pressed(sequence) else { return .nothing }
    key.act = KeyStroke.Act(sequence)
    if case .character(let character) = key.key {
      // Where it is no other, the base layout's key is left out.
      let base = sequence.number(0, part: 2) ?? sequence.number(0) ?? 0
      key.place = scalar(base).map(Character.init) ?? character
    } else if key.act == .release {
      return .nothing
    }
    // Only a piano's keys are told to stay down; others repeat.
    if key.act == .hold, key.place == nil { key.act = .press }
    return .key(key)
  }

  private static func pressed(_ sequence: ControlSequence) -> Meaning {
    guard let code = sequence.number(0), var modifiers = sequence.modifiers else {
      return .nothing
    }
    // Composed text comes without a key.
    if code == 0 { return sequence.text.map { .key(KeyPress(.character($0))) } ?? .nothing }
    if let key = functional(code) { return .key(KeyPress(key, modifiers)) }
    // Private use: media keys, function keys, and the modifiers by themselves.
    guard !(0xE000...0xF8FF).contains(code), let scalar = scalar(code) else { return .nothing }
    let isChord = modifiers.contains(.control) || modifiers.contains(.alt)
    if isChord {
      // A chord is meant by its place on the keyboard where the layout has no Latin letters.
      let base = sequence.number(0, part: 2).flatMap(Self.scalar)
      let shown = !scalar.isASCII ? base ?? scalar : scalar
      if modifiers.contains(.shift), !shown.properties.isAlphabetic,
        let shifted = sequence.number(0, part: 1).flatMap(Self.scalar)
      {
        modifiers.remove(.shift)
        return .key(KeyPress(.character(Character(shifted)), modifiers))
      }
      guard modifiers.contains(.shift), !modifiers.contains(.control) else {
        return .key(KeyPress(.character(Character(shown)), modifiers))
      }
      modifiers.remove(.shift)
      return .key(KeyPress(.character(Character(shown.properties.uppercaseMapping)), modifiers))
    }
    if let text = sequence.text { return .key(KeyPress(.character(text))) }
    guard modifiers.contains(.shift) else { return .key(KeyPress(.character(Character(scalar)))) }
    if scalar == " " { return .key(KeyPress(.character(" "), .shift)) }
    if let shifted = sequence.number(0, part: 1).flatMap(Self.scalar) {
      return .key(KeyPress(.character(Character(shifted))))
    }
    let upper = scalar.properties.uppercaseMapping
    return .key(KeyPress(.character(upper.count == 1 ? Character(upper) : Character(scalar))))
  }

  /// The text that the terminal says the key writes.
  private var text: Character? {
    guard parameters.count > 2 else { return nil }
    let scalars = parameters[2].compactMap { $0.flatMap(ControlSequence.scalar) }
    let text = String(String.UnicodeScalarView(scalars))
    return text.count == 1 ? text.first : nil
  }

  /// A code as a character that a text may hold.
  private static func scalar(_ code: Int) -> Unicode.Scalar? {
    guard code >= 32, code != 127, !(128..<160).contains(code) else { return nil }
    return UInt32(exactly: code).flatMap(Unicode.Scalar.init)
  }

  /// Keys that are no characters, the keypad's among them.
  private static func functional(_ code: Int) -> KeyPress.Key? {
    switch code {
    case 27: .escape
    case 13, 57414: .enter
    case 9: .tab
    case 127: .backspace
    case 57399...57408: .character(Character(UnicodeScalar(UInt8(code - 57399 + 48))))
    case 57409: .character(".")
    case 57410: .character("/")
    case 57411: .character("*")
    case 57412: .character("-")
    case 57413: .character("+")
    case 57415: .character("=")
    case 57416: .character(",")
    case 57417: .left
    case 57418: .right
    case 57419: .up
    case 57420: .down
    case 57421: .pageUp
    case 57422: .pageDown
    case 57423: .home
    case 57424: .end
    case 57426: .delete
    default: nil
    }
  }
}

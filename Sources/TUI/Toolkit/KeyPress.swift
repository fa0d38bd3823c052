public import Compose

/// One thing that came from the terminal: a key, a paste, the mouse, a new size.
public struct KeyPress: Hashable, Sendable {
  public enum Key: Hashable, Sendable {
    /// A printable character; the space bar is `" "`. Shift is part of the character.
    case character(Character)
    case enter, tab, escape, backspace, delete, home, end, pageUp, pageDown
    case left, right, up, down
    /// F1 to F12.
    case function(Int)
    case mouse(Mouse)
    /// Text from the clipboard, line ends as `\n`.
    case paste(String)
    /// The terminal has another size now.
    case resize
    /// The terminal's window gained or lost the focus.
    case focus(Bool)
    /// Something pressed on a MIDI keyboard.
    case midi(MIDIControl)
  }

  public struct Modifiers: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let control = Modifiers(rawValue: 1)
    public static let alt = Modifiers(rawValue: 2)
    public static let shift = Modifiers(rawValue: 4)
  }

  /// A mouse report; rows and columns count from 0.
  public struct Mouse: Hashable, Sendable {
    public enum Act: String, Hashable, Sendable { case press, drag, release, wheelUp, wheelDown }
    public var act: Act
    public var row: Int
    public var column: Int
    public init(_ act: Act, row: Int, column: Int) {
      self.act = act
      self.row = row
      self.column = column
    }
  }

  /// What a MIDI keyboard has to press, each numbered as MIDI does, 0...127.
  public enum MIDIControl: Hashable, Sendable {
    /// A key, a pad.
    case note(Int)
    /// A controller or pedal, which is pressed when it comes to 64 or more.
    case controller(Int)
    /// A program button.
    case program(Int)

    static let names = ["note", "cc", "program"]

    /// Reads `note36`, `cc64`, `program3`.
    init?(name: String) {
      let word = name.lowercased().prefix { !$0.isNumber }
      guard let number = Int(name.dropFirst(word.count)), (0...127).contains(number) else {
        return nil
      }
      switch word {
      case "note": self = .note(number)
      case "cc": self = .controller(number)
      case "program": self = .program(number)
      default: return nil
      }
    }

    /// Whether a name is one of these but for its number.
    static func isNearly(_ name: String) -> Bool {
      let word = name.lowercased().prefix { !$0.isNumber }
      let digits = name.dropFirst(word.count)
      return names.contains(String(word)) && !digits.isEmpty && digits.allSatisfy(\.isNumber)
    }

    var name: String {
      switch self {
      case .note(let number): "note\(number)"
      case .controller(let number): "cc\(number)"
      case .program(let number): "program\(number)"
      }
    }
  }

  public var key: Key
  public var modifiers: Modifiers
  /// The character that a US keyboard has where the key lies; `nil` where the terminal does not say.
  /// Presses that mean the same are equal wherever their keys lie.
  public var place: Character?
  /// Whether the key went down, stays down or was let go.
  public var act = KeyStroke.Act.press

  public static func == (left: KeyPress, right: KeyPress) -> Bool {
    left.key == right.key && left.modifiers == right.modifiers && left.act == right.act
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(modifiers)
    hasher.combine(act)
  }

  public init(_ key: Key, _ modifiers: Modifiers = []) {
    self.key = key
    self.modifiers = modifiers
  }

  /// A printable key without modifiers.
  public init(_ character: Character) { self.init(.character(character)) }

  /// Whether it lies on a MIDI keyboard.
  var isFromMIDI: Bool { if case .midi = key { true } else { false } }

  /// The same key going down.
  var asPressed: KeyPress {
    var key = self
    key.act = .press
    return key
  }

  /// The character this key writes in a text, if it writes one.
  public var character: Character? {
    if case .character(let character) = key, modifiers.isSubset(of: .shift) { return character }
    return nil
  }
}

extension KeyPress {
  private static let names: [(name: String, key: Key)] = [
    ("Space", .character(" ")), ("Enter", .enter), ("Tab", .tab), ("Esc", .escape),
    ("Backspace", .backspace), ("Del", .delete), ("Home", .home), ("End", .end),
    ("PgUp", .pageUp), ("PgDn", .pageDown), ("Left", .left), ("Right", .right), ("Up", .up),
    ("Down", .down),
  ]

  /// Reads a key name as `keys.toml` writes it: one printable character, or a name such as
  /// `Space`, after any of `ctrl-`, `alt-` and `shift-`; or what a MIDI keyboard has, such as `cc64`.
  /// `nil` for anything else.
  public init?(name: String) {
    if let control = MIDIControl(name: name) {
      self.init(.midi(control))
      return
    }
    var rest = Substring(name)
    var modifiers: Modifiers = []
    let prefixes: [(String, Modifiers)] = [
      ("ctrl-", .control), ("alt-", .alt), ("shift-", .shift),
    ]
    while let (prefix, modifier) = prefixes.first(where: {
      rest.count > $0.0.count && rest.lowercased().hasPrefix($0.0)
    }) {
      rest = rest.dropFirst(prefix.count)
      modifiers.insert(modifier)
    }
    if let known = KeyPress.names.first(where: { $0.name.lowercased() == rest.lowercased() }) {
      self.init(known.key, modifiers)
      return
    }
    if rest.first == "F" || rest.first == "f", let number = Int(rest.dropFirst()),
      (1...12).contains(number)
    {
      self.init(.function(number), modifiers)
      return
    }
    guard rest.count == 1, let character = rest.first,
      character.unicodeScalars.allSatisfy({ TextWidth.of($0) == .one || TextWidth.of($0) == .two })
    else { return nil }
    if modifiers.contains(.shift), character.isLetter {
      modifiers.remove(.shift)
      self.init(.character(Character(character.uppercased())), modifiers)
    } else {
      let lowered = modifiers.contains(.control) ? Character(character.lowercased()) : character
      self.init(.character(lowered), modifiers)
    }
  }

  /// The name that `init(name:)` reads; what a paste, the mouse or a resize is otherwise.
  public var name: String {
    var text = ""
    if modifiers.contains(.control) { text += "ctrl-" }
    if modifiers.contains(.alt) { text += "alt-" }
    if modifiers.contains(.shift) { text += "shift-" }
    if let known = KeyPress.names.first(where: { $0.key == key }) { return text + known.name }
    switch key {
    case .character(let character): return text + String(character)
    case .mouse(let mouse): return text + "mouse-\(mouse.act.rawValue)"
    case .midi(let control): return text + control.name
    case .function(let number): return text + "F\(number)"
    case .paste: return "paste"
    case .resize: return "resize"
    case .focus(let gained): return gained ? "focus-in" : "focus-out"
    default: return text
    }
  }

  /// The name as a narrow help line shows it: `Bksp`, `^g`.
  public var shortName: String {
    if modifiers == .control, case .character(let character) = key { return "^\(character)" }
    return key == .backspace && modifiers.isEmpty ? "Bksp" : name
  }

  /// Every name a key can have, for suggestions.
  static var allNames: [String] { names.map(\.name) + ["F1", "note60", "cc64", "program0"] }
}

extension KeyPress: CustomStringConvertible {
  public var description: String { name }
}

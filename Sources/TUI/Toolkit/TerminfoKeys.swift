/// The keys that a terminal's description (terminfo) names, by the bytes they send.
///
/// Only sequences that begin with ESC: everything else is a character. Keys that have no name in
/// Lilt, such as Insert, are known and give nothing.
struct TerminfoKeys: Sendable {
  private var keys: [[UInt8]: KeyPress?] = [:]
  private var beginnings: Set<[UInt8]> = []

  init() {}

  /// - Parameter value: The bytes of a capability such as `kcuu1`; `nil` where the terminal has none.
  init(_ value: (String) -> [UInt8]?) {
    for (name, key) in TerminfoKeys.capabilities {
      // What begins differently could not be told from a control string or from Alt and a letter.
      guard let bytes = value(name), bytes.count >= 2, bytes[0] == 0x1B,
        bytes.count == 2 || bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O"),
        keys[bytes] == nil, !TerminfoKeys.introducers.contains(bytes)
      else { continue }
      keys[bytes] = key
      for count in 2..<bytes.count { beginnings.insert(Array(bytes[..<count])) }
    }
  }

  /// Whether a sequence is one of the keys.
  func knows(_ sequence: [UInt8]) -> Bool { keys[sequence] != nil }
  /// The key a sequence is; `nil` for one without a name here.
  func key(_ sequence: [UInt8]) -> KeyPress? { keys[sequence] ?? nil }
  /// Whether a longer key begins so.
  func isBeginning(_ sequence: [UInt8]) -> Bool { beginnings.contains(sequence) }

  private static let introducers: Set<[UInt8]> = Set(
    "[O]P_^X".utf8.map { [0x1B, $0] } + [Array("\u{1b}[M".utf8), Array("\u{1b}[<".utf8)])

  private static let capabilities: [(name: String, key: KeyPress?)] = {
    var all: [(String, KeyPress?)] = [
      ("kcuu1", KeyPress(.up)), ("kcud1", KeyPress(.down)), ("kcub1", KeyPress(.left)),
      ("kcuf1", KeyPress(.right)), ("khome", KeyPress(.home)), ("kend", KeyPress(.end)),
      ("kfnd", KeyPress(.home)), ("kslt", KeyPress(.end)), ("kpp", KeyPress(.pageUp)),
      ("knp", KeyPress(.pageDown)), ("kdch1", KeyPress(.delete)), ("kbs", KeyPress(.backspace)),
      ("kcbt", KeyPress(.tab, .shift)), ("kent", KeyPress(.enter)),
      ("kLFT", KeyPress(.left, .shift)), ("kRIT", KeyPress(.right, .shift)),
      ("kri", KeyPress(.up, .shift)), ("kind", KeyPress(.down, .shift)),
      ("kUP", KeyPress(.up, .shift)), ("kDN", KeyPress(.down, .shift)),
      ("kHOM", KeyPress(.home, .shift)), ("kEND", KeyPress(.end, .shift)),
      ("kDC", KeyPress(.delete, .shift)), ("kPRV", KeyPress(.pageUp, .shift)),
      ("kNXT", KeyPress(.pageDown, .shift)), ("kich1", nil), ("kb2", nil), ("khlp", nil),
      ("kund", nil), ("krdo", nil), ("kopt", nil), ("kIC", nil),
    ]
    let stems: [(String, KeyPress.Key)] = [
      ("kLFT", .left), ("kRIT", .right), ("kUP", .up), ("kDN", .down), ("kHOM", .home),
      ("kEND", .end), ("kDC", .delete), ("kPRV", .pageUp), ("kNXT", .pageDown),
    ]
    // The digit is xterm's parameter: 1 + shift 1 + alt 2 + control 4.
    for (stem, key) in stems {
      for digit in 3...8 {
        var modifiers: KeyPress.Modifiers = []
        if (digit - 1) & 1 != 0 { modifiers.insert(.shift) }
        if (digit - 1) & 2 != 0 { modifiers.insert(.alt) }
        if (digit - 1) & 4 != 0 { modifiers.insert(.control) }
        all.append((stem + "\(digit)", KeyPress(key, modifiers)))
      }
    }
    return all + (1...63).map { ("kf\($0)", function($0)) }
  }()

  /// Behind the twelve come those with modifiers, in xterm's order; nil for keys beyond.
  private static func function(_ number: Int) -> KeyPress? {
    let modifiers: [KeyPress.Modifiers] = [[], .shift, .control, [.control, .shift], .alt]
    let (group, place) = ((number - 1) / 12, (number - 1) % 12)
    return modifiers.indices.contains(group)
      ? KeyPress(.function(place + 1), modifiers[group]) : nil
  }
}

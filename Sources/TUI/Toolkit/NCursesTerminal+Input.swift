internal import CNCurses
internal import CTerminal
import Glibc

extension NCursesTerminal {
  static let pasteStart: Int32 = 0x6000
  static let pasteEnd: Int32 = 0x6001
  static let focusIn: Int32 = 0x6002
  static let focusOut: Int32 = 0x6003

  /// Whether a paste has begun and not ended; its text comes as one key when it has.
  public var pasteIsOpen: Bool { paste != nil }

  public func readKeys() -> [KeyPress] {
    var keys: [KeyPress] = []
    if updateSize() { keys.append(KeyPress(.resize)) }
    var escapeIsOpen = false
    // The count bounds one drain, so that a flood of input cannot keep the screen from drawing.
    for _ in 0..<65536 {
      var code: wint_t = 0
      let kind = wget_wch(nc_screen(), &code)
      guard kind != ERR else { break }
      if let press = press(code, isKey: kind == KEY_CODE_YES, afterEscape: escapeIsOpen) {
        if escapeIsOpen, press.modifiers.contains(.alt) { keys.removeLast() }
        keys.append(press)
        escapeIsOpen = press.key == .escape && press.modifiers.isEmpty
      }
    }
    return keys
  }

  /// One key for what ncurses read; `nil` for what goes into a paste or means nothing.
  private func press(_ code: wint_t, isKey: Bool, afterEscape: Bool) -> KeyPress? {
    if isKey { return named(Int32(bitPattern: code)) }
    if paste != nil {
      paste?.append(code)
      if paste?.isFull == true { return endPaste() }
      return nil
    }
    guard var press = NCursesTerminal.character(code) else { return nil }
    if afterEscape, press.modifiers.isEmpty, case .character = press.key {
      press.modifiers.insert(.alt)
    }
    return press
  }

  private func endPaste() -> KeyPress? {
    defer { paste = nil }
    return paste.map { KeyPress(.paste($0.text)) }
  }

  /// A byte or character outside a paste.
  static func character(_ code: wint_t) -> KeyPress? {
    switch code {
    case 0: return KeyPress(.character(" "), .control)
    case 8, 127: return KeyPress(.backspace)
    case 9: return KeyPress(.tab)
    case 10, 13: return KeyPress(.enter)
    case 27: return KeyPress(.escape)
    case 1...26:
      return KeyPress(.character(Character(UnicodeScalar(UInt8(code + 96)))), .control)
    case 28...31: return KeyPress(.character(Character(UnicodeScalar(UInt8(code + 64)))), .control)
    default:
      guard let scalar = Unicode.Scalar(code), !(128..<160).contains(code) else { return nil }
      return KeyPress(.character(Character(scalar)))
    }
  }

  private func named(_ code: Int32) -> KeyPress? {
    if code == NCursesTerminal.pasteEnd { return endPaste() }
    if code == NCursesTerminal.pasteStart {
      paste = PasteCollector()
      return nil
    }
    if paste != nil { return nil }
    switch code {
    case NCursesTerminal.focusIn: return KeyPress(.focus(true))
    case NCursesTerminal.focusOut: return KeyPress(.focus(false))
    case KEY_ENTER: return KeyPress(.enter)
    case KEY_BACKSPACE: return KeyPress(.backspace)
    case KEY_DC: return KeyPress(.delete)
    case KEY_SDC: return KeyPress(.delete, .shift)
    case KEY_HOME, KEY_FIND: return KeyPress(.home)
    case KEY_END, KEY_SELECT: return KeyPress(.end)
    case KEY_SHOME: return KeyPress(.home, .shift)
    case KEY_SEND: return KeyPress(.end, .shift)
    case KEY_PPAGE: return KeyPress(.pageUp)
    case KEY_NPAGE: return KeyPress(.pageDown)
    case KEY_LEFT: return KeyPress(.left)
    case KEY_RIGHT: return KeyPress(.right)
    case KEY_UP: return KeyPress(.up)
    case KEY_DOWN: return KeyPress(.down)
    case KEY_SLEFT: return KeyPress(.left, .shift)
    case KEY_SRIGHT: return KeyPress(.right, .shift)
    case KEY_SR: return KeyPress(.up, .shift)
    case KEY_SF: return KeyPress(.down, .shift)
    case KEY_BTAB: return KeyPress(.tab, .shift)
    case KEY_RESIZE: return updateSize() ? KeyPress(.resize) : nil
    case KEY_MOUSE: return mouse()
    default: return extended(code)
    }
  }

  /// Ctrl- and Alt-arrows have names in terminfo but no number of their own: `kLFT5` is Ctrl-Left.
  private func extended(_ code: Int32) -> KeyPress? {
    guard let pointer = keyname(code) else { return nil }
    let name = String(cString: pointer)
    let keys: [(String, KeyPress.Key)] = [
      ("kLFT", .left), ("kRIT", .right), ("kUP", .up), ("kDN", .down), ("kHOM", .home),
      ("kEND", .end), ("kDC", .delete), ("kPRV", .pageUp), ("kNXT", .pageDown),
    ]
    guard let (stem, key) = keys.first(where: { name.hasPrefix($0.0) }),
      let digit = Int(name.dropFirst(stem.count)), (2...8).contains(digit)
    else { return nil }
    // xterm's parameter: 1 + shift 1 + alt 2 + control 4.
    var modifiers: KeyPress.Modifiers = []
    if (digit - 1) & 1 != 0 { modifiers.insert(.shift) }
    if (digit - 1) & 2 != 0 { modifiers.insert(.alt) }
    if (digit - 1) & 4 != 0 { modifiers.insert(.control) }
    return KeyPress(key, modifiers)
  }

  private func mouse() -> KeyPress? {
    var event = MEVENT()
    guard getmouse(&event) == OK else { return nil }
    let state = UInt32(event.bstate)
    let act: KeyPress.Mouse.Act
    if state & nc_mouse_wheel_up != 0 {
      act = .wheelUp
    } else if state & nc_mouse_wheel_down != 0 {
      act = .wheelDown
    } else if state & (nc_mouse_press | nc_mouse_click) != 0 {
      act = .press
    } else if state & nc_mouse_release != 0 {
      act = .release
    } else if state & nc_mouse_moved != 0 {
      act = .drag
    } else {
      return nil
    }
    var press = KeyPress(
      .mouse(KeyPress.Mouse(act, row: Int(event.y), column: Int(event.x))))
    if state & nc_mouse_shift != 0 { press.modifiers.insert(.shift) }
    return press
  }

  /// Asks the terminal for its background (OSC 11) and waits a little for the answer: whether it is
  /// light, or `nil` where the terminal does not say. Call it before the screen is opened.
  public static func backgroundIsLight(
    input: Int32, output: Int32, timeoutMilliseconds: Int32
  ) -> Bool? {
    guard isatty(input) == 1, isatty(output) == 1 else { return nil }
    let saved = UnsafeMutableRawPointer.allocate(
      byteCount: Int(terminal_raw_size()), alignment: 16)
    defer { saved.deallocate() }
    guard terminal_raw_begin(input, saved) else { return nil }
    defer { terminal_raw_end(input, saved) }
    // The second question is one that every terminal answers: its answer ends the wait.
    let question = Array("\u{1b}]11;?\u{1b}\\\u{1b}[c".utf8)
    guard Glibc.write(output, question, question.count) == question.count else { return nil }
    var answer: [UInt8] = []
    var left = timeoutMilliseconds
    while left > 0, answer.count < 4096 {
      var waiting = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      let step = min(left, 20)
      let ready = poll(&waiting, 1, step)
      if ready == 0 { left -= step }
      guard ready > 0 else { if ready < 0 { break } else { continue } }
      var block = [UInt8](repeating: 0, count: 256)
      let count = Glibc.read(input, &block, block.count)
      guard count > 0 else { break }
      answer += block[..<count]
      // Device attributes end in `c`: ESC [ ? ... c.
      if answer.last == 0x63, answer.contains(0x3F) { break }
    }
    return TerminalAnswer.backgroundIsLight(answer)
  }
}

/// What terminals answer to questions.
enum TerminalAnswer {
  /// Reads `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`; parts have one to four hexadecimal digits.
  static func backgroundIsLight(_ bytes: [UInt8]) -> Bool? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let parts = text.split(separator: "]11;rgb:", maxSplits: 1).dropFirst().first else {
      return nil
    }
    let values = parts.prefix { $0.isHexDigit || $0 == "/" }.split(separator: "/")
      .compactMap { digits -> Int? in
        guard (1...4).contains(digits.count), let value = Int(digits, radix: 16) else { return nil }
        return value * 255 / ((1 << (4 * digits.count)) - 1)
      }
    guard values.count == 3 else { return nil }
    return RGB(red: values[0], green: values[1], blue: values[2]).luminance > 0.4
  }
}

/// Gathers the text between the marks of a bracketed paste.
struct PasteCollector {
  private(set) var text = ""
  private var count = 0
  private var lastWasReturn = false
  /// A paste longer than this is cut into several.
  static let limit = 1 << 20

  var isFull: Bool { count >= PasteCollector.limit }

  /// Line ends of every kind become `\n`; other control characters stay and are shown as such.
  mutating func append(_ code: wint_t) {
    count += 1
    defer { lastWasReturn = code == 13 }
    if code == 13 || code == 10 {
      if code == 13 || !lastWasReturn { text.append("\n") }
      return
    }
    guard code != 0, let scalar = Unicode.Scalar(code) else { return }
    text.unicodeScalars.append(scalar)
  }
}

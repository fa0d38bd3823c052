internal import CNCurses
internal import CTerminal
import Glibc

/// What a terminal is before the screen begins: its locale, its description, its settings.
extension NCursesTerminal {
  /// The locale of the environment, or C.UTF-8 where that one has no UTF-8 though the environment
  /// asks for it. Returns whether text is UTF-8 now. `LC_ALL=C` stays plain.
  static func setLocale() -> Bool {
    func isUTF8() -> Bool {
      guard let codeset = nl_langinfo(Int32(CODESET)) else { return false }
      return ["UTF-8", "utf8", "UTF8"].contains(String(cString: codeset))
    }
    func wish() -> String {
      for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
        if let value = getenv(name), value.pointee != 0 { return String(cString: value) }
      }
      return ""
    }
    setlocale(LC_ALL, "")
    if !isUTF8() {
      let wished = wish().uppercased()
      // A locale that is not generated (en_US.UTF-8 on a bare system) reads as C.
      if wished.contains("UTF-8") || wished.contains("UTF8") { setlocale(LC_ALL, "C.UTF-8") }
    }
    let answer = isUTF8()
    setlocale(LC_NUMERIC, "C")
    return answer
  }

  /// The terminfo entries to try. Direct colour exists only in entries named so.
  static func descriptions(for term: String, direct: Bool) -> [String] {
    var names: [String] = []
    if direct, !term.hasSuffix("-direct"), !term.isEmpty {
      let stem = term.hasSuffix("-256color") ? String(term.dropLast(9)) : term
      names.append(stem + "-direct")
      if stem.hasPrefix("tmux") || stem.hasPrefix("screen") {
        names.append("tmux-direct")
      } else if ["xterm", "foot", "alacritty", "wezterm", "ghostty", "contour", "vte", "gnome"]
        .contains(where: stem.hasPrefix)
      {
        names.append("xterm-direct")
      }
    }
    if !term.isEmpty { names.append(term) }
    return names + ["xterm-256color"]
  }

  /// The bytes of a terminfo capability; `nil` where the terminal has none.
  static func capability(_ name: String) -> [UInt8]? {
    guard let pointer = tigetstr(name), UInt(bitPattern: pointer) != UInt.max, pointer.pointee != 0
    else { return nil }
    return Array(UnsafeBufferPointer(start: pointer, count: strlen(pointer))).map(
      UInt8.init(bitPattern:))
  }

  static func saveSettings(of descriptor: Int32, into memory: UnsafeMutableRawPointer)
    -> Bool
  {
    var current = termios()
    guard tcgetattr(descriptor, &current) == 0 else { return false }
    memory.storeBytes(of: current, as: termios.self)
    return true
  }
}

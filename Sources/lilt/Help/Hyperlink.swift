import Glibc

/// Hyperlinks in a terminal (OSC 8): text that opens a page or a file when it is clicked.
enum Hyperlink {
  /// Whether standard output is a terminal that may take them. Terminals that do not know them show
  /// the text alone; the Linux console and `TERM=dumb` print what they do not know.
  static let isShown: Bool = {
    guard isatty(STDOUT_FILENO) == 1, getenv("NO_COLOR").map({ $0.pointee == 0 }) ?? true else {
      return false
    }
    let terminal = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    return !["dumb", "linux", ""].contains(terminal)
  }()

  /// `text` as a link; itself where links are not shown.
  static func text(_ text: String, to address: String, isShown: Bool = isShown) -> String {
    guard isShown, !address.isEmpty else { return text }
    return "\u{1B}]8;;\(escaped(address))\u{1B}\\\(text)\u{1B}]8;;\u{1B}\\"
  }

  /// The address of a file on this machine.
  static func address(ofFile path: String) -> String {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let full = path.hasPrefix("/") ? path : Paths.join(workingFolder, path)
    let name = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "file://" + String(decoding: name, as: UTF8.self) + full
  }

  private static var workingFolder: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  /// An address in the 94 characters that the sequence may have.
  private static func escaped(_ address: String) -> String {
    address.utf8.map { byte in
      guard byte > 32, byte < 127 else {
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
      }
      return String(UnicodeScalar(byte))
    }.joined()
  }
}

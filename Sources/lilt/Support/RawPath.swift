import Glibc

/// Paths whose bytes are no UTF-8, as old disks and archives have them.
///
/// To the system a path is bytes. A byte that no UTF-8 text has stands in a `String` as a character of
/// its own from the last private plane, and is that byte again where the system is asked.
enum RawPath {
  /// U+10FF00 and the byte.
  private static let base: UInt32 = 0x10_FF00

  /// A path as the system gave it.
  static func text(of bytes: UnsafePointer<CChar>) -> String {
    if let text = String(validatingCString: bytes), !isRaw(text) { return text }
    var text = ""
    var rest = UnsafeBufferPointer(start: bytes, count: strlen(bytes)).map(UInt8.init(bitPattern:))[
      ...]
    while let first = rest.first {
      // The longest beginning of at most four bytes that is one character.
      let count = (1...4).first { count in
        rest.count >= count && String(validating: rest.prefix(count), as: UTF8.self) != nil
      }
      let character = count.map { String(decoding: rest.prefix($0), as: UTF8.self) }
      // A character of the last plane would be taken for a byte: its own bytes stand for it.
      if let count, let character, !isRaw(character) {
        text += character
        rest = rest.dropFirst(count)
      } else {
        text.unicodeScalars.append(Unicode.Scalar(base + UInt32(first)) ?? "?")
        rest = rest.dropFirst()
      }
    }
    return text
  }

  /// Whether a path has bytes that are no UTF-8.
  static func isRaw(_ path: String) -> Bool {
    path.utf8.contains(0xF4) && path.unicodeScalars.contains { $0.value >= base }
  }

  /// The path as the system wants it, with its final zero.
  static func bytes(of path: String) -> [CChar] {
    guard isRaw(path) else { return Array(path.utf8CString) }
    return path.unicodeScalars.flatMap { scalar -> [CChar] in
      scalar.value >= base
        ? [CChar(bitPattern: UInt8(truncatingIfNeeded: scalar.value))]
        : String(scalar).utf8.map(CChar.init(bitPattern:))
    } + [0]
  }

  /// The path for people: `caf\xE9.abc`.
  static func shown(_ path: String) -> String {
    guard isRaw(path) else { return path }
    var text = ""
    for scalar in path.unicodeScalars {
      if scalar.value >= base {
        text += "\\x" + String(scalar.value - base, radix: 16, uppercase: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// The arguments of this process, its name left out.
  static var arguments: [String] {
    (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
      CommandLine.unsafeArgv[index].map { text(of: $0) }
    }
  }
}

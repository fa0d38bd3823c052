/// How many cells a character takes. A table of our own: `wcwidth` depends on the locale, and a
/// test must not.
public enum TextWidth: Equatable, Sendable {
  /// Shown as two or more plain characters, such as `^I`.
  case control(String)
  case zero
  case one
  case two

  public static func of(_ scalar: Unicode.Scalar) -> TextWidth {
    let value = scalar.value
    switch value {
    case 0..<32: return .control("^" + String(UnicodeScalar(UInt8(value + 64))))
    case 32..<127: return .one
    case 127: return .control("^?")
    case 128..<160: return .control("?")
    case 160..<0x300: return value == 0xAD ? .zero : .one
    case 0x2500..<0x2600: return .one
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return .zero
    case .lineSeparator, .paragraphSeparator, .surrogate: return .control("?")
    default: return wide.contains { $0.contains(value) } ? .two : .one
    }
  }

  /// Cells that `text` takes on a row.
  public static func of(_ text: some StringProtocol) -> Int {
    var width = 0
    for scalar in text.unicodeScalars {
      if scalar.value >= 32 && scalar.value < 127 {
        width += 1
        continue
      }
      switch of(scalar) {
      case .control(let shown): width += shown.utf8.count
      case .zero: break
      case .one: width += 1
      case .two: width += 2
      }
    }
    return width
  }

  /// `text` in lines of at most `width` cells, broken at blanks where there are any.
  public static func lines(of text: String, width: Int) -> [String] {
    let width = max(width, 1)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
      let longer = lines.isEmpty && line.isEmpty ? word : line + " " + word
      if of(longer) <= width || line.isEmpty && of(word) <= width {
        line = line.isEmpty ? word : longer
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = word
      while of(line) > width {
        let first = clip(line, to: width)
        guard !first.isEmpty else { break }
        lines.append(first)
        line = String(line.dropFirst(first.count))
      }
    }
    return lines + [line]
  }

  /// The longest beginning of `text` that fits in `width` cells.
  public static func clip(_ text: String, to width: Int) -> String {
    guard of(text) > width else { return text }
    var clipped = ""
    var used = 0
    for character in text {
      let size = of(String(character))
      guard used + size <= width else { break }
      clipped.append(character)
      used += size
    }
    return clipped
  }

  /// East Asian wide and full-width blocks, and the pictographs terminals draw wide.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
    0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]
}

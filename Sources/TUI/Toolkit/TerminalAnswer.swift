/// A report of the terminal: what it says of itself, asked or unasked. Never a key.
public enum TerminalAnswer: Hashable, Sendable {
  /// Whether a DEC private mode can be switched, and how it stands.
  public enum ModeState: Int, Hashable, Sendable {
    case unknown = 0
    case set, reset, alwaysSet, alwaysReset

    /// Whether switching the mode does something.
    public var canChange: Bool { self == .set || self == .reset }
  }

  /// The terminal's own colours (OSC 10 and 11).
  case foreground(RGB)
  case background(RGB)
  /// The system's colours have changed, or how they are (`CSI ? 997 ; 1 n` dark, `2` light).
  case colorScheme(isLight: Bool)
  /// What DECRQM asked for (`CSI ? 2026 ; 2 $ y`).
  case mode(Int, ModeState)
  /// The kitty keyboard protocol is known here (`CSI ? 1 u`); its flags now.
  case keyboardProtocol(flags: Int)
  /// What every terminal answers (DA1, `CSI ? 62 ; 1 c`): all questions asked before have had
  /// their answer by then.
  case deviceAttributes(hasSixels: Bool)
  /// Whether kitty's graphics protocol is known (`APC G i=31;OK ST`).
  case kittyGraphics(isKnown: Bool)
  /// In pixels (`CSI 6 ; 20 ; 10 t`).
  case cellSize(width: Int, height: Int)
  /// The area of all cells, in pixels (`CSI 4 ; 480 ; 800 t`).
  case windowSize(width: Int, height: Int)
  /// The largest picture in sixels, in pixels (XTSMGRAPHICS, `CSI ? 2 ; 0 ; 1000 ; 1000 S`).
  case pictureLimit(width: Int, height: Int)

  /// Whether the terminal is a light one, as far as this answer tells.
  public var isLight: Bool? {
    switch self {
    case .background(let color): color.luminance > 0.4
    case .foreground(let color): color.luminance <= 0.4
    case .colorScheme(let isLight): isLight
    default: nil
    }
  }
}

extension TerminalAnswer {
  /// Reads what stands between `ESC ]` and its end; `nil` for what Lilt has no use for.
  init?(operatingSystemCommand content: [UInt8]) {
    let text = String(decoding: content, as: UTF8.self)
    let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let color = RGB(reported: parts[1]) else { return nil }
    switch parts[0] {
    case "10": self = .foreground(color)
    case "11": self = .background(color)
    default: return nil
    }
  }

  /// Reads what stands between `ESC _` and its end: an answer to kitty's graphics commands.
  init?(applicationCommand content: [UInt8]) {
    let text = String(decoding: content, as: UTF8.self)
    guard text.hasPrefix("Gi=31;") else { return nil }
    let message = text.dropFirst("Gi=31;".count)
    // An error is a code and a sentence: `EINVAL:…`.
    guard message == "OK" || message.hasPrefix("E") else { return nil }
    self = .kittyGraphics(isKnown: message == "OK")
  }

  /// Reads a control sequence that is a report; `nil` for keys and for what Lilt has no use for.
  init?(_ sequence: ControlSequence) {
    let numbers = sequence.parameters.map { $0.first ?? nil }
    switch (sequence.marker, sequence.intermediates, sequence.final) {
    case ("?", "", "c"):
      self = .deviceAttributes(hasSixels: numbers.dropFirst().contains(4))
    case ("?", "", "u"):
      self = .keyboardProtocol(flags: (numbers.first ?? nil) ?? 0)
    case ("?", "", "n"):
      guard numbers.count == 2, numbers[0] == 997, let scheme = numbers[1],
        (1...2).contains(scheme)
      else { return nil }
      self = .colorScheme(isLight: scheme == 2)
    case ("?", "", "S"):
      // The item, how it went (0 = well), width and height.
      guard numbers.count == 4, numbers[0] == 2, numbers[1] == 0, let width = numbers[2],
        let height = numbers[3], (1...30_000).contains(height), (1...30_000).contains(width)
      else { return nil }
      self = .pictureLimit(width: width, height: height)
    case (UnicodeScalar(0 as UInt8), "", "t"):
      guard numbers.count == 3, let height = numbers[1], let width = numbers[2],
        (1...30_000).contains(height), (1...30_000).contains(width)
      else { return nil }
      switch numbers[0] {
      case 4: self = .windowSize(width: width, height: height)
      case 6: self = .cellSize(width: width, height: height)
      default: return nil
      }
    case ("?", "$", "y"):
      guard numbers.count == 2, let mode = numbers[0],
        let state = numbers[1].flatMap(ModeState.init)
      else { return nil }
      self = .mode(mode, state)
    default: return nil
    }
  }
}

extension RGB {
  /// Reads a colour as X11 and terminals write it: `rgb:RRRR/GGGG/BBBB` with one to four hexadecimal
  /// digits a part, `rgba:` with a fourth part, `#rrggbb`.
  init?(reported text: Substring) {
    if text.hasPrefix("#") {
      self.init(hex: String(text))
      return
    }
    guard let colon = text.firstIndex(of: ":"), ["rgb", "rgba"].contains(text[..<colon]) else {
      return nil
    }
    let parts = text[text.index(after: colon)...].split(
      separator: "/", omittingEmptySubsequences: false)
    let values = parts.compactMap { digits -> Int? in
      guard (1...4).contains(digits.utf8.count), let value = UInt32(digits, radix: 16) else {
        return nil
      }
      return Int(value) * 255 / ((1 << (4 * digits.utf8.count)) - 1)
    }
    guard values.count == parts.count, values.count == 3 || values.count == 4 else { return nil }
    self.init(red: values[0], green: values[1], blue: values[2])
  }
}

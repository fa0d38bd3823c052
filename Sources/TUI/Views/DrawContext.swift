public import Music

/// The characters a terminal can show.
public enum Symbols: Sendable, Equatable { case unicode, ascii }

/// Everything a drawing needs that is not part of the session.
public struct DrawContext: Sendable {
  public var palette: Palette
  public var symbols: Symbols
  public var keys: KeyMap
  /// What sounds now; usually the session's player's.
  public var playhead: Tick
  /// The program's clock, for what depends on time.
  public var milliseconds: Int
  /// How long a first key of two has waited, in milliseconds; its popup opens after 300.
  public var prefixAge: Int
  /// `saved 2 s ago` and such, shown where there is room; may be empty.
  public var note: String

  public init(
    palette: Palette, symbols: Symbols = .unicode, keys: KeyMap = .standard,
    playhead: Tick = .zero, milliseconds: Int = 0, prefixAge: Int = 300, note: String = ""
  ) {
    self.milliseconds = milliseconds
    self.palette = palette
    self.symbols = symbols
    self.keys = keys
    self.playhead = playhead
    self.prefixAge = prefixAge
    self.note = note
  }
}

extension Symbols {
  /// Before where a likely character comes from.
  var source: String { self == .unicode ? "\u{2190}" : "<-" }
  var horizontal: Unicode.Scalar { self == .unicode ? "─" : "-" }
  var vertical: Unicode.Scalar { self == .unicode ? "│" : "|" }
  var teeDown: Unicode.Scalar { self == .unicode ? "┬" : "+" }
  var teeRight: Unicode.Scalar { self == .unicode ? "├" : "+" }
  var corners: [Unicode.Scalar] {
    self == .unicode ? ["┌", "┐", "└", "┘"] : ["+", "+", "+", "+"]
  }
  var playhead: Unicode.Scalar { self == .unicode ? "▼" : "v" }
  var cursor: Unicode.Scalar { self == .unicode ? "▲" : "^" }
  var generationHead: Unicode.Scalar { self == .unicode ? "◆" : "*" }
  var textHead: Unicode.Scalar { self == .unicode ? "■" : "#" }
  var beat: Unicode.Scalar { self == .unicode ? "·" : " " }
  var check: Unicode.Scalar { self == .unicode ? "✓" : "+" }
  var dash: String { self == .unicode ? "·" : "/" }

  /// A level 1...8 as a lane or contour shows it.
  func level(_ level: Int) -> Unicode.Scalar {
    let step = UInt32(min(max(level, 1), 8))
    return Unicode.Scalar(self == .unicode ? 0x2580 + step : 0x30 + step) ?? "?"
  }

  /// A bar of `eighths` of a cell.
  func bar(eighths: Int) -> String {
    guard self == .unicode else {
      return String(repeating: "#", count: max((eighths + 4) / 8, eighths > 0 ? 1 : 0))
    }
    var bar = String(repeating: "█", count: max(eighths, 0) / 8)
    let rest = max(eighths, 0) % 8
    if rest > 0, let part = Unicode.Scalar(0x2590 - UInt32(rest)) {
      bar.unicodeScalars.append(part)
    }
    return bar
  }
}

/// A colour as a terminal is told it.
public struct Color: Hashable, Sendable {
  /// -2 = leave what is beneath, -1 = the terminal's own, 0...255 = palette, 2^24 + 0xRRGGBB.
  public let code: Int32

  /// Leaves the colour that is already there.
  public static let unset = Color(code: -2)
  /// The terminal's own foreground or background.
  public static let terminal = Color(code: -1)

  init(code: Int32) { self.code = code }

  /// An entry of the 256-colour palette; below 16 the terminal's own sixteen.
  public static func palette(_ index: UInt8) -> Color { Color(code: Int32(index)) }
  /// 0xRRGGBB.
  public static func rgb(_ value: UInt32) -> Color {
    Color(code: Int32(value & 0xFF_FFFF) + (1 << 24))
  }

  /// The palette index, or `nil` for every other kind.
  public var paletteIndex: Int? { (0...255).contains(code) ? Int(code) : nil }
  /// Red, green and blue 0...255 as xterm shows them; `nil` for `unset` and `terminal`.
  public var components: RGB? {
    if code >= 1 << 24 { return RGB(UInt32(code) & 0xFF_FFFF) }
    return paletteIndex.map { RGB.xterm[$0] }
  }
}

/// How many colours a terminal shows.
public enum ColorDepth: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Attributes only.
  case mono = 0
  case colors8 = 8
  case colors16 = 16
  case colors256 = 256
  case trueColor = 16_777_216

  public static func < (left: ColorDepth, right: ColorDepth) -> Bool {
    left.rawValue < right.rawValue
  }

  /// What the user asked for with `--color`.
  public enum Wish: String, Hashable, Sendable, CaseIterable {
    case auto, never
    case sixteen = "16"
    case twoFiftySix = "256"
    case `true`
  }

  /// The depth to use: `--color`, then `NO_COLOR`, then `COLORTERM`, then what terminfo says.
  /// `COLORTERM` only ever asks; without a direct-colour terminfo entry 256 colours remain.
  public static func wanted(_ wish: Wish, environment: [String: String]) -> ColorDepth? {
    switch wish {
    case .never: return .mono
    case .sixteen: return .colors16
    case .twoFiftySix: return .colors256
    case .true: return .trueColor
    case .auto: break
    }
    if let value = environment["NO_COLOR"], !value.isEmpty { return .mono }
    switch environment["COLORTERM"] {
    case "truecolor", "24bit": return .trueColor
    default: return nil
    }
  }
}

/// Red, green and blue, each 0...255.
public struct RGB: Hashable, Sendable {
  public var red: Int
  public var green: Int
  public var blue: Int

  public init(red: Int, green: Int, blue: Int) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// 0xRRGGBB.
  public init(_ value: UInt32) {
    self.init(red: Int(value >> 16 & 255), green: Int(value >> 8 & 255), blue: Int(value & 255))
  }

  /// Reads `#rrggbb` or `#rgb`.
  public init?(hex: String) {
    guard hex.hasPrefix("#"), let value = UInt32(hex.dropFirst(), radix: 16) else { return nil }
    switch hex.utf8.count {
    case 7: self.init(value)
    case 4:
      self.init(
        red: Int(value >> 8 & 15) * 17, green: Int(value >> 4 & 15) * 17, blue: Int(value & 15) * 17
      )
    default: return nil
    }
  }

  public var value: UInt32 { UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }
  public var hex: String {
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The 256 colours of xterm: sixteen names, a 6×6×6 cube, 24 greys.
  static let xterm: [RGB] = {
    let names: [UInt32] = [
      0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
      0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
    ]
    let steps = [0, 95, 135, 175, 215, 255]
    var all = names.map { RGB($0) }
    for red in steps {
      for green in steps {
        for blue in steps { all.append(RGB(red: red, green: green, blue: blue)) }
      }
    }
    for grey in 0..<24 {
      all.append(RGB(red: 8 + 10 * grey, green: 8 + 10 * grey, blue: 8 + 10 * grey))
    }
    return all
  }()

  /// The nearest entry of `range` in xterm's palette, by distance as the eye weighs it.
  func nearest(in range: Range<Int>) -> Int {
    range.min { distance(to: RGB.xterm[$0]) < distance(to: RGB.xterm[$1]) } ?? 0
  }

  /// Squared distance with the usual weights for red according to its mean ("redmean").
  func distance(to other: RGB) -> Int {
    let mean = (red + other.red) / 2
    let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
    return ((512 + mean) * r * r) >> 8 + 4 * g * g + ((767 - mean) * b * b) >> 8
  }

  /// Part of the way to `other`; `share` 0...1.
  func mixed(with other: RGB, _ share: Double) -> RGB {
    func mix(_ a: Int, _ b: Int) -> Int { a + Int((Double(b - a) * share).rounded()) }
    return RGB(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }
}

extension Color {
  /// One of eight for one of sixteen: a light colour becomes its plain one. Where that could not be
  /// read on the usual ground, grey becomes the text's colour, and light blue cyan on black.
  static func eight(of index: Int, onLight: Bool, isBackground: Bool) -> Color {
    switch index {
    case 8: .palette(onLight == isBackground ? 7 : isBackground || onLight ? 0 : 7)
    case 12 where !onLight && !isBackground: .palette(6)
    default: .palette(UInt8(index & 7))
    }
  }
}

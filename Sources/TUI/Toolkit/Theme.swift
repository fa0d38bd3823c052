/// What every part of the screen looks like, at every depth of colour. A theme is one TOML file.
public struct Theme: Sendable {
  public enum Variant: String, Sendable { case dark, light }

  /// As the file says, or the file's name.
  public var name: String
  /// Whether its file has a side for dark terminals and one for light.
  public var isPair = false
  public var variant: Variant
  public var author = ""
  public var license = ""
  /// The file that messages name.
  public var file: String
  var styles: [String: Entry] = [:]
  var ramps: [String: [ThemeColor]] = [:]
  var mono: [String: Attributes] = [:]

  /// One line of `[style]`.
  struct Entry: Sendable {
    var foreground: ThemeColor?
    var background: ThemeColor?
    var attributes: Attributes = []
    var place: Place
  }

  /// Where something was set, for messages.
  struct Place: Hashable, Sendable {
    var file: String
    var line: Int
    var column = 1
  }

  /// The entry for `scope`: its own, or that of its longest prefix.
  func entry(for scope: String) -> Entry? { Theme.longestPrefix(of: scope, in: styles) }

  static func longestPrefix<Value>(of scope: String, in table: [String: Value]) -> Value? {
    var name = Substring(scope)
    while true {
      if let value = table[String(name)] { return value }
      guard let dot = name.lastIndex(of: ".") else { return nil }
      name = name[..<dot]
    }
  }

  /// The style of a scope at a depth. Without colours, the `[mono]` table decides, then the
  /// attributes of the style itself.
  func style(_ scope: String, at depth: ColorDepth) -> Style {
    let entry = entry(for: scope)
    guard depth != .mono else {
      let attributes = Theme.longestPrefix(of: scope, in: mono) ?? entry?.attributes ?? []
      return Style(attributes: attributes)
    }
    guard let entry else { return .plain }
    var style = Style(attributes: entry.attributes)
    let ground = variant
    if let color = entry.foreground { style.foreground = color.color(at: depth, ground) }
    if let color = entry.background {
      style.background = color.color(at: depth, ground, isBackground: true)
    }
    // Two shades that few colours make equal would hide what is written.
    if depth <= .colors16, style.foreground == style.background,
      let index = style.background.paletteIndex
    {
      style.foreground = .palette(index == 0 || index == 8 || index == 4 ? 7 : 0)
    }
    return style
  }

  /// Everything resolved for a terminal.
  public func palette(at depth: ColorDepth) -> Palette { Palette(self, at: depth) }
}

/// A colour as a theme gives it: for true colour, for 256 and for 16. What is missing is computed.
struct ThemeColor: Hashable, Sendable {
  /// The terminal's own colour, at every depth.
  var isTerminal = false
  var true24: RGB?
  var of256: Int?
  var of16: Int?

  static let terminal = ThemeColor(isTerminal: true)
  static let ansiNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "light-gray",
    "gray", "light-red", "light-green", "light-yellow", "light-blue", "light-magenta",
    "light-cyan", "white",
  ]

  /// Reads `#rrggbb`, `default` or one of the sixteen names.
  init?(_ text: String) {
    if text == "default" {
      isTerminal = true
    } else if let rgb = RGB(hex: text) {
      true24 = rgb
    } else if let index = ThemeColor.ansiNames.firstIndex(of: text) {
      (of256, of16) = (index, index)
    } else {
      return nil
    }
  }

  init(index: Int) {
    of256 = index
    if index < 16 { of16 = index }
  }

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// What a terminal of `depth` colours is told.
  func color(at depth: ColorDepth, _ variant: Theme.Variant, isBackground: Bool = false) -> Color {
    if isTerminal { return .terminal }
    switch depth {
    case .mono: return .unset
    case .trueColor:
      if let true24 { return .rgb(true24.value) }
      return palette256
    case .colors256: return palette256
    case .colors16: return .palette(UInt8(index16))
    case .colors8:
      return Color.eight(of: index16, onLight: variant == .light, isBackground: isBackground)
    }
  }

  private var palette256: Color {
    if let of256 { return .palette(UInt8(of256)) }
    if let true24 { return .palette(UInt8(true24.nearest(in: 16..<256))) }
    return .palette(UInt8(index16))
  }

  private var index16: Int {
    if let of16 { return of16 }
    return rgb.nearest(in: 0..<16)
  }

  /// The colour itself, as near as is known; black for the terminal's own.
  var rgb: RGB { true24 ?? of256.map { RGB.xterm[$0] } ?? of16.map { RGB.xterm[$0] } ?? RGB(0) }
}

/// A theme resolved for one depth of colour: an array to draw from.
public struct Palette: Sendable {
  public let depth: ColorDepth
  public let name: String
  private let styles: [Style]
  /// Five steps from expected to surprising.
  public let surprise: [Style]
  /// Twelve pitch classes from C.
  public let pitchClass: [Style]
  /// Eleven steps of probability from 0 to 1, as backgrounds of keys.
  private let heats: [Style]
  /// `#rrggbb` of text and its ground, for pictures; those of the theme's side where they are the
  /// terminal's own.
  public let inkAndPaper: (ink: String, paper: String)

  init(_ theme: Theme, at depth: ColorDepth) {
    self.depth = depth
    name = theme.name
    styles = Scope.allCases.map { theme.style($0.rawValue, at: depth) }
    let note = theme.style(Scope.note.rawValue, at: depth)
    surprise = (0..<5).map { step in
      let color = theme.ramp("surprise", Double(step) / 4, at: depth)
      let attributes: Attributes = depth == .mono && step == 4 ? .bold : []
      return note.patched(with: Style(foreground: color, attributes: attributes))
    }
    pitchClass = (0..<12).map { step in
      note.patched(with: Style(foreground: theme.ramp("pitch_class", Double(step) / 11, at: depth)))
    }
    let isLight = theme.variant == .light
    // As the cells around a picture are; what sixteen colours look like only the terminal knows.
    let shades = depth == .colors256 ? depth : .trueColor
    let paper = theme.style(Scope.background.rawValue, at: shades).background.components
    let ink = theme.style(Scope.text.rawValue, at: shades).foreground.components
    inkAndPaper = (
      ink?.hex ?? (isLight ? "#000000" : "#e5e5e5"), paper?.hex ?? (isLight ? "#ffffff" : "#000000")
    )
    heats = (0...10).map { step in
      Style(foreground: theme.ramp("heat", Double(step) / 10, at: depth))
    }
  }

  public subscript(_ scope: Scope) -> Style { styles[scope.ordinal] }

  /// The colour of a probability 0...1.
  public func heat(_ probability: Double) -> Style {
    guard probability.isFinite else { return heats[0] }
    return heats[Int((min(max(probability, 0), 1) * 10).rounded())]
  }
}

extension Theme {
  /// The colour at `share` (0...1) of a ramp. Between stops colours are mixed where the depth has
  /// them; with sixteen the nearest stop is taken.
  func ramp(_ name: String, _ share: Double, at depth: ColorDepth) -> Color {
    guard let stops = ramps[name], let last = stops.last, depth != .mono else { return .unset }
    let position = share * Double(stops.count - 1)
    let index = min(Int(position), stops.count - 1)
    let rest = position - Double(index)
    let from = stops[index]
    let to = index + 1 < stops.count ? stops[index + 1] : last
    let isBetween = rest > 0.01 && rest < 0.99
    guard isBetween, depth >= .colors256, !from.isTerminal, !to.isTerminal else {
      return (rest < 0.5 ? from : to).color(at: depth, variant)
    }
    var mixed = ThemeColor(isTerminal: false)
    mixed.true24 = from.rgb.mixed(with: to.rgb, rest)
    return mixed.color(at: depth, variant)
  }
}

/// Bold, underline and so on: what is left where there are no colours.
public struct Attributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let bold = Attributes(rawValue: 1)
  public static let dim = Attributes(rawValue: 2)
  public static let italic = Attributes(rawValue: 4)
  public static let underline = Attributes(rawValue: 8)
  public static let reverse = Attributes(rawValue: 16)

  /// By the name a theme uses, or `nil`.
  public init?(name: String) {
    guard let index = Attributes.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: 1 << UInt8(index))
  }

  /// In the order of their bits.
  public static let names = ["bold", "dim", "italic", "underline", "reverse"]

  /// The names of those that are set.
  public var list: [String] {
    Attributes.names.indices.filter { rawValue & 1 << UInt8($0) != 0 }.map { Attributes.names[$0] }
  }
}

/// How one cell looks. A colour that is `unset` leaves what is beneath.
public struct Style: Hashable, Sendable {
  public var foreground: Color
  public var background: Color
  public var attributes: Attributes

  public static let plain = Style()

  public init(
    foreground: Color = .unset, background: Color = .unset, attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// This style with everything that `overlay` sets laid over it.
  public func patched(with overlay: Style) -> Style {
    Style(
      foreground: overlay.foreground == .unset ? foreground : overlay.foreground,
      background: overlay.background == .unset ? background : overlay.background,
      attributes: attributes.union(overlay.attributes))
  }

  /// The style as a terminal of few colours can show it: there bold makes a colour of the first
  /// eight its lighter one, black grey. Where that is harder to read, bold is left out.
  public func legible(at depth: ColorDepth) -> Style {
    guard depth <= .colors16, attributes.contains(.bold), let lightened else { return self }
    let isWorse =
      if let ground = background.components, let plain = foreground.components {
        lightened.contrast(with: ground) < plain.contrast(with: ground)
      } else {
        // On a ground that is not known, grey is the one that nobody can read.
        foreground.paletteIndex == 0
      }
    guard isWorse else { return self }
    var style = self
    style.attributes.remove(.bold)
    return style
  }

  /// What bold makes of the foreground on many terminals of few colours.
  var lightened: RGB? {
    guard attributes.contains(.bold), let index = foreground.paletteIndex, index < 8 else {
      return nil
    }
    return RGB.xterm[index + 8]
  }

  public func with(_ attributes: Attributes) -> Style {
    var style = self
    style.attributes.formUnion(attributes)
    return style
  }
}

import Form

/// How long the parts (strains) of a tune are to be, and how strongly that is asked for.
///
/// Written as one word: `off`, `wish` and `rule` for parts of 4, 8 or 16 bars as they are drawn, `8`
/// for parts of 8 bars each, `8|16` for a first part of 8 and others of 16. Numbers are a rule.
public struct PartLengths: Hashable, Sendable, CustomStringConvertible {
  public let force: Force
  /// Bars of each part, the last for those after it; empty = they are drawn.
  public let bars: [Int]

  public static let off = PartLengths(.off)
  public static let wish = PartLengths(.wish)
  public static let rule = PartLengths(.rule)

  /// What may be written, for people.
  public static let forms =
    "off, wish, rule, or bars from 1 to \(PlanSign.Place.most) such as 8, or 8|16 part by part"

  private init(_ force: Force, bars: [Int] = []) {
    self.force = force
    self.bars = bars
  }

  /// Reads what `description` writes; nil where it is nothing of the kind.
  public init?(_ text: String) {
    let text = text.lowercased()
    if let force = Force(rawValue: text) {
      self.init(force)
      return
    }
    let words = text.split(omittingEmptySubsequences: false) { "|/, ".contains($0) }
    let bars = words.compactMap { Int($0) }
    guard bars.count == words.count, bars.count <= 16,
      bars.allSatisfy((1...PlanSign.Place.most).contains)
    else { return nil }
    self.init(.rule, bars: bars)
  }

  public var description: String {
    bars.isEmpty ? force.rawValue : bars.map(String.init).joined(separator: "|")
  }

  /// The lengths that a part may have.
  func lengths(ofPart part: Int) -> [Int] {
    if let last = bars.last { return [bars.indices.contains(part) ? bars[part] : last] }
    return force == .rule ? [4, 8, 16] : Array(1...PlanSign.Place.most)
  }
}

extension PartLengths: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let read = PartLengths(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)'")
    }
    self = read
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

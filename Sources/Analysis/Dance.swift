/// A kind of tune whose bars, range and form are judged together: a dance, or a meter where the tune
/// names none.
public struct Dance: Hashable, Sendable, CustomStringConvertible {
  /// `jig`, `slip jig`, `reel`; `4/4` for tunes of that meter without a rhythm.
  public let name: String

  public init(name: String) { self.name = name }

  /// Of a tune with this `R:` and `M:`, as they are written.
  public init(rhythm: String, meter: String) {
    // A tab would end the name in a repertoire.
    let rhythm = rhythm.lowercased().replacing("\t", with: " ")
    let meter = Dance.ratio(meter)
    if rhythm.contains("slip") || meter == "9/8" {
      name = "slip jig"
    } else if rhythm.contains("jig") || rhythm.isEmpty && meter == "6/8" {
      name = "jig"
    } else if let known = ["reel", "hornpipe", "polka", "waltz"].first(where: rhythm.contains) {
      name = known
    } else {
      name = rhythm.isEmpty ? meter : rhythm
    }
  }

  public var description: String { name }

  /// `4/4` for `C`, `2/2` for `C|`, `4/4` where the field is missing.
  static func ratio(_ meter: String) -> String {
    switch meter.filter({ $0 != " " }) {
    case "C", "c", "": "4/4"
    case "C|", "c|": "2/2"
    case let other: other
    }
  }
}

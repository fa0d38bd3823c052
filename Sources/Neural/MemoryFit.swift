/// How much a text's own past counts while it is read: the fitted values of a `ContinuousCache`.
///
/// A checkpoint may bring its own in the entry `memory` of its metadata, a JSON object of
/// `sharpness`, `trust` and `distances`.
public struct MemoryFit: Hashable, Sendable {
  /// θ: how much more a place counts that is more like the present one.
  public var sharpness: Double
  /// a: how much the network alone counts, as so many memories.
  public var trust: Double
  /// β: the logarithm of how much a memory counts that is 0, 1, 2 … bars away; the last one is for
  /// all that are farther.
  public var distances: [Double]

  public init(sharpness: Double, trust: Double, distances: [Double]) {
    self.sharpness = sharpness
    self.trust = trust
    self.distances = distances
  }

  /// Fitted to folk tunes: four-bar phrases and eight-bar parts show in the distances.
  public static let folk = MemoryFit(
    sharpness: 19.5, trust: 0.13,
    distances: [
      -1.5, -1.3, -0.2, -1.2, 0.7, -0.3, -1.2, -0.7, 0.2, 0.5, 0.2, -0.1, -0.2, 0.1, 0.2, -1.8, 0.5,
      1.1,
    ])

  /// The same for a network that reads plans, without relations.
  public static let planned = MemoryFit(
    sharpness: 21.9, trust: 0.076,
    distances: [
      -1.61, -0.77, 0.42, -0.95, 0.98, -3.10, -0.29, -1.52, 0.71, -0.96, -1.94, -1.14, 0.39, 0.03,
      0.82, -2.39, 0.68, -2.20, 0.38,
    ])

  /// Reads the metadata's entry; nil where it is none.
  init?(_ text: String) {
    guard case .object(let members)? = try? JSONValue(bytes: Array(text.utf8)[...]) else {
      return nil
    }
    func number(_ value: JSONValue?) -> Double? {
      switch value {
      case .integer(let whole): Double(whole)
      case .number(let number): number
      default: nil
      }
    }
    func member(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }
    guard let sharpness = number(member("sharpness")), (0...1000).contains(sharpness),
      let trust = number(member("trust")), (1e-6...1e6).contains(trust),
      let distances = member("distances")?.array, (1...256).contains(distances.count)
    else { return nil }
    let values = distances.compactMap { number($0) }
    guard values.count == distances.count, values.allSatisfy({ (-50...50).contains($0) }) else {
      return nil
    }
    self.init(sharpness: sharpness, trust: trust, distances: values)
  }

  /// The metadata's entry.
  public var json: String {
    "{\"sharpness\":\(sharpness),\"trust\":\(trust),\"distances\":["
      + distances.map { "\($0)" }.joined(separator: ",") + "]}"
  }

  func offset(barsAway distance: Int) -> Float {
    guard let last = distances.last else { return 0 }
    let distance = abs(distance)
    return Float(distance < distances.count ? distances[distance] : last)
  }
}

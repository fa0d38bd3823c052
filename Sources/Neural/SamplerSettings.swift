/// How a character is drawn from the network's scores.
///
/// Values out of range are brought into it, whoever sets them; what is not a number counts as 1.
public struct SamplerSettings: Codable, Equatable, Sendable {
  /// 0...10. Below 1 likely characters become likelier; 0 always takes the likeliest.
  public var temperature: Double { didSet { temperature = Self.temperature(temperature) } }
  /// Only so many of the likeliest characters are considered; 0 = all. Never negative.
  public var topK: Int { didSet { topK = max(0, topK) } }
  /// 0...1: the likeliest characters that together have this probability; 1 = all.
  public var topP: Double { didSet { topP = Self.share(topP, ifNotANumber: 1) } }
  /// 0...1: characters at least this part as likely as the likeliest; 0 = all.
  public var minP: Double { didSet { minP = Self.share(minP, ifNotANumber: 0) } }
  /// A temperature for each group of characters a sampler knows, 0...10; the choice between groups
  /// stays that of `temperature`. Empty, or too short: `temperature` for the rest.
  public var groupTemperatures: [Double] {
    didSet { groupTemperatures = groupTemperatures.map(Self.temperature) }
  }

  public static let temperatures = 0.0...10.0

  public init(
    temperature: Double = 1, topK: Int = 0, topP: Double = 1, minP: Double = 0,
    groupTemperatures: [Double] = []
  ) {
    self.temperature = Self.temperature(temperature)
    self.topK = max(0, topK)
    self.topP = Self.share(topP, ifNotANumber: 1)
    self.minP = Self.share(minP, ifNotANumber: 0)
    self.groupTemperatures = groupTemperatures.map(Self.temperature)
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      temperature: try values.decodeIfPresent(Double.self, forKey: .temperature) ?? 1,
      topK: try values.decodeIfPresent(Int.self, forKey: .topK) ?? 0,
      topP: try values.decodeIfPresent(Double.self, forKey: .topP) ?? 1,
      minP: try values.decodeIfPresent(Double.self, forKey: .minP) ?? 0,
      groupTemperatures: try values.decodeIfPresent([Double].self, forKey: .groupTemperatures)
        ?? [])
  }

  /// The temperature of a group of characters.
  public func temperature(ofGroup group: Int) -> Double {
    groupTemperatures.indices.contains(group) ? groupTemperatures[group] : temperature
  }

  private static func temperature(_ value: Double) -> Double {
    value.isNaN ? 1 : min(max(value, temperatures.lowerBound), temperatures.upperBound)
  }

  private static func share(_ value: Double, ifNotANumber other: Double) -> Double {
    value.isNaN ? other : min(max(value, 0), 1)
  }
}

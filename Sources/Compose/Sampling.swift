public import Neural

/// Everything that steers how the model writes, as the musician sees it.
public struct Sampling: Codable, Sendable, Equatable {
  /// Which temperature `+` and `-` move.
  public enum Focus: String, Codable, Sendable, CaseIterable { case all, melody, rhythm, form }

  /// 0.05...5; 1 = as the model was trained. The others follow it unless they are set apart.
  public var temperature = 1.0
  /// `nil` = as `temperature`.
  public var melody: Double?
  public var rhythm: Double?
  public var form: Double?
  public var focus = Focus.all
  /// 0 = off.
  public var topK = 0
  /// 0...1; 1 = off.
  public var topP = 1.0
  /// 0...1; 0 = off.
  public var minP = 0.0
  public var pace = Pace.follow
  /// How many whole bars the model stays in front of the playhead. 0...64.
  public var ahead = 2
  /// Bars in a phrase; 1...64.
  public var phrase = 8
  public var stop = StopRule.phrase
  /// Whether only characters are drawn that can continue correct ABC, with bars that add up.
  public var isLegal = true
  /// What is wanted of the tune.
  public var writing = Writing()

  public init() {}

  /// Drops what holds for one tune only: another one begins.
  public mutating func forgetTune() { writing.bars = "" }

  public static let temperatures = 0.05...5.0

  /// How fast the model may write.
  public enum Pace: Codable, Sendable, Equatable, CustomStringConvertible {
    /// As fast as it can.
    case max
    /// Characters a second.
    case type(Double)
    /// `ahead` bars in front of the playhead; 30 characters a second when nothing plays.
    case follow

    public static let silentSpeed = 30.0

    public var description: String {
      switch self {
      case .max: "max"
      case .type(let speed): "type \(speed.formatted(decimals: 0))"
      case .follow: "follow"
      }
    }

    /// Reads `max`, `follow`, `type 30` or `30`.
    public init?(_ text: String) {
      switch text {
      case "max": self = .max
      case "follow": self = .follow
      default:
        let digits = text.hasPrefix("type ") ? String(text.dropFirst(5)) : text
        guard let speed = Double(digits), speed >= 1, speed <= 10000 else { return nil }
        self = .type(speed)
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    temperature = try values.decode(Double.self, forKey: .temperature)
    melody = try values.decodeIfPresent(Double.self, forKey: .melody)
    rhythm = try values.decodeIfPresent(Double.self, forKey: .rhythm)
    form = try values.decodeIfPresent(Double.self, forKey: .form)
    focus = try values.decode(Focus.self, forKey: .focus)
    topK = try values.decode(Int.self, forKey: .topK)
    topP = try values.decode(Double.self, forKey: .topP)
    minP = try values.decode(Double.self, forKey: .minP)
    pace = try values.decode(Pace.self, forKey: .pace)
    ahead = try values.decode(Int.self, forKey: .ahead)
    phrase = try values.decode(Int.self, forKey: .phrase)
    stop = try values.decode(StopRule.self, forKey: .stop)
    isLegal = try values.decode(Bool.self, forKey: .isLegal)
    // Drafts from before there was anything to want were written without it.
    writing = try values.decodeIfPresent(Writing.self, forKey: .writing) ?? .plain
  }

  /// Where a run stops by itself.
  public enum StopRule: String, Codable, Sendable, CaseIterable {
    /// At the end of the phrase, or of the tune.
    case phrase
    /// At the next bar that comes to rest: on the tonic, held for a beat; or at the tune's end.
    case cadence
    /// At the end of the tune.
    case tune
    /// Only when asked.
    case never
  }

  /// The temperature of one class of characters.
  public func temperature(of focus: Focus) -> Double {
    switch focus {
    case .all: temperature
    case .melody: melody ?? temperature
    case .rhythm: rhythm ?? temperature
    case .form: form ?? temperature
    }
  }

  /// Moves the temperature in focus; moving `all` moves the lot.
  mutating func setTemperature(_ value: Double, of focus: Focus) {
    let value = min(max(value, Sampling.temperatures.lowerBound), Sampling.temperatures.upperBound)
    let rounded = (value * 100).rounded() / 100
    switch focus {
    case .all:
      temperature = rounded
      (melody, rhythm, form) = (nil, nil, nil)
    case .melody: melody = rounded
    case .rhythm: rhythm = rounded
    case .form: form = rounded
    }
  }
}

extension SamplerSettings {
  /// The settings of a sampler whose groups are those of `CharacterClass`.
  public init(_ sampling: Sampling) {
    let isApart = sampling.melody != nil || sampling.rhythm != nil || sampling.form != nil
    self.init(
      temperature: sampling.temperature, topK: sampling.topK, topP: sampling.topP,
      minP: sampling.minP,
      groupTemperatures: isApart
        ? [sampling.melody, sampling.rhythm, sampling.form].map { $0 ?? sampling.temperature }
        : [])
  }
}

extension Double {
  /// With a point and a fixed number of decimals, whatever the locale.
  public func formatted(decimals: Int) -> String {
    guard isFinite, magnitude < 1e15 else { return "\(self)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((magnitude * scale).rounded())
    let sign = self < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(scaled / Int(scale)).\(zeros)\(fraction)"
  }
}

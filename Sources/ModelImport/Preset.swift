/// The architecture of a published system, and how its number of parameters comes about.
public struct Preset: Equatable, Sendable {
  public enum Layer: Equatable, Sendable {
    case embedding(width: Int)
    case lstm(Int)
    case dropout(Double)
    case dense(Int, ImportedNetwork.Activation)
    /// One score for each token.
    case scores
  }

  public enum Input: Equatable, Sendable {
    case tokens
    case oneHot
    /// The one number token ÷ vocabulary.
    case scaledToken
    /// So many numbers a step.
    case numbers(Int)
  }

  public struct Head: Equatable, Sendable {
    public var name: String
    public var units: Int
  }

  /// Which of the six systems it is.
  public let system: Int
  public let name: String
  public let summary: String
  public let input: Input
  public let layers: [Layer]
  /// Several outputs instead of scores.
  public let heads: [Head]
  /// Tokens of the published corpus; 0 where there are none.
  public let vocabulary: Int
  /// The number of parameters that was published; nil where none was, or the sizes are our choice.
  public let publishedCount: Int?

  /// The share of one layer in the number of parameters.
  public struct Share: Equatable, Sendable {
    public let layer: String
    public let formula: String
    public let count: Int
  }

  /// How the count comes about, layer by layer, with one bias a gate as in Keras.
  public func shares(vocabulary tokens: Int? = nil) -> [Share] {
    let tokens = tokens ?? vocabulary
    var shares: [Share] = []
    var width =
      switch input {
      case .tokens, .oneHot: tokens
      case .scaledToken: 1
      case .numbers(let count): count
      }
    func dense(_ name: String, _ units: Int) -> Share {
      Share(
        layer: name, formula: "(\(width) + 1) × \(units)", count: (width + 1) * units)
    }
    for layer in layers {
      switch layer {
      case .embedding(let units):
        shares.append(
          Share(
            layer: "embedding", formula: "\(tokens) × \(units)", count: tokens * units))
        width = units
      case .lstm(let units):
        shares.append(
          Share(
            layer: "LSTM", formula: "4 × (\(width) + \(units) + 1) × \(units)",
            count: 4 * (width + units + 1) * units))
        width = units
      case .dropout: break
      case .dense(let units, _):
        shares.append(dense("dense", units))
        width = units
      case .scores: shares.append(dense("scores", tokens))
      }
    }
    for head in heads { shares.append(dense(head.name, head.units)) }
    return shares
  }

  /// Parameters as Keras counts them.
  public func parameterCount(vocabulary tokens: Int? = nil) -> Int {
    shares(vocabulary: tokens).reduce(0) { $0 + $1.count }
  }

  /// PyTorch keeps a second bias for each gate of each layer.
  public func parameterCountInPyTorch(vocabulary tokens: Int? = nil) -> Int {
    parameterCount(vocabulary: tokens)
      + layers.reduce(0) { if case .lstm(let units) = $1 { $0 + 4 * units } else { $0 } }
  }

  public static func named(_ name: String) -> Preset? { all.first { $0.name == name } }

  /// The six systems.
  public static let all: [Preset] = [
    Preset(
      system: 1, name: "jigs-hornpipes",
      summary: "ABC characters of jigs and hornpipes, three or four small layers",
      input: .tokens,
      layers: [
        .embedding(width: 64), .lstm(128), .dropout(0.2), .lstm(128), .dropout(0.2), .lstm(128),
        .dropout(0.2), .scores,
      ],
      heads: [], vocabulary: 87, publishedCount: nil),
    Preset(
      system: 2, name: "midi-characters",
      summary: "MIDI written as 108 characters, one-hot, one layer of 16 to 128",
      input: .oneHot, layers: [.lstm(64), .scores], heads: [], vocabulary: 108,
      publishedCount: nil),
    Preset(
      system: 3, name: "pitch-step-duration",
      summary: "notes as pitch, time since the last note and duration, three outputs",
      input: .numbers(3), layers: [.lstm(128)],
      heads: [
        Head(name: "pitch", units: 128), Head(name: "step", units: 1),
        Head(name: "duration", units: 1),
      ], vocabulary: 0, publishedCount: nil),
    Preset(
      system: 4, name: "note-chords",
      summary: "359 notes and chords, each read as one number; two LSTM and three dense layers",
      input: .scaledToken,
      layers: [
        .lstm(512), .dropout(0.3), .lstm(512), .dropout(0.3), .dense(512, .relu),
        .dense(256, .relu), .scores,
      ], heads: [], vocabulary: 359, publishedCount: 3_638_119),
    Preset(
      system: 5, name: "stateful-3x256", summary: "ABC characters, three stateful LSTM layers",
      input: .tokens,
      layers: [
        .embedding(width: 512), .lstm(256), .dropout(0.2), .lstm(256), .dropout(0.2), .lstm(256),
        .dropout(0.2), .scores,
      ], heads: [], vocabulary: 87, publishedCount: nil),
    Preset(
      system: 6, name: "irish-1024", summary: "ABC characters of Irish songs, one wide LSTM layer",
      input: .tokens, layers: [.embedding(width: 256), .lstm(1024), .scores], heads: [],
      vocabulary: 83, publishedCount: 5_353_299),
  ]

  /// The published system that has exactly so many parameters.
  public static func matching(_ count: Int) -> Preset? {
    all.first { preset in
      preset.publishedCount == count
        || preset.publishedCount != nil && preset.parameterCountInPyTorch() == count
    }
  }
}

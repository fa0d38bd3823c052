import Neural

/// What a network to be trained looks like.
public struct NetworkShape: Hashable, Sendable {
  /// What tokens are to the lowest layer.
  public enum Input: Hashable, Sendable {
    case oneHot
    /// A learned vector of this width for each token.
    case embedding(width: Int)
    /// The one number token / vocabulary.
    case scaledToken
    /// Numbers instead of tokens, as many for each moment.
    case numbers(count: Int)
  }

  /// The kind of recurrent layer, as in PyTorch.
  public enum Cell: String, CaseIterable, Sendable {
    case lstm
    case gru
    case rnn
  }

  /// Which moments are asked for a prediction.
  public enum Output: String, Sendable {
    case everyMoment
    case lastMoment
  }

  /// Tokens, or 0 where the input is `numbers`.
  public var vocabularySize: Int
  public var input: Input
  public var cell: Cell
  /// Units of each recurrent layer, lowest first.
  public var layerSizes: [Int]
  /// Units of each dense layer between the recurrent layers and the scores.
  public var denseSizes: [Int]
  /// What these make of their sums.
  public var denseActivation: Activation
  /// Whether the input of every dense layer is normalised over the batch.
  public var isBatchNormalised: Bool
  /// Share of each recurrent and hidden dense layer's outputs that is dropped in training.
  public var dropout: Float
  /// The share of hidden dense layers' outputs where it is another; nil = `dropout`.
  public var denseDropout: Float?
  /// Whether the same outputs of a layer are dropped at every moment of a sequence.
  public var isDropoutLocked: Bool
  /// Share of the weights between a layer's own outputs and its gates that is dropped for a whole
  /// step (Merity et al. 2017, "DropConnect").
  public var weightDropout: Float
  public var output: Output
  /// Scores at the top: the vocabulary, or pitches, step and duration.
  public var outputCount: Int

  public init(
    vocabularySize: Int, input: Input = .embedding(width: 64), cell: Cell = .lstm,
    layerSizes: [Int], denseSizes: [Int] = [], denseActivation: Activation = .relu,
    isBatchNormalised: Bool = false,
    dropout: Float = 0, denseDropout: Float? = nil, isDropoutLocked: Bool = false,
    weightDropout: Float = 0,
    output: Output = .everyMoment,
    outputCount: Int? = nil
  ) {
    self.vocabularySize = vocabularySize
    self.input = input
    self.cell = cell
    self.layerSizes = layerSizes
    self.denseSizes = denseSizes
    self.denseActivation = denseActivation
    self.isBatchNormalised = isBatchNormalised
    self.dropout = dropout
    self.denseDropout = denseDropout
    self.isDropoutLocked = isDropoutLocked
    self.weightDropout = weightDropout
    self.output = output
    self.outputCount = outputCount ?? vocabularySize
  }

  /// The widest layer that the kernels take.
  public static let widestLayer = 8192

  /// Numbers that the lowest layer reads at each moment.
  var inputWidth: Int {
    switch input {
    case .oneHot: vocabularySize
    case .embedding(let width): width
    case .scaledToken: 1
    case .numbers(let count): count
    }
  }

  /// Weights and biases together.
  public var parameterCount: Int {
    var count = 0
    var below = inputWidth
    if case .embedding(let width) = input { count += vocabularySize * width }
    for size in layerSizes {
      count += cell.gates * size * (below + size + 2)
      below = size
    }
    for size in denseSizes + [outputCount] {
      count += size * (below + 1) + (isBatchNormalised ? 2 * below : 0)
      below = size
    }
    return count
  }

  /// Throws when a size is out of bounds, saying which.
  public func check(precision: TrainingPrecision) throws(TrainingError) {
    let widths = layerSizes + denseSizes + [inputWidth, outputCount]
    guard !layerSizes.isEmpty, layerSizes.count <= 16, denseSizes.count <= 16 else {
      throw .impossible("a network needs 1 to 16 recurrent layers and at most 16 dense ones")
    }
    guard widths.allSatisfy({ (1...Self.widestLayer).contains($0) }) else {
      throw .impossible("layers must have 1 to \(Self.widestLayer) units")
    }
    guard (0..<1).contains(dropout), (0..<1).contains(denseDropout ?? 0),
      (0..<1).contains(weightDropout)
    else {
      throw .impossible("dropout must be at least 0 and below 1")
    }
    guard denseActivation.isTrainable else { throw .untrainable(denseActivation) }
    if precision == .bfloat16 {
      guard (layerSizes + denseSizes).allSatisfy({ $0.isMultiple(of: 2) }) else {
        throw .impossible("layers must have an even number of units for bfloat16")
      }
    }
  }
}

extension NetworkShape.Cell {
  /// Blocks of rows in the weights of a layer.
  var gates: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .rnn: 1
    }
  }
}

import Neural

/// A network read from a foreign file, in PyTorch's conventions: weights are `(outputs, inputs)`
/// row by row, the gates of an LSTM in the order input, forget, cell, output, those of a GRU reset,
/// update, new.
public struct ImportedNetwork: Sendable {
  /// What the lowest layer reads.
  public enum Input: Equatable, Sendable {
    /// Tokens; the first layer is an embedding.
    case embedding
    /// Tokens, one input for each of so many.
    case oneHot(Int)
    /// One number: the token times a scale.
    case scaledToken(scale: Double, tokens: Int)
    /// So many numbers as they are, such as pitch, step and duration.
    case numbers(Int)
  }

  public typealias Activation = Neural.Activation

  public struct Matrix: Equatable, Sendable {
    public var rows: Int
    public var columns: Int
    /// `(rows, columns)`, row by row.
    public var values: [Float]

    init(rows: Int, columns: Int, values: [Float]) {
      self.rows = rows
      self.columns = columns
      self.values = values
    }

    var transposed: Matrix {
      var result = [Float](repeating: 0, count: values.count)
      for row in 0..<rows {
        for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
      }
      return Matrix(rows: columns, columns: rows, values: result)
    }
  }

  public struct Recurrent: Equatable, Sendable {
    public enum Cell: String, Sendable {
      case lstm
      /// `n = tanh(W x + b + r (U h + c))`: PyTorch, and Keras with `reset_after`.
      case gru
      /// `n = tanh(W x + b + U (r h))`: Keras without `reset_after`.
      case gruResetBefore = "gru-reset-before"
      case rnn

      public var gates: Int {
        switch self {
        case .lstm: 4
        case .gru, .gruResetBefore: 3
        case .rnn: 1
        }
      }
    }

    public var cell: Cell
    /// `(gates * units, inputs)`
    public var inputWeights: Matrix
    /// `(gates * units, units)`
    public var recurrentWeights: Matrix
    /// `(gates * units)` each; both are nil where the layer has none.
    public var inputBias: [Float]?
    public var recurrentBias: [Float]?
    public var activation: Activation
    public var gateActivation: Activation

    public var units: Int { recurrentWeights.columns }
  }

  public struct Dense: Equatable, Sendable {
    /// `(outputs, inputs)`
    public var weights: Matrix
    public var bias: [Float]?
    public var activation: Activation
  }

  public enum Layer: Equatable, Sendable {
    /// `(tokens, width)`
    case embedding(Matrix)
    case recurrent(Recurrent)
    /// What batch normalisation is once it has learnt: `x * scale + shift`.
    case scaleAndShift(scale: [Float], shift: [Float])
    case dense(Dense)
    case activation(Activation)
  }

  /// One of several outputs, such as `pitch`.
  public struct Head: Equatable, Sendable {
    public var name: String
    public var layer: Dense
  }

  public var input: Input
  /// Lowest first.
  public var layers: [Layer]
  /// Empty unless the network has several outputs: then they all read the last layer.
  public var heads: [Head]
  /// The tokens, where the file itself names them.
  public var vocabulary: [String]?
  /// Steps that one example had in training, where the file tells.
  public var window: Int?
  /// What became of each tensor, for people.
  public var mapping: [Mapping]
  /// What had to be assumed, a sentence each.
  public var remarks: [String]
  /// How precisely the numbers should be kept: as the file did.
  public var format: Checkpoint.Format

  public struct Mapping: Equatable, Sendable {
    public var foreign: String
    public var shape: [Int]
    public var own: String
  }

  init(input: Input, layers: [Layer], heads: [Head] = [], format: Checkpoint.Format = .float32) {
    self.input = input
    self.layers = layers
    self.heads = heads
    self.format = format
    mapping = []
    remarks = []
  }

  /// How many different tokens the network reads; nil where it reads other numbers.
  public var tokenCount: Int? {
    switch input {
    case .oneHot(let count), .scaledToken(_, let count): count
    case .embedding:
      if case .embedding(let matrix)? = layers.first { matrix.rows } else { nil }
    case .numbers: nil
    }
  }

  /// Numbers that were learnt, as the foreign library counts them without the averages of batch
  /// normalisation.
  public var parameterCount: Int {
    var count = 0
    for layer in layers {
      switch layer {
      case .embedding(let matrix): count += matrix.values.count
      case .recurrent(let layer):
        count += layer.inputWeights.values.count + layer.recurrentWeights.values.count
        count += (layer.inputBias?.count ?? 0) + (layer.recurrentBias?.count ?? 0)
      case .scaleAndShift(let scale, let shift): count += scale.count + shift.count
      case .dense(let dense): count += dense.weights.values.count + (dense.bias?.count ?? 0)
      case .activation: break
      }
    }
    for head in heads { count += head.layer.weights.values.count + (head.layer.bias?.count ?? 0) }
    return count
  }
}

extension ImportedNetwork.Layer {
  /// How many numbers go in; nil for a layer that takes any width.
  var inputWidth: Int? {
    switch self {
    case .embedding, .activation: nil
    case .recurrent(let layer): layer.inputWeights.columns
    case .scaleAndShift(let scale, _): scale.count
    case .dense(let dense): dense.weights.columns
    }
  }

  /// How many numbers come out; nil for as many as go in.
  var outputWidth: Int? {
    switch self {
    case .embedding(let matrix): matrix.columns
    case .recurrent(let layer): layer.units
    case .scaleAndShift(let scale, _): scale.count
    case .dense(let dense): dense.weights.rows
    case .activation: nil
    }
  }
}

import Neural
internal import TrainingKernels

extension TrainingError {
  static func untrainable(_ activation: Activation) -> TrainingError {
    .impossible(
      "dense layers cannot be trained with \(activation.name), but with one of "
        + Activation.trainableNames.joined(separator: ", ") + ", with a slope from 0 to 1")
  }
}

extension Activation {
  /// Those that dense layers can be trained with: their slope follows from what they give, so that
  /// nothing else need be kept for the way back.
  public static let trainableNames = [
    "relu", "leaky-relu[=SLOPE]", "elu", "tanh", "sigmoid", "linear",
  ]

  /// Whether dense layers can be trained with it; a leaky ReLU with a slope from 0 to 1.
  public var isTrainable: Bool { kernel != nil }

  /// What the kernels call it, with the negative slope of ReLUs; nil where they do not know it.
  var kernel: (kind: LiltActivation, slope: Float)? {
    switch self {
    case .relu: (LILT_RELU, 0)
    case .leakyReLU(let slope) where (0...1).contains(slope): (LILT_LEAKY_RELU, slope)
    case .elu: (LILT_ELU, 0)
    case .tanh: (LILT_TANH, 0)
    case .sigmoid: (LILT_SIGMOID, 0)
    case .linear: (LILT_LINEAR, 0)
    default: nil
    }
  }
}

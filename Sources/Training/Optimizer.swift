internal import TrainingKernels

/// How weights follow their gradients. Formulas are those of `torch.optim`.
public struct OptimizerSettings: Hashable, Sendable {
  public enum Rule: String, CaseIterable, Sendable {
    case sgd
    case adagrad
    case rmsprop
    case adam
    case adamw
  }

  public var rule: Rule
  /// Weight decay: added to the gradients, or apart from them in `adamw`.
  public var decay: Float
  /// Share of the last change that is kept, in `sgd` and `rmsprop`.
  public var momentum: Float
  /// Adam's memory of gradients and of their squares; RMSProp's memory is `beta2`.
  public var beta1: Float
  public var beta2: Float
  public var epsilon: Float

  /// The rule with PyTorch's numbers, where `nil` asks for them.
  public init(
    rule: Rule, decay: Float? = nil, momentum: Float = 0, beta1: Float = 0.9,
    beta2: Float? = nil, epsilon: Float? = nil
  ) {
    self.rule = rule
    self.decay = decay ?? (rule == .adamw ? 0.01 : 0)
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2 ?? (rule == .rmsprop ? 0.99 : 0.999)
    self.epsilon = epsilon ?? (rule == .adagrad ? 1e-10 : 1e-8)
  }

  /// A rate to start with when none is asked for.
  public var usualRate: Double {
    switch rule {
    case .sgd: 0.5
    case .adagrad: 0.01
    case .rmsprop: 0.001
    case .adam, .adamw: 0.002
    }
  }
}

/// An optimizer at work: its settings and what it remembers of each weight.
final class Optimizer {
  let settings: OptimizerSettings
  /// Steps taken.
  var steps = 0
  let first: Storage
  let second: Storage
  private let kernels: UnsafePointer<LiltTraining>
  private static let piece = 1 << 15

  init(_ settings: OptimizerSettings, count: Int, arithmetic: Arithmetic) throws(TrainingError) {
    self.settings = settings
    kernels = arithmetic.kernels
    first = try Storage(count: count)
    second = try Storage(count: count)
  }

  /// Takes one step. Gradients are multiplied by `scale` first.
  func update(
    weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>, rate: Double,
    scale: Double, pool: WorkerPool
  ) {
    steps += 1
    let step = Double(steps)
    var numbers = LiltUpdate(
      rate: Float(rate), scale: Float(scale), decay: settings.decay, momentum: settings.momentum,
      beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
      correction1: Float(1 - power(Double(settings.beta1), step)),
      correction2: Float(1 - power(Double(settings.beta2), step)))
    let rule = settings.rule.kernel
    let count = first.count
    let pieces = (count + Self.piece - 1) / Self.piece
    withUnsafePointer(to: &numbers) { numbers in
      pool.run(pieces) { piece in
        let start = piece * Self.piece
        kernels.pointee.update(
          rule, numbers, min(Self.piece, count - start), weights + start, gradients + start,
          first.floats + start, second.floats + start)
      }
    }
  }

  /// The length of the gradient as one long vector.
  func norm(_ gradients: UnsafePointer<Float>, pool: WorkerPool) -> Double {
    let count = first.count
    let pieces = (count + Self.piece - 1) / Self.piece
    var sums = [Double](repeating: 0, count: pieces)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      pool.run(pieces) { piece in
        let start = piece * Self.piece
        sums[piece] = kernels.pointee.sum_of_squares(
          gradients + start, min(Self.piece, count - start))
      }
    }
    return sums.reduce(0, +).squareRoot()
  }

  private func power(_ base: Double, _ exponent: Double) -> Double {
    var result = 1.0
    var factor = base
    var rest = Int(exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}

extension OptimizerSettings.Rule {
  var kernel: LiltOptimizer {
    switch self {
    case .sgd: LILT_SGD
    case .adagrad: LILT_ADAGRAD
    case .rmsprop: LILT_RMSPROP
    case .adam: LILT_ADAM
    case .adamw: LILT_ADAMW
    }
  }
}

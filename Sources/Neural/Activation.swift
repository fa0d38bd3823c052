import Glibc
import Kernels

/// The activation function of a layer: what it makes of its sums.
public enum Activation: Hashable, Sendable {
  case linear, relu, tanh, sigmoid, softmax, elu, selu, softplus, softsign
  /// `x` above 0 and `slope x` below (Maas et al. 2013, "Rectifier Nonlinearities Improve Neural
  /// Network Acoustic Models").
  case leakyReLU(slope: Float)
  /// `clip(0.2 x + 0.5, 0, 1)`, as Keras 1 and 2 have it.
  case hardSigmoid
  /// `clip(x / 6 + 0.5, 0, 1)`, as Keras 3 and PyTorch have it.
  case hardSigmoidSixth

  /// Replaces every value by what the layer makes of it.
  func apply(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
    if self == .softmax {
      var highest = -Float.infinity
      for place in 0..<count { highest = max(highest, values[place]) }
      var total = 0.0
      for place in 0..<count { total += Self.exponential(Double(values[place] - highest)) }
      for place in 0..<count {
        values[place] = Float(Self.exponential(Double(values[place] - highest)) / total)
      }
    } else if self == .tanh || self == .sigmoid {
      Self.kernels.pointer.pointee.squash(values, Int32(count), self == .tanh)
    } else if case .leakyReLU(let slope) = self {
      for place in 0..<count {
        values[place] = values[place] > 0 ? values[place] : slope * values[place]
      }
    } else if self != .linear {
      for place in 0..<count { values[place] = self(values[place]) }
    }
  }

  /// Every set gives the same bits.
  private static let kernels = UnsafeKernels.best

  /// The value at one place; softmax, which needs all of them, changes nothing here.
  func callAsFunction(_ sum: Float) -> Float {
    let x = Double(sum)
    switch self {
    case .linear, .softmax: return sum
    case .relu: return max(0, sum)
    case .leakyReLU(let slope): return sum > 0 ? sum : slope * sum
    case .tanh: return Float(1 - 2 / (Self.exponential(2 * x) + 1))
    case .sigmoid: return Float(1 / (1 + Self.exponential(-x)))
    case .elu: return sum > 0 ? sum : Float(Self.exponential(x) - 1)
    case .selu:
      return Float(
        1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Self.exponential(x) - 1)))
    case .softplus: return Float(max(x, 0) + log1p(Self.exponential(-abs(x))))
    case .softsign: return sum / (1 + abs(sum))
    case .hardSigmoid: return min(1, max(0, 0.2 * sum + 0.5))
    case .hardSigmoidSixth: return min(1, max(0, sum / 6 + 0.5))
    }
  }

  /// e to the power of x: the system's function may differ between machines in the last bit, and
  /// then the same seed would not give the same tune.
  static func exponential(_ x: Double) -> Double {
    let x = min(700, max(-700, x.isNaN ? 0 : x))
    let power = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let rest = (x - power * 0x1.62e42feep-1) - power * 0x1.a39ef35793c76p-33
    // |rest| is at most 0.35: after 14 terms what is left out is below a double's precision.
    var sum = 1.0
    for term in stride(from: 13.0, through: 1, by: -1) { sum = 1 + sum * rest / term }
    return Double(sign: .plus, exponent: Int(power), significand: sum)
  }
}

extension Activation {
  /// The negative slope of PyTorch's `LeakyReLU`, taken where none is named.
  public static let usualSlope: Float = 0.01
  private static let leakyName = "leaky-relu"

  /// Those without a number of their own, by name.
  private static let plain: [(name: String, activation: Activation)] = [
    ("linear", .linear), ("relu", .relu), ("tanh", .tanh), ("sigmoid", .sigmoid),
    ("softmax", .softmax), ("elu", .elu), ("selu", .selu), ("softplus", .softplus),
    ("softsign", .softsign), ("hard-sigmoid", .hardSigmoid), ("hard-sigmoid-6", .hardSigmoidSixth),
  ]

  /// All names; `leaky-relu` may have its negative slope behind it.
  public static let names: [String] = plain.map(\.name) + ["leaky-relu[=SLOPE]"]

  /// nil where the name is not known, or its slope is no finite number.
  public init?(name: String) {
    if let found = Self.plain.first(where: { $0.name == name }) {
      self = found.activation
    } else if name == Self.leakyName {
      self = .leakyReLU(slope: Self.usualSlope)
    } else if name.hasPrefix(Self.leakyName + "="),
      let slope = Float(name.dropFirst(Self.leakyName.count + 1)), slope.isFinite
    {
      self = .leakyReLU(slope: slope)
    } else {
      return nil
    }
  }

  /// What checkpoints and options call it, such as `relu` or `leaky-relu=0.3`.
  public var name: String {
    if case .leakyReLU(let slope) = self { return "\(Self.leakyName)=\(slope)" }
    return Self.plain.first { $0.activation == self }?.name ?? ""
  }
}

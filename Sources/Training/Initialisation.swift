import Neural

/// How weights start.
public struct Initialisation: Hashable, Sendable {
  /// The rule for weight matrices.
  public enum Rule: String, CaseIterable, Sendable {
    /// Uniform within ±1/√units, biases too: what PyTorch does.
    case uniform
    /// Glorot and Bengio 2010: uniform within ±√(6 / (inputs + outputs)); biases 0.
    case xavier
    /// Recurrent weights orthogonal (Saxe et al. 2013), the others as in `xavier`.
    case orthogonal
  }

  public var rule: Rule
  /// What the forget gates' biases start at; `nil` leaves them to the rule.
  public var forgetBias: Float?

  public init(rule: Rule = .uniform, forgetBias: Float? = nil) {
    self.rule = rule
    self.forgetBias = forgetBias
  }
}

extension Initialisation {
  /// Fills all blocks. The same seed gives the same weights.
  func fill(_ set: ParameterSet, seed: UInt64) {
    for (index, parameter) in set.parameters.enumerated() {
      var random = Numbers(seed: seed, run: UInt64(index))
      let values = UnsafeMutableBufferPointer(start: set.values(index), count: parameter.count)
      fill(values, parameter, &random)
    }
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, _ parameter: ParameterSet.Parameter,
    _ random: inout Numbers
  ) {
    switch parameter.kind {
    case .embedding:
      for index in values.indices { values[index] = random.normal() }
    case .inputWeights(let gates):
      let units = parameter.shape[0] / gates
      fill(values, units: units, inputs: parameter.shape[1], outputs: units, &random)
    case .recurrentWeights(let gates):
      let units = parameter.shape[1]
      if rule == .orthogonal {
        for gate in 0..<gates {
          let start = gate * units * units
          Self.fillOrthogonal(
            UnsafeMutableBufferPointer(rebasing: values[start..<start + units * units]),
            size: units, &random)
        }
      } else {
        fill(values, units: units, inputs: units, outputs: units, &random)
      }
    case .recurrentBias(let units, let forget):
      if rule == .uniform {
        fill(values, bound: 1 / Float(units).squareRoot(), &random)
      }
      if let forgetBias, let forget {
        // A layer has two biases; half in each.
        for index in forget { values[index] = forgetBias / 2 }
      }
    case .denseWeights:
      fill(
        values, units: parameter.shape[1], inputs: parameter.shape[1],
        outputs: parameter.shape[0], &random)
    case .denseBias:
      if rule == .uniform { fill(values, bound: 1 / Float(values.count).squareRoot(), &random) }
    case .scale:
      values.update(repeating: 1)
    case .shift:
      values.update(repeating: 0)
    }
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, units: Int, inputs: Int, outputs: Int,
    _ random: inout Numbers
  ) {
    let bound =
      rule == .uniform
      ? 1 / Float(units).squareRoot() : (6 / Float(inputs + outputs)).squareRoot()
    fill(values, bound: bound, &random)
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, bound: Float, _ random: inout Numbers
  ) {
    for index in values.indices { values[index] = (2 * random.uniform() - 1) * bound }
  }

  /// Rows of length 1 at right angles to each other: random ones, straightened in turn.
  private static func fillOrthogonal(
    _ values: UnsafeMutableBufferPointer<Float>, size: Int, _ random: inout Numbers
  ) {
    for row in 0..<size {
      let own = row * size
      for column in 0..<size { values[own + column] = random.normal() }
      // Twice, because once leaves rounding errors behind.
      for _ in 0..<2 {
        for other in 0..<row {
          var product: Float = 0
          for column in 0..<size {
            product += values[own + column] * values[other * size + column]
          }
          for column in 0..<size {
            values[own + column] -= product * values[other * size + column]
          }
        }
        var square: Float = 0
        for column in 0..<size { square += values[own + column] * values[own + column] }
        let factor = 1 / max(square.squareRoot(), 1e-20)
        for column in 0..<size { values[own + column] *= factor }
      }
    }
  }
}

/// Random numbers in order, a run of their own for each purpose.
struct Numbers {
  private let seed: UInt64
  private let run: UInt64
  private(set) var index: UInt64

  init(seed: UInt64, run: UInt64, index: UInt64 = 0) {
    self.seed = seed
    self.run = run
    self.index = index
  }

  mutating func uniform() -> Float {
    // 24 bits, so that 1 is never reached.
    Float(Int(nextUniform() * 16_777_216)) / 16_777_216
  }

  mutating func nextUniform() -> Double {
    defer { index += 1 }
    return RandomSource.uniform(rng: seed, run: run, index: index)
  }

  /// A whole number in `0..<bound`.
  mutating func below(_ bound: Int) -> Int { min(bound - 1, Int(nextUniform() * Double(bound))) }

  /// Normally distributed with variance 1: the sum of twelve, within ±6 (Irwin–Hall).
  mutating func normal() -> Float {
    var sum = 0.0
    for _ in 0..<12 { sum += nextUniform() }
    return Float(sum - 6)
  }
}

import Glibc

@testable import Training

/// The same networks in plain 64-bit arithmetic, one number after the other, written without a look
/// at the kernels: what their gradients are compared with.
struct ReferenceNetwork {
  let shape: NetworkShape
  var values: [String: [Double]]

  init(_ network: TrainingNetwork) {
    shape = network.shape
    values = [:]
    for parameter in network.parameters.parameters {
      values[parameter.name] = network.parameters.array(parameter.name)?.map(Double.init)
    }
  }

  private func array(_ name: String) -> [Double] { values[name] ?? [] }

  /// `weights` has as many rows as the result, `input.count` columns.
  private func product(_ weights: [Double], _ input: [Double]) -> [Double] {
    (0..<weights.count / input.count).map { row in
      input.indices.reduce(0) { $0 + weights[row * input.count + $1] * input[$1] }
    }
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  private func exp(_ x: Double) -> Double { Glibc.exp(x) }
  private func tanh(_ x: Double) -> Double { 1 - 2 / (1 + exp(2 * x)) }

  /// One moment of one layer.
  private func step(
    _ layer: Int, _ input: [Double], _ hidden: inout [Double], _ cell: inout [Double]
  ) {
    let name = shape.cell.rawValue
    let units = shape.layerSizes[layer]
    var own = product(array("\(name).weight_ih_l\(layer)"), input)
    var recurrent = product(array("\(name).weight_hh_l\(layer)"), hidden)
    let first = array("\(name).bias_ih_l\(layer)")
    let second = array("\(name).bias_hh_l\(layer)")
    for index in own.indices {
      own[index] += first[index]
      recurrent[index] += second[index]
    }
    for unit in 0..<units {
      switch shape.cell {
      case .rnn:
        hidden[unit] = tanh(own[unit] + recurrent[unit])
      case .lstm:
        func sum(_ gate: Int) -> Double {
          own[gate * units + unit] + recurrent[gate * units + unit]
        }
        cell[unit] = logistic(sum(1)) * cell[unit] + logistic(sum(0)) * tanh(sum(2))
        hidden[unit] = logistic(sum(3)) * tanh(cell[unit])
      case .gru:
        let reset = logistic(own[unit] + recurrent[unit])
        let update = logistic(own[units + unit] + recurrent[units + unit])
        let candidate = tanh(own[2 * units + unit] + reset * recurrent[2 * units + unit])
        hidden[unit] = (1 - update) * candidate + update * hidden[unit]
      }
    }
  }

  /// Mean cross-entropy over all targets, every row from a state of zeros.
  func loss(tokens: [[Int]], targets: [[Int]], fresh: [[Bool]]) -> Double {
    var tops: [[Double]] = []
    var wanted: [Int] = []
    for row in tokens.indices {
      var hidden = shape.layerSizes.map { [Double](repeating: 0, count: $0) }
      var cells = hidden
      for moment in tokens[row].indices {
        if fresh[row][moment] {
          hidden = shape.layerSizes.map { [Double](repeating: 0, count: $0) }
          cells = hidden
        }
        var input = [Double](repeating: 0, count: shape.inputWidth)
        if case .embedding(let width) = shape.input {
          let start = tokens[row][moment] * width
          input = Array(array("embedding.weight")[start..<start + width])
        } else if shape.input == .scaledToken {
          input[0] = Double(tokens[row][moment]) / Double(shape.vocabularySize)
        } else {
          input[tokens[row][moment]] = 1
        }
        for layer in shape.layerSizes.indices {
          step(layer, input, &hidden[layer], &cells[layer])
          input = hidden[layer]
        }
        if shape.output == .lastMoment, moment < tokens[row].count - 1 { continue }
        tops.append(input)
        wanted.append(targets[row][moment])
      }
    }
    for stage in 0...shape.denseSizes.count {
      if shape.isBatchNormalised { tops = normalised(tops, stage) }
      let name = shape.denseSizes.isEmpty ? "head" : "head.\(stage)"
      let bias = array("\(name).bias")
      tops = tops.map { input in
        let sums = product(array("\(name).weight"), input)
        return sums.indices.map { index in
          let value = sums[index] + bias[index]
          return stage < shape.denseSizes.count ? activated(value) : value
        }
      }
    }
    var total = 0.0
    var count = 0
    for (scores, target) in zip(tops, wanted) where target >= 0 {
      let largest = scores.max() ?? 0
      let sum = scores.reduce(0) { $0 + exp($1 - largest) }
      total -= scores[target] - largest - Glibc.log(sum)
      count += 1
    }
    return total / Double(max(count, 1))
  }

  private func activated(_ x: Double) -> Double {
    switch shape.denseActivation {
    case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
    case .elu: x > 0 ? x : exp(x) - 1
    case .tanh: tanh(x)
    case .sigmoid: logistic(x)
    case .linear: x
    default: max(0, x)
    }
  }

  private func normalised(_ rows: [[Double]], _ stage: Int) -> [[Double]] {
    let scale = array("norm.\(stage).weight")
    let shift = array("norm.\(stage).bias")
    var result = rows
    for column in scale.indices {
      let mean = rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
      let variance =
        rows.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) } / Double(rows.count)
      for row in rows.indices {
        result[row][column] =
          (rows[row][column] - mean) / (variance + 1e-5).squareRoot() * scale[column]
          + shift[column]
      }
    }
    return result
  }
}

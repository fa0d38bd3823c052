/// Brings every column to mean 0 and variance 1 over the batch, then scales and shifts it by learned
/// numbers (Ioffe and Szegedy 2015), with running statistics as in `torch.nn.BatchNorm1d`.
final class BatchNormalisation {
  let below: Activations
  let out: Activations
  let scale: Int
  let shift: Int
  private let rows: (Int) -> (start: Int, count: Int)
  private let grid: Grid
  private let arithmetic: Arithmetic
  private let parameters: ParameterSet
  /// Normalised values, kept for the way back.
  private let normalised: Storage
  /// Two sums a column for each group.
  private let sums: Storage
  private var factors: [Float]
  var runningMean: [Float]
  var runningVariance: [Float]

  static let momentum: Float = 0.1
  static let epsilon: Float = 1e-5

  init(
    name: String, below: Activations, moments: NetworkShape.Output, grid: Grid,
    arithmetic: Arithmetic, parameters: ParameterSet
  ) throws(TrainingError) {
    self.below = below
    self.grid = grid
    self.arithmetic = arithmetic
    self.parameters = parameters
    let columns = below.columns
    scale = parameters.add("\(name).weight", [columns], .scale)
    shift = parameters.add("\(name).bias", [columns], .shift)
    out = try Activations(
      rows: grid.count, columns: columns, isNarrow: arithmetic.isNarrow, keepsFloats: true)
    normalised = try Storage(count: grid.count * columns)
    sums = try Storage(count: grid.groups * 2 * columns)
    factors = [Float](repeating: 0, count: columns)
    runningMean = [Float](repeating: 0, count: columns)
    runningVariance = [Float](repeating: 1, count: columns)
    rows = { group in
      let count = grid.rows(group).count
      return moments == .everyMoment
        ? (grid.start(group, 0, slots: grid.steps), count * grid.steps)
        : (grid.start(group, grid.steps - 1, slots: grid.steps), count)
    }
  }

  private var columns: Int { below.columns }
  private var count: Int { (0..<grid.groups).reduce(0) { $0 + rows($1).count } }

  private func floats(_ activations: Activations) -> UnsafeMutablePointer<Float> {
    guard let floats = activations.floats else {
      preconditionFailure("what is normalised is kept as floats")
    }
    return floats.floats
  }

  func forward(trains: Bool, pool: WorkerPool) {
    let input = floats(below)
    let output = floats(out)
    var means = runningMean
    var variances = runningVariance
    if trains {
      means = columnSums(pool) { row, column in input[row * columns + column] }
      for column in means.indices { means[column] /= Float(count) }
      let centres = means
      variances = columnSums(pool) { row, column in
        let distance = input[row * columns + column] - centres[column]
        return distance * distance
      }
      let unbiased = Float(max(count - 1, 1))
      for column in 0..<columns {
        let momentum = Self.momentum
        runningMean[column] += momentum * (means[column] - runningMean[column])
        runningVariance[column] +=
          momentum * (variances[column] / unbiased - runningVariance[column])
        variances[column] /= Float(count)
      }
    }
    factors = variances.map { 1 / ($0 + Self.epsilon).squareRoot() }
    let scales = parameters.values(scale)
    let shifts = parameters.values(shift)
    pool.run(grid.groups) { group in
      let (start, count) = rows(group)
      for row in start..<start + count {
        for column in 0..<columns {
          let value = (input[row * columns + column] - means[column]) * factors[column]
          normalised.floats[row * columns + column] = value
          output[row * columns + column] = value * scales[column] + shifts[column]
        }
      }
      if let halves = out.halves {
        let padded = columns + columns % 2
        arithmetic.narrow(
          rows: count, columns: columns, from: output + start * columns,
          to: halves.halves + start * padded, paddedColumns: padded)
      }
    }
  }

  func backward(pool: WorkerPool) {
    let gradient = out.gradient.floats
    let target = below.gradient.floats
    let values = normalised.floats
    let ofShift = columnSums(pool) { row, column in gradient[row * columns + column] }
    let ofScale = columnSums(pool) { row, column in
      gradient[row * columns + column] * values[row * columns + column]
    }
    let scales = parameters.values(scale)
    for column in 0..<columns {
      parameters.gradients(scale)[column] = ofScale[column]
      parameters.gradients(shift)[column] = ofShift[column]
    }
    let share = 1 / Float(count)
    pool.run(grid.groups) { group in
      if rows(group).count < grid.rows(group).count * grid.steps {
        let base = grid.start(group, 0, slots: grid.steps)
        (target + base * columns).update(
          repeating: 0, count: grid.rows(group).count * grid.steps * columns)
      }
      let (start, count) = rows(group)
      for row in start..<start + count {
        for column in 0..<columns {
          let at = row * columns + column
          let centred =
            gradient[at] - share * ofShift[column] - values[at] * share * ofScale[column]
          target[at] = centred * scales[column] * factors[column]
        }
      }
    }
  }

  /// Sums over all rows, group by group, so that threads do not change them.
  private func columnSums(_ pool: WorkerPool, _ value: (Int, Int) -> Float) -> [Float] {
    pool.run(grid.groups) { group in
      let own = sums.floats + group * 2 * columns
      own.update(repeating: 0, count: columns)
      let (start, count) = rows(group)
      for row in start..<start + count {
        for column in 0..<columns { own[column] += value(row, column) }
      }
    }
    return (0..<columns).map { column in
      (0..<grid.groups).reduce(Float(0)) { $0 + sums.floats[$1 * 2 * columns + column] }
    }
  }
}

internal import TrainingKernels

/// What a batch cost.
struct BatchLoss {
  /// Sum over predictions of -ln p, in nats.
  var nats = 0.0
  var predictions = 0
  var correct = 0

  var mean: Double { predictions > 0 ? nats / Double(predictions) : 0 }
}

extension TrainingNetwork {
  /// Cross-entropy of the scores against the targets; leaves the gradient of its mean in their
  /// place. `tally` is told what was asked for and what was likeliest.
  func loss(_ batch: Batch, tally: ((_ target: Int32, _ best: Int32) -> Void)? = nil) -> BatchLoss {
    guard let top = dense.last else { return BatchLoss() }
    var result = BatchLoss()
    for group in 0..<grid.groups {
      let (start, count) = top.rows(group)
      for row in start..<start + count where batch.targets[row] >= 0 { result.predictions += 1 }
    }
    let weight = 1 / Float(max(result.predictions, 1))
    var best = [Int32](repeating: -1, count: grid.count)
    var nats = [Double](repeating: 0, count: grid.groups)
    best.withUnsafeMutableBufferPointer { best in
      nats.withUnsafeMutableBufferPointer { nats in
        batch.targets.withUnsafeBufferPointer { targets in
          guard let best = best.baseAddress, let targets = targets.baseAddress,
            let nats = nats.baseAddress
          else { return }
          pool.run(grid.groups) { group in
            let (start, count) = top.rows(group)
            nats[group] = arithmetic.kernels.pointee.cross_entropy(
              Int32(count), Int32(top.outputs), top.values + start * top.outputs,
              targets + start, weight, best + start)
          }
        }
      }
    }
    result.nats = nats.reduce(0, +)
    for row in best.indices where batch.targets[row] >= 0 && best[row] >= 0 {
      if best[row] == batch.targets[row] { result.correct += 1 }
      tally?(batch.targets[row], best[row])
    }
    return result
  }
}

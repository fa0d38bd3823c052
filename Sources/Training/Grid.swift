/// How a batch lies in memory: groups of its rows, one after the other; within a group, moment by
/// moment. A group is one piece of work, and its numbers are neighbours.
struct Grid {
  /// Rows of the batch: streams or windows.
  let batch: Int
  /// Moments of a sequence.
  let steps: Int
  let groups: Int

  init(batch: Int, steps: Int, groups: Int) {
    self.batch = batch
    self.steps = steps
    self.groups = max(1, min(groups, batch))
  }

  var count: Int { batch * steps }

  /// The batch's rows in a group.
  func rows(_ group: Int) -> Range<Int> {
    batch * group / groups..<batch * (group + 1) / groups
  }

  var mostRows: Int { (0..<groups).reduce(0) { max($0, rows($1).count) } }

  /// Where moment `step` of a group starts, in rows of an array with `slots` moments (`steps`, or
  /// one more where the moment before the first is kept).
  func start(_ group: Int, _ step: Int, slots: Int) -> Int {
    let rows = rows(group)
    return rows.lowerBound * slots + rows.count * step
  }

  /// Where a row of the batch at a moment lies.
  func position(row: Int, step: Int) -> Int {
    // Groups are as even as can be, so the guess is off by one at most.
    var group = min(groups - 1, row * groups / batch)
    while rows(group).lowerBound > row { group -= 1 }
    while rows(group).upperBound <= row { group += 1 }
    return start(group, step, slots: steps) + row - rows(group).lowerBound
  }
}

/// What a layer gives at every moment of every row, and the gradient of the loss to it.
final class Activations {
  let columns: Int
  /// Present where a layer above reads 32-bit numbers.
  let floats: Storage?
  /// Present where products are narrow.
  let halves: Storage?
  let gradient: Storage

  init(
    rows: Int, columns: Int, isNarrow: Bool, keepsFloats: Bool
  ) throws(TrainingError) {
    self.columns = columns
    floats = !isNarrow || keepsFloats ? try Storage(count: rows * columns) : nil
    halves = isNarrow ? try Storage(halves: rows * (columns + columns % 2)) : nil
    gradient = try Storage(count: rows * columns)
  }

  /// Rows from `start` on, as the left side of a product.
  func left(_ start: Int) -> Arithmetic.Left {
    if let halves {
      let row = columns + columns % 2
      return Arithmetic.Left(start: UnsafeRawPointer(halves.halves + start * row), row: row)
    }
    guard let floats else { preconditionFailure("these activations hold no numbers") }
    return Arithmetic.Left(start: UnsafeRawPointer(floats.floats + start * columns), row: columns)
  }
}

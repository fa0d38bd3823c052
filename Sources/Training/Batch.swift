/// Tokens for all rows and moments of a batch, in the order of a network's grid.
struct Batch {
  let grid: Grid
  private(set) var tokens: [Int32]
  /// The token that comes next; negative where none is asked for.
  private(set) var targets: [Int32]
  /// 1 where a row starts afresh, from a state of zeros.
  private(set) var fresh: [UInt8]
  private var hasFresh = false

  init(grid: Grid) {
    self.grid = grid
    tokens = [Int32](repeating: 0, count: grid.count)
    targets = [Int32](repeating: -1, count: grid.count)
    fresh = [UInt8](repeating: 0, count: grid.count)
  }

  mutating func set(row: Int, step: Int, token: Int32, target: Int32, isFresh: Bool) {
    let at = grid.position(row: row, step: step)
    tokens[at] = token
    targets[at] = target
    fresh[at] = isFresh ? 1 : 0
    if isFresh { hasFresh = true }
  }

  /// How many moments ask for a prediction.
  var targetCount: Int { targets.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) } }

  func withPointers(_ body: (UnsafePointer<Int32>, UnsafePointer<UInt8>?) -> Void) {
    tokens.withUnsafeBufferPointer { tokens in
      fresh.withUnsafeBufferPointer { fresh in
        guard let tokens = tokens.baseAddress else { return }
        body(tokens, hasFresh ? fresh.baseAddress : nil)
      }
    }
  }
}

import Kernels

extension Sampler {
  /// Raises the score of a token so that it has a share of the probability of some tokens, besides
  /// what it has of the rest: `p' = f + (1 − f)·p`, with `p` its probability among them.
  ///
  /// The other tokens keep their scores.
  ///
  /// - Parameters:
  ///   - share: 0..<1; f.
  ///   - among: For each token whether it is one of them.
  ///   - allowed: For each token whether it may be drawn; empty = all may.
  public mutating func raise(
    _ token: Int, to share: Double, among: [Bool], allowed: [Bool], in logits: inout [Float]
  ) {
    let share = Float(min(max(share, 0), 0.9999))
    let spread = logits.withUnsafeBufferPointer { read($0) }
    guard spread.total > 0, share > 0 else { return }
    var mass: Float = 0
    for other in among.indices where among[other] && (allowed.isEmpty || allowed[other]) {
      mass += chance(of: other)
    }
    var highest = -Float.infinity
    for value in logits where value > highest { highest = value }
    // A token that the network thinks impossible is measured by what is left.
    let wanted = chance(of: token) + share / (1 - share) * mass
    guard wanted > 0 else { return }
    logits[token] = highest + Logarithm.natural(wanted)
  }
}

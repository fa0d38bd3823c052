import Glibc
import Testing

@testable import Neural

/// What smaller weights cost, on a network that has learnt something.
@Suite struct PrecisionTests {
  private static let path =
    TinyNetwork.folder(of: #filePath) + "/../../Models/folk-lstm-3x512.safetensors"

  /// Over text that the exact network draws: its distance from another's distributions
  /// (Kullback-Leibler), how much more surprising the text is to the other, both in nats a
  /// character, and how often both think the same likeliest.
  private static func compare(
    _ precision: Precision
  ) throws -> (distance: Double, surprise: Double, agreement: Double) {
    let checkpoint = try Checkpoint(path: path)
    let exact = try RecurrentNetwork(checkpoint, precision: .float32)
    let other = try RecurrentNetwork(checkpoint, precision: precision)
    var exactSampler = Sampler(vocabularySize: exact.vocabularySize)
    var otherSampler = exactSampler
    var (exactState, otherState) = (exact.makeState(), other.makeState())
    var (exactLogits, otherLogits): ([Float], [Float]) = ([], [])
    var (distance, surprise, agreement) = (0.0, 0.0, 0.0)
    var token = 0
    let count = 1500
    for index in 0..<count {
      exact.step(token, state: &exactState, logits: &exactLogits)
      other.step(token, state: &otherState, logits: &otherLogits)
      let truth = exactSampler.probabilities(of: exactLogits)
      let guess = otherSampler.probabilities(of: otherLogits).map { max($0, 1e-30) }
      for (left, right) in zip(truth, guess) where left > 0 { distance += left * log(left / right) }
      if truth.firstIndex(of: truth.max() ?? 0) == guess.firstIndex(of: guess.max() ?? 0) {
        agreement += 1
      }
      token =
        exactSampler.pick(
          exactLogits, SamplerSettings(),
          uniform: RandomSource.uniform(rng: 1, run: 0, index: UInt64(index))
        ).token
      surprise += log(max(truth[token], 1e-30)) - log(guess[token])
    }
    let total = Double(count)
    return (distance / total, surprise / total, agreement / total)
  }

  @Test(arguments: [
    (Precision.bfloat16, 1e-4, 1e-3, 0.99), (.int8, 3e-4, 3e-3, 0.985), (.int4, 1e-2, 2e-2, 0.95),
  ])
  func `smaller weights write nearly the same`(
    precision: Precision, distance: Double, surprise: Double, agreement: Double
  ) throws {
    let found = try Self.compare(precision)
    #expect(found.distance < distance)
    #expect(abs(found.surprise) < surprise)
    #expect(found.agreement > agreement)
  }
}

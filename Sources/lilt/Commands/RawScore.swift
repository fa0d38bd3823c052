import Compose
import Neural

/// A text as it stands, read as one stream from a state that has read nothing: what is trained
/// elsewhere is measured so.
struct RawScore {
  let model: ImproviserModel
  let text: String

  /// Sum of -log2 p over every character but the first, and how many they are.
  func bits() throws(CommandFailure) -> (sum: Double, characters: Int) {
    var sampler = Sampler(vocabularySize: model.network.vocabularySize)
    var sum = 0.0
    var characters = 0
    var before: [Float] = []
    try read { token, scores in
      if !before.isEmpty {
        sum += sampler.bits(of: token, in: before)
        characters += 1
      }
      before = scores
    }
    return (sum, characters)
  }

  /// The scores after each character, characters × vocabulary floats of 32 bits, little-endian: for
  /// comparing arithmetics and libraries.
  func logits() throws(CommandFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * model.network.vocabularySize * 4)
    try read { _, scores in
      for score in scores {
        withUnsafeBytes(of: score.bitPattern.littleEndian) { bytes += $0 }
      }
    }
    return bytes
  }

  /// Hands over each token, and the scores of what follows it.
  private func read(_ hear: (_ token: Int, _ scores: [Float]) -> Void) throws(CommandFailure) {
    let network = model.network
    var state = network.makeState()
    var scores: [Float] = []
    var line = 1
    for scalar in text.unicodeScalars {
      guard let token = model.description.vocabulary.token(scalar) else {
        let code = String(scalar.value, radix: 16, uppercase: true)
        throw CommandFailure(
          .unreadableInput, "line \(line): the model does not know the character U+\(code)")
      }
      network.step(token, state: &state, logits: &scores)
      hear(token, scores)
      if scalar == "\n" { line += 1 }
    }
  }
}

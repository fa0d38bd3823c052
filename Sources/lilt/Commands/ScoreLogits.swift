import Compose
import Neural

/// The scores of a model after each character of a text, for comparing arithmetics and libraries.
struct ScoreLogits {
  let model: ImproviserModel
  /// Read as it is, from a state that has read nothing.
  let text: String

  /// Characters × vocabulary floats of 32 bits, little-endian.
  func bytes() throws(CommandFailure) -> [UInt8] {
    let network = model.network
    var state = network.makeState()
    var scores: [Float] = []
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * network.vocabularySize * 4)
    for scalar in text.unicodeScalars {
      guard let token = model.description.vocabulary.token(scalar) else {
        let code = String(scalar.value, radix: 16, uppercase: true)
        throw CommandFailure(.unreadableInput, "the model does not know the character U+\(code)")
      }
      network.step(token, state: &state, logits: &scores)
      for score in scores {
        withUnsafeBytes(of: score.bitPattern.littleEndian) { bytes += $0 }
      }
    }
    return bytes
  }
}

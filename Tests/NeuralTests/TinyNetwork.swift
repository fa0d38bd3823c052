import Neural
import Testing

/// A small network with random weights and the scores it has to give, made by
/// `Fixtures/make_fixtures.py`.
enum TinyNetwork {
  static let path = folder(of: #filePath) + "/Fixtures/tiny.safetensors"

  static func checkpoint() throws -> Checkpoint { try Checkpoint(path: path) }

  /// What is read, and the scores after each token.
  static func reference() throws -> (tokens: [Int], logits: [[Float]]) {
    let checkpoint = try checkpoint()
    let tokens = try #require(checkpoint["tokens"]).floats().map { Int($0) }
    let logits = try #require(checkpoint["logits"])
    let values = try logits.floats()
    let width = logits.shape[1]
    return (tokens, tokens.indices.map { Array(values[$0 * width..<($0 + 1) * width]) })
  }

  static func folder(of file: String) -> String {
    file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }
}

import Glibc
import Neural
import Testing

@testable import ModelImport

/// The small foreign checkpoints beside these tests, made by `Fixtures/make_fixtures.py`.
enum Fixture {
  /// `sorted(set(…))` of the text in the script.
  static let characters = "\n 2:ABCDEFGabcdefg|".unicodeScalars.map { String($0) }

  static func bytes(_ name: String) throws -> [UInt8] {
    let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let file = try #require(fopen("/\(path)/Fixtures/\(name)", "rb"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&part, 1, part.count, file)
      if count == 0 { return bytes }
      bytes += part[..<count]
    }
  }

  /// The difference between what the foreign library computed and what the checkpoint that the
  /// importer makes computes, at most, over 200 steps from a zero state.
  static func largestDifference(_ network: ImportedNetwork, expected name: String) throws -> Double
  {
    let checkpoint = try network.checkpoint(.init(tokens: characters))
    let expected = try Checkpoint(bytes: bytes(name + ".expected.safetensors"))
    var reference = try ReferenceNetwork(try Checkpoint(bytes: checkpoint.bytes))
    let tokens = try expected["tokens"]?.floats()
    let numbers = try expected["inputs"]?.floats()
    var largest = 0.0
    var compared = 0
    for tensor in expected.tensors where tensor.name != "tokens" && tensor.name != "inputs" {
      compared += tensor.count
    }
    for step in 0..<200 {
      let outputs = reference.step(
        token: tokens.map { Int($0[step]) } ?? 0,
        numbers: numbers.map { Array($0[3 * step..<3 * step + 3]) } ?? [])
      for (name, values) in outputs {
        let wanted = try #require(expected[name]).floats()
        let row = wanted[step * values.count..<(step + 1) * values.count].map(Double.init)
        compared -= row.count
        // Scores count up to a constant: some fixtures hold logarithms of probabilities.
        let shift = values.count > 1 && numbers == nil ? logarithm(values) - logarithm(row) : 0
        for (value, wanted) in zip(values, row) {
          largest = max(largest, abs(value - shift - wanted))
        }
      }
    }
    #expect(compared == 0, "not every output was compared")
    return largest
  }

  /// The tokens of a fixture, and the scores after each.
  static func expectation(_ name: String) throws -> (tokens: [Int], scores: [[Double]]) {
    let expected = try Checkpoint(bytes: bytes(name + ".expected.safetensors"))
    let tokens = try #require(expected["tokens"]).floats().map { Int($0) }
    let scores = try #require(expected["logits"]).floats().map(Double.init)
    let width = scores.count / tokens.count
    return (tokens, tokens.indices.map { Array(scores[$0 * width..<($0 + 1) * width]) })
  }

  /// Between scores, which count up to a constant.
  static func difference(_ scores: [Double], _ wanted: [Double]) -> Double {
    let shift = logarithm(scores) - logarithm(wanted)
    return zip(scores, wanted).reduce(0) { max($0, abs($1.0 - shift - $1.1)) }
  }

  private static func logarithm(_ scores: [Double]) -> Double {
    log(scores.reduce(0) { $0 + exp($1) })
  }
}

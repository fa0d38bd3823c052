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

  /// The difference between what the foreign library computed and what the program's own network
  /// makes of the imported checkpoint, at most, over 200 steps from a zero state.
  static func largestDifference(
    _ network: ImportedNetwork, expected name: String, precision: Precision = .float32
  ) throws -> Double {
    // Through the bytes of the file that `lilt import` would write.
    let checkpoint = try Checkpoint(bytes: network.checkpoint(.init(tokens: characters)).bytes)
    let expected = try Checkpoint(bytes: bytes(name + ".expected.safetensors"))
    return network.tokenCount == nil
      ? try numbersDifference(checkpoint, expected)
      : try scoresDifference(checkpoint, expected, precision: precision)
  }

  /// The largest difference between what the program's own network scores and what was expected.
  static func scoresDifference(
    _ checkpoint: Checkpoint, _ expected: Checkpoint, precision: Precision = .float32
  ) throws -> Double {
    let network = try RecurrentNetwork(checkpoint, precision: precision)
    let tokens = try #require(expected["tokens"]).floats()
    let wanted = try #require(expected["logits"]).floats().map(Double.init)
    #expect(tokens.count == 200 && wanted.count == 200 * network.vocabularySize)
    var state = network.makeState()
    var scores: [Float] = []
    var largest = 0.0
    for (step, token) in tokens.enumerated() {
      network.step(Int(token), state: &state, logits: &scores)
      let row = wanted[step * scores.count..<(step + 1) * scores.count]
      largest = max(largest, difference(scores.map(Double.init), Array(row)))
    }
    return largest
  }

  /// The largest difference between probabilities over 200 steps from a zero state.
  static func probabilityDifference(
    _ imported: ImportedNetwork, expected name: String
  ) throws -> Double {
    let checkpoint = try Checkpoint(bytes: imported.checkpoint(.init(tokens: characters)).bytes)
    let expected = try Checkpoint(bytes: bytes(name + ".expected.safetensors"))
    let network = try RecurrentNetwork(checkpoint, precision: .float32)
    let tokens = try #require(expected["tokens"]).floats()
    let wanted = try #require(expected["logits"]).floats().map(Double.init)
    #expect(tokens.count == 200)
    var state = network.makeState()
    var scores: [Float] = []
    var largest = 0.0
    for (step, token) in tokens.enumerated() {
      network.step(Int(token), state: &state, logits: &scores)
      let own = scores.map(Double.init)
      let row = Array(wanted[step * own.count..<(step + 1) * own.count])
      let (ours, theirs) = (logarithm(own), logarithm(row))
      for (score, other) in zip(own, row) {
        largest = max(largest, abs(exp(score - ours) - exp(other - theirs)))
      }
    }
    return largest
  }

  /// A file beside another one among the fixtures; nil where there is none.
  static func companion(in folder: String = "") -> (String) -> [UInt8]? {
    { name in
      let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
      guard access("/\(path)/Fixtures/\(folder)\(name)", R_OK) == 0 else { return nil }
      return try? bytes(folder + name)
    }
  }

  /// The same for a network that reads three numbers and has several outputs.
  static func numbersDifference(_ checkpoint: Checkpoint, _ expected: Checkpoint) throws -> Double {
    let network = try LayeredNetwork(checkpoint)
    let inputs = try #require(expected["inputs"]).floats()
    var wanted: [String: [Float]] = [:]
    for tensor in expected.tensors where tensor.name != "inputs" {
      wanted[tensor.name] = try tensor.floats()
    }
    #expect(Set(network.outputs.map(\.name)) == Set(wanted.keys))
    var state = network.makeState()
    var results: [Float] = []
    var largest: Float = 0
    for step in 0..<200 {
      network.step(Array(inputs[3 * step..<3 * step + 3]), state: &state, results: &results)
      var place = 0
      for (name, size) in network.outputs {
        for value in try #require(wanted[name])[step * size..<(step + 1) * size] {
          largest = max(largest, abs(value - results[place]))
          place += 1
        }
      }
    }
    return Double(largest)
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

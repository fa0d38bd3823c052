import ABC
import Foundation
import Testing

@testable import Analysis

/// Twelve tunes, real and generated, judged as an independent program in Python judges them.
///
/// `Fixtures/agreement.abc` holds the tunes with that program's gates and values as comments.
@Suite struct AgreementTests {
  private struct Known {
    var tune: ParsedTune
    var text: [UInt8]
    var passed: Set<String> = []
    var values: [(measure: String, value: Double)] = []
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  private static func known() throws -> [Known] {
    let file = folder.appendingPathComponent("Fixtures/agreement.abc")
    let book = Tunebook(bytes: Array(try Data(contentsOf: file)))
    return book.tunes.indices.map { index in
      let text = book.text(of: index)
      var known = Known(tune: book.parsedTune(index), text: Array(text.utf8))
      for line in text.split(separator: "\n") where line.hasPrefix("% ") {
        let words = line.dropFirst(2).split(separator: " ")
        if words.first == "passed" { known.passed = Set(words.dropFirst().map(String.init)) }
        guard words.first == "values" else { continue }
        known.values = words.dropFirst().map { word in
          let pair = word.split(separator: "=")
          return (String(pair[0]), Double(pair[1]) ?? .nan)
        }
      }
      return known
    }
  }

  @Test func `values of the panel are those of the Python reference`() throws {
    let tunes = try Self.known()
    #expect(tunes.count == 12)
    for (index, known) in tunes.enumerated() {
      let judgement = Judgement(known.tune, text: known.text, repertoire: nil)
      #expect(known.values.count >= 20)
      for (name, value) in known.values {
        let measure = try #require(Measure(rawValue: name))
        let own = try #require(judgement.panel[measure], "\(name) of tune \(index + 1)")
        #expect(abs(own - value) <= 1e-5 * max(1, abs(value)), "\(name) of tune \(index + 1)")
      }
    }
  }

  @Test func `all nine gates are those of the Python reference`() throws {
    let models = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Models")
    let shipped = models.appendingPathComponent("folk-lstm-3x768.repertoire")
    let repertoire = try Repertoire(bytes: Array(try Data(contentsOf: shipped)))
    var failed: Set<Gate> = []
    for (index, known) in try Self.known().enumerated() {
      let judgement = Judgement(known.tune, text: known.text, repertoire: repertoire)
      for gate in Gate.allCases {
        let passes = known.passed.contains(gate.rawValue)
        #expect((judgement[gate] == .passed) == passes, "\(gate) of tune \(index + 1)")
        if !passes { failed.insert(gate) }
      }
    }
    // Every gate is met both ways.
    #expect(failed == Set(Gate.allCases))
  }
}

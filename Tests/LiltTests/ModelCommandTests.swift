import Foundation
import Testing

@testable import lilt

/// `lilt model` and `lilt experiment`.
@Suite struct ModelCommandTests {
  private func fixture(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(folder)/ModelImportTests/Fixtures/\(name)"
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `a model's layers, shapes and parameters are told, counted both ways`() throws {
    let place = try Workplace()
    _ = try place.run(["import", fixture("torch-lstm.pt"), "-o", "n.safetensors"])
    let text = try place.run(["model", "./n.safetensors"])
    #expect(text.status == 0, "\(text.errors)")
    // Embedding 19 × 6, LSTM 12 twice, 19 scores.
    for part in ["embedding 19 → 6", "LSTM 12", "dense 19", "(steps, 19)", "start: \"\\n\\n\""] {
      #expect(text.output.contains(part), "\(part)\n\(text.output)")
    }
    let facts = try object(place.run(["model", "./n.safetensors", "--json"]).output)
    let lstm = 4 * 12 * (6 + 12) + 4 * 12 * (12 + 12)
    let rest = 19 * 6 + 19 * 13
    #expect(facts["parameters_keras"] as? Int == lstm + rest + 2 * 48)
    #expect(facts["parameters_pytorch"] as? Int == lstm + rest + 4 * 48)
    #expect(facts["tokens"] as? Int == 19)
    #expect((facts["layers"] as? [Any])?.count == 4)
  }

  @Test func `a model of notes lists its outputs, and what is no model is status 3`() throws {
    let place = try Workplace()
    _ = try place.run(["import", fixture("keras3-heads.keras"), "-o", "h.safetensors"])
    let text = try place.run(["model", "./h.safetensors"])
    #expect(text.output.contains("pitch: dense 16") && text.output.contains("reads: 3 numbers"))
    let gru = try place.run(
      ["import", fixture("torch-gru-dense.pt"), "--vocabulary", "v.txt", "-o", "g.safetensors"])
    #expect(gru.status == 4)
    try place.write("\n 2:ABCDEFGabcdefg|", to: "v.txt")
    _ = try place.run(
      ["import", fixture("torch-gru-dense.pt"), "--vocabulary", "v.txt", "-o", "g.safetensors"])
    #expect(try place.run(["model", "./g.safetensors"]).output.contains("dense 14, relu"))
    #expect(try place.run(["model", "./nowhere.safetensors"]).status == 3)
    #expect(try place.run(["model"]).output.contains("training: {"))
  }

  @Test func `an experiment draws every training, and goes on where it was`() throws {
    let place = try Workplace()
    try place.write(TrainTests.book, to: "book.abc")
    let line = [
      "experiment", "abc-dropout", "book.abc", "--epochs", "2", "--data-size", "1500", "-o",
      "d.html",
    ]
    let result = try place.run(line)
    #expect(result.status == 0, "\(result.errors)")
    let page = place.read("d.html")
    #expect(page.contains("Macro F1 on valid") && page.contains("● dropout 0.5"))
    #expect(page.components(separatedBy: "<polyline").count > 3 * 5)
    let again = try place.run(line)
    #expect(again.status == 0 && again.errors.contains("3 of 3 trainings were done before"))
    // Another figure of the same trainings, and other trainings.
    let other = try place.run(line.map { $0 == "2" ? "1" : $0 == "d.html" ? "e.json" : $0 })
    #expect(other.status == 0 && !other.errors.contains("done before"))
    let facts = try object(place.read("e.json"))
    #expect(facts["done"] as? Int == 3)
    let results = try #require(facts["results"] as? [[String: Any]])
    #expect(results.allSatisfy { ($0["course"] as? [Any])?.isEmpty == false })
    #expect(results.map { $0["name"] as? String } == ["dropout 0.0", "dropout 0.2", "dropout 0.5"])
  }

  @Test(arguments: [
    ("midi-data-size", ["Distance from the data", "log-log", "nearly the same"]),
    ("notes-temperature", ["Durations", "temperature 10.0", "data"]),
    ("chords-accuracy", ["Accuracy on valid", "Weights of notes and chords"]),
  ])
  func `an experiment on MIDI files draws what its article draws`(
    name: String, parts: [String]
  ) throws {
    let place = try Workplace()
    try place.write(TrainTests.book, to: "book.abc")
    try Files.makeFolder(place.directory + "/midi")
    _ = try place.run(["export", "--all", "book.abc", "-o", "midi", "--format", "mid"])
    let result = try place.run(
      ["experiment", name, "midi", "--epochs", "1", "--data-size", "400", "-o", "x.svg"])
    #expect(result.status == 0, "\(result.errors)")
    for part in parts { #expect(place.read("x.svg").contains(part), "\(part)") }
  }

  @Test func `experiments are listed, and what cannot be is told`() throws {
    let place = try Workplace()
    let list = try place.run(["experiment", "--list"])
    #expect(list.output.split(separator: "\n").count == Experiment.allCases.count)
    for (arguments, status) in [
      (["experiment"], 2), (["experiment", "nothing", "x"], 2),
      (["experiment", "abc-layers", "none.abc"], 4),
      (["experiment", "abc-layers", "none.abc", "-o", "x.pdf"], 2),
      (["experiment", "abc-layers", "none.abc", "-o", "nowhere/x.svg"], 6),
    ] as [([String], Int32)] {
      let result = try place.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.errors)")
      #expect(!result.errors.isEmpty)
    }
  }

  @Test(
    arguments: [
      ([0, 1], Plot.Scale.linear, 0.0, 1.0), ([3.2, 7.9], .linear, 3, 8), ([5, 5], .linear, 5, 6),
      ([120, 90_000], .logarithmic, 100, 100_000), ([0.02], .logarithmic, 0.01, 0.1),
    ] as [([Double], Plot.Scale, Double, Double)])
  func `an axis begins and ends at round numbers`(
    values: [Double], scale: Plot.Scale, low: Double, high: Double
  ) throws {
    let axis = try #require(Axis(values, scale))
    #expect(abs(axis.low - low) < 1e-9 && abs(axis.high - high) < 1e-6 * high)
    #expect(
      axis.ticks.count >= 2 && axis.ticks.allSatisfy { (0...1.0001).contains(axis.share($0)) })
    #expect(Axis([], scale) == nil)
  }
}

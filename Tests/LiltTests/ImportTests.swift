import Foundation
import Neural
import Testing

@testable import lilt

/// `lilt import`: from a foreign file to a model that writes tunes.
@Suite struct ImportTests {
  /// A checkpoint among the fixtures of the importer's own tests.
  private func fixture(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(folder)/ModelImportTests/Fixtures/\(name)"
  }

  @Test func `a checkpoint of PyTorch becomes a model that writes`() throws {
    let place = try Workplace()
    let result = try place.run(["import", fixture("torch-lstm.pt"), "-o", "mine.safetensors"])
    #expect(result.status == 0)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("module.rnn.weight_hh_l1"))
    let written = try place.run(
      ["generate", "--checkpoint", "mine.safetensors", "--characters", "60", "--free"])
    #expect(written.status == 0)
    #expect(!written.output.isEmpty)
  }

  @Test func `a Keras model with other layers takes its characters from a list, and writes too`()
    throws
  {
    let place = try Workplace()
    let list = ["\\n", " ", "2", ":"] + "ABCDEFGabcdefg|".map { String($0) }
    let json = "[" + list.map { "\"\($0)\"" }.joined(separator: ",") + "]"
    try Files.write(Array(json.utf8), to: Paths.join(place.directory, "v.json"))
    let result = try place.run(
      ["import", fixture("keras2-gru-before.h5"), "--vocabulary", "v.json", "-o", "k.safetensors"])
    #expect(result.status == 0)
    let written = try place.run(
      ["generate", "--checkpoint", "k.safetensors", "--characters", "60", "--free"])
    #expect(written.status == 0)
  }

  @Test func `a network of windows is measured on whole windows, too`() throws {
    let place = try Workplace()
    let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    let tokens = (0..<19).map { "\"\(names[$0 % 12])\($0 / 12 + 4)\"" }
    try place.write("[\(tokens.joined(separator: ","))]", to: "v.json")
    let result = try place.run([
      "import", fixture("keras2-note-chords.h5"), "--vocabulary", "v.json", "-o", "n.safetensors",
    ])
    #expect(result.status == 0, "\(result.errors)")
    // The windows are of a hundred notes.
    for (bars, isWhole) in [(12, false), (14, true)] {
      let music = String(repeating: "CDEF GABc|", count: bars)
      try place.write("X:1\nT:t\nM:4/4\nL:1/8\nK:C\n\(music)\n", to: "t.abc")
      #expect(try place.run(["export", "t.abc", "-o", "t.mid"]).status == 0)
      let measured = try place.run([
        "evaluate", "--checkpoint", "./n.safetensors", "t.mid", "--json",
      ])
      #expect(measured.output.contains("\"tokens\":\(bars * 8 - 1)"), "\(measured.output)")
      #expect(measured.output.contains("\"bits_in_full_windows\":") == isWhole)
    }
  }

  @Test func `without a vocabulary one sentence asks for it, and nothing is written`() throws {
    let place = try Workplace()
    let result = try place.run(["import", fixture("keras2-stateful.h5"), "-o", "k.safetensors"])
    #expect(result.status == 3)
    #expect(result.errors.contains("Give it with --vocabulary."))
    #expect(!Files.exists(Paths.join(place.directory, "k.safetensors")))
  }

  @Test func `what is no checkpoint is refused with status 3, a missing one too`() throws {
    let place = try Workplace()
    let refused = try place.run(["import", "-", "-o", "x.safetensors"], input: "X:1\nK:G\nabc|\n")
    #expect(refused.status == 3)
    #expect(refused.errors.contains("this is no PyTorch, Keras, ONNX or safetensors file"))
    #expect(try place.run(["import", "nowhere.pt", "-o", "x.safetensors"]).status == 3)
    #expect(try place.run(["import", fixture("torch-lstm.pt")]).status == 2)
  }

  /// Systems 1, 5 and 6, trained and measured in PyTorch and TensorFlow by `make_scores.py`.
  @Test(arguments: [
    ("score-system-1", "score-system-1.pt"), ("score-system-5", "score-system-5.h5"),
    ("score-system-6", "score-system-6.index"),
  ])
  func `a text as published costs the bits that the framework says, to 0.001`(
    _ name: String, _ file: String
  ) throws {
    let place = try Workplace()
    let result = try place.run(
      ["import", fixture(file), "--vocabulary", fixture("score-text.abc"), "-o", "n.safetensors"])
    #expect(result.status == 0, "\(result.errors)")
    let facts = try String(decoding: Files.read(fixture(name + ".json")), as: UTF8.self)
    func number(_ key: String, _ text: String) throws -> Double {
      let rest = try #require(text.components(separatedBy: "\"\(key)\":").dropFirst().first)
      return try #require(
        Double(rest.drop { $0 == " " }.prefix { "0123456789.".contains($0) }))
    }
    for precision in ["fp32", "auto"] {
      let score = try place.run([
        "score", "--raw", "--json", "--precision", precision, "--checkpoint", "n.safetensors",
        fixture("score-text.abc"),
      ])
      #expect(score.status == 0, "\(score.errors)")
      let bits = try number("bits_per_character", score.output)
      let difference = try abs(bits - number("bits", facts))
      #expect(difference < (precision == "fp32" ? 0.00001 : 0.05), "\(bits) \(facts)")
      #expect(try number("characters", score.output) == number("characters", facts))
    }
    let plain = try place.run([
      "score", "--raw", "--checkpoint", "n.safetensors", fixture("score-text.abc"),
    ])
    #expect(plain.output.contains("read as it stands, 5684 characters"), "\(plain.output)")
    try place.write("X: 1\nT:The Häy\n", to: "far.abc")
    let unknown = try place.run(["score", "--raw", "--checkpoint", "n.safetensors", "far.abc"])
    #expect(unknown.status == 4)
    #expect(unknown.errors.contains("far.abc, line 2: the model does not know the character U+E4"))
  }

  /// The characters of the importer's fixtures, as a list.
  private static let list =
    "["
    + (["\\n", " ", "2", ":"] + "ABCDEFGabcdefg|".map { String($0) })
    .map { "\"\($0)\"" }.joined(separator: ",") + "]"

  @Test func `a TensorFlow checkpoint is named by its folder, its files' stem or any of them`()
    throws
  {
    let place = try Workplace()
    try place.write(Self.list, to: "v.json")
    try Files.makeFolder(Paths.join(place.directory, "run"))
    try Files.makeFolder(Paths.join(place.directory, "empty"))
    for end in [".index", ".data-00000-of-00001"] {
      try Files.write(
        Files.read(fixture("tf-checkpoint" + end)),
        to: Paths.join(place.directory, "run/my_ckpt" + end))
    }
    var models: Set<[UInt8]> = []
    for name in ["run", "run/my_ckpt", "run/my_ckpt.index", "run/my_ckpt.data-00000-of-00001"] {
      let result = try place.run(
        ["import", name, "--vocabulary", "v.json", "-o", "n.safetensors", "--name", "n"])
      #expect(result.status == 0, "\(name): \(result.errors)")
      models.insert(try Files.read(Paths.join(place.directory, "n.safetensors")))
    }
    #expect(models.count == 1)
    let saved = try place.run(
      ["import", fixture("tf-saved"), "--vocabulary", "v.json", "-o", "s.safetensors"])
    #expect(saved.status == 0, "\(saved.errors)")
    try place.write("model_checkpoint_path: \"other\"\n", to: "run/checkpoint")
    try place.write("", to: "run/second.index")
    let several = try place.run(["import", "run", "-o", "x.safetensors"])
    #expect(several.status == 3)
    #expect(
      several.errors.contains("holds several checkpoints: give one of my_ckpt.index, second.index"))
    let none = try place.run(["import", "empty", "-o", "x.safetensors"])
    #expect(none.status == 3 && none.errors.contains("holds no TensorFlow checkpoint"))
  }

  @Test func `what a network reads before a tune is told or drawn`() throws {
    let place = try Workplace()
    func start(_ options: [String]) throws -> (result: Workplace.Output, start: String?) {
      let result = try place.run(
        ["import", fixture("torch-lstm.pt"), "-o", "n.safetensors"] + options)
      let checkpoint = try? Checkpoint(path: place.directory + "/n.safetensors")
      return (result, checkpoint?.metadata["start"])
    }
    #expect(try start([]).start == #""\n\n""#)
    #expect(try start(["--start", "G|\\n"]).start == #""G|\n""#)
    let drawn = try start(["--random-start"])
    #expect(drawn.result.errors.contains("start text, drawn at random: "))
    #expect(drawn.start?.count == 3 || drawn.start == #""\n""#)
    let unknown = try start(["--start", "Q"])
    #expect(unknown.result.status == 3)
    #expect(unknown.result.errors.contains("\"Q\", which the network does not know"))
    #expect(try start(["--start", "2", "--random-start"]).result.status == 2)
    #expect(try start(["--gates", "iff"]).result.status == 2)
    #expect(try start(["--recurrent-activation", "relu"]).result.status == 2)
  }

  @Test(
    arguments: [
      ("weights.h5", [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "lilt import"),
      ("net.pt", [0x50, 0x4b, 3, 4], "lilt import"),
      (
        "net.safetensors", Array("version https://git-lfs.github.com/spec/v1\n".utf8),
        "git lfs pull"
      ),
      ("page.safetensors", Array("<!DOCTYPE html><html>".utf8), "a web page"),
    ] as [(String, [UInt8], String)])
  func `a model that is a file of another kind is named, with the way on`(
    name: String, start: [UInt8], way: String
  ) throws {
    let place = try Workplace()
    try Files.write(
      start + [UInt8](repeating: 0, count: 2048), to: Paths.join(place.directory, name))
    let result = try place.run(["generate", "--checkpoint", "./" + name, "--bars", "4"])
    #expect(result.status == 3)
    #expect(result.errors.contains(way), "\(result.errors)")
  }

  @Test func `the systems are listed with their published counts`() throws {
    let result = try Workplace().run(["import", "--systems"])
    #expect(result.output.contains("together 5,353,299, as published"))
    #expect(result.output.contains("together 3,638,119, as published"))
  }
}

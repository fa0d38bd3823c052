import Foundation
import Neural
import Testing

@testable import lilt

/// `lilt train`, `lilt corpus` and `lilt evaluate`, as scripts meet them.
@Suite struct TrainTests {
  /// Forty tunes that differ.
  static let book: String = {
    var text = ""
    for tune in 0..<40 {
      text +=
        "X:\(tune + 1)\nT:Number \(tune)\nR:reel\nM:4/4\nL:1/8\nK:\(tune % 2 == 0 ? "G" : "D")\n"
      for bar in 0..<4 {
        for note in 0..<8 {
          text += String(Array("GABcdefg")[(tune * 5 + bar * tune + note * (tune % 3 + 1)) % 8])
        }
        text += "|"
      }
      text += "\n\n"
    }
    return text
  }()

  private let small = [
    "--layers", "16", "--embedding", "8", "--batch", "4", "--sequence", "16", "--schedule",
    "constant",
  ]

  @Test func `a tune book becomes a checkpoint that writes tunes`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let result = try place.run(
      ["train", "book.abc", "-o", "my.safetensors", "--epochs", "2", "--report", "r.svg"] + small)
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,\"event\":\"") && $0.hasSuffix("}") })
    #expect(lines.filter { $0.contains("\"event\":\"epoch\"") }.count >= 2)
    #expect(place.read("r.svg").hasPrefix("<svg "))
    let checkpoint = try Checkpoint(path: place.directory + "/my.safetensors")
    #expect(checkpoint["lstm.weight_hh_l0"]?.shape == [64, 16])
    let tune = try place.run(["generate", "--checkpoint", "./my.safetensors", "--count", "1"])
    #expect(tune.status == 0, "\(tune.errors)")
    #expect(tune.output.hasPrefix("X:1\n"))
  }

  @Test func `stopped and resumed is the same file as trained in one go`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let start = ["train", "book.abc", "-o"]
    #expect(try place.run(start + ["one.safetensors", "--epochs", "3"] + small).status == 0)
    #expect(try place.run(start + ["two.safetensors", "--epochs", "1"] + small).status == 0)
    let resumed = try place.run(
      start + ["two.safetensors", "--epochs", "3", "--resume"] + small)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let one = try Files.read(place.directory + "/one.last.safetensors")
    let two = try Files.read(place.directory + "/two.last.safetensors")
    #expect(one == two)
  }

  @Test func `a resume file of other settings is status 3 and says so`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let start = ["train", "book.abc", "-o", "my.safetensors", "--epochs", "1"] + small
    #expect(try place.run(start + ["--resume"]).status == Outcome.checkpoint.rawValue)
    #expect(try place.run(start).status == 0)
    let result = try place.run(start + ["--resume", "--seed", "5"])
    #expect(result.status == Outcome.checkpoint.rawValue)
    #expect(result.errors.contains("cannot be resumed"))
  }

  @Test(arguments: [
    (["train", "nosuch.abc", "-o", "a.safetensors"], Outcome.unreadableInput),
    (["train", "empty.abc", "-o", "a.safetensors"], .unreadableInput),
    (["train", "book.abc", "-o", "nosuch/a.safetensors"], .unwritableOutput),
    (["train", "book.abc", "-o", "a.txt"], .usage),
    (["train", "book.abc", "-o", "a.safetensors", "--layers", "x"], .usage),
    (["train", "book.abc", "-o", "a.safetensors", "--dropout", "1"], .usage),
    (["train", "book.abc", "-o", "a.safetensors", "--encoding", "note-chords"], .unreadableInput),
    (["corpus", "empty.abc", "-o", "c"], .unreadableInput),
    (["evaluate", "--checkpoint", "./nosuch.safetensors", "book.abc"], .checkpoint),
  ])
  func `what cannot be done is told in a line`(_ arguments: [String], _ outcome: Outcome) throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    try place.write("no tune at all\n", to: "empty.abc")
    let result = try place.run(arguments)
    #expect(result.status == outcome.rawValue, "\(result.errors)")
    #expect(!result.errors.isEmpty && result.output.isEmpty)
  }

  @Test func `a corpus is split, counted and written in every key`() throws {
    let place = try Workplace()
    try place.write(Self.book + "X:99\nT:No key\nM:4/4\nL:1/8\n\n", to: "book.abc")
    let result = try place.run(["corpus", "book.abc", "-o", "out", "--titles"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("left out 1: no key"))
    #expect(place.read("out/train.abc").hasPrefix("X:1\nT:Number "))
    let first = try #require(place.read("out/train.jsonl").split(separator: "\n").first)
    #expect(first.components(separatedBy: "K:").count == 9)
    #expect(jsonStrings(place.read("out/vocabulary.json"))?.contains("|") ?? false)
  }
}

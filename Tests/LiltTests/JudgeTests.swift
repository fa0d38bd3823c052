import Analysis
import Foundation
import Testing

@testable import lilt

/// `lilt judge`, `lilt repertoire`, the panel of `lilt evaluate`, and the best of several tunes.
@Suite struct JudgeTests {
  private static let first =
    "|:G2BG d2BG|A2cA e2cA|G2BG d2BG|A2FA G4|G2BG d2BG|A2cA e2cA|GABc dBGB|A2FA "
  private static let second =
    "|:d2fd a2fd|e2ge b2ge|d2fd a2fd|A2FA G4|d2fd a2fd|e2ge b2ge|GABc dBGB|A2FA "

  private static func tune(_ number: Int, ends: String = "G4:|") -> String {
    "X:\(number)\nT:Tune \(number)\nR:reel\nM:4/4\nL:1/8\nK:G\n\(first)G4:|\n\(second)\(ends)\n\n"
  }

  /// Forty reels, and their repertoire as `my.repertoire`.
  private static func place() throws -> Workplace {
    let place = try Workplace()
    try place.write((1...40).map { tune($0) }.joined(), to: "book.abc")
    let made = try place.run(["repertoire", "book.abc", "-o", "my.repertoire"])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.hasPrefix("40 tunes, 3680 notes, "))
    return place
  }

  @Test func `each tune has a line and its marks, and all together a table`() throws {
    let place = try Self.place()
    try place.write(Self.tune(7) + Self.tune(8, ends: "A4:|"), to: "two.abc")
    let result = try place.run(["judge", "two.abc", "--repertoire", "my.repertoire"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "two.abc:7: Tune 7, reel: 9 of 9, 92 notes as in Tune 1")
    #expect(lines[1].hasPrefix("meter ✓ rhythm ✓ mode ✓ range ✓ form ✓ pickup ✓ cadence ✓"))
    #expect(lines[2].hasPrefix("two.abc:8: Tune 8, reel: 8 of 9"))
    #expect(lines[3].contains("cadence ✗"))
    #expect(lines.contains("cadence     0.500  1 of 2"))
    #expect(lines.contains("all nine    0.500  1 of 2"))
  }

  @Test func `marks are explained in sentences, in ASCII where that is asked`() throws {
    let place = try Self.place()
    let arguments = ["judge", "-", "--repertoire", "my.repertoire", "--explain"]
    let result = try place.run(arguments, input: Self.tune(1, ends: "A4:|"))
    #expect(result.output.contains("  ✗ cadence     It ends on A4; the tonic is G.\n"))
    #expect(result.output.split(separator: "\n").count == 10)
    let plain = try place.run(arguments + ["--ascii"], input: Self.tune(1, ends: "A4:|"))
    #expect(plain.output.contains("  - cadence "))
    #expect(plain.output.utf8.allSatisfy { $0 < 0x80 })
    let bare = try place.run(arguments, input: Self.tune(1), extra: ["LC_ALL": "C"])
    #expect(bare.output.contains("  + cadence "))
  }

  @Test func `as JSON each tune is an object with gates, measures and what it shares`() throws {
    let place = try Self.place()
    let result = try place.run(
      ["judge", "-", "--json", "--repertoire", "my.repertoire"], input: Self.tune(3) + Self.tune(4))
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2)
    for fact in [
      "\"v\":1", "\"number\":3", "\"dance\":\"reel\"", "\"compared_with\":\"reel\"", "\"passed\":9",
      "\"all\":true", "\"gates\":{\"meter\":\"passed\",", "\"C1\":1.0000",
      "\"shared_run\":{\"notes\":92,\"tune\":\"Tune 1\"}",
    ] {
      #expect(lines[0].contains(fact), "\(fact) in \(lines[0])")
    }
  }

  @Test func `a dance can be given, and one that is not known is refused with those that are`()
    throws
  {
    let place = try Self.place()
    let result = try place.run(
      ["judge", "-", "--rhythm", "Reel", "--repertoire", "my.repertoire"],
      input: Self.tune(1).replacing("R:reel", with: "R:polka"))
    #expect(result.output.contains("reel: 9 of 9"))
    let other = try place.run(
      ["judge", "-", "--rhythm", "polska", "--repertoire", "my.repertoire"], input: Self.tune(1))
    #expect(other.status == 2)
    #expect(other.errors.contains("known are: reel, all"))
  }

  @Test func `files that cannot be read are named and the others are judged`() throws {
    let place = try Self.place()
    let result = try place.run(["judge", "none.abc", "book.abc", "--repertoire", "my.repertoire"])
    #expect(result.status == 4)
    #expect(result.errors.contains("none.abc"))
    #expect(result.output.contains("all nine    1.000  40 of 40"))
    try place.write("lilt.rep but damaged, and long enough to be looked at", to: "bad.repertoire")
    let damaged = try place.run(["judge", "book.abc", "--repertoire", "bad.repertoire"])
    #expect(damaged.status == 4)
    #expect(damaged.errors.contains("bad.repertoire: the repertoire has the format"))
  }

  @Test func `a repertoire describes itself and refuses what it cannot write`() throws {
    let place = try Self.place()
    let result = try place.run(["repertoire", "my.repertoire"])
    #expect(result.output.contains("reel: 40 tunes, "))
    #expect(try place.run(["repertoire", "book.abc"]).status == 2)
    #expect(try place.run(["repertoire", "book.abc", "-o", "x.txt"]).status == 2)
    #expect(try place.run(["repertoire", "my.repertoire", "-o", "y.repertoire"]).status == 2)
    #expect(try place.run(["repertoire", "book.abc", "-o", "no/y.repertoire"]).status == 6)
    try place.write("no tune\n", to: "empty.abc")
    #expect(try place.run(["repertoire", "empty.abc", "-o", "y.repertoire"]).status == 4)
  }

  @Test func `the shipped model has a repertoire of at most two megabytes`() throws {
    let path = RepertoireLocator.path(beside: try CheckpointLocator().path(for: nil))
    let bytes = try Files.read(path)
    #expect(bytes.count <= 2_000_000)
    let repertoire = try Repertoire(bytes: bytes)
    #expect(repertoire.tuneCount > 4000)
    for dance in ["jig", "reel", "hornpipe", "waltz", "slip jig", "4/4", "all"] {
      #expect(repertoire.statistics(of: Dance(name: dance)) != nil, "\(dance)")
    }
  }

  @Test func `the best of several is one of them, and the same however the work is shared out`()
    throws
  {
    let place = try Workplace()
    let small = ["generate", "--bars", "8", "--rng", "3", "--format", "json"]
    let all = try place.run(small + ["-k", "6"])
    let best = try place.run(small + ["-k", "2", "--best-of", "3"])
    #expect(best.status == 0, "\(best.errors)")
    #expect(best.errors.contains("tune 1: "))
    #expect(best.errors.contains("of 3 drawn"))
    #expect(best.errors.contains("of 6 drawn tunes pass all nine gates"))
    let lines = best.output.split(separator: "\n")
    #expect(lines.count == 2)
    let drawn = all.output.split(separator: "\n").map { Self.music($0) }
    #expect(drawn[0..<3].contains(Self.music(lines[0])))
    #expect(drawn[3..<6].contains(Self.music(lines[1])))
    #expect(lines[1].contains("\"number\":2,\"abc\":\"X:2\\n"))
    #expect(lines[0].contains("\"best_of\":3"))
    let parts = try ["1/2", "2/2"].map {
      try place.run(small + ["-k", "2", "--best-of", "3", "--shard", $0]).output
    }
    #expect(parts.joined() == best.output)
  }

  /// What follows the key in a tune's JSON.
  private static func music(_ line: Substring) -> String {
    let abc = line.split(separator: "\"abc\":\"")[1].split(separator: "\",\"bars\"")[0]
    return String(abc[(abc.range(of: "K:")?.lowerBound ?? abc.startIndex)...])
  }

  @Test func `training leaves a repertoire beside the model`() throws {
    let place = try Workplace()
    // Each has a melody of its own, or all but one would be left out as doubles.
    let letters = Array("ABcdefg")
    let tunes = (0..<40).map { Self.tune($0, ends: "\(letters[$0 % 7])\(letters[$0 / 7])G2|]") }
    try place.write(tunes.joined(), to: "book.abc")
    let result = try place.run([
      "train", "book.abc", "-o", "my.safetensors", "--layers", "8", "--steps", "2", "--batch", "2",
      "--sequence", "16", "--embedding", "4", "--no-transpose", "--json",
    ])
    #expect(result.status == 0, "\(result.errors)")
    let repertoire = try RepertoireLocator.read(place.directory + "/my.repertoire")
    #expect(repertoire.tuneCount > 0)
    #expect(repertoire.title(of: 0).hasPrefix("Tune "))
  }

  @Test func `the panel puts a model's tunes beside others, dance by dance`() throws {
    let place = try Self.place()
    let repertoire = try RepertoireLocator.read(place.directory + "/my.repertoire")
    let held = (1...10).map { Self.tune($0) }
    let panel = EvaluatePanel(
      repertoire, heldOut: held,
      written: (1...12).map { Self.tune($0, ends: $0 < 4 ? "G4:|" : "A4:|") })
    let section = try #require(panel.sections.first)
    #expect(panel.sections.count == 1)
    #expect(section.statistics.dance.name == "reel")
    #expect(section.model.tally.count == 12)
    #expect(section.model.mean(.finalTonic) == 0.25)
    #expect(section.distance(.finalTonic) == 0.75)
    #expect(section.distance(.innerBarsRight) == 0)
    let text = panel.text
    #expect(text.contains("C1 final tonic"))
    #expect(text.contains("0.750 *"))
    #expect(text.contains("passes all nine"))
    #expect(
      panel.json.contains(
        "\"C1\":{\"learnt\":1.0000,\"held_out\":1.0000,\"written\":0.2500,\"distance\":0.7500}"))
    // Few tunes have no mean to speak of.
    #expect(EvaluatePanel(repertoire, heldOut: held, written: [held[0]]).sections.isEmpty)
    #expect(EvaluatePanel(repertoire, heldOut: held, written: []).sections.count == 1)
  }
}

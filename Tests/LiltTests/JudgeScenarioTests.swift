import Foundation
import Testing

@testable import lilt

/// Judge and copy guard as a musician meets them: in the composer and without a screen.
@Suite(.serialized) struct JudgeScenarioTests {
  private static let header = "M:4/4\nL:1/8\nR:reel\nK:G\n"
  private static let body = "GABd gdBA|GBcd egfe|dBGA FDEF|G2BG d2BG|\n"

  /// A place with a repertoire of one's own.
  private static func workplace() throws -> Workplace {
    let place = try Workplace()
    try place.write("X:1\nT:My Own Reel\n" + header + body, to: "mine.abc")
    let made = try place.run(["repertoire", "mine.abc", "-o", "mine.repertoire"])
    #expect(made.status == 0, "\(made.errors)")
    return place
  }

  @Test func `the composer judges the tune, names what it copies, and says why`() throws {
    let place = try Self.workplace()
    try place.write("X:1\nT:A Copy\n" + Self.header + Self.body, to: "copy.abc")
    let composer = try RunningComposer(
      ["copy.abc"], in: place, extra: ["LILT_REPERTOIRES": place.directory + "/mine.repertoire"])
    #expect(composer.wait("range✓", 20))
    let judged = try composer.status { $0.judge?.shared != nil }.judge
    #expect(judged?.marks["range"] == "passed")
    #expect(judged?.shared?.tune == "My Own Reel")
    #expect(judged?.shared?.notes == 30)
    composer.type("1G")
    #expect(composer.waitForRow { $0.hasPrefix("copy") && $0.contains("notes as in My Own Reel") })
    composer.keys("J")
    #expect(composer.wait("judge: . of 9"))
    #expect(composer.wait("It lies between D4 and G5"))
    #expect(composer.wait("notes as in My Own Reel, bars 1-4"))
    composer.keys("Esc")
    composer.type(":copy-guard warn 12\ri")
    composer.type(" ")
    #expect(composer.wait("30 notes as in My Own Reel"))
    composer.keys("Esc")
    composer.type(":copy-guard 9\r")
    #expect(composer.wait("does not fit copy-guard"))
  }

  @Test func `alternatives are the best of sixteen, and the draft is drawn again to the letter`()
    throws
  {
    let place = try Self.workplace()
    let composer = try RunningComposer(["--draft", "judged"], in: place)
    _ = try composer.status(within: 20) { !$0.model.isEmpty }
    composer.type(":phrase 4\r:pace max\ra")
    let open = try composer.status(within: 30) { $0.alternatives?.ready == 4 }
    #expect(open.alternatives?.drawn == 16)
    #expect((open.alternatives?.passed ?? -1) >= 0)
    #expect(composer.wait("of 16 drawn fail no mark"))
    composer.keys("2", "Enter")
    composer.pause(0.3)
    composer.keys("Enter")
    _ = try composer.status(within: 30) { $0.generator.state == "done" }
    let text = try composer.status().text
    composer.keys("Q")
    composer.program.waitUntil(seconds: 10) { !composer.program.isRunning }
    let replayed = try place.run(["replay", "judged"])
    #expect(replayed.status == 0, "\(replayed.errors)")
    #expect(replayed.errors.contains("all the same"))
    #expect(replayed.output == (text.hasSuffix("\n") ? text : text + "\n"))
  }

  @Test
  func
    `generate writes no run of a tune of one's own, warns where asked, and says what is no rule`()
    throws
  {
    let place = try Self.workplace()
    let seed = try place.write(
      "X:1\nT:t\n" + Self.header + "GABd gdBA|GBcd egfe|\n", to: "seed.abc")
    let arguments = [
      "generate", "--seed-abc", seed, "--repertoire", "mine.repertoire", "--bars", "4",
      "--temperature", "0.1", "-k", "3",
    ]
    let guarded = try place.run(arguments + ["--copy-guard", "17"])
    #expect(guarded.status == 0, "\(guarded.errors)")
    // The sixteen notes of the seed stand as they are.
    let judged = try place.run(
      ["judge", "--json", "--repertoire", "mine.repertoire", "-"], input: guarded.output)
    let notes = judged.output.split(separator: "\n").compactMap { line -> Int? in
      let facts =
        try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return (facts?["shared_run"] as? [String: Any])?["notes"] as? Int
    }
    #expect(notes == [16, 16, 16], "\(judged.output)")
    let warned = try place.run(arguments + ["--copy-guard", "warn 12"])
    #expect(warned.errors.contains("notes as in My Own Reel"))
    let wrong = try place.run(["generate", "--copy-guard", "5"])
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("--copy-guard must be off, warn N or forbid N"))
    let missing = try place.run(["generate", "--repertoire", "none.repertoire"])
    #expect(missing.status == 4)
    #expect(missing.errors.contains("none.repertoire"))
  }
}

import Foundation
import Testing

@testable import lilt

/// Shelf and form as a musician meets them, key by key.
@Suite(.serialized) struct ShelfScenarioTests {
  @Test func `phrases are kept, heard, put in and made into a tune that a restart remembers`()
    throws
  {
    let place = try Workplace()
    try place.write(
      "X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|dcBA|A2d2|d4|\neeff|gfed|e2c2|d4|\n", to: "lane.abc")
    let composer = try RunningComposer(["--draft", "lane"], in: place, audio: "a.jsonl")
    composer.type(":open lane.abc\r")
    _ = try composer.status { $0.message.contains("opened") }
    composer.type(":phrase 4\r")
    composer.keys("g", "g", "K", "a")
    #expect(try composer.status { $0.shelf.count == 1 }.message.contains("kept bars 1-4 as a"))
    composer.type("5G")
    composer.keys("K", "b")
    #expect(try composer.status { $0.shelf.count == 2 }.shelf.map(\.name) == ["a", "b"])

    composer.type("'")
    #expect(
      composer.waitForRow { $0.contains("> a   bars 1-4 of Lane") && $0.contains("ABcd|dcBA") })
    composer.type("b")
    composer.program.waitUntil(seconds: 10) {
      composer.heard("a.jsonl").contains { $0.type == "on" && $0.key == 76 }
    }
    #expect(composer.heard("a.jsonl").contains { $0.type == "on" && $0.key == 76 })
    composer.keys("Esc")
    #expect(composer.wait("STOP"))
    composer.type("1G'b\r")
    #expect(
      try composer.status { $0.bars == 12 }.text.contains("\nABcd|eeff|gfed|e2c2|d4|dcBA|"))
    composer.keys("u")

    composer.type(":form A A B B\r")
    let built = try composer.status { $0.form == "A A B B" }
    #expect(built.text.hasSuffix("|:ABcd|dcBA|A2d2|d4:|\n|:eeff|gfed|e2c2|d4:|\n"))
    #expect(built.message == "form A A B B = 16 bars, 0:32, every join fits")
    composer.type(":export form form.mid\r")
    #expect(composer.wait("wrote form.mid"))
    composer.type("2Gy:loop 3-4\r")
    #expect(try composer.status { $0.loop == "3-4" }.loop == "3-4")
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    let again = try RunningComposer(["--draft", "lane"], in: place, audio: "b.jsonl", fresh: false)
    let back = try again.status { $0.form == "A A B B" }
    #expect(back.shelf.map(\.title) == ["bars 1-4 of Lane", "bars 5-8 of Lane"])
    #expect(back.loop == "3-4")
    again.keys("Space")
    #expect(again.wait("LOOP 3-4"))
    again.keys("Space")
    #expect(again.wait("STOP"))
    again.type("8Gp")
    #expect(
      try again.status { $0.bars == 9 }.text.hasSuffix("|:eeff|gfed|e2c2|d4|dcBA:|\n"))
    again.keys("u", "u")
    #expect(try again.status { !$0.text.contains(":|") }.shelf.count == 2)
    #expect(
      again.program.waitUntil(seconds: 10) { place.read(Self.journal(place)).contains("select") })
    again.program.kill()

    // What a crash leaves has the shelf as well.
    let last = try RunningComposer(["--draft", "lane"], in: place, fresh: false)
    #expect(try last.status { $0.message.contains("cut off") }.shelf == back.shelf)
  }

  @Test func `after kill -9 in the middle of playing everything is back but the last second`()
    throws
  {
    let place = try Workplace()
    try place.write(
      "X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|dcBA|A2d2|d4|\neeff|gfed|e2c2|d4|\n", to: "lane.abc")
    let composer = try RunningComposer(
      ["--draft", "lane"], in: place, audio: "a.jsonl")
    composer.type(":open lane.abc\r")
    #expect(try composer.status(within: 20) { $0.model != "" && $0.bars == 8 }.bars == 8)
    // A phrase on the shelf, two locked bars, two takes, a loop, the roll alone and drawn larger.
    composer.type(":phrase 4\r")
    composer.keys("g", "g", "K", "a", "1", "G", "v", "w", "L")
    let kept = try composer.status { $0.shelf.count == 1 && $0.locks.count == 2 }
    #expect(kept.shelf.count == 1 && kept.locks.count == 2, "\(kept.message)")
    composer.keys("6", "G", "R")
    let done = try composer.status(within: 20) {
      $0.generator.state == "done" && $0.takes.count == 2
    }
    #expect(done.generator.state == "done" && done.takes.count == 2, "\(done.message)")
    composer.type(":loop 3-4\r")
    composer.keys("z", "i", "P", "z")
    let before = try composer.status { $0.loop == "3-4" && $0.view.isZoomed }
    #expect(before.loop == "3-4" && before.view.isZoomed, "\(before.message)")
    composer.keys("Space")
    #expect(composer.wait("LOOP 3-4"))
    #expect(
      composer.program.waitUntil(seconds: 10) {
        composer.heard("a.jsonl").contains { $0.type == "on" }
          && place.read(Self.journal(place)).contains("isZoomed\":true")
      })
    composer.program.signal(SIGKILL)
    #expect(composer.program.waitForExit() == 137)

    let again = try RunningComposer(["--draft", "lane"], in: place, audio: "b.jsonl", fresh: false)
    let after = try again.status { $0.message.contains("back as it was") }
    #expect(after.message.contains("back as it was"), "\(after.message)")
    #expect(after.text == before.text)
    #expect(after.takes == before.takes)
    #expect(after.shelf == before.shelf)
    #expect(after.locks == before.locks)
    #expect(after.loop == before.loop)
    #expect(after.view == before.view)
    #expect(after.characters == before.characters)
    // It stands still, and goes on from there.
    #expect(after.player.state == "stopped")
    again.keys("Space")
    #expect(again.wait("LOOP 3-4"))
    again.keys("Space", "P", "z", "1", "G", "x")
    #expect(try again.status { $0.message.contains("locked and stay") }.text == before.text)
  }

  private static func journal(_ place: Workplace) -> String {
    place.folder + "/state/lilt/drafts/lane/journal"
  }

  @Test func `the model varies a return, and only that`() throws {
    let place = try Workplace()
    let strain = "ABcd efga|gfed cBAG|FGAB cdef|gfed d4|"
    try place.write("X:1\nT:Lane\nR:reel\nM:4/4\nL:1/8\nK:D\n\(strain)\n", to: "lane.abc")
    let composer = try RunningComposer(["lane.abc"], in: place)
    _ = try composer.status(within: 20) { $0.bars == 4 && $0.generator.state != "load" }
    composer.type(":keep a 1-4\r")
    composer.type(":form A A'\r")
    let open = try composer.status(within: 20) { $0.alternatives?.ready == 4 }
    let alternatives = try #require(open.alternatives)
    let head = "ABcd efga|gfed cBAG|FGAB cdef|gfed d4||\nABcd efga|"
    for text in alternatives.texts {
      #expect(text.contains(head))
      #expect(text.hasSuffix("|gfed d4|]\n"))
    }
    #expect(Set(alternatives.texts).count == 5)
    composer.keys("Enter")
    let chosen = try composer.status { $0.mode == "normal" }
    #expect(chosen.text == alternatives.texts[1])
    #expect(chosen.warnings.isEmpty)
  }

  @Test func `the history is looked through and gone back to`() throws {
    let composer = try RunningComposer()
    composer.type("iX:1\rM:4/4\rL:1/4\rK:C\rCDEF|")
    composer.keys("Esc")
    #expect(composer.wait("STOP"))
    composer.type("x")
    let present = try composer.status { $0.depth >= 2 }
    composer.type("gu")
    #expect(composer.wait("history: \(present.depth + 1)"))
    composer.keys("Down")
    let older = try composer.status { $0.picker?.preview != present.text }
    #expect(older.text == present.text)
    composer.keys("Enter")
    #expect(try composer.status { $0.mode == "normal" }.text == older.picker?.preview)
  }
}

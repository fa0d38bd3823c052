import Compose
import Foundation
import Testing

@testable import lilt

/// Drafts as a whole, files and the tunes of a book, in a terminal.
@Suite(.serialized) struct DraftListTests {
  private func say(_ line: String, in composer: RunningComposer, until words: String) throws {
    composer.type(":\(line)\r")
    let message = try composer.status { $0.message.contains(words) }.message
    #expect(message.contains(words), "\(line): \(message)")
  }

  /// Waits until a draft is the open one; its control socket is another than that of the one before.
  private func opened(_ name: String, in composer: RunningComposer) throws -> Status {
    var status: Status?
    composer.program.waitUntil(seconds: 10 * RunningComposer.patience) {
      status = try? composer.status()
      return status?.draft == name
    }
    return try #require(status)
  }

  @Test func `drafts are listed, opened, compared, renamed, deleted and brought back`() throws {
    let place = try Workplace()
    try place.write("X:1\nT:The Lane\nM:4/4\nL:1/4\nK:D\nABcd|d4|\n", to: "lane.abc")
    try place.write("X:1\nT:The Hill\nM:4/4\nL:1/4\nK:G\nABcd|G4|\n", to: "hill.abc")
    let first = try RunningComposer(["--draft", "lane"], in: place)
    try say("open lane.abc", in: first, until: "opened")
    first.keys("q")
    #expect(first.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    let composer = try RunningComposer(["--draft", "hill"], in: place)
    try say("open hill.abc", in: composer, until: "opened")
    composer.type(":drafts\r")
    #expect(composer.wait("drafts: 2 "))
    #expect(
      composer.waitForRow {
        $0.contains("lane: The Lane") && $0.contains("D  4/4  2 bars  just now")
      })
    #expect(
      composer.waitForRow {
        $0.contains("hill: The Hill") && $0.contains("open ") && $0.contains("ABcd|G4|")
      })
    composer.type("lane")
    #expect(composer.wait("drafts: 1 of 2"))
    // The roll shows it, the draft is what it was.
    #expect(composer.wait("The Lane  D 4/4"))
    #expect(try composer.status { $0.picker?.matches == 1 }.text.contains("T:The Hill"))
    composer.keys("Enter")
    #expect(try opened("lane", in: composer).text.contains("T:The Lane"))

    composer.type(":drafts compare lane hill\r")
    #expect(composer.waitForRow { $0.contains("* ") && $0.contains("d4|") && $0.contains("G4|") })
    composer.keys("Esc")
    try say("drafts delete lane", in: composer, until: "it is open")
    try say("drafts rename hill mound", in: composer, until: "now called mound")
    try say("drafts copy lane lane2", in: composer, until: "a copy of lane")
    try say("drafts copy lane lane2", in: composer, until: "already")
    try say("drafts delete mound", in: composer, until: "restore mound")
    #expect(!Files.exists(place.folder + "/state/lilt/drafts/mound"))
    try say("drafts mound", in: composer, until: "no such draft")
    try say("drafts delete ../work", in: composer, until: "no such draft")
    try say("drafts copy lane ../x", in: composer, until: "no / or dot")
    try say("drafts restore", in: composer, until: "mound is back")
    // The open one goes on under its new name, with its undo.
    composer.type(":drafts rename lane way\r")
    let renamed = try opened("way", in: composer)
    #expect(renamed.depth > 0)
    composer.keys("u")
    #expect(try composer.status { $0.text.isEmpty }.text.isEmpty)
    composer.keys("U")
    composer.type(":drafts mound\r")
    #expect(try opened("mound", in: composer).text.contains("T:The Hill"))
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
    for name in ["way", "mound", "lane2"] {
      let journal = JournalReading(
        try Files.read("\(place.folder)/state/lilt/drafts/\(name)/journal"))
      #expect(!journal.isDamaged, "\(name)")
      #expect(journal.wasClosed, "\(name)")
    }
  }

  @Test func `a book opens a list of its tunes, files are found by their names`() throws {
    let place = try Workplace()
    let names = ["One", "Two", "Three"]
    let book = names.enumerated().map {
      "X:\($0 + 1)\nT:Tune \($1)\nM:4/4\nL:1/4\nK:G\nGABc|d4|]\n"
    }.joined(separator: "\n")
    try place.write(book, to: "music/book.abc")
    try place.write("no music", to: "music/notes.txt")
    let composer = try RunningComposer(in: place, audio: "a.jsonl")
    composer.type(":open\r")
    #expect(composer.waitForRow { $0.contains("music/") && $0.contains("folder") })
    composer.type("music/bo")
    #expect(composer.waitForRow { $0.contains("> book.abc") })
    #expect(!composer.program.shows("notes.txt"))
    composer.keys("Enter")
    #expect(composer.wait("book.abc: 3 "))
    #expect(
      composer.waitForRow { $0.contains("Tune Two") && $0.contains("X:2  4/4  G  GABc|d4|]") })
    composer.type("three")
    composer.keys("Tab")
    composer.program.waitUntil(seconds: 10) { composer.heard("a.jsonl").contains { $0.key == 67 } }
    #expect(composer.heard("a.jsonl").contains { $0.type == "on" && $0.key == 67 })
    composer.keys("Enter")
    let opened = try composer.status { $0.text.contains("Tune Three") }
    #expect(opened.message.contains("tune 3"))
    #expect(!opened.text.contains("Tune One"))
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    // A start with a book asks as well; with a number it does not.
    let asked = try RunningComposer(["music/book.abc"], in: place)
    #expect(asked.wait("book.abc: 3 "))
    asked.keys("Down", "Enter")
    #expect(try asked.status { !$0.text.isEmpty }.text.contains("Tune Two"))
  }

  @Test func `a draft gets a name with blanks in the list, which goes on with it`() throws {
    let place = try Workplace()
    try place.write("X:1\nT:The Lane\nM:4/4\nL:1/4\nK:D\nABcd|d4|\n", to: "lane.abc")
    let first = try RunningComposer(["--draft", "lane", "lane.abc"], in: place)
    #expect(try first.status { $0.message.contains("opened") }.text.contains("T:The Lane"))
    first.keys("q")
    #expect(first.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    let composer = try RunningComposer(["--draft", "hill"], in: place)
    // Another draft than the open one, and then the open one itself.
    for (old, new) in [("lane", "Lucky test"), ("hill", "Green hill")] {
      composer.keys("g", "d")
      #expect(composer.wait("drafts: 2 "))
      composer.type(old)
      #expect(composer.wait("drafts: 1 of 2"))
      composer.type("\u{12}")
      #expect(composer.wait("a new name for \(old)"))
      composer.type("\(new)\r")
      #expect(composer.waitForRow { $0.contains("> \(new)") })
      #expect(composer.wait("drafts: 2 "))
      composer.keys("Esc")
    }
    let names = Set(Files.names(in: place.folder + "/state/lilt/drafts"))
    #expect(names.isSuperset(of: ["Lucky test", "Green hill"]))
    #expect(names.isDisjoint(with: ["lane", "hill"]))
    composer.type(":drafts \"Lucky test\"\r")
    #expect(try opened("Lucky test", in: composer).text.contains("T:The Lane"))
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    // A file goes into no draft that holds music.
    let refused = try RunningComposer(
      command: ["--draft", "Lucky test", "lane.abc"], in: place)
    #expect(refused.program.waitForExit(seconds: 5 * RunningComposer.patience) == 2)
    #expect(refused.program.text.contains("'Lucky test' is not empty"))
  }
}

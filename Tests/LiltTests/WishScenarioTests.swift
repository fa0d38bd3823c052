import Compose
import Foundation
import Testing

@testable import lilt

/// What is wanted of a tune, moved by keys and commands while the model writes it.
@Suite(.serialized) struct WishScenarioTests {
  private static let book = """
    X:1
    T:Lent
    R:reel
    M:4/4
    L:1/8
    K:D
    |:D2FA dAFA|B2AF E2FG|D2FA dAFA|GFED D4:|

    """

  @Test func `all that is wanted is recorded, shown and replayed`() throws {
    let place = try Workplace()
    _ = try place.write(Self.book, to: "book.abc")
    let composer = try RunningComposer(in: place, audio: "a.jsonl")
    #expect(composer.wait("M 0\\.15"))
    composer.type(":mood stately\r")
    #expect(composer.wait("mood stately"))
    #expect(try composer.status().text.contains("R:hornpipe"))
    composer.keys("Enter")
    _ = try composer.status(within: 60) { $0.bars >= 1 }
    composer.keys("*", "*")
    #expect(composer.wait("M 0\\.25", 20))
    _ = try composer.status(within: 60) { $0.characters.last?.memory == 0.25 }
    composer.type(":plan 5=1\r")
    composer.type(":memory add book.abc\r")
    #expect(composer.wait("remembers the tune of book\\.abc", 60))
    composer.type(":mix folk-lstm-3x512 0.2\r")
    _ = try composer.status(within: 120) { $0.bars >= 5 && $0.sampling.writing.mix?.share == 0.2 }
    composer.keys("Enter")
    #expect(composer.wait("GEN (pause|done)", 20))
    let status = try composer.status()
    let memories = status.characters.filter { $0.origin == "model" }.map(\.memory)
    #expect(memories.first == 0.15 && memories.last == 0.25)
    #expect(status.book == "book.abc")
    #expect(status.sampling.writing.bars == "5=1")
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    let replay = try place.run(["replay", status.draft])
    #expect(replay.status == 0, "\(replay.errors)")
    #expect(replay.output == status.text + (status.text.hasSuffix("\n") ? "" : "\n"))
  }

  @Test func `the coming bars stand in the ruler, and one key changes the next`() throws {
    let composer = try RunningComposer()
    composer.keys("Enter")
    _ = try composer.status(within: 60) { $0.bars >= 2 }
    composer.keys("Enter")
    #expect(composer.wait("GEN pause", 20))
    let planned = try composer.status(within: 60) { $0.plan.count >= 3 }
    let coming = try #require(planned.plan.first { $0.number > planned.bars + 1 })
    #expect(composer.waitForRow(20) { $0.contains(coming.description) })
    composer.keys("F")
    let changed = try composer.status()
    #expect(
      changed.sampling.writing.bars.hasPrefix("\(planned.bars + 1)")
        || !changed.sampling.writing.bars.isEmpty)
    #expect(composer.wait("F changes it"))
    composer.type(":mood save mine\r")
    #expect(composer.wait("mood mine is kept", 20))
    let path = Paths.join(composer.workplace.paths.configuration, "moods.toml")
    #expect(try Files.readText(path).contains("[mine]"))
    composer.type(":mood mine\r")
    #expect(composer.wait("mood mine", 20))
  }

  @Test func `tunes are lent from a file with blanks in its name, and from the shelf`() throws {
    let place = try Workplace()
    _ = try place.write(Self.book, to: "my book.abc")
    let composer = try RunningComposer(in: place)
    // Tunes are lent to a model that is there.
    #expect(composer.wait("next +H [0-9]", 60))
    composer.type(":memory add my book.abc\r")
    #expect(composer.wait("remembers the tune of my book\\.abc", 60))
    composer.type(":open my book.abc\r")
    #expect(composer.wait("Lent", 20))
    composer.type(":keep a 1-2\r")
    #expect(composer.wait("kept bars 1-2", 20))
    composer.type(":memory add shelf\r")
    #expect(composer.wait("remembers the tune of the shelf, and the tune lent before", 60))
    composer.type(":memory off\r")
    #expect(composer.wait("no longer lent", 20))
  }

  @Test func `the plan of a tune is seen before its first note`() throws {
    let composer = try RunningComposer()
    composer.type(":new jig\r")
    let planned = try composer.status(within: 60) { $0.bars == 0 && $0.plan.count >= 3 }
    #expect(composer.waitForRow(20) { $0.contains(planned.plan[1].description) })
  }

  @Test func `the tempo of a mood is the tune's`() throws {
    let place = try Workplace()
    let more = ["generate", "--bars", "2", "--checkpoint", "folk-lstm-3x512"]
    let stately = try place.run(more + ["--mood", "stately"]).output
    #expect(stately.contains("\nQ:1/"))
    #expect(try !place.run(more).output.contains("\nQ:"))
    #expect(TuneWriter.timed("X:1\nM:6/8\nK:D\nd\n", beatsPerMinute: 90).contains("Q:3/8=90\nK:D"))
    let own = "X:1\nQ:1/4=80\nK:D\nd\n"
    #expect(TuneWriter.timed(own, beatsPerMinute: 90) == own)
  }

  @Test func `generate takes moods, plans, lent tunes and a second model`() throws {
    let place = try Workplace()
    _ = try place.write(Self.book, to: "book.abc")
    let plain = ["generate", "--bars", "6", "--rhythm", "reel", "--key", "D", "--meter", "4/4"]
    let first = try place.run(plain)
    #expect(first.status == 0, "\(first.errors)")
    for more in [
      ["--memory-tunes", "book.abc", "--memory", "0.6"], ["--mix", "folk-lstm-3x512 0.9"],
      ["--plan", "3=1,4=2"],
    ] {
      let other = try place.run(plain + more)
      #expect(other.status == 0, "\(other.errors)")
      #expect(other.output != first.output, "\(more)")
      #expect(try place.run(plain + more).output == other.output)
    }
    let cut = try place.run(plain + ["--top-k", "1"])
    #expect(cut.output != first.output)
    #expect(try place.run(plain + ["--set", "top-k=1"]).output == cut.output)
    let mood = try place.run(["generate", "--bars", "4", "--mood", "stately"])
    #expect(mood.output.contains("R:hornpipe") && mood.output.contains("K:A"))
    let wrong: [([String], String)] = [
      (["--mood", "nosuch"], "--mood must be lively, dancing"),
      (["--plan", "5=6"], "--plan must be bars such as 5=1"),
      (["--mix", "nosuch 0.5"], "--mix must be off, "),
      (["--set", "cadence=maybe"], "--cadence must be off, wish or rule"),
      (["--set", "pace=max"], "pace=max"),
    ]
    for (options, sentence) in wrong {
      let refused = try place.run(plain + options)
      #expect(refused.status == 2)
      #expect(refused.errors.contains(sentence), "\(refused.errors)")
    }
    let missing = try place.run(plain + ["--memory-tunes", "nosuch.abc"])
    #expect(missing.status == 4 && missing.errors.contains("nosuch.abc"))
  }
}

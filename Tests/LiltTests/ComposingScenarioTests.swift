import Compose
import Foundation
import Music
import Testing

@testable import lilt

/// UX 5: the composer's main job, key by key, in a terminal of 80x24 unless a scenario says more.
@Suite(.serialized) struct ComposingScenarioTests {
  /// S01.
  @Test func `first sound in three keys`() throws {
    let composer = try RunningComposer(audio: "a.jsonl")
    #expect(composer.wait("Enter: let the model begin"))
    #expect(
      composer.program.waitUntil {
        let keys = composer.program.line(24)
        return keys.contains("Enter") && keys.contains("?")
      })

    composer.keys("Enter")
    #expect(composer.wait("GEN (prime|run)"))
    composer.keys("Space")
    #expect(composer.wait("(PLAY|WAIT) 1\\."))
    let playing = try composer.status(within: 20) { $0.player.bar >= 3 }
    #expect(playing.text.contains("\nK:"))
    #expect(
      composer.program.waitUntil {
        let roll = composer.program.screen.dropFirst(2).prefix(10).joined()
        return roll.filter { "▀▄█".contains($0) }.count >= 8 && composer.program.shows("K:")
      })

    composer.program.waitUntil(seconds: 10) {
      composer.heard("a.jsonl").filter { $0.type == "on" }.count >= 6
    }
    composer.keys("Space")
    #expect(composer.wait("STOP", 1))
    let heard = composer.heardWhenQuiet("a.jsonl")
    #expect(heard.filter { $0.type == "on" }.count >= 6)
    #expect(SoundEvent.hanging(in: heard).isEmpty)

    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
    #expect(composer.program.isCooked)
  }

  /// S02.
  @Test func `temperature moves while it runs, is recorded, and is announced`() throws {
    let composer = try RunningComposer(width: 120, height: 40, audio: "a.jsonl")
    #expect(composer.wait("Enter: let the model begin"))
    composer.type(":set ahead 2")
    composer.keys("Enter", "Enter", "Space")
    #expect(composer.wait("PLAY 2\\.", 20))
    composer.keys("+", "+", "+", "+")
    #expect(composer.wait("T 1\\.20"))
    #expect(composer.wait("heard from bar \\d+"))
    let announced = try #require(
      composer.program.text.firstMatch(of: /heard from bar (\d+)/).flatMap { Int($0.1) })
    let bar = try composer.status().player.bar
    #expect(announced <= bar + 3)
    composer.keys("-", "-")
    #expect(composer.wait("T 1\\.10"))
    _ = try composer.status(within: 10) { $0.characters.last?.temperature == 1.1 }
    composer.keys("Enter")
    #expect(composer.wait("GEN pause", 1))

    let status = try composer.status()
    let written = status.characters.filter { $0.origin == "model" }.map(\.temperature)
    #expect(written.first == 1)
    #expect(written.last == 1.1)
    // One way up and down again, never back to where it started.
    #expect(!written.drop { $0 == 1 }.contains(1))
    #expect(
      composer.waitForRow { line in
        line.hasPrefix("temp") && Set(line.filter { "▁▂▃▄▅▆▇█".contains($0) }).count >= 2
      })
  }

  /// S03.
  @Test func `bars go back, another try is kept beside the first, and nothing is lost`() throws {
    let composer = try RunningComposer()
    composer.keys("Enter")
    #expect(composer.wait("GEN (run|rest) [5-9]/", 20))
    composer.keys("Enter")
    #expect(composer.wait("GEN pause", 1))
    let first = try composer.status()
    composer.keys("Backspace")
    let once = try composer.status { $0.text.count < first.text.count }
    composer.keys("Backspace")
    let rewound = try composer.status { $0.text.count < once.text.count }
    // The first takes the bar that was begun, where one was.
    #expect([first.bars, first.bars - 1].contains(once.bars), "\(first.text.suffix(40))")
    #expect(rewound.bars == once.bars - 1, "\(first.text.suffix(40))")
    #expect(first.text.hasPrefix(rewound.text))
    #expect(
      rewound.text.trimmingSuffix(while: \.isWhitespace).last.map { "|:]".contains($0) } == true)

    composer.keys("R")
    let running = try composer.status(within: 10) { $0.text.count > rewound.text.count + 30 }
    if ["run", "rest"].contains(running.generator.state) { composer.keys("Enter") }
    let second = try composer.status { !["run", "rest"].contains($0.generator.state) }
    #expect(second.text.hasPrefix(rewound.text))
    #expect(second.text != first.text)

    composer.keys(",")
    #expect(try composer.status { $0.text == first.text }.text == first.text)
    #expect(composer.wait("take 1/2"))
    composer.keys(".")
    #expect(try composer.status { $0.text == second.text }.text == second.text)
    #expect(composer.wait("take 2/2"))

    var seen: [String] = []
    for _ in 0..<4 {
      composer.keys("u")
      composer.pause(0.2)
      seen.append(try composer.status().text)
    }
    #expect(seen.contains(first.text))
    for _ in 0..<4 { composer.keys("U") }
    #expect(try composer.status { $0.text == second.text }.text == second.text)
  }

  /// S04.
  @Test func `four alternatives are heard, one is chosen, and all of it undone`() throws {
    let place = try Workplace()
    let seed = try place.write(
      "X:1\nT:Seed\nR:jig\nM:6/8\nL:1/8\nK:D\ndAF DFA|ded cBA|dcd efg|fdf ece|dAF DFA|ded cBA|"
        + "gfe dcB|AFE D3|", to: "seed8.abc")
    let composer = try RunningComposer(["--seed-abc", seed], in: place, audio: "a.jsonl")
    let before = try composer.status { $0.generator.state == "idle" }
    composer.keys("G", "4", "a")
    #expect(composer.wait("AUDITION", 15))
    let ready = try composer.status(within: 15) { $0.alternatives?.ready == 4 }
    let texts = try #require(ready.alternatives?.texts)
    #expect(composer.wait("GEN done k=4"))
    for number in 0...4 {
      #expect(
        composer.waitForRow {
          $0.wholeMatch(of: /[> ] (\d) .*/).map { $0.1 == "\(number)" } == true
        })
    }
    #expect(composer.wait("0 original"))
    #expect(Set(texts).count == 5)
    for text in texts.dropFirst() {
      #expect(text.hasPrefix(before.text))
      // A phrase that ends in a first ending has the second one, too.
      let endings = text.contains(":|2") || text.contains(":|[2") ? 1 : 0
      #expect(Score(text: text).completeBars == 16 + endings, "\(text)")
    }

    composer.keys("2")
    #expect(composer.wait("> 2"))
    composer.program.waitUntil(seconds: 5) {
      composer.heard("a.jsonl").filter { $0.type == "on" }.count >= 3
    }
    // Eight bars of three quarters come before.
    let wanted = Score(text: texts[2]).performance.notes
      .filter { $0.track == 0 && $0.start.count >= 24 * Tick.perQuarter }
      .prefix(3).map { $0.pitch.key }
    let heard = composer.heard("a.jsonl").filter { $0.type == "on" && $0.ch == 0 }
      .prefix(3).compactMap(\.key)
    #expect(heard == wanted)

    composer.keys("0")
    #expect(composer.wait("> 0"))
    composer.pause(0.5)
    composer.keys("3", "Enter")
    let chosen = try composer.status { $0.alternatives == nil }
    #expect(chosen.text == texts[3])
    composer.program.waitUntil(seconds: 2) { !composer.program.text.contains("AUDITION") }
    #expect(!composer.program.text.contains("AUDITION"))
    composer.keys(",")
    let other = try composer.status { $0.text != texts[3] }
    #expect(texts.contains(other.text))
    composer.keys(".")
    _ = try composer.status { $0.text == texts[3] }
    composer.keys("Space", "u")
    let undone = try composer.status { $0.text == before.text }
    #expect(undone.text == before.text)
    for text in texts.dropFirst() { #expect(undone.takes.texts.contains(text)) }
    #expect(SoundEvent.hanging(in: composer.heardWhenQuiet("a.jsonl")).isEmpty)
  }

  /// S05.
  @Test func `the model goes on from what the musician wrote`() throws {
    let composer = try RunningComposer()
    composer.keys("Enter")
    #expect(composer.wait("GEN (run|rest) 6/", 20))
    composer.keys("Enter")
    #expect(composer.wait("GEN pause", 1))
    let before = try composer.status()

    composer.keys("4", "G", "i")
    #expect(composer.wait("INSERT"))
    composer.type("e2f2 g2a2|")
    composer.keys("Esc")
    let edited = try composer.status { $0.mode == "normal" && $0.text.contains("e2f2 g2a2|") }
    #expect(edited.text.contains("e2f2 g2a2|"))
    #expect(edited.characters.contains { $0.origin == "hand" })

    composer.keys("Enter")
    let prefix = Array(edited.text.utf8.prefix(edited.cursor))
    let longer = try composer.status(within: 20) {
      $0.characters.dropFirst(edited.cursor).filter { $0.origin == "model" }.count >= 40
    }
    composer.keys("Enter")
    let paused = try composer.status { !["run", "rest"].contains($0.generator.state) }
    #expect(Array(longer.text.utf8.prefix(edited.cursor)) == prefix)
    #expect(paused.text.hasPrefix(longer.text))

    for _ in 0..<4 where try composer.status().text != before.text {
      composer.keys("u")
      composer.pause(0.3)
    }
    #expect(try composer.status().text == before.text)
  }

  @Test func `a pause resumes to exactly the text that would have come`() throws {
    let one = try RunningComposer()
    one.type(":pace max")
    one.keys("Enter", "Enter")
    let whole = try one.status(within: 20) { $0.generator.state == "done" }

    let other = try RunningComposer()
    other.keys("Enter")
    for length in [40, 70, 100] {
      _ = try other.status(within: 20) { $0.text.count >= length }
      other.keys("Enter")
      let paused = try other.status { $0.generator.state == "pause" }
      #expect(whole.text.hasPrefix(paused.text), "\(paused.text)")
      other.pause(0.1)
      #expect(try other.status().text == paused.text)
      other.keys("Enter")
    }
    other.type(":pace max")
    other.keys("Enter")
    #expect(try other.status(within: 20) { $0.generator.state == "done" }.text == whole.text)
  }

  @Test func `after kill -9 the next start is where it was and says so`() throws {
    let composer = try RunningComposer()
    composer.keys("Enter")
    #expect(composer.wait("GEN (run|rest) 3/", 20))
    composer.keys("Enter")
    let before = try composer.status { $0.generator.state == "pause" }
    composer.pause(1.2)
    composer.program.signal(SIGKILL)
    #expect(composer.program.waitForExit(seconds: 5) == 137)

    let again = try RunningComposer(in: composer.workplace, fresh: false)
    #expect(again.wait("is back as it was"))
    let after = try again.status()
    #expect(after.text == before.text)
    #expect(after.takes.count == before.takes.count)
    again.keys("u")
    #expect(try again.status { $0.text != before.text }.text != before.text)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func `every signal ends with the notes off and the terminal as it was`(signal: Int32) throws {
    let composer = try RunningComposer(audio: "a.jsonl")
    composer.keys("Enter", "Space")
    // By the second bar something was heard.
    #expect(composer.wait("PLAY [2-9]\\.", 20))
    composer.program.signal(signal)
    let status = composer.program.waitForExit(seconds: 3 * RunningComposer.patience)
    #expect(status == 128 + signal || (signal == SIGHUP && status == 0))
    let heard = composer.heard("a.jsonl")
    #expect(heard.contains { $0.type == "on" })
    #expect(SoundEvent.hanging(in: heard).isEmpty)
    #expect(composer.program.isCooked)
    #expect(!composer.isAlternateScreen)
    #expect(composer.isCursorVisible)
  }

  @Test func `a running composer takes commands and answers questions`() throws {
    let composer = try RunningComposer()
    #expect(composer.wait("GEN idle", 10))
    let place = composer.workplace
    let temperature = try place.run(["ctl", "temp", "+0.05"])
    #expect(temperature.status == 0, "\(temperature.errors)")
    #expect(try composer.status { $0.temp.all == 1.05 }.temp.all == 1.05)
    #expect(try place.run(["ctl", "temp", "-0.10"]).status == 0)
    #expect(try composer.status { $0.temp.all == 0.95 }.temp.all == 0.95)

    let unknown = try place.run(["ctl", "tmep", "1"])
    #expect(unknown.status == Outcome.usage.rawValue)
    #expect(unknown.errors.contains("unknown command 'tmep' (did you mean 'temp'?)"))
    #expect(unknown.output.isEmpty)

    let status = try place.run(["ctl", "status", "--json"])
    #expect(status.status == 0)
    #expect(status.output.hasPrefix("{"))
    #expect(try place.run(["ctl", "status"]).output.contains("GEN idle"))

    let sockets = Files.names(in: place.folder + "/run")
    #expect(sockets.count == 1)
    var information = stat()
    stat(place.folder + "/run/" + (sockets.first ?? ""), &information)
    #expect(information.st_mode & 0o777 == 0o600)

    #expect(try place.run(["ctl", "quit"]).status == 0)
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
    #expect(Files.names(in: place.folder + "/run").isEmpty)
  }
}

extension String {
  fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
    var copy = self
    while let last = copy.last, isDropped(last) { copy.removeLast() }
    return copy
  }
}

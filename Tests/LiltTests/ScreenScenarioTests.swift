import Compose
import Foundation
import Music
import Testing

@testable import lilt

/// UX 5: any size, any terminal, any keys.
@Suite(.serialized) struct ScreenScenarioTests {
  /// S07.
  @Test func `any size at any moment disturbs neither screen nor sound`() throws {
    let composer = try RunningComposer(audio: "a.jsonl")
    #expect(composer.wait("Enter: let the model begin"))
    composer.keys("Enter")
    // On a busy machine the playhead would catch up with the writer and wait for it.
    _ = try composer.status(within: 60) { $0.bars >= 5 }
    composer.keys("Space")
    #expect(composer.wait("PLAY [1-9]\\.", 10))
    let sizes = [
      (60, 18), (30, 8), (20, 4), (10, 2), (200, 60), (81, 25), (120, 40), (80, 24),
    ]
    for (width, height) in sizes {
      composer.program.resize(width: width, height: height)
      if width >= 20 {
        #expect(composer.wait("GEN"), "\(width)x\(height)")
        #expect(composer.program.screen.contains { $0.contains("GEN") })
      } else {
        composer.pause(0.4)
      }
      #expect(composer.program.screen.count == height)
      #expect(composer.program.screen.allSatisfy { $0.count <= width })
      #expect(!composer.program.text.lowercased().contains("too small"))
      _ = try composer.status()
    }
    #expect(
      composer.program.waitUntil(seconds: 10 * RunningComposer.patience) {
        composer.heard("a.jsonl").filter { $0.type == "on" && $0.ch == 0 }.count >= 4
      })
    composer.keys("Enter", "Space")
    let stopped = try composer.status {
      $0.player.state == "stopped" && $0.generator.state == "pause"
    }
    #expect(stopped.player.state == "stopped")
    let heard = composer.heardWhenQuiet("a.jsonl")
    #expect(SoundEvent.hanging(in: heard).isEmpty)
    try expectSteady(heard, text: stopped.text)

    // Back at 80x24 the layout is that of a fresh start. On a busy machine a picture may be taken too
    // early; one of several is not.
    composer.keys("Esc")
    #expect(
      (1...5).contains { _ in
        composer.program.resize(width: 100, height: 30)
        composer.pause(0.4)
        composer.program.resize(width: 80, height: 24)
        composer.program.settle(milliseconds: 400)
        let resized = composer.program.screen
        composer.keys("ctrl-l")
        composer.program.settle(milliseconds: 400)
        return composer.program.screen == resized && composer.program.shows("GEN pause")
      })
  }

  /// Compares the time between successive notes with the score's.
  private func expectSteady(_ heard: [SoundEvent], text: String) throws {
    let performance = Score(text: text).performance
    let tempo = TempoMap(performance.tempos)
    // The melody alone: chords are played anew when the next one is written.
    let starts = performance.notes.filter { $0.track == 0 }
      .map { tempo.seconds(at: $0.start) * 1000 }.sorted()
    let times = heard.filter { $0.type == "on" && $0.ch == 0 }.map(\.ms)
    #expect(times.count >= 4)
    for index in times.indices.dropFirst() where index < starts.count {
      let difference = (times[index] - times[index - 1]) - (starts[index] - starts[index - 1])
      #expect(abs(difference) < 5, "note \(index)")
    }
  }

  /// S08.
  @Test func `keys are found, and changed while it runs`() throws {
    let composer = try RunningComposer()
    #expect(composer.wait("GEN idle", 10))
    composer.keys("?")
    composer.type("temper")
    #expect(composer.wait("set every temperature"))
    #expect(composer.program.screen.filter { $0.contains("temperature") }.count >= 2)
    let before = try composer.status()
    composer.keys("Enter")
    let after = try composer.status { $0.mode != "help" }
    #expect(after.mode == "prompt" || after.temp != before.temp)

    composer.keys("Esc", "t")
    #expect(composer.wait("type a temperature|rhythm"))
    let melody = try composer.status().temp.melody
    composer.keys("r", "+")
    let raised = try composer.status { $0.temp.rhythm > melody }
    #expect(raised.temp.rhythm > melody)
    #expect(raised.temp.melody == melody)

    let keysFile = composer.workplace.paths.keysFile
    try composer.workplace.write("[normal]\n\"g\" = \"gen.toggle\"\n", to: keysFile)
    composer.type(":reload")
    composer.keys("Enter")
    #expect(composer.wait("g (generate|begin|let|write|run)"))
    composer.keys("g")
    #expect(composer.wait("GEN (prime|run)"))
    composer.keys("g")
    #expect(composer.wait("GEN pause"))
    composer.keys("?")
    composer.type("gen.toggle")
    #expect(composer.wait("\\bg\\b.* gen\\.toggle"))
    composer.keys("Esc")

    try composer.workplace.write("[normal]\n\"g\" = \"gen.tog\"\n", to: keysFile)
    composer.type(":reload")
    composer.keys("Enter")
    #expect(composer.wait("keys.toml:2"))
    #expect(composer.program.text.contains("gen.toggle"))
    #expect(try composer.status().generator.state == "pause")
  }

  @Test(arguments: [["LC_ALL": "C"], ["TERM": "linux", "LC_ALL": "C"]])
  func `without UTF-8 every cell is ASCII`(environment: [String: String]) throws {
    let composer = try RunningComposer(extra: environment)
    composer.keys("Enter")
    #expect(composer.wait("GEN (run|rest) 3/", 20))
    composer.keys("Enter")
    #expect(composer.wait("GEN pause"))
    #expect(composer.program.output.allSatisfy { $0 < 0x80 })
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
  }

  @Test func `NO_COLOR leaves no colour`() throws {
    let composer = try RunningComposer(extra: ["NO_COLOR": "1"])
    composer.keys("Enter")
    #expect(composer.wait("GEN (run|rest) 3/", 20))
    let text = String(decoding: composer.program.output, as: UTF8.self)
    for match in text.matches(of: /\u{1B}\[([0-9;]*)m/) {
      let codes = match.1.split(separator: ";").compactMap { Int($0) }
      #expect(!codes.contains { (30...38).contains($0) || (40...48).contains($0) || $0 >= 90 })
    }
  }

  @Test func `a dumb terminal is refused in one line`() throws {
    let composer = try RunningComposer(extra: ["TERM": "dumb"])
    #expect(
      composer.program.waitForExit(seconds: 2 * RunningComposer.patience)
        == Outcome.usage.rawValue)
    #expect(composer.program.text.contains("TERM"))
  }

  @Test func `suspending stops the sound and gives the terminal back`() throws {
    let composer = try RunningComposer(inShellWith: [], audio: "a.jsonl")
    composer.keys("Enter", "Space")
    #expect(composer.wait("PLAY [2-9]\\.", 20))
    composer.keys("ctrl-z")
    #expect(composer.wait("STOPPED", 8))
    #expect(!composer.isAlternateScreen)
    #expect(composer.program.isCooked)
    #expect(SoundEvent.hanging(in: composer.heardWhenQuiet("a.jsonl")).isEmpty)
    composer.keys("Enter")
    #expect(composer.wait("GEN pause"))
    #expect(composer.wait("STOP"))
    #expect(composer.isAlternateScreen)
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
  }

  @Test func `a pasted tune becomes the draft and an edit of one step`() throws {
    let composer = try RunningComposer()
    #expect(composer.wait("Enter: let the model begin"))
    composer.program.paste("X:1\nT:Pasted\nM:6/8\nL:1/8\nK:G\nGAB d2e|dBG A2G|\n")
    let pasted = try composer.status { $0.text.contains("dBG A2G|") }
    #expect(pasted.text.contains("M:6/8\nL:1/8\nK:G\nGAB d2e|dBG A2G|"))
    #expect(pasted.bars == 2)
    composer.keys("Enter")
    let longer = try composer.status(within: 10) { $0.text.count > pasted.text.count + 20 }
    #expect(longer.text.hasPrefix(pasted.text.trimmingCharacters(in: .newlines)))
  }

  @Test func `a session exports ABC and MIDI and says where`() throws {
    let composer = try RunningComposer()
    composer.keys("Enter")
    #expect(composer.wait("GEN (run|rest) 3/", 20))
    composer.keys("Enter")
    let status = try composer.status { $0.generator.state == "pause" }
    composer.type(":export tune.abc")
    composer.keys("Enter")
    #expect(composer.wait("wrote .*tune\\.abc"))
    composer.type(":export tune.mid")
    composer.keys("Enter")
    #expect(composer.wait("wrote .*tune\\.mid"))
    #expect(composer.workplace.read("tune.abc").contains(status.text.suffix(20)))
    let midi = try Files.read(composer.workplace.directory + "/tune.mid")
    #expect(midi.starts(with: Array("MThd".utf8)))
  }
}

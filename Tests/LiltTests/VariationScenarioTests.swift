import Compose
import Foundation
import TerminalHarness
import Testing

@testable import lilt

/// One side of a bar, more like one, names, chords and a second voice, key by key.
@Suite(.serialized) struct VariationScenarioTests {
  static let seed =
    "X:1\nT:Seed\nR:reel\nM:4/4\nL:1/8\nK:D\nD2FA dAFA|B2AF E2FG|A2dc BAFA|GFED D4|\n"

  private func started() throws -> RunningComposer {
    let place = try Workplace()
    let seed = try place.write(Self.seed, to: "seed4.abc")
    return try RunningComposer(["--seed-abc", seed], in: place)
  }

  private func type(_ line: String, _ composer: RunningComposer) {
    composer.type(":" + line)
    composer.keys("Enter")
  }

  @Test func `the rhythm of a bar is varied, more like it is asked for, and it gets a name`() throws
  {
    let composer = try started()
    _ = try composer.status(within: 20) { $0.generator.state == "idle" }
    type("2", composer)
    type("vary rhythm", composer)
    #expect(composer.wait("alternatives for the rhythm of bar 2", 20))
    let open = try composer.status(within: 30) {
      $0.alternatives.map { $0.ready > 0 && $0.ready + 1 == $0.texts.count } == true
    }
    let texts = try #require(open.alternatives?.texts)
    #expect(texts.count > 2)
    for text in texts.dropFirst() {
      #expect(text.contains("D2FA dAFA|"))
      #expect(text.contains("|A2dc BAFA|GFED D4|"))
      let letters = text.split(separator: "|")[1].filter(\.isLetter)
      #expect(letters == "BAFEFG")
      #expect(Score(text: text).parsed.diagnostics.isEmpty)
    }
    composer.keys("1")
    #expect(composer.wait("differs in bar 2"))
    composer.keys("Enter")
    let chosen = try composer.status { $0.alternatives == nil }
    #expect(chosen.text == texts[1])
    type("tag swung", composer)
    #expect(composer.wait("this take is swung"))
    composer.keys(",")
    #expect(try composer.status { $0.text != chosen.text }.text != chosen.text)
    type("take swung", composer)
    let back = try composer.status { $0.text == chosen.text }
    #expect(back.text == chosen.text)
    #expect(back.takes.tags.contains("swung"))
  }

  @Test func `chords are proposed and a bass is added under the melody`() throws {
    let composer = try started()
    _ = try composer.status(within: 20) { $0.generator.state == "idle" }
    type("chords 2", composer)
    #expect(composer.wait("alternatives for chords of bars 1-4", 20))
    _ = try composer.status(within: 30) { $0.alternatives?.ready == 2 }
    composer.keys("Enter")
    let harmonised = try composer.status(within: 20) { $0.alternatives == nil }
    #expect(harmonised.text.contains("|\"") || harmonised.text.contains("K:D\n\""))
    type("voice new bass", composer)
    #expect(composer.wait("voice 2 bass, bars 1-4, chord tones", 20))
    let filled = try composer.status(within: 40) { ($0.alternatives?.ready ?? 0) > 0 }
    let ready = filled.alternatives?.ready ?? 0
    #expect(ready > 0)
    composer.keys("Enter")
    let chosen = try composer.status(within: 10) { $0.alternatives == nil }
    let tune = Score(text: chosen.text).parsed
    #expect(tune.voices.map(\.id) == ["1", "bass"])
    #expect(
      tune.bars.filter { $0.voice == 0 }.map(\.length)
        == tune.bars.filter { $0.voice == 1 }.map(\.length))
    #expect(tune.notes.contains { $0.voice == 1 && $0.kind == .note })
    #expect(composer.wait("voice 2 bass"))
  }

  @Test func `a note is drawn up with the mouse`() throws {
    let composer = try started()
    _ = try composer.status(within: 20) { $0.generator.state == "idle" }
    composer.keys("g", "g")
    #expect(composer.waitForRow { $0.contains("▀") || $0.contains("▄") })
    let screen = composer.program.screen
    // The highest note of the first bar, d, is the first drawn cell from above.
    let row = try #require(
      screen.indices.first { $0 > 1 && screen[$0].dropFirst(6).contains { "▀▄█".contains($0) } })
    let line = Array(screen[row])
    let column = try #require(line.indices.first { $0 > 5 && "▀▄█".contains(line[$0]) })
    func report(_ button: Int, _ row: Int, _ final: String) {
      composer.program.send("\u{1B}[<\(button);\(column + 1);\(row + 1)\(final)")
    }
    report(0, row, "M")
    report(32, row - 1, "M")
    #expect(composer.wait("GRAB"))
    report(0, row - 1, "m")
    let moved = try composer.status(within: 10) { $0.mode == "normal" && $0.text != Self.seed }
    #expect(moved.text != Self.seed)
    #expect(Score(text: moved.text).parsed.diagnostics.isEmpty)
    #expect(moved.text.count == Self.seed.count)
    composer.keys("u")
    #expect(try composer.status { $0.text == Self.seed }.text == Self.seed)
  }
}

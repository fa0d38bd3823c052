import ABC
import Compose
import Foundation
import TerminalHarness
import Testing

@testable import lilt

/// Notes played in on the keyboard of a terminal, read back as text and as sound.
@Suite(.serialized) struct PlayingScenarioTests {
  private static let header = "X:1\nT:Kept\nM:4/4\nL:1/8\nK:D\n"

  private func composer(
    _ text: String = header, keys: String? = nil, answers: Bool = true, audio: String? = nil
  ) throws -> RunningComposer {
    let workplace = try Workplace()
    let path = try workplace.write(text, to: "kept.abc")
    if let keys {
      try Files.makeFolder(workplace.paths.configuration)
      try Files.write(Array(keys.utf8), to: workplace.paths.keysFile)
    }
    return try RunningComposer([path], in: workplace, audio: audio, answers: answers)
  }

  /// What sounded outside of the tune, key by key.
  private func played(_ composer: RunningComposer, _ log: String) -> [Int] {
    composer.heardWhenQuiet(log).filter { $0.type == "on" && $0.ch != 9 }.compactMap(\.key)
  }

  /// Whether the program writes something to its terminal, sooner or later.
  private func hasWritten(_ composer: RunningComposer, _ text: String) -> Bool {
    composer.program.waitUntil(seconds: 10) {
      String(decoding: composer.program.output, as: UTF8.self).contains(text)
    }
  }

  /// A terminal that speaks the kitty keyboard protocol, whatever it is asked for.
  private func speakKitty(_ composer: RunningComposer) {
    composer.type("\u{1b}[?0u\u{1b}[?62;22c")
    #expect(hasWritten(composer, "\u{1b}[>1u"))
  }

  @Test func `a tune entered on the typing keyboard sounds and stands as it was typed`() throws {
    let composer = try composer(audio: "a.jsonl")
    composer.keys("G")
    composer.type(":step\r")
    #expect(composer.wait("STEP 1/8"))
    for key in "xcgbnm" { composer.type(String(key)) }
    composer.keys("Right", "w", "Backspace", "w")
    composer.keys("Enter")
    let text = Self.header + "DEFG ABd2|z2"
    #expect(try composer.status { $0.text == text }.text == text)
    #expect(try composer.status().mode == "record")
    composer.keys("Esc")
    #expect(composer.wait("7 notes played in"))
    #expect(played(composer, "a.jsonl") == [62, 64, 66, 67, 69, 71, 74, 74])
    composer.keys("u")
    #expect(try composer.status { $0.text == Self.header }.text == Self.header)
  }

  @Test func `where the terminal tells releases, keys held together are a chord`() throws {
    let composer = try composer(answers: false, audio: "a.jsonl")
    speakKitty(composer)
    composer.keys("G")
    composer.type(":step\r")
    #expect(composer.wait("STEP 1/8"))
    #expect(hasWritten(composer, "\u{1b}[=31;1u"))
    composer.type("\u{1b}[?31u")
    // x and n down, up again; then the key of c on a Russian keyboard, held until it repeats.
    composer.type("\u{1b}[120;1:1u\u{1b}[110;1:1u\u{1b}[120;1:3u\u{1b}[110;1:3u")
    composer.type("\u{1b}[1089::99;1:1u\u{1b}[1089::99;1:2u\u{1b}[1089::99;1:2u")
    composer.type("\u{1b}[1089::99;1:3u")
    let text = Self.header + "[DA]E"
    #expect(try composer.status { $0.text == text }.text == text)
    composer.type("\u{1b}[27;1:1u\u{1b}[27;1:3u")
    #expect(composer.wait("3 notes played in"))
    #expect(played(composer, "a.jsonl") == [62, 69, 64])
    // Commands are told by their places, a text by what it says.
    #expect(hasWritten(composer, "\u{1b}[=29;1u"))
    composer.type("i")
    #expect(hasWritten(composer, "\u{1b}[=1;1u"))
  }

  @Test func `a take to the clock holds the keys in the order in which they were struck`() throws {
    let composer = try composer(
      "X:1\nT:Kept\nM:4/4\nL:1/8\nQ:1/4=200\nK:D\n", audio: "a.jsonl")
    composer.keys("G")
    composer.type(":set count-in 0\r")
    composer.type(":record\r")
    // Once the count-in is over, four keys at least a quarter apart.
    #expect(composer.wait("RECORD 0 notes"))
    for (number, key) in "xcgb".enumerated() {
      composer.type(String(key))
      #expect(composer.wait("RECORD \(number + 1) notes"))
      composer.pause(0.35)
    }
    composer.keys("Esc")
    #expect(composer.wait("4 notes played in"))
    let status = try composer.status()
    let written = ParsedTune(text: status.text).performance().notes.map(\.pitch.key)
    #expect(written == [62, 64, 66, 67], "\(status.text)")
    #expect(status.warnings == [])
    #expect(played(composer, "a.jsonl").suffix(4) == [62, 64, 66, 67])
  }

  @Test(arguments: ["layout = \"russian\"\n", "[layout]\n\"й\" = \"q\"\n\"Ж\" = \":\"\n"])
  func `commands lie where a Latin keyboard has them`(keys: String) throws {
    let composer = try composer(keys: keys)
    // `:` and then what a musician types in Latin letters again.
    composer.type("Ж")
    composer.type("name Длинная\r")
    #expect(composer.wait("named Длинная"))
    composer.type("й")
    #expect(composer.program.waitForExit() == 0)
  }

  @Test func `where the terminal tells places no table is needed`() throws {
    let composer = try composer(answers: false)
    speakKitty(composer)
    #expect(hasWritten(composer, "\u{1b}[=29;1u"))
    // Shift and the key of I on a Russian keyboard; then that of q.
    composer.type("\u{1b}[1096:1064:105;2u")
    #expect(try composer.status { $0.mode == "header" }.mode == "header")
    composer.type("\u{1b}[27u")
    #expect(try composer.status { $0.mode == "normal" }.mode == "normal")
    composer.type("\u{1b}[1081::113u")
    #expect(composer.program.waitForExit() == 0)
  }

  @Test func `practising keeps the text and comes back to its tempo`() throws {
    let tune = "X:1\nT:Kept\nM:2/4\nL:1/4\nQ:1/4=300\nK:D\nDE|FG|\n"
    let composer = try composer(tune, audio: "a.jsonl")
    composer.type(":practise 200 300 50 1\r")
    #expect(composer.wait("PRACTISE 300", 20))
    composer.keys("Esc")
    #expect(composer.wait("practised up to 300"))
    #expect(try composer.status().text == tune)
    #expect(!composer.program.shows("PRACTISE"))
  }
}

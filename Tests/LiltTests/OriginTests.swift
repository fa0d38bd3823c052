import Compose
import MIDI
import Testing

@testable import lilt

/// Files on their way out of the composer and back to their draft.
@Suite(.serialized) struct OriginTests {
  private static let book = """
    X:1
    T:One
    M:4/4
    L:1/4
    K:D
    D2FA|d4|]

    X:2
    T:Two
    M:4/4
    L:1/4
    K:G
    %%MIDI temperament 1
    GABc|d4|]

    X:7
    T:Three
    M:4/4
    L:1/4
    K:A
    ABcd|e4|]
    """

  /// Types a line and waits for the message.
  private func type(_ line: String, in composer: RunningComposer, until words: String) throws
    -> String
  {
    composer.type(line)
    composer.keys("Enter")
    return try composer.status { $0.message.contains(words) }.message
  }

  @Test func `a file goes to the home folder with its recipe, and is known by its draft`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let composer = try RunningComposer(["book.abc", "--tune", "2"], in: place)
    let opened = try composer.status { $0.message.contains("tune 2 of 3") }
    #expect(opened.message.contains(":open book.abc 1 opens X:1"))
    #expect(opened.text.contains("T:Two"))

    let written = try type(":export ~/two.abc", in: composer, until: "wrote")
    #expect(written.hasPrefix("wrote \(place.folder)/two.abc"))
    let warned = try type(":export two.mid", in: composer, until: "two.mid")
    #expect(warned.contains("%%MIDI temperament is not played"))
    let text = place.read("\(place.folder)/two.abc")
    #expect(text.contains("\n% recipe: draft \(opened.draft)\n"))
    #expect(text.contains("\n% recipe: bars 1-2: file\n"))
    let other = try type(":open book.abc 7", in: composer, until: "tune 3 of 3")
    #expect(!other.contains("two"))
    #expect(try composer.status().text.contains("T:Three"))
    let missing = try type(":open book.abc 9", in: composer, until: "X:9")
    #expect(missing.contains("it has 1, 2, 7"))
    let unknown = try type(":export a.xyz", in: composer, until: "xyz")
    #expect(unknown.contains(".mid, .abc, .wav"))
    composer.keys("Q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)

    for name in ["\(place.folder)/two.abc", "two.mid"] {
      let same = try place.run(["origin", name])
      #expect(same.status == 0, "\(same.errors)")
      #expect(same.output.contains("the same as version"))
      #expect(same.output.contains("the draft has gone on since"))
    }
    try place.write(text.replacing("GABc", with: "GABd"), to: "changed.abc")
    let changed = try place.run(["origin", "changed.abc"])
    #expect(changed.status == 1)
    #expect(changed.output.contains("bar 1: GABd| in the file, GABc| in the draft"))
    try place.write(Self.book, to: "plain.abc")
    let plain = try place.run(["origin", "plain.abc"])
    #expect(plain.status == 1)
    #expect(plain.errors.contains("--draft NAME"))
  }

  @Test func `no recipe is written where the setting is off`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let composer = try RunningComposer(
      ["book.abc", "--tune", "1"], in: place, extra: ["LILT_EXPORT_RECIPE": "false"])
    _ = try type(":export one.abc", in: composer, until: "wrote")
    #expect(place.read("one.abc").contains("T:One"))
    #expect(!place.read("one.abc").contains("recipe"))
  }

  @Test func `a tune that a book does not have is refused with its numbers`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let composer = try RunningComposer(command: ["book.abc", "--tune", "3"], in: place)
    #expect(composer.program.waitForExit(seconds: 5 * RunningComposer.patience) == 4)
    #expect(composer.program.text.contains("X:3"))
  }
}

import Compose
import Foundation
import TUI
import Testing

@testable import lilt

/// The composer as lines, for those who hear it or script it.
@Suite(.serialized) struct PlainTests {
  private func transcript(
    _ lines: [String], in place: Workplace, _ arguments: [String] = []
  ) throws -> [String] {
    let run = try place.run(
      ["--plain", "--rng", "7", "--audio", "log:sound.jsonl"] + arguments,
      input: lines.joined(separator: "\n") + "\n")
    #expect(run.status == 0, "\(run.errors)")
    // Nothing is drawn: no cursor is moved, no box, no colour.
    #expect(!run.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    return run.output.split(separator: "\n").map(String.init)
  }

  /// Looks for lines in their order, others may stand between; returns what is missing.
  private func missing(_ patterns: [String], in lines: [String]) -> [String] {
    var rest = lines[...]
    var missing: [String] = []
    for pattern in patterns {
      if let place = rest.firstIndex(where: {
        $0.range(of: pattern, options: .regularExpression) != nil
      }) {
        rest = rest[(place + 1)...]
      } else {
        missing.append(pattern)
      }
    }
    return missing
  }

  @Test func `a tune is begun, chosen from, heard, edited and taken away by lines alone`() throws {
    let place = try Workplace()
    let lines = try transcript(
      [
        "wait", "gen.toggle", "wait", "temp 1.1", "alt 3-4", "wait", "2", "key Enter", "read 3-4",
        "1", "where", "play.toggle", "wait 0.5", "play.toggle", "insert", "z8|", ".", "undo",
        "export tune.abc", "export tune.mid", "wait", "quit",
      ], in: place, ["--fresh"])
    let story = [
      "^the model is ready$", "^the model writes$", "^bar 1 by the model: ",
      "^bar 8 by the model: ",
      "^the phrase is written$", "^T 1\\.10", "^choosing: a number is heard", "^0: as it was$",
      "^1 \\(this one is heard\\): ", "^2: ", "^2 \\(this one is heard\\): ",
      "^took alternative 2", "^bar 3 by the model: ", "^bar 4 by the model: ", "^bar 1, note ",
      "^typing into the tune; a line with a point", "^bar \\d: z8\\|$",
    ]
    #expect(missing(story, in: lines) == [], "\(lines.joined(separator: "\n"))")
    // The player tells of itself when it comes to it.
    #expect(missing(["^it sounds", "^silence$"], in: lines) == [])
    #expect(lines.contains { $0.hasPrefix("wrote ") && $0.hasSuffix("tune.abc") })
    #expect(place.read("tune.abc").contains("K:"))
    #expect(FileManager.default.fileExists(atPath: place.directory + "/tune.mid"))
    #expect(SoundEvent.read(place.read("sound.jsonl")).contains { $0.type == "on" })
    // The next start goes on where this one was.
    let again = try transcript(["wait", "where"], in: place)
    #expect(again.contains { $0.contains(" of 8 bars") }, "\(again)")
  }

  @Test func `a book and a file are opened by number, and mistakes are named`() throws {
    let place = try Workplace()
    try place.write(
      "X:1\nT:One\nK:D\nABcd|\n\nX:2\nT:Two\nK:G\nGABc|dBGB|\n", to: "book.abc")
    let lines = try transcript(
      [
        "open book.abc", "wait 0.5", "2", "wait 0.2", "read", "gen.togle", "wait never",
        "read 9", "key Hyper", "help lock", "temp =", "0.9", "status",
      ], in: place, ["--fresh"])
    let story = [
      "^a list: a number chooses", "^1: .*One", "^2: .*Two", "^Two, key G, meter",
      "^bar 1: GABc\\|$",
      "^bar 2: dBGB\\|$", "^error: unknown command 'gen.togle'", "^error: wait takes seconds",
      "^there is no such bar$", "^error: 'Hyper' is no key", "^lock ", "^temperature.*now 1\\.00",
      "^T 0\\.90", "^lilt  Two  G",
    ]
    #expect(missing(story, in: lines) == [], "\(lines.joined(separator: "\n"))")
  }

  private static let kesh =
    "X:1\nT:Kesh\nR:jig\nM:6/8\nL:1/8\nK:G\n|:GFG GAB|ABA ABd|edd gdd|edB dBA|\n"
    + "GFG GAB|ABA ABd|edd gdB|AGF G3:|\n"

  @Test func `where the cursor comes to is said, and what is heard there`() throws {
    let place = try Workplace()
    try place.write(Self.kesh, to: "kesh.abc")
    let lines = try transcript(
      [
        "wait", "3", "move right", "bar.next", "find gdB", "find.next", "goto end", "key h",
        "hear", "?lock", "lock 2", ":where", "lock off", "transpose 2", "u",
      ], in: place, ["--fresh", "kesh.abc"])
    let story = [
      "^bar 3, note e$", "^bar 3, note d$", "^bar 4, note e$", "^bar 7, note g$",
      "^bar 7, note g$", "^bar 8, the end$", "^bar 8, note G3$", "^bar 8, note G3$", "^lock A-B",
      "^bar 2 locked", "^bar 8, note G3 of 8 bars, take 1 of 1$", "^transpose done", "^undo: ",
    ]
    #expect(missing(story, in: lines) == [], "\(lines.joined(separator: "\n"))")
  }

  @Test func `what opens to be read is read out: the judge, messages, lists, forms`() throws {
    let place = try Workplace()
    try place.write(Self.kesh, to: "kesh.abc")
    let lines = try transcript(
      [
        "wait", "judge", "wait", "messages", "theme", "light", "key Esc", "header", "The Lane",
        "key Tab", "3/4", ".", "undo", "export", "lane.abc", "wait", "tag one", "name Other",
        "pane staff", "focus", "3", "grab", "grab up", ".", "tap", ".", "history", "zzz", "key Esc",
        "status",
      ], in: place, ["--fresh", "kesh.abc"])
    let story = [
      "^judge: \\d of 9$", "^meter, passed: ", "^contrast, ", "^said before: opened kesh.abc",
      "^a list: a number chooses", "^1: ansi", "^1: ansi-light$", "^the header: a line",
      "^title: Kesh$", "^rhythm: jig$", "^meter: 6/8$", "^unit length: 1/8$",
      "^writing the whole tune: a line is the file's name \\(now kesh.mid\\)", "^wrote .*lane.abc$",
      "^this take is one", "^named Other$", "^the music as a staff$", "^focus on the text$",
      "^bar 3, note e$", "^moving the note: ", "^bar 3: fdd gdd", "^tapping: each letter is a tap",
      "^a list: ", "^error: nothing in the list has 'zzz'", "^lilt  Other",
    ]
    #expect(missing(story, in: lines) == [], "\(lines.joined(separator: "\n"))")
    // A new name does not bring back what has been said.
    #expect(lines.count { $0.hasPrefix("opened kesh.abc") } == 1)
    #expect(place.read("lane.abc").contains("K:G"))
  }

  @Test func `a bar that is written within the tune is said once it is full`() throws {
    let place = try Workplace()
    try place.write(Self.kesh, to: "kesh.abc")
    let lines = try transcript(
      ["wait", "lock 5-8", "3", "gen.retry-here", "wait", "read 3-4"], in: place,
      ["--fresh", "kesh.abc"])
    for bar in [3, 4] {
      let said = lines.filter { $0.hasPrefix("bar \(bar) by the model: ") }
      // Once when it is written, once when it is read.
      #expect(said.count == 2 && Set(said).count == 1, "\(lines)")
      #expect(said.allSatisfy { $0.hasSuffix("|") })
    }
  }

  @Test(.enabled(if: ExternalProgram.engraver.isInstalled, "needs abcm2ps"))
  func `a picture is written without complaint`() throws {
    let place = try Workplace()
    try place.write(Self.kesh, to: "kesh.abc")
    let lines = try transcript(
      ["wait", "export lane.svg", "wait"], in: place, ["--fresh", "kesh.abc"])
    #expect(lines.contains { $0.hasPrefix("wrote ") && $0.hasSuffix("lane.svg") }, "\(lines)")
    #expect(!lines.contains { $0.hasPrefix("error") || $0.contains("--as") }, "\(lines)")
  }

  @Test func `whatever bytes come are lines, and the end of input leaves`() throws {
    let place = try Workplace()
    let junk = String(repeating: "x", count: 100_000)
    let lines = try transcript(
      ["", "\u{0}\u{1b}[A", junk, "key", "read 5-2", "insert", "abc"], in: place, ["--fresh"])
    #expect(lines.contains { $0.hasPrefix("error: ") })
    let taken = try place.run(["--plain", "--seed-abc", "-"], input: "")
    #expect(taken.status == Outcome.usage.rawValue)
  }

  @Test func `hooks of the settings get the file of what has happened`() throws {
    let place = try Workplace()
    let folder = place.folder
    // One that ends badly is told, and does no harm.
    try place.write(
      "[hooks]\non-export = \"cp -t \(folder)/run\"\n"
        + "on-phrase = \"cat >> \(folder)/run/phrases <\"\non-take = \"exit 3 #\"\n",
      to: folder + "/config/lilt/config.toml")
    let lines = try transcript(
      [
        "wait", "gen.toggle", "wait", "3", "gen.retry-here", "wait", "export one.abc", "wait",
        "wait 1",
      ], in: place, ["--fresh"])
    let exported = try Files.readText(folder + "/run/one.abc")
    #expect(exported == place.read("one.abc"))
    let phrases = try Files.readText(folder + "/run/phrases")
    #expect(phrases.components(separatedBy: "K:").count >= 3, "\(phrases)")
    #expect(lines.contains { $0.contains("on-take ended with 3") }, "\(lines)")
  }

  @Test func `a line means what the session can take`() {
    var session = Session(title: "t", rng: 1)
    #expect(PlainLine("12", in: session) == .command(Invocation(.goTo, "12")))
    #expect(PlainLine("  where ", in: session) == .place)
    #expect(PlainLine("read 3-5", in: session) == .read(3...5))
    #expect(PlainLine("key ctrl-r", in: session) == .keys([KeyPress(.character("r"), .control)]))
    #expect(PlainLine("wait 2.5", in: session) == .wait(milliseconds: 2500))
    // As on the screen's line, its list, and its keys.
    #expect(PlainLine(": lock 3", in: session) == .command(Invocation(.lock, "3")))
    #expect(PlainLine("?midi out", in: session) == .help("midi out"))
    #expect(PlainLine("u", in: session) == .keys([KeyPress("u")]))
    #expect(PlainLine("Enter", in: session) == .keys([KeyPress(.enter)]))
    _ = session.handle(.commanded(Invocation(.insert)))
    #expect(PlainLine("where", in: session) == .text("where\n"))
    #expect(PlainLine(".", in: session) == .keys([KeyPress(.escape)]))
    _ = session.handle(.editKeyPressed(.escape))
    _ = session.handle(.commanded(Invocation(.header)))
    #expect(PlainLine("6/8", in: session) == .answer("6/8", then: KeyPress(.tab)))
    #expect(PlainLine(".", in: session) == .keys([KeyPress(.enter)]))
  }

  @Test func `only what is new is said`() {
    var session = Session(title: "t", rng: 1)
    var narrator = Narrator()
    _ = session.handle(.fileRead(path: "a.abc", text: "X:1\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n"))
    let first = narrator.sentences(for: session)
    #expect(first.contains("bar 1: CDEF|") && first.contains("bar 2: GABc|"))
    #expect(narrator.sentences(for: session) == [])
    // A bar in front moves the others: they are not said again.
    _ = session.handle(.commanded(Invocation(.goTo, "1")))
    _ = session.handle(.commanded(Invocation(.insert)))
    _ = session.handle(.typed("cccc|"))
    _ = session.handle(.editKeyPressed(.escape))
    let second = narrator.sentences(for: session)
    #expect(second.contains("bar 1: cccc|") && second.contains("the tune has 3 bars now"))
    #expect(!second.contains { $0.contains("GABc") })
  }
}

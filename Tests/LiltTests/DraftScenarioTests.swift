import Compose
import Foundation
import Testing

@testable import lilt

/// Drafts survive damage, other programs, and disks that take nothing.
@Suite(.serialized) struct DraftScenarioTests {
  private static let tune = "X:1\nT:Kept\nM:4/4\nL:1/8\nK:C\nCDEF GABc|cBAG FEDC|"

  /// The lines of a draft whose tune was typed letter by letter.
  private func lines() -> [[UInt8]] {
    var lines = JournalLines()
    var entries: [JournalEntry] = [
      .draft(format: 1, title: "untitled-1", rng: 7), .begin(kind: .hand, head: 0, rng: 0),
    ]
    for (index, letter) in DraftScenarioTests.tune.utf8.enumerated() {
      let text = String(UnicodeScalar(letter))
      entries.append(.edit(lower: index, upper: index, text: text, origin: .hand))
    }
    return (entries + [.closed]).map { lines.line(for: $0) }
  }

  private func draft(_ bytes: [UInt8]) throws -> Workplace {
    let workplace = try Workplace()
    let folder = workplace.folder + "/state/lilt/drafts/untitled-1"
    try Files.makeFolder(folder)
    try Files.write(bytes, to: folder + "/journal", durable: false)
    return workplace
  }

  private func names(_ workplace: Workplace) -> [String] {
    Files.names(in: workplace.folder + "/state/lilt/drafts/untitled-1")
  }

  @Test func `a journal of an earlier program opens and goes on`() throws {
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/journal-without-numbers")
    let workplace = try draft(Array(try Data(contentsOf: fixture)))
    let before = JournalReading(Array(try Data(contentsOf: fixture)))
    #expect(!before.isDamaged)
    let composer = try RunningComposer(in: workplace, fresh: false)
    let text = try composer.status().text
    #expect(text.hasPrefix("X:1\nT:untitled-1\nR:hornpipe\nM:2/4\nL:1/16\nK:G\n(BA)|GBdg eBdB|"))
    #expect(
      try composer.status().message == "untitled-1, as you left it (:new starts another draft)")
    composer.keys("G", "i")
    #expect(composer.wait("INSERT"))
    composer.type("|")
    _ = try composer.status { $0.text == text + "|" }
    composer.keys("Esc", "Q")
    #expect(composer.program.waitForExit() == 0)
    let again = try RunningComposer(in: workplace, fresh: false)
    #expect(try again.status().text == text + "|")
    #expect(names(workplace) == ["journal"])
  }

  @Test func `another draft has instruments, scales and moods, and no plan of bars`() throws {
    let composer = try RunningComposer()
    composer.type(":plan 6 new\r")
    _ = try composer.status { $0.sampling.writing.bars == "6 new" }
    composer.type(":new\r")
    // The control socket belongs to a draft: it is another one now.
    #expect(composer.wait("untitled-2", 20))
    for (line, sentence) in [
      (":instrument whistle", "instrument whistle"), (":scale bhupali", "scale rule (bhupali)"),
      (":mood dark", "mood dark"),
    ] {
      composer.type(line + "\r")
      let status = try composer.status { $0.message.hasPrefix(sentence) }
      #expect(status.sampling.writing.bars == "")
    }
    composer.keys("Q")
    #expect(composer.program.waitForExit() == 0)
  }

  @Test func `a damaged journal opens with all that is sound, and is kept`() throws {
    let good = lines()
    var overwritten = Array(good.joined())
    let third = good[..<20].joined().count + 10
    overwritten.replaceSubrange(third..<third + 10, with: Array(repeating: 0xA5, count: 10))
    var lineLost = good
    lineLost.remove(at: 30)
    let cases: [(bytes: [UInt8], sentence: String, letters: Int)] = [
      (overwritten, "entry 21 of its journal is damaged or missing", 1),
      (Array(lineLost.joined()), "entry 31 of its journal is damaged or missing", 1),
      (Array(good.dropLast().joined().dropLast(9)), "it ends in the middle of entry", 1),
    ]
    for (bytes, sentence, letters) in cases {
      let workplace = try draft(bytes)
      let composer = try RunningComposer(in: workplace, fresh: false)
      let status = try composer.status()
      #expect(status.draft == "untitled-1")
      #expect(status.text.count == DraftScenarioTests.tune.count - letters)
      #expect(status.message.contains(sentence), "\(status.message)")
      #expect(status.message.contains("untitled-1/journal.damaged"))
      #expect(
        try Files.read(workplace.folder + "/state/lilt/drafts/untitled-1/journal.damaged") == bytes)
      composer.keys("Q")
      #expect(composer.program.waitForExit() == 0)
      // What is left is sound.
      let again = try RunningComposer(in: workplace, fresh: false)
      #expect(try again.status().text == status.text)
      #expect(try again.status().message.hasPrefix("untitled-1, as you left it"))
    }
  }

  @Test func `an empty journal and a pipe in its place are told`() throws {
    let workplace = try draft([])
    let composer = try RunningComposer(in: workplace, fresh: false)
    let status = try composer.status()
    #expect(status.draft == "untitled-1")
    #expect(status.message.contains("its journal is an empty file"), "\(status.message)")
    composer.keys("Q")
    #expect(composer.program.waitForExit() == 0)
    let path = workplace.folder + "/state/lilt/drafts/untitled-1/journal"
    #expect(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
    let other = try RunningComposer(in: workplace, fresh: false)
    #expect(try other.status().message.contains("this is no file"))
  }

  @Test func `where nothing can be read another draft is opened, and it is said`() throws {
    let garbage = (0..<1000).flatMap { _ in [0xA5, 0x0A, 0x00] as [UInt8] }
    let workplace = try draft(garbage)
    let composer = try RunningComposer(in: workplace, fresh: false)
    let status = try composer.status()
    #expect(status.draft == "untitled-2")
    #expect(status.message.contains("the journal of untitled-1 cannot be read"))
    #expect(names(workplace) == ["journal.damaged"])
    #expect(
      try Files.read(workplace.folder + "/state/lilt/drafts/untitled-1/journal.damaged") == garbage)
  }

  @Test func `a second program opens a copy and says so`() throws {
    let workplace = try draft(Array(lines().joined()))
    let first = try RunningComposer(in: workplace, fresh: false)
    #expect(try first.status().draft == "untitled-1")
    for arguments in [[], ["--draft", "untitled-1"]] {
      let second = try RunningComposer(arguments, in: workplace, fresh: false)
      let status = try second.status()
      #expect(status.draft != "untitled-1")
      #expect(status.text == DraftScenarioTests.tune)
      #expect(
        status.message
          == "untitled-1 is open in another lilt; this is \(status.draft), a copy of it")
      second.keys("Q")
      #expect(second.program.waitForExit() == 0)
    }
  }

  @Test func `a disk that is full is said, lastingly, and loses nothing`() throws {
    let workplace = try Workplace()
    // No file may grow beyond a kilobyte, as if the disk were full.
    let script = "trap '' XFSZ; ulimit -S -f 1; exec \"$0\" --fresh --rng 7 --audio none"
    let composer = try RunningComposer(shell: script, in: workplace)
    let long = String(repeating: "CDEF GABc|", count: 60)
    composer.keys("i")
    #expect(composer.wait("INSERT"))
    composer.type("X:1\nK:C\n" + long)
    #expect(composer.wait("UNSAVED", 10))
    let full = try composer.status { !$0.isSaved && $0.text.hasSuffix(long) }
    #expect(full.message.contains("the draft cannot be saved: "))
    // It is true for as long as it is true.
    composer.keys("Esc", "j")
    #expect(composer.wait("UNSAVED"))
    composer.keys("Q")
    #expect(composer.program.waitForExit() == 6)
    #expect(composer.program.text.contains("could not be saved: "))
    let rescued = try Files.readText(workplace.folder + "/run/lilt-untitled-1.abc")
    #expect(rescued == full.text)
  }

  @Test func `writing goes on when there is room again`() throws {
    let workplace = try Workplace()
    let script = "trap '' XFSZ; ulimit -S -f 1; echo $$ >pid; exec \"$0\" --fresh --audio none"
    let composer = try RunningComposer(shell: script, in: workplace)
    composer.keys("i")
    #expect(composer.wait("INSERT"))
    composer.type("X:1\nK:C\n" + String(repeating: "CDEF GABc|", count: 60))
    #expect(composer.wait("UNSAVED", 10))
    let process = workplace.read("pid").trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(
      try workplace.run("/usr/bin/prlimit", ["--pid", process, "--fsize=unlimited"]).status == 0)
    let saved = try composer.status { $0.isSaved }
    #expect(saved.message == "the draft is saved again")
    #expect(composer.program.waitUntil { !composer.program.shows("UNSAVED") })
    composer.keys("Esc", "Q")
    #expect(composer.program.waitForExit() == 0)
    let reading = try DraftStore(folder: workplace.paths.drafts).entries(of: saved.draft)
    #expect(!reading.isDamaged && reading.wasClosed)
    var session = Session(title: "", rng: 1)
    session.restore(reading.entries)
    #expect(session.text == saved.text)
  }

  @Test func `a state folder that cannot be written is refused with a way out`() throws {
    let workplace = try Workplace()
    try workplace.write("a file, no folder", to: "blocked")
    let extra = ["XDG_STATE_HOME": workplace.directory + "/blocked"]
    let refused = try RunningComposer(in: workplace, fresh: false, extra: extra)
    #expect(refused.program.waitForExit() == 6)
    #expect(refused.program.text.contains("XDG_STATE_HOME"))
    let composer = try RunningComposer(["--in-memory"], in: workplace, fresh: false, extra: extra)
    #expect(try composer.status().message.contains("kept in memory only"))
    composer.keys("i")
    #expect(composer.wait("INSERT"))
    composer.type("X:1\nK:C\nabc|")
    _ = try composer.status { $0.text == "X:1\nK:C\nabc|" && $0.isSaved }
    composer.keys("Esc", "Q")
    #expect(composer.program.waitForExit() == 0)
  }

  @Test func `a runtime folder that cannot be written is said once`() throws {
    let workplace = try draft(Array(lines().joined()))
    let composer = try RunningComposer(
      ["--fresh"], in: workplace, fresh: false, extra: ["XDG_RUNTIME_DIR": "/proc/nowhere"])
    #expect(composer.wait("'lilt ctl' cannot reach this lilt"))
    composer.keys("Q")
    #expect(composer.program.waitForExit() == 0)
  }
}

import Foundation
import Testing

@testable import Compose

@Suite struct JournalLinesTests {
  /// A draft with takes, edits, undo and characters of the model.
  private var journal: [JournalEntry] {
    var rig = Rig()
    rig.press(.generateToggle)
    rig.press(.barBack)
    rig.press(.retryHere)
    rig.press(.goTo, "3")
    rig.press(.insert)
    rig.type("ab é cd|")
    rig.send(.editKeyPressed(.escape))
    rig.press(.generateToggle)
    rig.press(.undo)
    rig.press(.takePrevious)
    rig.press(.insert)
    rig.type("zz")
    rig.send(.editKeyPressed(.escape))
    return rig.journal + [.closed]
  }

  private func lines(_ entries: [JournalEntry]) -> [[UInt8]] {
    var lines = JournalLines()
    return entries.map { lines.line(for: $0) }
  }

  private func session(_ entries: [JournalEntry]) -> Session {
    var session = Session(title: "untitled-1", rng: 7, sampling: Rig.fast)
    session.restore(entries)
    return session
  }

  @Test func `a journal read back is the one that was written, and goes on`() {
    let journal = journal
    let reading = JournalReading(Array(lines(journal).joined()))
    #expect(reading.entries == journal)
    #expect(!reading.isDamaged && reading.wasClosed && reading.loss == nil)
    var all = JournalLines()
    for entry in journal { _ = all.line(for: entry) }
    #expect(reading.lines == all)
  }

  @Test func `earlier programs read the lines, and lines of earlier programs are read`() throws {
    let journal = journal
    let decoder = JSONDecoder()
    for (line, entry) in zip(lines(journal), journal) {
      #expect(try decoder.decode(JournalEntry.self, from: Data(line)) == entry)
    }
    let encoder = JSONEncoder()
    let plain = try journal.map { try encoder.encode($0) + [10] }
    #expect(JournalReading(plain.flatMap { $0 }).entries == journal)
    // Begun by an earlier program, continued by this one, and by the earlier one again.
    let reading = JournalReading(plain.dropLast(4).flatMap { $0 })
    var rest = reading.lines
    let mixed =
      plain.dropLast(4).flatMap { $0 } + journal.suffix(4).dropLast().flatMap { rest.line(for: $0) }
      + plain.suffix(1).flatMap { $0 }
    #expect(JournalReading(mixed).entries == journal)
    #expect(!JournalReading(mixed).isDamaged)
  }

  @Test func `any line that is lost is noticed, and its number told`() {
    let journal = journal
    let all = lines(journal)
    for index in all.indices.dropLast() {
      var rest = all
      rest.remove(at: index)
      let reading = JournalReading(Array(rest.joined()))
      #expect(reading.missing == [index...index])
      #expect(
        reading.loss == "entry \(index + 1) of its journal is damaged or missing")
      let session = session(reading.entries)
      #expect(session.records.count == session.text.utf8.count)
      #expect(session.history.versions.count == self.session(journal).history.versions.count)
    }
  }

  @Test func `any byte that is changed is noticed, and all other entries are there`() {
    let journal = journal
    let bytes = Array(lines(journal).joined())
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var damaged = bytes
      damaged[index] ^= 0x15
      let reading = JournalReading(damaged)
      #expect(reading.isDamaged, "byte \(index)")
      let lost = reading.missing.reduce(0) { $0 + $1.count }
      #expect((1...2).contains(lost) || reading.isCutOff, "byte \(index)")
      #expect(reading.entries.count >= journal.count - 2, "byte \(index)")
    }
  }

  @Test func `a journal cut at any byte gives back all before the cut`() {
    let journal = journal
    let all = lines(journal)
    let bytes = Array(all.joined())
    for end in stride(from: 1, to: bytes.count, by: 11) {
      let reading = JournalReading(Array(bytes[..<end]))
      var whole = 0
      var length = 0
      // The last line end itself may be missing.
      while whole < all.count, length + all[whole].count - 1 <= end {
        length += all[whole].count
        whole += 1
      }
      #expect(reading.entries == Array(journal.prefix(whole)))
      #expect(reading.isCutOff == (end > length))
      #expect(reading.missing.isEmpty)
    }
  }

  @Test func `what is written after a lost line lands where it belongs`() throws {
    var rig = Rig()
    rig.press(.insert)
    for letter in "X:1\nK:C\nabc|def|" { rig.type(String(letter)) }
    rig.send(.editKeyPressed(.escape))
    let journal = rig.journal
    let edits = journal.indices.filter { if case .edit = journal[$0] { true } else { false } }
    let lost = try #require(edits.dropFirst(8).first)
    var all = lines(journal)
    all.remove(at: lost)
    // One letter is missing, and no other is in the wrong place.
    var expected = rig.text
    guard case .edit(let lower, _, let text, _) = journal[lost] else {
      Issue.record("line \(lost) is no edit")
      return
    }
    expected.replaceBytes(lower..<lower + text.utf8.count, with: "")
    #expect(session(JournalReading(Array(all.joined())).entries).text == expected)
  }

  @Test func `blank sectors at the end are told, and other line ends change nothing`() {
    let journal = journal
    let all = lines(journal)
    let half = all[..<(all.count / 2)]
    let blank = JournalReading(Array(half.joined()) + [UInt8](repeating: 0, count: 4096))
    #expect(blank.entries == Array(journal.prefix(half.count)))
    #expect(
      blank.loss == "it ends at entry \(half.count + 1), and 4096 bytes behind that are blank")
    let carried: [UInt8] = all.flatMap { Array($0.dropLast()) + ([13, 10] as [UInt8]) }
    #expect(JournalReading(carried).entries == journal)
    #expect(!JournalReading(carried).isDamaged)
  }

  @Test func `bytes of something else are no journal`() {
    let garbage = (0..<1000).flatMap { _ in [0xA5, 0x0A, 0x00] as [UInt8] }
    let reading = JournalReading(garbage)
    #expect(reading.isUnreadable)
    #expect(reading.entries.isEmpty)
    #expect(reading.loss == "nothing of its journal can be read")
    #expect(!JournalReading([]).isUnreadable)
  }

  @Test func `the checksum is CRC-32`() {
    #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.hex([]) == "00000000")
  }
}

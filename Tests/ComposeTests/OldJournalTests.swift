import Compose
import Foundation
import Testing

/// Journals of format 1, as lilt wrote them before the model could write in the middle of a tune.
@Suite struct OldJournalTests {
  /// What the program that wrote a journal said of its draft.
  struct Expected: Decodable {
    var text: String
    var cursor: Int
    var head: Int
    var rng: UInt64
    var depth: Int
    var takes: [String]
    /// The texts that redo leads through from where the draft was left.
    var redo: [String]
  }

  static func fixture(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
  }

  static func entries(of name: String) throws -> [JournalEntry] {
    let decoder = JSONDecoder()
    return try Data(contentsOf: fixture("\(name).journal")).split(separator: UInt8(ascii: "\n")).map
    {
      try decoder.decode(JournalEntry.self, from: Data($0))
    }
  }

  @Test(arguments: ["takes", "hands", "alternatives", "voices"])
  func `a draft of the first format opens as it was left, with its takes and its undo`(
    name: String
  ) throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Self.fixture("\(name).json")))
    var session = Session(title: "untitled-1", rng: 1)
    session.restore(try Self.entries(of: name))
    #expect(session.text == expected.text)
    #expect(session.records.count == session.text.utf8.count)
    #expect(session.cursor == expected.cursor)
    #expect(session.head == expected.head)
    #expect(session.rng == expected.rng)
    #expect(session.history.depth == expected.depth)
    #expect(
      session.takes.map { session.history.versions[$0].text } == expected.takes)
    for text in expected.redo {
      _ = session.handle(.commanded(Invocation(.redo)))
      #expect(session.text == text)
    }
    for _ in expected.redo { _ = session.handle(.commanded(Invocation(.undo))) }
    #expect(session.text == expected.text)
  }
}

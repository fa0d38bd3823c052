import ABC
import Glibc
import Music
import Testing

@testable import MusicXML

/// The tunebooks that lie beside the project on a developer's machine; none elsewhere.
private let tunebooks: [(name: String, book: Tunebook)] = {
  let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
  let names = [
    "airds", "fife", "irish", "northumbrian", "nottingham", "oneills", "ryans", "seattle",
    "tuneworks",
  ]
  return names.compactMap { name in
    guard let file = fopen("/\(root)/shared/data/valid/\(name).abc", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return (name, Tunebook(bytes: bytes))
  }
}()

@Suite struct TunebookTests {
  @Test(.enabled(if: !tunebooks.isEmpty, "needs the tunebooks beside the project"))
  func `tunes of nine books sound the same after a file has been written and read`() throws {
    var count = 0
    var different: [String] = []
    for (name, book) in tunebooks {
      // Every seventh: enough of each book, and a second in all.
      for index in stride(from: 0, to: book.tunes.count, by: Environment.step) {
        let text = book.wholeText(of: index)
        guard !text.contains("%%MIDI") else { continue }
        count += 1
        if try Heard(back(text)) != Heard(text) { different.append("\(name) \(index)") }
      }
    }
    #expect(different.isEmpty, "\(different.count) of \(count): \(different)")
    #expect(count > 50)
  }
}

private enum Environment {
  /// `EVERY=1` takes all tunes.
  static let step = getenv("EVERY").flatMap { Int(String(cString: $0)) } ?? 7
}

import Foundation
import TUI
import Testing

@testable import lilt

/// The README's tables are those of the program. `UPDATE_GOLDEN=1 swift test` writes them anew.
@Suite struct ReadmeTests {
  static let path = Paths.join(
    Paths.parent(of: Paths.parent(of: Paths.parent(of: #filePath))), "README.md")

  @Test func `every table in the README is the one the program prints`() throws {
    let tables = [
      ("keys", KeyTables.keyTable(.standard)),
      ("commands", KeyTables.commandTable(.standard)),
      ("settings", Settings.table()),
      ("overview", "```\n\(Lilt.overview())```\n"),
    ]
    var text = try Files.readText(Self.path)
    for (name, table) in tables {
      let (start, end) = ("<!-- \(name) -->\n", "<!-- /\(name) -->")
      let first = try #require(text.range(of: start), "\(name)")
      let last = try #require(text.range(of: end), "\(name)")
      if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
        text.replaceSubrange(first.upperBound..<last.lowerBound, with: table)
      } else {
        #expect(text[first.upperBound..<last.lowerBound] == table, "\(name)")
      }
    }
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try Files.write(Array(text.utf8), to: Self.path)
    }
  }

  @Test func `the README names every exit status`() throws {
    let text = try Files.readText(Self.path)
    for outcome in Outcome.allCases {
      #expect(text.contains("| \(outcome.rawValue) | \(outcome.meaning) |"))
    }
  }

  @Test func `the screen in the README is 80 columns wide and 24 rows high`() throws {
    let text = try Files.readText(Self.path)
    let screen = try #require(text.split(separator: "<!-- screen -->").last)
      .split(separator: "<!-- /screen -->")[0]
    let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0 != "```" }.dropFirst().prefix { $0 != "```" }
    #expect(lines.count == 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
  }
}

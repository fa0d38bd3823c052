import Foundation
import TUI
import Testing

@testable import lilt

/// The tables of the documents are those of the program. `UPDATE_GOLDEN=1 swift test` writes them
/// anew.
@Suite struct ReadmeTests {
  static let folder = Paths.parent(of: Paths.parent(of: Paths.parent(of: #filePath)))
  static let path = Paths.join(folder, "README.md")

  @Test func `every table in the documents is the one the program prints`() throws {
    let tables = [
      ("docs/keys.md", "keys", KeyTables.keyTable(.standard)),
      ("docs/keys.md", "commands", KeyTables.commandTable(.standard)),
      ("docs/settings.md", "settings", Settings.table()),
      ("docs/command-line.md", "overview", "```\n\(Lilt.overview())```\n"),
    ]
    for (document, name, table) in tables {
      let path = Paths.join(Self.folder, document)
      var text = try Files.readText(path)
      let (start, end) = ("<!-- \(name) -->\n", "<!-- /\(name) -->")
      let first = try #require(text.range(of: start), "\(name)")
      let last = try #require(text.range(of: end), "\(name)")
      if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
        text.replaceSubrange(first.upperBound..<last.lowerBound, with: table)
        try Files.write(Array(text.utf8), to: path)
      } else {
        #expect(text[first.upperBound..<last.lowerBound] == table, "\(name)")
      }
    }
  }

  @Test func `every page that the README names is there, and no page is left out`() throws {
    let readme = try Files.readText(Self.path)
    let links = readme.matches(of: /\]\(([A-Za-z\/.-]+)\)/).map { String($0.1) }
    for link in links { #expect(Files.exists(Paths.join(Self.folder, link)), "\(link)") }
    for page in Files.names(in: Paths.join(Self.folder, "docs")) where page.hasSuffix(".md") {
      #expect(links.contains("docs/" + page), "\(page)")
    }
  }

  @Test func `the documents name every exit status`() throws {
    let text = try Files.readText(Paths.join(Self.folder, "docs/command-line.md"))
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

import Compose
import Testing

@testable import lilt

/// `lilt help` for topics, and pages as a terminal shows them.
@Suite struct HelpTests {
  @Test(arguments: [["--help"], ["-h"], ["help"]])
  func `the overview fits on a screen and names every command and page`(words: [String]) throws {
    #expect(try Workplace().run(words).output == Lilt.overview())
    let lines = Lilt.overview().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.last == "")
    for name in Lilt.configuration.subcommands.compactMap({ $0.configuration.commandName })
    where name != "compose" {
      #expect(Lilt.overview().contains(name), "\(name)")
    }
  }

  @Test func `every page of the documents is a topic or belongs to a command`() throws {
    let pages = Files.names(in: Paths.join(ReadmeTests.folder, "docs"))
      .filter { $0.hasSuffix(".md") }.map { $0.dropLast(3) }
    for page in pages {
      #expect(
        HelpTopics.pages.contains { $0.name == page } || Lilt.commandNames.contains(String(page)),
        "\(page)")
    }
    for page in HelpTopics.pages { #expect(pages.contains(page.name[...]), "\(page.name)") }
  }

  @Test func `a word is a page, a command of the composer or a setting`() throws {
    let place = try Workplace()
    for (word, lines) in [
      ("plain", ["Plain mode: the composer as lines"]), ("lock", [":lock A-B|off", "  normal: L"]),
      (":lock", [":lock A-B|off"]), ("export.recipe", ["export.recipe = true"]),
      ("export", ["USAGE: lilt export"]), ("hooks", ["[hooks]"]),
    ] {
      let result = try place.run(["help", word])
      #expect(result.status == 0, "\(word): \(result.errors)")
      for line in lines { #expect(result.output.contains(line), "\(word)") }
      // What is no terminal gets no escape sequence.
      #expect(!result.output.contains("\u{1B}"))
    }
    // What people look for leads to what does it.
    for (word, command) in [("exit", ":quit"), ("wav", ":export"), ("bpm", ":tempo")] {
      let result = try place.run(["help", word])
      #expect(result.status == 0 && result.output.contains(command + "\n"), "\(word)")
    }
    let short = try place.run(["man", "export"])
    let full = try place.run(["man", "lilt-export.1"])
    #expect(short.status == 0 && short.output == full.output)
    let unknown = try place.run(["help", "composin"])
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("did you mean 'composing'?"))
  }

  @Test func `a page is set to the width, its tables in columns`() {
    let page = """
      # A `heading`

      One two three four five
      six [seven](https://example.org/a b), eight.

      - an item that is longer
        than a line

      | A | B |
      | --- | --- |
      | `x\\|y` | some words that need room |

      ```
      code   stays
      ```
      """
    #expect(
      MarkdownText(width: 24, isStyled: false).lines(of: page) == [
        "A heading", "", "One two three four five", "six seven, eight.", "",
        "- an item that is longer", "  than a line", "", "A    B",
        "x|y  some words that", "     need room", "", "    code   stays",
      ])
    let styled = MarkdownText(width: 24, isStyled: true).lines(of: page)
    #expect(styled[0] == "\u{1B}[1mA heading\u{1B}[0m")
    #expect(
      styled[3]
        == "six \u{1B}]8;;https://example.org/a%20b\u{1B}\\seven\u{1B}]8;;\u{1B}\\, eight.")
  }

  @Test func `nothing in a link's address can end its sequence`() {
    let link = Hyperlink.text("x", to: "file:///a\u{1B}\\b\u{7}ö", isShown: true)
    #expect(link == "\u{1B}]8;;file:///a%1B\\b%07%C3%B6\u{1B}\\x\u{1B}]8;;\u{1B}\\")
    #expect(Hyperlink.text("x", to: "https://y", isShown: false) == "x")
  }

  @Test func `all manual pages are written at once, in their sections`() throws {
    let place = try Workplace()
    let result = try place.run(["man", "--all", "man"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(place.read("man/man1/lilt-generate.1").contains("\\-\\-best\\-of"))
    #expect(place.read("man/man5/lilt-config.5").hasPrefix(".TH LILT-CONFIG 5"))
    #expect(
      Files.names(in: place.directory + "/man/man1").count
        == Lilt.configuration.subcommands.count + 1)
    #expect(try place.run(["man", "lilt-pley.1"]).errors.contains("did you mean 'lilt-play.1'?"))
  }
}

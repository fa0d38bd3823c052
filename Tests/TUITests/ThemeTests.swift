import Testing

@testable import TUI

/// The repository's Themes folder.
let themesFolder: String = {
  let parts = #filePath.split(separator: "/").dropLast(3)
  return "/" + parts.joined(separator: "/") + "/Themes"
}()

@Suite struct ThemeTests {
  static let names = ThemeLibrary(folders: [themesFolder]).names

  @Test(arguments: names)
  func `every shipped theme passes its own check`(name: String) {
    for side in [Theme.Variant.dark, .light] {
      let loaded = ThemeLibrary(folders: [themesFolder]).theme(named: name, for: side)
      let problems = (loaded.problems + loaded.theme.check()).map(\.description)
      #expect(problems == [])
    }
  }

  @Test func `every shipped theme has a side for dark terminals and one for light`() {
    let library = ThemeLibrary(folders: [themesFolder])
    for name in library.fileNames {
      let sides = [Theme.Variant.dark, .light].map { library.theme(named: name, for: $0).theme }
      #expect(sides.map(\.variant) == [.dark, .light], "\(name)")
      let grounds = sides.map { $0.palette(at: .trueColor)[.background].background }
      let ramps = sides.map { $0.palette(at: .trueColor).surprise }
      #expect(grounds[0] != grounds[1] || ramps[0] != ramps[1], "\(name)")
      for side in sides {
        let named = library.theme(named: "\(name)-\(side.variant.rawValue)").theme
        #expect(named.variant == side.variant)
      }
    }
  }
}

@Suite struct ThemeReadingTests {
  let library = ThemeLibrary(folders: [themesFolder])

  func problems(_ text: String) -> [String] {
    library.theme(text: text, file: "plum.toml").problems.map(\.description)
  }

  @Test func `the built-in theme is the file in Themes, word for word`() throws {
    let file = try #require(ThemeLibrary.read(themesFolder + "/default.toml"))
    #expect(builtInTheme == file)
  }

  @Test func `without any folder there is still a theme`() {
    let loaded = ThemeLibrary(folders: []).theme(named: "plum")
    #expect(loaded.theme.name == "Default")
    #expect(loaded.problems.count == 1)
    #expect(
      ThemeLibrary(folders: ["/nonexistent"]).names == ["default", "default-dark", "default-light"])
  }

  @Test func `a theme that inherits changes a palette colour and all that uses it`() {
    let loaded = library.theme(
      text: "inherits = \"default-dark\"\n[palette]\nmodel = \"#ff00ff\"\n", file: "plum.toml")
    #expect(loaded.problems == [])
    #expect(loaded.theme.name == "plum")
    #expect(loaded.theme.palette(at: .trueColor)[.noteModel].foreground == .rgb(0xFF00FF))
    #expect(loaded.theme.palette(at: .colors256)[.noteModel].foreground == .palette(201))
    #expect(loaded.theme.palette(at: .colors16)[.noteModel].foreground == .palette(13))
    #expect(loaded.theme.palette(at: .colors8)[.noteModel].foreground == .palette(5))
    #expect(loaded.theme.palette(at: .mono)[.noteModel].foreground == .unset)
  }

  @Test func `a misspelt scope and colour are named with line and suggestion`() {
    let text = """
      inherits = "default-dark"
      [palette]
      plum = "#aa66cc"
      [style]
      "roll.nite" = "plum"
      "roll.note" = { fg = "plumm", attr = ["blod"] }
      """
    #expect(
      problems(text) == [
        "plum.toml:5:2: unknown scope 'roll.nite' (did you mean 'roll.note'?)",
        "plum.toml:6:2: unknown attribute 'blod' (did you mean 'bold'?)",
        "plum.toml:6:22: unknown colour 'plumm' (did you mean 'plum'?)",
      ])
  }

  @Test func `what is no TOML is told with its line`() {
    #expect(problems("[style\n").first?.hasPrefix("plum.toml:1:7: ") == true)
    #expect(problems("name = 3\nvariant = \"grey\"\ncolour = 1").count == 3)
    #expect(
      problems("inherits = \"default-drak\"") == [
        "plum.toml:1:12: inherits 'default-drak', which there is no theme of (did you mean "
          + "'default-dark'?)"
      ])
    #expect(
      problems("\n\ninherits = \"plum\"") == [
        "plum.toml:3:12: inherits 'plum', which inherits this theme again"
      ])
    #expect(
      problems("[palette]\na = \"b\"\nb = \"a\"\n") == [
        "plum.toml:2:1: palette entry 'a' is no colour 'b' (did you mean 'b'?)",
        "plum.toml:3:1: palette entry 'b' is no colour 'a' (did you mean 'a'?)",
      ])
  }

  @Test func `one file has a side for dark terminals and one for light`() {
    let text = """
      inherits = "default"
      [palette]
      accent = "#010101"
      [dark.palette]
      model = "#00ff00"
      [light.palette]
      model = "#0000ff"
      [light.style]
      "roll.nite" = "model"
      [light.colours]
      """
    let sides = [Theme.Variant.dark, .light].map {
      library.theme(text: text, file: "plum.toml", for: $0)
    }
    #expect(sides.map(\.theme.variant) == [.dark, .light])
    #expect(
      sides.map { $0.theme.palette(at: .trueColor)[.noteModel].foreground } == [
        .rgb(0x00FF00), .rgb(0x0000FF),
      ])
    #expect(
      sides.map { $0.theme.palette(at: .trueColor)[.prompt].foreground } == [
        .rgb(0x010101), .rgb(0x010101),
      ])
    #expect(
      sides.map { $0.problems.map(\.description) } == [
        ["plum.toml:10:8: unknown key 'colours'"],
        [
          "plum.toml:10:8: unknown key 'colours'",
          "plum.toml:9:2: unknown scope 'roll.nite' (did you mean 'roll.note'?)",
        ],
      ])
    // One side of another theme.
    let fixed = library.theme(text: "inherits = \"default-light\"", file: "p.toml", for: .dark)
    #expect(fixed.theme.variant == .light)
  }

  @Test func `a scope falls back to its longest prefix`() {
    let theme = library.theme(
      text: "[palette]\nx = \"#010203\"\n[style]\n\"roll.note\" = \"x\"\n[ramp]\nheat=[\"x\",1]\n",
      file: "t.toml"
    ).theme
    #expect(theme.palette(at: .trueColor)[.voice3].foreground == .rgb(0x010203))
    #expect(theme.palette(at: .trueColor)[.status] == .plain)
  }

  @Test func `a theme cut anywhere still gives a theme and never a crash`() {
    let bytes = Array(builtInTheme.utf8)
    for end in stride(from: 0, to: bytes.count, by: 97) {
      let text = String(decoding: bytes.prefix(end), as: UTF8.self)
      let loaded = library.theme(text: text, file: "cut.toml")
      #expect(loaded.theme.palette(at: .colors16).surprise.count == 5)
    }
  }

  @Test func `poor contrast and colours that the colour-blind confuse are found`() {
    let text = """
      inherits = "default-dark"
      [style]
      "ui.text" = "#333333"
      [ramp]
      surprise = ["#ff0000", "#00ff00"]
      """
    let found = library.theme(text: text, file: "plum.toml").theme.check().map(\.description)
    #expect(
      found.contains { $0.hasPrefix("plum.toml:3:2: 'ui.text' on 'ui.background' has contrast 1.") }
    )
    let yellows = library.theme(
      text: "inherits = \"default-dark\"\n[ramp]\nsurprise = [\"#d0d000\", \"#d8c800\"]\n",
      file: "plum.toml"
    ).theme.check().map(\.description)
    #expect(yellows.contains { $0.contains("look alike") })
  }

  @Test func `colours are found for terminals with fewer`() {
    #expect(RGB(hex: "#ff5f5f")?.nearest(in: 16..<256) == 203)
    #expect(RGB(hex: "#000")?.nearest(in: 0..<16) == 0)
    #expect(RGB(hex: "#12345") == nil)
    #expect(RGB(hex: "#5f87af")?.hex == "#5f87af")
    #expect(ColorDepth.wanted(.auto, environment: ["NO_COLOR": "1"]) == .mono)
    #expect(ColorDepth.wanted(.auto, environment: ["NO_COLOR": ""]) == nil)
    #expect(
      ColorDepth.wanted(.sixteen, environment: ["NO_COLOR": "1", "COLORTERM": "truecolor"])
        == .colors16)
    #expect(ColorDepth.wanted(.auto, environment: ["COLORTERM": "24bit"]) == .trueColor)
  }
}

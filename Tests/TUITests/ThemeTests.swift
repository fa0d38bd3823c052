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
    let loaded = ThemeLibrary(folders: [themesFolder]).theme(named: name)
    let problems = (loaded.problems + loaded.theme.check()).map(\.description)
    #expect(problems == [])
  }
}

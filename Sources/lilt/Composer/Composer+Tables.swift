import Compose
import TUI

/// The files beside the settings: keys, themes, instruments and scales.
extension Composer {
  /// Reads all of them again.
  func reloadTables() {
    let read = Composer.readKeys(paths)
    keys = read.map
    reserveControls()
    themes = Composer.themeLibrary(paths)
    paletteName = ""
    perform(session.handle(.themesFound(themes.names)))
    let problems = Settings.load(paths: paths).problems + read.problems + takeCatalogue()
    if problems.isEmpty {
      perform(session.handle(.noted("read settings, keys, themes and tables again")))
    }
    for problem in problems { perform(session.handle(.warned(problem))) }
  }

  /// Tells the session which instruments and scales there are.
  func readCatalogue() {
    for complaint in takeCatalogue() { perform(session.handle(.warned(complaint))) }
  }

  /// The same; answers what is wrong in the tables.
  private func takeCatalogue() -> [String] {
    let (catalogue, complaints) = Catalogue.load(paths: paths)
    perform(session.handle(.catalogueRead(catalogue)))
    return complaints
  }

  /// Looks for theme files again; those that were changed are drawn anew.
  func findThemes(_ chosen: String?) {
    themes = Composer.themeLibrary(paths)
    paletteName = ""
    perform(session.handle(.themesFound(themes.names, chosen: chosen)))
  }

  static func readKeys(_ paths: Paths) -> (map: KeyMap, problems: [String]) {
    guard Files.exists(paths.keysFile) else { return (.standard, []) }
    do {
      return KeyMap.reading(try Files.readText(paths.keysFile), file: "keys.toml")
    } catch {
      return (.standard, [error.description])
    }
  }

  static func themeLibrary(_ paths: Paths) -> ThemeLibrary {
    ThemeLibrary(folders: paths.folders(named: "Themes"))
  }
}

import ABC
import TOMLKit

/// Something wrong in a theme, with its place.
public struct ThemeProblem: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// Counted from 1.
  public var line: Int
  /// In characters, counted from 1.
  public var column = 1
  public var sentence: String
  /// Whether the theme works all the same.
  public var isWarning = false
  public var description: String {
    "\(file):\(line):\(column): \(isWarning ? "warning: " : "")\(sentence)"
  }
}

/// A theme together with what was wrong with its file. Whatever is wrong, there is a theme.
public struct LoadedTheme: Sendable {
  public var theme: Theme
  public var problems: [ThemeProblem]
}

/// One theme file before its colours are looked up, so that a theme that inherits can change a
/// palette entry and with it everything that uses it.
///
/// What stands in `[palette]`, `[style]`, `[ramp]` and `[mono]` holds in dark terminals and in light
/// ones; `[dark.palette]`, `[light.style]` and so on come on top in one of them.
struct ThemeFile {
  let source: TOMLSource
  /// Which side of a file that has sides; nil of one that has none.
  let side: Theme.Variant?
  private(set) var problems: [ThemeProblem] = []
  private(set) var palette: [String: (value: TOMLValueConvertible, place: Theme.Place)] = [:]
  private(set) var styles: [String: RawStyle] = [:]
  private(set) var ramps: [String: (stops: [TOMLValueConvertible], place: Theme.Place)] = [:]
  private(set) var mono: [String: Attributes] = [:]

  struct RawStyle {
    var foreground: TOMLValueConvertible?
    var background: TOMLValueConvertible?
    var attributes: Attributes
    var place: Theme.Place
  }

  static let rampNames = ["surprise", "heat", "pitch_class"]
  private static let keys =
    [
      "name", "variant", "inherits", "author", "license", "dark", "light",
    ] + tables
  private static let tables = ["palette", "style", "ramp", "mono"]

  var inherits: String? { source.root["inherits"]?.string }

  /// Whether a file has a side for dark terminals, for light ones, or both.
  static func isPair(_ source: TOMLSource) -> Bool {
    source.root["dark"] != nil || source.root["light"] != nil
  }

  init(_ source: TOMLSource, side: Theme.Variant?) {
    self.source = source
    self.side = side
    for key in source.root.keys where !ThemeFile.keys.contains(key) {
      note([key], "unknown key '\(key)'\(suggestion(for: key, among: ThemeFile.keys))")
    }
    if let variant = source.root["variant"], Theme.Variant(rawValue: variant.string ?? "") == nil {
      note(["variant"], "variant must be 'dark' or 'light'")
    }
    for key in ["name", "inherits", "author", "license"] {
      if let value = source.root[key], value.string == nil { note([key], "\(key) must be a text") }
    }
    if ThemeFile.isPair(source), source.root["variant"] != nil {
      note(["variant"], "a theme with [dark] and [light] needs no variant")
    }
    for side in [Theme.Variant.dark, .light] { checkSide(side) }
    read([])
    if let side { read([side.rawValue]) }
  }

  /// The tables of the file itself, or of one of its sides.
  private mutating func read(_ section: [String]) {
    readPalette(section)
    readStyles(section)
    readRamps(section)
    readMono(section)
  }

  private mutating func checkSide(_ side: Theme.Variant) {
    guard let value = source.root[side.rawValue] else { return }
    guard let table = value.table else {
      note([side.rawValue], "\(side.rawValue) must hold tables: [\(side.rawValue).palette]")
      return
    }
    for key in table.keys where !ThemeFile.tables.contains(key) {
      note(
        [side.rawValue, key], "unknown key '\(key)'\(suggestion(for: key, among: ThemeFile.tables))"
      )
    }
  }

  private mutating func note(_ path: [String], _ sentence: String) {
    let place = place(of: path)
    problems.append(
      ThemeProblem(file: place.file, line: place.line, column: place.column, sentence: sentence))
  }

  private func place(of path: [String]) -> Theme.Place {
    let line = source.line(of: path)
    return Theme.Place(
      file: source.file, line: line, column: source.column(of: path.last ?? "", inLine: line))
  }

  private mutating func table(_ path: [String]) -> TOMLTable? {
    var value: TOMLValueConvertible? = source.root
    for key in path { value = value?.table?[key] }
    guard let value else { return nil }
    if let table = value.table { return table }
    note(path, "\(path[path.count - 1]) must be a table: [\(path.joined(separator: "."))]")
    return nil
  }

  private mutating func readPalette(_ section: [String]) {
    guard let table = table(section + ["palette"]) else { return }
    for (key, value) in table {
      palette[key] = (value, place(of: section + ["palette", key]))
    }
  }

  private mutating func readStyles(_ section: [String]) {
    guard let table = table(section + ["style"]) else { return }
    for (scope, value) in flattened(table, "style") {
      let path = section + ["style", scope]
      guard Scope.isKnown(scope) else {
        note(path, "unknown scope '\(scope)'\(suggestion(for: scope, among: Scope.names.sorted()))")
        continue
      }
      var style = RawStyle(attributes: [], place: place(of: path))
      if let parts = value.table {
        style.foreground = parts["fg"]
        style.background = parts["bg"]
        if let list = parts["attr"] { style.attributes = attributes(list, path) }
        for key in parts.keys where !["fg", "bg", "attr"].contains(key) {
          note(path, "unknown key '\(key)' in '\(scope)': a style has fg, bg and attr")
        }
      } else {
        style.foreground = value
      }
      styles[scope] = style
    }
  }

  /// `[style.ui] text = "…"` means the same as `"ui.text" = "…"`.
  private func flattened(
    _ table: TOMLTable, _ prefix: String
  ) -> [(scope: String, value: TOMLValueConvertible)] {
    var found: [(String, TOMLValueConvertible)] = []
    for (key, value) in table {
      let scope = prefix == "style" ? key : "\(prefix).\(key)"
      let isStyle =
        value.table.map { Set($0.keys).isDisjoint(with: ["fg", "bg", "attr"]) } ?? false
      if isStyle, let inner = value.table, !inner.isEmpty {
        found += flattened(inner, scope)
      } else {
        found.append((scope, value))
      }
    }
    return found
  }

  private mutating func attributes(_ value: TOMLValueConvertible, _ path: [String]) -> Attributes {
    var attributes: Attributes = []
    let entries: [TOMLValueConvertible] = value.array.map { Array($0) } ?? [value]
    for entry in entries {
      let word = entry.string ?? ""
      if let attribute = Attributes(name: word) {
        attributes.insert(attribute)
      } else {
        note(path, "unknown attribute '\(word)'\(suggestion(for: word, among: Attributes.names))")
      }
    }
    return attributes
  }

  private mutating func readRamps(_ section: [String]) {
    guard let table = table(section + ["ramp"]) else { return }
    for (name, value) in table {
      let path = section + ["ramp", name]
      guard ThemeFile.rampNames.contains(name) else {
        note(path, "unknown ramp '\(name)'\(suggestion(for: name, among: ThemeFile.rampNames))")
        continue
      }
      let stops = value.array.map { Array($0) } ?? []
      let allowed = name == "pitch_class" ? 2...12 : 2...9
      guard allowed.contains(stops.count) else {
        note(
          path, "ramp '\(name)' needs \(allowed.lowerBound) to \(allowed.upperBound) colours")
        continue
      }
      ramps[name] = (stops, place(of: path))
    }
  }

  private mutating func readMono(_ section: [String]) {
    guard let table = table(section + ["mono"]) else { return }
    for (scope, value) in table {
      let path = section + ["mono", scope]
      guard Scope.isKnown(scope) else {
        note(
          path,
          "unknown scope '\(scope)'\(suggestion(for: scope, among: Scope.names.sorted()))")
        continue
      }
      mono[scope] = attributes(value, path)
    }
  }
}

extension Theme {
  /// A theme from its file and those it inherits from, nearest first.
  init(_ files: [ThemeFile], problems: inout [ThemeProblem]) {
    let root = files.first?.source.root
    let file = files.first?.source.file ?? "default.toml"
    let stem = file.split(separator: "/").last.map(String.init) ?? file
    let shortName = stem.hasSuffix(".toml") ? String(stem.dropLast(5)) : stem
    name = root?["name"]?.string ?? shortName
    author = root?["author"]?.string ?? ""
    license = root?["license"]?.string ?? ""
    variant =
      files.lazy.compactMap {
        $0.side ?? $0.source.root["variant"]?.string.flatMap(Variant.init)
      }.first ?? .dark
    isPair = files.first?.side != nil
    self.file = file
    var lookup = ColorLookup()
    for file in files.reversed() {
      for (name, entry) in file.palette {
        lookup.values[name] = (entry.value, entry.place)
      }
    }
    for file in files.reversed() {
      for (scope, raw) in file.styles {
        styles[scope] = Entry(
          foreground: raw.foreground.flatMap { lookup.color($0, raw.place, in: file.source) },
          background: raw.background.flatMap { lookup.color($0, raw.place, in: file.source) },
          attributes: raw.attributes, place: raw.place)
      }
      for (name, raw) in file.ramps {
        ramps[name] = raw.stops.map {
          lookup.color($0, raw.place, in: file.source) ?? ThemeColor.terminal
        }
      }
      mono.merge(file.mono) { $1 }
    }
    for name in lookup.values.keys.sorted() { lookup.checkEntry(name) }
    problems += lookup.problems
  }
}

/// Turns what a theme writes for a colour into the colour.
private struct ColorLookup {
  var values: [String: (value: TOMLValueConvertible, place: Theme.Place)] = [:]
  var problems: [ThemeProblem] = []

  /// `nil` for a colour that does not exist, after noting it.
  mutating func color(
    _ value: TOMLValueConvertible, _ place: Theme.Place, in source: TOMLSource
  ) -> ThemeColor? {
    if let word = value.string {
      if let entry = values[word] { return read(entry.value, [word]) }
      if let color = ThemeColor(word) { return color }
      var place = place
      if place.file == source.file {
        place.line = source.line(from: place.line, mentioning: "\"\(word)\"")
        place.column = source.column(of: "\"\(word)\"", inLine: place.line)
      }
      note(
        place,
        "unknown colour '\(word)'\(suggestion(for: word, among: known))")
      return nil
    }
    if let color = read(value, []) { return color }
    note(place, "a colour is \"#rrggbb\", a palette name, 0 to 255, or [true, 256, 16]")
    return nil
  }

  private var known: [String] { values.keys.sorted() + ThemeColor.ansiNames + ["default"] }

  mutating func checkEntry(_ name: String) {
    guard let entry = values[name] else { return }
    if read(entry.value, [name]) == nil {
      let shown = entry.value.string.map { " '\($0)'" } ?? ""
      let hint = entry.value.string.map { suggestion(for: $0, among: known) } ?? ""
      note(entry.place, "palette entry '\(name)' is no colour\(shown)\(hint)")
    }
  }

  /// `seen` keeps entries that name each other from turning for ever.
  private func read(_ value: TOMLValueConvertible, _ seen: [String]) -> ThemeColor? {
    if let word = value.string {
      if let entry = values[word], !seen.contains(word) { return read(entry.value, seen + [word]) }
      return ThemeColor(word)
    }
    if let index = value.int { return (0...255).contains(index) ? ThemeColor(index: index) : nil }
    guard let array = value.array, (1...3).contains(array.count) else { return nil }
    let parts = Array(array)
    guard var color = read(parts[0], seen) else { return nil }
    if parts.count > 1 {
      guard let second = plain(parts[1]), let index = second.of256 else { return nil }
      color.of256 = index
    }
    if parts.count > 2 {
      guard let third = plain(parts[2]), let index = third.of16 else { return nil }
      color.of16 = index
    }
    return color
  }

  /// The second and third of an array name the terminal's own colours, never the palette's.
  private func plain(_ value: TOMLValueConvertible) -> ThemeColor? {
    if let word = value.string { return ThemeColor(word) }
    return value.int.flatMap { (0...255).contains($0) ? ThemeColor(index: $0) : nil }
  }

  private mutating func note(_ place: Theme.Place, _ sentence: String) {
    let problem = ThemeProblem(
      file: place.file, line: place.line, column: place.column, sentence: sentence)
    if !problems.contains(problem) { problems.append(problem) }
  }
}

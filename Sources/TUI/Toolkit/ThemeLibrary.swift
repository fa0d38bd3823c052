import ABC
import Glibc

/// The themes that can be chosen: every `NAME.toml` in a list of folders, and one that is built in.
public struct ThemeLibrary: Sendable {
  /// The one that is built in.
  public static let standard = "default"

  /// Searched in this order; the first file of a name wins.
  public let folders: [String]

  public init(folders: [String]) { self.folders = folders }

  /// Where themes are looked for: the user's own, then beside the program and in every folder above
  /// it, then below each data folder.
  public static func folders(
    executable: String, dataDirectories: [String], userThemes: String?
  ) -> [String] {
    var folders = userThemes.map { [$0] } ?? []
    var folder = executable
    while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
      folder = String(folder[..<slash])
      folders.append(folder + "/Themes")
    }
    folders += dataDirectories.map { $0 + "/lilt/Themes" }
    return folders
  }

  /// The names that can be chosen, in alphabetical order, without duplicates. A theme with two sides
  /// follows the terminal; with `-dark` or `-light` behind its name it stays on one.
  public var names: [String] {
    let files = fileNames
    let pairs = files.filter(isPair)
    return Set(files + pairs.flatMap { ["\($0)-dark", "\($0)-light"] }).sorted()
  }

  /// The names of the files, and of the theme that is built in.
  public var fileNames: [String] {
    var names: Set<String> = [ThemeLibrary.standard]
    for folder in folders {
      guard let directory = opendir(folder) else { continue }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.insert(String(name.dropLast(5))) }
      }
    }
    return names.sorted()
  }

  /// The file of a theme; `nil` where there is none.
  public func path(of name: String) -> String? {
    guard !name.isEmpty, !name.contains("/") else { return nil }
    return folders.lazy.map { "\($0)/\(name).toml" }.first { access($0, R_OK) == 0 }
  }

  /// Whether a theme has two sides, as far as its lines tell.
  private func isPair(_ name: String) -> Bool {
    let text = path(of: name).flatMap(ThemeLibrary.read) ?? builtInTheme
    return text.split(separator: "\n").contains { $0.hasPrefix("[dark") || $0.hasPrefix("[light") }
  }

  /// The text of a theme with its file, and the side that its name asks for.
  private func source(
    named name: String
  ) -> (text: String, file: String, side: Theme.Variant?)? {
    if let path = path(of: name), let text = ThemeLibrary.read(path) { return (text, path, nil) }
    if name == ThemeLibrary.standard { return (builtInTheme, "default.toml", nil) }
    for side in [Theme.Variant.dark, .light] where name.hasSuffix("-" + side.rawValue) {
      let stem = String(name.dropLast(side.rawValue.count + 1))
      guard stem == ThemeLibrary.standard || path(of: stem) != nil, isPair(stem),
        let found = source(named: stem)
      else { continue }
      return (found.text, found.file, side)
    }
    return nil
  }

  /// A theme by name. Whatever is wrong with it, there is a theme to draw with, and what was wrong.
  ///
  /// - Parameter side: What a theme with two sides shows, unless its name says so; dark where nil.
  public func theme(named name: String, for side: Theme.Variant? = nil) -> LoadedTheme {
    if let found = source(named: name) {
      return theme(text: found.text, file: found.file, for: found.side ?? side)
    }
    var loaded = theme(named: ThemeLibrary.standard, for: side)
    loaded.problems.append(
      ThemeProblem(
        file: "\(name).toml", line: 1,
        sentence: "there is no theme '\(name)'\(suggestion(for: name, among: names))"))
    return loaded
  }

  /// A theme from the text of its file; those it inherits from are looked up by name.
  public func theme(
    text: String, file: String, for side: Theme.Variant? = nil
  ) -> LoadedTheme {
    var problems: [ThemeProblem] = []
    var files: [ThemeFile] = []
    var side = side
    func add(_ source: TOMLSource) {
      let own = source.root["variant"]?.string.flatMap(Theme.Variant.init)
      let isPair = ThemeFile.isPair(source)
      // What is of one variant only asks for that side of what it inherits from.
      if !isPair, files.isEmpty, let own { side = own }
      files.append(ThemeFile(source, side: isPair ? side ?? .dark : nil))
    }
    do {
      add(try TOMLSource(text: text, file: file))
    } catch {
      problems.append(
        ThemeProblem(
          file: file, line: error.line, column: error.column, sentence: error.sentence))
      var loaded = theme(text: builtInTheme, file: "default.toml", for: side)
      loaded.problems = problems
      return loaded
    }
    var seen: Set<String> = [ThemeLibrary.stem(of: file)]
    while let last = files.last, let parent = last.inherits {
      let line = last.source.line(of: ["inherits"])
      if !seen.insert(parent).inserted {
        problems.append(
          ThemeProblem(
            file: last.source.file, line: line,
            column: last.source.column(of: "\"\(parent)\"", inLine: line),
            sentence: "inherits '\(parent)', which inherits this theme again"))
        break
      }
      guard let found = source(named: parent),
        let source = try? TOMLSource(text: found.text, file: found.file)
      else {
        problems.append(
          ThemeProblem(
            file: last.source.file, line: line,
            column: last.source.column(of: "\"\(parent)\"", inLine: line),
            sentence: "inherits '\(parent)', which there is no theme of"
              + suggestion(for: parent, among: names)))
        break
      }
      side = found.side ?? side
      add(source)
    }
    problems = files.flatMap(\.problems) + problems
    let theme = Theme(files, problems: &problems)
    return LoadedTheme(theme: theme, problems: problems)
  }

  private static func stem(of file: String) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    return last.hasSuffix(".toml") ? String(last.dropLast(5)) : last
  }

  /// A file's text, at most 1 MiB of it; bytes that are no UTF-8 are replaced.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while bytes.count < 1 << 20 {
      let count = Glibc.read(descriptor, &block, block.count)
      if count < 0 { return nil }
      if count == 0 { break }
      bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

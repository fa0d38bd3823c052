import ABC
import Glibc

/// The themes that can be chosen: every `NAME.toml` in a list of folders, and one that is built in.
public struct ThemeLibrary: Sendable {
  public static let defaultDark = "default-dark"
  public static let defaultLight = "default-light"

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

  /// The names that can be chosen, in alphabetical order, without duplicates.
  public var names: [String] {
    var names: Set<String> = [ThemeLibrary.defaultDark]
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

  /// A theme by name. Whatever is wrong with it, there is a theme to draw with, and what was wrong.
  public func theme(named name: String) -> LoadedTheme {
    if let path = path(of: name), let text = ThemeLibrary.read(path) {
      return theme(text: text, file: path)
    }
    if name == ThemeLibrary.defaultDark {
      return theme(text: builtInTheme, file: "\(name).toml")
    }
    var loaded = theme(named: ThemeLibrary.defaultDark)
    loaded.problems.append(
      ThemeProblem(
        file: "\(name).toml", line: 1,
        sentence: "there is no theme '\(name)'\(suggestion(for: name, among: names))"))
    return loaded
  }

  /// A theme from the text of its file; those it inherits from are looked up by name.
  public func theme(text: String, file: String) -> LoadedTheme {
    var problems: [ThemeProblem] = []
    var files: [ThemeFile] = []
    do {
      files.append(ThemeFile(try TOMLSource(text: text, file: file)))
    } catch {
      problems.append(ThemeProblem(file: file, line: error.line, sentence: error.sentence))
      var loaded = theme(text: builtInTheme, file: "default-dark.toml")
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
            sentence: "inherits '\(parent)', which inherits this theme again"))
        break
      }
      guard let source = source(named: parent) else {
        problems.append(
          ThemeProblem(
            file: last.source.file, line: line,
            sentence: "inherits '\(parent)', which there is no theme of"
              + suggestion(for: parent, among: names)))
        break
      }
      files.append(ThemeFile(source))
    }
    problems = files.flatMap(\.problems) + problems
    let theme = Theme(files, problems: &problems)
    return LoadedTheme(theme: theme, problems: problems)
  }

  private func source(named name: String) -> TOMLSource? {
    if let path = path(of: name), let text = ThemeLibrary.read(path) {
      return try? TOMLSource(text: text, file: path)
    }
    guard name == ThemeLibrary.defaultDark else { return nil }
    return try? TOMLSource(text: builtInTheme, file: "default-dark.toml")
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

import Glibc

/// Where Lilt reads and keeps its files (XDG Base Directory Specification 0.8).
///
/// A variable that is unset, empty or relative is ignored, as that text asks. Nothing here touches
/// the disk: folders are made by whoever first writes into them.
struct Paths: Equatable, Sendable {
  /// `config.toml`, `keys.toml` and `Themes/`.
  var configuration: String
  /// Drafts, journals, the command history and the log.
  var state: String
  /// The user's own checkpoints.
  var data: String
  /// What may be deleted at any time.
  var cache: String
  /// How fast the kernels multiply here, as it was measured once.
  var kernelSpeeds: String { Paths.join(cache, "kernel-speeds") }
  /// Folder for sockets, or nil where `XDG_RUNTIME_DIR` is not set to an absolute path.
  var runtime: String?
  /// Folders in which an installed Lilt keeps what it ships, best first.
  var shared: [String]

  /// Works out every path from an environment.
  ///
  /// - Parameters:
  ///   - environment: The value of a variable, usually of this process.
  ///   - passwordHome: The home folder to fall back on where `HOME` is unset or relative.
  ///   - executable: Absolute path of the running program, links resolved; nil when unknown.
  init(
    environment: (String) -> String?, passwordHome: @autoclosure () -> String, executable: String?
  ) {
    func absolute(_ name: String) -> String? {
      guard let value = environment(name), value.hasPrefix("/") else { return nil }
      return value
    }
    let home = absolute("HOME") ?? passwordHome()
    configuration = Paths.join(absolute("XDG_CONFIG_HOME") ?? Paths.join(home, ".config"), "lilt")
    state = Paths.join(absolute("XDG_STATE_HOME") ?? Paths.join(home, ".local/state"), "lilt")
    data = Paths.join(absolute("XDG_DATA_HOME") ?? Paths.join(home, ".local/share"), "lilt")
    cache = Paths.join(absolute("XDG_CACHE_HOME") ?? Paths.join(home, ".cache"), "lilt")
    runtime = absolute("XDG_RUNTIME_DIR")

    var beside: [String] = []
    if let executable {
      let folder = Paths.parent(of: executable)
      beside.append(folder)
      beside.append(Paths.join(Paths.parent(of: folder), "share/lilt"))
      // A program that was built but not installed lies some folders below the package.
      var above = folder
      while above != "/" {
        above = Paths.parent(of: above)
        if Paths.lastComponent(of: above).hasPrefix(".build") {
          beside.append(Paths.parent(of: above))
        }
      }
    }
    let system = (environment("XDG_DATA_DIRS") ?? "").split(separator: ":").map(String.init)
      .filter { $0.hasPrefix("/") }
    let systemFolders = system.isEmpty ? ["/usr/local/share", "/usr/share"] : system
    shared = beside + systemFolders.map { Paths.join($0, "lilt") }
  }

  /// The paths of this process.
  static let current = Paths(
    environment: { getenv($0).map { String(cString: $0) } }, passwordHome: passwordHome(),
    executable: executablePath())

  /// `config.toml`, whether it exists or not.
  var configurationFile: String { Paths.join(configuration, "config.toml") }
  /// `keys.toml`, whether it exists or not.
  var keysFile: String { Paths.join(configuration, "keys.toml") }
  /// The folder that holds one folder for each draft.
  var drafts: String { Paths.join(state, "drafts") }
  /// Which MIDI ports were chosen last.
  var midiPorts: String { Paths.join(state, "midi-ports") }
  /// The log; its predecessor is beside it as `log.1`.
  var log: String { Paths.join(state, "log") }

  /// Folders called `name` that may hold themes or checkpoints, the user's own first.
  ///
  /// Themes belong to the configuration, checkpoints to the data (UX 4.1). None need exist.
  func folders(named name: String) -> [String] {
    [configuration, data].map { Paths.join($0, name) } + shared.map { Paths.join($0, name) }
  }

  /// Two parts of a path with exactly one slash between them; an absolute `part` stands alone.
  static func join(_ folder: String, _ part: String) -> String {
    if part.hasPrefix("/") { return part }
    return folder.hasSuffix("/") ? folder + part : folder + "/" + part
  }

  /// A path typed by hand or kept in a file, read as a shell would: `~` is the home folder, `~NAME`
  /// another user's.
  static func expandingHome(_ path: String) -> String {
    guard path.hasPrefix("~") else { return path }
    let name = path.dropFirst().prefix { $0 != "/" }
    let rest = path.dropFirst(name.count + 1)
    if name.isEmpty {
      let own = getenv("HOME").map { String(cString: $0) } ?? ""
      return (own.hasPrefix("/") ? own : passwordHome()) + rest
    }
    guard let entry = getpwnam(String(name)), let folder = entry.pointee.pw_dir else { return path }
    return String(cString: folder) + rest
  }

  /// The folder that holds `path`; `/` is its own parent, and a bare name lies in `.`.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What follows the last slash.
  static func lastComponent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// The environment of this process; of a repeated name the first counts, as for `getenv`.
  static func processEnvironment() -> [String: String] {
    var found: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text)
      if let equals = pair.firstIndex(of: "="), found[String(pair[..<equals])] == nil {
        found[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      entry += 1
    }
    return found
  }

  /// The home folder that the system's user list names, or `/` where it names none.
  static func passwordHome() -> String {
    guard let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir else { return "/" }
    let home = String(cString: folder)
    return home.hasPrefix("/") ? home : "/"
  }

  /// The absolute path of the running program with links resolved.
  static func executablePath() -> String? {
    guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

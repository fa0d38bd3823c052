import ABC

/// What of ABC texts is not played, or had to be guessed: each sentence once, with its first place.
struct UnplayedReport {
  private struct Entry {
    var sentence: String
    var tunes = 1
    /// Where it stands first.
    var music: ExportMusic
    var line: Int
    var column: Int
    var name: String
    var order: Int
  }

  private var entries: [String: Entry] = [:]
  private static let most = 20

  init() {}

  /// For one tune.
  init(_ unplayed: [Diagnostic], of music: ExportMusic, name: String) {
    add(unplayed, of: music, name: name, order: 0)
  }

  /// - Parameter order: Places tunes one after the other, however they come in.
  mutating func add(_ unplayed: [Diagnostic], of music: ExportMusic, name: String, order: Int) {
    var here: Set<String> = []
    for diagnostic in unplayed where here.insert(diagnostic.sentence).inserted {
      let entry = Entry(
        sentence: diagnostic.sentence, music: music, line: diagnostic.line,
        column: diagnostic.column, name: name, order: order)
      let key = name + "\n" + diagnostic.sentence
      guard let before = entries[key] else {
        entries[key] = entry
        continue
      }
      let first = before.order <= order ? before : entry
      entries[key] = first
      entries[key]?.tunes = before.tunes + 1
    }
  }

  /// Writes a line for each sentence to standard error, in the order of the files.
  func tell() {
    let sorted = entries.values.sorted {
      ($0.order, $0.line, $0.column, $0.sentence) < ($1.order, $1.line, $1.column, $1.sentence)
    }
    for entry in sorted.prefix(UnplayedReport.most) {
      let count = entry.tunes > 1 ? " (in \(entry.tunes) tunes)" : ""
      StandardError.line(
        "\(entry.name):\(entry.music.linesBefore + entry.line):\(entry.column): "
          + "\(entry.sentence)\(count)")
    }
    let left = sorted.count - UnplayedReport.most
    if left > 0 {
      StandardError.line("and \(left) more of the kind; lilt check names them all.")
    }
  }
}

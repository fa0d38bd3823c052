import ABC
import ArgumentParser
import Compose
import FoundationEssentials

/// `lilt stats`: what the model wrote in the drafts, and what of that was kept.
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Count what was kept of what the model wrote, for each draft.",
    discussion: """
      A take is kept where anything of it stands in the tune that its draft shows, or where it has a \
      tag. Temperature and surprise are means of the characters that the tune shows, and of all others \
      that were drawn. Without DRAFT all drafts are counted.

      Exit status 4 when a draft is not there or cannot be read.
      """)

  @Argument(help: "Drafts by name; otherwise all.")
  var drafts: [String] = []
  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    let store = DraftStore(folder: Paths.current.drafts)
    var rows: [(name: String, statistics: DraftStatistics)] = []
    var failed = false
    for name in drafts.isEmpty ? store.names() : drafts {
      guard DraftStore.isName(name), Files.exists(store.journalPath(name)) else {
        StandardError.line(
          "there is no draft '\(name)'" + suggestion(for: name, among: store.names()))
        failed = true
        continue
      }
      do {
        rows.append((name, DraftStatistics(try store.entries(of: name).entries)))
      } catch {
        StandardError.line(error.description)
        failed = true
      }
    }
    if json {
      try writeJSON(rows)
    } else {
      StandardOutput.write(Self.table(rows))
    }
    if failed { throw ExitCode(.unreadableInput) }
  }

  private func writeJSON(_ rows: [(name: String, statistics: DraftStatistics)]) throws {
    struct Report: Encodable {
      var drafts: [String: DraftStatistics]
      var all: DraftStatistics
    }
    var report = Report(drafts: [:], all: DraftStatistics())
    for row in rows {
      report.drafts[row.name] = row.statistics
      report.all += row.statistics
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    StandardOutput.line(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  /// A row for each draft, one for all where there are several, and what the numbers come to.
  static func table(_ rows: [(name: String, statistics: DraftStatistics)]) -> String {
    guard !rows.isEmpty else { return "no drafts yet\n" }
    var all = DraftStatistics()
    for row in rows { all += row.statistics }
    let lines =
      [
        [
          "draft", "takes", "kept", "tagged", "dropped", "drawn", "by model", "by hand", "T kept",
          "T other",
        ]
      ]
      + rows.map { cells($0.name, $0.statistics) }
      + (rows.count > 1 ? [cells("all", all)] : [])
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for line in lines {
      let padded = line.enumerated().map { column, cell in
        let room = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + room : room + cell
      }
      text += padded.joined(separator: "  ") + "\n"
    }
    if all.takes > 0 {
      text += "\n\(all.keptTakes) of \(all.takes) takes kept (\(all.keptTakes * 100 / all.takes) %)"
      if let kept = all.kept.bitsPerCharacter {
        text += "; \(decimals(kept, 2)) bits a character kept"
        if let other = all.passedOver.bitsPerCharacter {
          text += ", \(decimals(other, 2)) passed over"
        }
      }
      text += "\n"
    }
    let models = all.models.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
    if !models.isEmpty { text += "characters by model: \(models.joined(separator: ", "))\n" }
    return text
  }

  private static func cells(_ name: String, _ statistics: DraftStatistics) -> [String] {
    let counts = [
      statistics.takes, statistics.keptTakes, statistics.taggedTakes, statistics.droppedTakes,
      statistics.kept.characters + statistics.passedOver.characters,
      statistics.tune["model"] ?? 0, statistics.tune["hand"] ?? 0,
    ]
    let temperatures = [statistics.kept.temperature, statistics.passedOver.temperature]
    return [name] + counts.map(String.init) + temperatures.map { $0.map { decimals($0, 2) } ?? "-" }
  }
}

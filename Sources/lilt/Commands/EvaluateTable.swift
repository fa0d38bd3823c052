import Corpus

/// Figures for people and for programs.
struct EvaluateTable {
  typealias Fact = (name: String, value: String)

  /// Names and values, or JSON texts.
  private(set) var facts: [Fact] = []
  private var blocks: [String] = []

  mutating func add(_ facts: [Fact]) {
    self.facts += facts
    let width = facts.map(\.name.count).max() ?? 0
    blocks.append(
      facts.map { fact in
        fact.name.replacing("_", with: " ")
          + String(repeating: " ", count: width + 2 - fact.name.count) + fact.value
      }.joined(separator: "\n"))
  }

  /// A member of the JSON object only.
  mutating func add(json name: String, _ value: String) { facts.append((name, value)) }

  /// Lines for people only.
  mutating func add(text: String) { blocks.append(text) }

  /// The panel, dance by dance; nothing where there are too few tunes.
  mutating func add(_ panel: EvaluatePanel) {
    guard !panel.sections.isEmpty else { return }
    add(text: panel.text)
    add(json: "panel", panel.json)
  }

  /// Rows under the names of the first one's facts.
  mutating func add(rows: [(name: String, facts: [Fact])]) {
    guard let first = rows.first else { return }
    let head = [""] + first.facts.map { $0.name.replacing("_", with: " ") }
    let lines = [head] + rows.map { [$0.name] + $0.facts.map(\.value) }
    let widths = head.indices.map { column in
      lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    blocks.append(
      lines.map { line in
        line.enumerated().map { column, cell in
          let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
          return column == 0 ? cell + space : space + cell
        }.joined(separator: "  ")
      }.joined(separator: "\n"))
  }

  func print(asJSON: Bool) {
    if asJSON {
      let members = facts.map { "\(jsonText($0.name)):\($0.value)" }
      StandardOutput.line("{\"v\":1," + members.joined(separator: ",") + "}")
    } else {
      StandardOutput.line(blocks.joined(separator: "\n\n"))
    }
  }

  /// Two distributions beside each other: `█` what was written, `│` where the corpus stands.
  static func plot(
    _ title: String, _ written: Distribution, _ corpus: Distribution, rows: Int = 12,
    label: (Int) -> String
  ) -> String {
    var both = written
    // Values of the corpus count as much as those of the samples, however many there are.
    for (value, _) in corpus.counts {
      both.add(value, times: Int(corpus.share(value) * Double(max(written.total, 1))))
    }
    let values = both.mostFrequent(rows).map(\.value)
    let highest = values.map { max(written.share($0), corpus.share($0)) }.max() ?? 0
    guard highest > 0 else { return "\(title): nothing" }
    let distance = written.distance(to: corpus).map { ", distance \(decimals($0, 3))" } ?? ""
    let width = values.map { label($0).count }.max() ?? 0
    let lines = values.map { value in
      let room = 40.0
      let bar = Int((written.share(value) / highest * room).rounded())
      let mark = Int((corpus.share(value) / highest * room).rounded())
      var cells = [Character](repeating: " ", count: Int(room) + 1)
      for at in 0..<bar { cells[at] = "█" }
      cells[mark] = "│"
      let name = label(value)
      return String(repeating: " ", count: width - name.count) + name + " " + String(cells) + " "
        + decimals(100 * written.share(value), 1) + " % (" + decimals(100 * corpus.share(value), 1)
        + " %)"
    }
    return (["\(title): █ written, │ corpus\(distance)"] + lines).joined(separator: "\n")
  }

  /// Distances and plots of everything that is counted of notes.
  mutating func add(_ written: NoteDistributions, against corpus: NoteDistributions) {
    let parts: [(String, Distribution, Distribution, (Int) -> String)] = [
      ("pitch", written.pitches, corpus.pitches, { "\($0)" }),
      ("interval", written.intervals, corpus.intervals, { "\($0)" }),
      ("step", written.steps, corpus.steps, NoteDistributions.quarters),
      ("length", written.lengths, corpus.lengths, NoteDistributions.quarters),
    ]
    for (name, one, other, label) in parts {
      guard let distance = one.distance(to: other) else { continue }
      add(json: "\(name)_distance", decimals(distance, 4))
      add(text: Self.plot(Self.titles[name] ?? name, one, other, label: label))
    }
  }

  private static let titles = [
    "pitch": "pitches (MIDI keys)", "interval": "intervals (half tones)",
    "step": "steps between notes (quarters)", "length": "lengths of notes (quarters)",
  ]
}

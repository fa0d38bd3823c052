import ABC
import Analysis

/// The panel of a model's tunes beside tunes it never saw and those it learnt from, dance by dance.
struct EvaluatePanel {
  /// Tunes of one dance from one place.
  struct Column {
    var judgements: [Judgement] = []
    var tally = GateTally()

    mutating func add(_ judgement: Judgement) {
      judgements.append(judgement)
      tally.add(judgement)
    }

    func mean(_ measure: Measure) -> Double? {
      let values = judgements.compactMap { $0.panel[measure] }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// From where to where nine tenths of the values lie.
    func middle(_ measure: Measure) -> ClosedRange<Double>? {
      let values = judgements.compactMap { $0.panel[measure] }.sorted()
      guard !values.isEmpty else { return nil }
      let last = Double(values.count - 1)
      return values[Int(0.05 * last)]...values[Int(0.95 * last)]
    }
  }

  /// What is told of one dance.
  struct Section {
    var statistics: DanceStatistics
    var heldOut = Column()
    var model = Column()

    /// What the model's mean is compared with: tunes it never saw, where there are some, else those
    /// it learnt from.
    func reference(_ measure: Measure) -> Double? {
      heldOut.judgements.isEmpty ? statistics.spreads[measure]?.mean : heldOut.mean(measure)
    }

    /// How far the model's mean is from the reference; of counts, as a share of the distance
    /// between the 5 % and the 95 % of the tunes of the dance.
    func distance(_ measure: Measure) -> Double? {
      guard let own = model.mean(measure), let other = reference(measure) else { return nil }
      guard measure.isCount else { return abs(own - other) }
      guard let middle = statistics.spreads[measure]?.middle,
        middle.upperBound > middle.lowerBound
      else { return nil }
      return abs(own - other) / (middle.upperBound - middle.lowerBound)
    }
  }

  private(set) var sections: [Section] = []
  /// Fewer tunes of a dance say nothing of its means.
  static let leastTunes = 10
  /// Up to which distance a measure counts as near.
  static let near = 0.06

  /// - Parameters:
  ///   - heldOut: Tunes that the model never saw, as ABC.
  ///   - written: Tunes that it wrote.
  init(_ repertoire: Repertoire, heldOut: [String], written: [String]) {
    var byDance: [Dance: Section] = [:]
    func add(_ text: String, _ column: WritableKeyPath<Section, Column>) {
      let judgement = Judgement(text: text, repertoire: repertoire)
      guard !judgement.panel.isEmpty, let statistics = judgement.statistics else { return }
      byDance[statistics.dance, default: Section(statistics: statistics)][keyPath: column]
        .add(judgement)
    }
    for text in heldOut { add(text, \.heldOut) }
    for text in written { add(text, \.model) }
    sections = repertoire.dances.compactMap { byDance[$0.dance] }.filter {
      $0.model.tally.count >= Self.leastTunes
        || written.isEmpty && $0.heldOut.tally.count >= Self.leastTunes
    }
  }

  // MARK: For people

  var text: String { sections.map(Self.text).joined(separator: "\n\n") }

  private static func text(_ section: Section) -> String {
    func cell(_ value: Double?, _ middle: ClosedRange<Double>?, _ measure: Measure) -> String {
      guard let value else { return "-" }
      guard measure.isCount else { return decimals(value, 3) }
      let range = middle.map { " [\(decimals($0.lowerBound, 1)) to \(decimals($0.upperBound, 1))]" }
      return decimals(value, 1) + (range ?? "")
    }
    let (held, own) = (section.heldOut.tally, section.model.tally)
    var rows = [
      [
        section.statistics.dance.name, "learnt from (\(section.statistics.tuneCount))",
        "held out (\(held.count))", "written (\(own.count))", "distance",
      ]
    ]
    for measure in Measure.allCases {
      let distance = section.distance(measure)
      rows.append([
        "\(measure.rawValue) \(measure.title)",
        cell(
          section.statistics.spreads[measure]?.mean, section.statistics.spreads[measure]?.middle,
          measure),
        cell(section.heldOut.mean(measure), section.heldOut.middle(measure), measure),
        cell(section.model.mean(measure), section.model.middle(measure), measure),
        distance.map { decimals($0, 3) + ($0 > near ? " *" : "  ") } ?? "-  ",
      ])
    }
    for gate in Gate.allCases {
      rows.append([
        "passes \(gate.rawValue)", "", held.count == 0 ? "-" : decimals(held.share(gate), 3),
        own.count == 0 ? "-" : decimals(own.share(gate), 3), "",
      ])
    }
    rows.append([
      "passes all nine", "", held.count == 0 ? "-" : decimals(held.shareOfAll, 3),
      own.count == 0 ? "-" : decimals(own.shareOfAll, 3), "",
    ])
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
    let distances = Measure.allCases.compactMap { section.distance($0) }
    if !distances.isEmpty {
      lines.append(
        "\(distances.count { $0 <= near }) of \(distances.count) measures within "
          + "\(decimals(near, 2)) (* is farther); mean distance "
          + decimals(distances.reduce(0, +) / Double(distances.count), 3))
    }
    return lines.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  // MARK: For programs

  /// An object with a member for each dance.
  var json: String {
    "{"
      + sections.map { section in
        let measures = Measure.allCases.map { measure in
          let values: [(String, Double?)] = [
            ("learnt", section.statistics.spreads[measure]?.mean),
            ("held_out", section.heldOut.mean(measure)), ("written", section.model.mean(measure)),
            ("distance", section.distance(measure)),
          ]
          let members = values.map { name, value in
            "\(jsonText(name)):\(value.map { decimals($0, 4) } ?? "null")"
          }
          return "\(jsonText(measure.rawValue)):{\(members.joined(separator: ","))}"
        }
        return "\(jsonText(section.statistics.dance.name)):{"
          + "\"tunes\":{\"learnt\":\(section.statistics.tuneCount),"
          + "\"held_out\":\(section.heldOut.tally.count),\"written\":\(section.model.tally.count)},"
          + "\"measures\":{\(measures.joined(separator: ","))},"
          + "\"gates\":{\"held_out\":\(Self.gates(section.heldOut.tally)),"
          + "\"written\":\(Self.gates(section.model.tally))}}"
      }.joined(separator: ",") + "}"
  }

  private static func gates(_ tally: GateTally) -> String {
    guard tally.count > 0 else { return "null" }
    let members = Gate.allCases.map { "\(jsonText($0.rawValue)):\(decimals(tally.share($0), 4))" }
    return "{" + (members + ["\"all\":\(decimals(tally.shareOfAll, 4))"]).joined(separator: ",")
      + "}"
  }
}

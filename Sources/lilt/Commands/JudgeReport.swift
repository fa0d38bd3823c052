import Analysis

/// What is said of one judged tune.
struct JudgeReport {
  let tune: JudgedTune
  let judgement: Judgement
  let repertoire: Repertoire?

  /// A line about the tune, and one with its marks, or one for each mark.
  func text(explains: Bool, isASCII: Bool) -> String {
    let title = tune.title.isEmpty ? "untitled" : tune.title
    var head =
      "\(tune.file)\(tune.number.map { ":\($0)" } ?? ""): \(title), "
      + "\(judgement.measures.melody.dance): \(judgement.passedCount) of \(Gate.allCases.count)"
    if let run = judgement.sharedRun, let repertoire {
      head += ", \(run.notes) notes as in \(repertoire.title(of: run.melody))"
    }
    guard explains else { return head + "\n" + judgement.marks(isASCII: isASCII) }
    let lines = Gate.allCases.map { gate in
      let padding = String(repeating: " ", count: 12 - gate.rawValue.count)
      return "  \(judgement[gate].mark(isASCII: isASCII)) \(gate.rawValue)\(padding)"
        + judgement.sentence(for: gate)
    }
    return ([head] + lines).joined(separator: "\n")
  }

  func json(explains: Bool) -> String {
    var members = ["\"v\":1", "\"file\":\(jsonText(tune.file))"]
    if let number = tune.number { members.append("\"number\":\(number)") }
    members += [
      "\"title\":\(jsonText(tune.title))",
      "\"dance\":\(jsonText(judgement.measures.melody.dance.name))",
      "\"compared_with\":\(judgement.statistics.map { jsonText($0.dance.name) } ?? "null")",
      "\"passed\":\(judgement.passedCount)", "\"all\":\(judgement.passesAll)",
      "\"typicality\":\(judgement.typicality.map { decimals($0, 4) } ?? "null")",
      "\"gates\":\(Self.object(Gate.allCases) { (jsonText($0.rawValue), jsonText(judgement[$0].rawValue)) })",
      "\"measures\":\(measures)", "\"shared_run\":\(sharedRun)",
    ]
    if explains {
      members.append(
        "\"sentences\":"
          + Self.object(Gate.allCases) {
            (jsonText($0.rawValue), jsonText(judgement.sentence(for: $0)))
          })
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private var measures: String {
    Self.object(Measure.allCases.filter { judgement.panel[$0] != nil }) {
      (jsonText($0.rawValue), decimals(judgement.panel[$0] ?? 0, 4))
    }
  }

  private var sharedRun: String {
    guard let run = judgement.sharedRun, let repertoire else { return "null" }
    return "{\"notes\":\(run.notes),\"tune\":\(jsonText(repertoire.title(of: run.melody)))}"
  }

  private static func object<Item>(_ items: [Item], _ member: (Item) -> (String, String)) -> String
  {
    "{" + items.map { member($0) }.map { "\($0):\($1)" }.joined(separator: ",") + "}"
  }
}

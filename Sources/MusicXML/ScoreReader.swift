import Music

/// Reads a document's score: who wrote it, and its parts.
struct ScoreReader {
  private(set) var score = ReadScore()

  init(_ root: XMLElement) throws(MusicXMLError) {
    guard root.name == "score-partwise" || root.name == "score-timewise" else {
      throw .noScore(root: root.name)
    }
    readHead(root)
    var measures: [String: [XMLElement]] = [:]
    var order: [String] = []
    func add(_ measure: XMLElement, to part: String) {
      if measures[part] == nil { order.append(part) }
      measures[part, default: []].append(measure)
    }
    if root.name == "score-partwise" {
      for part in root.all("part") {
        for measure in part.all("measure") { add(measure, to: part[attribute: "id"] ?? "") }
      }
    } else {
      for measure in root.all("measure") {
        for part in measure.all("part") {
          var turned = measure
          turned.children = part.children
          add(turned, to: part[attribute: "id"] ?? "")
        }
      }
    }
    guard !order.isEmpty else { throw .noParts }
    let list = root.first("part-list")?.all("score-part") ?? []
    // A part of a damaged file may come from anywhere; ABC has room for so many voices.
    for id in order where score.staves.count < 60 {
      let known = list.first { $0[attribute: "id"] == id }
      var reader = PartReader(known)
      for measure in measures[id] ?? [] { reader.read(measure) }
      score.staves += reader.finished()
      score.omissions.merge(reader.omissions, uniquingKeysWith: +)
    }
    evenLengths()
  }

  private mutating func readHead(_ root: XMLElement) {
    let work = root.first("work")
    for title in [work?.text("work-title"), root.text("movement-title")] {
      if let title, !title.isEmpty, !score.titles.contains(title) { score.titles.append(title) }
    }
    for credit in root.all("credit") where credit.text("credit-type") == "subtitle" {
      if let words = credit.text("credit-words"), !words.isEmpty { score.titles.append(words) }
    }
    score.number = work?.number("work-number") ?? 1
    let identification = root.first("identification")
    score.composer =
      (identification?.all("creator") ?? [])
      .filter { $0[attribute: "type"] == "composer" }.map(\.text).joined(separator: ", ")
    score.copyright = identification?.text("rights") ?? ""
    score.transcriptions = identification?.first("encoding")?.all("encoder").map(\.text) ?? []
    for field in identification?.first("miscellaneous")?.all("miscellaneous-field") ?? [] {
      switch field[attribute: "name"] {
      case "rhythm": score.rhythm = field.text
      case "parts": score.partOrder = field.text
      case "recipe": score.recipe.append(field.text)
      default: break
      }
    }
  }

  /// A measure is as long in each staff as in the longest with notes: some programs write a whole
  /// rest, or two of them, in the other staves, however short the measure is.
  private mutating func evenLengths() {
    let count = score.staves.map(\.measures.count).max() ?? 0
    for place in 0..<count {
      let staves = score.staves.indices.filter {
        score.staves[$0].measures.indices.contains(place)
      }
      let measures = staves.map { score.staves[$0].measures[place] }
      let length =
        measures.filter(\.hasNotes).map(\.length).max()
        ?? measures.map(\.length).filter { $0 > .zero }.min() ?? .zero
      for staff in staves { score.staves[staff].measures[place].end(at: length) }
    }
  }
}

import ABC
import Music

/// Writes a score that was read as ABC text: four bars to a line, the voices one below the other.
struct TuneText {
  private let score: ReadScore
  private let unit: Fraction
  private var voices: [VoiceText] = []

  init(_ score: ReadScore) {
    self.score = score
    unit = Self.unit(of: score)
    let lines = Self.lines(of: score)
    let first = score.staves.first?.measures.first
    let key = first?.key ?? ReadKey(fifths: 0, mode: "major")
    for (index, staff) in score.staves.enumerated() {
      voices.append(
        VoiceText(staff, unit: unit, lines: lines, key: key, meter: meter, leads: index == 0))
    }
  }

  private var meter: String { score.staves.first?.measures.first?.meter ?? "none" }

  /// The tempo at the very beginning.
  private var tempo: String? {
    for mark in score.staves.first?.measures.first?.marks ?? [] where mark.at == .zero {
      if case .tempo(let tempo) = mark.content { return tempo }
    }
    return nil
  }

  private var isSimple: Bool {
    score.staves.count == 1 && score.staves[0].name.isEmpty
      && ["", "treble"].contains(score.staves[0].clef)
  }

  var text: String {
    var lines = ["X:\(max(score.number, 1))"]
    for title in score.titles { lines.append("T:" + ABCText.plain(title)) }
    if score.titles.isEmpty { lines.append("T:") }
    if !score.composer.isEmpty { lines.append("C:" + ABCText.plain(score.composer)) }
    if !score.rhythm.isEmpty { lines.append("R:" + ABCText.plain(score.rhythm)) }
    for name in score.transcriptions { lines.append("Z:" + ABCText.plain(name)) }
    if !score.copyright.isEmpty {
      lines.append("%%abc-copyright " + ABCText.plain(score.copyright))
    }
    if !score.partOrder.isEmpty { lines.append("P:" + ABCText.plain(score.partOrder)) }
    lines.append("M:" + meter)
    lines.append("L:\(unit)")
    if let tempo { lines.append("Q:" + tempo) }
    let isSimple = isSimple
    if !isSimple {
      for (index, staff) in score.staves.enumerated() { lines.append(declaration(index, staff)) }
    }
    let key = score.staves.first?.measures.first?.key ?? ReadKey(fifths: 0, mode: "major")
    if isSimple, let program = score.staves[0].program { lines.append("%%MIDI program \(program)") }
    lines.append("K:" + key.name)
    if !isSimple {
      for (index, staff) in score.staves.enumerated() {
        if let program = staff.program { lines += ["V:\(index + 1)", "%%MIDI program \(program)"] }
      }
    }
    for line in 0..<(voices.map(\.lines.count).max() ?? 0) {
      for (index, voice) in voices.enumerated() where voice.lines.indices.contains(line) {
        lines.append((isSimple ? "" : "[V:\(index + 1)]") + voice.lines[line].music)
        lines += voice.lines[line].words
      }
    }
    lines += score.recipe.map { "% recipe: " + ABCText.plain($0) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func declaration(_ index: Int, _ staff: ReadStaff) -> String {
    var line = "V:\(index + 1)"
    if !staff.name.isEmpty {
      line += " name=\"\(ABCText.plain(staff.name).replacing("\"", with: "'"))\""
    }
    if staff.isDrums {
      line += " clef=perc"
    } else if !staff.clef.isEmpty {
      line += " clef=\(staff.clef)"
    }
    return line
  }

  /// The unit in which the lengths of the score are shortest to write.
  private static func unit(of score: ReadScore) -> Fraction {
    var counts: [Fraction: Int] = [:]
    for staff in score.staves {
      for note in staff.measures.lazy.flatMap(\.layers).flatMap(\.notes) {
        var length = note.length
        if let tuplet = note.tuplet { length = length * Fraction(tuplet.actual, tuplet.normal) }
        counts[length, default: 0] += 1
      }
    }
    func cost(_ unit: Fraction) -> Int {
      counts.reduce(0) { $0 + ABCText.length($1.key / unit).utf8.count * $1.value }
    }
    return [Fraction(1, 8), Fraction(1, 4), Fraction(1, 16)].min { cost($0) < cost($1) }
      ?? Fraction(1, 8)
  }

  /// The measures of each line, the same for all voices: as the file breaks them, or four.
  private static func lines(of score: ReadScore) -> [Range<Int>] {
    let count = score.staves.map(\.measures.count).max() ?? 0
    guard let measures = score.staves.first?.measures else { return [] }
    let isBroken = measures.dropFirst().contains(where: \.startsLine)
    var lines: [Range<Int>] = []
    var start = 0
    for place in 0..<count {
      let known = measures.indices.contains(place) ? measures[place] : ReadMeasure()
      let isStart =
        isBroken && place - start < 12 ? known.startsLine : place - start >= 4
      if place > start, isStart {
        lines.append(start..<place)
        start = place
      }
    }
    if count > start { lines.append(start..<count) }
    return lines
  }
}

extension ReadMeasure {
  /// What is in force from its beginning, where it says so.
  var key: ReadKey? {
    for mark in marks where mark.at == .zero {
      if case .key(let key) = mark.content { return key }
    }
    return nil
  }

  var meter: String? {
    for mark in marks where mark.at == .zero {
      if case .meter(let meter) = mark.content { return meter }
    }
    return nil
  }
}

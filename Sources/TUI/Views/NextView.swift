import Compose

extension Drawing {
  /// The likeliest next characters, with what they mean and how likely they are.
  mutating func drawNext(_ area: Area) {
    if let title = layout.nextTitle {
      let entropy = Double(session.nextEntropy).formatted(decimals: 1)
      let words = session.nextCharacters.isEmpty ? "next" : "next  H \(entropy) bit"
      rule(title, words, start: symbols.teeDown)
    }
    let shown = likely.prefix(area.height)
    for (row, (place, next)) in shown.enumerated() {
      drawNextRow(next, area, row: area.row + row, isChosen: place == session.chosenCharacter)
    }
    if shown.isEmpty, session.model == nil, area.height > 0 {
      surface.write(" no model loaded", row: area.row, column: area.column, palette[.dim])
    }
  }

  /// What may well come, with its place in the list: what rounds to no percent says nothing, unless it
  /// stands there, or the list is being walked.
  private var likely: [(offset: Int, element: NextCharacter)] {
    session.nextCharacters.enumerated().filter { place, next in
      next.probability >= 0.005 || next.character == session.standingCharacter
        || session.chosenCharacter != nil
    }
  }

  /// `>` marks the one chosen, `=` the one that stands at the cursor.
  private mutating func drawNextRow(
    _ next: NextCharacter, _ area: Area, row: Int, isChosen: Bool = false
  ) {
    if isChosen || next.character == session.standingCharacter {
      surface.write(
        isChosen ? ">" : "=", row: row, column: area.column, palette[.next].with(.bold))
    }
    let probability = Double(next.probability)
    let column = area.column
    let line = symbols == .unicode ? "¶" : "$"
    let shown = next.character == "\n" ? line : next.character == " " ? "_" : next.character
    // Notes, chords and lengths have names of their own.
    let isCharacter = (session.model?.writing ?? .characters) == .characters
    let barColumn = column + (isCharacter ? 10 : 15)
    surface.write(
      shown, row: row, column: column + 1, palette[.next].with(.bold),
      end: isCharacter ? column + 3 : barColumn)
    if isCharacter {
      surface.write(
        meaning(of: next.character), row: row, column: column + 3, palette[.dim], end: column + 9)
    }
    // Half of all fills the bar: more is rare.
    var width = area.end - 5 - barColumn
    if let source = words(next.source) {
      // Where it comes from says more than how long its bar is.
      let room = width >= 2 * source.count ? source.count : width
      // A hundred percent need the whole of their column.
      surface.write(
        source, row: row, column: area.end - 6 - room, palette[.dim], end: area.end - 6)
      width -= room + 2
    }
    if width > 0 {
      let share = min(max(probability, 0), 0.5) * 2
      let eighths = min(Int(share * Double(width + 1) * 8), width * 8)
      surface.write(
        symbols.bar(eighths: eighths), row: row, column: barColumn, palette[.nextBar],
        end: barColumn + width)
    }
    let percent = "\(Int((min(max(probability, 0), 1) * 100).rounded()))%"
    surface.write(
      padded(left: percent, 4), row: row, column: area.end - 5, palette[.next], end: area.end)
  }

  /// `← bar 5`, or the tunes that are lent.
  private func words(_ source: NextCharacter.Source?) -> String? {
    switch source {
    case .bar(let number): return "\(symbols.source) bar \(number)"
    case .book: return "\(symbols.source) lent"
    case nil: return nil
    }
  }

  /// What a character of ABC would do here: `D5`, `bar 8`, `x2`.
  func meaning(of character: String) -> String {
    if let key = key(of: character) {
      return RollGeometry.name(of: key, usesFlats: nextFifths < 0)
    }
    switch character {
    case "|": return "bar \(session.score.growingBar(atByte: session.nextPlace))"
    case "\n": return "line"
    case " ": return "beam"
    case "/": return "half"
    case "^": return "sharp"
    case "_": return "flat"
    case "=": return "nat."
    case "'": return "up 8"
    case ",": return "down 8"
    case ">", "<": return "dotted"
    case "z", "x": return "rest"
    case ":": return "repeat"
    case "(": return "slur"
    case "-": return "tie"
    case "[", "]": return "chord"
    case "{", "}": return "grace"
    case "~": return "roll"
    default: return character.first?.isNumber == true ? "x\(character)" : ""
    }
  }

  /// Sharps, or as a negative number flats, of the key in force where the next character goes.
  private var nextFifths: Int {
    let keys = session.score.performance.keys
    guard keys.count > 1 else { return keys.first?.fifths ?? 0 }
    let tick = session.score.tick(atByte: session.nextPlace)
    return (keys.last { $0.at <= tick } ?? keys[0]).fifths
  }

  /// The MIDI key of a note letter in the key in force there.
  private func key(of character: String) -> Int? {
    let scale = [9, 11, 0, 2, 4, 5, 7]
    guard character.utf8.count == 1, let byte = character.utf8.first else { return nil }
    let base: Int
    switch byte {
    case 65...71: base = 60 + scale[Int(byte) - 65]
    case 97...103: base = 72 + scale[Int(byte) - 97]
    default: return nil
    }
    // Sharps come in the order F C G D A E B, flats the other way round.
    let order = [5, 0, 7, 2, 9, 4, 11]
    let fifths = nextFifths
    let position = order.firstIndex(of: base % 12) ?? 0
    if fifths > position { return base + 1 }
    if -fifths > 6 - position { return base - 1 }
    return base
  }

  /// How likely each key is to sound next, over all that is known of the next character.
  func nextNoteHeat() -> [Int: Double] {
    var heat: [Int: Double] = [:]
    for next in session.nextCharacters {
      guard let key = key(of: next.character) else { continue }
      heat[key, default: 0] += Double(next.probability)
    }
    return heat
  }

  /// On the widest screens: next characters, next notes, the sampler and the history.
  mutating func drawSide(_ area: Area) {
    for row in area.rows {
      surface.set(symbols.vertical, row: row, column: area.column - 1, palette[.border])
    }
    var row = area.row
    func heading(_ drawing: inout Drawing, _ name: String) -> Bool {
      guard row < area.rows.upperBound - 1 else { return false }
      drawing.rule(Area(row: row, column: area.column, width: area.width, height: 1), name)
      row += 1
      return true
    }
    let entropy = Double(session.nextEntropy).formatted(decimals: 1)
    let name = (session.model?.writing ?? .characters) == .characters ? "next character" : "next"
    if heading(&self, "\(name)   H \(entropy) bit") {
      for (place, next) in likely.prefix(9) where row < area.rows.upperBound {
        drawNextRow(next, area, row: row, isChosen: place == session.chosenCharacter)
        row += 1
      }
    }
    // By pitch where two are as likely, so that rows keep their places.
    let notes = nextNoteHeat().filter { $0.value >= 0.005 }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
    if !notes.isEmpty, heading(&self, "next note") {
      for (key, probability) in notes where row < area.rows.upperBound {
        let name = RollGeometry.name(of: key, usesFlats: nextFifths < 0)
        surface.write(" " + name, row: row, column: area.column, palette[.next])
        let width = area.width - 14
        let eighths = min(Int(min(max(probability, 0), 1) * 2 * Double(width * 8)), width * 8)
        surface.write(
          symbols.bar(eighths: eighths), row: row, column: area.column + 10, palette[.nextBar],
          end: area.column + 10 + width)
        surface.write(
          padded(left: "\(Int((probability * 100).rounded()))%", 4), row: row,
          column: area.end - 5, palette[.next])
        row += 1
      }
    }
    if heading(&self, "sampler") {
      for line in samplerLines where row < area.rows.upperBound {
        surface.write(" " + line, row: row, column: area.column, palette[.text], end: area.end)
        row += 1
      }
    }
    if heading(&self, "history") {
      for line in historyLines(area.rows.upperBound - row) where row < area.rows.upperBound {
        let isHere = line.hasPrefix(">")
        surface.write(
          line, row: row, column: area.column, palette[isHere ? .takeCurrent : .take],
          end: area.end)
        row += 1
      }
    }
  }

  private var samplerLines: [String] {
    let sampling = session.sampling
    func show(_ focus: Sampling.Focus) -> String {
      sampling.temperature(of: focus).formatted(decimals: 2)
    }
    let isTimed = session.model?.writing == .timedNotes
    let names = isTimed ? ("pitch", "step", "length") : ("melody", "rhythm", "form")
    return [
      "T all \(show(.all))   \(names.0) \(show(.melody))   \(names.1) \(show(.rhythm))   "
        + "\(names.2) \(show(.form))",
      (SamplingValue.all.filter { $0.group == .drawing && !$0.name.hasSuffix("temperature") }.map {
        "\($0.name) \($0.text(sampling))"
      } + ["rng \(session.rng)"]).joined(separator: "   "),
      "pace \(sampling.pace)   ahead \(sampling.ahead)   "
        + "phrase \(sampling.phrase) bar\(sampling.phrase == 1 ? "" : "s")",
      "stops at: \(sampling.stop.rawValue)",
    ]
  }

  /// The versions that lead here, and those that undo and redo would show.
  func historyLines(_ count: Int) -> [String] {
    let history = session.history
    var path: [History.Identifier] = []
    var version: History.Identifier? = history.currentIdentifier
    while let identifier = version {
      path.append(identifier)
      version = history.versions[identifier].parent
    }
    return path.reversed().suffix(max(count, 0)).map { identifier in
      let version = history.versions[identifier]
      let mark = identifier == history.currentIdentifier ? "> " : "  "
      let children = history.versions.filter { $0.parent == identifier }.count
      let branches = children > 1 ? "   \(children) branches" : ""
      return mark + Drawing.words(version) + branches
    }
  }

  /// The versions under the takes.
  mutating func drawHistoryPane(_ area: Area) {
    drawFrame(area, "history")
    for (place, line) in historyLines(area.height).enumerated() {
      surface.write(
        line, row: area.row + place, column: area.column,
        palette[line.hasPrefix(">") ? .takeCurrent : .take], end: area.end)
    }
  }

  /// The music in the other way beside the main view: as a staff, or as a roll where that is a staff.
  mutating func drawSecondView(_ area: Area, isFramed: Bool = true) {
    let asStaff = !session.view.showsStaff
    let geometry = RollGeometry(
      session, area, isTall: false, symbols: symbols, playhead: context.playhead,
      asStaff: asStaff)
    let bars = [geometry.bars.first, geometry.bars.last].compactMap { $0?.number }
    let name = asStaff ? "staff" : "roll"
    let title = bars.count == 2 ? "\(name)   bars \(bars[0])-\(bars[1])" : name
    if isFramed {
      drawFrame(area, title)
    } else {
      rule(Area(row: area.row - 1, column: area.column, width: area.width, height: 1), title)
    }
    if asStaff {
      drawStaff(geometry)
    } else {
      drawRows(geometry)
      drawNotes(geometry)
    }
  }

  /// The rule above a pane of the right column, and the line beside it.
  private mutating func drawFrame(_ area: Area, _ name: String) {
    for row in area.rows {
      surface.fill(row: row, columns: area.columns, palette[.background])
      surface.set(symbols.vertical, row: row, column: area.column - 1, palette[.border])
    }
    rule(
      Area(row: area.row - 1, column: area.column - 1, width: area.width + 1, height: 1), name,
      start: symbols.teeRight)
  }

  private static func words(_ version: History.Version) -> String {
    switch version.kind {
    case .start: "start"
    case .generated: "model wrote \(version.generatedCount) characters   rng \(version.rng)"
    case .hand: "edited by hand"
    case .barBack: "bar back"
    case .header: "header"
    case .paste: "pasted"
    case .file: "from a file"
    case .tempo: "tempo"
    default: version.kind.rawValue
    }
  }
}

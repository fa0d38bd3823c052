import ABC

/// Changing the text by hand: INSERT, deleting, bars copied and pasted, the header.
extension Session {
  /// Opens INSERT at the cursor. The model pauses: typing is never refused.
  mutating func startInsert() -> [Effect] {
    let effects = pause()
    screen.enter(.insert)
    draft.closeEdit()
    places.deselect()
    if text.isEmpty { notice("type ABC: a header, or just notes; Esc ends") }
    return effects
  }

  /// Leaves INSERT. The model will go on from the cursor where the text was changed.
  mutating func endInsert() -> [Effect] {
    screen.enter(.normal)
    guard draft.isEditOpen else { return [] }
    draft.closeEdit()
    completeHeader()
    places.moveHead(to: cursor)
    settle()
    if let warning = parsed.diagnostics.first(where: { $0.severity == .error }) {
      notice("\(warning.line):\(warning.column): \(warning.sentence)")
    } else if head < draft.count {
      notice("Enter goes on from here (G puts the model back at the end)")
    }
    return playbackUpdate() + requestNextCharacters()
  }

  /// Bare notes get the header that makes them a tune: what they were read with, written out.
  private mutating func completeHeader() {
    guard parsed.body.lowerBound == 0, text.contains(where: { "abcdefgABCDEFG".contains($0) }),
      !text.split(separator: "\n").contains(where: { $0.hasPrefix("K:") })
    else { return }
    let fields = Session.fieldLetters(in: text)
    var lines = ""
    if !fields.contains("X") { lines += "X:1\n" }
    if !fields.contains("T") { lines += "T:\(draftTitle)\n" }
    // Fields that were typed come first, and then the ones that are missing.
    var split = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard Session.fieldLetters(in: String(line)).isEmpty == false else { break }
      split += line.utf8.count + 1
    }
    split = min(split, text.utf8.count)
    var rest = ""
    if !fields.contains("M") { rest += "M:4/4\n" }
    if !fields.contains("L") { rest += "L:1/8\n" }
    rest += "K:C\n"
    make(Edit(split..<split, rest), origin: .hand)
    if !lines.isEmpty { make(Edit(0..<0, lines), origin: .hand) }
    notice("a header was added (I changes it)")
  }

  static func fieldLetters(in text: String) -> [Character] {
    text.split(separator: "\n").compactMap { line in
      let bytes = Array(line.utf8.prefix(2))
      guard bytes.count == 2, bytes[1] == UInt8(ascii: ":") else { return nil }
      let letter = Character(UnicodeScalar(bytes[0]))
      return letter.isLetter && letter.isASCII ? letter : nil
    }
  }

  /// Writes at the cursor.
  mutating func insertText(_ typed: String, origin: Origin) {
    let cleaned = Session.cleaned(typed)
    let place = cleaned.hasPrefix("\n") ? cursor : placeBehindVoiceTag(cursor)
    if place != cursor { places.moveCursor(to: place) }
    let edit = Edit(place..<place, cleaned)
    guard isFree(edit) else { return }
    draft.openEdit()
    make(edit, origin: origin)
  }

  mutating func editInsert(_ key: EditKey) -> [Effect] {
    if writer.choice != nil, key == .enter { return takeChosen() }
    writer.choose(nil)
    switch key {
    case .enter: insertText("\n", origin: .hand)
    case .tab: insertText(" ", origin: .hand)
    case .escape: return endInsert()
    case .backspace:
      guard cursor > 0 else { return [] }
      removeBytes(text.byteBefore(cursor)..<cursor)
    case .delete:
      guard cursor < draft.count else { return [] }
      removeBytes(cursor..<text.byteAfter(cursor))
    case .wordBack:
      // Back to the bar line.
      var start = text.byteBefore(cursor)
      while start > 0 {
        let before = text.text(atBytes: text.byteBefore(start)..<start)
        if before == "|" || before == "\n" { break }
        start = text.byteBefore(start)
      }
      removeBytes(start..<cursor)
    case .clear: removeBytes(lineStart(of: cursor)..<cursor)
    case .left: moveCursor(to: text.byteBefore(cursor))
    case .right: moveCursor(to: text.byteAfter(cursor))
    case .up: moveByLine(-1)
    case .down: moveByLine(1)
    case .pageUp: moveByLine(-5)
    case .pageDown: moveByLine(5)
    case .home: moveCursor(to: lineStart(of: cursor))
    case .end: moveCursor(to: lineEnd(of: cursor))
    case .backTab: break
    }
    return playbackUpdate()
  }

  private mutating func removeBytes(_ range: Range<Int>) {
    guard !range.isEmpty, isFree(Edit(range, "")) else { return }
    draft.openEdit()
    make(Edit(range, ""), origin: .hand)
    places.moveCursor(to: range.lowerBound)
  }

  /// `1 bar`, `8 bars`.
  static func bars(_ count: Int) -> String { count == 1 ? "1 bar" : "\(count) bars" }

  /// Pasted text: into INSERT as it is; elsewhere a whole tune takes the place of the draft's, as
  /// one step, and bars go in at the cursor.
  mutating func paste(_ pasted: String) -> [Effect] {
    let cleaned = Session.cleaned(pasted)
    guard !cleaned.isEmpty else { return [] }
    switch mode {
    case .insert:
      insertText(cleaned, origin: .paste)
      return playbackUpdate()
    case .normal, .select, .messages, .critique:
      break
    default:
      return type(cleaned)
    }
    var effects = pause()
    let isTune = cleaned.split(separator: "\n").contains { $0.hasPrefix("K:") }
    if isTune {
      guard let replaced = replaceText(with: cleaned, kind: .paste, origin: .paste) else {
        return effects
      }
      effects += replaced
      places.moveCursor(to: parsed.body.lowerBound)
      places.moveHead(to: draft.count)
      notice("pasted a tune of \(Session.bars(score.completeBars)) (u takes it back)")
      return effects
    }
    let place = text.isEmpty ? 0 : placeBehindVoiceTag(max(cursor, parsed.body.lowerBound))
    let bars = score.completeBars
    guard change([Edit(place..<place, cleaned)], .paste, origin: .paste) else { return effects }
    places.moveCursor(to: place + cleaned.utf8.count)
    completeHeader()
    places.moveHead(to: cursor)
    settle()
    let added = max(score.completeBars - bars, 0)
    notice("pasted \(Session.bars(added)) (u takes \(added == 1 ? "it" : "them") back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }

  /// Deletes the selected bars, the note at the cursor, or a character that is no note.
  mutating func deleteAtCursor(_ count: Int) -> [Effect] {
    if selection != nil { return cut("") }
    guard cursor < draft.count else { return [] }
    var effects = pause()
    draft.closeEdit()
    for _ in 0..<min(max(count, 1), 64) where cursor < draft.count {
      let range: Range<Int>
      if let note = parsed.notes.first(where: { $0.range.contains(cursor) }) {
        range = note.range
      } else {
        range = cursor..<text.byteAfter(cursor)
      }
      guard isFree(Edit(range, "")) else { break }
      draft.openEdit()
      make(Edit(range, ""), origin: .hand)
      places.moveCursor(to: range.lowerBound)
    }
    draft.closeEdit()
    settle()
    effects += playbackUpdate() + requestNextCharacters()
    return effects
  }

  /// The bytes that `copy`, `cut` and `export` mean: the selection, or the cursor's bar.
  var selectedBytes: Range<Int>? {
    if let selection { return score.bytes(ofBars: selection) }
    guard let bar = score.bar(atByte: cursor) else { return nil }
    return parsed.bars[bar].range
  }

  /// Sets or adds one header field; the `K:` line stays the last.
  mutating func setHeaderField(_ letter: Character, to value: String, kind: History.Version.Kind) {
    let header = text.text(atBytes: 0..<max(parsed.body.lowerBound, 0))
    guard header.split(separator: "\n").contains(where: { $0.hasPrefix("K:") }) else { return }
    // Steps of one kind in a row are one undo step.
    let isSameStep = history.current.kind == kind && kind == .tempo && !history.canRedo
    if !isSameStep {
      draft.closeEdit()
      draft.begin(kind)
    }
    var offset = 0
    for line in header.split(separator: "\n", omittingEmptySubsequences: false) {
      let length = line.utf8.count
      if line.hasPrefix("\(letter):") {
        make(Edit(offset..<offset + length, "\(letter):\(value)"), origin: .hand)
        return
      }
      if line.hasPrefix("K:") {
        make(Edit(offset..<offset, "\(letter):\(value)\n"), origin: .hand)
        return
      }
      offset += length + 1
    }
  }

  // MARK: - The header form

  mutating func openHeader() -> [Effect] {
    let effects = pause()
    draft.closeEdit()
    let place = sectionPlace
    func line(_ letter: Character) -> String {
      if let place, Session.sectionFields.contains(letter),
        let value = value(of: letter, at: place)
      {
        return value
      }
      let header =
        parsed.body.lowerBound > 0 ? text.text(atBytes: 0..<parsed.body.lowerBound) : text
      for line in header.split(separator: "\n") where line.hasPrefix("\(letter):") {
        return String(line.dropFirst(2)).trimmingSpaces()
      }
      return ""
    }
    func field(_ letter: Character, _ name: String, _ known: [String] = [], _ value: String = "")
      -> HeaderForm.Field
    {
      let written = line(letter)
      return HeaderForm.Field(
        letter: letter, name: name, value: LineEditor(written.isEmpty ? value : written),
        known: known)
    }
    var form = HeaderForm(
      fields: [
        field("T", "title", [], draftTitle),
        field("R", "rhythm", Session.knownRhythms),
        field("M", "meter", ["4/4", "6/8", "2/4", "3/4", "9/8", "3/8", "C", "C|", "12/8"]),
        field("L", "unit length", ["1/8", "1/4", "1/16"]),
        field("Q", "tempo", ["1/4=120", "3/8=120", "1/2=100"]),
        field("K", "key", Session.knownKeys),
      ])
    form.fromBar = place?.bar
    screen.enter(.header(form))
    return effects
  }

  static let knownRhythms = [
    "reel", "jig", "hornpipe", "slip jig", "polka", "waltz", "march", "strathspey", "air", "slide",
  ]
  static let knownKeys = [
    "D", "G", "A", "C", "F", "Em", "Am", "Bm", "Dm", "Gm", "Ador", "Edor", "Ddor", "Dmix", "Amix",
    "Gmix", "Bb", "E",
  ]

  /// Writes the form's fields in the standard's order. Lines that the form does not show stay.
  mutating func applyHeader(_ form: HeaderForm) -> [Effect] {
    screen.enter(.normal)
    let header =
      parsed.body.lowerBound > 0 ? text.text(atBytes: 0..<parsed.body.lowerBound) : ""
    let body = text.text(atBytes: parsed.body.lowerBound..<draft.count)
    var values: [Character: String] = [:]
    for field in form.fields { values[field.letter] = field.value.text.trimmingSpaces() }
    if let effects = applySection(&values, header) { return effects }
    var kept: [String] = []
    var number = "1"
    for line in header.split(separator: "\n") {
      if line.hasPrefix("X:") {
        number = String(line.dropFirst(2)).trimmingSpaces()
      } else if let letter = Session.fieldLetters(in: String(line)).first,
        values[letter] != nil, !(letter == "T" && kept.contains { $0.hasPrefix("T:") })
      {
        if letter == "T" { kept.append("T:\(values["T"] ?? "")") }
      } else {
        kept.append(String(line))
      }
    }
    var lines = ["X:\(number)"]
    if !kept.contains(where: { $0.hasPrefix("T:") }), let title = values["T"], !title.isEmpty {
      lines.append("T:\(title)")
    }
    lines += kept
    for letter in ["R", "M", "L", "Q"] as [Character] {
      if let value = values[letter], !value.isEmpty { lines.append("\(letter):\(value)") }
    }
    let key = values["K"] ?? ""
    // Without a key the model writes the rest of the header itself.
    if !key.isEmpty || !body.isEmpty { lines.append("K:\(key.isEmpty ? "C" : key)") }
    if let title = values["T"], !title.isEmpty { draft.adopt(title: title) }
    let fitted = fittingBars
    let wasBeforeBody = cursor <= parsed.body.lowerBound
    guard
      let effects = replaceText(
        with: lines.joined(separator: "\n") + "\n" + body, kind: .header, origin: .hand)
    else { return [] }
    if wasBeforeBody { places.moveCursor(to: parsed.body.lowerBound) }
    places.moveHead(to: draft.count)
    let uneven = barsThatNoLongerFit(fitted)
    if !uneven.isEmpty {
      let isOne = uneven.count == 1
      notice(
        "\(isOne ? "bar" : "bars") \(Session.runs(of: uneven)) no longer "
          + "\(isOne ? "adds" : "add") up in \(parsed.header.meter): "
          + "u takes the header back, g w goes to the first")
    } else {
      notice("the header is changed (u takes it back)")
    }
    return effects
  }

  /// Takes what changes from a bar on out of a form's values and begins a section with it; the header
  /// keeps what it says of these.
  ///
  /// - Returns: `nil` where something else is changed, too, or nothing of the kind.
  private mutating func applySection(
    _ values: inout [Character: String], _ header: String
  ) -> [Effect]? {
    guard let place = sectionPlace else { return nil }
    var written: [Character: String] = [:]
    for line in header.split(separator: "\n") {
      guard let letter = Session.fieldLetters(in: String(line)).first, written[letter] == nil
      else { continue }
      written[letter] = String(line.dropFirst(2)).trimmingSpaces()
    }
    var changed: [Character: String] = [:]
    for letter in Session.sectionFields {
      let present = value(of: letter, at: place) ?? written[letter] ?? ""
      if let value = values[letter], value != present, !value.isEmpty { changed[letter] = value }
      values[letter] = written[letter] ?? ""
    }
    guard !changed.isEmpty else { return nil }
    let words = changed.map { "\($0):\($1)" }.joined(separator: " ")
    let others = values.contains { letter, value in
      !Session.sectionFields.contains(letter) && value != (written[letter] ?? "")
        && !(letter == "T" && written["T"] == nil && value == draftTitle)
    }
    let effects = beginSection(words)
    return others ? nil : effects
  }
}

import ABC

/// Changing the text by hand: INSERT, deleting, bars copied and pasted, the header.
extension Session {
  /// Opens INSERT at the cursor. The model pauses: typing is never refused.
  mutating func startInsert() -> [Effect] {
    let effects = pause()
    mode = .insert
    isEditOpen = false
    (selectionStart, selectionEnd) = (nil, nil)
    if text.isEmpty { notice("type ABC: a header, or just notes; Esc ends") }
    return effects
  }

  /// One visit to INSERT is one undo step: the first change begins a version.
  private mutating func openEdit() {
    guard !isEditOpen else { return }
    begin(.hand)
    isEditOpen = true
  }

  mutating func closeEdit() { isEditOpen = false }

  /// Leaves INSERT. The model will go on from the cursor where the text was changed.
  mutating func endInsert() -> [Effect] {
    mode = .normal
    guard isEditOpen else { return [] }
    closeEdit()
    completeHeader()
    head = cursor
    settle()
    if let warning = parsed.diagnostics.first(where: { $0.severity == .error }) {
      notice("\(warning.line):\(warning.column): \(warning.sentence)")
    } else if head < history.current.byteCount {
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
    replaceBytes(split..<split, with: rest, origin: .hand)
    if cursor >= split { cursor += rest.utf8.count }
    if !lines.isEmpty {
      replaceBytes(0..<0, with: lines, origin: .hand)
      cursor += lines.utf8.count
    }
    cursor = min(cursor, history.current.byteCount)
    textChanged()
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
    openEdit()
    let cleaned = Session.cleaned(typed)
    let place = cursor
    replaceBytes(place..<place, with: cleaned, origin: origin)
    cursor = place + cleaned.utf8.count
    textChanged()
  }

  mutating func editInsert(_ key: EditKey) -> [Effect] {
    switch key {
    case .enter: insertText("\n", origin: .hand)
    case .tab: insertText(" ", origin: .hand)
    case .escape: return endInsert()
    case .backspace:
      guard cursor > 0 else { return [] }
      removeBytes(text.byteBefore(cursor)..<cursor)
    case .delete:
      guard cursor < history.current.byteCount else { return [] }
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
    guard !range.isEmpty else { return }
    openEdit()
    replaceBytes(range, with: "", origin: .hand)
    cursor = min(range.lowerBound, history.current.byteCount)
    textChanged()
  }

  /// Pasted text: into INSERT as it is; elsewhere a whole tune takes the place of the draft's, as
  /// one step, and bars go in at the cursor.
  mutating func paste(_ pasted: String) -> [Effect] {
    let cleaned = Session.cleaned(pasted)
    guard !cleaned.isEmpty else { return [] }
    switch mode {
    case .insert:
      insertText(cleaned, origin: .paste)
      return playbackUpdate()
    case .normal, .select, .messages:
      break
    default:
      return type(cleaned)
    }
    var effects = pause()
    let isTune = cleaned.split(separator: "\n").contains { $0.hasPrefix("K:") }
    if isTune {
      effects += replaceText(with: cleaned, kind: .paste, origin: .paste)
      cursor = parsed.body.lowerBound
      head = history.current.byteCount
      notice("pasted a tune of \(score.completeBars) bars (u takes it back)")
      return effects
    }
    closeEdit()
    begin(.paste)
    isEditOpen = true
    let place = text.isEmpty ? 0 : max(cursor, parsed.body.lowerBound)
    let bars = score.completeBars
    replaceBytes(place..<place, with: cleaned, origin: .paste)
    cursor = place + cleaned.utf8.count
    textChanged()
    completeHeader()
    isEditOpen = false
    head = cursor
    settle()
    notice("pasted \(max(score.completeBars - bars, 0)) bars (u takes them back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }

  /// Deletes the selected bars, the note at the cursor, or a character that is no note.
  mutating func deleteAtCursor(_ count: Int) -> [Effect] {
    if selection != nil { return cut() }
    guard cursor < history.current.byteCount else { return [] }
    var effects = pause()
    closeEdit()
    begin(.hand)
    for _ in 0..<min(max(count, 1), 64) where cursor < history.current.byteCount {
      let range: Range<Int>
      if let note = parsed.notes.first(where: { $0.range.contains(cursor) }) {
        range = note.range
      } else {
        range = cursor..<text.byteAfter(cursor)
      }
      replaceBytes(range, with: "", origin: .hand)
      cursor = min(range.lowerBound, history.current.byteCount)
      textChanged()
    }
    head = min(head, history.current.byteCount)
    settle()
    effects += playbackUpdate()
    return effects
  }

  /// The bytes that `copy`, `cut` and `export` mean: the selection, or the cursor's bar.
  var selectedBytes: Range<Int>? {
    if let selection { return score.bytes(ofBars: selection) }
    guard let bar = score.bar(atByte: cursor) else { return nil }
    return parsed.bars[bar].range
  }

  mutating func copy() {
    guard let bytes = selectedBytes, !bytes.isEmpty else {
      notice("no bar here to copy")
      return
    }
    clipboard = text.text(atBytes: bytes)
    let bars = selection.map(barNames) ?? "this bar"
    endSelection()
    notice("copied \(bars) (p pastes)")
  }

  mutating func cut() -> [Effect] {
    guard let bytes = selectedBytes, !bytes.isEmpty else {
      notice("no bar here to cut")
      return []
    }
    let effects = pause()
    closeEdit()
    clipboard = text.text(atBytes: bytes)
    endSelection()
    begin(.hand)
    replaceBytes(bytes, with: "", origin: .hand)
    cursor = min(bytes.lowerBound, history.current.byteCount)
    head = history.current.byteCount
    textChanged()
    settle()
    notice("cut (p pastes, u takes it back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }

  mutating func pasteClipboard() -> [Effect] {
    guard !clipboard.isEmpty else {
      notice("nothing copied yet (v selects, y copies)")
      return []
    }
    let effects = pause()
    closeEdit()
    begin(.paste)
    let place =
      score.bar(atByte: cursor).map { parsed.bars[$0].range.upperBound }
      ?? history.current.byteCount
    replaceBytes(place..<place, with: clipboard, origin: .paste)
    cursor = place
    head = history.current.byteCount
    textChanged()
    settle()
    return effects + playbackUpdate() + requestNextCharacters()
  }

  /// Sets or adds one header field; the `K:` line stays the last.
  mutating func setHeaderField(_ letter: Character, to value: String, kind: History.Version.Kind) {
    let header = text.text(atBytes: 0..<max(parsed.body.lowerBound, 0))
    guard header.split(separator: "\n").contains(where: { $0.hasPrefix("K:") }) else { return }
    // Steps of one kind in a row are one undo step.
    let isSameStep = history.current.kind == kind && kind == .tempo && !history.canRedo
    if !isSameStep {
      closeEdit()
      begin(kind)
    }
    var offset = 0
    for line in header.split(separator: "\n", omittingEmptySubsequences: false) {
      let length = line.utf8.count
      if line.hasPrefix("\(letter):") {
        replaceBytes(offset..<offset + length, with: "\(letter):\(value)", origin: .hand)
        textChanged()
        return
      }
      if line.hasPrefix("K:") {
        replaceBytes(offset..<offset, with: "\(letter):\(value)\n", origin: .hand)
        textChanged()
        return
      }
      offset += length + 1
    }
  }

  // MARK: - The header form

  mutating func openHeader() -> [Effect] {
    let effects = pause()
    closeEdit()
    func line(_ letter: Character) -> String {
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
    mode = .header(
      HeaderForm(fields: [
        field("T", "title", [], draftTitle),
        field("R", "rhythm", Session.knownRhythms),
        field("M", "meter", ["4/4", "6/8", "2/4", "3/4", "9/8", "3/8", "C", "C|", "12/8"]),
        field("L", "unit length", ["1/8", "1/4", "1/16"]),
        field("Q", "tempo", ["1/4=120", "3/8=120", "1/2=100"]),
        field("K", "key", Session.knownKeys),
      ]))
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
    mode = .normal
    let header =
      parsed.body.lowerBound > 0 ? text.text(atBytes: 0..<parsed.body.lowerBound) : ""
    let body = text.text(atBytes: parsed.body.lowerBound..<history.current.byteCount)
    var values: [Character: String] = [:]
    for field in form.fields { values[field.letter] = field.value.text.trimmingSpaces() }
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
    if let title = values["T"], !title.isEmpty { draftTitle = title }
    let wasBeforeBody = cursor <= parsed.body.lowerBound
    let effects = replaceText(
      with: lines.joined(separator: "\n") + "\n" + body, kind: .header, origin: .hand)
    cursor = wasBeforeBody ? parsed.body.lowerBound : cursor
    head = history.current.byteCount
    return effects
  }
}

import ABC

/// Key, meter, unit length and tempo changed where there is music already: a new section begins with
/// a line of its own, and what is written before it stays as it is.
extension Session {
  /// Where a section may begin: a bar line of the cursor's voice.
  struct SectionPlace {
    var byte: Int
    /// The number of its first bar.
    var bar: Int
    var voice: Int
  }

  /// Fields that a section may begin with, in the order in which they are written.
  static let sectionFields: [Character] = ["M", "L", "Q", "K"]

  /// The cursor's bar, or the place after the last bar where the cursor is at the end; `nil` where
  /// no bar stands before it: then the header says how the tune begins.
  var sectionPlace: SectionPlace? {
    let voice = cursorVoice
    let own = parsed.bars.indices.filter {
      parsed.bars[$0].voice == voice && parsed.bars[$0].length > .zero
    }
    guard let first = own.first else { return nil }
    let isAtEnd =
      cursor >= draft.count || cursor >= parsed.bars[own[own.count - 1]].range.upperBound
    if !isAtEnd {
      guard let bar = own.last(where: { parsed.bars[$0].range.lowerBound <= cursor }),
        bar > first, parsed.bars[bar].number > 1
      else { return nil }
      return SectionPlace(
        byte: start(ofBar: bar), bar: parsed.bars[bar].number, voice: voice)
    }
    guard let last = own.last, parsed.bars[last].isClosed else { return nil }
    return SectionPlace(
      byte: parsed.bars[last].range.upperBound, bar: parsed.bars[last].number + 1, voice: voice)
  }

  /// `section K:G M:6/8`.
  mutating func beginSection(_ argument: String) -> [Effect] {
    guard !argument.isEmpty else { return ask("section (such as K:G M:6/8)", .section) }
    var fields: [Character: String] = [:]
    for word in argument.split(separator: " ") {
      if word.dropFirst().first == ":", let letter = word.first {
        guard Session.sectionFields.contains(letter) else {
          complain("'\(letter):' begins no section: write M:, L:, Q: or K:")
          return []
        }
        fields[letter] = String(word.dropFirst(2))
      } else if let last = Session.lastField(in: argument, before: word) {
        fields[last, default: ""] += (fields[last]?.isEmpty == false ? " " : "") + word
      } else {
        complain("'\(word)' is no field: write M:6/8, L:1/16, Q:1/4=100 or K:G")
        return []
      }
    }
    for (letter, value) in fields {
      if let fault = Session.fault(of: value, in: letter) {
        complain("\(letter):\(value): \(fault)")
        return []
      }
    }
    if let last = parsed.bars.last(where: { $0.voice == cursorVoice }), !last.isClosed,
      last.length > .zero, cursor >= last.range.lowerBound
    {
      complain("bar \(max(last.number, 1)) is not finished: a section begins at a bar line")
      return []
    }
    let fitting = fittingBars
    guard let place = sectionPlace else {
      var trial = self
      trial.setHeaderFields(fields)
      guard keepsLockedSound(trial.parsed) else { return [] }
      let effects = pause()
      setHeaderFields(fields)
      settle()
      let remark = fittingRemark(fitting)
      notice("\(Session.words(fields)) from the first bar on\(remark) (u takes it back)")
      return effects + playbackUpdate() + requestNextCharacters()
    }
    return beginSection(fields, at: place)
  }

  private mutating func setHeaderFields(_ fields: [Character: String]) {
    for (letter, value) in fields where !value.isEmpty {
      setHeaderField(letter, to: value, kind: .header)
    }
  }

  /// Writes the fields in at a place; in a tune of several voices in each of them, at the same bar.
  mutating func beginSection(
    _ fields: [Character: String], at place: SectionPlace
  ) -> [Effect] {
    let edits = parsed.voices.count > 1 ? inlineFields(fields, place) : [line(fields, place)]
    var trial = self
    if trial.change(edits, .header, origin: .hand), !keepsLockedSound(trial.parsed) { return [] }
    let effects = pause()
    let fitting = fittingBars
    let wasWriting = head >= place.byte
    guard change(edits, .header, origin: .hand) else { return effects }
    if wasWriting {
      let own = edits.first { $0.range.lowerBound == place.byte }
      let before = edits.filter { $0.range.lowerBound < place.byte }
      let shift = before.reduce(0) { $0 + $1.replacement.utf8.count }
      let end = place.byte + shift + (own?.replacement.utf8.count ?? 0)
      places.moveHead(to: min(end, draft.count))
      places.moveCursor(to: min(end, draft.count))
    }
    settle()
    let remark = fittingRemark(fitting)
    notice("\(Session.words(fields)) from bar \(place.bar) on\(remark) (u takes it back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }

  /// A line for each field, between what stands before and behind.
  private func line(_ fields: [Character: String], _ place: SectionPlace) -> Edit {
    let bytes = Array(text.utf8)
    var lines = ""
    for letter in Session.sectionFields {
      if let value = fields[letter], !value.isEmpty { lines += "\(letter):\(value)\n" }
    }
    let isLineStart = place.byte == 0 || bytes[place.byte - 1] == 0x0A
    // What ends the line already ends it once.
    let endsLine = bytes.indices.contains(place.byte) && bytes[place.byte] == 0x0A
    if !isLineStart { lines = "\n" + lines }
    if endsLine, !isLineStart { lines.removeLast() }
    return Edit(place.byte..<place.byte, lines)
  }

  /// Fields in brackets in every voice, before its bar of that number or behind its last one.
  private func inlineFields(_ fields: [Character: String], _ place: SectionPlace) -> [Edit] {
    var edits: [Edit] = []
    for voice in parsed.voices.indices {
      let own = parsed.bars.indices.filter { parsed.bars[$0].voice == voice }
      guard let last = own.last else { continue }
      let byte: Int
      if voice == place.voice {
        byte = place.byte
      } else if let bar = own.first(where: { parsed.bars[$0].number == place.bar }) {
        byte = start(ofBar: bar)
      } else {
        byte = parsed.bars[last].range.upperBound
      }
      var text = ""
      for letter in Session.sectionFields where letter != "Q" || voice == 0 {
        if let value = fields[letter], !value.isEmpty { text += "[\(letter):\(value)]" }
      }
      if !text.isEmpty { edits.append(Edit(byte..<byte, text)) }
    }
    return edits.sorted { $0.range.lowerBound > $1.range.lowerBound }
  }

  /// The value of a field that holds at a place.
  func value(of letter: Character, at place: SectionPlace) -> String? {
    TuneTransform.fields(
      inForceAt: place.byte, ofVoice: parsed.voices[place.voice].id, in: text)[letter]
  }

  /// Meter, unit length, tempo and key that fields of the body put in force at the cursor.
  var fieldsAtCursor: [Character: String] {
    // Most tunes have none, and this is asked for with every drawing.
    let letters = Array("KMLQ".utf8)
    let body = text.utf8.prefix(cursor).dropFirst(parsed.body.lowerBound)
    guard zip(body, body.dropFirst()).contains(where: { letters.contains($0) && $1 == 0x3A }) else {
      return [:]
    }
    let voice = cursorVoice
    let name = parsed.voices.indices.contains(voice) ? parsed.voices[voice].id : ""
    return TuneTransform.fields(inForceAt: cursor, ofVoice: name, in: text)
  }

  private static func words(_ fields: [Character: String]) -> String {
    sectionFields.compactMap { letter in fields[letter].map { "\(letter):\($0)" } }
      .joined(separator: " ")
  }

  private static func lastField(in argument: String, before word: Substring) -> Character? {
    argument[..<word.startIndex].split(separator: " ").last {
      $0.dropFirst().first == ":"
    }?.first
  }

  /// What is wrong with a field's value, as a sentence; `nil` = nothing.
  private static func fault(of value: String, in letter: Character) -> String? {
    guard !value.isEmpty else { return "a value is missing" }
    let before = letter == "K" ? "" : "\(letter):\(value)\n"
    let key = letter == "K" ? value : "C"
    let tune = ParsedTune(text: "X:1\nT:t\n\(before)K:\(key)\n")
    return tune.diagnostics.first { $0.severity != .note && $0.range.upperBound > 8 }?.sentence
  }
}

import Music

extension TuneTransform {
  /// Writes repeats, endings and parts out in the order in which they are played. The words of one
  /// voice go with its notes; several voices come one after the other, without words.
  public static func unfold(_ text: String) -> TransformedTune {
    let bytes = Array(text.utf8)
    let tune = ParsedTune(bytes: bytes)
    guard tune.script.voices.count == 1, let events = tune.script.voices.first else {
      guard let voices = UnfoldedVoices(bytes, tune) else {
        return refuse(
          text, "The voices do not repeat the same bars together; the text is unchanged.")
      }
      return verified(
        voices.text, text, tune, "could not be unfolded without changing the music")
    }
    let failure = "could not be unfolded without changing the music"
    guard let words = PlayedWords(tune) else {
      return verified(writtenOut(bytes, tune, events, words: nil), text, tune, failure)
    }
    let sung = writtenOut(bytes, tune, events, words: words)
    if PlayedWords.all(of: ParsedTune(text: sung)) == PlayedWords.all(of: tune) {
      return verified(sung, text, tune, failure)
    }
    var plain = verified(
      writtenOut(bytes, tune, events, words: nil), text, tune, failure)
    plain.diagnostics.append(
      Diagnostic(
        severity: .note, range: 0..<0, line: 1, column: 1,
        sentence: "The words could not be written out with the notes and are left out."))
    return plain
  }

  private static func writtenOut(
    _ bytes: [UInt8], _ tune: ParsedTune, _ events: [Event], words: PlayedWords?
  ) -> String {
    var words = words
    let parts = PartOrder(tune.script.partOrder)
    let order = PlayOrder(
      events, VoiceSigns(events), partOrder: parts.isOrder ? parts.letters : [],
      barLength: tune.header.barLength,
      followsJumps: false)
    let start = bodyStart(bytes, tune)
    let end = max(events.map { Int($0.upper) }.max() ?? start, start)
    var fields = FieldsInForce(bytes, body: start)
    var body = ""
    var below = ""
    var needsBar = false
    for atom in order.played {
      let lower = max(order.marks[atom].text.upperBound, start)
      let upper = min(order.marks[atom + 1].text.lowerBound, end)
      let fieldsHere = fields.restored(at: lower)
      let piece = lower < upper ? music(lower..<upper, bytes, &words) : ("", "")
      fields.pass(lower..<max(lower, upper))
      if !piece.0.isEmpty || !fieldsHere.isEmpty {
        if !body.isEmpty { body += (needsBar ? "|\n" : "\n") + below }
        // A field line at the start of the piece needs a line of its own.
        let isField = piece.0.utf8.dropFirst().first == UInt8(ascii: ":")
        body += fieldsHere + (isField && !fieldsHere.isEmpty ? "\n" : "") + piece.0
        below = piece.1.isEmpty ? "" : piece.1 + "\n"
        needsBar = false
      }
      let sign = order.marks[atom + 1].text
      let signs = bytes[min(sign.lowerBound, end)..<min(sign.upperBound, end)]
      if signs.contains(UInt8(ascii: "|")) || order.marks[atom + 1].ends > 0 { needsBar = true }
    }
    return header(bytes[..<start]) + body + "|]\n" + below
  }

  /// Finds sections that come twice in a row and writes them with repeat signs, a different last
  /// bar or two as endings. A tune that cannot be folded stays unfolded.
  public static func fold(_ text: String) -> TransformedTune {
    let flat = unfold(text)
    let bytes = Array(flat.text.utf8)
    let tune = ParsedTune(bytes: bytes)
    if tune.script.voices.count > 1 { return foldVoices(flat, bytes, tune, text) }
    let start = bodyStart(bytes, tune)
    guard tune.script.voices.count == 1,
      !FieldPlace.all(in: bytes, kinds: Array("KMLQVP".utf8)).contains(where: {
        $0.value.lowerBound >= start
      })
    else { return refuse(text, "A tune whose key or meter changes is not folded.") }
    let bars = tune.bars.map { barText(bytes[$0.range]) }
    var body = ""
    var index = 0
    func write(_ range: Range<Int>) {
      for bar in range { body += bars[bar] + (bar + 1 == range.upperBound ? "" : "|") }
    }
    while index < bars.count {
      guard let section = section(bars, at: index) else {
        body += bars[index] + "|"
        index += 1
        continue
      }
      let (length, ending) = section
      if !body.isEmpty, !body.hasSuffix("\n") { body += "\n" }
      body += "|:"
      write(index..<(index + length - ending))
      if ending > 0 {
        body += "|1 "
        write((index + length - ending)..<(index + length))
        body += ":|2 "
        write((index + 2 * length - ending)..<(index + 2 * length))
        body += "||\n"
      } else {
        body += ":|\n"
      }
      index += 2 * length
    }
    if !body.hasSuffix("\n") { body += "\n" }
    let result = String(decoding: bytes[..<start], as: UTF8.self) + body
    return verified(result, text, tune, "could not be folded without changing the music")
  }

  /// The same for several voices, which repeat together: a section is one in all of them.
  private static func foldVoices(
    _ flat: TransformedTune, _ bytes: [UInt8], _ tune: ParsedTune, _ text: String
  ) -> TransformedTune {
    guard let voices = UnfoldedVoices(bytes, tune), let first = voices.voices.first,
      voices.voices.allSatisfy({ $0.starts == first.starts })
    else {
      return refuse(text, "The voices do not have their bars together; the text is unchanged.")
    }
    let together = first.bars.indices.map { bar in
      voices.voices.map { $0.bars[bar] }.joined(separator: "\u{0}")
    }
    var bodies = [String](repeating: "", count: voices.voices.count)
    func write(_ range: Range<Int>, _ sign: String) {
      for voice in bodies.indices {
        bodies[voice] += voices.voices[voice].bars[range].joined(separator: "|") + sign
      }
    }
    func write(_ sign: String) {
      for voice in bodies.indices { bodies[voice] += sign }
    }
    var index = 0
    var single = 0
    while index < together.count {
      guard let (length, ending) = section(together, at: index) else {
        single += 1
        write(index..<(index + 1), single % 4 == 0 ? "|\n" : "|")
        index += 1
        continue
      }
      if single % 4 != 0 { write("\n") }
      single = 0
      let stem = index + length - ending
      write("|:")
      write(index..<stem, ending > 0 ? "|1 " : ":|\n")
      if ending > 0 {
        write(stem..<(index + length), ":|2 ")
        write((stem + length)..<(index + 2 * length), "||\n")
      }
      index += 2 * length
    }
    let parts = zip(voices.voices, bodies).map { voice, body in
      "V:\(voice.label)\n" + body + (body.hasSuffix("\n") ? "" : "\n")
    }
    return verified(
      voices.header + parts.joined(), text, tune, "could not be folded without changing the music")
  }

  /// The longest section at `start` that is followed by itself: its bars, and how many at its end
  /// differ.
  private static func section(_ bars: [String], at start: Int) -> (length: Int, ending: Int)? {
    var length = (bars.count - start) / 2
    while length >= 2 {
      let first = bars[start..<(start + length)]
      let second = bars[(start + length)..<(start + 2 * length)]
      let same = zip(first, second).prefix { $0 == $1 }.count
      if same == length { return (length, 0) }
      if length >= 4, length - same <= 2 { return (length, length - same) }
      length -= 1
    }
    return nil
  }

  /// Plays the tune backwards: repeats written out, notes and chords in the opposite order, each
  /// with its full length. Graces, decorations, chord symbols and words are left out.
  public static func retrograde(_ text: String) -> TransformedTune {
    let flat = unfold(withoutMacros(text))
    let bytes = Array(flat.text.utf8)
    let tune = ParsedTune(bytes: bytes)
    let start = bodyStart(bytes, tune)
    guard !tune.script.voices.isEmpty,
      !FieldPlace.all(in: bytes, kinds: Array("KM".utf8)).contains(where: {
        $0.value.lowerBound >= start
      }), !tune.script.voices.joined().contains(where: { $0.isBackInTime })
    else {
      return refuse(text, "Only a tune in one key and meter, without &, can be turned around.")
    }
    let header = String(decoding: bytes[..<start], as: UTF8.self)
    let unit = tune.header.unitLength
    guard tune.script.voices.count > 1 else {
      return finish(header + backwards(tune.script.voices[0], unit: unit) + "|]\n")
    }
    let ends = tune.script.voices.indices.map { voice in
      tune.bars.last { $0.voice == voice }.map { $0.start + $0.length } ?? .zero
    }
    guard Set(ends).count == 1, let voices = VoiceTexts(bytes, tune) else {
      return refuse(text, "Voices that end at different times cannot be turned around together.")
    }
    let parts = zip(voices.voices, tune.script.voices).map { voice, events in
      "V:\(voice.label)\n" + backwards(events, unit: unit) + "|]\n"
    }
    return finish(header + parts.joined())
  }

  /// The notes of a voice from the last to the first, without the last bar sign.
  private static func backwards(_ events: [Event], unit: Fraction) -> String {
    var groups: [[[NoteEvent]]] = [[]]
    for event in events {
      switch event.content {
      case .bar: groups.append([])
      case .note where event.note.kind != .grace:
        let note = event.note
        if note.flags.contains(.continuesChord), let last = groups[groups.count - 1].indices.last {
          groups[groups.count - 1][last].append(note)
        } else {
          groups[groups.count - 1].append([note])
        }
      default: break
      }
    }
    var writer = BackwardWriter(unit: unit)
    let members = Array(groups.joined())
    var place = members.count
    var body = ""
    for bar in groups.reversed() where !bar.isEmpty {
      writer.startBar()
      for member in bar.reversed() {
        place -= 1
        let earlier = place > 0 ? members[place - 1] : []
        body += writer.text(member, earlier: earlier)
      }
      body += "|"
      if body.utf8.count - (body.utf8.lastIndex(of: 0x0A)?.utf16Offset(in: body) ?? 0) > 60 {
        body += "\n"
      }
    }
    if body.hasSuffix("|") { body.removeLast() }
    return body
  }

  // MARK: - Text

  private static func bodyStart(_ bytes: [UInt8], _ tune: ParsedTune) -> Int {
    tune.body.lowerBound
  }

  private static func header(_ bytes: ArraySlice<UInt8>) -> String {
    // The order of parts is written out now.
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    return lines.filter { !$0.hasPrefix("P:") }.joined(separator: "\n")
  }

  /// The lines of music in some bytes without their words, each followed by those that are sung to
  /// it this time; the last line's words by themselves.
  private static func music(
    _ range: Range<Int>, _ bytes: [UInt8], _ words: inout PlayedWords?
  ) -> (String, String) {
    var text = ""
    var below = ""
    /// Where the music begins whose words have not been written yet.
    var sungFrom = range.lowerBound
    var lower = range.lowerBound
    var isFirst = true
    while lower <= range.upperBound {
      let upper = bytes[lower..<range.upperBound].firstIndex(of: 0x0A) ?? range.upperBound
      let line = bytes[lower..<upper]
      let next = upper + 1
      defer { lower = next }
      guard !["w:", "s:", "+:", "%"].contains(where: { line.starts(with: $0.utf8) }) else {
        continue
      }
      // A comment would swallow the bar line that is put after it.
      let kept = String(decoding: line.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
      guard kept.contains(where: { $0 != " " && $0 != "\r" }) else { continue }
      if !isFirst { text += "\n" }
      if !below.isEmpty { text += below + "\n" }
      below = ""
      isFirst = false
      text += kept
      // A line that goes on below has its words below that.
      guard !kept.hasSuffix("\\") || upper == range.upperBound else { continue }
      below = words?.line(for: sungFrom..<max(sungFrom, upper)) ?? ""
      sungFrom = upper
    }
    while let last = text.last, last == " " || last == "\n" || last == "\\" { text.removeLast() }
    return (String(text.drop { $0 == " " || $0 == "\n" }), below)
  }

  private static func barText(_ bytes: ArraySlice<UInt8>) -> String {
    var slice = bytes[...]
    let signs = Array("|:[]".utf8)
    while let last = slice.last, signs.contains(last) || last == 0x20 || last == 0x0A {
      slice.removeLast()
    }
    while let first = slice.first, first == 0x20 || first == 0x0A { slice.removeFirst() }
    return String(decoding: slice.filter { $0 != 0x0A }, as: UTF8.self)
  }

  /// The new text when it sounds the same as the old one, otherwise the old one with a word why.
  private static func verified(
    _ result: String, _ old: String, _ tune: ParsedTune, _ failure: String
  ) -> TransformedTune {
    var options = PlaybackOptions()
    options.accompaniment = false
    options.followsJumps = false
    func sound(_ tune: ParsedTune) -> [[Int]] {
      tune.performance(options).notes.map {
        [$0.start.count, $0.end.count, $0.pitch.key, $0.track]
      }
    }
    guard sound(ParsedTune(text: result)) == sound(tune) else {
      return refuse(old, "The tune \(failure); the text is unchanged.")
    }
    return finish(result)
  }
}

extension Event {
  fileprivate var isBackInTime: Bool {
    if case .overlay = content { true } else { false }
  }
}

/// Writes notes with explicit lengths and the accidentals that the bar then needs.
private struct BackwardWriter {
  let unit: Fraction
  private var altered: [Int: Int] = [:]

  init(unit: Fraction) {
    self.unit = unit
  }

  mutating func startBar() { altered = [:] }

  /// A note, rest or chord. `earlier` stood before it, and now follows: its tie comes here.
  mutating func text(_ member: [NoteEvent], earlier: [NoteEvent]) -> String {
    let (prefix, scale) = tuplet((member[0].length / unit))
    var notes: [String] = []
    for note in member {
      let length = NoteText.text(ofLength: note.length / unit * scale)
      guard note.kind == .note else {
        notes.append("z" + length)
        continue
      }
      let letter = TuneTransform.letter(of: Int(note.staff))
      let inKey = Int(KeySignature(fifths: Int(note.fifths)).alterations[letter])
      let alteration = Int(note.alteration)
      var sign = ""
      if altered[letter] ?? inKey != alteration {
        sign = NoteText.sign(alteration)
        altered[letter] = alteration
      }
      let isTied = earlier.contains {
        $0.kind == .note && $0.staff == note.staff && $0.flags.contains(.tie)
      }
      let name = String(decoding: noteText(Int(note.staff) - 28), as: UTF8.self)
      notes.append(sign + name + length + (isTied ? "-" : ""))
    }
    return prefix + (notes.count == 1 ? notes[0] : "[" + notes.joined() + "]")
  }

  /// A length with a 3, 5, 7 or 9 below is written as a tuplet of one.
  private func tuplet(_ length: Fraction) -> (String, Fraction) {
    for (count, time) in [(9, 8), (7, 4), (5, 4), (3, 2)] where length.denominator % count == 0 {
      return ("(\(count):\(time):1", Fraction(count, time))
    }
    return ("", .one)
  }
}

import Music

/// What stands under the notes or beside them: words, `s:` lines, `%%score`.
extension TuneAssembler {
  /// Says what did not fit in the words that were read last.
  mutating func tellLyricFault() {
    if let (fault, event) = lyricFault { remark(fault, event) }
    lyricFault = nil
  }

  /// Says how many syllables there are for how many notes.
  private mutating func remark(_ fault: LyricLine.Fault, _ event: Event) {
    func count(_ number: Int, _ name: String) -> String {
      "\(number) \(name)\(number == 1 ? "" : "s")"
    }
    let sentence: String
    if fault.notes == 0 {
      sentence = "There are no notes above these words; they are not sung."
    } else {
      let left = fault.syllables - fault.notes
      let rest = left > 0 ? "; the last \(left == 1 ? "one is" : "\(left) are") left out" : ""
      sentence =
        "This line has \(count(fault.syllables, "syllable")) for \(count(fault.notes, "note"))\(rest)."
    }
    addLate(sentence, at: Int(event.lower)..<Int(event.upper))
  }

  /// Puts the signs of an `s:` line to the notes of the line above it.
  mutating func set(_ text: String, _ event: Event) {
    var chords: [Int] = []
    changeCurrent { voice, tune in
      voice.lyrics.findNotes(in: voice.events)
      var row = voice.lyrics.row
      row.restart()
      var placed: [(place: NoteRow.Place, token: SymbolToken)] = []
      for token in SymbolToken.all(in: text.utf8.first == 0x2B ? String(text.dropFirst()) : text) {
        switch token.content {
        case .skip: _ = row.take()
        case .bar: row.skipBar()
        case .decoration, .quoted:
          if let place = row.take() { placed.append((place, token)) }
        }
      }
      for (place, token) in placed {
        if case .decoration(let name) = token.content {
          TuneAssembler.decorate(&voice, place, name)
        }
      }
      // From the last on, so that what is put in moves no place that is still needed.
      for (place, token) in placed.reversed() {
        let lower = Int(event.lower) + token.range.lowerBound
        let range = lower..<(lower + token.range.count)
        switch token.content {
        case .decoration(let name):
          switch DecorationName(name) {
          case .jump(let jump): TuneAssembler.insert(.jump(jump), before: place, range, &voice)
          case .hairpin(let isLouder, let isStart):
            TuneAssembler.insert(
              .hairpin(isLouder: isLouder, isStart: isStart), before: place, range, &voice)
          default: break
          }
        case .quoted(let symbol):
          guard let first = symbol.utf8.first, !"^_<>@".utf8.contains(first) else { continue }
          let start = voice.events[Int(place.event)].start
          chords.append(tune.script.texts.count)
          tune.script.texts.append(decodeText(symbol))
          tune.chordSymbols.append(
            ParsedTune.ChordSymbol(
              text: decodeText(symbol), range: range, start: start,
              bar: tune.notes[Int(place.note)].bar))
          TuneAssembler.insert(
            .chordSymbol(text: tune.script.texts.count - 1), before: place, range, &voice)
        case .skip, .bar: break
        }
      }
    }
    for text in chords { _ = chordText(text) }
  }

  private static func decorate(
    _ voice: inout Voice, _ place: NoteRow.Place, _ name: String
  ) {
    var index = Int(place.event)
    switch DecorationName(name) {
    case .sign(let sign):
      repeat {
        guard case .note = voice.events[index].content else { return }
        voice.events[index].note.decorations.insert(sign)
        index += 1
        guard index < voice.events.count, case .note = voice.events[index].content,
          voice.events[index].note.flags.contains(.continuesChord)
        else { return }
      } while true
    case .dynamic(let loudness):
      for index in index..<voice.events.count {
        guard case .note = voice.events[index].content else { continue }
        voice.events[index].note.loudness = loudness
      }
    case .jump, .hairpin, .drawn, nil: return
    }
  }

  private static func insert(
    _ content: Event.Content, before place: NoteRow.Place, _ range: Range<Int>,
    _ voice: inout Voice
  ) {
    let event = Event(
      start: voice.events[Int(place.event)].start,
      lower: Int32(truncatingIfNeeded: range.lowerBound),
      upper: Int32(truncatingIfNeeded: range.upperBound), content: content)
    voice.events.insert(event, at: Int(place.event))
    voice.lyrics.insertEvent(at: place.event)
  }
}

import Music
import Notes

/// Writing down what was drawn.
extension NoteAuthor {
  /// What was drawn as notes, and from when on more may begin.
  func decoded(
    _ unwritten: UnwrittenNotes, _ place: NotePlace
  ) -> (notes: [PlacedNote], time: Int) {
    if let encoding = model.encoding {
      var decoder = NoteDecoder(
        encoding, at: place.end + unwritten.lead, sounding: place.held(unwritten))
      for token in unwritten.tokens { decoder.read(token.text) }
      return (decoder.notes, decoder.time)
    }
    let notes = TimedNote.placed(
      unwritten.tokens.filter { !model.isEnd($0.text) }.compactMap { TimedNote(token: $0.text) },
      quartersPerMinute: place.quartersPerMinute, from: place.notes.last?.start ?? place.end)
    let written = notes.map { note in
      let start = max(BarTranscriber.onGrid(note.start), place.end)
      let end = max(BarTranscriber.onGrid(note.end), start + BarTranscriber.grid)
      return PlacedNote(start: start, length: end - start, key: note.key)
    }
    return (written, written.last?.start ?? place.end)
  }

  /// Whether everything that begins in the bar was drawn.
  func isComplete(_ unwritten: UnwrittenNotes, _ place: NotePlace) -> Bool {
    unwritten.tokens.count >= Self.longestBar || isEnded(unwritten)
      || decoded(unwritten, place).time >= place.barEnd
  }

  private func isEnded(_ unwritten: UnwrittenNotes) -> Bool {
    unwritten.tokens.last.map { model.isEnd($0.text) } ?? false
  }

  /// Writes the bar, and keeps what belongs behind it.
  func write(_ step: inout AuthorStep, _ task: Task, _ place: NotePlace) {
    let (notes, time) = decoded(step.unwritten, place)
    step.endsTune = isEnded(step.unwritten)
    if step.endsTune, notes.isEmpty, place.held(step.unwritten).isEmpty, !place.isMidBar {
      // The bar before was the last one.
      let last = step.unwritten.tokens
      step.characters = Self.characters(
        place.text.hasSuffix("|") ? "]" : "", last, temperature: Float(task.sampling.temperature))
      step.unwritten = UnwrittenNotes()
      return
    }
    var sounding = Self.alone(place.held(step.unwritten) + notes.filter { $0.start < place.barEnd })
    if let companions = task.companions,
      VoiceManner(place.notes, register: companions.register).isLine
    {
      sounding = Self.line(sounding)
    }
    let isGap = task.gap != nil
    let isLast = step.endsTune || task.lastBar.map { place.bars + 1 >= $0 } ?? false
    let bars = BarsOfVoices(place: place, newVoices: task.writesVoices ? model.voices : 1)
    let (text, kept) = bars.write(sounding, isGap: isGap, isLast: isLast)
    var written = step.unwritten.tokens
    var rest = UnwrittenNotes()
    if !isGap, !step.endsTune {
      rest.held = kept.filter { $0.end > place.barEnd }.map {
        .init(key: $0.key, ticks: $0.end - place.barEnd)
      }
      if model.isTimed {
        rest.tokens = zip(step.unwritten.tokens, notes).filter { $1.start >= place.barEnd }
          .map(\.0)
        written.removeLast(rest.tokens.count)
      } else {
        rest.lead = max(time - place.barEnd, 0)
      }
    }
    step.characters = Self.characters(
      text, written, temperature: Float(task.sampling.temperature))
    step.unwritten = rest
    step.closesGap = isGap
  }

  /// Notes of which none sounds while another begins; of those that begin together the highest.
  private static func line(_ notes: [PlacedNote]) -> [PlacedNote] {
    var result: [PlacedNote] = []
    for note in notes {
      if let last = result.last {
        if last.start == note.start {
          result.removeLast()
        } else if last.end > note.start {
          result[result.count - 1].length = note.start - last.start
        }
      }
      result.append(note)
    }
    return result
  }

  /// Notes of which none sounds while its key begins again.
  private static func alone(_ notes: [PlacedNote]) -> [PlacedNote] {
    var result: [PlacedNote] = []
    var last: [Int: Int] = [:]
    for note in notes.sorted(by: { ($0.start, $0.key) < ($1.start, $1.key) }) {
      if let before = last[note.key], result[before].end > note.start {
        if result[before].start == note.start {
          result[before].length = max(result[before].length, note.length)
          continue
        }
        result[before].length = note.start - result[before].start
      }
      last[note.key] = result.count
      result.append(note)
    }
    return result
  }

  /// Text as characters; the bits of what was drawn for it are spread over them.
  static func characters(
    _ text: String, _ tokens: [UnwrittenNotes.Token], temperature: Float
  ) -> [GeneratedCharacter] {
    let count = Float(max(tokens.count, 1))
    let bits = tokens.reduce(0) { $0 + $1.bits } / Float(max(text.count, 1))
    let rank = tokens.reduce(0) { $0 + Float($1.rank) } / count
    let entropy = tokens.reduce(0) { $0 + $1.entropy } / count
    return text.map {
      GeneratedCharacter(
        character: String($0), bits: bits, rank: Int32(rank.rounded()), entropy: entropy,
        temperature: tokens.last?.temperature ?? temperature)
    }
  }
}

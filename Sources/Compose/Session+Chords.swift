import ABC
import Music

/// `chords`: chord symbols for a melody, as alternatives: found by a rule (`HarmonicRule`), ordered by
/// the model where it knows chord symbols.
extension Session {
  mutating func proposeChords(_ argument: String, count: Int?) -> [Effect] {
    let typed = argument.isEmpty ? count : Int(argument)
    guard argument.isEmpty || typed.map({ (1...Alternatives.most).contains($0) }) == true else {
      complain("'\(argument)' is no number of alternatives: 1 to \(Alternatives.most)")
      return []
    }
    let voice = selection.map { parsed.bars[$0.lowerBound].voice } ?? cursorVoice
    let all = selection ?? (parsed.bars.isEmpty ? nil : 0...parsed.bars.count - 1)
    let bars = all?.filter { parsed.bars[$0].voice == voice } ?? []
    guard let first = bars.first, let last = bars.last,
      parsed.notes.contains(where: { $0.kind == .note && bars.contains($0.bar) })
    else {
      notice("there is no melody here to put chords to")
      return []
    }
    let effects = pause()
    draft.closeEdit()
    let sequences = harmony(ofBars: bars).sequences(min(max(typed ?? 4, 1), Alternatives.most))
    let range = parsed.bars[first].range.lowerBound..<parsed.bars[last].range.upperBound
    let candidates = sequences.map { edits(forChords: $0, inBars: bars) }.filter { !$0.isEmpty }
    guard !candidates.isEmpty else { return effects }
    // A symbol in front of a bar's first note is no change of its bytes, but one of the bar.
    let kept = bars.map { parsed.bars[$0].range }.filter { range in
      draft.locks.contains { $0.overlaps(range) }
        && candidates.contains { $0.contains { range.contains($0.range.lowerBound) } }
    }
    guard kept.isEmpty else {
      refuse(kept)
      return effects
    }
    endSelection()
    let name = "chords of \(barNames(first...last))"
    return effects + openChords(candidates, range, name)
  }

  /// The chords that the rule finds for some bars.
  func harmony(ofBars bars: [Int]) -> HarmonicRule {
    HarmonicRule(parsed, bars: bars) { byte in
      TuneTransform.fields(
        inForceAt: byte, ofVoice: parsed.voices[parsed.bars[bars[0]].voice].id, in: text)["K"]
        ?? parsed.header.key
    }
  }

  /// Takes the chord symbols of some bars out and puts others in, the last place first.
  private func edits(forChords placed: [HarmonicRule.Placed], inBars bars: [Int]) -> [Edit] {
    var wanted: [Int: String] = [:]
    for chord in placed {
      let note = parsed.notes.first {
        $0.bar == chord.span.bar && $0.kind != .grace && $0.start >= chord.span.start
      }
      if let note { wanted[note.range.lowerBound] = "\"\(chord.chord.name)\"" }
    }
    var edits = parsed.chordSymbols.filter { bars.contains($0.bar) }.map { Edit($0.range, "") }
    for bar in bars {
      guard let music = gaps(ofBars: [bar]).first?.range else { continue }
      var place = music.lowerBound
      // Before the decorations and grace notes of its note, and the bracket of its chord.
      var ornaments: Int?
      var chord: Int?
      for piece in MusicPiece.pieces(of: text.text(atBytes: music)) {
        defer { place += piece.text.utf8.count }
        if piece.kind == .ornament {
          ornaments = ornaments ?? place
          continue
        }
        let start = chord ?? ornaments ?? place
        ornaments = nil
        if piece.kind == .chordOpen { chord = start }
        if piece.kind == .chordClose { chord = nil }
        let isNote = piece.kind == .pitch || piece.kind == .rest
        if isNote, let symbol = wanted[place] { edits.append(Edit(start..<start, symbol)) }
      }
    }
    return edits.sorted {
      ($0.range.lowerBound, $0.range.upperBound) > ($1.range.lowerBound, $1.range.upperBound)
    }
  }

  private mutating func openChords(
    _ candidates: [[Edit]], _ range: Range<Int>, _ name: String
  ) -> [Effect] {
    let original = history.currentIdentifier
    let source = Alternatives.Source(version: original, task: .fill([]), room: Room())
    writer.alternatives = Alternatives(
      kind: .chords, source: source, firstSource: source,
      original: original, start: range.lowerBound, kept: draft.count - range.upperBound,
      name: name, wanted: candidates.count, placesBefore: places)
    screen.enter(.audition)
    settle()
    let knowsChords = model?.vocabulary.isSuperset(of: "\"ABCDEFG") == true
    for edits in candidates {
      let version = draft.branch(from: original, head: range.lowerBound, edits: edits)
      var candidate = Alternatives.Candidate(version: version)
      candidate.isReady = !knowsChords
      writer.alternatives?.candidates.append(candidate)
    }
    guard knowsChords else {
      notice("in the order of the rule: the model knows no chord symbols")
      return showFirst()
    }
    let identifier = writer.newRequest()
    writer.alternatives?.requests.updateValue(nil, forKey: identifier)
    let texts = writer.alternatives?.candidates.map { history.versions[$0.version].text } ?? []
    return [
      .rank(
        RankRequest(
          identifier: identifier, documents: texts, start: range.lowerBound,
          kept: draft.count - range.upperBound, sampling: sampling))
    ]
  }

  /// Orders what was found by how surprising each is to the model.
  mutating func receive(_ result: RankResult) -> [Effect] {
    guard writer.alternatives?.requests.removeValue(forKey: result.request) != nil else {
      return []
    }
    for (index, bits) in result.bits.enumerated()
    where alternatives?.candidates.indices.contains(index) == true {
      writer.alternatives?.candidates[index].isReady = true
      writer.alternatives?.candidates[index].bits = bits
    }
    if alternatives?.isUntouched == true { writer.alternatives?.rank() }
    return showFirst()
  }
}

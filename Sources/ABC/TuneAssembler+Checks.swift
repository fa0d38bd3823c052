import Music

/// What only the whole tune shows.
extension TuneAssembler {
  func checkBars(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    var secondHalf: Int?
    for index in tune.bars.indices {
      // Nearly all add up: only what tells so is looked at.
      guard let expected = tune.bars[index].expected, tune.bars[index].length != expected,
        index != secondHalf
      else { continue }
      let bar = tune.bars[index]
      let isLonger = bar.length > expected
      guard isLonger || (bar.isClosed && !bar.mayDiffer), !unsummedBars.contains(index) else {
        continue
      }
      // A bar that is cut in two, as where a section begins with an upbeat.
      let next = index + 1
      if tune.bars.indices.contains(next), tune.bars[next].voice == bar.voice,
        tune.bars[next].isClosed, bar.length + tune.bars[next].length == expected
      {
        secondHalf = next
        continue
      }
      let unit = tune.header.unitLength
      guard hasBarLines else {
        found.append(
          lines.diagnostic(.warning, BarSum.noLines(meter: expected, unit: unit), bar.range))
        return
      }
      let sum =
        overrunBars.contains(index) && isLonger
        ? BarSum.overrun(bar: tune.name(of: bar))
        : BarSum(bar.length, of: expected, bar: tune.name(of: bar), unit: unit).sentence
      found.append(lines.diagnostic(.warning, sum, bar.range))
    }
  }

  /// The header's tempo, whose meaning may hang on the unit length after it.
  func checkTempo(
    _ state: ReaderState, _ lines: inout LineTable, _ found: inout [Diagnostic], _ text: [UInt8]
  ) {
    guard !state.tempo.isEmpty,
      let remark = TempoField(state.tempo, unit: state.seed.unit).remark
    else { return }
    let fields = FieldPlace.all(
      in: Array(text[..<tune.body.lowerBound]), kinds: [UInt8(ascii: "Q")])
    found.append(
      lines.diagnostic(remark.severity, remark.sentence, fields.last?.value ?? 0..<0))
  }

  /// In a tune that writes sharps after their notes, `Gb` was meant as a flat.
  func checkFlats(_ lines: inout LineTable, _ found: inout [Diagnostic], _ text: [UInt8]) {
    for (note, next) in zip(tune.notes, tune.notes.dropFirst())
    where note.kind == .note && note.range.upperBound == next.range.lowerBound
      && next.range.count == 1 && text[next.range.lowerBound] == UInt8(ascii: "b")
    {
      guard note.range.count == 1, letterIndex(text[note.range.lowerBound]) != nil else { continue }
      let letter = String(decoding: text[note.range], as: UTF8.self)
      found.append(
        lines.diagnostic(
          .note,
          "\(letter)b is read as the two notes \(letter) and b; a flat stands before its note, "
            + "as _\(letter).", next.range, subject: .sound))
      return
    }
  }

  /// The order of parts in the header against the parts there are.
  func checkParts(
    _ lines: inout LineTable, _ found: inout [Diagnostic], _ text: [UInt8]
  ) {
    guard !tune.script.partOrder.isEmpty else { return }
    let field = FieldPlace.all(in: text, kinds: [UInt8(ascii: "P")]).first
    let place = field?.value ?? 0..<0
    let order = PartOrder(tune.script.partOrder)
    guard order.isOrder else {
      found.append(
        lines.diagnostic(
          .note, "This P: is no order of parts; the tune is played as written.", place))
      return
    }
    if order.isTooLong {
      found.append(
        lines.diagnostic(
          .warning, "At most \(PartOrder.most) parts are played; the rest is left out.", place))
    }
    var parts: Set<UInt8> = []
    var first: Fraction?
    for (events, signs) in zip(tune.script.voices, tune.script.signs) {
      for index in signs.places {
        guard case .part(let letter) = events[index].content else { continue }
        parts.insert(letter)
        first = min(first ?? events[index].start, events[index].start)
      }
    }
    guard let first else {
      found.append(
        lines.diagnostic(
          .note,
          "No part of the tune is named by a P: line, so this order changes nothing; "
            + "the tune is played as written.", place))
      return
    }
    var missing = Set(order.letters).subtracting(parts)
    if let letter = order.letters.first, missing.contains(letter),
      PlayOrder.isPart(before: first, barLength: tune.script.meter.barLength)
    {
      missing.remove(letter)
      let name = String(decoding: [letter], as: UTF8.self)
      found.append(
        lines.diagnostic(
          .note, "The music before the first P: line is played as part \(name).", place))
    }
    guard !missing.isEmpty else { return }
    let names = missing.sorted().map { String(decoding: [$0], as: UTF8.self) }
      .joined(separator: ", ")
    found.append(
      lines.diagnostic(
        .warning, "The order of parts names \(names), which the tune does not have; left out.",
        place, subject: .sound))
  }

  func checkChordSymbols(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    var unknown: Set<String> = []
    for place in chordTexts {
      let name = tune.script.texts[place]
      if case .chord(let chord) = ChordName.read(name), !chord.isKnown { unknown.insert(name) }
    }
    guard !unknown.isEmpty else { return }
    for symbol in tune.chordSymbols where unknown.remove(symbol.text) != nil {
      found.append(
        lines.diagnostic(
          .note, "The chord \u{201C}\(symbol.text)\u{201D} is not known; only its bass is played.",
          symbol.range, subject: .sound))
    }
  }

  func checkSlurs(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    for place in openSlurs.joined() {
      found.append(
        lines.diagnostic(
          .warning, "This ( opens a slur that is not closed.", place, mayPass: true))
    }
  }
}

extension ParsedTune {
  /// How sentences name a bar: `Bar 7`, `The pickup`; with the voice where there are several.
  public func name(of bar: WrittenBar) -> String {
    let name = bar.number == 0 ? "The pickup" : "Bar \(bar.number)"
    guard voices.count > 1, voices.indices.contains(bar.voice) else { return name }
    return name + " of voice \u{201C}\(voices[bar.voice].name)\u{201D}"
  }
}

import Music

/// What only the whole tune shows.
extension TuneAssembler {
  func checkBars(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    for bar in tune.bars {
      guard let expected = bar.expected, bar.length != expected else { continue }
      let isLonger = bar.length > expected
      guard isLonger || (bar.isClosed && !bar.mayDiffer) else { continue }
      found.append(
        lines.diagnostic(
          .warning, BarSum(bar.length, of: expected, bar: tune.name(of: bar)).sentence, bar.range))
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
    for event in voices.lazy.flatMap(\.events) {
      if case .part(let letter) = event.content { parts.insert(letter) }
    }
    let missing = Set(order.letters).subtracting(parts).sorted()
    guard !missing.isEmpty, !parts.isEmpty else { return }
    let names = missing.map { String(decoding: [$0], as: UTF8.self) }.joined(separator: ", ")
    found.append(
      lines.diagnostic(
        .warning, "The order of parts names \(names), which the tune does not have; left out.",
        place))
  }

  func checkChordSymbols(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    var known: [String: Bool] = [:]
    for symbol in tune.chordSymbols {
      let isKnown: Bool
      if let before = known[symbol.text] {
        isKnown = before
      } else {
        if case .chord(let chord) = ChordName.read(symbol.text) {
          isKnown = chord.isKnown
        } else {
          isKnown = true
        }
        known[symbol.text] = isKnown
      }
      guard !isKnown else { continue }
      found.append(
        lines.diagnostic(
          .note, "The chord \u{201C}\(symbol.text)\u{201D} is not known; only its bass is played.",
          symbol.range))
    }
  }

  /// Bars of the same number that differ in length between voices.
  func checkVoices(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    guard tune.voices.count > 1 else { return }
    var first: [Int: Fraction] = [:]
    var counts = [Int](repeating: 0, count: tune.voices.count)
    for bar in tune.bars where bar.isClosed && bar.voice < counts.count {
      let index = counts[bar.voice]
      counts[bar.voice] += 1
      if bar.voice == 0 {
        first[index] = bar.start + bar.length
      } else if let other = first[index], other != bar.start + bar.length,
        bar.length == bar.expected ?? bar.length
      {
        found.append(
          lines.diagnostic(
            .warning,
            "\(tune.name(of: bar)) does not end together with the same bar of the first voice; "
              + "nothing is filled in.", bar.range))
        return
      }
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

import Music

extension Judgement {
  /// Why a gate has its mark: one sentence, with the numbers of the bars as a musician counts.
  public func sentence(for gate: Gate) -> String {
    if panel.isEmpty {
      return "There are fewer than \(TuneMeasures.leastNotes) notes: too few to judge."
    }
    switch gate {
    case .meter: return meterSentence
    case .rhythm: return rhythmSentence
    case .mode: return modeSentence
    case .range: return rangeSentence
    case .form: return formSentence
    case .pickup: return pickupSentence
    case .cadence: return cadenceSentence
    case .repetition: return repetitionSentence
    case .contrast: return contrastSentence
    }
  }

  private var melody: WrittenMelody { measures.melody }

  /// `jigs`, `tunes in 4/4`, or `all tunes`, whichever the tune is compared with.
  private var others: String {
    guard let name = statistics?.dance.name, name != Repertoire.everyDance.name else {
      return "tunes"
    }
    if name.contains("/") { return "tunes in \(name)" }
    return name + (["s", "x", "z", "ch", "sh"].contains(where: name.hasSuffix) ? "es" : "s")
  }

  private var meterSentence: String {
    guard panel[.innerBarsRight] != nil else {
      return "The tune has no metre by which bars could be counted."
    }
    if measures.wrongBars.isEmpty {
      return "Every bar inside a part is as long as \(melody.meter) says."
    }
    return
      "\(bars(measures.wrongBars)) \(measures.wrongBars.count == 1 ? "is" : "are") not as long as "
      + "\(melody.meter) says, alone or with a neighbour."
  }

  private var rhythmSentence: String {
    guard let statistics else { return "No tunes are known whose rhythm could be compared." }
    guard let known = panel[.rhythmKnown] else { return "There is no whole bar yet." }
    let strange = measures.rhythms.filter { !statistics.knownBars.contains($0.lengths) }.map(\.bar)
    if strange.isEmpty { return "All bars have a rhythm that \(others) have often." }
    return
      "\(bars(strange)) \(strange.count == 1 ? "has a rhythm" : "have rhythms") that \(others) "
      + "hardly ever have: \(percent(known)) of the bars are known, \(percent(Self.leastKnownRhythm)) "
      + "are asked."
  }

  private var modeSentence: String {
    let count = measures.pitchClassCount
    if count < Self.leastPitchClasses {
      return "There \(count == 1 ? "is" : "are") only \(count) different "
        + "\(count == 1 ? "note" : "notes"), octaves left out; \(Self.leastPitchClasses) are asked."
    }
    let places = melody.writtenBars.filter { place in
      melody.bars[place].notes.contains { !$0.isInKey }
    }
    let outside = panel[.outsideKey] ?? 0
    if places.isEmpty { return "All notes are in the key." }
    let most = statistics?.mostOutsideKey ?? Self.plainMostOutsideKey
    return
      "\(percent(outside)) of the notes are outside the key, in \(bars(places, isInside: true)); "
      + "up to \(percent(most)) is usual in \(others)."
  }

  private var rangeSentence: String {
    guard let range = measures.range else { return "There are no notes." }
    let low = melody.writtenBars.filter { place in
      melody.bars[place].notes.contains { $0.pitch ?? 60 < 55 }
    }
    let high = melody.writtenBars.filter { place in
      melody.bars[place].notes.contains { $0.pitch ?? 60 > 83 }
    }
    var faults: [String] = []
    if !low.isEmpty {
      faults.append("below G3, down to \(name(range.lowerBound)), in \(bars(low, isInside: true))")
    }
    if !high.isEmpty {
      faults.append("above B5, up to \(name(range.upperBound)), in \(bars(high, isInside: true))")
    }
    if faults.isEmpty {
      return "It lies between \(name(range.lowerBound)) and \(name(range.upperBound))."
    }
    return "It goes " + faults.joined(separator: " and ") + "."
  }

  private var formSentence: String {
    guard panel[.partsOfFourEightSixteen] != nil else {
      return "The tune has no metre by which bars could be counted."
    }
    let lengths = melody.parts.map { "\(TuneMeasures.rounded(melody.length(of: $0)))" }
    let count = melody.parts.count
    let sizes =
      "\(count == 1 ? "The only part" : "The \(count) parts") "
      + "\(count == 1 ? "has" : "have") \(list(lengths)) bars"
    switch self[.form] {
    case .passed: return sizes + "."
    case .open: return sizes + " so far."
    case .failed: return sizes + "; two to four parts of 4, 8 or 16 are asked."
    }
  }

  private var pickupSentence: String {
    guard panel[.wholeParts] != nil else {
      return "The tune has no metre by which bars could be counted."
    }
    let parts = isComplete ? melody.parts : melody.parts.filter(\.isClosed)
    guard let wrong = parts.firstIndex(where: { melody.length(of: $0).denominator != 1 }),
      let first = parts[wrong].bars.first, let last = parts[wrong].bars.last
    else {
      return parts.isEmpty
        ? "No part is complete yet." : "Pickups and last bars make whole bars together."
    }
    let ends =
      first == last
      ? bars([first], isInside: true) : "its ends, \(bars([first, last], isInside: true)),"
    return "Part \(wrong + 1) is \(mixed(melody.length(of: parts[wrong]))) bars long: "
      + "\(ends) do not make whole bars together."
  }

  private var cadenceSentence: String {
    guard isComplete else { return "The tune is not at its end." }
    guard let note = measures.finalNote, let pitch = note.pitch else {
      return "There are no notes."
    }
    guard let tonic = note.tonic else { return "The key names no tonic to end on." }
    return note.isTonic
      ? "It ends on \(Self.letters[tonic]), the tonic."
      : "It ends on \(name(pitch)); the tonic is \(Self.letters[tonic])."
  }

  private var repetitionSentence: String {
    guard let share = panel[.barsSaidBefore] else { return "There are no two whole bars." }
    let echoes = measures.echoes.filter(\.isSame)
    let pairs = echoes.prefix(4).map {
      "\(melody.bars[$0.bar].number) as \(melody.bars[$0.earlier].number)"
    }
    let least = percent(statistics?.leastSaidBefore ?? Self.plainLeastSaidBefore)
    let found =
      echoes.isEmpty
      ? "No bar comes back"
      : "\(percent(share)) of the bars come back (\(pairs.joined(separator: ", "))"
        + "\(echoes.count > 4 ? " and others" : ""))"
    return found + "; at least \(least) is usual in \(others)."
  }

  private var contrastSentence: String {
    guard let higher = panel[.secondPartHigher], let alike = panel[.partsAlike] else {
      return "There are no two parts to compare."
    }
    let distance = abs(higher).formattedShortly
    let place = higher < 0 ? "lower" : "higher"
    return "The second part lies \(distance) semitones \(place) than the first and is "
      + "\(percent(alike)) alike; no more than \(abs(Self.lowestSecondPart).formattedShortly) lower and "
      + "\(percent(Self.mostAlike)) alike are asked."
  }

  // MARK: Words

  /// `Bars 3, 7 and 8`; after the eighth the rest is only counted.
  private func bars(_ places: [Int], isInside: Bool = false) -> String {
    var numbers: [String] = []
    for place in places {
      let number = "\(melody.bars[place].number)"
      if numbers.last != number { numbers.append(number) }
    }
    let word = numbers.count == 1 ? "bar" : "bars"
    let start = isInside ? word : word.prefix(1).uppercased() + word.dropFirst()
    if numbers.count > 8 {
      return "\(start) \(numbers.prefix(7).joined(separator: ", ")) and \(numbers.count - 7) more"
    }
    return "\(start) \(list(numbers))"
  }

  private func list(_ words: [String]) -> String {
    words.count < 2
      ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
  }

  private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }

  /// `7 5/8`.
  private func mixed(_ length: Fraction) -> String {
    let whole = length.numerator / length.denominator
    let rest = Fraction(length.numerator - whole * length.denominator, length.denominator)
    return whole == 0 ? rest.description : "\(whole) \(rest)"
  }

  private static let letters = [
    "C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B",
  ]

  private func name(_ pitch: Int) -> String { "\(Self.letters[pitch % 12])\(pitch / 12 - 1)" }
}

extension Double {
  /// One digit after the point.
  fileprivate var formattedShortly: String { "\((self * 10).rounded() / 10)" }
}

import Music

extension TuneReader {
  /// Reads one information field, as a line of its own or inline.
  mutating func readField(
    _ kind: UInt8, _ text: String, at range: Range<Int>, isInline: Bool = false
  ) {
    switch state.phase {
    case .preamble where state.isSkippingText: return
    case .preamble, .header: readHeaderField(kind, text, at: range)
    case .body, .ended: readBodyField(kind, text, at: range, isInline: isInline)
    }
  }

  private mutating func readHeaderField(_ kind: UInt8, _ text: String, at range: Range<Int>) {
    switch kind {
    case UInt8(ascii: "X"):
      let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
      state.header.number = Int(Substring(digits))
      state.hasNumberLine = true
      if state.header.number == nil {
        remark(.warning, "X: should give the tune a number; the tune is read without one.", range)
      }
    case UInt8(ascii: "T"): state.header.titles.append(decodeText(text))
    case UInt8(ascii: "C"):
      let name = decodeText(text)
      state.header.composer =
        state.header.composer.isEmpty ? name : state.header.composer + ", " + name
    case UInt8(ascii: "R"): state.header.rhythm = decodeText(text)
    case UInt8(ascii: "Z"): state.header.transcriptions.append(decodeText(text))
    case UInt8(ascii: "M"):
      if let (meter, written) = readMeter(text, at: range) {
        state.hasMeter = true
        state.header.meter = written
        state.seed.meter = meter
      }
    case UInt8(ascii: "L"):
      if let unit = readUnitLength(text, at: range) {
        state.seed.unit = unit
        state.hasUnitLength = true
      }
    case UInt8(ascii: "Q"):
      // What a bare number counts is not known before L:.
      if TempoField(text, unit: state.seed.unit).isUnknown, !text.isEmpty {
        remark(
          .warning,
          "This tempo gives no number above 0; "
            + (state.tempo.isEmpty ? "the usual one is taken." : "the one before it stays."), range)
      } else {
        state.tempo = text
      }
    case UInt8(ascii: "P"): state.partOrder = text
    case UInt8(ascii: "V"): declareVoice(text, at: range)
    case UInt8(ascii: "K"):
      readKey(text, at: range, isHeader: true)
      if state.phase == .header { finishHeader(isMissingKey: false, at: range) }
    default: readCommonField(kind, text, at: range)
    }
  }

  private mutating func readBodyField(
    _ kind: UInt8, _ text: String, at range: Range<Int>, isInline: Bool
  ) {
    switch kind {
    case UInt8(ascii: "M"):
      if let (meter, _) = readMeter(text, at: range) {
        state.voice.meter = meter
        emit(.meter(meter), at: range)
      }
    case UInt8(ascii: "L"):
      if let unit = readUnitLength(text, at: range) { state.voice.unit = unit }
    case UInt8(ascii: "Q"):
      let tempo = TempoField(text, unit: state.voice.unit)
      if let quarters = tempo.quartersPerMinute {
        emit(.tempo(quarters, text: store(tempo.text)), at: range)
      }
      if let remark = tempo.remark { self.remark(remark.severity, remark.sentence, range) }
    case UInt8(ascii: "P"):
      if let letter = text.utf8.first, isLetter(letter) {
        emit(.part(letter), at: range)
      } else if !text.isEmpty {
        remark(.warning, "A part is named by one letter; this P: is ignored.", range)
      }
    case UInt8(ascii: "V"): switchVoice(text, at: range, isInline: isInline)
    case UInt8(ascii: "K"): readKey(text, at: range, isHeader: false)
    case UInt8(ascii: "w"): emit(.words(text: store(text)), at: range)
    case UInt8(ascii: "s"): readSymbols(text, at: range)
    case UInt8(ascii: "T") where !isInline: break
    case UInt8(ascii: "X") where !isInline:
      remark(.warning, "A second X: needs an empty line before it; it is ignored.", range)
    default: readCommonField(kind, text, at: range)
    }
  }

  /// `s:`: signs for the notes of the line above; a dynamic mark holds in the lines after it, too.
  private mutating func readSymbols(
    _ text: String, at range: Range<Int>, isContinued: Bool = false
  ) {
    for token in SymbolToken.all(in: text) {
      if case .decoration(let name) = token.content,
        case .dynamic(let loudness) = DecorationName(name)
      {
        state.voice.loudness = loudness
      }
    }
    var start = min(range.lowerBound + 2, range.upperBound)
    while start < range.upperBound, isBlank(bytes[start]) { start += 1 }
    emit(.symbols(text: store((isContinued ? "+" : "") + text)), at: start..<range.upperBound)
  }

  /// Fields that mean the same in the header and in the music.
  private mutating func readCommonField(_ kind: UInt8, _ text: String, at range: Range<Int>) {
    switch kind {
    case UInt8(ascii: "I"): readDirective(text, at: range)
    case UInt8(ascii: "m"): readMacro(text, at: range)
    case UInt8(ascii: "U"): readUserSymbol(text, at: range)
    case UInt8(ascii: "+"): continueField(text, at: range)
    case UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "C"), UInt8(ascii: "D"),
      UInt8(ascii: "E"), UInt8(ascii: "F"), UInt8(ascii: "G"), UInt8(ascii: "H"),
      UInt8(ascii: "N"), UInt8(ascii: "O"), UInt8(ascii: "R"), UInt8(ascii: "S"),
      UInt8(ascii: "T"), UInt8(ascii: "W"), UInt8(ascii: "Z"), UInt8(ascii: "r"),
      UInt8(ascii: "w"), UInt8(ascii: "s"):
      break
    default:
      let letter = String(decoding: [kind], as: UTF8.self)
      remark(.note, "\(letter): is no field of ABC; it is ignored.", range)
    }
  }

  /// `+:` goes on with the field before it (ABC 2.1 §3.3).
  mutating func continueField(_ text: String, at range: Range<Int>) {
    switch state.lastField {
    case UInt8(ascii: "T"):
      if let last = state.header.titles.indices.last, state.phase == .header {
        state.header.titles[last] += " " + decodeText(text)
      }
    case UInt8(ascii: "C"):
      if state.phase == .header { state.header.composer += " " + decodeText(text) }
    case UInt8(ascii: "P"):
      if state.phase == .header { state.partOrder += text }
    case UInt8(ascii: "Z"):
      if let last = state.header.transcriptions.indices.last, state.phase == .header {
        state.header.transcriptions[last] += " " + decodeText(text)
      }
    case UInt8(ascii: "w"): emit(.words(text: store("+" + text)), at: range)
    case UInt8(ascii: "s"): readSymbols(text, at: range, isContinued: true)
    case 0: remark(.warning, "+: continues a field, but there is none before it.", range)
    default: break
    }
  }

  private mutating func readMeter(
    _ text: String, at range: Range<Int>
  ) -> (meter: Meter, written: String)? {
    guard let (meter, rest) = Meter.read(text) else {
      remark(
        .warning,
        "\u{201C}\(text)\u{201D} is no meter such as 4/4; "
          + (state.hasMeter || state.phase != .header
            ? "the one before it stays." : "the tune is read without one."),
        range)
      return nil
    }
    let written =
      rest.isEmpty
      ? text
      : String(decoding: trimmed(Array(text.utf8.dropLast(rest.utf8.count))[...]), as: UTF8.self)
    if !rest.isEmpty {
      remark(
        .warning,
        "M: is read as \(written); the rest, \u{201C}\(rest)\u{201D}, is ignored.", range)
    }
    if !meter.isWritable {
      let near = meter.nearestWritable
      remark(
        .warning,
        "There is no note length 1/\(meter.unit) to count a meter in (did you mean "
          + "\(near.beats)/\(near.unit)?); it is taken as written.", range)
    }
    return (meter, written)
  }

  private mutating func readUnitLength(_ text: String, at range: Range<Int>) -> Fraction? {
    // Nearly always two plain numbers.
    let ratio = plainRatio(text)
    let numbers = ratio.map { [$0.top, $0.bottom] } ?? TuneReader.numbers(text)
    if numbers.count == 2, let top = numbers[0], let bottom = numbers[1], (1...64).contains(top),
      (1...512).contains(bottom)
    {
      let unit = Fraction(top, bottom)
      if unit.denominator & (unit.denominator - 1) != 0 {
        remark(
          .warning,
          "There is no note length \(unit) (did you mean 1/\(nearestPowerOfTwo(to: bottom))?); "
            + "it is taken as written.", range)
      }
      return unit
    }
    if numbers.count == 1, let whole = numbers[0], (1...64).contains(whole) {
      guard whole > 1 else { return .one }
      let near = Fraction(1, nearestPowerOfTwo(to: whole))
      remark(
        .warning,
        "L:\(whole) would be \(whole) whole notes (did you mean \(near)?); it is read as \(near).",
        range)
      return near
    }
    // `1/8 =` and `1/8 1/4`: the first that is a length.
    let words = fieldWords(text)
    if words.count > 1, let (top, bottom) = plainRatio(words[0]), (1...64).contains(top),
      (1...512).contains(bottom)
    {
      remark(
        .warning,
        "L: is read as \(words[0]); the rest, \u{201C}\(words[1...].joined(separator: " "))"
          + "\u{201D}, is ignored.", range)
      return Fraction(top, bottom)
    }
    remark(
      .warning,
      "\u{201C}\(text)\u{201D} is no note length such as 1/8; "
        + (state.hasUnitLength || state.phase != .header
          ? "the one before it stays." : "the usual one of the meter is taken."),
      range)
    return nil
  }

  /// What stands between slashes; `nil` for what is no number.
  private static func numbers(_ text: String) -> [Int?] {
    text.utf8.filter { $0 != 0x20 && $0 != 0x09 }
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { digits in
        digits.allSatisfy { (0x30...0x39).contains($0) }
          ? Int(String(decoding: digits, as: UTF8.self)) : nil
      }
  }

  private mutating func readKey(_ text: String, at range: Range<Int>, isHeader: Bool) {
    let field = KeyField(text)
    for word in field.unknown {
      remarkUnknown(word, "K", .warning, at: range, modes: field.tonic != nil)
    }
    if field.isUnusual {
      remark(
        .note,
        "K: names its key by a capital letter with # or b; this one is read as \(field.name).",
        range)
    }
    if isHeader {
      state.header.key = field.name
      if let key = field.signature { state.seed.key = key }
      state.seed.keySound.merge(field.sound)
      return
    }
    state.voice.keySound.merge(field.sound)
    guard let key = field.signature else { return }
    state.voice.key = key
    clearAccidentals()
    emit(.key(fifths: Int8(clamping: key.fifths), isMinor: key.isMinor), at: range)
  }

  /// Turns what the header said into the start of every voice.
  mutating func finishHeader(isMissingKey: Bool, at range: Range<Int>) {
    if isMissingKey {
      let missing = state.header.number == nil && state.header.titles.isEmpty
      remark(
        missing ? .note : .warning,
        "There is no K: line before the music; it is read in C\(missing ? ", 4/4" : "").", range)
      if !state.hasMeter, missing { state.seed.meter = .common }
      if !state.hasMeter, !missing { state.seed.meter = .free }
    } else {
      if !state.hasMeter { state.seed.meter = .free }
      if state.header.number == nil, !state.hasNumberLine {
        remark(.note, "There is no X: line; the tune has no number.", range)
      }
    }
    if !state.hasUnitLength { state.seed.unit = state.seed.meter.defaultUnitLength }
    if !state.tempo.isEmpty {
      state.header.quartersPerMinute =
        TempoField(state.tempo, unit: state.seed.unit).quartersPerMinute
    }
    state.header.unitLength = state.seed.unit
    state.header.barLength = state.seed.meter.barLength
    state.header.beatLength = state.seed.meter.beatLength
    for index in state.voices.indices {
      var voice = state.seed
      voice.id = state.voices[index].id
      voice.name = state.voices[index].name
      voice.sound = state.voices[index].sound
      state.voices[index] = voice
    }
    state.voice = state.voices[0]
    state.voiceIndex = 0
    state.lineVoice = 0
    state.phase = .body
  }

  /// Says that a word of K: or V: means nothing, and what it may have been meant to be.
  private mutating func remarkUnknown(
    _ word: String, _ field: String, _ severity: Diagnostic.Severity, at range: Range<Int>,
    modes: Bool
  ) {
    let near = VoiceSound.suggestion(for: word, modes: modes)
    let question = near.map { " (did you mean \u{201C}\($0)\u{201D}?)" } ?? ""
    remark(
      near == nil ? severity : .warning,
      "\(field): does not know \u{201C}\(word)\u{201D}\(question); it is ignored.", range)
  }

  // MARK: - V:

  private mutating func declareVoice(_ text: String, at range: Range<Int>) {
    state.voices[state.voiceIndex] = state.voice
    _ = voice(named: text, at: range)
    state.voice = state.voices[state.voiceIndex]
  }

  private mutating func switchVoice(_ text: String, at range: Range<Int>, isInline: Bool) {
    state.voices[state.voiceIndex] = state.voice
    guard let index = voice(named: text, at: range) else { return }
    state.voiceIndex = index
    state.voice = state.voices[index]
    let isFirstInLine = macroRange == nil && isFirst(range.lowerBound)
    if !isInline || isFirstInLine { state.lineVoice = index }
  }

  private func isFirst(_ place: Int) -> Bool {
    var index = place - 1
    while index >= 0, isBlank(bytes[index]) || bytes[index] == UInt8(ascii: "[") { index -= 1 }
    return index < 0 || bytes[index] == 0x0A || bytes[index] == 0x0D
  }

  /// The voice that the field names, made when it is new, with the field's properties set.
  private mutating func voice(named text: String, at range: Range<Int>) -> Int? {
    let words = fieldWords(text)
    guard let id = words.first else {
      remark(.warning, "V: names no voice; it is ignored.", range)
      return nil
    }
    var sound = VoiceSound()
    for word in words.dropFirst() {
      if !sound.read(word) {
        remarkUnknown(word, "V", .note, at: range, modes: false)
      } else if VoiceSound.isUnheard(word) {
        remark(
          .note, "V: \u{201C}\(word)\u{201D} moves what other programs play; it is not heard here.",
          range)
      }
    }
    let known = state.voices.firstIndex { $0.id == id }
    let index: Int
    if let known {
      index = known
    } else if state.voices.count == 1, state.voices[0].id.isEmpty, !state.hasMusic || id == "1" {
      index = 0
      state.voices[0].id = id
    } else if state.voices.count < 64 {
      index = state.voices.count
      var new = state.seed
      new.id = id
      state.voices.append(new)
    } else {
      remark(.warning, "There are more than 64 voices; this one joins the first.", range)
      return 0
    }
    state.voices[index].sound.merge(sound)
    if let name = sound.name { state.voices[index].name = name }
    state.hasVoiceField = true
    return index
  }
}

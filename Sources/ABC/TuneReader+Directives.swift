import Music

extension TuneReader {
  /// Reads a `%%` line or an `I:` field: the ones that change what sounds.
  mutating func readDirective(_ text: String, at range: Range<Int>) {
    let words = fieldWords(text)
    guard let name = words.first?.lowercased() else { return }
    switch name {
    case "midi": readMIDI(Array(words.dropFirst()), at: range)
    case "propagate-accidentals": readPropagation(words, at: range)
    case "begintext", "beginps", "beginsvg", "beginjs": state.isSkippingText = true
    case "linebreak":
      state.lineBreaks.exclamation = words.dropFirst().contains("!")
    case "decoration":
      state.lineBreaks.plusDecorations = words.dropFirst().contains("+")
    default: break
    }
  }

  private mutating func readPropagation(_ words: [String], at range: Range<Int>) {
    let choice: ReaderState.Propagation
    switch words.count > 1 ? words[1].lowercased() : "" {
    case "not": choice = .not
    case "octave": choice = .octave
    case "pitch": choice = .pitch
    default:
      remark(
        .warning,
        "Accidentals propagate as \u{201C}not\u{201D}, \u{201C}octave\u{201D} or "
          + "\u{201C}pitch\u{201D}; this line is ignored.", range)
      return
    }
    changeVoices { $0.propagation = choice }
  }

  /// In the header every voice is meant; later all of them too, the current one included.
  private mutating func changeVoices(_ change: (inout ReaderState.Voice) -> Void) {
    change(&state.seed)
    change(&state.voice)
    for index in state.voices.indices { change(&state.voices[index]) }
  }

  private mutating func changeVoice(_ change: (inout ReaderState.Voice) -> Void) {
    if state.phase == .body { change(&state.voice) } else { changeVoices(change) }
  }

  private mutating func readMIDI(_ arguments: [String], at range: Range<Int>) {
    var words = arguments
    if words.first == "=" { words.removeFirst() }
    guard let name = words.first?.lowercased() else { return }
    let numbers = words.dropFirst().map { Int($0.hasPrefix("+") ? String($0.dropFirst()) : $0) }
    func number(_ index: Int, in bounds: ClosedRange<Int>) -> Int? {
      guard index < numbers.count, let value = numbers[index] else { return nil }
      return min(max(value, bounds.lowerBound), bounds.upperBound)
    }
    switch name {
    case "transpose", "rtranspose":
      guard let semitones = number(0, in: -127...127) else { return remarkMIDI(words, range) }
      changeVoice { voice in
        let before = name == "rtranspose" ? voice.midiTranspose : 0
        voice.midiTranspose = min(max(before + semitones, -127), 127)
      }
    case "beat":
      guard let first = number(0, in: 1...127), let strong = number(1, in: 1...127),
        let other = number(2, in: 1...127)
      else { return remarkMIDI(words, range) }
      let every = number(3, in: 1...64) ?? 1
      changeVoice {
        $0.loudness = Loudness(
          first: UInt8(first), strong: UInt8(strong), other: UInt8(other), every: UInt8(every))
      }
    case "beatmod":
      guard let step = number(0, in: -127...127) else { return remarkMIDI(words, range) }
      changeVoice {
        func moved(_ velocity: UInt8) -> UInt8 { UInt8(min(max(Int(velocity) + step, 1), 127)) }
        $0.loudness.first = moved($0.loudness.first)
        $0.loudness.strong = moved($0.loudness.strong)
        $0.loudness.other = moved($0.loudness.other)
      }
    case "trim", "beatstring", "chordattack":
      var manner = Manner()
      guard manner.read(words) else {
        remark(
          .warning, "%%MIDI \(words.joined(separator: " ")) is not understood; it is ignored.",
          range)
        return
      }
      emit(.midi(text: store(words.joined(separator: " "))), at: range)
    case "ratio":
      guard let long = number(0, in: 1...99), let short = number(1, in: 1...99) else {
        return remarkMIDI(words, range)
      }
      changeVoice {
        $0.brokenRatio = Fraction(2 * max(long, short), long + short)
        $0.usesBrokenRatio = true
      }
    case "program", "channel", "gchord", "gchordon", "gchordoff", "bassprog", "chordprog",
      "bassvol", "chordvol", "chordname", "drum", "drumon", "drumoff", "drumbars", "drummap",
      "grace", "gracedivider":
      emit(.midi(text: store(words.joined(separator: " "))), at: range)
    default:
      remark(.note, "%%MIDI \(words[0]) is not played.", range)
    }
  }

  private mutating func remarkMIDI(_ words: [String], _ range: Range<Int>) {
    remark(
      .warning, "%%MIDI \(words.joined(separator: " ")) lacks its numbers; it is ignored.", range)
  }

  // MARK: - U: and m:

  /// `U: T = !trill!` (ABC 2.1 §4.16).
  mutating func readUserSymbol(_ text: String, at range: Range<Int>) {
    let bytes = Array(text.utf8)
    guard let symbol = bytes.first, let equals = bytes.firstIndex(of: UInt8(ascii: "=")),
      symbol == UInt8(ascii: "~") || isLetter(symbol)
    else {
      remark(.warning, "U: needs a letter, = and a decoration; it is ignored.", range)
      return
    }
    var name = Array(trimmed(bytes[(equals + 1)...]))
    let marks = [UInt8(ascii: "!"), UInt8(ascii: "+")]
    if let first = name.first, marks.contains(first) { name.removeFirst() }
    if let last = name.last, marks.contains(last) { name.removeLast() }
    state.userSymbols[symbol] = String(decoding: name, as: UTF8.self)
  }

  /// `m: ~G2 = {A}G{F}G` and `m: ~n2 = (3o/n/m/ n` (ABC 2.1 §9).
  mutating func readMacro(_ text: String, at range: Range<Int>) {
    let bytes = Array(text.utf8)
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
      remark(.warning, "m: needs a target, = and its replacement; it is ignored.", range)
      return
    }
    let target = Array(trimmed(bytes[..<equals]))
    let replacement = Array(trimmed(bytes[(equals + 1)...]))
    guard !target.isEmpty, target.count <= 31, replacement.count <= 400 else {
      remark(.warning, "This macro is empty or too long; it is ignored.", range)
      return
    }
    state.macros.removeAll { $0.target == target }
    state.macros.append(
      Macro(
        target: target, replacement: replacement,
        noteIndex: target.firstIndex(of: UInt8(ascii: "n"))))
  }
}

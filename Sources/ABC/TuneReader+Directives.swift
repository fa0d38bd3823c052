import Music

extension TuneReader {
  /// Reads a `%%` line or an `I:` field: the ones that change what sounds.
  mutating func readDirective(_ text: String, at range: Range<Int>) {
    var words = fieldWords(text)
    guard let name = words.first?.lowercased() else { return }
    switch name {
    case "midi": readMIDI(Array(words.dropFirst()), at: range)
    case "propagate-accidentals": readPropagation(words, at: range)
    case "begintext", "beginps", "beginsvg", "beginjs": state.isSkippingText = true
    case "linebreak":
      state.lineBreaks.exclamation = words.dropFirst().contains("!")
    case "decoration":
      state.lineBreaks.plusDecorations = words.dropFirst().contains("+")
    case "deco":
      if words.count > 1 { state.ownDecorations.insert(words[1]) }
    case "score", "staves":
      if state.phase == .body, state.hasMusic { emit(.staves, at: range) }
    case "abc-copyright":
      if state.phase != .body {
        state.header.copyright = decodeText(words.dropFirst().joined(separator: " "))
      }
    case "percmap": readPercussionMap(words, at: range)
    case "swing":
      guard words.count == 2, let swing = Swing(words[1]) else {
        remark(
          .warning, "%%swing needs a share from 50 to 75, as %%swing 66; it is ignored.", range)
        return
      }
      emit(.midi(text: store("swing \(swing.percent)")), at: range)
    default:
      // `MIDI=program 56` and `MIDIprogram 56`.
      guard name.hasPrefix("midi") else { return }
      let rest = String(words[0].dropFirst(4))
      if rest.first == "=" {
        words[0] = String(rest.dropFirst())
        readMIDI(words.filter { !$0.isEmpty }, at: range)
      } else if MIDICommand.known.contains(rest.lowercased()) {
        remark(
          .note, "%%MIDI needs a blank after it; this is read as %%MIDI \(rest).", range)
        words[0] = rest
        readMIDI(words, at: range)
      }
    }
  }

  /// `%%percmap f 36`: the percussion key that a written note stands for. Names of instruments
  /// instead of keys are for drawing programs that know them.
  private mutating func readPercussionMap(_ words: [String], at range: Range<Int>) {
    guard words.count > 2, Int(words[2]) != nil else {
      remark(
        .note, "%%percmap is played where it gives a key of General MIDI, as %%percmap f 36.",
        range, subject: .sound)
      return
    }
    emit(.midi(text: store("drummap \(words[1]) \(words[2])")), at: range)
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
    if let first = words.first, first.first == "=" { words[0] = String(first.dropFirst()) }
    guard let name = words.first?.lowercased() else { return }
    let numbers = words.dropFirst().map { Int($0.hasPrefix("+") ? String($0.dropFirst()) : $0) }
    func number(_ index: Int, in bounds: ClosedRange<Int>) -> Int? {
      guard index < numbers.count, let value = numbers[index] else { return nil }
      return min(max(value, bounds.lowerBound), bounds.upperBound)
    }
    switch name {
    case "nobarlines": changeVoice { $0.propagation = .not }
    case "barlines": changeVoice { $0.propagation = .pitch }
    case "control":
      guard number(0, in: 0...127) != nil, number(1, in: 0...127) != nil else {
        return remarkMIDI(words, range)
      }
      emit(.midi(text: store(words.joined(separator: " "))), at: range)
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
      "grace", "gracedivider", "drone", "droneon", "droneoff":
      emit(.midi(text: store(words.joined(separator: " "))), at: range)
    default:
      let near =
        MIDICommand.known.contains(name) ? nil : nearestWord(to: name, among: MIDICommand.played)
      let question = near.map { " (did you mean \($0)?)" } ?? ""
      remark(
        .note, "%%MIDI \(words[0])\(question) is not played.", range, cause: .sameSentence,
        subject: .sound)
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

/// The words after `%%MIDI`.
enum MIDICommand {
  /// Those that are played here.
  static let played: [String] = [
    "barlines", "bassprog", "bassvol", "beat", "beatmod", "beatstring", "channel", "chordattack",
    "chordname", "chordprog", "chordvol", "control", "drone", "droneoff", "droneon", "drum",
    "drumbars", "drummap", "drumoff", "drumon", "gchord", "gchordoff", "gchordon", "grace",
    "gracedivider", "nobarlines", "program", "ratio", "rtranspose", "transpose", "trim",
  ]
  /// And those that abc2midi knows besides.
  static let known: Set<String> = Set(
    played + [
      "bassoctave", "beataccents", "bendstring", "bendvelocity", "c", "chordoctave",
      "controlcombo", "controlstring", "deltaloudness", "expand", "fermatafixed",
      "fermataproportional", "gchordbars", "gracenotes", "makechordchannels", "nobeataccents",
      "portamento", "randomchordattack", "snt", "stressmodel", "temperament",
      "temperamentlinear", "temperamentnormal", "volinc", "vol",
    ])
}

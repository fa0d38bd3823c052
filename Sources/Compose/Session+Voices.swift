import ABC
import Music

/// `voice`: going from one voice to another, and adding one that goes with them.
extension Session {
  mutating func voice(_ argument: String) -> [Effect] {
    let words = argument.split(separator: " ").map(String.init)
    guard let first = words.first else {
      return ask("voice (name or number; new NAME adds one)", .voice)
    }
    guard first == "new" else {
      goToVoice(argument)
      return []
    }
    let weight = words.count > 2 ? Double(words[2]) : Session.harmonyWeight
    guard words.count >= 2, words.count <= 3, let weight, (0...10).contains(weight) else {
      complain(
        "write voice new NAME, and perhaps how much chord tones are favoured, 0 to 10 "
          + "(\(Session.harmonyWeight.formatted(decimals: 0)) where nothing is said)")
      return []
    }
    return addVoice(words[1], weight: weight)
  }

  /// How much chord tones are favoured in a new voice, as a logarithm: about seven times.
  static let harmonyWeight = 2.0

  /// Moves the cursor to the same bar of another voice.
  private mutating func goToVoice(_ name: String) {
    let voices = parsed.voices
    let number = Int(name).flatMap { voices.indices.contains($0 - 1) ? $0 - 1 : nil }
    let named = voices.firstIndex {
      $0.id.lowercased() == name.lowercased() || $0.name.lowercased() == name.lowercased()
    }
    guard let voice = named ?? number else {
      let names = voices.enumerated().map { $1.id.isEmpty ? "\($0 + 1)" : $1.id }
      complain("there is no voice '\(name)': \(names.joined(separator: ", "))")
      return
    }
    let here = score.bar(atByte: cursor).map { parsed.bars[$0].number } ?? 1
    let own = parsed.bars.indices.filter { parsed.bars[$0].voice == voice }
    guard let bar = own.first(where: { parsed.bars[$0].number >= here }) ?? own.last else {
      notice("voice \(name) has no bars yet")
      return
    }
    moveCursor(to: start(ofBar: bar))
    notice("voice \(voiceName(voice)), bar \(max(parsed.bars[bar].number, 1))")
  }

  /// The voice the cursor is in: what is typed there belongs to it.
  public var cursorVoice: Int {
    guard parsed.voices.count > 1 else { return 0 }
    return parsed.voice(atByte: placeBehindVoiceTag(cursor), in: Array(text.utf8))
  }

  /// `2 bass`.
  public var cursorVoiceName: String { voiceName(cursorVoice) }

  /// A place at the start of a line that names its voice first (`[V:2] ...`), moved behind the name:
  /// what is put in before it would belong to the voice above.
  func placeBehindVoiceTag(_ place: Int) -> Int {
    guard parsed.voices.count > 1 else { return place }
    let bytes = Array(text.utf8)
    var start = place
    while start > 0, bytes[start - 1] == 0x20 { start -= 1 }
    guard start == 0 || bytes[start - 1] == 0x0A else { return place }
    var tag = place
    while tag < bytes.count, bytes[tag] == 0x20 { tag += 1 }
    guard bytes[tag...].starts(with: "[V:".utf8),
      let end = bytes[tag...].firstIndex(of: UInt8(ascii: "]"))
    else { return place }
    var after = end + 1
    if after < bytes.count, bytes[after] == 0x20 { after += 1 }
    return after
  }

  /// `2 bass`; the number alone where it has no name.
  func voiceName(_ voice: Int) -> String {
    guard parsed.voices.indices.contains(voice) else { return "\(voice + 1)" }
    let name = parsed.voices[voice].name
    return name.isEmpty || name == "\(voice + 1)" ? "\(voice + 1)" : "\(voice + 1) \(name)"
  }

  // MARK: A new voice

  /// Adds a voice of rests, bar for bar as the cursor's, and lets the model fill it.
  private mutating func addVoice(_ name: String, weight: Double) -> [Effect] {
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
    else {
      complain("'\(name)' is no name for a voice: letters and digits")
      return []
    }
    guard !parsed.voices.contains(where: { $0.id.lowercased() == name.lowercased() }) else {
      complain("there is a voice \(name) already (:voice \(name) goes there)")
      return []
    }
    let template = cursorVoice
    let bars = parsed.bars.indices.filter { parsed.bars[$0].voice == template }
    guard !bars.isEmpty, let block = restBlock(ofBars: bars) else {
      notice("there are no bars yet that another voice could go with")
      return []
    }
    let effects = pause()
    var end = draft.count
    let bytes = Array(text.utf8)
    while end > parsed.body.lowerBound, [10, 13, 32].contains(bytes[end - 1]) { end -= 1 }
    let sound = Session.sound(ofVoice: name)
    var edits = [Edit(end..<end, "\nV:\(name)\(sound.isEmpty ? "" : " " + sound)\n\(block)")]
    if end == draft.count { edits[0].replacement += "\n" }
    if parsed.voices.count == 1, parsed.voices[0].id.isEmpty {
      edits.append(Edit(parsed.body.lowerBound..<parsed.body.lowerBound, "V:1\n"))
    }
    guard change(edits, .command, origin: .hand) else { return effects }
    guard let voice = parsed.voices.lastIndex(where: { $0.id == name }) else { return effects }
    let own = parsed.bars.indices.filter { parsed.bars[$0].voice == voice }
    if let first = own.first {
      places.moveCursor(to: start(ofBar: first))
      places.moveHead(to: start(ofBar: first))
    }
    settle()
    guard model != nil else {
      notice("voice \(voiceName(voice)) holds rests (a model fills them: A on a selection)")
      return effects + playbackUpdate()
    }
    let gaps = harmonicGaps(ofBars: own, weight: weight)
    guard let first = own.first, let last = own.last, !gaps.isEmpty else { return effects }
    let title =
      "voice \(voiceName(voice)), \(barNames(first...last)), chord tones "
      + "+\(weight.formatted(decimals: 1))"
    return effects + playbackUpdate()
      + open(.voice(weight: weight), .fill(gaps), Room(gaps: gaps), name: title, 4)
  }

  /// Clef and octave of a voice with a name that says where it lies: what the model writes in the
  /// octaves it knows then sounds there.
  static func sound(ofVoice name: String) -> String {
    switch name.lowercased() {
    case "bass", "cello", "bassoon", "tuba", "trombone": "clef=bass octave=-2"
    case "tenor", "baritone", "viola": "clef=bass octave=-1"
    default: ""
    }
  }

  /// The bars of a voice with rests in place of their music; signs, endings, lines and changes of
  /// key, meter and unit stay. `nil` where a length has no rest.
  private func restBlock(ofBars bars: [Int]) -> String? {
    let bytes = Array(text.utf8)
    var block = ""
    for bar in bars {
      let written = parsed.bars[bar]
      let last = parsed.notes.last { $0.bar == bar }?.range.upperBound
      let frame = BarFrame(bytes, bar: written.range, lastNote: last)
      block += Session.frameWithoutVoice(
        text.text(atBytes: written.range.lowerBound..<frame.music.lowerBound))
      if written.length > .zero {
        let unit = unitLength(atByte: frame.music.lowerBound, voice: written.voice)
        guard let length = Session.spelled(length: written.length / unit) else { return nil }
        block += "z\(length)"
      }
      block += text.text(atBytes: frame.music.upperBound..<written.range.upperBound)
        .trimmingSuffix("\n")
    }
    return block.trimmingPrefix("\n")
  }

  private func unitLength(atByte byte: Int, voice: Int) -> Fraction {
    let fields = TuneTransform.fields(
      inForceAt: byte, ofVoice: parsed.voices[voice].id, in: text)
    let parts = (fields["L"] ?? "").split(separator: "/").compactMap { Int($0) }
    guard parts.count == 2, parts[0] > 0, parts[1] > 0 else { return parsed.header.unitLength }
    return Fraction(parts[0], parts[1])
  }

  /// What stands before a bar's music, without words, comments and the names of voices.
  private static func frameWithoutVoice(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let kept = lines.filter { line in
      if line.hasPrefix("%") { return false }
      guard let letter = fieldLetters(in: String(line)).first else { return true }
      return "KML".contains(letter)
    }
    var result = kept.joined(separator: "\n")
    while let start = result.range(ofFirst: "[V:"),
      let end = result[start...].firstIndex(of: "]")
    {
      result.removeSubrange(start...end)
    }
    return String(result.drop { $0 == " " })
  }

  // MARK: Harmony

  /// Bars as gaps in which tones of the chords are favoured that sound meanwhile: those of chord
  /// symbols, or those that the rule finds under the other voice.
  func harmonicGaps(ofBars bars: [Int], weight: Double) -> [Gap] {
    guard let voice = bars.first.map({ parsed.bars[$0].voice }) else { return [] }
    var chords = parsed.chordSymbols.compactMap { symbol in
      symbol.tones.map { (start: symbol.start, tones: $0) }
    }
    if chords.isEmpty,
      let other = parsed.bars.first(where: { $0.voice != voice && $0.length > .zero })?.voice
    {
      let theirs = parsed.bars.indices.filter { parsed.bars[$0].voice == other }
      chords = (harmony(ofBars: theirs).sequences(1).first ?? []).map {
        (start: $0.span.start, tones: $0.chord.tones)
      }
    }
    chords.sort { $0.start < $1.start }
    let whole = Double(MusicGrammar.whole)
    return bars.flatMap { bar -> [Gap] in
      let from = parsed.bars[bar].start
      let to = from + parsed.bars[bar].length
      var own = chords.filter { from < $0.start && $0.start < to }
      if let sounding = chords.last(where: { $0.start <= from }) {
        own.insert((start: from, tones: sounding.tones), at: 0)
      }
      return gaps(ofBars: [bar]).map { gap in
        var gap = gap
        gap.allowsChordSymbols = false
        gap.harmony = GapHarmony(
          chords: own.map { chord in
            GapHarmony.Chord(
              start: Int(((chord.start - from).value * whole).rounded()), tones: chord.tones)
          }, weight: weight)
        return gap
      }
    }
  }
}

extension String {
  /// Where a text begins in this one.
  fileprivate func range(ofFirst text: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(text) }
  }

  fileprivate func trimmingSuffix(_ end: Character) -> String {
    var text = self
    while text.last == end { text.removeLast() }
    return text
  }

  fileprivate func trimmingPrefix(_ start: Character) -> String { String(drop { $0 == start }) }
}

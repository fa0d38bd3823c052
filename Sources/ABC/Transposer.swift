import Music

/// Moves a tune's text by semitones: an interval is a number of fifths along the circle, chosen
/// for each key so that the new key has the fewest signs. Moving back gives the same text again.
///
/// Three of the fifteen keys sound like another with fewer signs, and no key that they move to can
/// tell them from it: the comment `%from Gb` behind the key then says where the way back leads.
struct Transposer {
  private let bytes: [UInt8]
  private let semitones: Int
  private var edits = TextEdits()
  /// How far keys that have come from such a key move, by their signs.
  private var waysBack: [Int: Int] = [:]

  init(_ text: String, semitones: Int) {
    bytes = Array(text.utf8)
    self.semitones = semitones
  }

  mutating func run() -> TransformedTune {
    let tune = ParsedTune(bytes: bytes)
    let keys = FieldPlace.all(in: bytes, kinds: [UInt8(ascii: "K")])
    for field in keys { keepOrigin(ofKey: field.value) }
    for (event, note) in tune.script.pitchedEvents { move(note, event) }
    for field in keys { move(key: field.value) }
    let fifths = Transposer.fifths(of: tune.script)
    for symbol in tune.chordSymbols {
      move(symbol.range, shift(from: fifths[symbol.range.lowerBound] ?? tune.script.key.fifths))
    }
    var text = edits.apply(to: bytes)
    if keys.isEmpty, !tune.notes.isEmpty { text = "K:\(FifthsName.name(shift(from: 0)))\n" + text }
    return TuneTransform.finish(text)
  }

  /// The key in force at each chord symbol, by where the symbol begins.
  private static func fifths(of script: Script) -> [Int: Int] {
    var result: [Int: Int] = [:]
    for voice in script.voices {
      var fifths = script.key.fifths
      for event in voice {
        switch event.content {
        case .key(let new, _): fifths = Int(new)
        case .chordSymbol: result[Int(event.lower)] = fifths
        default: break
        }
      }
    }
    return result
  }

  /// How far along the circle of fifths a key moves. Whole octaves leave it where it is; the key
  /// of six signs is that of six sharps, so that the way back leads to where it began.
  private func shift(from fifths: Int) -> Int {
    guard !semitones.isMultiple(of: 12) else { return 0 }
    return waysBack[fifths] ?? Transposer.usual(fifths + 7 * semitones) - fifths
  }

  /// The key with the fewest signs of those that sound alike.
  private static func usual(_ fifths: Int) -> Int {
    let target = ((fifths % 12) + 12) % 12
    return target > 6 ? target - 12 : target
  }

  /// Notes where an unusual key comes from, or takes the note away where the key goes back to it.
  private mutating func keepOrigin(ofKey value: Range<Int>) {
    let field = KeyField(String(decoding: bytes[value], as: UTF8.self))
    guard !semitones.isMultiple(of: 12), let signature = field.signature, let tonic = field.tonic,
      value.upperBound == bytes.count || bytes[value.upperBound] != UInt8(ascii: "]"),
      let now = FifthsName.place(bytes[(value.lowerBound + tonic.lowerBound)...])
    else { return }
    let mark = Array("%from ".utf8)
    let rest = bytes[value.upperBound...]
    guard rest.starts(with: mark),
      let (origin, length) = FifthsName.place(rest.dropFirst(mark.count))
    else {
      guard Transposer.usual(signature.fifths) != signature.fifths else { return }
      let name = FifthsName.name(now.place)
      edits.replace(value.upperBound..<value.upperBound, with: " %from " + name)
      return
    }
    let way = origin - now.place
    guard (way - 7 * semitones).isMultiple(of: 12) else { return }
    waysBack[signature.fifths] = way
    let end = value.upperBound + mark.count + length
    edits.replace(max(value.upperBound - 1, value.lowerBound)..<end, with: "")
  }

  /// Steps on the staff that go with a shift of fifths and the semitones.
  private func steps(_ shift: Int) -> Int {
    // A fifth up is 4 steps and 7 semitones; each octave is 7 steps and 12 semitones.
    let octaves = (semitones - 7 * shift) / 12
    return 4 * shift + 7 * octaves
  }

  private mutating func move(_ note: NoteEvent, _ event: Event) {
    let range = Int(event.lower)..<Int(event.upper)
    guard let written = NoteText(bytes[range]), var staff = written.staff else { return }
    let fifths = Int(note.fifths)
    let shift = shift(from: fifths)
    let old = TuneTransform.letter(of: staff)
    staff += steps(shift)
    var sign = ""
    if written.accidental != nil {
      let before = KeySignature(fifths: fifths).alterations
      let after = KeySignature(fifths: fifths + shift).alterations
      let distance = Int(note.alteration) - Int(before[old])
      var accidental = Int(after[TuneTransform.letter(of: staff)]) + distance
      // No sign raises a note by three semitones: another letter then has it.
      while abs(accidental) > 2 {
        let next = staff + accidental.signum()
        accidental -= Transposer.natural(next) - Transposer.natural(staff)
        staff = next
      }
      sign = NoteText.sign(accidental)
    }
    // Only the pitch is written anew, whatever the spelling of the length.
    let length = bytes[range].reversed().prefix { byte in
      (0x30...0x39).contains(byte) || byte == UInt8(ascii: "/")
    }.count
    edits.replace(
      range.lowerBound..<(range.upperBound - length),
      with: sign + String(decoding: noteText(staff - 28), as: UTF8.self))
  }

  /// Semitones of a natural letter above the lowest C.
  private static func natural(_ staff: Int) -> Int {
    let letter = TuneTransform.letter(of: staff)
    return 12 * ((staff - letter) / 7) + naturalSemitones(letter)
  }

  // MARK: - Keys

  /// Rewrites what follows `K:`; everything that does not change is left as it is written.
  private mutating func move(key value: Range<Int>) {
    let text = String(decoding: bytes[value], as: UTF8.self)
    let field = KeyField(text)
    guard let signature = field.signature else { return }
    let shift = shift(from: signature.fifths)
    if let tonic = field.tonic {
      let place = (tonic.lowerBound + value.lowerBound)..<(tonic.upperBound + value.lowerBound)
      if let (fifths, _) = FifthsName.place(
        [bytes[place.lowerBound] & 0xDF] + bytes[place].dropFirst())
      {
        edits.replace(place, with: FifthsName.name(fifths + shift))
      }
    } else if shift != 0 {
      let start = value.lowerBound + text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
      edits.replace(
        start..<(start + field.name.utf8.count), with: FifthsName.name(signature.fifths + shift))
    }
    move(field, signature, shift, value.lowerBound)
  }

  private mutating func move(
    _ field: KeyField, _ signature: KeySignature, _ shift: Int, _ base: Int
  ) {
    let plain = KeySignature(fifths: signature.fifths).alterations
    let newPlain = KeySignature(fifths: signature.fifths + shift).alterations
    func moved(_ letter: Int) -> (letter: Int, alteration: Int) {
      let new = TuneTransform.letter(of: letter + steps(shift))
      return (new, Int(signature.alterations[letter]) - Int(plain[letter]) + Int(newPlain[new]))
    }
    var listed: Set<Int> = []
    for sign in field.accidentals {
      let (letter, alteration) = moved(sign.letter)
      listed.insert(sign.letter)
      let place = (base + sign.range.lowerBound)..<(base + sign.range.upperBound)
      let isSmall = bytes[place.upperBound - 1] >= 0x61
      let name = isSmall ? "cdefgab" : "CDEFGAB"
      edits.replace(
        place,
        with: NoteText.sign(alteration)
          + String(decoding: [Array(name.utf8)[letter]], as: UTF8.self))
    }
    guard field.isExplicit, shift != 0 else { return }
    // Letters that the explicit key leaves natural may need a sign now.
    var added = ""
    for letter in 0..<7 where !listed.contains(letter) {
      let (new, alteration) = moved(letter)
      guard alteration != 0 else { continue }
      added += " " + NoteText.sign(alteration)
      added += String(decoding: [Array("cdefgab".utf8)[new]], as: UTF8.self)
    }
    if !added.isEmpty, let last = field.accidentals.last?.range.upperBound ?? field.explicitEnd {
      edits.replace((base + last)..<(base + last), with: added)
    }
  }

  // MARK: - Chord symbols

  /// Moves every chord of a symbol, alternatives in brackets included, on the circle of fifths as
  /// far as its key moves: so it keeps its place within the key, and the way back is the same.
  private mutating func move(_ symbol: Range<Int>, _ shift: Int) {
    guard shift != 0, !symbol.isEmpty else { return }
    var start = symbol.lowerBound
    for index in symbol {
      let isEnd = index + 1 == symbol.upperBound
      if isEnd || "();[]\"".utf8.contains(bytes[index]) || bytes[index] >= 0xE2 && isCurly(index) {
        moveChord(start..<(isEnd && bytes[index] != UInt8(ascii: "\"") ? index + 1 : index), shift)
        start = index + (bytes[index] == 0xE2 ? 3 : 1)
      } else if bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "n") {
        moveChord(start..<index, shift)
        start = index + 2
      }
    }
  }

  private func isCurly(_ index: Int) -> Bool {
    index + 2 < bytes.count && bytes[index + 1] == 0x80 && (0x9C...0x9E).contains(bytes[index + 2])
  }

  private mutating func moveChord(_ range: Range<Int>, _ shift: Int) {
    guard range.lowerBound < range.upperBound else { return }
    let chord = trimmed(bytes[range])
    guard case .chord = ChordName.read(String(decoding: chord, as: UTF8.self)) else { return }
    replaceName(at: chord.startIndex, in: chord, shift)
    if let slash = chord.lastIndex(of: UInt8(ascii: "/")) {
      replaceName(at: slash + 1, in: chord, shift)
    }
  }

  private mutating func replaceName(at start: Int, in chord: ArraySlice<UInt8>, _ shift: Int) {
    guard start < chord.endIndex, let (place, length) = FifthsName.place(chord[start...]) else {
      return
    }
    let isPrinted = chord[start..<(start + length)].contains(0xE2)
    let name = FifthsName.name(place + shift, isPrinted: isPrinted)
    edits.replace(start..<(start + length), with: name)
  }
}

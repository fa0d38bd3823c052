import Music

/// Moves a tune's text by semitones: an interval is a number of fifths along the circle, chosen
/// for each key so that the new key has the fewest signs.
struct Transposer {
  private let bytes: [UInt8]
  private let semitones: Int
  private var edits = TextEdits()

  init(_ text: String, semitones: Int) {
    bytes = Array(text.utf8)
    self.semitones = semitones
  }

  mutating func run() -> TransformedTune {
    let tune = ParsedTune(bytes: bytes)
    for (event, note) in tune.script.pitchedEvents { move(note, event) }
    var chordFifths: [(place: Int, fifths: Int)] = [(0, tune.script.key.fifths)]
    let keys = FieldPlace.all(in: bytes, kinds: [UInt8(ascii: "K")])
    for field in keys {
      let text = String(decoding: trimmed(bytes[field.value]), as: UTF8.self)
      let key = KeyField(text)
      if let signature = key.signature {
        chordFifths.append((field.value.lowerBound, signature.fifths))
        edits.replace(field.value, with: moved(key, signature, text))
      }
    }
    for symbol in tune.chordSymbols {
      let fifths = chordFifths.last { $0.place <= symbol.range.lowerBound }?.fifths ?? 0
      guard case .chord = ChordName.read(symbol.text) else { continue }
      edits.replace(symbol.range, with: "\"" + moved(symbol.text, shift(from: fifths)) + "\"")
    }
    var text = edits.apply(to: bytes)
    if keys.isEmpty, !tune.notes.isEmpty { text = "K:\(FifthsName.name(shift(from: 0)))\n" + text }
    return TuneTransform.finish(text)
  }

  /// How far along the circle of fifths a key moves.
  private func shift(from fifths: Int) -> Int {
    var target = fifths + 7 * semitones
    target = ((target % 12) + 12) % 12
    if target > 6 { target -= 12 }
    // G flat rather than F sharp when coming from flats.
    if target == 6, fifths < 0 { target = -6 }
    return target - fifths
  }

  /// Steps on the staff that go with a shift of fifths and the semitones.
  private func steps(_ shift: Int) -> Int {
    // A fifth up is 4 steps and 7 semitones; each octave is 7 steps and 12 semitones.
    let octaves = (semitones - 7 * shift) / 12
    return 4 * shift + 7 * octaves
  }

  private mutating func move(_ note: NoteEvent, _ event: Event) {
    let range = Int(event.lower)..<Int(event.upper)
    guard var written = NoteText(bytes[range]), let staff = written.staff else { return }
    let fifths = Int(note.fifths)
    let shift = shift(from: fifths)
    let new = staff + steps(shift)
    written.staff = new
    if written.accidental != nil {
      let before = KeySignature(fifths: fifths).alterations
      let after = KeySignature(fifths: fifths + shift).alterations
      let distance = Int(note.alteration) - Int(before[TuneTransform.letter(of: staff)])
      written.accidental = Int(after[TuneTransform.letter(of: new)]) + distance
    }
    edits.replace(range, with: written.text)
  }

  private func moved(_ field: KeyField, _ signature: KeySignature, _ text: String) -> String {
    let shift = shift(from: signature.fifths)
    var words = fieldWords(text)
    let name = Array(field.name.utf8)
    var result: String
    if name.isEmpty || field.name.lowercased() == "none" || name.first == UInt8(ascii: "H") {
      result = FifthsName.name(signature.fifths + shift)
      if !name.isEmpty, !words.isEmpty { words.removeFirst() }
    } else if let (place, length) = FifthsName.place(name[...]) {
      result = FifthsName.name(place + shift) + String(decoding: name[length...], as: UTF8.self)
      words.removeFirst(words.first == field.name ? 1 : min(2, words.count))
    } else {
      return text
    }
    let plain = KeySignature(fifths: signature.fifths).alterations
    let newPlain = KeySignature(fifths: signature.fifths + shift).alterations
    let isExplicit = words.contains { $0.lowercased() == "exp" }
    if isExplicit { result += " exp" }
    for letter in 0..<7 {
      let alteration = Int(signature.alterations[letter])
      let new = TuneTransform.letter(of: letter + steps(shift))
      let moved = alteration - Int(plain[letter]) + Int(newPlain[new])
      let isNeeded = isExplicit ? moved != 0 : alteration != Int(plain[letter])
      if isNeeded {
        result += " " + NoteText.sign(moved)
        result += String(decoding: [Array("cdefgab".utf8)[new]], as: UTF8.self)
      }
    }
    for word in words where word.lowercased() != "exp" && !"^_=".utf8.contains(word.utf8.first ?? 0)
    {
      result += " " + word
    }
    return result
  }

  private func moved(_ symbol: String, _ shift: Int) -> String {
    let name = Array(symbol.utf8)
    var result: [UInt8] = []
    var index = 0
    var isStart = true
    while index < name.count {
      if isStart, let (place, length) = FifthsName.place(name[index...]) {
        var new = place + shift
        while new > 8 { new -= 12 }
        while new < -8 { new += 12 }
        result += Array(FifthsName.name(new).utf8)
        index += length
        isStart = false
        continue
      }
      isStart = name[index] == UInt8(ascii: "/") || name[index] == UInt8(ascii: "(")
      result.append(name[index])
      index += 1
    }
    return String(decoding: result, as: UTF8.self)
  }
}

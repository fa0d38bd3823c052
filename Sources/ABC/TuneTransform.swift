import Music

/// A tune's text changed in a musical way, and what could not be carried over.
public struct TransformedTune: Hashable, Sendable {
  public var text: String
  /// Places refer to the new text.
  public var diagnostics: [Diagnostic]

  public init(text: String, diagnostics: [Diagnostic] = []) {
    self.text = text
    self.diagnostics = diagnostics
  }
}

/// Musical changes of a tune's text. Everything that is not concerned (words, titles, layout,
/// decorations) stays as it was written.
public enum TuneTransform {
  /// Moves everything by `semitones` (-48...48), key signatures and chord symbols included;
  /// notes are respelled in the new keys.
  public static func transpose(_ text: String, semitones: Int) -> TransformedTune {
    let semitones = min(max(semitones, -48), 48)
    let text = withoutMacros(text)
    var mover = Transposer(text, semitones: semitones)
    return mover.run()
  }

  /// Moves every note by `steps` of the scale (-28...28); the keys stay. With `range`, only the
  /// notes and chord symbols in those bytes.
  public static func transpose(
    _ text: String, steps: Int, range: Range<Int>? = nil
  ) -> TransformedTune {
    let steps = min(max(steps, -28), 28)
    return moveOnStaff(text, range) { staff, _ in
      (staff + steps, 1)
    } chord: { letter in
      letter + steps
    }
  }

  /// The text with one written note moved on the staff, and a sign before it or none.
  ///
  /// - Parameters:
  ///   - range: The note's bytes, as `ParsedTune.WrittenNote` tells them.
  ///   - accidental: -2...2; `nil` = no sign.
  /// - Returns: `nil` where no plain note stands there.
  public static func respell(
    _ text: String, note range: Range<Int>, steps: Int, accidental: Int?
  ) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.indices.contains(range.lowerBound), range.upperBound <= bytes.count,
      var written = NoteText(bytes[range]), let staff = written.staff
    else { return nil }
    written.staff = staff + steps
    written.accidental = accidental
    var edits = TextEdits()
    edits.replace(range, with: written.text)
    return edits.apply(to: bytes)
  }

  /// Mirrors the melody on the staff around its first note; the keys stay. With `range`, only the
  /// notes in those bytes, around the first of them.
  public static func invert(_ text: String, range: Range<Int>? = nil) -> TransformedTune {
    let tune = ParsedTune(text: text)
    let first = tune.script.voices.lazy.flatMap { $0 }.compactMap { event -> Int? in
      event.sounds && range?.contains(Int(event.lower)) ?? true ? Int(event.note.staff) : nil
    }.first
    guard let first else { return TransformedTune(text: text, diagnostics: []) }
    return moveOnStaff(text, range) { staff, _ in
      (2 * first - staff, -1)
    } chord: { _ in
      nil
    }
  }

  /// Moves notes on the staff; accidentals keep, or mirror, their distance from the key.
  private static func moveOnStaff(
    _ text: String, _ wanted: Range<Int>?, to place: (Int, Int) -> (staff: Int, sign: Int),
    chord: (Int) -> Int?
  ) -> TransformedTune {
    // A range speaks of the text as it stands.
    let bytes = Array((wanted == nil ? withoutMacros(text) : text).utf8)
    let tune = ParsedTune(bytes: bytes)
    var edits = TextEdits()
    for case (let event, let note) in tune.script.pitchedEvents {
      let range = Int(event.lower)..<Int(event.upper)
      guard wanted?.contains(range.lowerBound) ?? true, var written = NoteText(bytes[range]),
        let staff = written.staff
      else { continue }
      let (new, sign) = place(staff, 0)
      written.staff = new
      if written.accidental != nil {
        let scale = KeySignature(fifths: Int(note.fifths)).alterations
        let distance = Int(note.alteration) - Int(scale[letter(of: staff)])
        written.accidental = Int(scale[letter(of: new)]) + sign * distance
      }
      edits.replace(range, with: written.text)
    }
    for symbol in tune.chordSymbols where wanted?.contains(symbol.range.lowerBound) ?? true {
      let name = Array(symbol.text.utf8)
      guard case .chord = ChordName.read(symbol.text), let first = name.first,
        let old = letterIndex(first), let moved = chord(old)
      else { continue }
      let scale = KeySignature(fifths: tune.script.key.fifths).alterations
      let new = ((moved % 7) + 7) % 7
      edits.replace(
        symbol.range,
        with: "\"" + diatonicChord(name, old: old, new: new, scale: scale) + "\"")
    }
    return finish(edits.apply(to: bytes))
  }

  /// A plain triad takes the third and fifth that the scale gives it; other kinds stay.
  private static func diatonicChord(
    _ name: [UInt8], old: Int, new: Int, scale: SIMD8<Int8>
  ) -> String {
    func pitch(_ letter: Int) -> Int {
      naturalSemitones(letter % 7) + Int(scale[letter % 7]) + 12 * (letter / 7)
    }
    var rest = String(decoding: name.dropFirst(), as: UTF8.self)
    if let sign = rest.first, sign == "#" || sign == "b" { rest.removeFirst() }
    if rest.isEmpty || rest == "m" || rest == "dim" {
      let third = pitch(new + 2) - pitch(new)
      let fifth = pitch(new + 4) - pitch(new)
      rest = third == 4 ? "" : fifth == 6 ? "dim" : "m"
    }
    return FifthsName.letter(new, alteration: Int(scale[new])) + rest
  }

  /// Doubles (2) or halves (1/2) every length, and changes the meters so that bars still add up.
  /// With `range`, only the notes in those bytes change, and no meter.
  public static func stretch(
    _ text: String, by factor: Fraction, range: Range<Int>? = nil
  ) -> TransformedTune {
    guard factor > .zero, factor.numerator <= 16, factor.denominator <= 16 else {
      return TransformedTune(text: text, diagnostics: [])
    }
    // A range speaks of the text as it stands.
    let bytes = Array((range == nil ? withoutMacros(text) : text).utf8)
    let tune = ParsedTune(bytes: bytes)
    var edits = TextEdits()
    for event in tune.script.voices.joined() {
      guard case .note = event.content, event.note.kind != .grace else { continue }
      let place = Int(event.lower)..<Int(event.upper)
      if let range, !range.contains(place.lowerBound) { continue }
      guard var written = NoteText(bytes[place]), !event.note.flags.contains(.isBars) else {
        continue
      }
      written.length = written.length * factor
      edits.replace(place, with: written.text)
    }
    if range == nil {
      for field in FieldPlace.all(in: bytes, kinds: [UInt8(ascii: "M")]) {
        let written = String(decoding: trimmed(bytes[field.value]), as: UTF8.self)
        guard let meter = Meter(written), !meter.isFree else { continue }
        let length = Fraction(meter.beats, meter.unit) * factor
        var unit = max(meter.unit * factor.denominator / factor.numerator, 1)
        while unit < length.denominator { unit *= 2 }
        edits.replace(field.value, with: "\((length * unit).numerator)/\(unit)")
      }
    }
    return finish(edits.apply(to: bytes))
  }

  /// Macros (`m:`) written out, because notes that are moved or lengthened no longer match them.
  static func withoutMacros(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let definitions = FieldPlace.all(in: bytes, kinds: [UInt8(ascii: "m")])
    guard !definitions.isEmpty else { return text }
    var reader = TuneReader(whole: bytes)
    reader.recordsExpansions = true
    while !reader.isAtEnd { reader.fillChunk() }
    guard !reader.expansions.isEmpty else { return text }
    var edits = TextEdits()
    for (place, expansion) in reader.expansions {
      edits.replace(place, with: String(decoding: expansion, as: UTF8.self))
    }
    for field in definitions {
      // The whole line, or `[m:...]`.
      let isInline = field.value.lowerBound > 2 && bytes[field.value.lowerBound - 3] == 0x5B
      let lower = field.value.lowerBound - (isInline ? 3 : 2)
      var upper = field.value.upperBound
      if isInline {
        upper = min(upper + 1, bytes.count)
      } else {
        while upper < bytes.count, bytes[upper - 1] != 0x0A { upper += 1 }
      }
      edits.replace(lower..<upper, with: "")
    }
    return edits.apply(to: bytes)
  }

  static func letter(of staff: Int) -> Int { ((staff % 7) + 7) % 7 }

  static func finish(_ text: String) -> TransformedTune {
    TransformedTune(text: text, diagnostics: ParsedTune(text: text).diagnostics)
  }

  static func refuse(_ text: String, _ sentence: String) -> TransformedTune {
    TransformedTune(
      text: text,
      diagnostics: [
        Diagnostic(severity: .error, range: 0..<0, line: 1, column: 1, sentence: sentence)
      ])
  }
}

extension Script {
  /// Notes and grace notes of all voices.
  var pitchedEvents: [(Event, NoteEvent)] {
    voices.joined().compactMap { event in
      if case .note = event.content, event.note.kind != .rest { (event, event.note) } else { nil }
    }
  }
}

/// Note names along the circle of fifths: F -1, C 0, G 1 ...
enum FifthsName {
  static func name(_ place: Int, isPrinted: Bool = false) -> String {
    let letters = Array("FCGDAEB".utf8)
    let index = place + 1
    let letter = ((index % 7) + 7) % 7
    let signs = (index - letter) / 7
    let names = isPrinted ? ("♯", "♭") : ("#", "b")
    let sign = String(repeating: signs > 0 ? names.0 : names.1, count: abs(signs))
    return String(decoding: [letters[letter]], as: UTF8.self) + sign
  }

  /// The place of `F#`, `Bb` ... and how many bytes the name takes.
  static func place(_ name: ArraySlice<UInt8>) -> (place: Int, length: Int)? {
    guard let first = name.first, (0x41...0x47).contains(first),
      let letter = Array("FCGDAEB".utf8).firstIndex(of: first)
    else { return nil }
    var place = letter - 1
    var length = 1
    for _ in 0..<4 {
      let rest = name.dropFirst(length)
      if rest.first == UInt8(ascii: "#") {
        place += 7
        length += 1
      } else if rest.first == UInt8(ascii: "b") {
        place -= 7
        length += 1
      } else if rest.starts(with: "♯".utf8) {
        place += 7
        length += 3
      } else if rest.starts(with: "♭".utf8) {
        place -= 7
        length += 3
      } else {
        break
      }
    }
    return (place, length)
  }

  static func letter(_ letter: Int, alteration: Int) -> String {
    let name = String(decoding: [Array("CDEFGAB".utf8)[letter]], as: UTF8.self)
    return name + String(repeating: alteration > 0 ? "#" : "b", count: min(abs(alteration), 2))
  }
}

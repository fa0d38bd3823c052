import ABC

/// A note as a staff shows it: its step, the accidental that is written, its value.
struct StaffNote {
  /// Diatonic steps as the text writes them: 7 for each octave, 28 = middle C, 34 = the middle line.
  var step: Int
  /// What is written before it.
  var accidental: Accidental?

  enum Accidental: String {
    case sharp = "^"
    case flat = "_"
    case natural = "="
    case doubleSharp = "^^"
    case doubleFlat = "__"

    func sign(_ symbols: Symbols) -> Unicode.Scalar {
      switch self {
      case .sharp: symbols == .unicode ? "♯" : "#"
      case .flat: symbols == .unicode ? "♭" : "b"
      case .natural: symbols == .unicode ? "♮" : "="
      case .doubleSharp: "x"
      case .doubleFlat: symbols == .unicode ? "♭" : "b"
      }
    }
  }

  /// Reads `^^c'`, `_B,`, `=e3/2`; nil for what has no letter.
  init?(_ text: String) {
    let signs = text.prefix { "^_=".contains($0) }
    accidental = Accidental(rawValue: String(signs))
    guard let letter = text.dropFirst(signs.count).first,
      let place = Array("CDEFGAB").firstIndex(of: Character(letter.uppercased()))
    else { return nil }
    step = 28 + place + (letter.isLowercase ? 7 : 0)
    for mark in text.dropFirst(signs.count + 1) {
      if mark == "'" { step += 7 } else if mark == "," { step -= 7 } else { break }
    }
  }

  /// The lines of the staff: E4, G4, B4, D5, F5.
  static let lines = 30...38
  static let middle = 34

  static func isLine(_ step: Int) -> Bool { step.isMultiple(of: 2) }
  static func letter(of step: Int) -> Character {
    Array("CDEFGAB")[((step % 7) + 7) % 7]
  }

  /// Where a key signature's signs stand, the first sign first: sharps from F5 on, flats from B4 on.
  static func signature(fifths: Int) -> [(step: Int, accidental: Accidental)] {
    let sharps = [38, 35, 39, 36, 33, 37, 34]
    let flats = [34, 37, 33, 36, 32, 35, 31]
    return fifths >= 0
      ? sharps.prefix(fifths).map { ($0, .sharp) } : flats.prefix(-fifths).map { ($0, .flat) }
  }

  /// The MIDI key of a step with the signs of a key signature.
  static func key(of step: Int, fifths: Int) -> Int {
    let semitones = [0, 2, 4, 5, 7, 9, 11]
    let octave = step >= 0 ? step / 7 : (step - 6) / 7
    let letter = step - 7 * octave
    let signs = signature(fifths: fifths).filter { ($0.step - letter) % 7 == 0 }
    return 12 * (octave + 1) + semitones[letter] + signs.count * (fifths < 0 ? -1 : 1)
  }

  /// The value of a note, `w h q e s t` or their signs, and what stands behind it: a point, or the 3 of
  /// a triplet.
  static func value(
    of length: Double, _ symbols: Symbols
  ) -> (sign: Unicode.Scalar, mark: Unicode.Scalar?) {
    let values: [(length: Double, unicode: Unicode.Scalar, ascii: Unicode.Scalar)] = [
      (1, "w", "w"), (0.5, "h", "h"), (0.25, "♩", "q"), (0.125, "♪", "e"), (0.0625, "♬", "s"),
      (0.03125, "t", "t"),
    ]
    // Three in the time of two: two thirds of the value that is written.
    let triplet = values.first { abs($0.length * 2 / 3 - length) < $0.length * 1e-3 }
    let value = triplet ?? values.first { $0.length <= length * 1.0001 } ?? values[values.count - 1]
    let isDotted = triplet == nil && length >= value.length * 1.45
    return (
      symbols == .unicode ? value.unicode : value.ascii, triplet != nil ? "3" : isDotted ? "." : nil
    )
  }
}

/// Where the notes of a bar stand on a staff: side by side, with room for accidentals, and a blank
/// before each beat.
struct StaffSpacing {
  /// Moments in whole notes from the bar's start, and their columns from the bar line.
  private(set) var slots: [(time: Double, column: Int)] = []
  private(set) var width = 1

  /// - Parameters:
  ///   - notes: Those of all voices that sound in the bar.
  ///   - start: Of the bar, in whole notes.
  ///   - beat: In whole notes; 0 = there is none.
  ///   - extra: Blanks between notes besides.
  init(
    _ notes: [ParsedTune.WrittenNote], _ text: String, start: Double, length: Double, beat: Double,
    extra: Int, beginsRepeat: Bool, endsRepeat: Bool
  ) {
    var onsets: [(time: Double, hasSign: Bool, graces: Int)] = []
    for note in notes.sorted(by: { $0.start.value < $1.start.value }) {
      let time = note.start.value - start
      if onsets.last.map({ abs($0.time - time) > 1e-9 }) ?? true { onsets.append((time, false, 0)) }
      let last = onsets.count - 1
      if note.kind == .grace { onsets[last].graces += 1 }
      let sign = StaffNote(text.text(atBytes: note.range))?.accidental
      if note.kind == .note, sign != nil { onsets[last].hasSign = true }
    }
    var column = beginsRepeat ? 1 : 0
    for (place, onset) in onsets.enumerated() {
      if place > 0 {
        let beats = beat > 0 ? onset.time / beat : 0
        column += 1 + extra
        if beat > 0, abs(beats - beats.rounded()) < 1e-6 { column += 1 }
      }
      column += onset.graces + (onset.hasSign ? 1 : 0)
      slots.append((onset.time, column))
    }
    // A long last note is given some room, and a bar without notes that of its beats.
    let rest = length - (onsets.last?.time ?? 0)
    column += slots.isEmpty ? 3 : beat > 0 && rest > beat * 1.01 ? 2 : 1
    width = column + (endsRepeat ? 1 : 0)
  }

  /// The column of a moment, between two notes in proportion.
  func column(at time: Double, length: Double) -> Double {
    guard let next = slots.firstIndex(where: { $0.time > time + 1e-9 }) else {
      guard let last = slots.last, length > last.time else {
        return Double(slots.last?.column ?? 0)
      }
      let share = min(max((time - last.time) / (length - last.time), 0), 1)
      return Double(last.column) + share * Double(max(width - last.column, 0))
    }
    let after = slots[next]
    guard next > 0 else { return Double(after.column) }
    let before = slots[next - 1]
    let share = (time - before.time) / (after.time - before.time)
    return Double(before.column) + share * Double(after.column - before.column)
  }

  /// The moment of the note that stands at a column or before it.
  func time(at column: Int) -> Double {
    slots.last { $0.column <= column }?.time ?? slots.first?.time ?? 0
  }
}

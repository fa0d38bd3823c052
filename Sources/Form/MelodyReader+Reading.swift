extension MelodyReader {
  public mutating func read(_ scalar: Unicode.Scalar) {
    defer { count += 1 }
    switch place {
    case .fieldLetter(let letter):
      if scalar == ":" {
        place = .field(letter, "")
        return
      }
      place = isInHeader ? .lineStart : .music
      if !isInHeader { beginBar() }
    case .field(let letter, let value):
      guard scalar == "\n" else {
        place = .field(letter, value + String(Character(scalar)))
        return
      }
      endField(letter, value)
      place = .lineStart
      return
    case .quote:
      if scalar == "\"" || scalar == "\n" { place = scalar == "\n" ? .lineStart : .music }
      return
    case .bang:
      if scalar == "!" || scalar == "\n" { place = scalar == "\n" ? .lineStart : .music }
      return
    case .grace:
      if scalar == "}" || scalar == "\n" { place = scalar == "\n" ? .lineStart : .music }
      return
    case .inlineField(let text):
      if scalar == "]" || scalar == "\n" {
        if let letter = text.unicodeScalars.first, text.dropFirst().hasPrefix(":") {
          endField(letter, String(text.dropFirst(2)))
        }
        place = scalar == "\n" ? .lineStart : .music
      } else {
        place = .inlineField(text + String(Character(scalar)))
      }
      return
    case .bracket:
      readAfterBracket(scalar)
      return
    case .note:
      if continueNote(scalar) { return }
      settle()
      place = .music
    case .paren:
      if let digit = Self.digit(scalar) {
        place = .tuplet(String(digit))
        return
      }
      place = .music
    case .tuplet(let text):
      if scalar == ":" || Self.digit(scalar) != nil {
        place = .tuplet(text + String(Character(scalar)))
        return
      }
      startTuplet(text)
      place = .music
    case .bar:
      if "|:]".unicodeScalars.contains(scalar) || Self.digit(scalar) != nil {
        marks.unicodeScalars.append(scalar)
        return
      }
      place = .music
    case .lineStart, .music:
      break
    }
    begin(scalar)
  }

  /// Whether a scalar, which comes next, begins the music of a bar: the place before it is where
  /// the plan of that bar stands.
  public func begins(_ scalar: Unicode.Scalar) -> Bool {
    guard !hasBegun, !isInHeader else { return false }
    switch place {
    case .lineStart:
      return !Self.fieldLetters.contains(scalar) && !Self.isBetween(scalar)
    case .fieldLetter: return scalar != ":"
    case .music: return !Self.isBetween(scalar)
    case .bar: return !Self.isBetween(scalar) && scalar != "]"
    case .bracket: return Self.step(scalar) != nil || "^_=".unicodeScalars.contains(scalar)
    default: return false
    }
  }

  /// Signs that do not begin a bar's music.
  private static func isBetween(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "|", ":", "[", "\n", " ", "0"..."9": true
    default: false
    }
  }

  private static let fieldLetters: Set<Unicode.Scalar> = ["K", "M", "L", "P", "Q"]

  private mutating func begin(_ scalar: Unicode.Scalar) {
    if isInHeader {
      place = scalar == "\n" ? .lineStart : .fieldLetter(scalar)
      return
    }
    if place == .lineStart, Self.fieldLetters.contains(scalar) {
      place = .fieldLetter(scalar)
      return
    }
    switch scalar {
    case "\n": place = .lineStart
    case " ": place = .music
    case "|", ":":
      if bar.length > 0 { closeBar() }
      marks.unicodeScalars.append(scalar)
      place = .bar
    case "[": place = .bracket
    case "]":
      if let notes = chord { endChord(notes) } else { place = .music }
    default:
      if Self.digit(scalar) != nil, !hasBegun {
        marks.unicodeScalars.append(scalar)
        return
      }
      beginBar()
      beginMusic(scalar)
    }
  }

  private mutating func readAfterBracket(_ scalar: Unicode.Scalar) {
    if Self.digit(scalar) != nil || scalar == "|" {
      if bar.length > 0 { closeBar() }
      marks.unicodeScalars.append(scalar)
      place = .bar
    } else if Self.step(scalar) != nil || "^_=".unicodeScalars.contains(scalar) {
      beginBar()
      chord = []
      place = .music
      beginMusic(scalar)
    } else {
      place = .inlineField(String(Character(scalar)))
    }
  }

  private mutating func beginMusic(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "^": note.accidental = (note.accidental ?? 0) + 1
    case "_": note.accidental = (note.accidental ?? 0) - 1
    case "=": note.accidental = 0
    case "z", "x":
      note = NoteInProgress()
      place = .note
    case "\"": place = .quote
    case "!": place = .bang
    case "{": place = .grace
    case "(": place = .paren
    case ">", "<": readBroken(scalar)
    default:
      guard let step = Self.step(scalar) else { return }
      note = NoteInProgress(accidental: note.accidental, step: step)
      place = .note
    }
  }

  // MARK: Notes

  private mutating func continueNote(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "'": note.step = note.step.map { $0 + 7 }
    case ",": note.step = note.step.map { $0 - 7 }
    case "/":
      if note.hasSlash { note.denominator = note.denominator == 0 ? 4 : note.denominator * 2 }
      note.hasSlash = true
      note.denominator = min(note.denominator, 512)
    default:
      guard let digit = Self.digit(scalar) else { return false }
      if note.hasSlash {
        note.denominator = min(512, note.denominator * 10 + digit)
      } else {
        note.numerator = min(512, note.numerator * 10 + digit)
      }
    }
    return true
  }

  /// The MIDI key of a note in this bar, as it would sound.
  public func pitch(step: Int, accidental: Int?) -> Int {
    let letter = ((step % 7) + 7) % 7
    let octave = (step - letter) / 7
    let raised = accidental ?? accidentals[step] ?? signature[letter]
    return 12 * octave + Self.semitones[letter] + raised
  }

  private mutating func pitch(of note: NoteInProgress) -> Int? {
    guard let step = note.step else { return nil }
    if let accidental = note.accidental { accidentals[step] = accidental }
    return pitch(step: step, accidental: note.accidental)
  }

  /// Counts the note in progress, as something else follows it.
  mutating func settle() {
    guard place == .note else { return }
    if chord != nil {
      chord?.append(note)
    } else {
      add(pitch(of: note), length: note.length(unit: unit))
    }
    note = NoteInProgress()
    place = .music
  }

  private mutating func endChord(_ notes: [NoteInProgress]) {
    chord = nil
    let pitches = notes.compactMap { pitch(of: $0) }
    let length = notes.first?.length(unit: unit) ?? unit
    // The length after the bracket multiplies that of the chord's notes.
    top = (pitches.max(), length)
    note = NoteInProgress()
    place = .note
  }

  private mutating func add(_ pitch: Int?, length: Int) {
    var pitch = pitch
    var length = length
    if let top {
      pitch = top.pitch
      length = length * top.length / max(1, unit)
      self.top = nil
    }
    let counted = sounding(length)
    bar.notes.append(MelodyNote(pitch: pitch, onset: bar.length, length: counted))
    bar.length += counted
    if tuplet.left > 0 { tuplet.left -= 1 }
    broken = Self.brokenWhole
    brokenBase = (0, 0)
  }

  private mutating func readBroken(_ scalar: Unicode.Scalar) {
    guard let last = bar.notes.last else { return }
    if brokenBase.signs == 0 { brokenBase.length = last.length }
    brokenBase.signs = min(3, brokenBase.signs + 1)
    // One sign takes a half, two take three quarters, three seven eighths (ABC 2.1 §4.4).
    let short = Self.brokenWhole >> brokenBase.signs
    let long = 2 * Self.brokenWhole - short
    let own = scalar == ">" ? long : short
    broken = scalar == ">" ? short : long
    bar.notes[bar.notes.count - 1].length = brokenBase.length * own / Self.brokenWhole
    bar.length = last.onset + bar.notes[bar.notes.count - 1].length
  }

  private mutating func startTuplet(_ text: String) {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    let count = min(max(2, numbers.first.flatMap { $0 } ?? 3), 9)
    let time: Int
    switch count {
    case 2, 4, 8: time = 3
    case 3, 6: time = 2
    default: time = isCompound ? 3 : 2
    }
    let given = numbers.dropFirst().first.flatMap { $0 }
    let left = numbers.dropFirst(2).first.flatMap { $0 }
    tuplet = (min(max(1, given ?? time), 16), count, min(max(1, left ?? count), 64))
  }

  // MARK: Bars

  mutating func beginBar() {
    guard !hasBegun else { return }
    switch boundary {
    case .part:
      if !bars.isEmpty, !isPickupOnly {
        if closesRepeat { repeatedParts.insert(part) }
        part += 1
      }
      ending = 0
    case .firstEnding: ending = 1
    case .secondEnding: ending = 2
    case .bar: break
    }
    marks = ""
    hasBegun = true
    bar = MelodyBar()
    bar.text = count..<count
    bar.part = part
    bar.ending = ending
  }

  mutating func closeBar() {
    settle()
    bar.text = bar.text.lowerBound..<count
    let isFirst = bars.last.map { $0.part != bar.part } ?? true
    bar.isPickup = isFirst && bar.ending != 2 && (barLength.map { bar.length < $0 } ?? false)
    bar.grid = MelodyGrid([bar])
    bars.append(bar)
    bar = MelodyBar()
    marks = ""
    hasBegun = false
    accidentals = [:]
    note = NoteInProgress()
    chord = nil
    top = nil
    tuplet = (1, 1, 0)
    broken = Self.brokenWhole
    brokenBase = (0, 0)
  }

  static func digit(_ scalar: Unicode.Scalar) -> Int? {
    ("0"..."9").contains(scalar) ? Int(scalar.value) - 48 : nil
  }

  /// A letter's step: C = 35, B = 41, c = 42: seven for each octave of MIDI keys.
  static func step(_ scalar: Unicode.Scalar) -> Int? {
    switch scalar {
    case "A"..."G": 35 + (Int(scalar.value) - 65 + 5) % 7
    case "a"..."g": 42 + (Int(scalar.value) - 97 + 5) % 7
    default: nil
    }
  }

  private static let semitones = [0, 2, 4, 5, 7, 9, 11]
}

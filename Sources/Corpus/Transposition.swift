import ABC

/// Moves a tune's text to another key, note by note: letters move, and an accidental keeps its
/// distance from the signature, so that what it does within a bar stays the same.
struct Transposition {
  /// Along the line of fifths.
  let fifths: Int
  /// Letters up.
  let steps: Int

  /// From a key to one whose signature has `sharps`, by the smaller interval: −5 to 6 semitones.
  init?(from key: KeyName, toSharps sharps: Int) {
    fifths = sharps - key.sharps
    let target = key.moved(fifths: fifths)
    guard target.text != nil else { return nil }
    var semitones = (7 * fifths % 12 + 12) % 12
    if semitones > 6 { semitones -= 12 }
    let letters = ((target.tonicStep - key.tonicStep) % 7 + 7) % 7
    // The octave in which so many letters are nearest to so many semitones.
    steps =
      abs(letters * 12 - semitones * 7) <= abs((letters - 7) * 12 - semitones * 7)
      ? letters : letters - 7
  }

  /// The tune's body in the new key; nil where a note or a key has no name there.
  func body(_ text: String, key: KeyName) -> String? {
    var reader = Reader(self, key: key)
    var result: [UInt8] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !result.isEmpty || line.startIndex != text.startIndex { result.append(0x0a) }
      guard reader.move(Array(line.utf8), into: &result) else { return nil }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private struct Reader {
    let transposition: Transposition
    var before: [Int] = []
    var after: [Int] = []

    init(_ transposition: Transposition, key: KeyName) {
      self.transposition = transposition
      _ = set(key)
    }

    mutating func set(_ key: KeyName) -> Bool {
      let moved = key.moved(fifths: transposition.fifths)
      guard (-7...7).contains(key.sharps), (-7...7).contains(moved.sharps) else { return false }
      before = key.alterations
      after = moved.alterations
      return true
    }

    mutating func newKey(_ text: ArraySlice<UInt8>) -> String? {
      let text = String(decoding: text, as: UTF8.self)
      // A clef alone changes no key.
      guard let key = KeyName(text) else { return text }
      return set(key) ? key.moved(fifths: transposition.fifths).text : nil
    }

    mutating func move(_ line: [UInt8], into result: inout [UInt8]) -> Bool {
      if WrittenNote.isField(line) {
        guard line[0] == UInt8(ascii: "K") else {
          result += line
          return true
        }
        guard let key = newKey(line[2...]) else { return false }
        result += "K:\(key)".utf8
        return true
      }
      var at = 0
      while at < line.count {
        switch line[at] {
        case UInt8(ascii: "\""):
          guard let end = line[(at + 1)...].firstIndex(of: UInt8(ascii: "\"")) else { return false }
          guard appendChord(line[(at + 1)..<end], to: &result) else { return false }
          at = end + 1
        case UInt8(ascii: "!"):
          let end = line[(at + 1)...].firstIndex(of: UInt8(ascii: "!")) ?? at
          result += line[at...end]
          at = end + 1
        case UInt8(ascii: "[")
        where at + 2 < line.count && line[at + 2] == UInt8(ascii: ":")
          && isLetter(line[at + 1]):
          guard let end = line[at...].firstIndex(of: UInt8(ascii: "]")) else { return false }
          if line[at + 1] == UInt8(ascii: "K") {
            guard let key = newKey(line[(at + 3)..<end]) else { return false }
            result += "[K:\(key)]".utf8
          } else {
            result += line[at...end]
          }
          at = end + 1
        default:
          guard let next = moveNote(line, at, &result) else { return false }
          at = next
        }
      }
      return true
    }

    private func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte & 0xdf) }

    /// A note, or one byte that is none; gives where to go on.
    private func moveNote(_ line: [UInt8], _ start: Int, _ result: inout [UInt8]) -> Int? {
      guard let note = WrittenNote(line, at: start) else {
        result.append(line[start])
        return start + 1
      }
      let target = note.step + transposition.steps
      var accidental: Int?
      if let written = note.accidental {
        let distance = written - before[WrittenNote.letter(note.step)]
        let value = after[WrittenNote.letter(target)] + distance
        guard (-2...2).contains(value) else { return nil }
        accidental = value
      }
      result += WrittenNote(step: target, accidental: accidental, end: 0).text.utf8
      return note.end
    }

    /// A chord symbol has a root and may have a bass; anything else in quotes stays.
    private func appendChord(_ text: ArraySlice<UInt8>, to result: inout [UInt8]) -> Bool {
      result.append(UInt8(ascii: "\""))
      var expectsNote = true
      var at = text.startIndex
      while at < text.endIndex {
        let next = at + 1 < text.endIndex ? text[at + 1] : 0
        if expectsNote, let letter = "FCGDAEB".utf8.firstPlace(of: text[at]) {
          var place = letter - 1
          at += 1
          if next == UInt8(ascii: "#") || next == UInt8(ascii: "b") {
            place += next == UInt8(ascii: "#") ? 7 : -7
            at += 1
          }
          place += transposition.fifths
          while place > 12 { place -= 12 }
          while place < -8 { place += 12 }
          guard let name = KeyName.noteName(place) else { return false }
          result += name.utf8
          expectsNote = false
        } else {
          expectsNote = text[at] == UInt8(ascii: "/")
          result.append(text[at])
          at += 1
        }
      }
      result.append(UInt8(ascii: "\""))
      return true
    }
  }
}

extension String.UTF8View {
  fileprivate func firstPlace(of byte: UInt8) -> Int? {
    enumerated().first { $0.element == byte }?.offset
  }
}

/// One note as it stands in a text: accidental, letter, octave marks; its length follows.
struct WrittenNote {
  /// Letters above the C below the staff's middle line: C = 0, c = 7, C, = −7.
  var step: Int
  /// −2...2 where one is written.
  var accidental: Int?
  /// Where the text after it starts.
  var end: Int

  private static let letters = Array("CDEFGAB".utf8)

  init(step: Int, accidental: Int?, end: Int) {
    self.step = step
    self.accidental = accidental
    self.end = end
  }

  /// The note that starts at a byte, if one does.
  init?(_ line: [UInt8], at start: Int) {
    var at = start
    var value: Int?
    while at < line.count, at < start + 2 {
      if line[at] == UInt8(ascii: "^") {
        value = (value ?? 0) + 1
      } else if line[at] == UInt8(ascii: "_") {
        value = (value ?? 0) - 1
      } else if line[at] == UInt8(ascii: "="), value == nil {
        value = 0
      } else {
        break
      }
      at += 1
    }
    guard at < line.count, let letter = Self.letters.firstIndex(of: line[at] & 0xdf),
      line[at] & 0x40 != 0
    else { return nil }
    step = letter + (line[at] & 0x20 != 0 ? 7 : 0)
    at += 1
    while at < line.count, at < start + 12 {
      if line[at] == UInt8(ascii: "'") {
        step += 7
      } else if line[at] == UInt8(ascii: ",") {
        step -= 7
      } else {
        break
      }
      at += 1
    }
    accidental = value
    end = at
  }

  /// Whether a line is a field, and not a note before a repeat sign.
  static func isField(_ line: [UInt8]) -> Bool {
    guard line.count > 1, line[1] == UInt8(ascii: ":"), (0x41...0x5a).contains(line[0] & 0xdf)
    else { return false }
    let isNote = letters.contains(line[0] & 0xdf) || line[0] == UInt8(ascii: "z")
    return !(isNote && line.count > 2 && (line[2] == UInt8(ascii: "|") || line[2] == line[1]))
  }

  /// The step within its octave, C = 0.
  static func letter(_ step: Int) -> Int { (step % 7 + 7) % 7 }

  /// Half tones above C of a step, without any accidental.
  static func semitones(_ step: Int) -> Int {
    let scale = [0, 2, 4, 5, 7, 9, 11]
    let letter = letter(step)
    return scale[letter] + (step - letter) / 7 * 12
  }

  var text: String {
    var result = ""
    switch accidental {
    case nil: break
    case .some(0): result = "="
    case .some(let value): result = String(repeating: value > 0 ? "^" : "_", count: abs(value))
    }
    let letter = Self.letter(step)
    let octave = (step - letter) / 7
    let byte = Self.letters[letter] | (octave >= 1 ? 0x20 : 0)
    result.unicodeScalars.append(UnicodeScalar(byte))
    if octave > 1 { result += String(repeating: "'", count: octave - 1) }
    if octave < 0 { result += String(repeating: ",", count: -octave) }
    return result
  }
}

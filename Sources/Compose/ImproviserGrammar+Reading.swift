extension MusicGrammar {
  /// Reads a character, whether it is correct or not.
  mutating func read(_ character: Unicode.Scalar) {
    switch place {
    case .quote(let text):
      if character == "\"" || character == "\n" {
        hasChordSymbol = character != "\n"
        place = character == "\n" ? .lineStart : .chordSymbol
      } else {
        place = .quote(text + String(Character(character)))
      }
      return
    case .bang(let name):
      if character == "!" || character == "\n" {
        place = character == "\n" ? .lineStart : .beforeNote
      } else {
        place = .bang(name + String(Character(character)))
      }
      return
    case .fieldLetter(let letter):
      if character == ":" {
        place = .field(letter, "")
        return
      }
      place = .beforeNote
    case .field(let letter, let value):
      if character == "\n" {
        endField(letter, value)
        place = .lineStart
      } else {
        place = .field(letter, value + String(Character(character)))
      }
      return
    case .bar(let text, let closing):
      if continuesBar(text, character) {
        let longer = text + String(Character(character))
        place = .bar(longer, closing)
        if Self.digit(character) != nil { endBar(longer) }
        return
      }
      endBar(text)
    case .note:
      if continueNote(character) { return }
      settleNote()
    case .paren:
      if Self.digit(character) != nil {
        place = .tuplet(String(Character(character)))
        return
      }
      slurDepth += 1
      notesInSlur = 0
      place = .beforeNote
    case .tuplet(let numbers):
      if Self.digit(character) != nil || character == ":" {
        place = .tuplet(numbers + String(Character(character)))
        return
      }
      startTuplet()
    case .bracket:
      if Self.digit(character) != nil {
        ending = character == "1" ? 1 : 2
        barsInEnding = 0
        place = .ending
        return
      }
      if character == "|" {
        place = .bar("[|", closing)
        return
      }
      if "KLMPQVIrR".unicodeScalars.contains(character) {
        place = .inlineField(String(Character(character)))
        return
      }
      enclosure = .chord
      enclosedCount = 0
      chordLength = 0
    case .inlineField(let text):
      if character == "]" || character == "\n" {
        if let letter = text.unicodeScalars.first, text.dropFirst().hasPrefix(":") {
          endField(letter, String(text.dropFirst(2)))
        }
        place = character == "\n" ? .lineStart : .between
      } else {
        place = .inlineField(text + String(Character(character)))
      }
      return
    default:
      break
    }
    begin(character)
  }

  /// Reads the first character of something.
  private mutating func begin(_ character: Unicode.Scalar) {
    switch character {
    case "\n":
      // Without bar lines the end of a line is the end of a bar.
      if !known.contains("|") { _ = closeBar() }
      place = .lineStart
    case "K", "P", "M", "L", "Q":
      place = place == .lineStart ? .fieldLetter(character) : .beforeNote
    case "A"..."G", "a"..."g", "z", "x":
      note = Note(letter: character)
      place = .note
    case "^", "_", "=":
      if case .accidental(character, let count) = place {
        place = .accidental(character, count: count + 1)
      } else {
        place = .accidental(character, count: 1)
      }
    case "|":
      place = .bar("|", closeBar())
    case ":":
      place = .bar(":", closeBar())
    case "\"": place = .quote("")
    case "!": place = .bang("")
    case "(": place = .paren
    case ")":
      slurDepth = max(0, slurDepth - 1)
      place = .between
    case "[": place = .bracket
    case "]":
      if enclosure == .chord {
        enclosure = .none
        // The bracket takes the part of the note: a length may follow.
        note = Note(letter: "[")
        place = .note
      } else {
        place = .between
      }
    case "{":
      enclosure = .grace
      enclosedCount = 0
      place = .beforeNote
    case "}":
      enclosure = .none
      hasGraceNotes = true
      place = .beforeNote
    case "-":
      tied = note
      place = .tie
    case ">", "<":
      // The note before grows or shrinks by half, then a quarter; the next one makes up for it.
      brokenSigns = min(brokenSigns + 1, 3)
      let change = lastLength >> brokenSigns
      sum += character == ">" ? change : -change
      let short = 8 >> brokenSigns
      brokenEighths = character == ">" ? short : 16 - short
      lengthWanted = lastLength
      place = .beforeNote
    case " ":
      place = .space
    default:
      place = .beforeNote
    }
  }

  /// Whether a character belongs to the note in progress; if so it is read.
  private mutating func continueNote(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case "'", ",":
      note.octaveMarks += 1
    case "0"..."9":
      let digit = Self.digit(character) ?? 0
      if note.hasSlash {
        note.denominator = min(999, note.denominator * 10 + digit)
      } else {
        note.numerator = min(999, note.numerator * 10 + digit)
      }
    case "/":
      // A second slash halves once more.
      if note.hasSlash { note.denominator = note.denominator == 0 ? 4 : note.denominator * 2 }
      note.hasSlash = true
    default:
      return false
    }
    return true
  }

  /// Begins the tuplet whose numbers were read (ABC 2.1 §4.13).
  mutating func startTuplet() {
    guard case .tuplet(let text) = place else { return }
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    let count = min(max(2, numbers[0] ?? 2), 64)
    tupletCount = count
    switch count {
    case 2, 4, 8: tupletTime = 3
    case 3, 6: tupletTime = 2
    default: tupletTime = isCompound ? 3 : 2
    }
    if numbers.count > 1, let time = numbers[1] { tupletTime = min(max(1, time), 64) }
    tupletNotes = count
    if numbers.count > 2, let notes = numbers[2] { tupletNotes = min(max(1, notes), 64) }
    tupletLeft = tupletNotes
    lengthWanted = nil
    place = .beforeNote
  }

  // MARK: Bars

  private func continuesBar(_ text: String, _ character: Unicode.Scalar) -> Bool {
    switch character {
    case "|", ":", "]": true
    case "0"..."9": text.unicodeScalars.last == "|"
    default: false
    }
  }

  /// How the bar as it stands may be closed.
  var closing: BarClosing {
    let sum = sumWithNote
    guard let barLength else { return BarClosing(plain: true, section: true, isFull: true) }
    // Without music between them, bar lines are one bar line.
    if sum == 0 { return BarClosing(plain: true, section: true, isFull: true, isEmpty: true) }
    if sum >= barLength {
      return BarClosing(plain: true, section: !needsShortEnd, isFull: true)
    }
    let isPickup =
      isFirstBarOfSection && 2 * sum <= barLength
      && (sectionCount == 0 || isRepeatOpen || sum == lackBefore)
    let endsShort = !isFirstBarOfSection && pickup > 0 && sum + pickup == barLength
    return BarClosing(plain: isPickup, section: endsShort, isFull: false)
  }

  /// Whether the last bar of the section must make up for its pickup, as nothing else does.
  var needsShortEnd: Bool {
    sectionCount > 0 && pickup > 0 && pickup != lackBefore && barCount < Self.patience
  }

  /// Ends the bar; answers how it could be closed.
  private mutating func closeBar() -> BarClosing {
    settleNote()
    let closing = closing
    guard sum > 0 else { return closing }
    let isShort = barLength.map { sum < $0 } ?? false
    lastBarWasPickup = isFirstBarOfSection && isShort
    if lastBarWasPickup {
      pickup = sum
    } else {
      barCount += 1
      barsInEnding += 1
    }
    isFirstBarOfSection = false
    lastClosedLength = sum
    sum = 0
    tupletLeft = 0
    lengthWanted = nil
    brokenEighths = 8
    brokenSigns = 0
    hasKeyLine = false
    hasPartLine = false
    return closing
  }

  private mutating func endBar(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    let ends = scalars.first == ":"
    let starts =
      scalars.last == ":" && scalars.count > 1 || text.contains("::") || text.contains("|:")
    if ends {
      isRepeatOpen = false
      if ending == 2 { ending = 0 }
    }
    if starts {
      isRepeatOpen = true
      ending = 0
    }
    if scalars.last == "1" {
      ending = 1
      barsInEnding = 0
      place = .ending
      return
    }
    if scalars.last == "2" {
      ending = 2
      place = .ending
      return
    }
    if ends || starts || text.contains("||") || text.contains("]") {
      if ending == 2 { ending = 0 }
      startSection()
    }
    place = .between
  }

  private mutating func startSection() {
    guard !isFirstBarOfSection else { return }
    let lack = barLength.map { $0 - lastClosedLength } ?? 0
    lackBefore = lastBarWasPickup ? 0 : max(0, lack)
    sectionCount += 1
    isFirstBarOfSection = true
    pickup = 0
  }

  private mutating func endField(_ letter: Unicode.Scalar, _ value: String) {
    let value = value.split(separator: "%").first.map(String.init) ?? ""
    switch letter {
    case "M":
      setMeter(value.filter { $0 != " " })
      dropImpossibleMeter()
    case "L":
      setUnitLength(value.filter { $0 != " " })
      dropImpossibleMeter()
    case "K": hasKeyLine = true
    case "P":
      hasPartLine = true
      startSection()
    default: break
    }
  }

  static func digit(_ character: Unicode.Scalar) -> Int? {
    ("0"..."9").contains(character) ? Int(character.value) - 48 : nil
  }
}

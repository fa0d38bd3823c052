extension MusicGrammar {
  /// Whether a character can come next.
  ///
  /// Bars add up to the meter: a shorter first bar is a pickup, and the bar that ends its section
  /// may lack as much. What was opened is closed; a tie leads to the same note; broken rhythm and
  /// triplets are of equal notes. Tunes that break these rules already are not judged further than
  /// the next bar line.
  func allows(_ character: Unicode.Scalar) -> Bool {
    switch place {
    case .quote(let text):
      return ChordSymbolSpelling.allows(character, after: text, with: known)
    case .bang(let name): return allows(character, inDecoration: name)
    case .fieldLetter: return character == ":"
    case .field(let letter, let value):
      return HeaderValues.allows(character, after: value, in: letter, with: known)
    case .inlineField(let text): return allows(character, inField: text)
    case .accidental(let mark, let count):
      if Self.isPitch(character) { return allowsNote(character) }
      return character == mark && mark != "=" && count == 1
    case .ending: return known.contains(" ") ? character == " " : allowsStart(character)
    case .bar(let text, let closing): return allows(character, afterBar: text, closing)
    case .paren: return allowsAfterParen(character)
    case .tuplet:
      var after = self
      after.startTuplet()
      return after.allowsStart(character)
    case .bracket: return enclosure == .none && Self.isPitch(character) && hasRoom
    case .note: return allowsAfterNote(character)
    case .beforeNote: return allowsStart(character)
    case .chordSymbol: return character != "\"" && allowsStart(character)
    case .tie: return allowsAfterElement(character) && character != "-"
    case .lineStart: return allowsAtLineStart(character)
    case .between, .space: return allowsAfterElement(character)
    }
  }

  // MARK: Elements

  /// Whether the bar has room for another note.
  private var hasRoom: Bool {
    return sumWithNote < room || isLoose
  }

  /// What the bar may hold: the last one of a part that began with a pickup makes up for it.
  private var room: Int {
    guard let barLength else { return Self.longestBar }
    return placeInPart == .last && needsShortEnd ? max(barLength - pickup, 1) : barLength
  }

  /// Whether the bar, as somebody wrote it, cannot add up any more.
  private var isLoose: Bool { tupletLeft == 0 && brokenEighths == 8 && sum % grain != 0 }

  /// Positions that the notes of the network keep to.
  private var grain: Int { max(1, unit / 8) }

  private static func isPitch(_ character: Unicode.Scalar) -> Bool {
    ("A"..."G").contains(character) || ("a"..."g").contains(character)
  }

  private func allowsNote(_ character: Unicode.Scalar) -> Bool {
    if let tied, enclosure == .none { return character == tied.letter }
    return hasRoom || enclosure != .none
  }

  /// The first character of something that is, or leads to, a note.
  private func allowsStart(_ character: Unicode.Scalar) -> Bool {
    if enclosure != .none {
      if Self.isPitch(character) || "^_=".unicodeScalars.contains(character) {
        return enclosedCount < 4
      }
      return enclosedCount > (enclosure == .chord ? 1 : 0)
        && character == (enclosure == .chord ? "]" : "}")
    }
    guard hasRoom else { return false }
    if Self.isPitch(character) { return allowsNote(character) }
    switch character {
    case "^", "_", "=": return tied == nil
    case "{": return tied == nil && !hasGraceNotes && known.contains("}")
    case "[":
      // At a bar line the network means an ending by it.
      if case .bar = place { return false }
      return tied == nil && place != .lineStart && place != .ending && known.contains("]")
    case "z", "x": return tied == nil && lengthWanted == nil && place != .beforeNote
    case "\"":
      return (tupletLeft == 0 || lengthWanted != nil) && !hasChordSymbol
        && known.containsAny(of: "ABCDEFG")
    case "(":
      return slurDepth == 0 && tied == nil && lengthWanted == nil && brokenEighths == 8
        && (known.contains(")") || allowsTriplet)
    case ".", "~", "H", "T", "u", "v": return tied == nil && place != .beforeNote
    default: return false
    }
  }

  private func allowsAtLineStart(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case "\n":
      return sum == 0 && ending != 1 && slurDepth == 0 && tied == nil && barCount > 0
        && !lastBarWasPickup && !(needsShortEnd && lastClosedLength == barLength)
    case "P", "K":
      return sum == 0 && tied == nil && slurDepth == 0 && ending != 1
        && !(character == "K" ? hasKeyLine : hasPartLine)
        && known.canSpell(":\n") && HeaderValues.canSpell(character, with: known)
    case "|": return sum == 0 && tied == nil
    case ":", " ", ")": return false
    default: return allowsStart(character)
    }
  }

  /// After a note, a tie, a space or a slur's end.
  private func allowsAfterElement(_ character: Unicode.Scalar) -> Bool {
    if enclosure != .none { return allowsStart(character) }
    switch character {
    case "\n" where !known.contains("|"):
      return closing.isFull && sumWithNote > 0 && slurDepth == 0 && tied == nil
        && tupletLeft == 0 && brokenEighths == 8
    case "|", ":": return allowsBarLine(character)
    case " ":
      return place != .space && hasRoom && brokenEighths == 8 && lengthWanted == nil
    case ")": return slurDepth > 0 && tupletLeft == 0 && (notesInSlur > 1 || !hasRoom)
    default: return allowsStart(character)
    }
  }

  // MARK: Notes

  private func allowsAfterNote(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case "'", ",": return allowsOctave(character)
    case "0"..."9", "/":
      return enclosure == .none && !tieNeedsOctave && allowsLength(character)
    default: break
    }
    if tieNeedsOctave { return false }
    // What follows is judged as if the note had been counted.
    var after = self
    after.settleNote()
    if enclosure != .none { return after.allowsStart(character) }
    guard isComplete else { return false }
    switch character {
    case "-":
      return !note.isRest && note.letter != "[" && after.tupletLeft == 0 && tupletLeft == 0
        && brokenEighths == 8 && (placeInPart != .last || after.hasRoom)
    case ">", "<":
      return !note.isRest && tupletLeft == 0 && brokenEighths == 8 && sum % grain == 0
        && note.numerator <= 9
        && after.lastLength % (4 * grain) == 0 && after.fits(after.lastLength)
    case " ": return after.hasRoom && (after.tupletLeft == 0 || tupletCount > 3)
    default: return after.allowsAfterElement(character)
    }
  }

  private func fits(_ length: Int) -> Bool {
    return sum + length <= room || isLoose
  }

  private func allowsOctave(_ character: Unicode.Scalar) -> Bool {
    guard !note.isRest, note.letter != "[", note.numerator == 0, !note.hasSlash else {
      return false
    }
    let mark: Unicode.Scalar = ("a"..."g").contains(note.letter) ? "'" : ","
    guard character == mark else { return false }
    if let tied, enclosure == .none { return note.octaveMarks < tied.octaveMarks }
    return note.octaveMarks < 1
  }

  private var tieNeedsOctave: Bool {
    guard let tied, enclosure == .none else { return false }
    return note.octaveMarks < tied.octaveMarks
  }

  /// Whether the note may end here.
  private var isComplete: Bool {
    if let lengthWanted, noteLength != lengthWanted { return false }
    let counted = counted(noteLength)
    let isFirstOfTuplet = tupletLeft > 0 && tupletLeft == tupletNotes
    guard fits(isFirstOfTuplet ? counted * tupletNotes : counted) else { return false }
    return isLoose || lengthWanted != nil || tupletLeft > 0 || (sum + counted) % grain == 0
  }

  /// A digit or a slash, if the note can still become complete after it.
  private func allowsLength(_ character: Unicode.Scalar) -> Bool {
    var longer = self
    guard case .some = Self.digit(character) else {
      guard !note.hasSlash, mayDivide else { return false }
      longer.note.hasSlash = true
      return longer.canBecomeComplete
    }
    if note.hasSlash {
      guard note.denominator == 0, "248".unicodeScalars.contains(character) else { return false }
      longer.note.denominator = Self.digit(character) ?? 2
      return longer.isComplete
    }
    guard note.numerator < 2, character != "0" || note.numerator == 1 else { return false }
    longer.note.numerator = note.numerator * 10 + (Self.digit(character) ?? 0)
    guard longer.note.numerator <= 16, longer.note.numerator != 11 else { return false }
    // The others of a tuplet have the same length, which must be in their reach.
    if tupletLeft > 0, longer.note.numerator > 9 { return false }
    return longer.canBecomeComplete
  }

  /// Whether a slash may follow the digits.
  private var mayDivide: Bool {
    !isReduced || note.numerator % 2 == 1 || note.numerator == 0
  }

  /// Whether a length, or its half, quarter or eighth, fits.
  private var canBecomeComplete: Bool {
    if isComplete && (note.numerator != 1 || note.hasSlash) { return true }
    var other = self
    if !note.hasSlash, note.numerator == 1 {
      for digit in [0, 2, 4, 5, 6] where known.contains(Self.digits[digit]) {
        other.note.numerator = 10 + digit
        if other.isComplete { return true }
      }
      return false
    }
    guard note.hasSlash || known.contains("/") && mayDivide else { return false }
    other.note.hasSlash = true
    // Without a number a slash halves.
    for denominator in [2, 4, 8] where denominator == 2 || known.contains(Self.digits[denominator])
    {
      other.note.denominator = denominator
      if other.isComplete { return true }
    }
    return false
  }

  private func allowsAfterParen(_ character: Unicode.Scalar) -> Bool {
    if character == "3" { return allowsTriplet }
    if Self.digit(character) != nil || !known.contains(")") { return false }
    return allowsStart(character) && character != "(" && character != " "
  }

  /// Whether three notes in the time of two still fit.
  private var allowsTriplet: Bool {
    tupletLeft == 0 && known.contains("3") && fits(2 * shortestLength) && sum % grain == 0
  }

  // MARK: Names and values

  /// The rest of a decoration that a person has begun.
  private func allows(_ character: Unicode.Scalar, inDecoration name: String) -> Bool {
    if character == "!" { return true }
    let longer = name + String(Character(character))
    return Self.decorations.contains { $0.hasPrefix(longer) && known.canSpell($0) }
  }

  private static let decorations = [
    "trill", "roll", "fermata", "accent", "emphasis", "mordent", "lowermordent", "uppermordent",
    "turn", "tenuto", "staccato", "slide", "upbow", "downbow", "breath", "p", "mp", "mf", "f", "ff",
  ]

  /// The rest of a field in brackets that a person has begun.
  private func allows(_ character: Unicode.Scalar, inField text: String) -> Bool {
    let scalars = Array(text.unicodeScalars.prefix(2))
    if scalars.count == 1 { return character == ":" }
    guard scalars.count == 2, scalars[1] == ":", "KLMPQ".unicodeScalars.contains(scalars[0]) else {
      return character == "]"
    }
    if character == "\n" { return false }
    return HeaderValues.allows(
      character == "]" ? "\n" : character, after: String(text.dropFirst(2)), in: scalars[0],
      with: known)
  }

  /// What ends what is open, the best first, where a person's text leaves nothing correct.
  var remedies: [String] {
    switch place {
    case .quote: return ["\"", "\n"]
    case .bang: return ["!", "\n"]
    case .field: return ["\n"]
    case .inlineField: return ["]", "\n"]
    case .fieldLetter: return [":", "\n"]
    default: break
    }
    let notes = "CDEFGABcdefgab"
    switch enclosure {
    case .grace: return ["}", notes, "\n"]
    case .chord: return ["]", notes, "\n"]
    case .none: break
    }
    switch place {
    case .accidental, .beforeNote, .chordSymbol, .tuplet: return [notes, "z", "|", "\n"]
    case .bar(":", _): return ["|", "\n"]
    default: return slurDepth > 0 ? [")", "|", "\n", notes] : ["|", notes, "z", "\n"]
    }
  }

  private static let digits = Array("0123456789".unicodeScalars)

  // MARK: Bars

  private func allowsBarLine(_ character: Unicode.Scalar) -> Bool {
    guard tupletLeft == 0, brokenEighths == 8, place != .beforeNote, known.contains("|") else {
      return false
    }
    let closing = closing
    guard sumWithNote > 0, slurDepth == 0 else { return false }
    // A repeat's end is an end for everything else, too.
    let mayEnd = tied == nil && closing.section && placeInPart != .inner
    if placeInPart == .last { return mayEnd && (character == "|" || !isPickupOnly) }
    if character == ":" { return mayEnd && !isPickupOnly }
    if ending == 1 && barsInEnding + 1 >= Self.longestEnding && mayEnd { return false }
    // A first ending ends in a repeat sign, which begins with the colon.
    return closing.plain || mayEnd && ending != 1
  }

  /// Whether nothing but a pickup stands in this section.
  private var isPickupOnly: Bool { isFirstBarOfSection && !closing.isFull }

  private func allows(
    _ character: Unicode.Scalar, afterBar text: String, _ closing: BarClosing
  ) -> Bool {
    let needsSection = !closing.plain
    let mayEndSection = slurDepth == 0 && tied == nil && (closing.section)
    switch text {
    case "|":
      switch character {
      case "|", "]": return mayEndSection && ending != 1 && !closing.isEmpty
      case ":": return mayEndSection && !isRepeatOpen && ending != 1
      case "1":
        return closing.isFull && !needsSection && allowsEndings && ending == 0
          && slurDepth == 0 && tied == nil && barCount > 1 && known.canSpell(":2")
      default: break
      }
      if needsSection { return false }
    case ":":
      return character == "|" || (character == ":" && ending != 1)
    case ":|":
      if ending == 1 { return character == "2" }
      if character == ":" || character == "]" { return false }
    case "||":
      if character == ":" { return !isRepeatOpen && ending != 1 }
    case "|:", "::":
      if character == "\n" { return false }
    default: break
    }
    if "|:]".unicodeScalars.contains(character) || Self.digit(character) != nil { return false }
    if character == "\n" { return !closing.isEmpty }
    return character != " " && allowsStart(character)
  }
}

/// Chord symbols that are known everywhere: `Em`, `A7`, `D/F#`.
enum ChordSymbolSpelling {
  static func allows(
    _ character: Unicode.Scalar, after text: String, with known: KnownCharacters
  ) -> Bool {
    var text = text
    if character == "\"" { return text.withUTF8 { isComplete($0[...]) } }
    guard character.isASCII else { return false }
    text.unicodeScalars.append(character)
    return text.withUTF8 { longer in
      kinds.contains { known.canSpell($0) && mayBegin(longer[...], kind: $0.utf8) }
    }
  }

  /// Bytes: asked for every character that a network knows, so nothing is copied.
  private typealias Text = Slice<UnsafeBufferPointer<UInt8>>

  private static let kinds = [
    "", "m", "7", "m7", "maj7", "6", "m6", "9", "dim", "dim7", "aug", "sus4", "7sus4",
  ]

  /// Length of the root at the start: a letter and perhaps an accidental.
  private static func rootLength(_ text: Text) -> Int {
    guard let letter = text.first, (UInt8(ascii: "A")...UInt8(ascii: "G")).contains(letter) else {
      return 0
    }
    let sign = text.dropFirst().first
    return sign == UInt8(ascii: "#") || sign == UInt8(ascii: "b") ? 2 : 1
  }

  private static func isComplete(_ text: Text) -> Bool {
    let root = rootLength(text)
    guard root > 0 else { return false }
    let rest = text.dropFirst(root)
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return isKind(rest) }
    let bass = rest[(slash + 1)...]
    return isKind(rest[..<slash]) && rootLength(bass) == bass.count && !bass.isEmpty
  }

  private static func isKind(_ text: Text) -> Bool {
    kinds.contains { $0.utf8.elementsEqual(text) }
  }

  private static func mayBegin(_ text: Text, kind: String.UTF8View) -> Bool {
    let root = rootLength(text)
    guard root > 0 else { return false }
    let rest = text.dropFirst(root)
    if kind.starts(with: rest) { return true }
    let slash = rest.dropFirst(kind.count)
    guard rest.starts(with: kind), slash.first == UInt8(ascii: "/") else { return false }
    let bass = slash.dropFirst()
    return bass.isEmpty || rootLength(bass) == bass.count
  }
}

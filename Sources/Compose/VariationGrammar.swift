/// Which characters may be written where only one side of some music is written anew: what stays is
/// given character by character, and the network draws between.
struct VariationGrammar: Equatable, Sendable {
  /// Characters to be written, in order, each given or to be drawn.
  enum Item: Equatable, Sendable {
    case given(Unicode.Scalar)
    /// The pitch of a note; `nil` = any, otherwise the number of the pitch it is tied to.
    case pitch(tiedTo: Int?)
    /// Room for a decoration and grace notes before a note.
    case ornament
  }

  private var items: [Item] = []
  private var next = 0
  /// What is written of the item in progress.
  private var typed: [Unicode.Scalar] = []
  private var pitches: [[Unicode.Scalar]] = []
  private var rhythm: RhythmGrammar?

  /// - Parameters:
  ///   - length: Of the bar, in parts of a whole note as `MusicGrammar.whole` counts them.
  ///   - unit: The unit length in the same parts.
  init(_ variation: Variation, length: Int?, unit: Int) {
    let pieces = MusicPiece.pieces(of: variation.original)
    switch variation.aspect {
    case .pitch: items = Self.pitchItems(pieces)
    case .ornament: items = Self.ornamentItems(pieces)
    case .rhythm: rhythm = RhythmGrammar(pieces, length: length ?? 0, unit: unit)
    }
  }

  // MARK: What is given

  private static func pitchItems(_ pieces: [MusicPiece]) -> [Item] {
    var items: [Item] = []
    var count = 0
    var isTied = false
    for piece in pieces {
      if piece.kind == .pitch {
        items.append(.pitch(tiedTo: isTied && count > 0 ? count - 1 : nil))
        count += 1
        isTied = false
      } else {
        if piece.kind == .tie { isTied = true }
        items += piece.text.unicodeScalars.map { Item.given($0) }
      }
    }
    return items
  }

  private static func ornamentItems(_ pieces: [MusicPiece]) -> [Item] {
    var items: [Item] = []
    var isInChord = false
    var isTied = false
    for piece in pieces where piece.kind != .ornament {
      switch piece.kind {
      case .pitch, .chordOpen:
        if !isInChord, !isTied { items.append(.ornament) }
        isTied = false
        if piece.kind == .chordOpen { isInChord = true }
      case .chordClose: isInChord = false
      case .tie: isTied = true
      default: break
      }
      items += piece.text.unicodeScalars.map { Item.given($0) }
    }
    return items
  }

  // MARK: What may come

  /// Whether everything is written.
  var isComplete: Bool { rhythm?.isComplete ?? mayPass(from: next, typed) }

  func allows(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "|" { return isComplete }
    if let rhythm { return rhythm.allows(scalar) }
    return allows(scalar, at: next, typed)
  }

  private func allows(_ scalar: Unicode.Scalar, at place: Int, _ typed: [Unicode.Scalar]) -> Bool {
    guard items.indices.contains(place) else { return false }
    switch items[place] {
    case .given(let given): return scalar == given
    case .pitch(let tied):
      if let tied {
        // A tie leads to the same note; its accidental still holds.
        let same = pitches[tied].drop { "^_=".unicodeScalars.contains($0) }
        if typed.count < same.count { return scalar == same[same.startIndex + typed.count] }
        return allows(scalar, at: place + 1, [])
      }
      if isWholePitch(typed) {
        return mayContinue(typed, scalar) || allows(scalar, at: place + 1, [])
      }
      return Self.isLetter(scalar) || typed.isEmpty && "^_=".unicodeScalars.contains(scalar)
    case .ornament:
      if continuesOrnament(typed, scalar) { return true }
      return isWholeOrnament(typed) && allows(scalar, at: place + 1, [])
    }
  }

  private func mayPass(from place: Int, _ typed: [Unicode.Scalar]) -> Bool {
    guard items.indices.contains(place) else { return true }
    switch items[place] {
    case .given: return false
    case .pitch(let tied):
      if let tied {
        let same = pitches[tied].drop { "^_=".unicodeScalars.contains($0) }
        return typed.count == same.count && mayPass(from: place + 1, [])
      }
      return isWholePitch(typed) && mayPass(from: place + 1, [])
    case .ornament: return isWholeOrnament(typed) && mayPass(from: place + 1, [])
    }
  }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("A"..."G").contains(scalar) || ("a"..."g").contains(scalar)
  }

  private func isWholePitch(_ typed: [Unicode.Scalar]) -> Bool {
    typed.contains(where: Self.isLetter)
  }

  /// One octave mark, in the direction that the letter's case has.
  private func mayContinue(_ typed: [Unicode.Scalar], _ scalar: Unicode.Scalar) -> Bool {
    guard let letter = typed.last, Self.isLetter(letter) else { return false }
    return scalar == (letter.value >= 97 ? "'" : ",")
  }

  /// Grace notes, up to three, and then one decoration. A sign before a grace note would hold for the
  /// notes behind it (ABC 2.1 §4.12).
  private func continuesOrnament(_ typed: [Unicode.Scalar], _ scalar: Unicode.Scalar) -> Bool {
    guard let last = typed.last else { return scalar == "{" || Self.decorations.contains(scalar) }
    if typed.contains("{"), !typed.contains("}") {
      let notes = typed.count(where: Self.isLetter)
      return scalar == "}" ? notes > 0 : notes < 3 && Self.isLetter(scalar)
    }
    return last == "}" && Self.decorations.contains(scalar)
  }

  private func isWholeOrnament(_ typed: [Unicode.Scalar]) -> Bool {
    !typed.contains("{") || typed.contains("}")
  }

  /// Decorations of one character (ABC 2.1 §4.14) that change how a note is played on any instrument.
  static let decorations: [Unicode.Scalar] = ["~", "T", "M", "P", "."]

  /// How much likelier an ornament is made, as a logarithm: where every note may have one, a network
  /// that writes few of them would hardly ever draw one.
  static let ornamentWeight: Float = 2

  /// Whether an ornament may begin here.
  var beginsOrnament: Bool {
    items.indices.contains(next) && items[next] == .ornament && typed.isEmpty
  }

  // MARK: Reading

  mutating func read(_ scalar: Unicode.Scalar) {
    if rhythm != nil {
      rhythm?.read(scalar)
      return
    }
    while items.indices.contains(next) {
      switch items[next] {
      case .given:
        next += 1
        typed = []
        return
      case .pitch(let tied):
        let same = tied.map { pitches[$0].drop { "^_=".unicodeScalars.contains($0) } }
        let isOpen =
          same.map { typed.count < $0.count }
          ?? (!isWholePitch(typed) || mayContinue(typed, scalar))
        if isOpen {
          typed.append(scalar)
          // Known to those that are tied to it as soon as its letter is.
          if typed.count == 1 { pitches.append(typed) } else { pitches[pitches.count - 1] = typed }
          return
        }
      case .ornament:
        if continuesOrnament(typed, scalar) {
          typed.append(scalar)
          return
        }
      }
      next += 1
      typed = []
    }
  }
}

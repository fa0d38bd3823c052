import Music

/// Ways to write played music as tokens, and tokens as music again.
///
/// A token is a short text; a network knows a list of them.
public enum NoteEncoding: String, CaseIterable, Sendable {
  /// 108 numbers on a grid of semi-beats, which are eighths: `1` goes on to the next semi-beat, `21`
  /// to `108` are MIDI keys that begin, and `2` to `20` say how many semi-beats the key before
  /// lasts. A key alone lasts one; said again at once it lasts one longer.
  case midiCharacters = "midi-characters"
  /// On a grid of sixteenths: a space for every sixteenth that passes, and for each note that
  /// begins its pitch (the character 256 above its key) and a digit for its length.
  case midiSixteenths = "midi-sixteenths"
  /// A key such as `62` for a single note, pitch classes such as `0.4.7` for what begins together.
  /// Times are left out: each lasts an eighth. Names such as `C#5` are read as well.
  case noteChords = "note-chords"

  /// What a token says.
  public enum Meaning: Hashable, Sendable {
    /// Time passes: one step of the grid.
    case step
    /// How many steps the note before lasts.
    case length(Int)
    case key(Int)
    /// Pitch classes 0...11 in ascending order.
    case chord([Int])
    /// A piece ends here, or is about to begin.
    case end
  }

  /// The mark between pieces, in every encoding: a network that was trained with it is asked for its
  /// first note by it, and says by it where a piece ends. No published system has one.
  public static let end = "end"

  /// The encoding of a checkpoint by the name that its metadata gives; nil where it is another kind.
  ///
  /// Files of before there were 108 numbers call sixteenths `midi-characters`, and files of other
  /// programs call everything `tokens`: then the vocabulary says what it is.
  public init?(name: String, vocabulary: [String]) {
    switch name {
    case "midi-characters": self = vocabulary.contains(" ") ? .midiSixteenths : .midiCharacters
    case "tokens":
      func reads(_ encoding: NoteEncoding) -> Bool {
        !vocabulary.isEmpty && vocabulary.allSatisfy { encoding.meaning(of: $0) != nil }
      }
      // Keys alone could be either; those below 21 are lengths where notes have lengths at all.
      guard let known = [NoteEncoding.midiCharacters, .noteChords].first(where: reads) else {
        return nil
      }
      self = known
    default: self.init(rawValue: name)
    }
  }

  /// Lengths in sixteenths that the digits 1 to 8 stand for.
  static let lengths = [1, 2, 3, 4, 6, 8, 12, 16]
  private static let pitchStart: UInt32 = 256
  /// The longest length that has a number of its own, in semi-beats.
  private static let longest = 20

  /// Ticks of one step of the grid; of chords, their length.
  public var grid: Int { self == .midiSixteenths ? Tick.perQuarter / 4 : Tick.perQuarter / 2 }

  public func meaning(of token: String) -> Meaning? {
    if token == Self.end { return .end }
    switch self {
    case .midiCharacters:
      switch Int(token) ?? 0 {
      case 1: return .step
      case 2...Self.longest: return .length(Int(token) ?? 0)
      case 21...108: return .key(Int(token) ?? 0)
      default: return nil
      }
    case .midiSixteenths:
      if token == " " { return .step }
      if let digit = Int(token), Self.lengths.indices.contains(digit - 1) {
        return .length(Self.lengths[digit - 1])
      }
      guard let value = token.unicodeScalars.first?.value, value >= Self.pitchStart,
        value < Self.pitchStart + 128
      else { return nil }
      return .key(Int(value - Self.pitchStart))
    case .noteChords:
      guard token.contains(".") else {
        return (Int(token) ?? Self.key(named: token)).flatMap {
          (0...127).contains($0) ? .key($0) : nil
        }
      }
      let classes = token.split(separator: ".").map { Int($0) }
      guard !classes.isEmpty, !classes.contains(nil) else { return nil }
      return .chord(Set(classes.compactMap { $0 }.map { ($0 % 12 + 12) % 12 }).sorted())
    }
  }

  /// The token that says something.
  public func token(for meaning: Meaning) -> String {
    switch (self, meaning) {
    case (_, .end): return Self.end
    case (.midiSixteenths, .step): return " "
    case (.midiSixteenths, .key(let key)):
      return Unicode.Scalar(Self.pitchStart + UInt32(clamping: key)).map { String($0) } ?? ""
    case (.midiSixteenths, .length(let length)):
      let nearest = Self.lengths.indices.min {
        abs(Self.lengths[$0] - length) < abs(Self.lengths[$1] - length)
      }
      return String((nearest ?? 0) + 1)
    case (_, .step): return "1"
    case (_, .length(let length)): return String(min(max(length, 2), Self.longest))
    case (_, .key(let key)): return String(key)
    case (_, .chord(let classes)):
      // Octaves of one note are a chord of one class: it ends in a point, to be no key.
      return classes.count == 1
        ? "\(classes[0])." : classes.map(String.init).joined(separator: ".")
    }
  }

  /// All tokens of an encoding whose alphabet is closed, in its order: of MIDI as characters the
  /// numbers 1 to 108. nil where the music says which tokens there are.
  public var alphabet: [String]? {
    self == .midiCharacters ? (1...108).map(String.init) : nil
  }

  /// The notes of a performance as tokens; drums are left out.
  public func tokens(of performance: Performance) -> [String] {
    tokens(of: performance.placedNotes)
  }

  /// Notes in the order of their starts as tokens.
  ///
  /// - Parameter end: Up to which tick time passes after the last note has begun; nil = not at all.
  public func tokens(of notes: [PlacedNote], until end: Int? = nil) -> [String] {
    guard self != .noteChords else { return Self.chords(notes).map(token) }
    guard let first = notes.first else { return [] }
    var tokens: [String] = []
    var step = first.start / grid
    func pass(to next: Int) {
      // Silence is cut to a bar of 4/4.
      let count = min(max(next - step, 0), 4 * Tick.perQuarter / grid)
      tokens += [String](repeating: token(for: .step), count: count)
      step = max(step, next)
    }
    for note in notes {
      let keys = self == .midiCharacters ? 21...108 : 0...127
      guard keys.contains(note.key) else { continue }
      pass(to: (note.start + grid / 2) / grid)
      tokens.append(token(for: .key(note.key)))
      let length = max(1, (note.length + grid / 2) / grid)
      if length > 1 || self == .midiSixteenths { tokens.append(token(for: .length(length))) }
    }
    if let end { pass(to: (end + grid / 2) / grid) }
    return tokens
  }

  /// What tokens say, as music in quarters = 120, however damaged they are.
  public func performance(of tokens: [String]) -> Performance { decoded(tokens).performance }

  /// The same, and what had to be mended.
  public func decoded(
    _ tokens: [String]
  ) -> (performance: Performance, repairs: NoteDecoder.Repairs) {
    var decoder = NoteDecoder(self)
    for token in tokens { decoder.read(token) }
    return (Performance(decoder.notes), decoder.repairs)
  }

  /// The same music so many half tones higher; nil where a key would leave the encoding's range.
  public func transposed(_ tokens: [String], by halfTones: Int) -> [String]? {
    var result: [String] = []
    result.reserveCapacity(tokens.count)
    for token in tokens {
      switch meaning(of: token) {
      case .key(let key):
        let moved = self.token(for: .key(key + halfTones))
        guard meaning(of: moved) == .key(key + halfTones) else { return nil }
        result.append(moved)
      case .chord(let classes):
        let moved = classes.map { (($0 + halfTones) % 12 + 12) % 12 }.sorted()
        result.append(self.token(for: .chord(moved)))
      case .step, .length, .end, nil: result.append(token)
      }
    }
    return result
  }

  private static func chords(_ notes: [PlacedNote]) -> [Meaning] {
    var result: [Meaning] = []
    var at = notes.startIndex
    while at < notes.endIndex {
      var end = at
      while end < notes.endIndex, notes[end].start == notes[at].start { end += 1 }
      let keys = Set(notes[at..<end].map(\.key)).sorted()
      result.append(keys.count == 1 ? .key(keys[0]) : .chord(Set(keys.map { $0 % 12 }).sorted()))
      at = end
    }
    return result
  }

  /// The key of a name as music21 writes it: `C4` is 60, `E-5`, `F#3`; nil for anything else.
  private static func key(named name: String) -> Int? {
    var rest = Substring(name)
    guard let letter = rest.popFirst(),
      let step = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11][letter]
    else { return nil }
    var key = step
    while let sign = rest.first, sign == "#" || sign == "-" {
      // A minus is a flat: no note lies below octave 0.
      key += sign == "#" ? 1 : -1
      rest.removeFirst()
    }
    guard let octave = Int(rest) else { return nil }
    return key + 12 * (octave + 1)
  }
}

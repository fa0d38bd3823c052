import Neural

/// Where a tune stands, character by character, as far as that decides what may come next.
///
/// Reads whatever a person or a network writes, correct or not; `allows` says what would be correct.
/// The rules are a narrow, safe part of ABC: the one form in which networks are shown tunes.
public struct TuneGrammar: Equatable, Sendable {
  /// The header while it is read.
  var header: HeaderGrammar
  /// The music after it.
  var music = MusicGrammar()
  /// While a gap is filled.
  private(set) var gap: GapGrammar?

  public init(_ description: ModelDescription) {
    let known = KnownCharacters(description)
    header = HeaderGrammar(
      fields: description.headerFields.flatMap(\.unicodeScalars), known: known)
    music.known = known
  }

  /// Whether the header's `K:` line has not ended yet.
  public var isInHeader: Bool { !header.isComplete }

  /// Makes the network write these values into the header, if it writes one.
  mutating func wantHeader(_ values: [Character: String]) {
    header.wanted = [:]
    for (field, value) in values {
      if let letter = field.unicodeScalars.first {
        header.wanted[letter] = header.known.spelled(value, in: field)
      }
    }
  }

  /// What the header says so far.
  var headerValues: [Unicode.Scalar: String] { header.values }

  /// What of the key's field is written; empty before it.
  var keyInProgress: Substring { header.valueInProgress(of: "K") }

  /// Makes the network write this key; nil leaves it its own.
  mutating func wantKey(_ key: String?) {
    let spelled = key.map { header.known.spelled($0, in: "K") }
    header.wanted["K"] = spelled.flatMap { header.known.canSpell($0) ? $0 : nil }
  }

  /// Bars that were closed so far, pickups left out. The first character of a bar line closes one.
  public var barCount: Int { music.barCount }

  /// Whether a repeat is open that was written as `|:`.
  public var isRepeatOpen: Bool { music.isRepeatOpen }

  /// Whether a first ending still lacks its repeat sign.
  public var isInFirstEnding: Bool { music.ending == 1 }

  /// Whether an ending is open without which the other is none.
  public var isBetweenEndings: Bool {
    music.ending == 1 || music.ending == 2 && music.barsInEnding == 0
  }

  /// Whether first and second endings may be written.
  public var allowsEndings: Bool {
    get { music.allowsEndings }
    set { music.allowsEndings = newValue }
  }

  public mutating func read(_ character: Unicode.Scalar) {
    guard header.isComplete else {
      if header.endsBefore(character) {
        header.end()
        startMusic()
        music.read(character)
        return
      }
      header.read(character)
      if header.isComplete { startMusic() }
      return
    }
    music.read(character)
    gap?.read(character)
  }

  private mutating func startMusic() {
    music.setMeter(header.values["M"] ?? "")
    music.unit = MusicGrammar.unit(header.values["L"] ?? "") ?? header.impliedUnit
    music.dropImpossibleMeter()
  }

  /// Whether a character can come next in correct ABC.
  public func allows(_ character: Unicode.Scalar) -> Bool {
    if header.isComplete {
      if let variation = gap?.variation { return variation.allows(character) }
      return music.allows(character) && gap?.allows(character, in: music) ?? true
    }
    if header.allows(character) { return true }
    guard header.endsBefore(character) else { return false }
    var after = self
    after.header.end()
    after.startMusic()
    return after.music.allows(character)
  }

  /// Characters that lead back to correct ABC where a person's text, or what the network lacks,
  /// leaves nothing that `allows` takes: the best ones that the network knows.
  func remedies(knownTo vocabulary: Vocabulary) -> [Unicode.Scalar] {
    let choices: [String] = header.isComplete ? music.remedies : ["\n"]
    for choice in choices {
      let known = Array(choice.unicodeScalars).filter(vocabulary.contains)
      if !known.isEmpty { return known }
    }
    return []
  }

  /// What comes now stands between music that stays.
  mutating func enter(_ gap: Gap) {
    leaveGap()
    self.gap = GapGrammar(gap, in: &music)
  }

  /// Whether no gap is being filled.
  var isOutsideGaps: Bool { gap == nil }

  /// Whether only one side of given music is written now: the rest is no choice, whatever else is.
  var isVarying: Bool { gap?.variation != nil }

  mutating func leaveGap() {
    gap?.putBack(in: &music)
    gap = nil
  }
}

/// The ASCII characters that a network can write, and how it spells headers.
struct KnownCharacters: Equatable, Sendable {
  private var bits: (UInt64, UInt64) = (.max, .max)
  /// nil where headers are spelt as Lilt does. Holds only values that every reader takes.
  private(set) var spelling: HeaderSpelling?

  /// All of them.
  init() {}

  init(_ vocabulary: Vocabulary) {
    bits = (0, 0)
    for scalar in vocabulary.characters where scalar.value < 128 {
      if scalar.value < 64 {
        bits.0 |= 1 << scalar.value
      } else {
        bits.1 |= 1 << (scalar.value - 64)
      }
    }
  }

  init(_ description: ModelDescription) {
    self.init(description.vocabulary)
    spelling = description.headerSpelling
    for (field, list) in spelling?.values ?? [:] {
      spelling?.values[field] = list.filter { HeaderValues.isReadable($0, in: field) }
    }
  }

  static func == (left: KnownCharacters, right: KnownCharacters) -> Bool {
    left.bits == right.bits && left.spelling == right.spelling
  }

  /// A value as the network's text spells it: a key under the name that it has there.
  func spelled(_ value: String, in field: Character) -> String {
    guard let spelling else { return value }
    var value = value
    if field == "K", let own = spelling.values["K"], !own.contains(value) {
      value = own.first { ModelText.shortKey($0) == value } ?? value
    }
    return (spelling.spaced.contains(field) ? " " : "") + value
  }

  func contains(_ character: Unicode.Scalar) -> Bool {
    let value = character.value
    guard value < 128 else { return false }
    return (value < 64 ? bits.0 >> value : bits.1 >> (value - 64)) & 1 != 0
  }

  // A closure, not the method itself: that would be allocated, and this is asked at every step.
  func canSpell(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { contains($0) } }

  func containsAny(of text: String) -> Bool { text.unicodeScalars.contains { contains($0) } }
}

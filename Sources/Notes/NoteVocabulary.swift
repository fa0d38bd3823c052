/// The tokens that a network of notes knows, found by what they mean.
public struct NoteVocabulary: Sendable {
  public let encoding: NoteEncoding
  /// Token by token; each is an index into it.
  public let tokens: [String]
  /// nil for tokens that mean nothing.
  public let meanings: [NoteEncoding.Meaning?]
  private let places: [String: Int]
  private let placesOfMeanings: [NoteEncoding.Meaning: Int]

  public init(_ encoding: NoteEncoding, _ tokens: [String]) {
    self.encoding = encoding
    self.tokens = tokens
    meanings = tokens.map(encoding.meaning)
    places = Dictionary(tokens.enumerated().map { ($1, $0) }) { first, _ in first }
    let meant = meanings.enumerated().compactMap { place, meaning in meaning.map { ($0, place) } }
    placesOfMeanings = Dictionary(meant) { first, _ in first }
  }

  public var count: Int { tokens.count }

  /// The place of the mark between pieces; nil in networks that were trained without.
  public var end: Int? { places[NoteEncoding.end] }

  /// The place of a token, or of another one that means the same.
  public func place(of token: String) -> Int? {
    places[token] ?? encoding.meaning(of: token).flatMap { placesOfMeanings[$0] }
  }

  /// The place of the token that is nearest to one it lacks: the nearest key or length, or the chord
  /// that shares most pitch classes, also with a single key; nil where there is nothing of the kind.
  public func nearest(to token: String) -> Int? {
    guard let wanted = encoding.meaning(of: token) else { return nil }
    var best: (place: Int, distance: Int)?
    for (place, meaning) in meanings.enumerated() {
      guard let distance = meaning.flatMap({ $0.distance(to: wanted) }) else { continue }
      if distance < best?.distance ?? .max { best = (place, distance) }
    }
    return best?.place
  }
}

extension NoteEncoding.Meaning {
  fileprivate func distance(to other: Self) -> Int? {
    switch (self, other) {
    case (.step, .step): 0
    case (.key(let one), .key(let two)), (.length(let one), .length(let two)): abs(one - two)
    case (.chord(let one), .chord(let two)): Set(one).symmetricDifference(Set(two)).count
    case (.key(let key), .chord(let classes)), (.chord(let classes), .key(let key)):
      // Farther than any of its own kind.
      128 + Set(classes).symmetricDifference([key % 12]).count
    default: nil
    }
  }
}

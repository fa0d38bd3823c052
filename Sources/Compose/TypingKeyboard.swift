import Music

/// The computer keyboard as a piano, by the places of its keys: two rows of white keys with the black
/// ones above them, as trackers and audio workstations have it. `z` is C, `s` C sharp … `,` the C
/// above; `q` is that C, too, `2` C sharp … up to `p`.
public struct TypingKeyboard: Sendable, Equatable {
  /// As MIDI counts: the lower row begins on C4, middle C, where this is 4.
  public private(set) var octave = 4

  public static let octaves = 0...8
  private static let lower = Array("zsxdcvgbhnjm,")
  private static let upper = Array("q2w3er5t6y7ui9o0p")

  /// The keys that are down, where the terminal tells releases, with what each sounds.
  private var down: [Character: Pitch] = [:]

  public init() {}

  /// What a key sounds, by the letter that a US keyboard has there; `nil` for keys that are no piano's.
  public func pitch(ofKey place: Character) -> Pitch? {
    let letter = place.lowercased().first ?? place
    if let step = TypingKeyboard.lower.firstIndex(of: letter) {
      return Pitch(key: 12 * (octave + 1) + step)
    }
    return TypingKeyboard.upper.firstIndex(of: letter).flatMap {
      Pitch(key: 12 * (octave + 2) + $0)
    }
  }

  mutating func press(_ place: Character) { down[place] = pitch(ofKey: place) }
  mutating func lift(_ place: Character) -> Pitch? { down.removeValue(forKey: place) }

  mutating func liftAll() -> [Pitch] {
    defer { down = [:] }
    return down.values.sorted()
  }

  /// - Returns: Whether there is such an octave.
  mutating func move(by octaves: Int) -> Bool {
    guard TypingKeyboard.octaves.contains(octave + octaves) else { return false }
    octave += octaves
    return true
  }
}

/// A key of the typing keyboard, pressed or let go, where keys are a piano's.
public struct KeyStroke: Sendable, Equatable {
  public enum Act: Sendable, Equatable { case press, hold, release }
  /// The letter that a US keyboard has in its place.
  public var place: Character
  /// `hold` is what a terminal that tells releases sends while a key stays down.
  public var act: Act

  public init(_ place: Character, _ act: Act = .press) {
    self.place = place
    self.act = act
  }
}

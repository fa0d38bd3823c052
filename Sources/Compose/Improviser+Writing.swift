import Form
import Neural

/// Drawing characters.
extension Improviser {
  /// Draws the next character and reads it.
  ///
  /// - Parameters:
  ///   - rng: The draft's random number.
  ///   - run: Which of the runs with it.
  ///   - index: How many characters this run has written before.
  public mutating func next(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> GeneratedCharacter {
    let drawn = draw(settings, rng: rng, run: run, index: index)
    hear(drawn.token)
    return drawn.character
  }

  /// Draws the next character without taking it into the text. Control characters before it are read.
  mutating func draw(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> (token: Int, character: GeneratedCharacter) {
    while true {
      switch move(settings, rng: rng, run: run, index: index) {
      case .reading(let token, let place): read(token, at: place)
      case .character(let token, let character): return (token, character)
      }
    }
  }

  /// Takes a character into the text, and reads it.
  mutating func hear(_ token: Int) {
    let accepted = accept(token)
    read(accepted.token, at: accepted.place)
    finishCharacter()
  }

  /// What comes next.
  enum Move {
    /// The network reads a token: a control character, or one that it has to read again.
    case reading(token: Int, place: Int32)
    /// A character was drawn.
    case character(token: Int, GeneratedCharacter)
  }

  mutating func move(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> Move {
    begin(settings, rng: rng, run: run)
    if let next = nextUnread() { return .reading(token: next.token, place: next.place) }
    while true {
      switch stage {
      case .part, .place, .relation:
        let sign = chooseSign()
        return .reading(token: model.description.vocabulary.token(sign.scalar) ?? 0, place: -1)
      case .none, .music:
        let isMusic = stage == .music
        let uniform = RandomSource.uniform(
          rng: isMusic ? rng ^ Self.musicSalt : rng, run: run, index: index)
        let drawn = pick(settings, uniform: uniform)
        let scalar = model.description.vocabulary[drawn.token]
        if PlanSign(scalar) != nil, hasPlan {
          stage = slot.isPartStart ? .part : .place
          continue
        }
        return .character(
          token: drawn.token,
          GeneratedCharacter(
            character: String(Character(scalar)), bits: Float(drawn.bits),
            rank: Int32(clamping: drawn.rank), entropy: Float(drawn.entropyBits),
            temperature: Float(drawn.temperature), memory: Float(style.memory)))
      }
    }
  }

  /// How much less likely the note is that a variant leaves.
  static let otherness: Float = 4

  private static let musicSalt: UInt64 = 0x6d75_7369_6300_0000

  /// What is written now stands between music that stays; `draw` then says by a bar line that the
  /// gap is filled.
  mutating func enter(_ gap: Gap) { grammar.enter(gap) }

  mutating func leaveGap() { grammar.leaveGap() }
}

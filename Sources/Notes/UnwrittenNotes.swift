/// What an author of notes has drawn that is not in the text yet: notes become text when their bar
/// is complete.
///
/// It belongs to a text; together they say all that was drawn so far.
public struct UnwrittenNotes: Hashable, Sendable, Codable {
  /// A token that was drawn, and what the network thought of it.
  public struct Token: Hashable, Sendable, Codable {
    public var text: String
    /// Surprise: −log2 of the untempered probability.
    public var bits: Float
    /// 1 = there was none likelier.
    public var rank: Int32
    /// Of the untempered distribution, in bits.
    public var entropy: Float
    public var temperature: Float

    public init(text: String, bits: Float, rank: Int32, entropy: Float, temperature: Float) {
      self.text = text
      self.bits = bits
      self.rank = rank
      self.entropy = entropy
      self.temperature = temperature
    }
  }

  /// Notes of the text that sound on behind its end, and for how many ticks.
  public struct Held: Hashable, Sendable, Codable {
    public var key: Int
    public var ticks: Int

    public init(key: Int, ticks: Int) {
      self.key = key
      self.ticks = ticks
    }
  }

  public var held: [Held]
  /// Ticks by which the first of the tokens begins behind the text's end.
  public var lead: Int
  public var tokens: [Token]
  /// How often the bar was drawn before and not taken, as it was a copy; nil = never.
  public var attempts: Int?

  public init(
    held: [Held] = [], lead: Int = 0, tokens: [Token] = [], attempts: Int? = nil
  ) {
    self.held = held
    self.lead = lead
    self.tokens = tokens
    self.attempts = attempts
  }
}

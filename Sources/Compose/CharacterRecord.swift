/// Where one character of a draft came from.
public enum Origin: UInt8, Codable, Sendable, CaseIterable {
  case hand, model, paste, file, shelf
}

/// What is remembered of one byte of a draft's text; a draft keeps as many as it has bytes.
public struct CharacterRecord: Hashable, Sendable {
  public var origin: Origin
  /// Surprise: −log2 of the untempered probability. 0 for characters the model did not write.
  public var bits: Float
  /// 1 = the most likely character there was; 0 for characters the model did not write.
  public var rank: Int32
  /// Entropy of the untempered distribution it was drawn from, in bits.
  public var entropy: Float
  /// The temperature it was drawn with; 0 for characters the model did not write.
  public var temperature: Float
  /// How much the tune remembered itself then, −1…1; 0 for characters the model did not write.
  public var memory: Float

  /// Whether the model drew the character, so that the figures say something.
  public var isDrawn: Bool { origin == .model && (rank > 0 || bits > 0) }

  public init(
    origin: Origin, bits: Float = 0, rank: Int32 = 0, entropy: Float = 0, temperature: Float = 0,
    memory: Float = 0
  ) {
    self.origin = origin
    self.bits = bits
    self.rank = rank
    self.entropy = entropy
    self.temperature = temperature
    self.memory = memory
  }
}

/// One character drawn by the model, as it travels from the generator to the session.
public struct GeneratedCharacter: Hashable, Sendable {
  public var character: String
  public var bits: Float
  public var rank: Int32
  public var entropy: Float
  public var temperature: Float
  public var memory: Float

  public init(
    character: String, bits: Float, rank: Int32, entropy: Float, temperature: Float,
    memory: Float = 0
  ) {
    self.character = character
    self.bits = bits
    self.rank = rank
    self.entropy = entropy
    self.temperature = temperature
    self.memory = memory
  }

  var record: CharacterRecord {
    CharacterRecord(
      origin: .model, bits: bits, rank: rank, entropy: entropy, temperature: temperature,
      memory: memory)
  }
}

/// One possible next character, most likely first in lists.
public struct NextCharacter: Hashable, Sendable, Codable {
  public var character: String
  /// Untempered, 0...1.
  public var probability: Float
  /// Where the tune's memory or its plan takes it from; `nil` where it is the network's own.
  public var source: Source?

  /// What makes a character likely besides the network.
  public enum Source: Hashable, Sendable, Codable {
    /// A bar of the tune by its number, pickups not counted.
    case bar(Int)
    /// The tunes that were lent to the model.
    case book
  }

  public init(character: String, probability: Float, source: Source? = nil) {
    self.character = character
    self.probability = probability
    self.source = source
  }
}

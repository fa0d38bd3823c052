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

  public init(
    origin: Origin, bits: Float = 0, rank: Int32 = 0, entropy: Float = 0, temperature: Float = 0
  ) {
    self.origin = origin
    self.bits = bits
    self.rank = rank
    self.entropy = entropy
    self.temperature = temperature
  }
}

/// One character drawn by the model, as it travels from the generator to the session.
public struct GeneratedCharacter: Hashable, Sendable {
  public var character: String
  public var bits: Float
  public var rank: Int32
  public var entropy: Float
  public var temperature: Float

  public init(character: String, bits: Float, rank: Int32, entropy: Float, temperature: Float) {
    self.character = character
    self.bits = bits
    self.rank = rank
    self.entropy = entropy
    self.temperature = temperature
  }

  var record: CharacterRecord {
    CharacterRecord(
      origin: .model, bits: bits, rank: rank, entropy: entropy, temperature: temperature)
  }
}

/// One possible next character, most likely first in lists.
public struct NextCharacter: Hashable, Sendable, Codable {
  public var character: String
  /// Untempered, 0...1.
  public var probability: Float

  public init(character: String, probability: Float) {
    self.character = character
    self.probability = probability
  }
}

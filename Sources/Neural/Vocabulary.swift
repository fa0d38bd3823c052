/// The characters a network knows; a token is an index into them.
public struct Vocabulary: Hashable, Sendable {
  /// Token by token.
  public let characters: [Unicode.Scalar]
  private let tokens: [Unicode.Scalar: Int]

  /// `nil` when there are none, or one occurs twice.
  public init?(_ characters: [Unicode.Scalar]) {
    guard !characters.isEmpty else { return nil }
    var tokens: [Unicode.Scalar: Int] = [:]
    for (token, character) in characters.enumerated() {
      guard tokens.updateValue(token, forKey: character) == nil else { return nil }
    }
    self.characters = characters
    self.tokens = tokens
  }

  public var count: Int { characters.count }

  /// The character of a token in `0..<count`.
  public subscript(token: Int) -> Unicode.Scalar { characters[token] }

  /// The token of a character; `nil` where the network does not know it.
  public func token(_ character: Unicode.Scalar) -> Int? { tokens[character] }

  public func contains(_ character: Unicode.Scalar) -> Bool { tokens[character] != nil }
}

import Neural
import Training

extension ModelTune {
  /// Signatures that fiddles, whistles and their tune books know.
  public static let playableSharps = -3...4

  /// The tune as it was written, then in every playable key it can be written in.
  public var inAllKeys: [ModelTune] {
    [self]
      + Self.playableSharps.compactMap { $0 == key.sharps ? nil : transposed(toSharps: $0) }
  }
}

extension TrainingText {
  /// What networks read before a tune: the empty line that ends the tune before.
  public static let start = "\n\n"

  /// Tunes as tokens, each in all of its given keys; characters outside the vocabulary are left out.
  public init(_ tunes: [[ModelTune]], vocabulary: Vocabulary) {
    func tokens(_ text: String) -> [UInt16] {
      text.unicodeScalars.compactMap { vocabulary.token($0).flatMap { UInt16(exactly: $0) } }
    }
    self.init(
      items: tunes.map { keys in
        keys.map { tune in
          let head = tokens(Self.start + tune.header)
          return Sequence(tokens: head + tokens(tune.body), scoredFrom: head.count)
        }
      })
  }
}

extension Vocabulary {
  /// All characters of some tunes, by their code points; nil where there are none.
  public init?(of tunes: [[ModelTune]]) {
    var characters: Set<Unicode.Scalar> = []
    for keys in tunes {
      for tune in keys { characters.formUnion(tune.text.unicodeScalars) }
    }
    if !characters.isEmpty { characters.formUnion(TrainingText.start.unicodeScalars) }
    self.init(characters.sorted { $0.value < $1.value })
  }
}

import MIDI
import Music
import Training

/// Played music as tokens, from MIDI files.
public struct NoteCorpus: Sendable {
  public let encoding: NoteEncoding
  /// All tokens of the training part, in order.
  public private(set) var vocabulary: [String]
  public private(set) var train: TrainingText
  public private(set) var valid: TrainingText
  /// Tokens read, and unknown ones of the measured part that became the nearest known.
  public private(set) var tokenCount = 0
  public private(set) var replacedCount = 0

  /// A file's performance under its name.
  public typealias Piece = (name: String, performance: Performance)

  /// The last tenth of every piece is kept to measure on. With `transposes` a piece is read in all
  /// keys from five half tones lower to six higher.
  public init(
    _ pieces: [Piece], encoding: NoteEncoding, transposes: Bool, measuresPart: Bool = true
  ) {
    self.encoding = encoding
    var texts: [[[String]]] = []
    var kept: [[String]] = []
    for piece in pieces {
      let tokens = encoding.tokens(of: piece.performance)
      tokenCount += tokens.count
      let end = measuresPart ? tokens.count - tokens.count / 10 : tokens.count
      let own = Array(tokens[..<end])
      kept.append(Array(tokens[end...]))
      let shifts = transposes ? Array(-5...6).filter { $0 != 0 } : []
      texts.append([own] + shifts.compactMap { encoding.transposed(own, by: $0) })
    }
    var known: Set<String> = []
    for keys in texts { for tokens in keys { known.formUnion(tokens) } }
    vocabulary = known.sorted()
    let index = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    let all = vocabulary
    var replaced = 0
    func numbers(_ tokens: [String]) -> TrainingText.Sequence {
      var numbers: [UInt16] = []
      for token in tokens {
        if let number = index[token] {
          numbers.append(UInt16(clamping: number))
        } else if let near = encoding.nearest(to: token, in: all), let number = index[near] {
          replaced += 1
          numbers.append(UInt16(clamping: number))
        }
      }
      return TrainingText.Sequence(tokens: numbers)
    }
    train = TrainingText(items: texts.map { $0.map(numbers) })
    valid = TrainingText(items: kept.map { [numbers($0)] })
    replacedCount = replaced
  }
}

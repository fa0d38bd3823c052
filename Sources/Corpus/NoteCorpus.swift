import MIDI
import Music
import Notes
import Training

/// Played music as tokens, from MIDI files.
public struct NoteCorpus: Sendable {
  public let encoding: NoteEncoding
  /// The encoding's alphabet where no marks are asked for, or all tokens of the training part, in order; `train` and `valid` hold indices into it.
  public private(set) var vocabulary: [String]
  public private(set) var train: TrainingText
  public private(set) var valid: TrainingText
  /// Tokens read, and unknown ones of the measured part that became the nearest known.
  public private(set) var tokenCount = 0
  public private(set) var replacedCount = 0

  /// A file's performance under its name.
  public typealias Piece = (name: String, performance: Performance)

  /// Without `valid` a part is kept to measure on, see `parts`. With `transposes` a piece is read in
  /// all keys from five half tones lower to six higher. With `marks` a mark stands before and behind
  /// each piece, so that beginnings and ends are learnt.
  public init(
    _ pieces: [Piece], valid others: [Piece]? = nil, encoding: NoteEncoding, transposes: Bool,
    marks: Bool = false
  ) {
    self.encoding = encoding
    let mark = marks ? [NoteEncoding.end] : []
    func tokens(_ piece: Piece) -> [String] {
      mark + encoding.tokens(of: piece.performance) + mark
    }
    var own = pieces.map(tokens)
    var kept = (others ?? []).map(tokens)
    if others == nil { (own, kept) = Self.parts(own) }
    tokenCount = (own + kept).reduce(0) { $0 + $1.count }
    let shifts = transposes ? Array(-5...6).filter { $0 != 0 } : []
    let texts = own.map { tokens in
      [tokens] + shifts.compactMap { encoding.transposed(tokens, by: $0) }
    }
    var known: Set<String> = []
    for keys in texts { for tokens in keys { known.formUnion(tokens) } }
    // A published alphabet is whole, whatever the pieces have of it; it knows no marks.
    let whole = encoding.alphabet.flatMap { known.isSubset(of: $0) ? $0 : nil }
    vocabulary = whole ?? known.sorted()
    let all = NoteVocabulary(encoding, vocabulary)
    var replaced = 0
    func numbers(_ tokens: [String]) -> TrainingText.Sequence {
      var numbers: [UInt16] = []
      for token in tokens {
        if let number = all.place(of: token) {
          numbers.append(UInt16(clamping: number))
        } else if let number = all.nearest(to: token) {
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

  /// In how many voices most of the pieces are, drums not counted: tracks that have notes.
  public static func usualVoices(_ pieces: [Piece]) -> Int {
    let counts = pieces.map { piece in
      let tracks = piece.performance.tracks
      return Set(piece.performance.notes.map(\.track)).count { track in
        !tracks.indices.contains(track) || tracks[track].role != .drums
      }
    }.sorted()
    return counts.isEmpty ? 1 : max(1, counts[counts.count / 2])
  }

  /// The pieces that `parts` trains on, at least in part.
  public static func trained<Element>(_ pieces: [Element]) -> [Element] {
    pieces.count >= 20 ? pieces.indices.filter { $0 % 10 != 9 }.map { pieces[$0] } : pieces
  }

  /// What is trained on, and what is kept to measure on: every tenth piece where there are twenty or
  /// more, else the last tenth of each.
  public static func parts<Element>(
    _ pieces: [[Element]]
  ) -> (train: [[Element]], valid: [[Element]]) {
    if pieces.count >= 20 {
      return (
        trained(pieces),
        pieces.indices.filter { $0 % 10 == 9 }.map { pieces[$0] }
      )
    }
    return (
      pieces.map { Array($0.dropLast($0.count / 10)) }, pieces.map { $0.suffix($0.count / 10) }
    )
  }
}

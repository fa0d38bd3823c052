import ABC
import Analysis

/// What the judge says of a text: nine marks, each with its sentence, and where it says what known
/// tunes say.
public struct Critique: Sendable, Equatable {
  public struct Mark: Sendable, Equatable {
    public var gate: Gate
    public var verdict: Verdict
    /// Why.
    public var sentence: String
  }

  /// In the order of `Gate.allCases`.
  public let marks: [Mark]
  /// Notes in a row that stand in known tunes, in the order of their ends.
  public let passages: [SharedPassage]
  /// Ranks texts: the gates passed come first, then how usual its measures are.
  public let score: Double
  /// The melody's intervals: texts of the same differ in nothing that is heard of their pitches.
  let intervals: [Int8]

  /// Judges a text; a millisecond or so.
  ///
  /// - Parameters:
  ///   - text: A tune, or the beginning of one.
  ///   - isComplete: Whether it is at its end; otherwise what may still come is open.
  ///   - repertoires: The first says what is usual; all are looked through for shared notes.
  public init(_ text: String, isComplete: Bool, repertoires: [Repertoire]) {
    let bytes = Array(text.utf8)
    let judgement = Judgement(
      ParsedTune(bytes: bytes), text: bytes, repertoire: repertoires.first,
      isComplete: isComplete, looksForCopies: false)
    marks = Gate.allCases.map {
      Mark(gate: $0, verdict: judgement[$0], sentence: judgement.sentence(for: $0))
    }
    passages = judgement.measures.melody.sharedPassages(with: repertoires)
    score = judgement.score
    intervals = judgement.measures.intervals
  }

  public var passedCount: Int { marks.count { $0.verdict == .passed } }
  public var passesAll: Bool { passedCount == marks.count }
  /// Whether anything failed, of what can be told so far.
  public var failedCount: Int { marks.count { $0.verdict == .failed } }

  /// The longest passage; of equally long ones the first.
  public var longestPassage: SharedPassage? {
    passages.reduce(nil) { $1.notes > $0?.notes ?? 0 ? $1 : $0 }
  }

  /// The longest passage that a byte of the text is part of.
  public func passage(atByte byte: Int) -> SharedPassage? {
    passages.filter { $0.bytes.contains(byte) }.max { $0.notes < $1.notes }
  }

  /// The places of the best of some, the best first; of those with the same melody only the first
  /// counts.
  public static func best(_ count: Int, of critiques: [Critique]) -> [Int] {
    let order = critiques.indices.sorted {
      (-critiques[$0].score, $0) < (-critiques[$1].score, $1)
    }
    var known: Set<[Int8]> = []
    return Array(
      order.filter { known.insert(critiques[$0].intervals).inserted }.prefix(max(count, 0)))
  }
}

extension SharedPassage {
  /// `14 notes as in The Kesh`.
  public var words: String { "\(notes) notes as in \(title)" }
}

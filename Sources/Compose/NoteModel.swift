import Analysis
import Music
import Neural
import Notes

/// A network of notes and what is known of it, ready to be shared by any number of authors: of
/// tokens of a `NoteEncoding`, or of pitch, step and duration.
public final class NoteModel: Sendable {
  enum Network: Sendable {
    case tokens(RecurrentNetwork, NoteVocabulary)
    /// Scores of 128 pitches, then step and duration in seconds.
    case timed(LayeredNetwork)
  }

  let network: Network
  public let name: String
  /// The encoding's name, as in the checkpoint: `note-chords`.
  public let encodingName: String
  /// Tells checkpoints apart: 16 hexadecimal digits.
  public let fingerprint: String
  public let precision: Precision
  /// Tunes that it has learnt from, and the musician's own: what it copies of them is told.
  public let repertoires: [Repertoire]
  /// How many tokens it reads before each one it says, as it was trained; nil = all there are.
  public let window: Int?
  /// The mark between pieces as a token, and its place among the scores; nil where it was trained
  /// without, so that it says nothing of beginnings and ends.
  let end: (token: String, place: Int)?
  /// Voices of a tune from nothing: two where it was trained on pieces of several, a line and its
  /// accompaniment, otherwise one.
  public let voices: Int
  /// How far the network's steps and durations lay off in training (standard deviations in
  /// seconds); what a temperature of their own spreads.
  let deviations: (step: Double, duration: Double)

  /// What pitch, step and duration are called in checkpoints.
  public static let timedEncoding = "pitch-step-duration"
  private static let standardWindow = 25

  /// Throws when the checkpoint is of another kind, or its parts do not fit together.
  public init(
    _ checkpoint: Checkpoint, precision: Precision = .auto, repertoires: [Repertoire] = []
  ) throws(CheckpointError) {
    self.repertoires = repertoires
    let metadata = checkpoint.metadata
    encodingName = ModelDescription.encoding(of: checkpoint)
    name = metadata["name"] ?? ""
    fingerprint = checkpoint.fingerprint
    let window = metadata["window"].flatMap { Int($0) }.map { min(max($0, 1), 1024) }
    if encodingName == Self.timedEncoding {
      let network = try LayeredNetwork(
        checkpoint, precision: precision == .bfloat16 ? .bfloat16 : .float32)
      guard network.inputSize == 3, network.outputs.map(\.size) == [128, 1, 1] else {
        throw .unsupported("its outputs are not a pitch, a step and a duration")
      }
      self.network = .timed(network)
      end = metadata["marks"] == "true" ? (TimedNote.end.token, TimedNote.end.pitch) : nil
      self.precision = network.precision
      self.window = window ?? Self.standardWindow
    } else {
      let tokens = try ModelDescription.tokens(of: checkpoint)
      guard let encoding = NoteEncoding(name: encodingName, vocabulary: tokens) else {
        throw .unsupported(
          "its tokens are encoded as \(encodingName.prefix(40)), which is none of "
            + (NoteEncoding.allCases.map(\.rawValue) + [Self.timedEncoding]).joined(separator: ", ")
        )
      }
      let network = try RecurrentNetwork(checkpoint, precision: precision)
      guard network.vocabularySize == tokens.count else {
        throw .metadata(
          key: "vocabulary",
          reason: "names \(tokens.count) tokens, but the network has \(network.vocabularySize)")
      }
      let vocabulary = NoteVocabulary(encoding, tokens)
      self.network = .tokens(network, vocabulary)
      end = vocabulary.end.map { (NoteEncoding.end, $0) }
      self.precision = network.precision
      self.window = window
    }
    voices = (metadata["voices"].flatMap { Int($0) } ?? 1) > 1 ? 2 : 1
    func deviation(_ key: String) -> Double {
      let value = metadata[key].flatMap(Double.init) ?? .nan
      return value.isFinite && value > 0 ? min(value, 10) : 0.1
    }
    deviations = (deviation("step_deviation"), deviation("duration_deviation"))
  }

  /// The encoding of its tokens; nil where it reads pitch, step and duration.
  public var encoding: NoteEncoding? {
    if case .tokens(_, let vocabulary) = network { vocabulary.encoding } else { nil }
  }

  public var isTimed: Bool { encoding == nil }

  /// Whether it has learnt where pieces end.
  public var knowsEnds: Bool { end != nil }

  /// Whether a token is the mark between pieces.
  func isEnd(_ token: String) -> Bool {
    guard let end else { return false }
    return isTimed ? TimedNote(token: token)?.pitch == end.place : token == end.token
  }

  /// The written notes of an ABC text as tokens, as an author of notes reads them.
  public func tokens(ofABC text: String) -> (tokens: [String], replaced: Int) {
    let place = NotePlace(text)
    return tokens(of: place.notes, tempos: place.tempos)
  }

  /// How many tokens it knows; 128 pitches where it reads pitch, step and duration.
  public var tokenCount: Int { scoreCount }

  /// The place of a token among its scores.
  public func place(of token: String) -> Int? {
    switch network {
    case .tokens(_, let vocabulary): vocabulary.place(of: token)
    case .timed: TimedNote(token: token)?.pitch
    }
  }

  /// How many scores of what it draws there are.
  var scoreCount: Int {
    if case .tokens(let network, _) = network { network.vocabularySize } else { 128 }
  }

  /// What a token says; of pitch, step and duration each is a key.
  func meaning(ofToken place: Int) -> NoteEncoding.Meaning? {
    guard case .tokens(_, let vocabulary) = network else {
      return place == end?.place ? .end : .key(place)
    }
    return vocabulary.meanings[place]
  }

  /// The highest key that a token begins; nil where it begins none.
  func highestKey(ofToken place: Int) -> Int? {
    switch meaning(ofToken: place) {
    case .key(let key): key
    case .chord(let classes): classes.max().map { 60 + $0 }
    case .step, .length, .end, nil: nil
    }
  }

  /// Class of each token, as a number of `CharacterClass`: lengths and passing time are rhythm.
  var classes: [UInt8] {
    guard case .tokens(_, let vocabulary) = network else { return [] }
    return vocabulary.meanings.map { meaning in
      switch meaning {
      case .step, .length: CharacterClass.rhythm.rawValue
      case .end: CharacterClass.form.rawValue
      case .key, .chord, nil: CharacterClass.melody.rawValue
      }
    }
  }

  /// Notes as the tokens that it reads, and how many of them it does not know: the nearest it knows
  /// stands for each.
  ///
  /// - Parameters:
  ///   - notes: In the order of their starts.
  ///   - end: Up to which tick time has passed; nil = up to the last note.
  ///   - tempos: At which they are heard.
  public func tokens(
    of notes: [PlacedNote], until end: Int? = nil, tempos: [Performance.TempoChange] = []
  ) -> (tokens: [String], replaced: Int) {
    guard case .tokens(_, let vocabulary) = network else {
      return (TimedNote.notes(of: notes, tempos: tempos).map(\.token), 0)
    }
    var replaced = 0
    let tokens = vocabulary.encoding.tokens(of: notes, until: end).compactMap { token in
      if let place = vocabulary.place(of: token) { return vocabulary.tokens[place] }
      replaced += 1
      return vocabulary.nearest(to: token).map { vocabulary.tokens[$0] }
    }
    return (tokens, replaced)
  }
}

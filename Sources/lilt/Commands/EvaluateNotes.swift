import Corpus
import MIDI
import Music
import Neural

/// A model of MIDI files: measured on others, and heard.
struct EvaluateNotes {
  private let encoding: NoteEncoding
  private let vocabulary: [String]
  private let network: RecurrentNetwork
  private let path: String

  /// nil where the checkpoint is one of tunes, or cannot be read at all, which its user will say.
  init?(path: String) throws {
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint(path: path)
      guard let name = checkpoint.metadata["encoding"], let encoding = NoteEncoding(rawValue: name)
      else { return nil }
      self.encoding = encoding
      self.path = path
      vocabulary = try Self.vocabulary(checkpoint)
      network = try RecurrentNetwork(checkpoint, precision: .float32)
      guard network.vocabularySize == vocabulary.count else {
        throw .metadata(
          key: "vocabulary",
          reason: "names \(vocabulary.count) tokens, but the network has \(network.vocabularySize)")
      }
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error.description)")
    }
  }

  func run(_ options: EvaluateCommand) throws {
    var table = EvaluateTable()
    if !options.files.isEmpty {
      let pieces = try CorpusFiles.pieces(options.files)
      table.add(measure(pieces))
      if options.reconstruct > 0 {
        table.add(reconstruct(Array(pieces.prefix(options.reconstruct))))
      }
    }
    if let file = options.midi {
      let tokens = sampler.tokens(
        count: options.tokens, temperature: options.temperature, rng: options.rng)
      let (performance, repairs) = encoding.decoded(tokens)
      table.add([
        ("tokens_written", "\(tokens.count)"), ("notes_written", "\(performance.notes.count)"),
        ("repairs", "\(repairs.total)"), ("stray_lengths", "\(repairs.strayLengths)"),
        ("missing_lengths", "\(repairs.missingLengths)"), ("overlaps", "\(repairs.overlaps)"),
        ("unknown_tokens", "\(repairs.unknownTokens)"),
      ])
      try table.add(performance, comparedWith: options.corpus)
      try Self.write(performance, to: file)
    }
    table.print(asJSON: options.json)
  }

  /// Writes music as a MIDI file.
  static func write(_ performance: Performance, to file: String) throws(CommandFailure) {
    do throws(FileError) {
      try Files.write(MIDIFile(performance: performance).bytes, to: file)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  private var sampler: NoteSampler { NoteSampler(network: network, vocabulary: vocabulary) }

  private func measure(_ pieces: [NoteCorpus.Piece]) -> [EvaluateTable.Fact] {
    let index = Dictionary(vocabulary.enumerated().map { ($1, $0) }) { first, _ in first }
    var tally = EvaluateForecast.Tally(name: "all", labels: vocabulary.count)
    var unknown = 0
    for piece in pieces {
      var state = network.makeState()
      var logits = [Float](repeating: 0, count: vocabulary.count)
      for (place, text) in encoding.tokens(of: piece.performance).enumerated() {
        let known = index[text] ?? encoding.nearest(to: text, in: vocabulary).flatMap { index[$0] }
        if index[text] == nil { unknown += 1 }
        guard let token = known else { continue }
        if place > 0 { tally.add(token, logits: logits) }
        network.step(token, state: &state, logits: &logits)
      }
      tally.tunes += 1
    }
    let names = ["tunes": "pieces", "characters": "tokens", "bits_per_character": "bits_per_token"]
    return tally.facts.map { (names[$0.name] ?? $0.name, $0.value) }
      + [("unknown_tokens_read", "\(unknown)")]
  }

  /// The model reads the first quarter of each piece, goes on with the likeliest token, always, and
  /// what comes out is compared with the piece.
  private func reconstruct(_ pieces: [NoteCorpus.Piece]) -> [EvaluateTable.Fact] {
    var exact = 0
    var same = 0.0
    var distances: [Double] = []
    for piece in pieces {
      let tokens = encoding.tokens(of: piece.performance)
      let given = Array(tokens.prefix(tokens.count / 4))
      let written =
        given
        + sampler.tokens(after: given, count: tokens.count - given.count, temperature: 0, rng: 0)
      if written == tokens { exact += 1 }
      same += Double(zip(written, tokens).count { $0 == $1 }) / Double(max(tokens.count, 1))
      let (one, other) = (encoding.performance(of: tokens), encoding.performance(of: written))
      if let distance = ChamferDistance.between(
        ChamferDistance.points(one.notes), ChamferDistance.points(other.notes))
      {
        distances.append(distance)
      }
    }
    return [
      ("reconstructed", "\(pieces.count)"), ("reconstructed_exactly", "\(exact)"),
      ("same_tokens", decimals(same / Double(max(pieces.count, 1)), 4)),
      (
        "reconstruction_chamfer",
        decimals(distances.reduce(0, +) / Double(max(distances.count, 1)), 4)
      ),
    ]
  }

  private static func vocabulary(_ checkpoint: Checkpoint) throws(CheckpointError) -> [String] {
    guard let text = checkpoint.metadata["vocabulary"], let list = jsonStrings(text) else {
      throw .metadata(key: "vocabulary", reason: "is not a JSON list of texts")
    }
    return list
  }
}

extension EvaluateTable {
  /// How written music is spread against MIDI files, where there are any.
  mutating func add(_ written: Performance, comparedWith corpus: [String]) throws(CommandFailure) {
    guard !corpus.isEmpty else { return }
    let known = try CorpusFiles.pieces(corpus).map(\.performance)
    add(NoteDistributions([written]), against: NoteDistributions(known))
  }
}

/// The strings of a JSON list of nothing but strings; nil for anything else.
func jsonStrings(_ text: String) -> [String]? {
  var reader = Substring(text).unicodeScalars
  func skipSpace() {
    while let next = reader.first, next.properties.isWhitespace { reader.removeFirst() }
  }
  func string() -> String? {
    guard reader.popFirst() == "\"" else { return nil }
    var result = String.UnicodeScalarView()
    while let next = reader.popFirst() {
      if next == "\"" { return String(result) }
      guard next == "\\" else {
        result.append(next)
        continue
      }
      guard let escape = reader.popFirst() else { return nil }
      switch escape {
      case "n": result.append("\n")
      case "t": result.append("\t")
      case "r": result.append("\r")
      case "\"", "\\", "/": result.append(escape)
      case "u":
        guard let value = UInt32(String(reader.prefix(4)), radix: 16),
          let scalar = Unicode.Scalar(value)
        else { return nil }
        reader = reader.dropFirst(4)
        result.append(scalar)
      default: return nil
      }
    }
    return nil
  }
  skipSpace()
  guard reader.popFirst() == "[" else { return nil }
  var strings: [String] = []
  skipSpace()
  if reader.first == "]" { return strings }
  while true {
    skipSpace()
    guard let next = string() else { return nil }
    strings.append(next)
    skipSpace()
    switch reader.popFirst() {
    case ",": continue
    case "]": return strings
    default: return nil
    }
  }
}

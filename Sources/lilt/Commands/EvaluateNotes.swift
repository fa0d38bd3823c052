import Compose
import Corpus
import MIDI
import Music
import Neural
import Notes

/// A model of MIDI files: measured on others, and heard.
struct EvaluateNotes {
  private let encoding: NoteEncoding
  private let model: NoteModel

  /// nil where the model is of another kind.
  init?(_ model: NoteModel) {
    guard let encoding = model.encoding else { return nil }
    self.encoding = encoding
    self.model = model
  }

  func run(_ options: EvaluateCommand) throws {
    var table = EvaluateTable()
    if !options.files.isEmpty {
      let pieces = try CorpusFiles.pieces(options.files)
      guard pieces.contains(where: { !$0.performance.notes.isEmpty }) else {
        throw CommandFailure(
          .unreadableInput,
          "\(options.files.joined(separator: ", ")): there is no music that can be measured")
      }
      table.add(measure(pieces))
      if options.reconstruct > 0 {
        table.add(reconstruct(Array(pieces.prefix(options.reconstruct))))
      }
    }
    if let file = options.midi {
      let tokens = tokens(
        after: [], count: options.tokens ?? 400, temperature: options.temperature ?? 0.8,
        rng: options.rng ?? 1)
      let (performance, repairs) = encoding.decoded(tokens)
      table.add([
        ("tokens_written", "\(tokens.count)"), ("notes_written", "\(performance.notes.count)"),
        ("repairs", "\(repairs.total)"), ("stray_lengths", "\(repairs.strayLengths)"),
        ("overlaps", "\(repairs.overlaps)"), ("unknown_tokens", "\(repairs.unknownTokens)"),
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

  private func tokens(
    after start: [String], count: Int, temperature: Double, rng: UInt64
  ) -> [String] {
    var reader = NoteReader(model)
    return reader.tokens(
      after: start, count: count, .init(settings: SamplerSettings(temperature: temperature)),
      rng: rng)
  }

  private func measure(_ pieces: [NoteCorpus.Piece]) -> [EvaluateTable.Fact] {
    var tally = EvaluateForecast.Tally(name: "all", labels: model.tokenCount)
    // As a network of windows was trained: from so many tokens, never fewer.
    var fullWindows = EvaluateForecast.Tally(name: "full windows", labels: model.tokenCount)
    var unknown = 0
    for piece in pieces {
      var reader = NoteReader(model)
      let (tokens, replaced) = model.tokens(of: piece.performance.placedNotes)
      unknown += replaced
      for (place, token) in tokens.enumerated() {
        if place > 0, let number = model.place(of: token) {
          let logits = reader.outputs()
          tally.add(number, logits: logits[...])
          if let window = model.window, place >= window {
            fullWindows.add(number, logits: logits[...])
          }
        }
        reader.read(token)
      }
      tally.tunes += 1
    }
    let names = ["tunes": "pieces", "characters": "tokens", "bits_per_character": "bits_per_token"]
    var facts = tally.facts.map { (names[$0.name] ?? $0.name, $0.value) }
    if fullWindows.characters > 0 {
      facts.append(("bits_in_full_windows", decimals(fullWindows.bitsPerCharacter, 4)))
    }
    return facts + [("unknown_tokens_read", "\(unknown)")]
  }

  /// The model reads the first token of each piece, goes on with the likeliest one, always, and what
  /// comes out is compared with the piece.
  private func reconstruct(_ pieces: [NoteCorpus.Piece]) -> [EvaluateTable.Fact] {
    var exact = 0
    var same = 0.0
    var distances: [Double] = []
    for piece in pieces {
      let tokens = model.tokens(of: piece.performance.placedNotes).tokens
      let given = Array(tokens.prefix(1))
      let written =
        given
        + self.tokens(after: given, count: tokens.count - given.count, temperature: 0, rng: 0)
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
}

extension EvaluateTable {
  /// How written music is spread against MIDI files, where there are any.
  ///
  /// - Parameter heard: How their music is to be compared.
  mutating func add(
    _ written: Performance, comparedWith corpus: [String],
    as heard: (Performance) -> Performance = { $0 }
  ) throws(CommandFailure) {
    guard !corpus.isEmpty else { return }
    let known = try CorpusFiles.pieces(corpus).map { heard($0.performance) }
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

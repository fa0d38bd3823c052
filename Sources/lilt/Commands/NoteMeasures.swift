import ABC
import Compose
import MIDI
import Music
import Neural
import Notes

/// What a network of notes makes of a piece, token by token: for `lilt probs` and `lilt score`.
struct NoteMeasures {
  let model: NoteModel

  /// The tokens of the music in a file, ABC or MIDI, as the network reads them.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput`.
  func pieces(_ path: String) throws(CommandFailure) -> [(tokens: [String], replaced: Int)] {
    let source = try ExportSource(path: path)
    return (0..<source.count).map { index in
      let music = source.music(at: index)
      guard case .midi(let file) = music else { return model.tokens(ofABC: music.written.text) }
      let performance = file.performance
      return model.tokens(of: performance.placedNotes, tempos: performance.tempos)
    }
  }

  /// Says that tokens were replaced; nothing where none were.
  static func tell(_ replaced: Int, of name: String) {
    guard replaced > 0 else { return }
    let what = replaced == 1 ? "one note or chord" : "\(replaced) notes and chords"
    StandardError.line(
      "\(name): the model does not know \(what), and reads the nearest it knows")
  }

  // MARK: Probabilities

  /// A line for each token, and one for what would come next.
  func listProbabilities(_ tokens: [String], top: Int, asJSON: Bool) {
    var reader = NoteReader(model)
    for token in tokens {
      let likeliest = likeliest(&reader, top)
      let (bits, rank) = (reader.bits(of: token), reader.rank(of: token))
      write(token, bits: bits, rank: rank, likeliest, asJSON: asJSON)
      reader.read(token)
    }
    write(nil, bits: nil, rank: nil, likeliest(&reader, top), asJSON: asJSON)
  }

  private func likeliest(
    _ reader: inout NoteReader, _ top: Int
  ) -> [(token: String, probability: Double)] {
    let probabilities = reader.probabilities()
    let order = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    return order.prefix(top).map { (model.name(ofToken: $0), probabilities[$0]) }
  }

  private func write(
    _ token: String?, bits: Double?, rank: Int?,
    _ likeliest: [(token: String, probability: Double)], asJSON: Bool
  ) {
    guard asJSON else {
      let list = likeliest.map { "\($0.token) \(($0.probability * 100).formatted(decimals: 1))%" }
      let known = bits.map { "\($0.formatted(decimals: 2)) bits" } ?? "next"
      let place = rank.map { " rank \($0)" } ?? ""
      // A timed note says more than its pitch.
      let name = model.isTimed ? nil : token.flatMap(model.place).map { model.name(ofToken: $0) }
      StandardOutput.line(
        "\(name ?? token ?? "-")  \(known)\(place)  \(list.joined(separator: "  "))")
      return
    }
    var facts = ["\"v\":1"]
    if let token { facts.append("\"token\":\(jsonText(token))") }
    if let bits { facts.append("\"bits\":\(bits.formatted(decimals: 6))") }
    if let rank { facts.append("\"rank\":\(rank)") }
    let list = likeliest.map {
      "{\"name\":\(jsonText($0.token)),\"probability\":\($0.probability.formatted(decimals: 6))}"
    }
    facts.append("\"top\":[\(list.joined(separator: ","))]")
    StandardOutput.line("{\(facts.joined(separator: ","))}")
  }

  // MARK: Scores

  /// Bits over the pieces of a file, or of several; the first token of a piece is given.
  struct Score {
    var name: String
    var bits = 0.0
    var tokens = 0
    var pieces = 0
    var replaced = 0

    mutating func add(_ other: Score) {
      bits += other.bits
      tokens += other.tokens
      pieces += other.pieces
      replaced += other.replaced
    }

    var bitsPerToken: Double { tokens == 0 ? 0 : bits / Double(tokens) }

    func line(unit: String) -> String {
      "\(name): \(bitsPerToken.formatted(decimals: 4)) bits per \(unit), \(tokens.counted(unit)), "
        + "\(pieces.counted("piece")), \(replaced) replaced by the nearest known"
    }

    var json: String {
      "\"bits_per_token\":\(bitsPerToken.formatted(decimals: 6)),\"tokens\":\(tokens),"
        + "\"pieces\":\(pieces),\"replaced\":\(replaced)"
    }
  }

  /// What one token is called: of pitch, step and duration the pitch is measured.
  var unit: String { model.isTimed ? "pitch" : "token" }

  func score(_ path: String) throws(CommandFailure) -> Score {
    var score = Score(name: path == "-" ? "stdin" : Paths.lastComponent(of: path))
    for piece in try pieces(path) where !piece.tokens.isEmpty {
      var reader = NoteReader(model)
      score.pieces += 1
      score.replaced += piece.replaced
      for (place, token) in piece.tokens.enumerated() {
        if place > 0, let bits = reader.bits(of: token) {
          score.bits += bits
          score.tokens += 1
        }
        reader.read(token)
      }
    }
    return score
  }

  func writeScores(_ files: [String], asJSON: Bool) throws {
    let scores = try CorpusFiles.files(files, endings: [".abc", ".mid", ".midi"]).map {
      file throws(CommandFailure) in
      let score = try score(file)
      if !asJSON { StandardOutput.line(score.line(unit: unit)) }
      return score
    }
    var total = Score(name: "all")
    for score in scores { total.add(score) }
    guard total.tokens > 0 else {
      throw CommandFailure(
        .unreadableInput,
        "\(files.joined(separator: ", ")): there is no music that can be measured")
    }
    if asJSON {
      let list = scores.map { "{\"name\":\(jsonText($0.name)),\($0.json)}" }
      let facts = [
        "\"v\":1", "\"checkpoint\":\(jsonText(model.name))",
        "\"precision\":\(jsonText(model.precision.rawValue))", total.json,
        "\"files\":[\(list.joined(separator: ","))]",
      ]
      StandardOutput.line("{" + facts.joined(separator: ",") + "}")
    } else if scores.count > 1 {
      StandardOutput.line(total.line(unit: unit))
    }
  }
}

/// How fast a network of notes draws and reads its own tokens, as in writing.
struct NoteBenchmark {
  let model: NoteModel

  /// Tokens a second of a thread's own time.
  func speed(count: Int, round: UInt64) -> Double {
    var reader = NoteReader(model)
    let clock = Clock(isWall: false)
    _ = reader.tokens(
      after: [], count: count, .init(settings: SamplerSettings()), rng: round)
    return Double(count) / clock.seconds
  }

  func write(rounds: Int, count: Int, loadMilliseconds: Double, asJSON: Bool) {
    let speeds = (0..<rounds).map { speed(count: count, round: UInt64($0)) }.sorted()
    let (low, middle, high) = (speeds[0], speeds[speeds.count / 2], speeds[speeds.count - 1])
    let unit = model.isTimed ? "notes" : "tokens"
    if asJSON {
      let facts = [
        "\"v\":1", "\"\(unit)_per_second\":\(middle.formatted(decimals: 1))",
        "\"slowest\":\(low.formatted(decimals: 1))", "\"fastest\":\(high.formatted(decimals: 1))",
        "\"precision\":\(jsonText(model.precision.rawValue))",
        "\"window\":\(model.window.map(String.init) ?? "null")",
        "\"load_milliseconds\":\(loadMilliseconds.formatted(decimals: 2))",
      ]
      StandardOutput.line("{" + facts.joined(separator: ",") + "}")
      return
    }
    StandardOutput.line(
      "\(middle.formatted(decimals: 0)) \(unit) a second (\(low.formatted(decimals: 0)) to "
        + "\(high.formatted(decimals: 0)))")
    let reading = model.window.map { "each from a window of \($0)" } ?? "in a running state"
    StandardOutput.line(
      "\(model.precision.rawValue), one thread, \(reading), ready in "
        + "\(loadMilliseconds.formatted(decimals: 1)) ms")
  }
}

import ArgumentParser
import Compose
import Neural

/// `lilt probs`: what a model would have written at each character of a tune.
struct ProbabilitiesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probs",
    abstract: "List what a model thinks could come at each character of a tune.",
    discussion: """
      One line for each character that the model reads, and one for what would come next: its bits \
      and rank, then the likeliest characters with their probabilities, without temperature. Of a \
      model of notes a line is a note, a chord or a length.
      """)

  @Option(name: .customLong("seed-abc"), help: "The ABC or MIDI file; - is standard input.")
  var seed: String?
  @Option(help: "How many characters to list; 1 to 100.")
  var top = 5
  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Arithmetic: auto, fp32, bf16, int8 or int4.")
  var precision: Precision = .float32
  @Flag(help: "One JSON object for each line.")
  var json = false

  func validate() throws {
    guard (1...100).contains(top) else { throw ValidationError("--top must be from 1 to 100") }
  }

  func run() throws {
    let (author, loaded) = try CheckpointLocator().author(for: checkpoint, precision: precision)
    try author.refuse(otherThan: precision)
    defer { loaded?.keep() }
    switch author {
    case .characters(let model): try listCharacters(model)
    case .notes(let model):
      let measures = NoteMeasures(model: model)
      let piece = try seed.flatMap { path throws(CommandFailure) in
        try measures.pieces(path).first
      }
      NoteMeasures.tell(piece?.replaced ?? 0, of: seed ?? "")
      measures.listProbabilities(piece?.tokens ?? [], top: top, asJSON: json)
    }
  }

  private func listCharacters(_ model: ImproviserModel) throws {
    var text = ""
    if let seed { text = TuneFile.firstTune(of: Array(try SeedFile.text(seed).utf8)) }
    let read = ModelText(
      document: text, cursor: text.utf8.count, description: model.description)
    var improviser = Improviser(model)
    for scalar in read.text.unicodeScalars {
      let character = String(scalar)
      let all = improviser.distribution(top: model.description.vocabulary.count)
      guard let bits = improviser.score(character).first else { continue }
      let rank = (all.firstIndex { $0.character == character } ?? all.count) + 1
      write(character, bits: bits, rank: rank, likeliest: all.prefix(top))
    }
    write(nil, bits: nil, rank: nil, likeliest: improviser.distribution(top: top)[...])
  }

  private func write(
    _ character: String?, bits: Float?, rank: Int?, likeliest: ArraySlice<NextCharacter>
  ) {
    if json {
      var facts = ["\"v\":1"]
      if let character { facts.append("\"character\":\(jsonText(character))") }
      if let bits { facts.append("\"bits\":\(bits)") }
      if let rank { facts.append("\"rank\":\(rank)") }
      let list = likeliest.map {
        "{\"character\":\(jsonText($0.character)),\"probability\":\($0.probability)}"
      }
      facts.append("\"top\":[\(list.joined(separator: ","))]")
      StandardOutput.line("{\(facts.joined(separator: ","))}")
      return
    }
    func shown(_ character: String) -> String {
      character == "\n" ? "¶" : character == " " ? "␣" : character
    }
    let list = likeliest.map {
      "\(shown($0.character)) \((Double($0.probability) * 100).formatted(decimals: 1))%"
    }
    let known = bits.map { "\(Double($0).formatted(decimals: 2)) bits" } ?? "next"
    let place = rank.map { " rank \($0)" } ?? ""
    StandardOutput.line(
      "\(character.map(shown) ?? "-")  \(known)\(place)  \(list.joined(separator: "  "))")
  }
}

import ABC
import ArgumentParser
import Compose
import Music
import Neural

/// `lilt score`: how well a model knows tunes.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Say how surprising tunes are to a model, in bits per character.",
    discussion: """
      Each tune is read from its header on; the bits of its music, and of the empty line that ends \
      it, are added up and divided by their characters. Tunes of several voices and those without \
      music are left out and counted. Fewer bits are better. - is standard input.

      The first figure is that of the network alone, the second that of the network and a memory of \
      what each tune has said before. A model that plans is told parts and places, whose own bits \
      count, and no relations.

      With --raw a file is one text as it stands, headers and all, and every character counts but the \
      first: the cross-entropy that the program says in which a network was made.

      A model of notes reads MIDI files as well, and the figure is bits per token, of pitch, step and \
      duration bits per pitch; what it does not know is read as the nearest it knows.
      """)

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Arithmetic: auto, fp32, bf16, int8 or int4.")
  var precision: Precision = .float32
  @Option(help: .hidden)
  var logits: String?
  @Option(help: "1, 2, or auto: two where that is faster. The figures stay the same.")
  var threads: ThreadChoice = .auto
  @Option(help: "How much a tune remembers itself, -1 to 1; 1 unless it is said.")
  var memory: Double?
  @Flag(help: "Read each file as it stands, as one text, and count every character.")
  var raw = false
  @Flag(help: "One JSON object.")
  var json = false
  @Argument(help: "ABC files, or folders of them; of a model of notes MIDI files, too.")
  var files: [String]

  func validate() throws {
    if files.isEmpty { throw ValidationError("a file is missing; - is standard input") }
    guard (-1...1).contains(memory ?? 1) else { throw ValidationError("--memory must be -1 to 1") }
    if logits != nil, files.count > 1 { throw ValidationError("--logits is for one file") }
    if raw, memory ?? 1 != 1 {
      throw ValidationError("--memory is of tunes, and --raw reads a text that is none")
    }
  }

  func run() throws {
    let (author, loaded) = try CheckpointLocator().author(for: checkpoint, precision: precision)
    try author.refuse(otherThan: precision)
    defer { loaded?.keep() }
    guard case .characters(let model) = author else {
      if case .notes(let model) = author, logits == nil, !raw {
        if memory != nil {
          throw CommandFailure(
            .usage, "--memory is for models of characters, and this one writes notes")
        }
        return try NoteMeasures(model: model).writeScores(files, asJSON: json)
      }
      throw CommandFailure(
        .usage, "--\(raw ? "raw" : "logits") is for models of characters, and this one writes notes"
      )
    }
    if let logits { return try write(to: logits, model: model) }
    if raw { return try writeRaw(model) }
    var total = TuneScore(name: "all")
    var scores: [TuneScore] = []
    for file in try CorpusFiles.files(files) {
      let book: Tunebook
      do throws(FileError) {
        book = try Files.readTunes(file)
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
      var score = TuneScore(name: file == "-" ? "stdin" : Paths.lastComponent(of: file))
      score.add(book, model: model, memory: memory ?? 1, threads: threads)
      if !json { StandardOutput.line(score.line) }
      total.add(score)
      scores.append(score)
    }
    guard total.characters > 0 else {
      throw CommandFailure(
        .unreadableInput,
        "\(files.joined(separator: ", ")): there is no tune that can be measured\(total.reasons)")
    }
    if json {
      let facts = [
        "\"v\":1", "\"checkpoint\":\(jsonText(model.description.name))",
        "\"precision\":\(jsonText(model.network.precision.rawValue))", total.json,
        "\"files\":["
          + scores.map { "{\"name\":\(jsonText($0.name)),\($0.json)}" }
          .joined(separator: ",") + "]",
      ]
      StandardOutput.line("{" + facts.joined(separator: ",") + "}")
    } else if scores.count > 1 {
      StandardOutput.line(total.line)
    }
  }
}

extension ScoreCommand {
  /// Writes scores instead of adding up bits; the benchmark beside other libraries asks for them.
  private func write(to path: String, model: ImproviserModel) throws {
    let bytes = try RawScore(model: model, text: text(files[0])).logits()
    do throws(FileError) {
      try Files.write(bytes, to: path)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// As Python reads a text: every end of line is one newline.
  private func text(_ file: String) throws -> String {
    do throws(FileError) {
      return try Files.readText(file).replacing("\r\n", with: "\n")
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
  }

  private func writeRaw(_ model: ImproviserModel) throws {
    var lines: [String] = []
    for file in try CorpusFiles.files(files) {
      let name = file == "-" ? "stdin" : Paths.lastComponent(of: file)
      let text = try text(file)
      let score: (sum: Double, characters: Int)
      do throws(CommandFailure) {
        score = try RawScore(model: model, text: text).bits()
      } catch {
        throw CommandFailure(error.outcome, "\(name), \(error)")
      }
      let mean = score.characters == 0 ? 0 : score.sum / Double(score.characters)
      lines.append(
        json
          ? "{\"name\":\(jsonText(name)),\"bits_per_character\":\(mean.formatted(decimals: 6)),"
            + "\"characters\":\(score.characters)}"
          : "\(name): \(mean.formatted(decimals: 4)) bits per character, read as it stands, "
            + "\(score.characters) characters")
    }
    guard json else { return lines.forEach(StandardOutput.line) }
    StandardOutput.line(
      "{\"v\":1,\"checkpoint\":\(jsonText(model.description.name)),\"precision\":"
        + "\(jsonText(model.network.precision.rawValue)),\"raw\":true,\"files\":["
        + lines.joined(separator: ",") + "]}")
  }
}

/// Bits over the tunes of a file, or of several.
struct TuneScore {
  var name: String
  var bits = 0.0
  /// With the memory of each tune.
  var rememberedBits = 0.0
  var characters = 0
  var tunes = 0
  /// By reason.
  var leftOut: [String: Int] = [:]

  init(name: String) { self.name = name }

  mutating func add(
    _ tunebook: Tunebook, model: ImproviserModel, memory: Double = 1, threads: ThreadChoice
  ) {
    let book = ModelText.tunes(in: tunebook, description: model.description)
    let scores = model.scores(
      book.tunes.map { (beginning: $0.header, text: $0.body) }, memory: memory, threads: threads)
    for score in scores {
      for bits in score.alone { self.bits += Double(bits) }
      for bits in score.remembered { rememberedBits += Double(bits) }
      characters += score.alone.count
    }
    tunes += book.tunes.count
    leftOut.merge(book.leftOut, uniquingKeysWith: +)
  }

  mutating func add(_ other: TuneScore) {
    bits += other.bits
    rememberedBits += other.rememberedBits
    characters += other.characters
    tunes += other.tunes
    leftOut.merge(other.leftOut, uniquingKeysWith: +)
  }

  /// 0 where there is nothing to measure.
  var bitsPerCharacter: Double { characters == 0 ? 0 : bits / Double(characters) }

  var rememberedBitsPerCharacter: Double {
    characters == 0 ? 0 : rememberedBits / Double(characters)
  }

  private var leftOutCount: Int { leftOut.values.reduce(0, +) }

  private var sortedReasons: [(reason: String, count: Int)] {
    leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// What was left out, in brackets; empty where nothing was.
  var reasons: String {
    let reasons = sortedReasons.map { "\($0.reason): \($0.count)" }
    return reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"
  }

  var line: String {
    "\(name): \(bitsPerCharacter.formatted(decimals: 4)) bits per body character, "
      + "\(rememberedBitsPerCharacter.formatted(decimals: 4)) with memory, "
      + "\(characters.counted("character")), \(tunes.counted("tune")), \(leftOutCount) left out\(reasons)"
  }

  var json: String {
    let reasons = sortedReasons.map { "\(jsonText($0.reason)):\($0.count)" }
    return "\"bits_per_body_character\":\(bitsPerCharacter.formatted(decimals: 6)),"
      + "\"bits_with_memory\":\(rememberedBitsPerCharacter.formatted(decimals: 6)),"
      + "\"characters\":\(characters),\"tunes\":\(tunes),\"left_out\":\(leftOutCount),"
      + "\"left_out_reasons\":{\(reasons.joined(separator: ","))}"
  }
}

extension Precision: ExpressibleByArgument {}
extension ThreadChoice: ExpressibleByArgument {}

/// A string as JSON text, quotes included.
func jsonText(_ string: String) -> String {
  var text = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\u{0}"..<" ":
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}

import Corpus
import Glibc
import MIDI
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
    if !options.files.isEmpty { measure(try CorpusFiles.pieces(options.files)) }
    guard let file = options.midi else { return }
    let bytes = MIDIFile(performance: encoding.performance(of: sample(options))).bytes
    do throws(FileError) {
      try Files.write(bytes, to: file)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  private func sample(_ options: EvaluateCommand) -> [String] {
    let settings = SamplerSettings(temperature: options.temperature)
    var sampler = Sampler(vocabularySize: vocabulary.count)
    var state = network.makeState()
    var logits = [Float](repeating: 0, count: vocabulary.count)
    var result: [String] = []
    for index in 0..<options.tokens {
      let chance = RandomSource.uniform(rng: options.rng, run: 0, index: UInt64(index))
      let token = sampler.pick(logits, settings, uniform: chance).token
      result.append(vocabulary[token])
      network.step(token, state: &state, logits: &logits)
    }
    return result
  }

  private func measure(_ pieces: [NoteCorpus.Piece]) {
    let index = Dictionary(vocabulary.enumerated().map { ($1, $0) }) { first, _ in first }
    var bits = 0.0
    var count = 0
    var unknown = 0
    for piece in pieces {
      var state = network.makeState()
      var logits = [Float](repeating: 0, count: vocabulary.count)
      for (place, text) in encoding.tokens(of: piece.performance).enumerated() {
        let known = index[text] ?? encoding.nearest(to: text, in: vocabulary).flatMap { index[$0] }
        if index[text] == nil { unknown += 1 }
        guard let token = known else { continue }
        if place > 0 {
          let largest = Double(logits.max() ?? 0)
          let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
          bits += (largest + log(sum) - Double(logits[token])) / log(2)
          count += 1
        }
        network.step(token, state: &state, logits: &logits)
      }
    }
    StandardOutput.line("tokens: \(count)")
    StandardOutput.line("unknown tokens: \(unknown)")
    StandardOutput.line("bits per token: \(decimals(bits / Double(max(count, 1)), 4))")
  }

  private static func vocabulary(_ checkpoint: Checkpoint) throws(CheckpointError) -> [String] {
    guard let text = checkpoint.metadata["vocabulary"], let list = jsonStrings(text) else {
      throw .metadata(key: "vocabulary", reason: "is not a JSON list of texts")
    }
    return list
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

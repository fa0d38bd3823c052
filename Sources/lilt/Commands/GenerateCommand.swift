import ABC
import ArgumentParser
import Compose
import MIDI
import Music
import Neural

/// `lilt generate`: tunes without a screen.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Let the model write tunes, without a screen.",
    discussion: """
      Without --seed-abc whole tunes from nothing, otherwise the seed goes on. With --bars every tune \
      has that many bars, those of the seed and no pickup counted, and ends with a bar line. The same \
      arguments give the same bytes; -k tunes differ among themselves.

      With --legal, the default, only characters are drawn that can continue correct ABC: bars add \
      up, repeats are closed. --free draws whatever the model says.

      --shard I/M writes the I-th of M parts of the -k tunes, 1 to M: the parts one after the other \
      are the whole, byte for byte. With GNU parallel, and as an array job of Slurm:

        parallel lilt generate -k 10000 --shard {}/16 -o part{}.abc ::: $(seq -w 16)
        sbatch --array=1-16 --wrap \
          'lilt generate -k 10000 --shard $SLURM_ARRAY_TASK_ID/16 -o part$SLURM_ARRAY_TASK_ID.abc'

      --format json is one object for each tune. Exit status 3 when the checkpoint cannot be used, 4 \
      when the seed cannot be read, 6 when the output cannot be written.
      """,
    aliases: ["gen"])

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(name: .customLong("seed-abc"), help: "ABC text to go on from; - is standard input.")
  var seed: String?
  @Option(help: "Bars of each tune (1 to 999).")
  var bars: Int?
  @Option(help: "Stop each tune after so many characters (1 to 100000).")
  var characters: Int?
  @Option(
    name: [.long, .customLong("temp")], help: "0 to 10; below 1 calmer, 0 always the likeliest.")
  var temperature = 0.8
  @Option(name: .customLong("top-k"), help: "Only the so many likeliest characters; 0 = all.")
  var topK = 0
  @Option(name: .customLong("top-p"), help: "Only the likeliest that together have this share.")
  var topP = 1.0
  @Option(
    name: .customLong("min-p"), help: "Only those at least this part as likely as the likeliest.")
  var minP = 0.0
  @Option(help: "Chooses among the tunes there could be.")
  var rng: UInt64 = 1
  @Option(name: [.customShort("k"), .long], help: "How many tunes (1 to 1000000).")
  var count = 1
  @Option(help: "Only one part of the tunes, such as 3/16.")
  var shard: Shard?
  @Option(help: "Rhythm of a tune from nothing, such as jig, reel or hornpipe.")
  var rhythm: String?
  @Option(help: "Meter of a tune from nothing, such as 6/8.")
  var meter: String?
  @Option(
    name: .customLong("unit-length"), help: "Unit length of a tune from nothing, such as 1/8.")
  var unitLength: String?
  @Option(help: "Key of a tune from nothing, such as Em or 'D dorian'.")
  var key: String?
  @Flag(exclusivity: .exclusive, help: "Draw correct ABC only, or whatever the model says.")
  var rules = Rules.legal
  @Option(help: "abc, mid or json; mid is one tune.")
  var format = Format.abc
  @Option(name: .shortAndLong, help: "The file to write; - is standard output.")
  var output = "-"
  @Option(help: "Arithmetic: auto, fp32, bf16, int8 or int4; fp32 is the same on every machine.")
  var precision: Precision = .auto
  @Option(help: "1, 2, or auto: two where that is faster. The tunes stay the same.")
  var threads: ThreadChoice = .auto

  enum Rules: String, EnumerableFlag { case legal, free }
  enum Format: String, CaseIterable, ExpressibleByArgument { case abc, mid, json }

  func validate() throws {
    guard bars.map({ (1...999).contains($0) }) ?? true else {
      throw ValidationError("--bars must be 1 to 999")
    }
    guard characters.map({ (1...100_000).contains($0) }) ?? true else {
      throw ValidationError("--characters must be 1 to 100000")
    }
    guard bars == nil || characters == nil else {
      throw ValidationError("--bars and --characters exclude each other")
    }
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("-k must be 1 to 1000000")
    }
    guard format != .mid || count == 1 else {
      throw ValidationError("--format mid writes one tune: leave out -k")
    }
    guard SamplerSettings.temperatures.contains(temperature) else {
      throw ValidationError("--temperature must be 0 to 10")
    }
    guard topK >= 0 else { throw ValidationError("--top-k must be 0 or more") }
    guard (0...1).contains(topP) else { throw ValidationError("--top-p must be 0 to 1") }
    guard (0...1).contains(minP) else { throw ValidationError("--min-p must be 0 to 1") }
    if seed != nil, [rhythm, meter, unitLength, key].contains(where: { $0 != nil }) {
      throw ValidationError(
        "with --seed-abc the seed says rhythm, meter, unit length and key: leave those options out")
    }
    if let rhythm, rhythm.isEmpty || !rhythm.allSatisfy({ $0.isLetter || $0 == " " }) {
      throw ValidationError("--rhythm must be a word such as jig, reel or hornpipe")
    }
    if let unitLength, !["1/2", "1/4", "1/8", "1/16"].contains(unitLength) {
      throw ValidationError("--unit-length must be 1/2, 1/4, 1/8 or 1/16")
    }
    if let key, ModelText.shortKey(key) == nil {
      throw ValidationError("--key must be a key such as G, Em or 'D dorian'")
    }
    if let meter, !Self.isMeter(meter) {
      throw ValidationError("--meter must be a meter such as 6/8, 4/4 or C")
    }
  }

  func run() throws {
    let seed = try seed.map { try GenerationSeed(path: $0) }
    let model = try CheckpointLocator().model(for: checkpoint, precision: precision)
    var writer = TuneWriter(model: model)
    writer.settings = SamplerSettings(
      temperature: temperature, topK: topK, topP: topP, minP: minP)
    writer.rng = rng
    writer.bars = bars
    writer.characters = characters
    writer.isLegal = rules == .legal
    if let rhythm { writer.header["R"] = rhythm.lowercased() }
    if let meter { writer.header["M"] = meter }
    if let unitLength { writer.header["L"] = unitLength }
    if let key { writer.header["K"] = ModelText.shortKey(key) }
    for (field, value) in writer.header {
      guard value.unicodeScalars.allSatisfy({ model.description.vocabulary.contains($0) }) else {
        throw CommandFailure(.usage, "the model does not know the value '\(value)' of \(field):")
      }
    }
    writer.threads = threads
    var whole: [UInt8] = []
    try writer.write(shard?.numbers(of: count) ?? 1..<count + 1, seed: seed) { tune in
      if !tune.isComplete {
        StandardError.line("tune \(tune.number) was stopped after \(tune.characters) characters")
      }
      let bytes = try bytes(of: tune, isFirst: tune.number == 1, model: model)
      // A reader of standard output sees each tune as soon as it is there.
      if output == "-" { StandardOutput.write(bytes: bytes) } else { whole += bytes }
    }
    guard output != "-" else { return }
    do throws(FileError) {
      try Files.write(whole, to: output)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  private func bytes(
    of tune: WrittenTune, isFirst: Bool, model: ImproviserModel
  ) throws(CommandFailure) -> [UInt8] {
    switch format {
    case .abc:
      return Array(((isFirst ? "" : "\n") + tune.abc).utf8)
    case .mid:
      let performance = ParsedTune(text: tune.abc).performance(PlaybackOptions())
      return MIDIFile(performance: performance).bytes
    case .json:
      let facts = [
        "\"v\":1", "\"number\":\(tune.number)", "\"abc\":\(jsonText(tune.abc))",
        "\"bars\":\(tune.bars)", "\"characters\":\(tune.characters)",
        "\"bits_per_character\":\(tune.bitsPerCharacter.formatted(decimals: 4))",
        "\"ended\":\(tune.isComplete)", "\"rng\":\(rng)", "\"run\":\(tune.number - 1)",
        "\"checkpoint\":\(jsonText(model.fingerprint))",
        "\"precision\":\(jsonText(model.network.precision.rawValue))",
      ]
      return Array(("{" + facts.joined(separator: ",") + "}\n").utf8)
    }
  }

  private static func isMeter(_ text: String) -> Bool {
    if text == "C" || text == "C|" { return true }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let beats = parts[0], let beat = parts[1] else { return false }
    return (1...64).contains(beats) && [1, 2, 4, 8, 16, 32].contains(beat)
  }
}

/// One of so many parts of a list.
struct Shard: ExpressibleByArgument {
  /// From 1 to `count`.
  let part: Int
  let count: Int

  init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let part = numbers[0], let count = numbers[1],
      (1...1_000_000).contains(count), (1...count).contains(part)
    else { return nil }
    self.part = part
    self.count = count
  }

  /// Its numbers of the tunes from 1 to `total`: parts of equal length, but for one tune.
  func numbers(of total: Int) -> Range<Int> {
    (part - 1) * total / count + 1..<part * total / count + 1
  }
}

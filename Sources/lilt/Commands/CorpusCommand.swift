import ArgumentParser
import Corpus
import Form
import MIDI
import Music
import Neural
import Notes
import Training

/// `lilt corpus`: tune books, cleaned and split, for training here or elsewhere.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Clean tune books, or read MIDI files, and split them for training.",
    discussion: """
      Writes a folder: train.abc, valid.abc and test.abc with the tunes as networks read them; \
      train.jsonl, valid.jsonl and test.jsonl with one object a tune, whose \"texts\" are the tune in \
      all playable keys (as it was written first) and whose \"scored_from\" say where the music of \
      each begins; vocabulary.json; and report.txt. Doubles are found by melody, in any key; variants \
      of a tune stay on the same side of the split.

      With --plan the texts of the .jsonl files hold a plan before each bar, as control characters: \
      what kind of part begins, how many bars of it are left, and which bar comes back. projection.json \
      says which characters these are, and which one says less in place of each.

      With --encoding MIDI files are read: train.jsonl and valid.jsonl hold one object a piece, whose \
      \"tokens\" are the piece in all keys (as it was played first); every tenth piece is for valid, or \
      the last tenth of each where there are fewer than twenty.
      """)

  @Argument(help: "ABC files (MIDI files with --encoding), or folders of them.")
  var files: [String]
  @Option(name: .shortAndLong, help: "The folder to write.")
  var output: String
  @Option(name: .customLong("valid-percent"), help: "Hundredths of the melodies for valid.")
  var validPercent = 10
  @Option(name: .customLong("test-percent"), help: "Hundredths of the melodies for test.")
  var testPercent = 10
  @Option(help: "Changes which melodies go where.")
  var seed: UInt64 = 0
  @Flag(inversion: .prefixedNo, help: "Write each tune in all playable keys.")
  var transpose = true
  @Flag(help: "Keep titles in the .abc files.")
  var titles = false
  @Flag(help: "Write the plan of each tune into its text, as control characters.")
  var plan = false
  @Option(help: "Read MIDI files, as midi-characters or note-chords.")
  var encoding: NoteEncoding?

  @Option(help: "Tracks of the MIDI files: numbers such as 1,3-4; otherwise all of them.")
  var tracks: TrackChoice?

  func validate() throws {
    if tracks != nil, encoding == nil {
      throw ValidationError("--tracks chooses from MIDI files, which --encoding reads")
    }
    if files.isEmpty { throw ValidationError("a file is missing") }
    if plan, encoding != nil {
      throw ValidationError("--plan is for ABC files, --encoding for MIDI files")
    }
    guard validPercent >= 0, testPercent >= 0, validPercent <= 100, testPercent <= 100,
      validPercent + testPercent < 100
    else {
      throw ValidationError(
        "--valid-percent and --test-percent must be 0 or more, below 100 together")
    }
  }

  func run() throws {
    if let encoding {
      try writeNotes(encoding)
      return
    }
    let corpus = TuneCorpus(
      try CorpusFiles.books(files),
      options: .init(validPercent: validPercent, testPercent: testPercent, salt: seed))
    let train = corpus.train.map { projected(transpose ? $0.inAllKeys : [$0]) }
    guard var vocabulary = Vocabulary(of: train) else {
      for line in corpus.report.lines { StandardError.line(line) }
      throw CommandFailure(
        .unreadableInput, "\(files.joined(separator: ", ")): there is no tune to train on")
    }
    if plan { vocabulary = vocabulary.withPlan }
    do throws(FileError) {
      try Files.makeFolder(output, permissions: 0o777)
      try write("train", corpus.train, train)
      try write("valid", corpus.valid, corpus.valid.map { projected([$0]) })
      try write("test", corpus.test, corpus.test.map { projected([$0]) })
      if plan { try write(Self.planFacts, to: "projection.json") }
      let characters = vocabulary.characters.map { jsonText(String(Character($0))) }
      try write("[" + characters.joined(separator: ",") + "]\n", to: "vocabulary.json")
      try write(corpus.report.lines.joined(separator: "\n") + "\n", to: "report.txt")
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    for line in corpus.report.lines { StandardOutput.line(line) }
  }

  /// The texts that networks read.
  private func projected(_ tunes: [ModelTune]) -> [ModelTune] {
    plan ? tunes.map(\.planned) : tunes
  }

  /// The control characters, and what stands for each where it is not to be known.
  private static var planFacts: String {
    let signs = PlanSign.all.map { sign in
      let unknown = sign.unknown.map { jsonText(String(Character($0.scalar))) } ?? "null"
      return "{\"character\":\(jsonText(String(Character(sign.scalar)))),"
        + "\"kind\":\"\(sign.kind)\",\"unknown\":\(unknown)}"
    }
    return "{\"projection\":\"\(PlanProjection.name)\",\"characters\":["
      + signs.joined(separator: ",") + "]}\n"
  }

  private func write(
    _ part: String, _ tunes: [ModelTune], _ keys: [[ModelTune]]
  ) throws(FileError) {
    var abc = ""
    for (index, tune) in tunes.enumerated() {
      abc += "X:\(index + 1)\n"
      if titles, !tune.title.isEmpty { abc += "T:\(tune.title)\n" }
      abc += tune.text
    }
    try write(abc, to: part + ".abc")
    var lines = ""
    for keys in keys {
      let texts = keys.map { jsonText($0.text) }.joined(separator: ",")
      let starts = keys.map { String($0.header.unicodeScalars.count) }.joined(separator: ",")
      lines += "{\"texts\":[\(texts)],\"scored_from\":[\(starts)]}\n"
    }
    try write(lines, to: part + ".jsonl")
  }

  private func writeNotes(_ encoding: NoteEncoding) throws {
    let pieces = try CorpusFiles.pieces(files, tracks: tracks)
    let notes = NoteCorpus(pieces, encoding: encoding, transposes: transpose)
    guard !notes.train.items.isEmpty else {
      throw CommandFailure(
        .unreadableInput, "\(files.joined(separator: ", ")): there are no notes to train on")
    }
    let report = [
      "\(pieces.count.counted("piece")), \(notes.tokenCount.counted("token"))",
      "train: \(notes.train.items.count.counted("piece")), \(notes.train.tokenCount.counted("token"))",
      "valid: \(notes.valid.items.count.counted("piece")), \(notes.valid.tokenCount.counted("token"))",
      "vocabulary: \(notes.vocabulary.count.counted("token"))",
      "\(notes.replacedCount.counted("unknown token")) of valid became the nearest known",
    ]
    func lines(_ text: TrainingText) -> String {
      let words = notes.vocabulary.map(jsonText)
      return text.items.map { keys in
        let lists = keys.map { key in
          "[" + key.tokens.map { words[Int($0)] }.joined(separator: ",") + "]"
        }
        return "{\"tokens\":[\(lists.joined(separator: ","))]}\n"
      }.joined()
    }
    do throws(FileError) {
      try Files.makeFolder(output, permissions: 0o777)
      try write(lines(notes.train), to: "train.jsonl")
      try write(lines(notes.valid), to: "valid.jsonl")
      try write(
        "[" + notes.vocabulary.map(jsonText).joined(separator: ",") + "]\n", to: "vocabulary.json")
      try write(report.joined(separator: "\n") + "\n", to: "report.txt")
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    for line in report { StandardOutput.line(line) }
  }

  private func write(_ text: String, to name: String) throws(FileError) {
    try Files.write(Array(text.utf8), to: Paths.join(output, name), durable: false)
  }
}

extension NoteEncoding: ExpressibleByArgument {}

import ArgumentParser
import Corpus
import Neural

/// `lilt corpus`: tune books, cleaned and split, for training here or elsewhere.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Clean tune books and split them for training.",
    discussion: """
      Writes a folder: train.abc, valid.abc and test.abc with the tunes as networks read them; \
      train.jsonl, valid.jsonl and test.jsonl with one object a tune, whose \"texts\" are the tune in \
      all playable keys (as it was written first) and whose \"scored_from\" say where the music of \
      each begins; vocabulary.json; and report.txt. Doubles are found by melody, in any key; variants \
      of a tune stay on the same side of the split.
      """)

  @Argument(help: "ABC files, or folders of them.")
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

  func validate() throws {
    if files.isEmpty { throw ValidationError("a file is missing") }
    guard validPercent >= 0, testPercent >= 0, validPercent <= 100, testPercent <= 100,
      validPercent + testPercent < 100
    else {
      throw ValidationError(
        "--valid-percent and --test-percent must be 0 or more, below 100 together")
    }
  }

  func run() throws {
    let corpus = TuneCorpus(
      try CorpusFiles.books(files),
      options: .init(validPercent: validPercent, testPercent: testPercent, salt: seed))
    let train = corpus.train.map { transpose ? $0.inAllKeys : [$0] }
    guard let vocabulary = Vocabulary(of: train) else {
      throw CommandFailure(
        .unreadableInput, "\(files.joined(separator: ", ")): there is no tune to train on")
    }
    do throws(FileError) {
      try Files.makeFolder(output, permissions: 0o777)
      try write("train", corpus.train, train)
      try write("valid", corpus.valid, corpus.valid.map { [$0] })
      try write("test", corpus.test, corpus.test.map { [$0] })
      let characters = vocabulary.characters.map { jsonText(String(Character($0))) }
      try write("[" + characters.joined(separator: ",") + "]\n", to: "vocabulary.json")
      try write(corpus.report.lines.joined(separator: "\n") + "\n", to: "report.txt")
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    for line in corpus.report.lines { StandardOutput.line(line) }
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

  private func write(_ text: String, to name: String) throws(FileError) {
    try Files.write(Array(text.utf8), to: Paths.join(output, name), durable: false)
  }
}

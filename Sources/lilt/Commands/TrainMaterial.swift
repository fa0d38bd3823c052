import ABC
import Analysis
import Corpus
import Form
import MIDI
import ModelImport
import Music
import Neural
import Notes
import Training

/// What a network is trained and measured on.
struct TrainMaterial {
  /// The texts of the tokens.
  var vocabulary: [String]
  var train: TrainingText
  var valid: TrainingText
  /// What there is to hear in it; nil where no report asks.
  var music: NoteDistributions?
  /// What judge and copy guard know of the tunes; nil where the text is read as it stands.
  var repertoire: Repertoire?
  var encoding = "abc-characters"
  /// Where it was made of MIDI files, and in how many voices most of them are.
  var notes: NoteEncoding?
  var voices = 1
  /// How the headers of the text are written; nil = as Lilt writes them.
  var header: Header?

  /// What a text as it stands says of its headers.
  struct Header {
    var fields: String
    var start: String
    var spelling: HeaderSpelling
  }
}

extension TrainMaterial {
  /// Reads the corpus of a command, and says on standard error what was left out.
  ///
  /// - Parameter known: The characters of the model that training starts from.
  init(_ command: TrainCommand, vocabulary known: Vocabulary? = nil) throws {
    if let notes = (command.encoding ?? command.preset?.encoding ?? .abc).notes {
      try self.init(command, notes: notes)
    } else if command.raw {
      try self.init(raw: command)
    } else {
      try self.init(tunes: command, vocabulary: known)
    }
    if let size = command.dataSize { train = train.limited(to: size) }
  }

  private init(tunes command: TrainCommand, vocabulary known: Vocabulary?) throws {
    let books = try CorpusFiles.books(command.corpus)
    let options = TuneCorpus.Options(
      validPercent: command.valid.isEmpty ? command.preset?.validPercent ?? 10 : 0, testPercent: 0,
      salt: command.training.seed)
    var corpus = TuneCorpus(books, options: options)
    if !command.valid.isEmpty {
      let measured = TuneCorpus(
        try CorpusFiles.books(command.valid),
        options: .init(validPercent: 100, testPercent: 0, dropsDoubles: false))
      corpus.valid = measured.valid
      corpus.report.valid = measured.report.valid
    }
    for line in corpus.report.lines { StandardError.line(line) }
    let plans =
      known.map { PlanProjection.characters.allSatisfy($0.contains) } ?? command.plan
    func projected(_ tunes: [ModelTune]) -> [ModelTune] { plans ? tunes.map(\.planned) : tunes }
    let keys = corpus.train.map { projected(command.transposes ? $0.inAllKeys : [$0]) }
    guard var found = Vocabulary(of: keys) else {
      throw CommandFailure(
        .unreadableInput,
        "\(command.corpus.joined(separator: ", ")): there is no tune to train on")
    }
    if plans { found = found.withPlan }
    let unknown = found.characters.filter { known?.contains($0) == false }
    if !unknown.isEmpty {
      let list = unknown.prefix(20).map { String(Character($0)) }.joined(separator: " ")
      StandardError.line(
        "left out, because the model does not know them: \(list)\(unknown.count > 20 ? " …" : "")")
    }
    let vocabulary = known ?? found
    self.init(
      vocabulary: vocabulary.characters.map { String(Character($0)) },
      train: TrainingText(keys, vocabulary: vocabulary),
      valid: TrainingText(corpus.valid.map { projected([$0]) }, vocabulary: vocabulary),
      music: command.report == nil ? nil : NoteDistributions(tunes: corpus.train),
      repertoire: command.compare ? nil : Repertoire(corpus.train.map(Repertoire.Tune.init)))
  }

  /// The text as it stands: its last part is measured on; each row of a batch reads a piece of the
  /// rest, from its beginning to its end.
  private init(raw command: TrainCommand) throws {
    let name = command.corpus.joined(separator: ", ")
    func scalars(_ paths: [String]) throws -> [Unicode.Scalar] {
      // Python reads every end of line as one newline.
      try CorpusFiles.books(paths).flatMap { book in
        Array(book.text.replacing("\r\n", with: "\n").unicodeScalars)
      }
    }
    var text = try scalars(command.corpus)
    var measured = try scalars(command.valid)
    if measured.isEmpty {
      let count = text.count * (command.preset?.validPercent ?? 10) / 100
      measured = Array(text.suffix(count))
      text.removeLast(count)
    }
    var whole = String.UnicodeScalarView()
    whole.append(contentsOf: text)
    whole.append(contentsOf: measured)
    let table: VocabularyTable
    do throws(ImportError) {
      table = try VocabularyTable(text: String(whole))
    } catch {
      throw CommandFailure(.unreadableInput, "\(name): there is nothing to train on")
    }
    guard table.tokens.count <= Int(UInt16.max) else {
      throw CommandFailure(
        .unreadableInput, "\(name): it has \(table.tokens.count) different characters")
    }
    var numbers: [Unicode.Scalar: UInt16] = [:]
    for (number, token) in table.tokens.enumerated() {
      if let scalar = token.unicodeScalars.first { numbers[scalar] = UInt16(number) }
    }
    func sequence(_ scalars: ArraySlice<Unicode.Scalar>) -> TrainingText.Sequence {
      .init(tokens: scalars.compactMap { numbers[$0] })
    }
    let rows = command.training.settings(preset: command.preset).batch
    let length = max(2, (text.count + rows - 1) / rows)
    let pieces = stride(from: 0, to: text.count, by: length).map {
      [sequence(text[$0..<min(text.count, $0 + length)])]
    }
    StandardError.line(
      "train: \(text.count) characters as they stand, valid: \(measured.count), vocabulary: "
        + "\(table.tokens.count) characters")
    self.init(
      vocabulary: table.tokens, train: TrainingText(items: pieces),
      valid: TrainingText(items: measured.isEmpty ? [] : [[sequence(measured[...])]]))
    header = Header(
      fields: table.headerFields ?? "XTMLK", start: table.start ?? "\n\n",
      spelling: table.headerSpelling ?? HeaderSpelling())
    if let start = header?.start, !start.allSatisfy({ table.tokens.contains(String($0)) }) {
      header?.start = ""
    }
  }

  /// Reads MIDI files; one that cannot be read is told and left out.
  private init(_ command: TrainCommand, notes encoding: NoteEncoding) throws {
    let pieces = try CorpusFiles.pieces(command.corpus, tracks: command.tracks)
    let notes = NoteCorpus(
      pieces,
      valid: command.valid.isEmpty
        ? nil : try CorpusFiles.pieces(command.valid, tracks: command.tracks),
      encoding: encoding, transposes: command.transposes, marks: command.setsMarks)
    guard !notes.train.items.isEmpty else {
      throw CommandFailure(
        .unreadableInput,
        "\(command.corpus.joined(separator: ", ")): there are no notes to train on")
    }
    StandardError.line(
      "\(notes.train.items.count.counted("piece")), \(notes.tokenCount.counted("token")), "
        + "vocabulary \(notes.vocabulary.count)"
        + (notes.replacedCount == 0
          ? "" : "; \(notes.replacedCount.counted("unknown token")) became the nearest known"))
    self.init(
      vocabulary: notes.vocabulary, train: notes.train, valid: notes.valid,
      music: command.report == nil ? nil : NoteDistributions(pieces.map(\.performance)),
      repertoire: command.compare ? nil : Repertoire(command.trainedOn(pieces)),
      encoding: encoding.rawValue, notes: encoding, voices: NoteCorpus.usualVoices(pieces))
  }
}

extension Repertoire.Tune {
  /// A tune as a network reads it.
  init(_ tune: ModelTune) {
    let text = Array(("X:1\n" + tune.text).utf8)
    self.init(title: tune.title, parsed: ParsedTune(bytes: text), text: text)
  }
}

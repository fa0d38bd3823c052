import Analysis
import ArgumentParser
import Compose
import Corpus
import Neural

/// `lilt evaluate`: how good a model's tunes and forecasts are.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model on tune books, and the tunes it writes.",
    discussion: """
      On the files, one row each: bits per character, accuracy, macro and weighted F1; with --corpus \
      also the bits of a 6-gram that counted the corpus (Witten-Bell), which is what a network has \
      to beat. --reconstruct lets the model go on from the first quarter of their tunes, always with \
      the likeliest character, and measures how far the result is from the tune: the share of the \
      same notes and the normalised Chamfer distance (0 is the same). A model of notes or of MIDI as \
      characters is given the first token of each piece, as published.

      On tunes that the model writes freely (--samples): the shares that are valid ABC, have only \
      bars that add up, end on the tonic, have a melody and an opening of their own; with --corpus \
      the share of runs of twelve notes that occur there, the longest run of notes shared with one \
      tune, the Chamfer distance to the nearest, and how pitches, intervals, steps and lengths are \
      spread.

      Where a repertoire lies beside the model, the panel is printed for each dance: what is measured \
      of its tunes beside the tunes of the files and those the model learnt from, how far they are \
      apart, and the shares that pass the nine gates of 'lilt judge'. --rhythm asks for tunes of one \
      dance, and may be given several times:

        lilt evaluate valid --samples 200 --legal --rhythm jig --rhythm reel

      A model of MIDI files is measured on MIDI files, and writes music with --midi.
      """)

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Tunes to write and look at; 0 is none.")
  var samples = 0
  @Option(help: "0 to 10; below 1 calmer; 0.8 unless it is said.")
  var temperature: Double?
  @Option(help: "Chooses among the tunes there could be; 1 unless it is said.")
  var rng: UInt64?
  @Flag(
    exclusivity: .exclusive,
    help: "Samples of correct ABC only, or (the default) whatever the model says.")
  var rules: GenerateCommand.Rules?
  @Option(help: "ABC files or folders that the model was trained on, to compare with.")
  var corpus: [String] = []
  @Option(help: "Write --samples tunes of this rhythm, such as jig; may be given several times.")
  var rhythm: [String] = []
  @Option(help: "Keep the samples in this .abc file.")
  var keep: String?
  @Option(help: "Let the model go on with so many tunes or pieces of the files; 0 is none.")
  var reconstruct = 0
  @Option(help: "Write so much music of a model of MIDI files to this .mid file.")
  var midi: String?
  @Option(help: "Tokens of the music for --midi (1 to 100000); 400 unless it is said.")
  var tokens: Int?
  @Flag(help: "One JSON object.")
  var json = false
  @Argument(help: "ABC files, or folders of them, to measure on.")
  var files: [String] = []

  func validate() throws {
    if files.isEmpty, samples == 0, midi == nil {
      throw ValidationError("nothing to measure: give ABC files, or --samples")
    }
    guard (0...100_000).contains(samples), (0...100_000).contains(reconstruct) else {
      throw ValidationError("--samples and --reconstruct must be 0 to 100000")
    }
    if reconstruct > 0, files.isEmpty {
      throw ValidationError("--reconstruct needs files whose tunes the model goes on with")
    }
    if !rhythm.isEmpty, samples == 0 { throw ValidationError("--rhythm needs --samples") }
    for rhythm in rhythm where rhythm.isEmpty || !rhythm.allSatisfy({ $0.isLetter || $0 == " " }) {
      throw ValidationError("--rhythm must be a word such as jig, reel or hornpipe")
    }
    if keep != nil, samples == 0 { throw ValidationError("--keep needs --samples") }
    guard (1...100_000).contains(tokens ?? 1) else {
      throw ValidationError("--tokens must be 1 to 100000")
    }
    guard SamplerSettings.temperatures.contains(temperature ?? 1) else {
      throw ValidationError("--temperature must be 0 to 10")
    }
    if midi == nil, tokens != nil { throw ValidationError("--tokens needs --midi") }
    if samples == 0, rules != nil { throw ValidationError("--legal and --free need --samples") }
    if samples == 0, midi == nil, temperature != nil || rng != nil {
      throw ValidationError("--temperature and --rng need --samples or --midi")
    }
  }

  func run() throws {
    let path = try CheckpointLocator().path(for: checkpoint)
    let author = try CheckpointLocator().author(for: path, precision: .float32)
    if case .notes(let model) = author.model {
      try refuseSamples()
      guard corpus.isEmpty || midi != nil else {
        throw CommandFailure(
          .usage, "--corpus of a model of notes is compared with what --midi writes: give both")
      }
      try EvaluateNotes(model)?.run(self)
      try EvaluateTimedNotes(model)?.run(self)
      return
    }
    guard midi == nil else {
      throw CommandFailure(.usage, "--midi is for models of MIDI files; see 'lilt generate'")
    }
    let repertoire = try CheckpointLocator().repertoire(for: checkpoint)
    let (model, loaded) = try CheckpointLocator().unkeptModel(
      for: checkpoint, precision: .float32, repertoires: repertoire.map { [$0] } ?? [])
    loaded.keep()
    let known = TuneCorpus(
      try CorpusFiles.books(corpus), options: .init(validPercent: 0, testPercent: 0)
    ).train
    var table = EvaluateTable()
    if !files.isEmpty { try measure(model, known, &table) }
    let written = samples > 0 ? try write(model, known, &table) : []
    if let repertoire {
      let heldOut = try CorpusFiles.books(files).flatMap { book in
        JudgedTune.tunes(of: Array(book.text.utf8), file: book.name).map {
          String(decoding: $0.text, as: UTF8.self)
        }
      }
      table.add(EvaluatePanel(repertoire, heldOut: heldOut, written: written))
    }
    table.print(asJSON: json)
  }

  private func refuseSamples() throws {
    guard samples == 0 else {
      throw CommandFailure(
        .usage, "--samples is for models of tunes; --midi writes music of models of MIDI files")
    }
  }

  private func measure(
    _ model: ImproviserModel, _ known: [ModelTune], _ table: inout EvaluateTable
  ) throws {
    let books = try CorpusFiles.books(files).map { book in
      (
        name: book.name,
        tunes: TuneCorpus(
          [book], options: .init(validPercent: 0, testPercent: 0, dropsDoubles: false)
        ).train
      )
    }
    guard books.contains(where: { !$0.tunes.isEmpty }) else {
      throw CommandFailure(
        .unreadableInput,
        "\(files.joined(separator: ", ")): there is no tune that can be measured")
    }
    let forecast = EvaluateForecast(books, model: model, known: known)
    if books.count == 1 {
      table.add(forecast.total.facts)
    } else {
      table.add(
        rows: (forecast.files.filter { $0.tunes > 0 } + [forecast.total]).map {
          ($0.name, $0.facts)
        })
      for fact in forecast.total.facts { table.add(json: fact.name, fact.value) }
      let rows = forecast.files.map { file in
        "{\"name\":\(jsonText(file.name)),"
          + file.facts.map { "\(jsonText($0.name)):\($0.value)" }.joined(separator: ",") + "}"
      }
      table.add(json: "files", "[" + rows.joined(separator: ",") + "]")
    }
    if reconstruct > 0 {
      let tunes = books.flatMap(\.tunes).prefix(reconstruct)
      table.add(EvaluateReconstruction(Array(tunes), model: model).facts)
    }
  }

  private func write(
    _ model: ImproviserModel, _ known: [ModelTune], _ table: inout EvaluateTable
  ) throws -> [String] {
    let vocabulary = model.description.vocabulary
    for rhythm in rhythm where !rhythm.unicodeScalars.allSatisfy({ vocabulary.contains($0) }) {
      throw CommandFailure(.usage, "the model does not know the value '\(rhythm)' of R:")
    }
    let samples = EvaluateSamples(
      model: model,
      settings: .init(
        count: samples, temperature: temperature ?? 0.8, rng: rng ?? 1,
        legality: rules == .legal ? .legal : .free, rhythms: rhythm.map { $0.lowercased() }),
      corpus: known)
    table.add(samples.facts)
    if !known.isEmpty {
      table.add(samples.distributions, against: NoteDistributions(tunes: known))
    }
    let texts = samples.texts.map { "X:1\n" + $0 }
    guard let keep else { return texts }
    do throws(FileError) {
      try Files.write(Array(samples.abc.utf8), to: keep)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    return texts
  }
}

import ABC
import Analysis
import ArgumentParser
import Compose
import MIDI
import Music
import Neural

/// Tunes that are to be written without a screen, and where to.
struct GenerateRequest: Equatable {
  var checkpoint: String?
  var seed: String?
  var bars: Int?
  var characters: Int?
  var temperature = 0.8
  var topK = 0
  var topP = 1.0
  var minP = 0.0
  var rng: UInt64 = 1
  var count = 1
  var shard: Shard?
  /// Tunes to draw for each that is written.
  var bestOf = 1
  var rhythm: String?
  var meter: String?
  var unitLength: String?
  var key: String?
  var isLegal = true
  /// Values of `SamplingValue` for the writing of the tunes, by name.
  var wishes: [String: String] = [:]
  /// Files with tunes that are not to be copied, besides those of the model.
  var repertoires: [String] = []
  /// A mood by name: its values stand where nothing else is asked for.
  var mood: String?
  /// Beats a minute, as the mood has them.
  var tempo: Int?
  /// A tunebook that is lent to the model.
  var memoryTunes: String?
  var format = Format.abc
  var output = "-"
  var precision = Precision.auto
  var threads = ThreadChoice.auto

  enum Format: String, CaseIterable { case abc, mid, json }

  static let defaults = GenerateRequest()

  /// Throws a sentence for people about the first thing that cannot be.
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
    guard (1...1000).contains(bestOf) else {
      throw ValidationError("--best-of must be 1 to 1000")
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
    for (name, value) in wishes where SamplingValue[name].map({ $0.group == .running }) ?? true {
      throw ValidationError("--\(name) \(value): there is no such option")
    }
    if let meter, !Self.isMeter(meter) {
      throw ValidationError("--meter must be a meter such as 6/8, 4/4 or C")
    }
  }

  /// Writes the tunes.
  func run() throws {
    let seed = try seed.map { try GenerationSeed(path: $0) }
    var wanted = self
    var sampling = try wanted.takeWishes()
    let repertoires = try guardingRepertoires(sampling.writing.copyGuard)
    sampling.writing.repertoires = repertoires.map(\.fingerprint)
    let (author, loaded) = try CheckpointLocator().author(
      for: checkpoint, precision: precision, repertoires: repertoires)
    try author.refuse(otherThan: precision)
    defer { loaded?.keep() }
    let numbers = shard?.numbers(of: count) ?? 1..<count + 1
    var header: [Character: String] = [:]
    if let rhythm = wanted.rhythm { header["R"] = rhythm.lowercased() }
    if let meter = wanted.meter { header["M"] = meter }
    if let unitLength { header["L"] = unitLength }
    if let key = wanted.key { header["K"] = ModelText.shortKey(key) }
    switch author {
    case .characters(let model):
      let writer = try writer(model, wanted, sampling, header)
      try write(author, sampling, repertoires) { receive in
        try writer.write(numbers, seed: seed, receive)
      }
    case .notes(let model):
      let writer = try writer(model, wanted, sampling, header)
      try write(author, sampling, repertoires) { receive in
        try writer.write(numbers, seed: seed, receive)
      }
    }
  }

  /// How a network of notes is asked.
  private func writer(
    _ model: NoteModel, _ wanted: GenerateRequest, _ sampling: Sampling,
    _ header: [Character: String]
  ) throws(CommandFailure) -> NoteTuneWriter {
    let unread = wishes.keys.sorted().first { SamplingValue[$0]?.isForCharacters == true }
    if let unknown = unread
      ?? (memoryTunes == nil ? nil : "memory-tunes") ?? (isLegal ? nil : "free")
    {
      throw CommandFailure(.usage, "--\(unknown): \(Self.notesOnly)")
    }
    var writer = NoteTuneWriter(model: model)
    writer.sampling = sampling
    writer.sampling.writing = Writing()
    writer.sampling.writing.copyGuard = sampling.writing.copyGuard
    if let mood {
      let idle = wanted.wishes.keys.filter {
        wishes[$0] == nil && SamplingValue[$0]?.isForCharacters == true
      }
      if !idle.isEmpty {
        StandardError.line(
          "mood \(mood): \(idle.sorted().joined(separator: ", ")) would be for a model of characters"
        )
      }
    }
    writer.rng = rng
    writer.bars = bars
    writer.characters = characters
    writer.header = header
    writer.candidates = bestOf
    return writer
  }

  private static let notesOnly =
    "this model writes notes, for which there are --temperature, --top-k, --top-p, --min-p, "
    + "--copy-guard, --bars, --characters, --meter, --unit-length, --key, --rhythm, --best-of and --seed-abc"

  /// How a network of characters is asked.
  private func writer(
    _ model: ImproviserModel, _ wanted: GenerateRequest, _ sampling: Sampling,
    _ header: [Character: String]
  ) throws -> TuneWriter {
    var writer = TuneWriter(model: model)
    writer.settings = SamplerSettings(sampling)
    writer.style = WritingStyle(sampling.writing)
    if let mix = sampling.writing.mix {
      var shelf = ModelShelf(precision: precision)
      writer.partner = (try shelf.model(mix.name), mix.share)
    }
    writer.book = try memoryTunes.map { path throws(CommandFailure) in
      try Self.book(path, for: model)
    }
    writer.tempo = wanted.tempo
    writer.rng = rng
    writer.bars = bars
    writer.characters = characters
    writer.isLegal = isLegal
    writer.header = header
    for (field, value) in writer.header {
      guard value.unicodeScalars.allSatisfy({ model.description.vocabulary.contains($0) }) else {
        throw CommandFailure(.usage, "the model does not know the value '\(value)' of \(field):")
      }
    }
    writer.threads = threads
    writer.candidates = bestOf
    return writer
  }

  /// Chooses among the tunes as they come, and writes them out.
  private func write(
    _ author: AuthorModel, _ sampling: Sampling, _ repertoires: [Repertoire],
    _ tunes: ((WrittenTune) throws -> Void) throws -> Void
  ) throws {
    var choosing = try bestOf == 1 ? nil : chooser()
    var whole: [UInt8] = []
    try tunes { drawn in
      var tune = drawn
      var choice: BestOf.Choice?
      if choosing != nil {
        choice = choosing?.add(drawn)
        guard let choice else { return }
        tune = choice.tune
        StandardError.line(choice.sentence(number: tune.number, of: bestOf))
      }
      if !tune.isComplete {
        StandardError.line("tune \(tune.number) was stopped after \(tune.characters) characters")
      }
      if case .warn(let notes) = sampling.writing.copyGuard {
        warn(of: tune, repertoires, notes)
      }
      let bytes = try bytes(of: tune, choice, isFirst: tune.number == 1, author: author)
      // A reader of standard output sees each tune as soon as it is there.
      if output == "-" { StandardOutput.write(bytes: bytes) } else { whole += bytes }
    }
    if let choosing, choosing.tally.kept > 1 { StandardError.line(choosing.sentence) }
    guard output != "-" else { return }
    do throws(FileError) {
      try Files.write(whole, to: output)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// What is wanted of the tunes. A mood fills in what was not asked for.
  private mutating func takeWishes() throws(CommandFailure) -> Sampling {
    var sampling = Sampling()
    (sampling.topK, sampling.topP, sampling.minP) = (topK, topP, minP)
    sampling.temperature = temperature
    guard !wishes.isEmpty || mood != nil else { return sampling }
    let (catalogue, complaints) = Catalogue.load()
    for complaint in complaints { StandardError.line(complaint) }
    if let name = mood {
      guard let mood = catalogue.moods.first(where: { $0.name == name }) else {
        let names = catalogue.moods.map(\.name).joined(separator: ", ")
        throw CommandFailure(.usage, "--mood must be \(names)")
      }
      for (value, text) in mood.values { wishes[value] = wishes[value] ?? text }
      if seed == nil {
        rhythm = rhythm ?? mood.fields["R"]
        meter = meter ?? mood.fields["M"]
        key = key ?? mood.fields["K"]
        tempo = mood.tempo
      }
    }
    // In the order of the table: a range that is given counts more than that of an instrument.
    for value in SamplingValue.all {
      guard let wish = wishes[value.name] else { continue }
      if let choices = value.set(&sampling, wish, catalogue) {
        throw CommandFailure(.usage, "--\(value.name) must be \(choices)")
      }
    }
    if temperature == Self.defaults.temperature, wishes["temperature"] != nil {
      temperature = sampling.temperature
    }
    sampling.temperature = temperature
    return sampling
  }

  /// The tunes of a tunebook that the model remembers.
  private static func book(
    _ path: String, for model: ImproviserModel
  ) throws(CommandFailure) -> LentTunes {
    let tunes: Tunebook
    do throws(FileError) {
      tunes = try Files.readTunes(path)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    guard let book = LentTunes(tunes, name: path, description: model.description) else {
      throw CommandFailure(.unreadableInput, "\(path): there is no tune that the model can read")
    }
    return book
  }

  /// What the copy guard looks into; which keys are usual stands there, too.
  private func guardingRepertoires(
    _ rule: CopyGuard.Rule
  ) throws(CommandFailure) -> [Repertoire] {
    let found = try CheckpointLocator().repertoires(for: checkpoint, and: repertoires)
    if found.isEmpty, rule != .off, wishes["copy-guard"] != nil {
      StandardError.line("there is no repertoire beside the model: nothing is guarded")
    }
    return found
  }

  /// Tells the longest run that a tune shares with a known one, if it is as long as is warned of.
  private func warn(of tune: WrittenTune, _ repertoires: [Repertoire], _ notes: Int) {
    let text = Array(tune.abc.utf8)
    let melody = WrittenMelody(ParsedTune(bytes: text), text: text)
    guard let passage = melody.sharedPassages(with: repertoires).max(by: { $0.notes < $1.notes }),
      passage.notes >= notes
    else { return }
    StandardError.line("tune \(tune.number): \(passage.notes) notes as in \(passage.title)")
  }

  private func chooser() throws -> BestOf {
    let repertoire = try CheckpointLocator().repertoire(for: checkpoint)
    if repertoire == nil {
      StandardError.line(
        "there is no repertoire beside the model: tunes are chosen without comparing them with others"
      )
    }
    return BestOf(bestOf, repertoire: repertoire)
  }

  private func bytes(
    of tune: WrittenTune, _ choice: BestOf.Choice?, isFirst: Bool, author: AuthorModel
  ) throws(CommandFailure) -> [UInt8] {
    switch format {
    case .abc:
      return Array(((isFirst ? "" : "\n") + tune.abc).utf8)
    case .mid:
      let performance = ParsedTune(text: tune.abc).performance(PlaybackOptions())
      return MIDIFile(performance: performance).bytes
    case .json:
      var facts = [
        "\"v\":1", "\"number\":\(tune.number)", "\"abc\":\(jsonText(tune.abc))",
        "\"bars\":\(tune.bars)", "\"characters\":\(tune.characters)",
        "\"bits_per_character\":\(tune.bitsPerCharacter.formatted(decimals: 4))",
        "\"ended\":\(tune.isComplete)", "\"rng\":\(rng)", "\"run\":\(tune.run)",
        "\"checkpoint\":\(jsonText(author.fingerprint))",
        "\"precision\":\(jsonText(author.precision.rawValue))",
      ]
      if let choice {
        facts += [
          "\"best_of\":\(bestOf)", "\"passed\":\(choice.passed)",
          "\"gates\":\(choice.judgement.passedCount)",
        ]
      }
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
struct Shard: Equatable {
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

import ABC
import Compose
import Neural

/// Text that tunes go on from.
struct GenerationSeed {
  /// Header lines and music of one tune, without its number.
  let text: String
  /// The line of its number, with its line end; empty where it has none.
  let numberLine: String
  let hasTitle: Bool

  /// The last tune of a file, ABC or MIDI.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput`.
  init(path: String) throws(CommandFailure) {
    let document = try SeedFile.text(path)
    let name = path == "-" ? "standard input" : path
    let range = ModelText.tuneRange(in: document, before: document.utf8.count)
    let bytes = Array(document.utf8)[range]
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }
    guard lines.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
      throw CommandFailure(.unreadableInput, "\(name): there is no tune to go on from")
    }
    text = lines.filter { !$0.hasPrefix("X:") }.joined(separator: "\n")
    numberLine = lines.first { $0.hasPrefix("X:") }.map { $0 + "\n" } ?? ""
    hasTitle = lines.contains { $0.hasPrefix("T:") }
  }
}

/// A tune that was written without a screen.
struct WrittenTune {
  var number: Int
  /// Which run of the random number wrote it.
  var run: Int
  /// With number and title, and a newline at the end.
  var abc: String
  /// Pickups left out.
  var bars: Int
  /// How many the model drew.
  var characters: Int
  var bitsPerCharacter: Double
  /// False when the limit of characters was reached first.
  var isComplete: Bool
}

/// Has tunes written, many at a time.
struct TuneWriter {
  var settings = SamplerSettings()
  var rng: UInt64 = 1
  /// Bars in each tune; nil = until it ends.
  var bars: Int?
  /// Characters to draw for each tune, and correct music goes on to its bar line; nil = until it
  /// ends.
  var characters: Int?
  var isLegal = true
  /// What is wanted of the tunes.
  var style = WritingStyle()
  /// A second network that is blended in, and how much of it.
  var partner: (model: ImproviserModel, share: Double)?
  /// Tunes that the model remembers.
  var book: LentTunes?
  /// Values for the header of a tune from nothing.
  var header: [Character: String] = [:]
  /// Beats a minute of tunes that say no tempo themselves; nil = none is written.
  var tempo: Int?
  /// How many tunes are being written at once; what they are does not depend on it.
  var streams = 64
  var threads = ThreadChoice.auto
  /// How many drawn tunes in a row have the same number, because one of them will be kept.
  var candidates = 1

  private let model: ImproviserModel
  /// A tune that has not ended by then never will.
  private static let longestTune = 4000
  /// Nor does a bar that has not ended by then.
  private static let longestBar = 2000

  init(model: ImproviserModel) { self.model = model }

  /// A tune while it is being written.
  private struct Draft {
    var number: Int
    var text = ""
    var count = 0
    var bits = 0.0
    /// Whether it was stopped, and what is open has to be closed.
    var needsClosing = false
  }

  /// Writes the tunes of some numbers, `candidates` of each, and hands them over in their order, each
  /// as soon as it and those before it are there. A tune depends on its run, not on the others.
  func write(
    _ tunes: Range<Int>, seed: GenerationSeed?,
    _ receive: (WrittenTune) throws -> Void
  ) rethrows {
    // Counted from 1, as tunes are.
    let numbers =
      (tunes.lowerBound - 1) * candidates + 1..<(tunes.upperBound - 1) * candidates + 1
    var document = seed?.text ?? ""
    if let seed, model.description.headerFields.contains("X") {
      document = seed.numberLine + document
    }
    if !document.isEmpty {
      document += ModelText.preparation(for: document, cursor: document.utf8.count)
    }
    let beginning = improviser(reading: document)
    var batch = ImproviserBatch(model, threads: threads)
    var drafts: [Draft] = []
    var written: [Int: WrittenTune] = [:]
    var nextToStart = numbers.lowerBound
    var nextToHandOver = numbers.lowerBound
    while nextToHandOver < numbers.upperBound {
      // A tune that takes long must not make all that come after it wait in memory.
      while drafts.count < streams, nextToStart < numbers.upperBound,
        nextToStart - nextToHandOver < 8 * streams
      {
        drafts.append(Draft(number: nextToStart))
        batch.append(beginning)
        nextToStart += 1
      }
      for place in drafts.indices.reversed() {
        guard let isComplete = hasEnded(&drafts[place], batch[place]) else { continue }
        drafts.swapAt(place, drafts.count - 1)
        let draft = drafts.removeLast()
        let improviser = batch.remove(at: place)
        written[draft.number] = finished(
          draft, document, isComplete: isComplete, grammar: improviser.grammar,
          hasTitle: seed?.hasTitle ?? false)
      }
      while let tune = written.removeValue(forKey: nextToHandOver) {
        try receive(tune)
        nextToHandOver += 1
      }
      guard !drafts.isEmpty else { continue }
      let drawn = batch.next(
        drafts.map {
          ImproviserBatch.Turn(
            settings: settings, rng: rng, run: UInt64($0.number - 1), index: UInt64($0.count))
        })
      for (place, next) in drawn.enumerated() {
        guard let next else { continue }
        drafts[place].count += 1
        drafts[place].bits += Double(next.bits)
        drafts[place].text += next.character
      }
    }
  }

  private func improviser(reading document: String) -> Improviser {
    var improviser = Improviser(model)
    improviser.threads = threads
    improviser.legality = isLegal ? .legal : .free
    improviser.style = style
    improviser.lend(book)
    improviser.mix(with: partner?.model, share: partner?.share ?? 0)
    improviser.wantedHeader = header
    improviser.allowsEndings = bars == nil
    improviser.mayEndTune = bars == nil
    improviser.prime(
      with: ModelText(
        document: document, cursor: document.utf8.count, description: model.description
      ).text)
    return improviser
  }

  /// Whether a tune has ended, and then whether as it should.
  private func hasEnded(_ draft: inout Draft, _ improviser: borrowing Improviser) -> Bool? {
    if draft.count > 0, improviser.endsTune {
      draft.needsClosing = isLegal && improviser.grammar.isRepeatOpen
      return true
    }
    // A first ending that the seed has begun gets its second one.
    if let bars, improviser.grammar.barCount >= bars,
      !isLegal || !improviser.grammar.isBetweenEndings || draft.count >= Self.longestTune
    {
      draft.needsClosing = true
      return true
    }
    let limit = characters ?? bars.map { 200 + 100 * $0 } ?? Self.longestTune
    guard draft.count >= limit else { return nil }
    // Correct music stops at a bar line only.
    guard isLegal else { return characters != nil }
    draft.needsClosing = improviser.grammar.isAtBarLine
    guard draft.needsClosing || draft.count >= limit + Self.longestBar else { return nil }
    return characters != nil
  }

  private func finished(
    _ draft: Draft, _ document: String, isComplete: Bool, grammar: TuneGrammar, hasTitle: Bool
  ) -> WrittenTune {
    var document = document + draft.text
    if draft.needsClosing { document = grammar.closing(document) }
    while document.hasSuffix("\n") { document.removeLast() }
    document += "\n"
    let number = (draft.number - 1) / candidates + 1
    return WrittenTune(
      number: number, run: draft.number - 1,
      abc: Self.timed(
        Self.titled(document, number: number, hasTitle: hasTitle), beatsPerMinute: tempo),
      bars: grammar.barCount, characters: draft.count,
      bitsPerCharacter: draft.count == 0 ? 0 : draft.bits / Double(draft.count),
      isComplete: isComplete)
  }

  /// The tune with a `Q:` line before its key, where it has none.
  static func timed(_ tune: String, beatsPerMinute: Int?) -> String {
    let header = ParsedTune(text: tune).header
    guard let beatsPerMinute, header.quartersPerMinute == nil else { return tune }
    var lines = tune.split(separator: "\n", omittingEmptySubsequences: false)
    guard let key = lines.firstIndex(where: { $0.hasPrefix("K:") }) else { return tune }
    lines.insert("Q:\(header.beatLength)=\(beatsPerMinute)", at: key)
    return lines.joined(separator: "\n")
  }

  /// The tune with its number first, and a title.
  static func titled(_ document: String, number: Int, hasTitle: Bool) -> String {
    var (numbered, isNumbered) = ("", false)
    var hasTitle = hasTitle
    // A network may write both itself: they stay as it spells them, but for the number.
    for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("T:") { hasTitle = true }
      if line.hasPrefix("X:"), !isNumbered {
        isNumbered = true
        let blanks = line.dropFirst(2).prefix { $0 == " " }
        numbered = "X:\(blanks)\(number)"
      }
      if line.hasPrefix("K:") { break }
    }
    if isNumbered {
      let rest = document.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix("X:") }.joined(separator: "\n")
      if hasTitle { return numbered + "\n" + rest }
      return titled(rest, number: number, hasTitle: false)
    }
    if hasTitle { return "X:\(number)\n" + document }
    var rhythm = "tune"
    var key = ""
    for line in document.split(separator: "\n") {
      if line.hasPrefix("R:") { rhythm = line.dropFirst(2).trimmed }
      if line.hasPrefix("K:") {
        key = line.dropFirst(2).trimmed
        break
      }
    }
    let name = rhythm.prefix(1).uppercased() + rhythm.dropFirst()
    return "X:\(number)\nT:\(name) \(number)\(key.isEmpty ? "" : " in \(key)")\n" + document
  }
}

extension Substring {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    var rest = self
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

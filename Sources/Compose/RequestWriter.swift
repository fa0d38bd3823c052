import ABC
import Neural

/// What an improviser wrote for a request.
public struct WrittenPassage: Sendable {
  public var characters: [GeneratedCharacter] = []
  /// Whether the tune ended after these (the empty line itself is left out).
  public var endsTune = false
  /// Whether the gap is filled after these.
  public var closesGap = false
  /// What the model reads otherwise than it is written, as a sentence.
  public var notice = ""
  /// What an author of notes did, one after the other; the characters are theirs.
  public var steps: [AuthorStep] = []
}

extension Improviser {
  /// Writes what a request asks for: so many characters, or as many as there are to the end of the
  /// tune or the gap, or until `isCancelled`.
  public mutating func write(
    _ request: GenerationRequest, isCancelled: () -> Bool = { false }
  ) -> WrittenPassage {
    let settings = SamplerSettings(request.sampling)
    style = WritingStyle(request.sampling.writing)
    begin(settings, rng: request.rng, run: UInt64(request.run))
    let modelText = prepare(request.text, request.sampling)
    var written = WrittenPassage(notice: modelText.notice)
    lend(request.book, following: request.gap == nil ? "" : following(request.continuation))
    if let gap = request.gap { enter(gap) }
    defer { leaveGap() }
    let isInside = request.continuation.contains { !$0.isWhitespace }
    for offset in 0..<request.count {
      if isCancelled() { break }
      // Past the end of a tune the empty line is not offered again, nor in its middle.
      mayEndTune = (offset > 0 || request.mayEnd) && !isInside
      let drawn = draw(
        settings, rng: request.rng, run: UInt64(request.run),
        index: UInt64(request.index + offset))
      if request.gap != nil, drawn.character.endsGap(in: grammar) {
        written.closesGap = true
        return written
      }
      hear(drawn.token)
      if endsTune {
        written.endsTune = true
        return written
      }
      written.characters.append(drawn.character)
    }
    return written
  }

  /// Reads what stands behind each of some gaps, side by side, as far as it will be asked for.
  private mutating func readFollowing(_ gaps: [Gap], of document: String) {
    guard style.memory != 0 else { return }
    let tune = ParsedTune(text: document)
    let texts = gaps.map { gap in
      following(Passage(document: document, gap: gap.range, tune: tune).continuation)
    }
    let header = header
    followingMusic.read(
      texts.filter { !$0.isEmpty }.map { header + $0 }, model, threads: threads)
  }

  /// The music behind a gap, as the network reads it; empty where the memory is not asked for.
  fileprivate func following(_ continuation: String) -> String {
    guard style.memory != 0, continuation.contains(where: \.isLetter), !isInHeader else {
      return ""
    }
    let header = header
    let document = header + continuation
    let read = ModelText(
      document: document, cursor: document.utf8.count, description: model.description
    ).text
    return read.hasPrefix(header) ? String(read.dropFirst(header.count)) : ""
  }

  /// Reads a document up to a place and takes on the settings.
  @discardableResult
  mutating func prepare(_ document: String, _ sampling: Sampling) -> ModelText {
    leaveGap()
    let modelText = ModelText(
      document: document, cursor: document.utf8.count, description: model.description)
    prime(with: modelText.text)
    legality = sampling.isLegal ? .legal : .free
    return modelText
  }

  /// Fills the gaps of a request, all its candidates at the same time, and says how surprising each
  /// of them and what follows it is.
  public mutating func fill(
    _ request: FillRequest, isCancelled: () -> Bool = { false }
  ) -> [FillResult.Candidate] {
    guard let first = request.gaps.first else { return [] }
    let passage = Passage(
      document: request.document, gap: first.range, tune: ParsedTune(text: request.document))
    style = WritingStyle(request.sampling.writing)
    prepare(passage.text, request.sampling)
    readFollowing(request.gaps, of: request.document)
    lend(request.book, following: following(passage.continuation))
    let base = self
    var fillers = request.runs.map { Filler(base, request, run: $0) }
    for index in request.gaps.indices {
      for place in fillers.indices { fillers[place].enter(index) }
      Filler.writeTogether(&fillers, SamplerSettings(request.sampling), isCancelled)
      for place in fillers.indices { fillers[place].leave() }
      if isCancelled() { return [] }
    }
    let rests = fillers.map { filler -> [ScoredToken] in
      filler.isComplete ? filler.tokensAfter(base) : []
    }
    let totals = base.bits(of: rests)
    return fillers.indices.map { place in
      let filler = fillers[place]
      let own = filler.pieces.joined().reduce(0) { $0 + $1.bits }
      return FillResult.Candidate(
        run: filler.run, pieces: filler.isComplete ? filler.pieces : [], bits: own,
        bitsAfter: filler.isComplete ? max(totals[place] - own, 0) : 0)
    }
  }

  /// How surprising some continuations of what was read are, in bits, read side by side.
  func bits(of continuations: [[ScoredToken]]) -> [Float] {
    var bits = [Float](repeating: 0, count: continuations.count)
    var sampler = Sampler(vocabularySize: model.network.vocabularySize)
    let size = model.network.vocabularySize
    var open = continuations.indices.filter { !continuations[$0].isEmpty }
    var states = open.map { _ in state }
    var rows = open.flatMap { _ in logits }
    var position = 0
    while !open.isEmpty {
      rows.withUnsafeBufferPointer { all in
        for (row, stream) in open.enumerated()
        where continuations[stream][position].kind != .unscored {
          bits[stream] += Float(
            sampler.bits(
              of: continuations[stream][position].token,
              in: UnsafeBufferPointer(rebasing: all[row * size..<(row + 1) * size])))
        }
      }
      model.network.step(
        open.map { continuations[$0][position].token }, states: &states, logits: &rows,
        threads: threads)
      position += 1
      for row in open.indices.reversed() where continuations[open[row]].count == position {
        let last = open.count - 1
        open.swapAt(row, last)
        states.swapAt(row, last)
        for token in 0..<size { rows[row * size + token] = rows[last * size + token] }
        open.removeLast()
        states.removeLast()
        rows.removeLast(size)
      }
    }
    return bits
  }
}

extension GeneratedCharacter {
  fileprivate func endsGap(in grammar: TuneGrammar) -> Bool {
    character.unicodeScalars.first.map(grammar.endsGap) ?? false
  }
}

/// One way to fill the gaps of a document, while it is written.
private struct Filler {
  let run: Int
  private let request: FillRequest
  private(set) var pieces: [[GeneratedCharacter]] = []
  /// Whether every gap so far came to its end.
  private(set) var isComplete = true
  private var improviser: Improviser
  private var document: String
  private var gaps: [Gap]
  private var index = 0
  private var isOpen = false
  private var written = 0

  /// No piece of music is longer than this many characters.
  static let longestPiece = 240

  init(_ improviser: Improviser, _ request: FillRequest, run: Int) {
    self.improviser = improviser
    self.request = request
    self.run = run
    document = request.document
    gaps = request.gaps
  }

  /// Reads up to a gap.
  mutating func enter(_ index: Int) {
    guard isComplete else { return }
    self.index = index
    if index > 0 {
      let passage = Passage(
        document: document, gap: gaps[index].range, tune: ParsedTune(text: document))
      let modelText = ModelText(
        document: passage.text, cursor: passage.text.utf8.count,
        description: improviser.model.description)
      improviser.prime(with: modelText.text)
      improviser.lend(request.book, following: improviser.following(passage.continuation))
    }
    improviser.enter(gaps[index])
    improviser.mayEndTune = false
    pieces.append([])
    isOpen = true
  }

  /// Draws until every candidate says that its gap is filled.
  static func writeTogether(
    _ fillers: inout [Filler], _ settings: SamplerSettings, _ isCancelled: () -> Bool
  ) {
    var open = fillers.indices.filter { fillers[$0].isOpen }
    while !open.isEmpty, !isCancelled() {
      var readings: [Reading] = []
      var streams: [Int] = []
      for place in open {
        if let reading = fillers[place].next(settings) {
          readings.append(reading)
          streams.append(place)
        }
      }
      step(&fillers, streams, readings)
      open = streams
    }
  }

  /// A token that the network reads: a character that was drawn, or one that it has to read before.
  private struct Reading {
    var token: Int
    var place: Int32
    var isCharacter: Bool
  }

  /// What is read next; `nil` when the gap is filled, or never will be.
  private mutating func next(_ settings: SamplerSettings) -> Reading? {
    switch improviser.move(
      settings, rng: request.rng, run: UInt64(run), index: UInt64(written))
    {
    case .reading(let token, let place):
      return Reading(token: token, place: place, isCharacter: false)
    case .character(let token, let character):
      if character.endsGap(in: improviser.grammar) {
        isOpen = false
        return nil
      }
      guard pieces[index].count < Filler.longestPiece else {
        isOpen = false
        isComplete = false
        return nil
      }
      pieces[index].append(character)
      written += 1
      let accepted = improviser.accept(token)
      return Reading(token: token, place: accepted.place, isCharacter: true)
    }
  }

  private static func step(
    _ fillers: inout [Filler], _ streams: [Int], _ readings: [Reading]
  ) {
    guard let first = streams.first else { return }
    let model = fillers[first].improviser.model
    let threads = fillers[first].improviser.threads
    for (reading, place) in zip(readings, streams) {
      fillers[place].improviser.remember(reading.token, at: reading.place)
    }
    var states = streams.map { place in
      var state = RecurrentNetwork.State.none
      // Taken out, so that no state has two owners while it is changed.
      swap(&state, &fillers[place].improviser.state)
      return state
    }
    var logits: [Float] = []
    model.network.step(
      readings.map(\.token), states: &states, logits: &logits, threads: threads)
    let size = model.network.vocabularySize
    for (row, place) in streams.enumerated().reversed() {
      let reading = readings[row]
      fillers[place].improviser.state = states.removeLast()
      fillers[place].improviser.logits = Array(logits[row * size..<(row + 1) * size])
      fillers[place].improviser.readElsewhere(reading.token, at: reading.place)
      if reading.isCharacter { fillers[place].improviser.finishCharacter() }
    }
  }

  /// Puts what was written into the document.
  mutating func leave() {
    guard isComplete else { return }
    improviser.leaveGap()
    let text = pieces[index].map(\.character).joined()
    guard !text.isEmpty else {
      isComplete = false
      return
    }
    let edit = Edit(gaps[index].range, text)
    document.replaceBytes(edit.range, with: text)
    gaps = gaps.map { $0.moved(by: edit.shift) }
  }

  /// What the network reads from the first gap on, as far as the ranking goes: the same as where a
  /// tune is scored.
  func tokensAfter(_ base: Improviser) -> [ScoredToken] {
    let kept = request.document.utf8.count - (request.gaps.last?.range.upperBound ?? 0)
    let end = document.utf8.count - max(kept - request.following, 0)
    let passage = Passage(
      document: document, gap: end..<end, tune: ParsedTune(text: document))
    let modelText = ModelText(
      document: passage.text, cursor: passage.text.utf8.count,
      description: base.model.description)
    let read = base.text
    guard modelText.text.utf8.starts(with: read.utf8) else { return [] }
    let rest = String(decoding: modelText.text.utf8.dropFirst(read.utf8.count), as: UTF8.self)
    let tokens = ScoredToken.tokens(of: (beginning: read, text: rest), model: base.model)
    return Array(tokens.all.dropFirst(tokens.beginning))
  }
}

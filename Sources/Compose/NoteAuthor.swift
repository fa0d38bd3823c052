import ABC
import Music
import Neural
import Notes

/// What an author of notes does at once: it draws a token, or writes the bar that is complete.
public struct AuthorStep: Sendable, Equatable {
  /// A whole bar, or nothing yet.
  public var characters: [GeneratedCharacter] = []
  /// What was drawn and is not in the text, after this.
  public var unwritten: UnwrittenNotes
  /// Whether the gap is filled after these.
  public var closesGap = false
  /// Whether the tune is over after these.
  public var endsTune = false

  public init(
    characters: [GeneratedCharacter] = [], unwritten: UnwrittenNotes, closesGap: Bool = false
  ) {
    self.characters = characters
    self.unwritten = unwritten
    self.closesGap = closesGap
  }
}

/// A network of notes that writes ABC: it draws notes, chords and lengths, and writes them down bar by
/// bar.
///
/// The text is the only truth: what the network has read follows from it, and from what was drawn
/// and is not written yet. What it draws depends on these, the settings and three numbers, so that
/// a pause, a rewind and a replay draw the same. A value; use one from one thread at a time.
public struct NoteAuthor: Sendable {
  public let model: NoteModel
  var reader: NoteReader

  public init(_ model: NoteModel) {
    self.model = model
    reader = NoteReader(model)
  }

  /// A bar in which time does not pass is closed after so many tokens.
  static let longestBar = 128
  /// Bars on a line of text, where there is one voice.
  static let barsOfLine = 4

  /// Where it writes, and how.
  struct Task {
    var text: String
    /// nil where the text was not written by an author of notes up to its end.
    var unwritten: UnwrittenNotes?
    /// The gap that is to be filled; nil at the end of a text.
    var gap: Gap?
    /// Whether the text holds all voices of its document, and every one of them is written on.
    var writesVoices = false
    /// The other voices, where only one is written.
    var companions: Companions?
    var sampling: Sampling
    var rng: UInt64
    var run: UInt64
    /// How many characters the run has written before.
    var index: Int
    /// The bar with which the tune ends; nil = none.
    var lastBar: Int?
    /// Whether the mark at which a piece ends may be drawn now.
    var mayEnd = false
  }

  // MARK: Writing

  /// Writes what a request asks for: so many steps, or as many as there are until the gap is filled
  /// or `isCancelled`.
  public mutating func write(
    _ request: GenerationRequest, isCancelled: () -> Bool = { false }
  ) -> WrittenPassage {
    var task = Task(request)
    var written = WrittenPassage()
    var place = NotePlace(task)
    written.notice = notice(place, task)
    let isInside = request.gap != nil || request.continuation.contains { !$0.isWhitespace }
    for offset in 0..<request.count {
      if isCancelled() { break }
      // Past the end of a tune the mark is not offered again, nor in its middle.
      task.mayEnd = (offset > 0 || request.mayEnd) && !isInside
      let step = step(&task, &place)
      written.characters += step.characters
      written.steps.append(step)
      if step.endsTune {
        written.endsTune = true
        break
      }
      if step.closesGap {
        written.closesGap = true
        break
      }
    }
    return written
  }

  /// Writes until a text has so many bars, or the gap is filled.
  mutating func write(
    _ task: inout Task, bars: Int, isCancelled: () -> Bool
  ) -> (characters: [GeneratedCharacter], steps: Int) {
    var characters: [GeneratedCharacter] = []
    var place = NotePlace(task)
    var steps = 0
    while task.gap != nil || place.bars < bars, !isCancelled() {
      let step = step(&task, &place)
      steps += 1
      characters += step.characters
      if step.closesGap || step.endsTune { break }
    }
    return (characters, steps)
  }

  /// Writes a whole tune that goes on from a text with a header.
  ///
  /// - Parameters:
  ///   - bars: With which it ends at the latest.
  ///   - characters: After so many it ends with the bar in which they are reached.
  ///   - endsByItself: Whether it may end before, where the network says so.
  public mutating func tune(
    from text: String, bars: Int, characters limit: Int, endsByItself: Bool = false,
    sampling: Sampling, rng: UInt64, run: UInt64
  ) -> WrittenNotes {
    var task = Task(
      text: text, unwritten: nil, gap: nil, writesVoices: true, sampling: sampling, rng: rng,
      run: run, index: 0)
    var place = NotePlace(task)
    task.lastBar = bars
    var written = WrittenNotes()
    while !written.isEnded, place.bars < task.lastBar ?? bars {
      if task.index >= limit { task.lastBar = min(place.bars + 1, bars) }
      task.mayEnd = endsByItself
      let step = step(&task, &place)
      for character in step.characters { written.bits += Double(character.bits) }
      written.isEnded = step.endsTune
    }
    while task.text.hasSuffix("\n") { task.text.removeLast() }
    for edit in written.isEnded ? VoiceEnding.edits(task.text) : [] {
      task.text.replaceBytes(edit.range, with: edit.replacement)
    }
    written.text = task.text + "\n"
    written.bars = place.bars
    written.characters = task.index
    return written
  }

  /// A whole tune.
  public struct WrittenNotes: Sendable {
    public var text = ""
    public var bars = 0
    public var characters = 0
    public var bits = 0.0
    /// Whether the network said itself that it ends there.
    public var isEnded = false
  }

  /// What of a text the network knows only nearly, as a sentence; empty where it knows it all.
  private func notice(_ place: NotePlace, _ task: Task) -> String {
    let replaced = model.tokens(of: place.notes, tempos: place.tempos).replaced
    guard replaced > 0, task.index == 0 else { return "" }
    return replaced == 1
      ? "the model does not know one note or chord of the text, and reads the nearest it knows"
      : "the model does not know \(replaced) notes and chords of the text, and reads the nearest "
        + "it knows"
  }

  /// Draws one token, or writes what is complete. The text of the task grows.
  private mutating func step(_ task: inout Task, _ place: inout NotePlace) -> AuthorStep {
    var step = AuthorStep(unwritten: task.unwritten ?? Self.empty(place))
    if place.lacksHeader {
      step.characters = Self.characters(Self.header(task.text), [], temperature: 0)
    } else {
      if !isComplete(step.unwritten, place) {
        step.unwritten.tokens.append(draw(task, step.unwritten, place))
      }
      if isComplete(step.unwritten, place) {
        let begun = step.unwritten
        write(&step, task, place)
        if let again = again(step, begun, task, place) { step = AuthorStep(unwritten: again) }
      }
    }
    task.unwritten = step.unwritten
    guard !step.characters.isEmpty || step.closesGap || step.endsTune else { return step }
    task.text += step.characters.map(\.character).joined()
    task.index += step.characters.count
    place = NotePlace(task)
    return step
  }

  static func empty(_ place: NotePlace) -> UnwrittenNotes {
    UnwrittenNotes(held: place.held(nil).map { .init(key: $0.key, ticks: $0.length) })
  }

  /// What a tune from nothing begins with; fields that stand there already are kept.
  private static func header(_ text: String) -> String {
    let lines = text.split(separator: "\n")
    func has(_ field: String) -> Bool { lines.contains { $0.hasPrefix(field) } }
    return (has("M:") ? "" : "M:4/4\n") + (has("L:") ? "" : "L:1/8\n") + "K:C\n"
  }

  // MARK: Drawing

  private mutating func draw(
    _ task: Task, _ unwritten: UnwrittenNotes, _ place: NotePlace
  ) -> UnwrittenNotes.Token {
    let (rng, run) = (task.rng, task.run)
    // Tokens are counted within the bar, bars by the characters that were written before them.
    let index =
      UInt64(task.index) << 16 | UInt64(unwritten.attempts ?? 0) << 8
      | UInt64(unwritten.tokens.count)
    func uniform(_ number: Int) -> Double {
      RandomSource.uniform(rng: rng ^ UInt64(number) << 60, run: run, index: index)
    }
    let copied = copiedKeys(task, unwritten, place)
    if let companions = task.companions {
      return draw(
        task, unwritten, place, beside: companions, without: copied, uniform: uniform)
    }
    read(unwritten, place)
    let isBeginning = place.notes.isEmpty && unwritten.tokens.isEmpty
    var allowed = allowed(isBeginning: isBeginning, mayEnd: task.mayEnd && !isBeginning)
    if !copied.isEmpty {
      let kept = (0..<model.scoreCount).map { token in
        (allowed.isEmpty || allowed[token])
          && !(model.highestKey(ofToken: token).map(copied.contains) ?? false)
      }
      if kept.contains(true) { allowed = kept }
    }
    return reader.draw(
      NoteReader.Temperatures(task.sampling, isTimed: model.isTimed), allowed: allowed,
      uniform: uniform)
  }

  /// Reads a text and what was drawn behind it.
  mutating func read(_ unwritten: UnwrittenNotes, _ place: NotePlace) {
    let notes = place.notes(holding: place.held(unwritten))
    let (known, _) = model.tokens(
      of: notes, until: place.end + unwritten.lead, tempos: place.tempos)
    reader.prime(with: known + unwritten.tokens.map(\.text))
  }

  /// Which tokens may be drawn; empty = all.
  private func allowed(isBeginning: Bool, mayEnd: Bool) -> [Bool] {
    guard let end = model.end else { return isBeginning ? beginnings : [] }
    guard !mayEnd else { return [] }
    return (0..<model.scoreCount).map { $0 != end.place }
  }

  /// Tokens that a tune from nothing may begin with: notes of the middle register, as a network that
  /// has read nothing finds everything equally likely. Empty where there are none.
  private var beginnings: [Bool] {
    let range = 60...74
    let allowed: [Bool]
    switch model.network {
    case .timed: allowed = (0..<128).map(range.contains)
    case .tokens(_, let vocabulary):
      allowed = vocabulary.meanings.map { meaning in
        if case .key(let key) = meaning { range.contains(key) } else { false }
      }
    }
    return allowed.contains(true) ? allowed : []
  }
}

extension NoteAuthor.Task {
  init(_ request: GenerationRequest) {
    self.init(
      text: request.score ?? request.text, unwritten: request.unwritten, gap: request.gap,
      writesVoices: request.score != nil,
      companions: request.score == nil ? request.companions : nil, sampling: request.sampling,
      rng: request.rng, run: UInt64(request.run),
      index: request.index)
  }
}

extension NotePlace {
  init(_ task: NoteAuthor.Task) {
    self.init(task.text, barLength: task.gap?.length, writesVoices: task.writesVoices)
  }
}

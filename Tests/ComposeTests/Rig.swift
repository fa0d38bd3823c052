import Compose
import Music
import Testing

/// A session with a pretended model and player, so that a test can press keys and read the text.
///
/// The pretended model writes bars of four quarters whose notes depend only on (rng, run, index),
/// as the real one's do.
struct Rig {
  var session: Session
  var effects: [Effect] = []
  var journal: [JournalEntry] = []
  /// The answer to a request is held back until `deliver()` while this is true.
  var isHolding = false
  var held: [GenerationRequest] = []
  var heldDraws: [DrawRequest] = []
  /// Every request for the best of several ways to go on.
  var draws: [DrawRequest] = []
  /// Every request to fill gaps.
  var fills: [FillRequest] = []
  /// Every request to say how surprising texts are.
  var ranks: [RankRequest] = []
  /// Answers instead of the pretended model, where there is one.
  var improviser: Improviser?
  var author: NoteAuthor?
  var clock = 0

  init(rng: UInt64 = 7, sampling: Sampling = Rig.fast, withModel: Bool = true) {
    session = Session(title: "untitled-1", rng: rng, sampling: sampling)
    if withModel { send(.modelLoaded(Rig.model)) }
  }

  /// A session with a network that answers as the program's own does.
  init(network: ImproviserModel, rng: UInt64 = 7, sampling: Sampling = Rig.fast) {
    self.init(rng: rng, sampling: sampling, withModel: false)
    improviser = Improviser(network)
    let vocabulary = network.description.vocabulary
    let known = (0..<vocabulary.count).map { Character(vocabulary[$0]) }
    send(
      .modelLoaded(
        ModelSummary(
          name: "network", hash: "0", precision: "fp32",
          headerFields: network.description.headerFields, vocabulary: Set(known))))
  }

  /// A session with a network of notes.
  init(notes model: NoteModel, rng: UInt64 = 7, sampling: Sampling = Rig.fast) {
    self.init(rng: rng, sampling: sampling, withModel: false)
    author = NoteAuthor(model)
    send(.modelLoaded(AuthorModel.notes(model).summary))
  }

  static var fast: Sampling {
    var sampling = Sampling()
    sampling.pace = .max
    return sampling
  }

  static let model = ModelSummary(
    name: "pretended", hash: "0", precision: "fp32", headerFields: ["R", "M", "L", "K"],
    vocabulary: Set("abcdefgABCDEFG|:\n0123456789/"))

  var text: String { session.text }

  mutating func send(_ event: Event) {
    let produced = session.handle(event)
    effects += produced
    // The real generator answers later, when everything else has been carried out.
    for case .journal(let entries) in produced { journal += entries }
    for effect in produced {
      switch effect {
      case .generate(let request):
        if isHolding { held.append(request) } else { answer(request) }
      case .draw(let request):
        draws.append(request)
        if isHolding { heldDraws.append(request) } else { answer(request) }
      case .fill(let request):
        fills.append(request)
        if !isHolding { answer(request) }
      case .rank(let request):
        ranks.append(request)
        let bits =
          improviser?.rank(request) ?? request.documents.indices.map { Float(9 - $0) }
        send(.ranked(RankResult(request: request.identifier, bits: bits)))
      case .findThemes(let chosen):
        send(.themesFound(["default-dark", "heather"], chosen: chosen))
      default: break
      }
    }
  }

  mutating func deliver() {
    let waiting = held
    held = []
    for request in waiting { answer(request) }
    let waitingDraws = heldDraws
    heldDraws = []
    for request in waitingDraws { answer(request) }
    if isHolding, let fill = fills.last { answer(fill) }
  }

  private mutating func answer(_ request: GenerationRequest) {
    if request.count > 0, let written = author?.write(request) {
      send(
        .generated(
          GenerationResult(
            request: request.identifier, characters: written.characters,
            endsTune: written.endsTune, closesGap: written.closesGap, unknown: written.notice,
            steps: written.steps)))
      return
    }
    guard request.count > 0 else {
      send(.nextCharactersFound([], entropy: 0, request: request.identifier))
      return
    }
    if improviser != nil, let written = improviser?.write(request) {
      send(
        .generated(
          GenerationResult(
            request: request.identifier, characters: written.characters,
            endsTune: written.endsTune, closesGap: written.closesGap)))
      return
    }
    // Text that no bar line closes (an open quotation) would never end a phrase.
    let drawn = Rig.write(request)
    send(
      .generated(
        GenerationResult(
          request: request.identifier, characters: drawn.characters,
          endsTune: request.index + request.count > 400 && request.gap == nil,
          closesGap: drawn.closesGap)))
  }

  /// Goes on as the real model does; without a judge the first ones are the best.
  private mutating func answer(_ request: DrawRequest) {
    if let result = author?.draw(request) {
      send(.drawn(result))
      return
    }
    let candidates = (0..<request.wanted).map { place -> DrawResult.Candidate in
      var own = request.base
      own.run += place
      return DrawResult.Candidate(run: own.run, characters: Rig.write(own).characters)
    }
    send(
      .drawn(
        DrawResult(
          request: request.identifier, candidates: candidates, drawn: request.draws, passed: nil)))
  }

  /// Fills gaps as the real model does: each candidate by itself, one gap after another.
  private mutating func answer(_ request: FillRequest) {
    if let candidates = improviser?.fill(request) ?? author?.fill(request) {
      send(.filled(FillResult(request: request.identifier, candidates: candidates)))
      return
    }
    let candidates = request.runs.map { run -> FillResult.Candidate in
      var document = Array(request.document.utf8)
      var written = 0
      var change = 0
      var pieces: [[GeneratedCharacter]] = []
      for gap in request.gaps {
        let lower = gap.range.lowerBound + change
        let upper = gap.range.upperBound + change
        let drawn = Rig.write(
          text: String(decoding: document[..<lower], as: UTF8.self), gap: gap, rng: request.rng,
          run: run, index: written, count: 100, sampling: request.sampling)
        let new = Array(drawn.characters.map(\.character).joined().utf8)
        document.replaceSubrange(lower..<upper, with: new)
        change += new.count - gap.range.count
        written += drawn.characters.count
        pieces.append(drawn.characters)
      }
      return FillResult.Candidate(
        run: run, pieces: pieces, bits: Float(written) * 1.5, bitsAfter: Float(run % 3))
    }
    send(.filled(FillResult(request: request.identifier, candidates: candidates)))
  }

  /// What the pretended model writes for a request.
  static func draw(_ request: GenerationRequest) -> [GeneratedCharacter] {
    write(request).characters
  }

  private static func write(
    _ request: GenerationRequest
  ) -> (characters: [GeneratedCharacter], closesGap: Bool) {
    write(
      text: request.text, gap: request.gap, rng: request.rng, run: request.run,
      index: request.index, count: request.count, sampling: request.sampling)
  }

  private static func write(
    text: String, gap: Gap?, rng: UInt64, run: Int, index: Int, count: Int, sampling: Sampling
  ) -> (characters: [GeneratedCharacter], closesGap: Bool) {
    var text = text
    var characters: [GeneratedCharacter] = []
    // Four quarters make a bar; a gap that ends sooner holds fewer.
    let notes = gap?.length.map { max(Int($0.value * 4), 1) } ?? 4
    for offset in 0..<count {
      let character = nextCharacter(
        after: text, notes: notes, rng: rng, run: run, index: index + offset)
      if gap != nil, character == "|" { return (characters, true) }
      text += character
      characters.append(
        GeneratedCharacter(
          character: character, bits: 1.5, rank: 2, entropy: 2,
          temperature: Float(sampling.temperature)))
    }
    return (characters, false)
  }

  private static func nextCharacter(
    after text: String, notes wanted: Int, rng: UInt64, run: Int, index: Int
  ) -> String {
    // A header first, where there is none.
    let header = "M:4/4\nL:1/4\nK:D\n"
    guard let key = text.range(of: "K:"), let end = text[key.upperBound...].firstIndex(of: "\n")
    else {
      let title = text.range(of: "T:untitled-1\n")
      let written = title.map { text[$0.upperBound...] } ?? ""
      // What else was typed there may be longer than a header.
      let place = written.count % header.count
      return String(header[header.index(header.startIndex, offsetBy: place)])
    }
    let body = text[text.index(after: end)...]
    let notes = body.reversed().prefix { $0 != "|" && $0 != "\n" }.filter(\.isLetter).count
    if notes >= wanted { return "|" }
    var mixed = rng &* 31 &+ UInt64(run) &* 1_000_003 &+ UInt64(index) &* 7919
    mixed ^= mixed >> 7
    return ["d", "e", "f", "g", "a", "b", "c", "A"][Int(mixed % 8)]
  }

  mutating func press(_ command: CommandName, _ argument: String = "", count: Int? = nil) {
    send(.commanded(Invocation(command, argument, count: count)))
  }

  mutating func run(_ line: String) {
    switch Invocation.parse(line) {
    case .success(let invocation): send(.commanded(invocation))
    case .failure(let error): Issue.record("\(line): \(error)")
    }
  }

  mutating func type(_ text: String) { send(.typed(text)) }

  mutating func wait(milliseconds: Int) {
    var left = milliseconds
    while left > 0 {
      clock += min(left, 33)
      left -= 33
      send(.clockTicked(milliseconds: clock))
    }
  }

  /// The player says where it is.
  mutating func hear(quarter: Double) {
    send(
      .playerChanged(
        PlayerReport(
          state: .playing, playhead: Tick(Int(quarter * Double(Tick.perQuarter))), output: "",
          silence: "")))
  }

  /// The texts of the alternatives, the original first.
  var alternativeTexts: [String] { session.status(draft: "").alternatives?.texts ?? [] }

  /// A session rebuilt from the journal.
  var rebuilt: Session {
    var session = Session(title: "untitled-1", rng: 7, sampling: Rig.fast)
    session.restore(journal)
    return session
  }
}

extension String {
  func range(of needle: String) -> Range<String.Index>? {
    let (bytes, wanted) = (Array(utf8), Array(needle.utf8))
    guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: wanted) }) else {
      return nil
    }
    let lower = utf8.index(startIndex, offsetBy: start)
    return lower..<utf8.index(lower, offsetBy: wanted.count)
  }
}

import Compose

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
  var clock = 0

  init(rng: UInt64 = 7, sampling: Sampling = Rig.fast, withModel: Bool = true) {
    session = Session(title: "untitled-1", rng: rng, sampling: sampling)
    if withModel { send(.modelLoaded(Rig.model)) }
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
    for case .generate(let request) in produced {
      if isHolding { held.append(request) } else { answer(request) }
    }
  }

  mutating func deliver() {
    let waiting = held
    held = []
    for request in waiting { answer(request) }
  }

  private mutating func answer(_ request: GenerationRequest) {
    guard request.count > 0 else {
      send(.nextCharactersFound([], entropy: 0, request: request.identifier))
      return
    }
    // Text that no bar line closes (an open quotation) would never end a phrase.
    send(
      .generated(
        GenerationResult(
          request: request.identifier, characters: Rig.draw(request),
          endsTune: request.index + request.count > 400)))
  }

  /// What the pretended model writes for a request.
  static func draw(_ request: GenerationRequest) -> [GeneratedCharacter] {
    var text = request.text
    return (0..<request.count).map { offset in
      let index = request.index + offset
      let character = nextCharacter(
        after: text, rng: request.rng, run: request.run, index: index)
      text += character
      return GeneratedCharacter(
        character: character, bits: 1.5, rank: 2, entropy: 2,
        temperature: Float(request.sampling.temperature))
    }
  }

  private static func nextCharacter(after text: String, rng: UInt64, run: Int, index: Int)
    -> String
  {
    // A header first, where there is none.
    let header = "M:4/4\nL:1/4\nK:D\n"
    guard let key = text.range(of: "K:"), let end = text[key.upperBound...].firstIndex(of: "\n")
    else {
      let title = text.range(of: "T:untitled-1\n")
      let written = title.map { text[$0.upperBound...] } ?? ""
      return String(header[header.index(header.startIndex, offsetBy: written.count)])
    }
    let body = text[text.index(after: end)...]
    let notes = body.reversed().prefix { $0 != "|" && $0 != "\n" }.filter(\.isLetter).count
    if notes == 4 { return "|" }
    var mixed = rng &* 31 &+ UInt64(run) &* 1_000_003 &+ UInt64(index) &* 7919
    mixed ^= mixed >> 7
    return ["d", "e", "f", "g", "a", "b", "c", "A"][Int(mixed % 8)]
  }

  mutating func press(_ command: CommandName, _ argument: String = "", count: Int? = nil) {
    send(.commanded(Invocation(command, argument, count: count)))
  }

  mutating func run(_ line: String) {
    if case .success(let invocation) = Invocation.parse(line) { send(.commanded(invocation)) }
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

import Analysis
import Form
import Neural

/// A network at a place in a tune, about to write the next character.
///
/// A value: a copy goes its own way from here. What it will write follows from the text it has read,
/// the settings, the style, and three numbers; nothing else, so that rewinding and going on again
/// writes the same. Use one from one thread at a time.
public struct Improviser: Sendable {
  public let model: ImproviserModel
  /// Which characters may be written.
  public var legality = Legality.free
  /// What is wanted of the tune.
  public var style = WritingStyle() {
    didSet {
      guard style != oldValue else { return }
      rules = WritingRules(style, model)
      if (style.copyGuard, style.repertoires) != (oldValue.copyGuard, oldValue.repertoires) {
        guardAnew()
      }
    }
  }
  /// Whether the next character may end the tune.
  public var mayEndTune = true
  /// Values that the network has to write into a header of its own, by field: `["K": "Em"]`. They
  /// must be in the short forms it knows.
  public var wantedHeader: [Character: String] = [:] {
    didSet { grammar.wantHeader(wantedHeader) }
  }
  /// Whether first and second endings may be written.
  public var allowsEndings = true {
    didSet { grammar.allowsEndings = allowsEndings }
  }
  /// On how many threads it reads; what it writes does not depend on it.
  public var threads = ThreadChoice.one
  /// Everything read since the start of the tune, what was written included. A plan's control
  /// characters are no part of it.
  public private(set) var text = ""
  /// The bars of the tune so far.
  public private(set) var reader = MelodyReader()
  /// Where the tune stands: bars, repeats, header.
  public internal(set) var grammar: TuneGrammar

  /// The scalars of `text`, their tokens, and how many bars stand before each.
  private(set) var scalars: [Unicode.Scalar] = []
  var textTokens: [Int] = []
  var textBars: [Int32] = []
  /// Bars that were closed, pickups left out.
  private(set) var barNumber = 0
  /// What is written since the last note of the bar ended.
  private(set) var step = BarPointer.Step(onset: 0, text: [])

  /// What the network has read: the start text's tokens, then those of the text with its plan.
  var tokens: [Int]
  /// The place in `text` of each, or −1 for control characters.
  var places: [Int32]
  let startCount: Int
  /// How many tokens it has read in its life.
  var readCount = 0
  /// Where the music begins in `scalars`; nil while there is none.
  var headerLength: Int?
  /// What it has still to read before the next character is drawn.
  var pending: [(token: Int, place: Int32)] = []
  /// What the network remembers, and what it thinks comes next.
  var state: RecurrentNetwork.State
  var logits: [Float] = []
  /// Whether what it has read is, with what is pending, the text with the plan that `plan.key` gives.
  var isAligned = true
  /// The bar whose plan has to be chosen behind what is pending; nil where none is missing.
  var missing: MissingSign?
  var snapshots = Snapshots()
  var memory: ContinuousCache
  /// The tunes that it remembers besides, and what stands behind the gap.
  private(set) var book: LentTunes?
  /// Their melodies, which are not to be copied either.
  private var lentRepertoire: Repertoire?
  private var following = (text: "", bar: 0)
  var followingMusic = FollowingMusic()
  /// How many characters of these the memory holds, before those of the text.
  private var frontCount = 0
  /// A second network whose view is blended in.
  var partner: Partner?
  var sampler: Sampler

  var plan = WritingPlan()
  /// Which of a bar's control characters comes next.
  var stage = PlanStage.none
  var pointer: (bar: Int, steps: BarPointer)?
  var rules: WritingRules
  /// Looks where the text copies a known tune.
  var copyGuard = CopyGuard([], rule: .off)
  /// Scores of the network and the memory, then steered by plan and rules.
  var scores: [Float] = []
  var steered: [Float] = []
  var allowed: [Bool] = []

  /// An improviser that has read the start of a tune and nothing else.
  public init(_ model: ImproviserModel) {
    self.model = model
    sampler = Sampler(vocabularySize: model.network.vocabularySize, groups: model.classes)
    state = model.network.makeState()
    grammar = TuneGrammar(model.description)
    memory = model.emptyMemory
    rules = WritingRules(WritingStyle(), model)
    tokens = []
    places = []
    // A network that was trained without a start text still needs something to read.
    let known = model.tokens(model.description.start)
    let start = known.isEmpty ? [0] : known
    startCount = start.count
    for token in start { read(token, at: -1) }
    snapshots.keep(state, logits, at: tokens.count, isStart: true)
  }

  // MARK: Reading

  /// Says what the plan of the tune depends on; changes what is planned of the part in progress.
  public mutating func begin(_ settings: SamplerSettings, rng: UInt64, run: UInt64) {
    if isInHeader { wantUsualKey(rng: rng, run: run) }
    // Plans are drawn as tunes have them unless form has a temperature of its own.
    let form =
      settings.groupTemperatures.isEmpty
      ? 1 : settings.temperature(ofGroup: Int(CharacterClass.form.rawValue))
    let key = WritingPlan.Key(
      rng: rng, run: run, temperature: form, plan: style.plan, parts: style.parts,
      bars: style.bars)
    guard key != plan.key else { return }
    plan.key = key
    (plan.part, plan.bar, plan.slot, pointer) = (nil, nil, nil, nil)
    stage = .none
    (isAligned, missing, pending) = (false, nil, [])
  }

  /// Reads a text from the start of a tune, as `ModelText` spells it.
  ///
  /// Goes on from the last bar line or line end up to which the text is the same as what was read
  /// before, so that going back costs a bar at most.
  ///
  /// - Returns: How many characters had to be read.
  @discardableResult
  public mutating func prime(with modelText: String) -> Int {
    let wanted = model.tokens(modelText)
    var common = 0
    while common < wanted.count, common < textTokens.count, textTokens[common] == wanted[common] {
      common += 1
    }
    let before = readCount
    if common < textTokens.count { rewind(to: common) }
    for token in wanted[common...] { take(token) }
    alignPlan()
    return readCount - before
  }

  /// Gives up all but the first characters of the text.
  private mutating func rewind(to count: Int) {
    let kept = textTokens[..<count]
    textTokens = []
    headerLength = nil
    (scalars, textBars) = ([], [])
    text = ""
    reader = MelodyReader()
    barNumber = 0
    step = BarPointer.Step(onset: 0, text: [])
    grammar = TuneGrammar(model.description)
    grammar.wantHeader(wantedHeader)
    grammar.allowsEndings = allowsEndings
    beginGuarding()
    for token in kept { take(token) }
    plan.forget(keeping: reader.bars.count)
    stage = .none
    pointer = nil
  }

  private mutating func guardAnew() {
    beginGuarding()
    for scalar in scalars { copyGuard.read(scalar) }
  }

  private mutating func beginGuarding() {
    var rule = style.copyGuard
    // A warning is for those who see the text.
    if case .warn = rule { rule = .off }
    copyGuard = CopyGuard(
      model.repertoires.filter { style.repertoires.contains($0.fingerprint) }
        + (lentRepertoire.map { [$0] } ?? []), rule: rule)
  }

  /// Takes a character into the text, which the network reads besides.
  mutating func take(_ token: Int) {
    let scalar = model.description.vocabulary[token]
    textTokens.append(token)
    textBars.append(Int32(barNumber))
    scalars.append(scalar)
    text.unicodeScalars.append(scalar)
    grammar.read(scalar)
    copyGuard.read(scalar)
    if headerLength == nil, !grammar.isInHeader { headerLength = scalars.count }
    let bars = reader.bars.count
    let notes = reader.bar.notes.count
    let position = reader.position
    let hadBegun = reader.hasBegun
    reader.read(scalar)
    if reader.bars.count > bars {
      if !reader.bars[bars].isPickup { barNumber += 1 }
      step = BarPointer.Step(onset: 0, text: [])
    } else if reader.hasBegun {
      if !hadBegun {
        step = BarPointer.Step(onset: 0, text: [])
      } else if reader.bar.notes.count > notes {
        step = BarPointer.Step(onset: position, text: [])
      }
      step.text.append(scalar)
    }
  }

  /// The network reads one token, a character of the text or of the plan.
  mutating func read(_ token: Int, at place: Int32) {
    remember(token, at: place)
    model.network.step(token, state: &state, logits: &logits, threads: threads)
    readElsewhere(token, at: place)
  }

  /// Keeps what the network put out before a character of the music.
  mutating func remember(_ token: Int, at place: Int32) {
    if place >= 0, Int(place) >= bodyStart { memory.keep(token, bar: Int(textBars[Int(place)])) }
  }

  /// Notes a token that the network has read.
  mutating func readElsewhere(_ token: Int, at place: Int32) {
    readCount += 1
    memory.see(state, of: model.network)
    partner?.read(token)
    tokens.append(token)
    places.append(place)
    guard place >= 0 else { return }
    let scalar = scalars[Int(place)]
    if scalar == "|" || scalar == "\n" {
      snapshots.keep(
        state, logits, at: tokens.count, isStart: false, remembered: memory.count,
        partner: partner?.memory)
    }
  }

  /// Where the music begins in `scalars`.
  var bodyStart: Int { headerLength ?? .max }

  /// Takes in a character that was drawn; what the network has to read for it comes first.
  mutating func accept(_ token: Int) -> (token: Int, place: Int32) {
    stage = .none
    take(token)
    return (token, Int32(scalars.count - 1))
  }

  // MARK: What it is lent

  /// Lends it a book of tunes, or takes the book back; and tells it music that stands behind the gap
  /// it will write into.
  public mutating func lend(_ book: LentTunes?, following: String = "") {
    let place = following.isEmpty ? 0 : barNumber
    guard book != self.book || following != self.following.text || place != self.following.bar
    else { return }
    if book != self.book {
      lentRepertoire = book.map(\.repertoire)
      guardAnew()
    }
    self.book = book
    self.following = (following, place)
    var front = book.map { model.memory(of: $0, threads: threads) } ?? model.emptyMemory
    if !following.isEmpty {
      // The gap's own bar lies between.
      let after = followingMusic.memory(
        of: header + following, from: barNumber + 1, model, threads: threads)
      front.replaceFirst(0, with: after)
    }
    memory.replaceFirst(frontCount, with: front)
    snapshots.shiftMemory(by: front.count - frontCount)
    frontCount = front.count
  }

  /// The text before its music.
  var header: String {
    String(String.UnicodeScalarView(scalars[..<min(bodyStart, scalars.count)]))
  }

  /// Blends a second network in, so much of it; nil = the model alone.
  ///
  /// Its vocabulary need not be the same: what only one of the two knows is the first one's to say.
  public mutating func mix(with other: ImproviserModel?, share: Double) {
    partner?.share = share
    guard partner?.model !== other else { return }
    partner = other.map { Partner($0, beside: model, share: share) }
    readAnew()
  }

  /// Reads its text again from the start.
  private mutating func readAnew() {
    let read = text
    rewind(to: 0)
    memory.truncate(to: frontCount)
    let start = Array(tokens[..<startCount])
    (tokens, places, pending) = ([], [], [])
    state = model.network.makeState()
    snapshots = Snapshots()
    for token in start { self.read(token, at: -1) }
    partner?.restore(nil)
    snapshots.keep(
      state, logits, at: tokens.count, isStart: true, remembered: frontCount,
      partner: partner?.memory)
    prime(with: read)
  }

  // MARK: Asking

  /// Scores of network and memory for the next character, without plan, temperature, masks and cuts.
  mutating func rememberedScores() -> [Float] {
    fillRemembered()
    return scores
  }

  /// Chooses among some tokens.
  mutating func choose(
    among some: [Bool], of scores: [Float], temperature: Double, uniform: Double
  ) -> Int {
    sampler.pick(
      scores, SamplerSettings(temperature: temperature), uniform: uniform, allowed: some
    ).token
  }

  mutating func probabilities(of scores: [Float]) -> [Double] { sampler.probabilities(of: scores) }

  mutating func bits(of token: Int, in scores: [Float]) -> Double {
    sampler.bits(of: token, in: scores)
  }

  mutating func entropyBits(of scores: [Float]) -> Double { sampler.entropyBits(of: scores) }
}

/// Which characters an improviser may write.
public enum Legality: String, Codable, Sendable, CaseIterable {
  /// Whatever the network says.
  case free
  /// Only characters that can continue a tune in correct ABC.
  case legal
}

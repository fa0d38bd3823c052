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
        beginGuarding()
        for scalar in scalars { copyGuard.read(scalar) }
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
  public private(set) var grammar: TuneGrammar

  /// The scalars of `text`, their tokens, and how many bars stand before each.
  private(set) var scalars: [Unicode.Scalar] = []
  private var textTokens: [Int] = []
  private var textBars: [Int32] = []
  /// Bars that were closed, pickups left out.
  private(set) var barNumber = 0
  /// What is written since the last note of the bar ended.
  private(set) var step = BarPointer.Step(onset: 0, text: [])

  /// What the network has read: the start text's tokens, then those of the text with its plan.
  private var tokens: [Int]
  /// The place in `text` of each, or −1 for control characters.
  private var places: [Int32]
  private let startCount: Int
  /// How many tokens it has read in its life.
  private var readCount = 0
  /// Where the music begins in `scalars`; nil while there is none.
  private var headerLength: Int?
  /// What it has still to read before the next character is drawn.
  private var pending: [(token: Int, place: Int32)] = []
  /// What the network remembers, and what it thinks comes next.
  var state: RecurrentNetwork.State
  var logits: [Float] = []
  /// Whether what it has read is the text with the plan that `plan.key` gives.
  private var isAligned = true
  private var snapshots = Snapshots()
  private var memory: ContinuousCache
  private var sampler: Sampler

  var plan = WritingPlan()
  /// Which of a bar's control characters comes next.
  var stage = PlanStage.none
  var pointer: (bar: Int, steps: BarPointer)?
  var rules: WritingRules
  /// Looks where the text copies a known tune.
  private(set) var copyGuard = CopyGuard([], rule: .off)
  /// Scores of the network and the memory, then steered by plan and rules.
  private var scores: [Float] = []
  private var steered: [Float] = []
  private var allowed: [Bool] = []

  /// An improviser that has read the start of a tune and nothing else.
  public init(_ model: ImproviserModel) {
    self.model = model
    sampler = Sampler(vocabularySize: model.network.vocabularySize, groups: model.classes)
    state = model.network.makeState()
    grammar = TuneGrammar(model.description)
    memory = ContinuousCache(model.network, fit: model.description.memory)
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
    // Plans are drawn as tunes have them unless form has a temperature of its own.
    let form =
      settings.groupTemperatures.isEmpty
      ? 1 : settings.temperature(ofGroup: Int(CharacterClass.form.rawValue))
    let key = WritingPlan.Key(
      rng: rng, run: run, temperature: form, plan: style.plan, parts: style.parts)
    guard key != plan.key else { return }
    plan.key = key
    (plan.part, plan.bar, plan.slot, pointer) = (nil, nil, nil, nil)
    stage = .none
    isAligned = false
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

  private mutating func beginGuarding() {
    var rule = style.copyGuard
    // A warning is for those who see the text.
    if case .warn = rule { rule = .off }
    copyGuard = CopyGuard(
      model.repertoires.filter { style.repertoires.contains($0.fingerprint) }, rule: rule)
  }

  /// Takes a character into the text, which the network reads besides.
  private mutating func take(_ token: Int) {
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
    tokens.append(token)
    places.append(place)
    guard place >= 0 else { return }
    let scalar = scalars[Int(place)]
    if scalar == "|" || scalar == "\n" {
      snapshots.keep(
        state, logits, at: tokens.count, isStart: false, remembered: memory.count)
    }
  }

  /// Takes a character into the text that the network has read among those of other improvisers.
  mutating func heardElsewhere(_ token: Int) {
    let accepted = accept(token)
    remember(token, at: accepted.place)
    readElsewhere(token, at: accepted.place)
    finishCharacter()
  }

  /// Where the music begins in `scalars`.
  private var bodyStart: Int { headerLength ?? .max }

  /// Takes in a character that was drawn; what the network has to read for it comes first.
  mutating func accept(_ token: Int) -> (token: Int, place: Int32) {
    stage = .none
    take(token)
    return (token, Int32(scalars.count - 1))
  }

  // MARK: The plan in the text

  /// Reads what the network has not read yet of the text with its plan, once the plan is known.
  mutating func alignPlan() {
    isAligned = true
    stage = .none
    while true {
      let missing = align()
      while let next = nextPending() { read(next.token, at: next.place) }
      guard let missing else { return }
      chooseMissing(missing)
    }
  }

  mutating func nextPending() -> (token: Int, place: Int32)? {
    pending.isEmpty ? nil : pending.removeFirst()
  }

  /// Compares what the network has read with the text and its plan, goes back to where they differ,
  /// and leaves the rest as `pending`.
  ///
  /// - Returns: The bar whose plan has to be chosen before its text can be read; nil when all is known.
  mutating func align() -> MissingSign? {
    var (wanted, missing) = hasPlan ? plannedTokens() : (textPlaces(), nil)
    var common = 0
    while common < wanted.count, startCount + common < tokens.count,
      tokens[startCount + common] == wanted[common].token,
      places[startCount + common] == wanted[common].place
    {
      common += 1
    }
    if startCount + common < tokens.count {
      let snapshot = snapshots.last(atMost: startCount + common)
      state = snapshot.state
      logits = snapshot.logits
      memory.truncate(to: snapshot.remembered)
      memory.see(state, of: model.network)
      tokens.removeSubrange(snapshot.position...)
      places.removeSubrange(snapshot.position...)
      common = snapshot.position - startCount
    }
    wanted.removeFirst(common)
    pending = wanted
    return missing
  }

  private func textPlaces() -> [(token: Int, place: Int32)] {
    textTokens.enumerated().map { (token: $0.element, place: Int32($0.offset)) }
  }

  /// The text with its plan, up to a bar whose plan is not known.
  private mutating func plannedTokens() -> ([(token: Int, place: Int32)], MissingSign?) {
    let form = settledForm()
    var result: [(token: Int, place: Int32)] = []
    result.reserveCapacity(textTokens.count + 2 * form.bars.count + 8)
    var next = 0
    var start = form.bars.first?.text.lowerBound ?? openBarStart
    for (place, token) in textTokens.enumerated() {
      if place == start {
        let (signs, missing) = signs(of: next, form)
        for sign in signs {
          if let token = model.description.vocabulary.token(sign.scalar) {
            result.append((token, -1))
          }
        }
        if let missing { return (result, missing) }
        next += 1
        start = next < form.bars.count ? form.bars[next].text.lowerBound : openBarStart
      }
      result.append((token, Int32(place)))
    }
    return (result, nil)
  }

  /// Where the bar in progress begins in the text; −1 where none has begun.
  private var openBarStart: Int { reader.hasBegun ? reader.bar.text.lowerBound : -1 }

  // MARK: Writing

  /// Draws the next character and reads it.
  ///
  /// - Parameters:
  ///   - rng: The draft's random number.
  ///   - run: Which of the runs with it.
  ///   - index: How many characters this run has written before.
  public mutating func next(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> GeneratedCharacter {
    let drawn = draw(settings, rng: rng, run: run, index: index)
    hear(drawn.token)
    return drawn.character
  }

  /// Draws the next character without taking it into the text. Control characters before it are read.
  mutating func draw(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> (token: Int, character: GeneratedCharacter) {
    while true {
      switch move(settings, rng: rng, run: run, index: index) {
      case .reading(let token, let place): read(token, at: place)
      case .character(let token, let character): return (token, character)
      }
    }
  }

  /// Takes a character into the text, and reads it.
  mutating func hear(_ token: Int) {
    let accepted = accept(token)
    read(accepted.token, at: accepted.place)
    finishCharacter()
  }

  /// What comes next.
  enum Move {
    /// The network reads a token: a control character, or one that it has to read again.
    case reading(token: Int, place: Int32)
    /// A character was drawn.
    case character(token: Int, GeneratedCharacter)
  }

  mutating func move(
    _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) -> Move {
    begin(settings, rng: rng, run: run)
    if !isAligned { alignPlan() }
    if let next = nextPending() { return .reading(token: next.token, place: next.place) }
    while true {
      switch stage {
      case .part, .place, .relation:
        let sign = chooseSign()
        return .reading(token: model.description.vocabulary.token(sign.scalar) ?? 0, place: -1)
      case .none, .music:
        let isMusic = stage == .music
        let uniform = RandomSource.uniform(
          rng: isMusic ? rng ^ Self.musicSalt : rng, run: run, index: index)
        let drawn = pick(settings, uniform: uniform)
        let scalar = model.description.vocabulary[drawn.token]
        if PlanSign(scalar) != nil, hasPlan {
          stage = slot.isPartStart ? .part : .place
          continue
        }
        return .character(
          token: drawn.token,
          GeneratedCharacter(
            character: String(Character(scalar)), bits: Float(drawn.bits),
            rank: Int32(clamping: drawn.rank), entropy: Float(drawn.entropyBits),
            temperature: Float(drawn.temperature)))
      }
    }
  }

  private static let musicSalt: UInt64 = 0x6d75_7369_6300_0000

  /// What is written now stands between music that stays; `draw` then says by a bar line that the
  /// gap is filled.
  mutating func enter(_ gap: Gap) { grammar.enter(gap) }

  mutating func leaveGap() { grammar.leaveGap() }

  /// Puts the plan right once the network has read a character.
  mutating func finishCharacter() {
    guard hasPlan, let last = scalars.last, "|:]0123456789\n".unicodeScalars.contains(last),
      !reader.hasBegun
    else { return }
    if let missing = align() {
      while let next = nextPending() { read(next.token, at: next.place) }
      chooseMissing(missing)
      alignPlan()
    }
  }

  private mutating func pick(_ settings: SamplerSettings, uniform: Double) -> SampledToken {
    if !hasPlan, style.plan != .free, !isInHeader { planWithoutNetwork() }
    fillAllowed()
    let isSteered = fillScores()
    guard isSteered else {
      return sampler.pick(scores, settings, uniform: uniform, allowed: allowed)
    }
    let token = sampler.pick(steered, settings, uniform: uniform, allowed: allowed).token
    return sampler.figures(of: token, in: scores, settings)
  }

  /// Brings the scores of network and memory into `scores`, what plan and rules make of them into
  /// `steered`; says whether they differ.
  private mutating func fillScores() -> Bool {
    fillRemembered()
    var isSteered = false
    if let expected = expectedToken, allowed.isEmpty || allowed[expected.token] {
      steered = scores
      sampler.raise(
        expected.token, to: expected.share, among: model.isMusic, allowed: allowed, in: &steered)
      isSteered = true
    }
    if !rules.isEmpty, !isInHeader {
      if !isSteered { steered = scores }
      isSteered = true
      var place = writingPlace
      if copyGuard.mayForbid() { place.copyGuard = copyGuard }
      rules.apply(place, allowed: &allowed, scores: &steered)
    }
    return isSteered
  }

  /// The scores of network and memory.
  private mutating func fillRemembered() {
    scores = logits
    guard style.memory != 0, !isInHeader, !(hasPlan && isAtSlot && stage == .none) else { return }
    let isNew = plan.bar?.index == reader.bars.count && plan.bar?.relation == .new
    memory.recall(
      into: &scores,
      amount: style.memory > 0 && isNew ? style.memory * style.novelty : style.memory,
      bar: barNumber)
  }

  private mutating func fillAllowed() {
    let vocabulary = model.description.vocabulary
    let isFree = legality == .free && (wantedHeader.isEmpty || !isInHeader)
    let needsRules = !rules.isEmpty && !isInHeader
    if isFree && (mayEndTune || !wouldEnd) && !hasPlan && !needsRules {
      allowed.removeAll(keepingCapacity: true)
      return
    }
    if allowed.count != vocabulary.count {
      allowed = [Bool](repeating: true, count: vocabulary.count)
    }
    var isAnyAllowed = false
    for token in allowed.indices {
      let character = vocabulary[token]
      allowed[token] =
        !model.isSign[token] && (isFree || grammar.allows(character))
        && (mayEndTune || !(wouldEnd && character == model.description.end.unicodeScalars.last))
      isAnyAllowed = isAnyAllowed || allowed[token]
    }
    if !isAnyAllowed {
      let remedies = grammar.remedies(knownTo: vocabulary).filter {
        mayEndTune || !(wouldEnd && $0 == model.description.end.unicodeScalars.last)
      }
      for character in remedies { vocabulary.token(character).map { allowed[$0] = true } }
      if remedies.isEmpty { allowed.removeAll(keepingCapacity: true) }
    }
    if hasPlan { allowSigns() }
  }

  /// Where a bar may begin, its plan comes before its music.
  private mutating func allowSigns() {
    guard !allowed.isEmpty, !isInHeader else { return }
    let vocabulary = model.description.vocabulary
    if stage == .music {
      for token in allowed.indices where allowed[token] && !reader.begins(vocabulary[token]) {
        allowed[token] = false
      }
      return
    }
    guard isAtSlot else { return }
    var mayBegin = false
    for token in allowed.indices where allowed[token] && reader.begins(vocabulary[token]) {
      allowed[token] = false
      mayBegin = true
    }
    guard mayBegin else { return }
    let kind = slot.isPartStart ? "part" : "place"
    for sign in PlanSign.all where sign.kind == kind && sign != sign.unknown {
      if let token = vocabulary.token(sign.scalar) { allowed[token] = true }
    }
  }

  /// Whether one more character may end the tune.
  private var wouldEnd: Bool {
    let end = model.description.end.unicodeScalars.dropLast()
    return !isInHeader && text.unicodeScalars.suffix(end.count).elementsEqual(end)
  }

  /// Whether the text that ends a tune was just read: an empty line.
  public var endsTune: Bool {
    !text.isEmpty
      && text.unicodeScalars.reversed().starts(
        with: model.description.end.unicodeScalars.reversed())
  }

  /// Whether the header is not complete yet.
  public var isInHeader: Bool { grammar.isInHeader }

  // MARK: Asking

  /// Scores of network and memory for the next character, without plan, temperature, masks and cuts.
  mutating func rememberedScores() -> [Float] {
    fillRemembered()
    return scores
  }

  /// Chooses among some tokens.
  mutating func choose(among some: [Bool], temperature: Double, uniform: Double) -> Int {
    sampler.pick(
      logits, SamplerSettings(temperature: temperature), uniform: uniform, allowed: some
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

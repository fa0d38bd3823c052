import Form
import Neural

/// What the next character may be, and how likely each is.
extension Improviser {
  mutating func pick(_ settings: SamplerSettings, uniform: Double) -> SampledToken {
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
      scores.copy(into: &steered)
      if expected.share > 0 {
        sampler.raise(
          expected.token, to: expected.share, among: model.isMusic, allowed: allowed, in: &steered)
      } else {
        steered[expected.token] -= Self.otherness
      }
      isSteered = true
    }
    let favoured = grammar.gap?.favoured(reader) ?? []
    if !favoured.isEmpty {
      if !isSteered { scores.copy(into: &steered) }
      isSteered = true
      for (character, weight) in favoured {
        if let token = model.description.vocabulary.token(character) { steered[token] += weight }
      }
    }
    if !rules.isEmpty, !isInHeader {
      if !isSteered { scores.copy(into: &steered) }
      isSteered = true
      var place = writingPlace
      if copyGuard.mayForbid() { place.copyGuard = copyGuard }
      rules.apply(place, allowed: &allowed, scores: &steered)
    }
    return isSteered
  }

  /// The scores of network and memory.
  mutating func fillRemembered() {
    logits.copy(into: &scores)
    partner?.blend(into: &scores)
    guard style.memory != 0, !isInHeader, !(hasPlan && isAtSlot && stage == .none) else { return }
    let isNew = plan.bar?.index == reader.bars.count && plan.bar?.relation == .new
    memory.recall(
      into: &scores,
      amount: style.memory > 0 && isNew ? style.memory * style.novelty : style.memory,
      bar: barNumber)
  }

  private mutating func fillAllowed() {
    let vocabulary = model.description.vocabulary
    let isFree =
      legality == .free && (wantedHeader.isEmpty || !isInHeader) && !grammar.isVarying
    let needsRules = !rules.isEmpty && !isInHeader
    if isFree && (mayEndTune || !wouldEnd) && !hasPlan && !needsRules {
      allowed.removeAll(keepingCapacity: true)
      return
    }
    if allowed.count != vocabulary.count {
      allowed = [Bool](repeating: true, count: vocabulary.count)
    }
    grammar.music.placeInPart = placeInPart
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
}

extension [Float] {
  /// Copies the numbers where there is room for them, so that no memory is asked for.
  fileprivate func copy(into other: inout [Float]) {
    guard other.count == count else {
      other = self
      return
    }
    for index in indices { other[index] = self[index] }
  }
}

import Form
import Neural

/// Which of a bar's control characters comes next.
enum PlanStage: Equatable, Sendable {
  /// None: the bar is in progress, or has not been begun.
  case none
  case part, place, relation
  /// They are all there: its first character comes.
  case music
}

/// A bar whose plan has to be chosen.
enum MissingSign: Equatable, Sendable {
  case part(bar: Int)
  /// The length of the part; `isWhole` where it is known that the bar is no pickup.
  case place(bar: Int, isWhole: Bool)
  case relation(bar: Int)
}

extension Improviser {
  /// Whether the network reads plans.
  var hasPlan: Bool { model.description.projection == PlanProjection.name }

  /// Whether the next character may begin a bar.
  var isAtSlot: Bool { !isInHeader && !reader.isInHeader && !reader.hasBegun }

  var slot: WritingPlan.Slot { WritingPlan.slot(reader, number: barNumber) }

  /// The form of what is written, with the planned length of the part in progress.
  mutating func settledForm() -> TuneForm {
    let form = TuneForm(reader, openLength: openLength)
    if style.plan != .free { plan.settle(form) }
    return form
  }

  private var openLength: Int? {
    plan.part.flatMap { $0.number == slot.part || $0.number == reader.part ? $0.length : nil }
  }

  // MARK: Signs of what is written

  /// The signs before a bar of the text.
  mutating func signs(of index: Int, _ form: TuneForm) -> ([PlanSign], MissingSign?) {
    let isOpenBar = index >= form.bars.count
    let slot = slot
    let bar = isOpenBar ? reader.bar : form.bars[index]
    let isPartStart = index == 0 || form.bars[index - 1].part != bar.part
    var signs: [PlanSign] = []
    // Nothing is said of a free form, so that no bar is read again for what it has become.
    if style.plan == .free, !isOpenBar {
      if isPartStart { signs.append(.part(.unknown)) }
      return (signs + (bar.isPickup ? [.pickup] : [.place(.unknown), .relation(.unknown)]), nil)
    }
    let isClosedPart = form.parts.indices.contains(bar.part) && form.parts[bar.part].isClosed
    if isClosedPart, !isOpenBar {
      if isPartStart { signs.append(.part(form.parts[bar.part].kind)) }
      guard let relation = plan.relations[index] else { return (signs + [.pickup], nil) }
      return (
        signs + [.place(.init(barsLeft: form.barsLeft[index])), .relation(relation)], nil
      )
    }
    if plan.part?.number != bar.part { return (signs, .part(bar: index)) }
    checkPart(form, slot)
    guard let part = plan.part else { return (signs, .part(bar: index)) }
    if isPartStart { signs.append(.part(part.isUnknown ? .unknown : part.kind)) }
    if isOpenBar {
      guard let planned = plan.bar, planned.index == index, planned.isPartStart == isPartStart
      else {
        return (signs, .place(bar: index, isWhole: false))
      }
      if planned.isPickup { return (signs + [.pickup], nil) }
      signs.append(.place(planned.barsLeft.map { .init(barsLeft: $0) } ?? .unknown))
      return (signs + [.relation(planned.relation)], nil)
    }
    guard let relation = plan.relations[index] else { return (signs + [.pickup], nil) }
    guard !part.isUnknown else { return (signs + [.place(.unknown), .relation(relation)], nil) }
    guard part.length != nil, let first = part.lengthBar, first <= index else {
      return (signs, .place(bar: index, isWhole: true))
    }
    return (signs + [.place(.init(barsLeft: form.barsLeft[index])), .relation(relation)], nil)
  }

  /// Notices where the part in progress is not what was planned.
  private mutating func checkPart(_ form: TuneForm, _ slot: WritingPlan.Slot) {
    guard var part = plan.part, form.parts.indices.contains(part.number), !part.isUnknown else {
      return
    }
    let bars = form.bars.indices.filter { form.bars[$0].part == part.number }
    // What was planned as a whole bar has become a pickup.
    if let first = part.lengthBar, first < form.bars.count, form.bars[first].isPickup {
      part.length = nil
      part.lengthBar = nil
    }
    if let length = part.length {
      let before = form.barsBefore(part: part.number, ending: reader.ending)
      if before > length || (before == length && reader.hasBegun && reader.bar.part == part.number)
      {
        part.isUnknown = true
      }
    }
    if part.kind != .endings, bars.contains(where: { form.bars[$0].ending > 0 }) {
      part.isUnknown = true
    }
    plan.part = part
  }

  // MARK: Choosing

  /// Chooses what reading the text again needs, and reads it.
  mutating func chooseMissing(_ missing: MissingSign) {
    let (index, wanted): (Int, PlanStage) =
      switch missing {
      case .part(let bar): (bar, .part)
      case .place(let bar, _): (bar, .place)
      case .relation(let bar): (bar, .relation)
      }
    var slot = slot
    if index < reader.bars.count {
      // A bar that is closed already: only its part has to be planned.
      let bar = reader.bars[index]
      slot = WritingPlan.Slot(
        index: index, number: reader.bars[..<index].count { !$0.isPickup }, part: bar.part,
        isPartStart: index == 0 || reader.bars[index - 1].part != bar.part, ending: bar.ending)
    }
    let isWhole = if case .place(_, true) = missing { true } else { false }
    stage = wanted
    let isOpen = index == reader.bars.count
    repeat {
      let sign = chooseSign(at: slot, isWhole: isWhole)
      if let token = model.description.vocabulary.token(sign.scalar) { read(token, at: -1) }
    } while isOpen && stage != .music
    stage = .none
  }

  /// The next sign of the bar that begins.
  mutating func chooseSign() -> PlanSign { chooseSign(at: slot, isWhole: false) }

  private mutating func chooseSign(at slot: WritingPlan.Slot, isWhole: Bool) -> PlanSign {
    switch stage {
    case .part:
      stage = .place
      plan.part = WritingPlan.Part(
        number: slot.part, kind: .unknown, isUnknown: style.plan == .free)
      guard style.plan != .free else { return .part(.unknown) }
      let kinds = PlanSign.PartKind.allCases.filter { $0 != .unknown }.map(PlanSign.part)
      let sign = choose(among: kinds, at: slot, choice: 0) ?? .part(.unknown)
      if case .part(let kind) = sign { plan.part?.kind = kind }
      return sign
    case .place: return choosePlace(slot, isWhole: isWhole)
    default: return chooseRelation(slot)
    }
  }

  private mutating func choosePlace(_ slot: WritingPlan.Slot, isWhole: Bool) -> PlanSign {
    if plan.part?.number != slot.part {
      plan.part = WritingPlan.Part(number: slot.part, kind: .unknown, isUnknown: true)
    }
    stage = .relation
    var bar = WritingPlan.Bar(index: slot.index, isPartStart: slot.isPartStart)
    defer { plan.bar = bar }
    // A part that was planned before the musician gave up plans.
    if style.plan == .free { plan.part?.isUnknown = true }
    guard plan.part?.isUnknown == false else { return .place(.unknown) }
    let form = settledForm()
    // A bar that is closed is asked for only where its part's length is: as its first.
    let isClosed = slot.index < reader.bars.count
    let before = isClosed ? 0 : form.barsBefore(part: slot.part, ending: slot.ending)
    if let length = plan.part?.length, let first = plan.part?.lengthBar, first < slot.index {
      guard length > before else {
        plan.part?.isUnknown = true
        return .place(.unknown)
      }
      bar.barsLeft = length - before
      return .place(.init(barsLeft: length - before))
    }
    // What is left of a part whose length is given; of others it is left to the network.
    let done = style.parts.force == .rule ? before : 0
    var choices = style.parts.lengths(ofPart: slot.part).filter { $0 > done }
      .map { PlanSign.place(.left($0 - done)) }
    guard !choices.isEmpty else {
      plan.part?.isUnknown = true
      return .place(.unknown)
    }
    if slot.isPartStart, !isWhole { choices.append(.pickup) }
    // Of a bar that is whole already this says what was chosen before it was.
    if slot.isPartStart, isWhole {
      let first = choose(among: choices + [.pickup], at: slot, choice: 1)
      if let first, first != .pickup { choices = [first] }
    }
    let sign = choose(among: choices, at: slot, choice: 1) ?? .place(.left(8))
    if case .place(.left(let left)) = sign {
      plan.part?.length = before + left
      plan.part?.lengthBar = slot.index
      bar.barsLeft = left
    } else {
      bar.isPickup = true
      stage = .music
    }
    return sign
  }

  private mutating func chooseRelation(_ slot: WritingPlan.Slot) -> PlanSign {
    stage = .music
    guard style.plan != .free else { return .relation(.unknown) }
    let form = settledForm()
    if let (relation, target) = wishedRelation(slot, form) {
      plan.bar?.relation = relation
      plan.bar?.target = target
      return .relation(relation)
    }
    var choices: [PlanSign] = [.relation(.new)]
    if slot.number > 0 { choices.append(.relation(.elsewhere)) }
    for target in BarRelation.Target.allCases where targetBar(target, slot, form) != nil {
      choices.append(.relation(.same(target)))
      choices.append(.relation(.varied(target)))
    }
    let sign =
      choose(among: choices, at: slot, choice: 2, leaning: lean(slot)) ?? .relation(.unknown)
    if case .relation(let relation) = sign {
      let target = relation.target.flatMap { targetBar($0, slot, form) }
      plan.bar?.relation = relation
      plan.bar?.target = target
    }
    return sign
  }

  /// What is drawn likelier, or less so, than the network has it: later parts end as the first one
  /// does, and not every phrase comes back at once.
  private func lean(_ slot: WritingPlan.Slot) -> (target: BarRelation.Target, weight: Float)? {
    guard style.parts.force != .off else { return nil }
    let isEnd = slot.part > 0 && slot.ending < 2 && (plan.bar?.barsLeft ?? .max) <= 2
    return isEnd ? (.firstPart, Self.rhymeWeight) : (.back4, Self.returnWeight)
  }

  private static let rhymeWeight: Float = 0.9
  private static let returnWeight: Float = -0.3

  private func targetBar(
    _ target: BarRelation.Target, _ slot: WritingPlan.Slot, _ form: TuneForm
  ) -> Int? {
    form.target(
      target, number: slot.number, part: slot.part, barsLeft: plan.bar?.barsLeft ?? 0)
  }

  /// What a musician's shape asks of a bar, and the bar it is like.
  private func wishedRelation(
    _ slot: WritingPlan.Slot, _ form: TuneForm
  ) -> (BarRelation, target: Int?)? {
    if let wish = style.bars[slot.number + 1] {
      guard case .like(let number, let isVaried) = wish else { return (.new, nil) }
      guard form.numbered.indices.contains(number - 1) else { return nil }
      return relation(to: form.numbered[number - 1], isVaried: isVaried, slot, form)
    }
    guard case .shape(let shape) = style.plan, let left = plan.bar?.barsLeft,
      let length = plan.part?.length
    else { return nil }
    switch shape.wish(part: slot.part, place: length - left, length: length, in: form) {
    case .open: return nil
    case .new: return (.new, nil)
    case .like(let bar, let isVaried): return relation(to: bar, isVaried: isVaried, slot, form)
    }
  }

  private func relation(
    to bar: Int, isVaried: Bool, _ slot: WritingPlan.Slot, _ form: TuneForm
  ) -> (BarRelation, target: Int?) {
    let named = BarRelation.Target.allCases.first { targetBar($0, slot, form) == bar }
    guard let named else { return (.elsewhere, bar) }
    return (isVaried ? .varied(named) : .same(named), bar)
  }

  /// Chooses one of some signs: by the network where it knows them, else by statistics of tunes.
  private mutating func choose(
    among signs: [PlanSign], at slot: WritingPlan.Slot, choice: UInt64,
    leaning: (target: BarRelation.Target, weight: Float)? = nil
  ) -> PlanSign? {
    let uniform = plan.uniform(bar: slot.index, choice: choice)
    guard hasPlan else {
      return PlanStatistics.folk.choose(
        among: signs,
        PlanStatistics.Place(
          isCompound: reader.barLength.map { $0 % (MelodyReader.whole * 3 / 8) == 0 } ?? false,
          isFirstPart: slot.part == 0, barsLeft: plan.bar?.barsLeft ?? 0,
          before: plan.relations[..<min(slot.index, plan.relations.count)].last { $0 != nil } ?? nil
        ),
        temperature: plan.key.temperature, uniform: uniform)
    }
    let vocabulary = model.description.vocabulary
    var some = [Bool](repeating: false, count: vocabulary.count)
    for sign in signs { vocabulary.token(sign.scalar).map { some[$0] = true } }
    guard some.contains(true) else { return nil }
    var scores = logits
    if let leaning {
      for relation in [BarRelation.same(leaning.target), .varied(leaning.target)] {
        let token = vocabulary.token(PlanSign.relation(relation).scalar)
        if let token { scores[token] += leaning.weight }
      }
    }
    let token = choose(
      among: some, of: scores, temperature: plan.key.temperature, uniform: uniform)
    return PlanSign(vocabulary[token])
  }

  /// Plans the bar in progress, or the one that comes next, where the network knows no plans.
  mutating func planWithoutNetwork() {
    let slot = slot
    guard plan.slot != slot else { return }
    plan.slot = slot
    plan.bar = nil
    let first = reader.bars.firstIndex { $0.part == slot.part && !$0.isPickup } ?? slot.index
    plan.part = WritingPlan.Part(number: slot.part, kind: .unknown, lengthBar: first)
    let lengths = style.parts.lengths(ofPart: slot.part).map { PlanSign.place(.left($0)) }
    var opening = slot
    opening.index = first
    guard case .place(.left(let length))? = choose(among: lengths, at: opening, choice: 1) else {
      return
    }
    plan.part?.length = length
    let form = settledForm()
    let before = form.barsBefore(part: slot.part, ending: slot.ending)
    guard before < length else {
      // The part is whole, and its end comes; or it is longer than planned.
      plan.part?.isUnknown = before > length || reader.hasBegun
      return
    }
    plan.bar = WritingPlan.Bar(
      index: slot.index, isPartStart: slot.isPartStart, barsLeft: length - before)
    // After a part that ended short a pickup may come: nothing says how it goes.
    _ = chooseRelation(slot)
    stage = .none
  }

  // MARK: The planned bar

  /// The character that the planned bar has here, and how likely it is to be made.
  var expectedToken: (token: Int, share: Double)? {
    mutating get {
      guard !isInHeader, let bar = plan.bar, bar.index == reader.bars.count,
        let target = bar.target,
        reader.bars.indices.contains(target), stage == .none || stage == .music
      else { return nil }
      if hasPlan, isAtSlot, stage == .none { return nil }
      if pointer?.bar != target {
        pointer = (
          target, BarPointer(scalars[reader.bars[target].text], reader)
        )
      }
      guard let scalar = pointer?.steps.next(after: step, position: reader.position),
        let token = model.description.vocabulary.token(scalar)
      else { return nil }
      guard case .varied = bar.relation, MelodyReader.isNote(scalar) else {
        return (token, style.sameness)
      }
      return (token, variesHere(bar, target) ? 0 : style.likeness)
    }
  }

  /// Whether the next note has to be another than in the bar that is varied: a variant that has been
  /// the same up to a place of its own differs there.
  private func variesHere(_ bar: WritingPlan.Bar, _ target: Int) -> Bool {
    guard let length = reader.barLength, length > 0 else { return false }
    let place = plan.uniform(bar: bar.index, choice: 3) * Double(length)
    guard Double(reader.position) >= place else { return false }
    let own = reader.hasBegun ? scalars[reader.bar.text.lowerBound...] : []
    return scalars[reader.bars[target].text].starts(with: own)
  }

  /// Bars that the part in progress still lacks at a bar line; nil where none is planned, and where
  /// the part has ended.
  var barsToCome: Int? {
    guard isAtSlot, let part = plan.part, !part.isUnknown, let length = part.length,
      !slot.isPartStart, slot.part == part.number
    else { return nil }
    return max(0, length - TuneForm(reader).barsBefore(part: slot.part, ending: slot.ending))
  }

  /// Where the bar in progress stands in a part that must end where the plan says; nil where it may
  /// end anywhere.
  var placeInPart: MusicGrammar.PlaceInPart? {
    guard style.parts.force == .rule, grammar.isOutsideGaps, plan.part?.isUnknown == false,
      let bar = plan.bar, bar.index == reader.bars.count, bar.isPickup || bar.barsLeft != nil
    else { return nil }
    return bar.barsLeft == 1 ? .last : .inner
  }

  /// Where the writing stands, for the rules.
  var writingPlace: WritingPlace {
    WritingPlace(
      reader: reader, bar: plan.bar?.index == reader.bars.count ? plan.bar : nil, part: plan.part,
      isAtSlot: isAtSlot, barsToCome: barsToCome)
  }
}

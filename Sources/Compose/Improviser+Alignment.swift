import Form
import Neural

/// The plan in the text that the network reads: put right where a tune turns out otherwise.
extension Improviser {
  /// Reads what the network has not read yet of the text with its plan, once the plan is known.
  mutating func alignPlan() {
    (isAligned, missing, pending) = (false, nil, [])
    while let next = nextUnread() { read(next.token, at: next.place) }
  }

  /// The next token that the network has still to read of the text with its plan; nil when it has
  /// read all. What the plan lacks for it is chosen.
  mutating func nextUnread() -> (token: Int, place: Int32)? {
    while true {
      if let next = nextPending() { return next }
      guard !isAligned else { return nil }
      if let missing { chooseMissing(missing) }
      stage = .none
      missing = align()
      isAligned = missing == nil
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
      partner?.restore(snapshot.partner)
      memory.see(state, of: model.network)
      tokens.removeSubrange(snapshot.position...)
      places.removeSubrange(snapshot.position...)
      common = snapshot.position - startCount
    }
    wanted.removeFirst(common)
    pending = wanted
    return missing
  }

  func textPlaces() -> [(token: Int, place: Int32)] {
    textTokens.enumerated().map { (token: $0.element, place: Int32($0.offset)) }
  }

  /// The text with its plan, up to a bar whose plan is not known.
  mutating func plannedTokens() -> ([(token: Int, place: Int32)], MissingSign?) {
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
  var openBarStart: Int { reader.hasBegun ? reader.bar.text.lowerBound : -1 }

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
}

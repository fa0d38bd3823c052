import ABC

/// Choosing at a character: what is likely where the cursor stands, and a take that forks there.
extension Session {
  /// The byte that the likely characters are for: the cursor's, while the model does not write.
  public var nextPlace: Int {
    guard writer.run == nil, cursor < draft.count, parsed.body.lowerBound <= cursor else {
      return min(head, draft.count)
    }
    return cursor
  }

  /// The character that stands at that place now; `nil` at the end.
  public var standingCharacter: String? {
    let place = nextPlace
    guard place < draft.count else { return nil }
    return text.text(atBytes: place..<text.byteAfter(place))
  }

  /// Which of the likely characters is chosen, as an index.
  public var chosenCharacter: Int? { writer.choice }

  var probe: Writer.Probe {
    Writer.Probe(
      version: history.currentIdentifier, changes: history.current.shifts.count,
      count: draft.count, place: nextPlace, sampling: sampling)
  }

  /// Asks what is likely where the cursor has come to.
  mutating func followCursor() -> [Effect] {
    guard model != nil, writer.run == nil, alternatives == nil, !text.isEmpty else { return [] }
    let probe = probe
    guard writer.ask(about: probe) else { return [] }
    // The text or what is wanted of it has changed: what was foreseen need not come.
    writer.forgetForesight()
    return requestNextCharacters()
  }

  /// Walks the likely characters, or takes the one that is chosen.
  mutating func choose(_ argument: String) -> [Effect] {
    switch argument {
    case "next", "", "prev":
      guard writer.run == nil, !nextCharacters.isEmpty else {
        notice(
          model == nil
            ? "likely characters need a model (it is still loading, or none is there)"
            : "what is likely here is not known yet")
        return []
      }
      let count = nextCharacters.count
      let step = argument == "prev" ? count - 1 : 1
      let index = writer.choice.map { ($0 + step) % count } ?? (argument == "prev" ? count - 1 : 0)
      writer.choose(index)
      let chosen = nextCharacters[index]
      let name = chosen.character == "\n" ? "a line end" : "'\(chosen.character)'"
      let percent = Int((chosen.probability * 100).rounded())
      notice("\(name) \(percent) % (Enter writes on from it; the old ending stays a take)")
      return []
    case "take": return takeChosen()
    default:
      complain("'\(argument)' is nothing to choose: next, prev or take")
      return []
    }
  }

  /// Begins a take at the cursor with the character that is chosen, and lets the model go on.
  mutating func takeChosen() -> [Effect] {
    guard let index = writer.choice, nextCharacters.indices.contains(index) else {
      notice("no character is chosen yet (Ctrl-n in INSERT walks the likely ones)")
      return []
    }
    let character = nextCharacters[index].character
    if model?.writing != .characters, character.first.map("^_=[ABCDEFGabcdefg".contains) != true {
      notice("only a note or a chord can be put in; Enter lets the model draw '\(character)'")
      return []
    }
    let place = nextPlace
    writer.choose(nil)
    let effects = pause()
    if mode == .insert { screen.enter(.normal) }
    draft.closeEdit()
    guard let begun = beginRun(at: place, with: character) else { return effects }
    places.moveCursor(to: head)
    return effects + begun + startGenerating()
  }
}

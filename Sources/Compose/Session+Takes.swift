import ABC

/// Takes: going from one to another, and naming them.
extension Session {
  mutating func switchTake(by step: Int) -> [Effect] {
    let effects = pause()
    draft.closeEdit()
    // A bar dropped from a run still belongs with that run's takes.
    findTakes()
    var list = takes
    if list.count < 2, history.current.kind != .generated,
      let child = history.current.lastChild
    {
      list = history.takes(from: history.versions[child].head)
      if !list.contains(history.currentIdentifier) { list.append(history.currentIdentifier) }
    }
    guard list.count > 1, let here = list.firstIndex(of: history.currentIdentifier) else {
      notice("no other take from here (r tries again)")
      return effects
    }
    let next = ((here + step) % list.count + list.count) % list.count
    return effects + showTake(list[next])
  }

  /// Makes a take the text on the screen, and says which one it is.
  private mutating func showTake(_ take: History.Identifier) -> [Effect] {
    guard show(take) else { return [] }
    settle()
    findTakes()
    let version = history.current
    var words = takes.firstIndex(of: take).map { "take \($0 + 1)/\(takes.count)" } ?? "take"
    if !version.tag.isEmpty { words += " \(version.tag)" }
    if version.isDropped { words += " (dropped)" }
    notice(words)
    return playbackUpdate(closesNotes: true) + requestNextCharacters()
  }

  /// `take`: the take with a number or a name. A name is found in the whole draft.
  mutating func goToTake(_ argument: String, count: Int?) -> [Effect] {
    let word = argument.isEmpty ? count.map { "\($0)" } ?? "" : argument
    guard !word.isEmpty else { return ask("take (number or tag)", .take) }
    findTakes()
    let named = history.versions.last {
      $0.tag.lowercased() == word.lowercased()
    }?.identifier
    let numbered = Int(word).flatMap { takes.indices.contains($0 - 1) ? takes[$0 - 1] : nil }
    guard let take = named ?? numbered else {
      let tags = history.versions.map(\.tag).filter { !$0.isEmpty }
      let nearest = nearestWord(to: word, among: tags)
      complain(
        "there is no take '\(word)': 1 to \(takes.count)"
          + (tags.isEmpty ? " (:tag names one)" : ", or \(tags.joined(separator: ", "))")
          + (nearest.map { " (did you mean '\($0)'?)" } ?? ""))
      return []
    }
    let effects = pause()
    draft.closeEdit()
    return effects + showTake(take)
  }

  /// `tag`: names the take on the screen.
  mutating func tag(_ argument: String) -> [Effect] {
    let present = history.current.tag
    guard !argument.isEmpty else { return ask("name of this take (off = none)", .tag, present) }
    guard argument.count <= Session.longestTag, !argument.contains(where: \.isNewline) else {
      complain("a tag has at most \(Session.longestTag) characters")
      return []
    }
    guard argument != "off" else {
      if !present.isEmpty { draft.mark(history.currentIdentifier, tag: "") }
      notice(present.isEmpty ? "this take has no tag" : "the tag \(present) is gone")
      return []
    }
    // A name says one take.
    if let other = history.versions.first(where: {
      $0.tag.lowercased() == argument.lowercased() && $0.identifier != history.currentIdentifier
    }) {
      draft.mark(other.identifier, tag: "")
    }
    draft.mark(history.currentIdentifier, tag: argument)
    notice("this take is \(argument) (:take \(argument) comes back to it)")
    return []
  }

  static let longestTag = 40
}

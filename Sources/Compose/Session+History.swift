import ABC

/// Versions, undo, takes, and every change of the text by hand.
extension Session {
  /// Starts a version and writes it into the journal.
  mutating func begin(_ kind: History.Version.Kind, head: Int = 0) {
    let rng = kind == .generated ? self.rng : 0
    history.begin(kind, head: head, rng: rng)
    journal(.begin(kind: kind, head: head, rng: rng))
    isEditOpen = false
  }

  /// Replaces bytes of the current version; cursor and head move with the text around them.
  mutating func replaceBytes(_ range: Range<Int>, with replacement: String, origin: Origin) {
    let count = history.current.byteCount
    let range = range.clamped(to: 0..<count)
    history.replace(range, with: replacement, origin: origin)
    journal(
      .edit(lower: range.lowerBound, upper: range.upperBound, text: replacement, origin: origin))
    let change = replacement.utf8.count - range.count
    func moved(_ place: Int) -> Int {
      if place >= range.upperBound { return place + change }
      return min(place, range.lowerBound + replacement.utf8.count)
    }
    // At the very place of an insertion the cursor stays before it; callers move it on.
    if cursor > range.lowerBound { cursor = moved(cursor) }
    if head > range.lowerBound || (head == count && !isEditOpen) { head = moved(head) }
    lastEdit = range.lowerBound
  }

  /// Makes a version current and keeps every position inside its text.
  mutating func show(_ identifier: History.Identifier) {
    let wasAtEnd = cursor >= history.current.byteCount
    let before = text
    history.select(identifier)
    journal(.select(identifier))
    isEditOpen = false
    textChanged()
    let count = history.current.byteCount
    head = count
    isPastEnd = false
    // Keep the cursor where the two texts are still the same, or at the end.
    let same = zip(before.utf8, text.utf8).prefix { $0 == $1 }.count
    cursor = wasAtEnd ? count : min(cursor, max(same, 0), count)
    cursor = text.boundary(atOrBefore: cursor)
  }

  mutating func undo(_ count: Int) -> [Effect] {
    walk(count, orSay: "nothing to undo", by: \.undoTarget) { session in
      let depth = session.history.depth
      return "undo: \(depth) step\(depth == 1 ? "" : "s") left (U redoes)"
    }
  }

  mutating func redo(_ count: Int) -> [Effect] {
    walk(count, orSay: "nothing to redo", by: \.redoTarget) { _ in "redo" }
  }

  /// Goes along the tree, pausing the model first.
  private mutating func walk(
    _ count: Int, orSay nothing: String, by next: KeyPath<History, History.Identifier?>,
    saying done: (Session) -> String
  ) -> [Effect] {
    let effects = pause()
    closeEdit()
    var hasMoved = false
    for _ in 0..<max(count, 1) {
      guard let target = history[keyPath: next] else { break }
      show(target)
      hasMoved = true
    }
    guard hasMoved else {
      notice(nothing)
      return effects
    }
    settle()
    notice(done(self))
    return effects + playbackUpdate(closesNotes: true) + requestNextCharacters()
  }

  /// After the text was changed from outside the run: the model is neither running nor done.
  mutating func settle() {
    guard model != nil else { return }
    switch generator {
    case .loading, .noModel, .failed: break
    default: generator = history.current.kind == .generated ? .paused : .idle
    }
  }

  /// The byte from which takes are told apart: where the last run began, or the cursor's bar.
  public var takeAnchor: Int {
    let version = history.current
    if version.kind == .generated { return min(version.head, version.byteCount) }
    if let bar = score.bar(atByte: cursor) {
      return min(parsed.bars[bar].range.lowerBound, version.byteCount)
    }
    return min(parsed.body.lowerBound, version.byteCount)
  }

  mutating func switchTake(by step: Int) -> [Effect] {
    var effects = pause()
    closeEdit()
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
    show(list[next])
    settle()
    findTakes()
    let now = takes
    if let index = now.firstIndex(of: history.currentIdentifier) {
      notice("take \(index + 1)/\(now.count)")
    }
    effects += playbackUpdate(closesNotes: true) + requestNextCharacters()
    return effects
  }

  /// Replaces the whole text as one undo step.
  mutating func replaceText(
    with replacement: String, kind: History.Version.Kind, origin: Origin
  ) -> [Effect] {
    let cleaned = Session.cleaned(replacement)
    guard cleaned != text else {
      notice("nothing has changed")
      return []
    }
    var effects = pause()
    closeEdit()
    begin(kind)
    // Only what differs is replaced, so that the rest keeps its records.
    let old = Array(text.utf8)
    let new = Array(cleaned.utf8)
    var start = zip(old, new).prefix { $0 == $1 }.count
    start = min(text.boundary(atOrBefore: start), cleaned.boundary(atOrBefore: start))
    var end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
    while end > 0,
      text.boundary(atOrBefore: old.count - end) != old.count - end
        || cleaned.boundary(atOrBefore: new.count - end) != new.count - end
    {
      end -= 1
    }
    replaceBytes(
      start..<(old.count - end), with: cleaned.text(atBytes: start..<(new.count - end)),
      origin: origin)
    textChanged()
    cursor = text.boundary(atOrBefore: min(start, history.current.byteCount))
    head = history.current.byteCount
    settle()
    effects += playbackUpdate() + requestNextCharacters()
    return effects
  }

  /// Text from outside: line ends made one kind, control characters other than tabs left out.
  static func cleaned(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for character in text {
      if character.isNewline {
        result += "\n"
      } else if character == "\t" {
        result += " "
      } else if let scalar = character.unicodeScalars.first,
        scalar.value < 32 || scalar.value == 127
      {
        continue
      } else {
        result.append(character)
      }
    }
    return result
  }
}

extension String {
  /// The nearest byte offset at or before `offset` that begins a character.
  func boundary(atOrBefore offset: Int) -> Int {
    guard offset > 0 else { return 0 }
    guard offset < utf8.count else { return utf8.count }
    // Moving by no characters rounds an index down to a character's start.
    let rounded = index(utf8.index(startIndex, offsetBy: offset), offsetBy: 0)
    return utf8.distance(from: startIndex, to: rounded)
  }
}

import ABC

/// Versions, undo, takes, and every change of the text by hand.
extension Session {
  /// Makes an edit of the current version; every position moves with the text.
  mutating func make(_ edit: Edit, origin: Origin) {
    follow([draft.edit(edit, origin: origin)])
  }

  /// Starts a version and makes some edits of it, the last place first; or says which locked bars
  /// they would change, and does nothing.
  ///
  /// - Returns: Whether they were made.
  mutating func change(_ edits: [Edit], _ kind: History.Version.Kind, origin: Origin) -> Bool {
    guard isFree(edits.map(\.range)) else { return false }
    draft.closeEdit()
    draft.begin(kind)
    for edit in edits { make(edit, origin: origin) }
    return true
  }

  /// Makes a version current and keeps every position inside its text; or says which locked bars
  /// are others there.
  ///
  /// - Returns: Whether it was done.
  @discardableResult
  mutating func show(_ identifier: History.Identifier) -> Bool {
    let changed = draft.locks(changedIn: identifier)
    guard changed.isEmpty else {
      refuse(changed)
      return false
    }
    let wasAtEnd = cursor >= draft.count
    let before = text
    let bars = loop
    follow(draft.show(identifier))
    places.moveHead(to: history.current.writePoint)
    writer.setPastEnd(false)
    // The cursor goes to what is different, or stays at the end.
    let same = zip(before.utf8, text.utf8).prefix { $0 == $1 }.count
    let place = wasAtEnd ? draft.count : min(cursor, same, draft.count)
    places.moveCursor(to: text.boundary(atOrBefore: place))
    // Bars that were written anew from the first to the last are looped all the same.
    if loop == nil, let bars, bars.upperBound < parsed.bars.count { setLoop(bars) }
    return true
  }

  /// Loops bars by index.
  mutating func setLoop(_ bars: ClosedRange<Int>?) {
    places.setLoop(bars.map { score.bytes(ofBars: $0) })
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
    draft.closeEdit()
    var hasMoved = false
    var isRefused = false
    for _ in 0..<max(count, 1) {
      guard let target = history[keyPath: next] else { break }
      isRefused = !show(target)
      if isRefused { break }
      hasMoved = true
    }
    guard hasMoved else {
      if !isRefused { notice(nothing) }
      return effects
    }
    settle()
    if !isRefused { notice(done(self)) }
    return effects + playbackUpdate(closesNotes: true) + requestNextCharacters()
  }

  /// After the text was changed from outside the run: the model is neither running nor done.
  mutating func settle() {
    guard model != nil else { return }
    if history.current.kind == .generated { writer.pause() } else { writer.rest() }
  }

  /// The byte from which takes are told apart: where the last run began, or the cursor's bar.
  public var takeAnchor: Int {
    let version = history.current
    if version.kind == .generated { return min(version.head, version.byteCount) }
    let start =
      score.bar(atByte: cursor).map { parsed.bars[$0].range.lowerBound } ?? parsed.body.lowerBound
    // Alternatives that were not chosen are takes of the whole place they were written for.
    return history.alternativesHead(around: cursor) ?? min(start, version.byteCount)
  }

  /// The number of the bar from which takes differ: that of the first note behind `takeAnchor`, or
  /// of the note to come.
  public var takeBar: Int? {
    guard !parsed.bars.isEmpty else { return nil }
    let anchor = takeAnchor
    if let note = parsed.notes.first(where: { $0.range.lowerBound >= anchor }) {
      return max(parsed.bars[note.bar].number, 1)
    }
    return max(score.growingBar(atByte: anchor), 1)
  }

  /// Replaces the whole text as one undo step.
  ///
  /// - Parameter hint: What else can be done where locked bars are in the way.
  /// - Returns: `nil` when nothing was changed; why, was said.
  mutating func replaceText(
    with replacement: String, kind: History.Version.Kind, origin: Origin, hint: String = ""
  ) -> [Effect]? {
    let cleaned = Session.cleaned(replacement)
    guard cleaned != text else {
      notice("nothing has changed")
      return nil
    }
    // Only what differs is replaced, so that the rest keeps its records, and every position its bar.
    let edits = Edit.edits(from: text, to: cleaned)
    guard isFree(edits.map(\.range), hint: hint) else { return nil }
    if kind == .header, !keepsLockedSound(ParsedTune(text: cleaned)) { return nil }
    var effects = pause()
    let wasAtEnd = head >= draft.count
    _ = change(edits, kind, origin: origin)
    places.moveCursor(to: text.boundary(atOrBefore: edits.last?.range.lowerBound ?? cursor))
    if wasAtEnd { places.moveHead(to: draft.count) }
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

import ABC
import Music

/// GRAB: one note moved by keys. Only its own characters change, and what it takes from its
/// neighbours in length, so that its bar keeps its sum.
extension Session {
  private enum Grab: String {
    case up, down, sharp, flat, earlier, later, longer, shorter, next, prev
  }

  /// `grab`: takes hold of the note at the cursor, or moves it.
  ///
  /// - Parameter isFine: Whether half and a quarter of the unit length are tried where a whole one does
  ///   not fit; a hand that draws a note goes by the unit.
  mutating func grab(_ argument: String, count: Int, isFine: Bool = true) -> [Effect] {
    guard !argument.isEmpty else { return startGrab() }
    guard let move = Grab(rawValue: argument) else {
      complain(
        "'\(argument)' is no way to move a note: up, down, sharp, flat, earlier, later, longer, "
          + "shorter")
      return []
    }
    guard let index = score.note(atOrAfterByte: cursor) else {
      notice("no note here")
      return []
    }
    var effects: [Effect] = []
    for _ in 0..<min(count, 32) {
      switch move {
      case .next: self.move("right", count: 1)
      case .prev: self.move("left", count: 1)
      case .up, .down:
        effects = shift(index, text(movingNote: index, steps: move == .up ? 1 : -1) ?? text)
      case .sharp: effects = moveBySemitone(index, 1)
      case .flat: effects = moveBySemitone(index, -1)
      case .longer:
        effects = resize(
          index, lengthens: index, shortens: neighbour(of: index, 1), isFine: isFine)
      case .shorter:
        effects = resize(
          index, lengthens: neighbour(of: index, 1), shortens: index, isFine: isFine)
      case .later:
        effects = resize(
          index, lengthens: neighbour(of: index, -1), shortens: neighbour(of: index, 1),
          isFine: isFine)
      case .earlier:
        effects = resize(
          index, lengthens: neighbour(of: index, 1), shortens: neighbour(of: index, -1),
          isFine: isFine)
      }
    }
    return effects
  }

  private mutating func startGrab() -> [Effect] {
    guard let index = score.note(atOrAfterByte: cursor) else {
      notice("no note here to move")
      return []
    }
    let effects = pause()
    endSelection()
    draft.closeEdit()
    places.moveCursor(to: parsed.notes[index].range.lowerBound)
    screen.enter(.grab)
    return effects
  }

  mutating func endGrab() -> [Effect] {
    screen.enter(.normal)
    draft.closeEdit()
    settle()
    return playbackUpdate() + requestNextCharacters()
  }

  private mutating func moveBySemitone(_ index: Int, _ direction: Int) -> [Effect] {
    guard let pitch = parsed.notes[index].pitch, let wanted = Pitch(key: pitch.key + direction)
    else {
      notice("a rest has no pitch to move")
      return []
    }
    // Without a sign where the key has the note, then with one; best where nothing else changes.
    let spellings: [(Int, Int?)] =
      [(0, nil), (direction, nil), (0, direction), (0, 0), (direction, 0), (direction, -direction)]
    var second: String?
    for (steps, accidental) in spellings {
      guard
        let changed = TuneTransform.respell(
          text, note: parsed.notes[index].range, steps: steps, accidental: accidental)
      else { continue }
      let notes = ParsedTune(text: changed).notes
      guard notes.count == parsed.notes.count, notes[index].pitch == wanted else { continue }
      if notes.indices.allSatisfy({ $0 == index || notes[$0].pitch == parsed.notes[$0].pitch }) {
        return shift(index, changed)
      }
      second = second ?? keepingPitches(in: changed, except: index)
    }
    guard let second else {
      notice("\(text.text(atBytes: parsed.notes[index].range)) cannot be moved so")
      return []
    }
    return shift(index, second)
  }

  /// The next note or rest on either side in the bar; graces take no time and are passed over.
  private func neighbour(of index: Int, _ direction: Int) -> Int? {
    let own = parsed.notes[index]
    let around = direction > 0 ? Array(index + 1..<parsed.notes.count) : (0..<index).reversed()
    return around.first { parsed.notes[$0].kind != .grace }
      .flatMap { parsed.notes[$0].bar == own.bar ? $0 : nil }
  }

  /// Gives one note of a bar what another one loses: the unit length, or where that is all it has,
  /// half of it or a quarter.
  private mutating func resize(
    _ held: Int, lengthens: Int?, shortens: Int?, isFine: Bool
  ) -> [Effect] {
    guard let longer = lengthens, let shorter = shortens else {
      notice("it has no neighbour in the bar to give or take time")
      return []
    }
    for part in isFine ? [1, 2, 4] : [1] {
      let step = parsed.header.unitLength / Fraction(part)
      if let changed = text(withLonger: longer, shorter: shorter, by: step) {
        return shift(held, changed)
      }
    }
    notice("its neighbours in the bar have no room for that")
    return []
  }

  /// The text with one note longer and another shorter; `nil` where that leaves nothing of it, or
  /// changes anything else.
  private func text(withLonger longer: Int, shorter: Int, by step: Fraction) -> String? {
    var changed = text
    // The last one first, so that the others stay where they are.
    for note in [longer, shorter].sorted(by: >) {
      let written = parsed.notes[note]
      let length = note == longer ? written.length + step : written.length - step
      guard length > .zero, written.length > .zero else { return nil }
      changed =
        TuneTransform.stretch(changed, by: length / written.length, range: written.range).text
    }
    let tune = ParsedTune(text: changed)
    guard changed != text, tune.notes.count == parsed.notes.count,
      tune.bars.map(\.length) == parsed.bars.map(\.length),
      tune.notes[shorter].length == parsed.notes[shorter].length - step
    else { return nil }
    return changed
  }

  /// Takes on a text in which one note is another; a visit to GRAB is one undo step.
  private mutating func shift(_ index: Int, _ changed: String) -> [Effect] {
    guard changed != text else {
      notice("a rest has no pitch to move")
      return []
    }
    let edits = Edit.edits(from: text, to: changed)
    guard isFree(edits.map(\.range)) else { return [] }
    draft.openEdit()
    for edit in edits { make(edit, origin: .hand) }
    places.moveCursor(to: parsed.notes[index].range.lowerBound)
    if mode != .grab { draft.closeEdit() }
    let sound = listening.isPlaying ? [] : parsed.notes[index].pitch.map { [Effect.soundNote($0)] }
    return playbackUpdate() + (sound ?? [])
  }
}

import ABC
import Music

/// GRAB: one note moved by keys. Only its own characters change, and what it takes from its
/// neighbours in length, so that its bar keeps its sum.
extension Session {
  private enum Grab: String {
    case up, down, sharp, flat, earlier, later, longer, shorter, next, prev
  }

  /// `grab`: takes hold of the note at the cursor, or moves it.
  mutating func grab(_ argument: String, count: Int) -> [Effect] {
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
        effects = shift(
          index,
          TuneTransform.transpose(
            text, steps: move == .up ? 1 : -1, range: parsed.notes[index].range
          ).text)
      case .sharp: effects = moveBySemitone(index, 1)
      case .flat: effects = moveBySemitone(index, -1)
      case .longer: effects = resize([(index, 1), (index + 1, -1)])
      case .shorter: effects = resize([(index, -1), (index + 1, 1)])
      case .later: effects = resize([(index - 1, 1), (index + 1, -1)])
      case .earlier: effects = resize([(index - 1, -1), (index + 1, 1)])
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
      second = second ?? changed
    }
    guard let second else {
      notice("\(text.text(atBytes: parsed.notes[index].range)) cannot be moved so")
      return []
    }
    return shift(index, second)
  }

  /// Makes notes longer or shorter by the unit length, each by so many.
  private mutating func resize(_ changes: [(note: Int, units: Int)]) -> [Effect] {
    let unit = parsed.header.unitLength
    var changed = text
    // The last one first, so that the others stay where they are.
    for (note, units) in changes.reversed() {
      guard parsed.notes.indices.contains(note) else { return doesNotFit() }
      let written = parsed.notes[note]
      let length = written.length + unit * units
      guard written.kind != .grace, length > .zero, written.length > .zero else {
        return doesNotFit()
      }
      changed =
        TuneTransform.stretch(changed, by: length / written.length, range: written.range).text
    }
    let tune = ParsedTune(text: changed)
    guard changed != text, tune.notes.count == parsed.notes.count,
      tune.bars.map(\.length) == parsed.bars.map(\.length),
      Set(changes.map { parsed.notes[$0.note].bar }).count == 1
    else { return doesNotFit() }
    let held = changes.count == 2 && changes[1].note - changes[0].note == 2
    return shift(held ? changes[0].note + 1 : changes[0].note, changed)
  }

  private mutating func doesNotFit() -> [Effect] {
    notice("its neighbours in the bar have no room for that")
    return []
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

import ABC
import Music

/// GRAB by mouse: a note of the roll drawn up and down by steps of the scale or semitones, and to and
/// fro by the unit length. What the keys of GRAB do, as often as the mouse asks for it.
extension Session {
  mutating func hold(noteAtByte byte: Int, time: Double) {
    if mode == .grab { _ = endGrab() }
    moveCursor(to: byte)
    guard let index = heldNote else { return }
    screen.hold(Screen.HeldNote(offset: time - parsed.notes[index].start.value))
  }

  /// The note at the cursor.
  private var heldNote: Int? {
    parsed.notes.firstIndex { $0.kind == .note && $0.range.lowerBound == cursor }
  }

  mutating func dragNote(to drag: NoteDrag) -> [Effect] {
    guard let held = screen.heldNote, let index = heldNote,
      let key = parsed.notes[index].pitch?.key
    else { return [] }
    let unit = parsed.header.unitLength.value
    let wanted = drag.time - held.offset - parsed.notes[index].start.value
    let units = unit > 0 ? Int((wanted / unit).rounded()) : 0
    guard !drag.keys.contains(key) || units != 0 else { return [] }
    var effects: [Effect] = []
    if !held.isMoved {
      effects = grab("", count: 1)
      screen.hold(Screen.HeldNote(offset: held.offset, isMoved: true))
    }
    if units != 0 {
      effects += move(units > 0 ? "later" : "earlier", atMost: min(abs(units), 64)) { _ in false }
    }
    if !drag.keys.contains(key), let target = drag.keys.first {
      let isUp = target > key
      let way = isUp ? (drag.isChromatic ? "sharp" : "up") : (drag.isChromatic ? "flat" : "down")
      effects += move(way, atMost: 48) { now in
        drag.keys.contains(now) || (isUp ? now > target : now < target)
      }
    }
    return effects
  }

  /// Moves the held note again and again, until it is there or cannot go on.
  private mutating func move(
    _ way: String, atMost count: Int, until isThere: (Int) -> Bool
  ) -> [Effect] {
    var last: [Effect] = []
    for _ in 0..<count {
      let before = text
      let effects = grab(way, count: 1, isFine: false)
      guard text != before else { break }
      last = effects
      guard let index = heldNote, let key = parsed.notes[index].pitch?.key else { break }
      if isThere(key) { break }
    }
    return last
  }

  mutating func releaseNote() -> [Effect] {
    let wasMoved = screen.heldNote?.isMoved == true
    screen.hold(nil)
    return wasMoved && mode == .grab ? endGrab() : []
  }
}

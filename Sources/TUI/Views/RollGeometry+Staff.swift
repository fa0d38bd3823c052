import ABC
import Compose

/// How notes lie on a staff.
extension RollGeometry {
  /// Gives each bar the room that its notes need side by side.
  func spaceNotes(of all: inout [Bar], _ session: Session) {
    let parsed = session.parsed
    var notes: [Int: [ParsedTune.WrittenNote]] = [:]
    for note in parsed.notes { notes[note.bar, default: []].append(note) }
    let beat = parsed.header.beatLength.value
    let zoom = session.view.columnsPerUnit
    let extra = zoom >= 8 ? 3 : zoom >= 4 ? 2 : zoom == 2 && area.width >= 110 ? 1 : 0
    for place in all.indices {
      let bar = all[place]
      let repeats = RollGeometry.repeats(atBar: bar.index, in: session)
      let spacing = StaffSpacing(
        bar.voices.flatMap { notes[$0] ?? [] }, session.text, start: bar.start,
        length: bar.length, beat: beat, extra: extra, beginsRepeat: repeats.begins,
        endsRepeat: repeats.ends)
      all[place].spacing = spacing
      all[place].width = spacing.width
    }
  }

  /// Whether a bar begins behind `|:` and ends with `:|`, and the endings it begins, such as `1`.
  static func repeats(
    atBar index: Int, in session: Session
  ) -> (begins: Bool, ends: Bool, ending: String) {
    let parsed = session.parsed
    let bar = parsed.bars[index]
    let own = parsed.notes.indices.filter { parsed.notes[$0].bar == index }
    let first = own.first.map { parsed.notes[$0].range.lowerBound } ?? bar.range.upperBound
    let last = own.last.map { parsed.notes[$0].range.upperBound } ?? bar.range.lowerBound
    // The line before it may reach into it: `|:`, and `|1`.
    let before = session.text.text(
      atBytes: max(bar.range.lowerBound - 3, 0)..<max(first, bar.range.lowerBound))
    let after = session.text.text(atBytes: min(last, bar.range.upperBound)..<bar.range.upperBound)
    let signs = before.prefix { $0 != "\"" && $0 != "{" && $0 != "!" }
    let line = signs.lastIndex { "|:[".contains($0) }.map { signs[$0...] } ?? ""
    let ending = line.dropFirst().prefix { $0.isNumber || ",-".contains($0) }
    return (
      signs.contains("|:") || signs.contains("::"), after.contains(":|") || after.contains("::"),
      String(ending)
    )
  }

  /// Rows so that the staff and the notes in sight are seen; where they do not fit, most of them.
  mutating func layStaff(_ session: Session, fifths: Int) {
    let lines = StaffNote.lines
    var steps: [Int] = []
    if let first = bars.first, let last = bars.last {
      let (from, to) = (first.start, last.start + last.length)
      for note in session.parsed.notes where note.kind != .rest {
        guard note.start.value >= from - 1e-9, note.start.value < to,
          let step = StaffNote(session.text.text(atBytes: note.range))?.step
        else { continue }
        steps.append(step)
      }
    }
    let low = steps.min() ?? lines.lowerBound
    let high = steps.max() ?? lines.upperBound
    // The last row tells lengths.
    let height = max(area.height - 1, 1)
    let spare = height - (max(high, lines.upperBound) - min(low, lines.lowerBound) + 1)
    let top: Int
    if spare >= 0 {
      top = max(high, lines.upperBound) + spare / 2
    } else if high - low < height {
      // The notes go before the lines below or above them.
      top = max(high, min(lines.upperBound, low + height - 1))
    } else {
      top = min(high, max(lines.upperBound, low + height - 1))
    }
    rows = .staff(top: top + session.view.scrollPitch, fifths: fifths)
  }
}

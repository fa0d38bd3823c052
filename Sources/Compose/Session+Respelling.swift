import ABC

/// One note moved while all others keep their pitch.
extension Session {
  /// The text with one note moved by steps of the scale in force there. A sign of its own keeps its distance
  /// from the key; a sign before it in the bar does not reach it.
  ///
  /// - Parameter index: The note's place in `parsed.notes`.
  /// - Returns: `nil` where others cannot keep their pitch.
  func text(movingNote index: Int, steps: Int) -> String? {
    let range = parsed.notes[index].range
    var moved = TuneTransform.transpose(text, steps: steps, range: range).text
    let note = ParsedTune(text: moved).notes[index]
    let written = moved.text(atBytes: note.range)
    if let sign = written.first, !"^_=".contains(sign), let key = note.pitch?.key {
      let scale = ParsedTune(text: "X:1\nK:\(fields(at: range.lowerBound).key)\n\(written)\n")
        .notes.first?.pitch?.key
      // An octave more or less is the clef's.
      if let scale, (key - scale) % 12 != 0 {
        let octaves = (key - scale + 126) / 12 - 10
        moved =
          Session.respelled(moved, note: index, as: scale + 12 * octaves) ?? moved
      }
    }
    return keepingPitches(in: moved, except: index)
  }

  /// A text of the same notes with signs where others than one would not sound as they do now; `nil`
  /// where a sign cannot do it.
  func keepingPitches(in text: String, except index: Int) -> String? {
    var text = text
    for _ in 0...parsed.notes.count {
      let notes = ParsedTune(text: text).notes
      guard notes.count == parsed.notes.count else { return nil }
      let other = notes.indices.first {
        $0 != index && notes[$0].pitch != parsed.notes[$0].pitch
      }
      guard let other else { return text }
      guard let key = parsed.notes[other].pitch?.key,
        let signed = Session.respelled(text, note: other, as: key)
      else { return nil }
      text = signed
    }
    return nil
  }

  /// The text with a sign before a note that gives it the pitch of a MIDI key.
  private static func respelled(_ text: String, note index: Int, as key: Int) -> String? {
    let range = ParsedTune(text: text).notes[index].range
    for accidental in [0, 1, -1, 2, -2] {
      guard
        let signed = TuneTransform.respell(text, note: range, steps: 0, accidental: accidental)
      else { return nil }
      let notes = ParsedTune(text: signed).notes
      if notes.indices.contains(index), notes[index].pitch?.key == key { return signed }
    }
    return nil
  }
}

import Music

extension Score {
  /// Writes a section that is played twice in succession once, between repeat signs. Both passes
  /// have to be the same in every note, and nothing else may change in them.
  mutating func foldRepeats(of performance: Performance) {
    guard meters.count == 1, notes.count >= 16 else { return }
    let changes = (performance.keys.map(\.at) + performance.tempos.map(\.at))
      .map { $0.count * Unit.perTick }.filter { $0 > 0 }
    let bar = meters[0].barLength
    guard bar > 0, end / bar <= 4000 else { return }
    var kept: [Note] = []
    var at = 0
    var shift = 0
    // Sections of eight bars are the most usual; then longer ones, which hold shorter ones.
    let lengths = [8, 16, 4, 12, 6, 10, 5, 7, 9, 14, 20, 24, 32].map { $0 * bar }
    while at < end {
      let found = lengths.first { length in
        isPlayedTwice(from: at, length: length)
          && !changes.contains { $0 > at && $0 < at + 2 * length }
      }
      let length = found ?? min(bar, end - at)
      kept += slice(from: at, to: at + length).map { note in
        var moved = note
        moved.start -= shift
        moved.end -= shift
        return moved
      }
      if found != nil {
        repeats.append((at - shift, .start))
        repeats.append((at - shift + length, .end))
        removed.append((at + length, length))
        shift += length
        at += length
      }
      at += length
    }
    notes = kept
    end -= shift
    sortNotes()
  }

  private func isPlayedTwice(from start: Int, length: Int) -> Bool {
    let middle = start + length
    guard middle + length <= end + Unit.perTick else { return false }
    let first = slice(from: start, to: middle)
    let second = slice(from: middle, to: middle + length)
    guard first.count == second.count, first.count >= 8 else { return false }
    return zip(first, second).allSatisfy {
      $0.start + length == $1.start && $0.end + length == $1.end && $0.key == $1.key
        && $0.track == $1.track && $0.end <= middle
    }
  }

  private func slice(from start: Int, to end: Int) -> ArraySlice<Note> {
    notes[firstNote(from: start)..<firstNote(from: end)]
  }

  private func firstNote(from moment: Int) -> Int {
    var (low, high) = (0, notes.count)
    while low < high {
      let middle = (low + high) / 2
      if notes[middle].start < moment { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

import Music
import Notes

extension Score {
  /// A section found twice in succession, on the time line of the performance.
  private struct Fold {
    var start: Int
    /// One pass with its first ending.
    var length: Int
    /// How much of it both passes share; `length` where there are no endings.
    var common: Int
    /// How long the second ending lasts; 0 without endings.
    var secondEnding: Int
    var end: Int { start + length + common + secondEnding }
  }

  /// Writes a section that is played twice in succession once, between repeat signs, also where
  /// its last bars differ: then with endings. Nothing but the notes may change in it.
  mutating func foldRepeats(of performance: Performance) {
    guard meters.count == 1, notes.count >= 16 else { return }
    let bar = meters[0].barLength
    guard bar > 0, end / bar <= 4000 else { return }
    let changes = (performance.keys.map(\.at) + performance.tempos.map(\.at))
      .map { position(of: $0) }.filter { $0 > 0 }
    let finder = RepeatFinder(
      notes: notes, end: end, bar: bar, pickup: pickup, changes: changes.sorted())
    var kept: [Note] = []
    var at = 0
    var shift = 0
    func take(_ range: Range<Int>) {
      kept += finder.slice(range).map { note in
        var moved = note
        moved.start -= shift
        moved.end -= shift
        return moved
      }
    }
    while at < end {
      guard let fold = finder.fold(from: at) else {
        let next = min(at + bar, end)
        take(at..<next)
        at = next
        continue
      }
      let middle = at + fold.length
      take(at..<middle)
      repeats.append((at - shift, .start))
      repeats.append((middle - shift, .end))
      if fold.secondEnding > 0 {
        repeats.append((at + fold.common - shift, .firstEnding))
        repeats.append((middle - shift, .secondEnding))
        // The second ending begins a bar, wherever the first one stopped for the pickup.
        meters.append(Meter(at: middle - shift, beats: meters[0].beats, unit: meters[0].unit))
        meters[meters.count - 1].isWritten = false
      }
      removed.append((middle, fold.common, fold.start))
      shift += fold.common
      if fold.secondEnding > 0 {
        take(middle + fold.common..<fold.end)
        repeats.append((fold.end - shift, .endingsClose))
      }
      at = fold.end
    }
    notes = kept
    end -= shift
    sortNotes()
  }

  /// Looks for sections that are played twice.
  private struct RepeatFinder {
    let notes: [Note]
    let end: Int
    let bar: Int
    let pickup: Int
    /// Where key or tempo change.
    let changes: [Int]
    /// For each note, the latest end of those before it.
    private let latestEnd: [Int]

    init(notes: [Note], end: Int, bar: Int, pickup: Int, changes: [Int]) {
      self.notes = notes
      self.end = end
      self.bar = bar
      self.pickup = pickup
      self.changes = changes
      var latest = 0
      latestEnd = notes.map { note in
        defer { latest = max(latest, note.end) }
        return latest
      }
    }

    /// Sections of eight bars are the most usual; then longer ones, which hold shorter ones.
    private static let lengths = [8, 16, 4, 12, 6, 10, 5, 7, 9, 14, 20, 24, 32]

    func fold(from start: Int) -> Fold? {
      guard isClear(start) else { return nil }
      for count in RepeatFinder.lengths {
        let length = count * bar
        guard start + length + length / 2 <= end else { continue }
        if isPlayedTwice(from: start, length: length, common: length) {
          return Fold(start: start, length: length, common: length, secondEnding: 0)
        }
        // Four bars and a different four are an eight-bar phrase, not a repeat with endings.
        if count >= 8, let fold = foldWithEndings(from: start, length: length) { return fold }
      }
      return nil
    }

    private func isRepeat(from start: Int) -> Bool {
      RepeatFinder.lengths.contains {
        isPlayedTwice(from: start, length: $0 * bar, common: $0 * bar)
      }
    }

    private func foldWithEndings(from start: Int, length: Int) -> Fold? {
      let toBarLine = ((pickup - start) % bar + bar) % bar
      for bars in 1...2 {
        let common = length - bars * bar + toBarLine
        let whole = bars * bar
        // The next section begins with a bar, or with a pickup of its own as this one did.
        for second in toBarLine == 0 ? [whole] : [whole, whole - toBarLine] where second > 0 {
          let fold = Fold(start: start, length: length, common: common, secondEnding: second)
          guard fold.end <= end, isClear(fold.end), isClear(start + common),
            isClear(start + length + common),
            isPlayedTwice(from: start, length: length, common: common)
          else { continue }
          if second == whole && toBarLine > 0 && fold.end < end && self.fold(from: fold.end) == nil
          {
            continue
          }
          return fold
        }
      }
      return nil
    }

    /// Whether `common` of the music from `start` sounds again `length` later, with nothing held
    /// from one pass into the other.
    private func isPlayedTwice(from start: Int, length: Int, common: Int) -> Bool {
      let middle = start + length
      guard middle + common <= end + Unit.perTick, isClear(middle) else { return false }
      let stop = middle + common
      if changes.contains(where: { $0 > start && $0 < stop }) { return false }
      let first = slice(start..<start + common)
      let second = slice(middle..<stop)
      guard first.count == second.count, first.count >= 8 else { return false }
      return zip(first, second).allSatisfy {
        $0.start + length == $1.start && $0.end + length == $1.end && $0.key == $1.key
          && $0.track == $1.track && $0.end <= start + common
      }
    }

    /// Whether no note is held across a moment.
    private func isClear(_ moment: Int) -> Bool {
      let index = firstNote(from: moment)
      guard index > 0 else { return true }
      return max(latestEnd[index - 1], notes[index - 1].end) <= moment
    }

    func slice(_ range: Range<Int>) -> ArraySlice<Note> {
      notes[firstNote(from: range.lowerBound)..<firstNote(from: range.upperBound)]
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
}

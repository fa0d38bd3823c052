/// What the journal already holds beside the text, and what it still lacks.
struct Recorder: Sendable {
  private var place: JournalEntry.Place?
  private var sampling: Sampling
  private var pending: [JournalEntry] = []
  /// Whether the disk does not take what the journal should hold.
  private(set) var isUnsaved = false

  init(sampling: Sampling) { self.sampling = sampling }

  mutating func setUnsaved(_ isUnsaved: Bool) { self.isUnsaved = isUnsaved }

  mutating func note(_ entry: JournalEntry) { pending.append(entry) }

  /// After a journal was read: what it holds.
  mutating func begin(sampling: Sampling, place: JournalEntry.Place) {
    self.sampling = sampling
    self.place = place
  }

  /// Everything the journal does not yet hold.
  ///
  /// - Parameters:
  ///   - entries: What happened to the text.
  ///   - isPreviewing: Whether what is seen may still be taken back (a theme being tried).
  mutating func effects(
    _ entries: [JournalEntry], sampling: Sampling, place: JournalEntry.Place, isPreviewing: Bool
  ) -> [Effect] {
    var lines = entries + pending
    pending = []
    if sampling != self.sampling {
      self.sampling = sampling
      lines.append(.sampling(sampling))
    }
    if place != self.place, !lines.isEmpty || !isPreviewing {
      self.place = place
      lines.append(.place(place))
    }
    return lines.isEmpty ? [] : [.journal(lines)]
  }
}

import ABC
import Notes

/// The text that is worked on, with everything it has ever been, and the places that must stay.
///
/// It changes only by the functions here, and each of them leaves the journal's line for it in
/// `takeEntries`, so that a draft and its journal cannot part.
struct Draft: Sendable {
  private(set) var title: String
  private(set) var rng: UInt64
  /// Whether the musician set the random number: new drafts then keep it.
  private(set) var rngIsFixed = false
  private(set) var history = History()
  /// The text as music; follows the text.
  private(set) var score = Score(text: "")
  /// Bytes that nothing may change, in order.
  private(set) var locks: [Range<Int>] = []
  /// Phrases kept by a letter.
  private(set) var shelf = Shelf()
  /// Whether the current version is the one this visit to INSERT writes into.
  private(set) var isEditOpen = false
  /// Other continuations of the text from an anchor on, oldest first, the current one among them.
  private(set) var takes: [History.Identifier] = [0]
  private var takesOf: TakesKey?
  /// How often another version than the current one was written into.
  private var writtenAside = 0
  /// The same text, kept so that a change reads only the bars it touches.
  private var incremental = IncrementalTune()
  private var entries: [JournalEntry] = []
  /// The format of the journal so far.
  private var format = JournalEntry.format
  /// What the last batch in the journal was drawn with.
  private var drawnWith: Sampling?

  init(title: String, rng: UInt64) {
    self.title = title
    self.rng = rng
  }

  /// A text to be looked at; nothing of it goes into a journal.
  init(title: String, text: String) {
    self.init(title: title, rng: 0)
    history.replace(0..<0, with: text, origin: .file)
    reread()
  }

  var text: String { history.current.text }
  var count: Int { history.current.byteCount }

  // MARK: Changing the text

  /// Starts a version with the current text.
  mutating func begin(_ kind: History.Version.Kind, head: Int = 0) {
    let rng = kind == .generated ? self.rng : 0
    record(.begin(kind: kind, head: head, rng: rng))
    history.begin(kind, head: head, rng: rng)
    isEditOpen = false
  }

  /// One visit to INSERT is one undo step: the first change begins a version.
  mutating func openEdit(_ kind: History.Version.Kind = .hand) {
    guard !isEditOpen else { return }
    begin(kind)
    isEditOpen = true
  }

  mutating func closeEdit() { isEditOpen = false }

  /// Makes an edit of the current version. The caller has asked `lockedBars(touchedBy:)`.
  ///
  /// - Returns: How positions move.
  mutating func edit(_ edit: Edit, origin: Origin) -> Shift {
    let range = edit.range.clamped(to: 0..<count)
    record(
      .edit(
        lower: range.lowerBound, upper: range.upperBound, text: edit.replacement, origin: origin))
    history.replace(range, with: edit.replacement, origin: origin)
    let shift = Edit(range, edit.replacement).shift
    moveLocks([shift])
    reread()
    return shift
  }

  /// Puts in what the model wrote, where the current version is written.
  mutating func insert(_ character: GeneratedCharacter) -> [Shift] {
    let shifts = history.insert(character)
    moveLocks(shifts)
    if character.character.first.map(Self.mayCloseBar) == true { reread() }
    return shifts
  }

  /// Writes down what `insert` put in, drawn for a request.
  ///
  /// - Parameter steps: Those of an author of notes; nil = a model of characters wrote it.
  mutating func recordInserted(
    _ characters: [GeneratedCharacter], of request: GenerationRequest, closesGap: Bool,
    steps: [AuthorStep]? = nil
  ) {
    guard !characters.isEmpty || closesGap || steps?.isEmpty == false else { return }
    var batch = batch(characters, request.sampling, isPastEnd: !request.mayEnd, nil, closesGap)
    batch.steps = steps?.count
    batch.unwritten = steps?.last?.unwritten
    record(.generated(batch))
    history.setUnwritten(batch.unwritten, of: history.currentIdentifier)
    if closesGap { history.closeGap() }
    // What is drawn and not written yet changes no text.
    if !characters.isEmpty || closesGap { reread() }
  }

  /// Adds what the model wrote to a version that need not be the current one.
  mutating func write(
    _ characters: [GeneratedCharacter], to version: History.Identifier, drawnWith: Sampling,
    isPastEnd: Bool = false, closesGap: Bool = false, unwritten: UnwrittenNotes? = nil,
    steps: Int? = nil
  ) {
    guard !characters.isEmpty || closesGap else { return }
    var batch = batch(characters, drawnWith, isPastEnd: isPastEnd, version, closesGap)
    (batch.unwritten, batch.steps) = (unwritten, steps)
    let entry = JournalEntry.generated(batch)
    record(entry)
    history.apply(entry)
    writtenAside += 1
  }

  private mutating func batch(
    _ characters: [GeneratedCharacter], _ sampling: Sampling, isPastEnd: Bool,
    _ version: History.Identifier?, _ closesGap: Bool
  ) -> GeneratedBatch {
    let isNew = sampling != drawnWith
    drawnWith = sampling
    return GeneratedBatch(
      characters, sampling: isNew ? sampling : nil, isPastEnd: isPastEnd, version: version,
      closesGap: closesGap)
  }

  /// Characters after which the number of closed bars may have changed.
  private static func mayCloseBar(_ character: Character) -> Bool {
    character == "|" || character == "]" || character == ":" || character == "\n"
  }

  /// Says which places of the current version the model is to fill.
  mutating func setGaps(_ gaps: [Gap]) {
    guard !gaps.isEmpty || !history.current.gaps.isEmpty else { return }
    record(.gaps(JournalEntry.Gaps(version: nil, gaps: gaps)))
    history.setGaps(gaps)
  }

  /// Starts a version beside the current one: what a candidate is written into.
  mutating func branch(
    from version: History.Identifier, head: Int, edits: [Edit], gaps: [Gap] = [],
    origin: Origin = .hand, run: Int? = nil
  ) -> History.Identifier {
    apply(
      .branch(
        JournalEntry.Branch(from: version, kind: .generated, head: head, rng: rng, run: run)))
    let new = history.versions.count - 1
    for edit in edits {
      apply(
        .change(
          JournalEntry.Change(
            version: new, lower: edit.range.lowerBound, upper: edit.range.upperBound,
            text: edit.replacement, origin: origin)))
    }
    if !gaps.isEmpty { apply(.gaps(JournalEntry.Gaps(version: new, gaps: gaps))) }
    writtenAside += 1
    return new
  }

  /// Names a take, or says that it was taken off a list.
  mutating func mark(
    _ version: History.Identifier, tag: String? = nil, isDropped: Bool? = nil
  ) {
    apply(.mark(JournalEntry.Mark(version: version, tag: tag, isDropped: isDropped)))
  }

  private mutating func apply(_ entry: JournalEntry) {
    record(entry)
    history.apply(entry)
  }

  /// Makes a version current.
  ///
  /// - Returns: How positions move.
  mutating func show(_ identifier: History.Identifier) -> [Shift] {
    guard identifier != history.currentIdentifier else {
      history.select(identifier)
      return []
    }
    record(.select(identifier))
    let path = history.path(from: history.currentIdentifier, to: identifier)
    history.select(identifier)
    moveLocks(path)
    isEditOpen = false
    reread()
    return path
  }

  private mutating func reread() {
    incremental.become(text)
    score = Score(incremental.tune)
  }

  // MARK: Locks

  private mutating func moveLocks(_ shifts: [Shift]) {
    guard !locks.isEmpty else { return }
    for shift in shifts { locks = locks.map(shift.moved) }
    locks.removeAll(where: \.isEmpty)
  }

  /// Locks bytes of the text, or lets them go.
  mutating func setLock(_ range: Range<Int>, isLocked: Bool) {
    var kept = locks.flatMap { lock -> [Range<Int>] in
      guard lock.overlaps(range) else { return [lock] }
      return [
        lock.lowerBound..<max(lock.lowerBound, min(lock.upperBound, range.lowerBound)),
        min(lock.upperBound, max(range.upperBound, lock.lowerBound))..<lock.upperBound,
      ].filter { !$0.isEmpty }
    }
    if isLocked, !range.isEmpty { kept.append(range) }
    kept.sort { $0.lowerBound < $1.lowerBound }
    guard kept != locks else { return }
    locks = kept
    record(
      .locks(locks.map { JournalEntry.Locked(lower: $0.lowerBound, upper: $0.upperBound) }))
  }

  /// The locks that replacing some bytes would touch.
  func locks(touchedBy range: Range<Int>) -> [Range<Int>] {
    locks.filter { lock in
      range.isEmpty
        ? lock.lowerBound < range.lowerBound && range.lowerBound < lock.upperBound
        : lock.overlaps(range)
    }
  }

  /// The locks whose bytes are others, or gone, in another version.
  func locks(changedIn version: History.Identifier) -> [Range<Int>] {
    guard !locks.isEmpty, version != history.currentIdentifier else { return [] }
    let path = history.path(from: history.currentIdentifier, to: version)
    let other = history.versions[version].text
    return locks.filter { lock in
      var moved = lock
      for shift in path {
        let next = shift.moved(moved)
        // Text that was replaced, even by the same, was changed.
        if next.count != moved.count { return true }
        moved = next
      }
      return other.text(atBytes: moved) != text.text(atBytes: lock)
    }
  }

  // MARK: The shelf

  /// Keeps a phrase under a name of the shelf; `nil` makes the name free.
  mutating func keep(_ phrase: Shelf.Phrase?, as name: String) {
    record(.kept(name: name, phrase: phrase))
    shelf.keep(phrase, as: name)
  }

  mutating func setForm(_ form: String) {
    guard form != shelf.form else { return }
    record(.form(form))
    shelf.setForm(form)
  }

  /// Writes down what a register holds now.
  mutating func recordRegister(_ name: String, _ text: String) {
    record(.register(name: name, text: text))
  }

  // MARK: Takes

  /// What the list of takes depends on: a version that only grows changes nothing.
  private struct TakesKey: Equatable {
    var versions: Int
    var current: History.Identifier
    var anchor: Int
    var isGrowing: Bool
    var changes: Int
    var writtenAside: Int
  }

  /// Looks for other continuations of the text from a byte on.
  mutating func findTakes(from anchor: Int) {
    let key = TakesKey(
      versions: history.versions.count, current: history.currentIdentifier, anchor: anchor,
      isGrowing: count > anchor, changes: history.current.shifts.count,
      writtenAside: writtenAside)
    guard key != takesOf else { return }
    takesOf = key
    takes = history.takes(from: anchor)
  }

  // MARK: Name, random number, journal

  mutating func rename(_ title: String) {
    self.title = title
    record(.draft(format: JournalEntry.format, title: title, rng: rng))
  }

  /// A title that the text brought; the journal finds it there again.
  mutating func adopt(title: String) { self.title = title }

  mutating func setRandomNumber(_ rng: UInt64, isFixed: Bool) {
    self.rng = rng
    if isFixed { rngIsFixed = true }
    record(.draft(format: JournalEntry.format, title: title, rng: rng))
  }

  private mutating func record(_ entry: JournalEntry) {
    if format < JournalEntry.format {
      // Older programs must not read what follows as if they knew it.
      format = JournalEntry.format
      entries.append(.draft(format: format, title: title, rng: rng))
    }
    entries.append(entry)
  }

  /// What the journal lacks; it is then no longer told.
  mutating func takeEntries() -> [JournalEntry] {
    defer { entries = [] }
    return entries
  }

  /// Does what a journal line says, without writing it down again.
  ///
  /// - Returns: How positions move.
  @discardableResult
  mutating func restore(_ entry: JournalEntry) -> [Shift] {
    switch entry {
    case .draft(let format, let title, let rng):
      self.format = format
      self.title = title
      self.rng = rng
    case .locks(let ranges):
      let count = count
      locks = ranges.compactMap {
        0 <= $0.lower && $0.lower < $0.upper && $0.upper <= count ? $0.lower..<$0.upper : nil
      }
    case .kept(let name, let phrase): shelf.keep(phrase, as: name)
    case .form(let form): shelf.setForm(form)
    default:
      let shifts = history.apply(entry)
      moveLocks(shifts)
      return shifts
    }
    return []
  }

  /// Reads the text once after all lines were restored.
  mutating func endRestoring() { reread() }
}

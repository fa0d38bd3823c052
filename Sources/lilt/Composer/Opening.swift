import Compose

/// A draft ready to be worked on: its session rebuilt, its journal open.
struct Opening {
  var session: Session
  var journal: JournalWriter
  /// What the session should hear first.
  var events: [Event] = []

  /// A draft of its own, empty; named as it is asked for, or with the next free number.
  ///
  /// - Parameter inMemory: Whether nothing of it is written.
  static func fresh(
    store: DraftStore, name: String? = nil, settings: Settings, rng: UInt64?, sampling: Sampling,
    inMemory: Bool = false
  ) throws(FileError) -> Opening {
    let name = name ?? (inMemory ? "in-memory" : store.newName())
    let journal: JournalWriter
    if inMemory {
      journal = JournalWriter(inMemory: name)
    } else if let opened = try JournalWriter(store: store, name: name) {
      journal = opened
    } else {
      throw FileError(path: name, reason: "another lilt holds this draft")
    }
    let random = rng ?? UInt64.random(in: 1...999_999)
    journal.append([
      .draft(format: JournalEntry.format, title: name, rng: random), .sampling(sampling),
    ])
    let session = Session(title: name, rng: random, sampling: sampling)
    return Opening(
      session: session, journal: journal, events: settings.openingCommands.map(Event.commanded))
  }

  /// A draft as it was left, or as a crash left it; `nil` when another program holds it, and when
  /// nothing of it can be read.
  static func existing(
    _ name: String, store: DraftStore, sampling: Sampling
  ) throws(FileError) -> Opening? {
    guard let journal = try JournalWriter(store: store, name: name) else { return nil }
    let reading = journal.reading
    guard !reading.isUnreadable else { return nil }
    var session = Session(title: name, rng: 1, sampling: sampling)
    session.restore(reading.entries)
    var opening = Opening(session: session, journal: journal)
    if let loss = reading.loss {
      let place =
        journal.damagedPath.map { "the damaged file is kept as \($0)" }
        ?? "the damaged file could not be put aside"
      opening.events.append(.warned("\(name): \(loss); what can be read is here, \(place)"))
    } else if journal.wasEmptied {
      opening.events.append(
        .warned("\(name): its journal is an empty file; what it held is not there any more"))
    } else if !reading.wasClosed {
      opening.events.append(
        .recovered("\(name) is back as it was when the program was cut off"))
    } else if !session.text.isEmpty {
      opening.events.append(.noted("\(name), as you left it (:new starts another draft)"))
    }
    return opening
  }

  /// What is opened in place of a draft that another program holds, or that cannot be read: a copy of
  /// it, or a new one where there is nothing to copy. Says which.
  private static func inPlace(
    of name: String, store: DraftStore, settings: Settings, rng: UInt64?, sampling: Sampling
  ) throws(FileError) -> Opening {
    let reading = try store.entries(of: name)
    if reading.isUnreadable {
      let path = try store.setAside(name)
      var opening = try fresh(store: store, settings: settings, rng: rng, sampling: sampling)
      opening.events.append(
        .warned(
          "the journal of \(name) cannot be read and is kept as \(path); "
            + "this is \(opening.journal.name), a new draft"))
      return opening
    }
    let copy = store.newName()
    guard let journal = try JournalWriter(store: store, name: copy) else {
      throw FileError(path: copy, reason: "another lilt holds this draft")
    }
    let random = rng ?? UInt64.random(in: 1...999_999)
    let entries = reading.entries.filter { entry in
      if case .draft = entry { false } else { true }
    }
    let all = [JournalEntry.draft(format: JournalEntry.format, title: copy, rng: random)] + entries
    journal.append(all)
    var session = Session(title: copy, rng: random, sampling: sampling)
    session.restore(all)
    let what = session.text.isEmpty ? "a new draft" : "a copy of it"
    return Opening(
      session: session, journal: journal,
      events: [
        .warned("\(name) is open in another lilt; this is \(journal.name), \(what)")
      ])
  }

  /// A draft by its name, or what stands in its place.
  static func named(
    _ name: String, store: DraftStore, settings: Settings, rng: UInt64?, sampling: Sampling
  ) throws(FileError) -> Opening {
    if let opening = try existing(name, store: store, sampling: sampling) { return opening }
    return try inPlace(of: name, store: store, settings: settings, rng: rng, sampling: sampling)
  }

  /// The draft that a start without a file means: the last one, or what stands in its place.
  static func last(
    store: DraftStore, settings: Settings, rng: UInt64?, sampling: Sampling
  ) throws(FileError) -> Opening {
    var problem: FileError?
    for name in store.names().prefix(20) {
      do throws(FileError) {
        var opening = try named(
          name, store: store, settings: settings, rng: rng, sampling: sampling)
        if let problem { opening.events.append(.warned("\(problem)")) }
        return opening
      } catch {
        // One that cannot be opened must not keep the others closed.
        problem = problem ?? error
      }
    }
    var opening = try fresh(store: store, settings: settings, rng: rng, sampling: sampling)
    if let problem { opening.events.append(.warned("\(problem)")) }
    return opening
  }
}

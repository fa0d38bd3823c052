import Compose
import FoundationEssentials

/// A draft ready to be worked on: its session rebuilt, its journal open.
struct Opening {
  var session: Session
  var journal: JournalWriter
  /// What the session should hear first.
  var events: [Event] = []

  /// A draft of its own, empty; named as it is asked for, or with the next free number.
  static func fresh(
    store: DraftStore, name: String? = nil, settings: Settings, rng: UInt64?, sampling: Sampling
  ) throws(FileError) -> Opening {
    let name = name ?? store.newName()
    guard let journal = try JournalWriter(store: store, name: name) else {
      throw FileError(path: name, reason: "another lilt holds this draft")
    }
    let random = rng ?? UInt64.random(in: 1...999_999)
    journal.append([
      .draft(format: JournalEntry.format, title: name, rng: random), .sampling(sampling),
    ]) { _ in }
    let session = Session(title: name, rng: random, sampling: sampling)
    return Opening(
      session: session, journal: journal, events: settings.openingCommands.map(Event.commanded))
  }

  /// A draft as it was left, or as a crash left it; `nil` when another program holds it.
  static func existing(
    _ name: String, store: DraftStore, sampling: Sampling
  ) throws(FileError) -> Opening? {
    guard let journal = try JournalWriter(store: store, name: name) else { return nil }
    let (entries, wasClosed) = try store.entries(of: name)
    var session = Session(title: name, rng: 1, sampling: sampling)
    session.restore(entries)
    var opening = Opening(session: session, journal: journal)
    if !wasClosed {
      opening.events.append(
        .recovered("\(name) is back as it was when the program was cut off"))
    } else if !session.text.isEmpty {
      opening.events.append(.noted("\(name), as you left it (:new starts another draft)"))
    }
    return opening
  }

  /// The draft that a start without a file means: the last one, unless another program has it.
  static func last(
    store: DraftStore, settings: Settings, rng: UInt64?, sampling: Sampling
  ) throws(FileError) -> Opening {
    for name in store.names().prefix(20) {
      // One that cannot be read must not keep the others closed.
      if let opening = try? existing(name, store: store, sampling: sampling) { return opening }
    }
    return try fresh(store: store, settings: settings, rng: rng, sampling: sampling)
  }
}

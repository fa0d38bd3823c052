import Compose

/// Drafts as a whole: listed, opened, renamed, copied, compared, put aside and brought back.
extension Composer {
  func perform(_ task: DraftTask) {
    do throws(FileError) {
      switch task {
      case .list: listDrafts()
      case .show(let names): perform(session.handle(.draftsAsked(choosing: names)))
      case .open(let name): try open(name)
      case .rename(let name, let new): try rename(name, to: new)
      case .copy(let name, let new):
        if name == journal.name { journal.settle() }
        try store.copy(name, to: new)
        say("\(new) is a copy of \(name) (:drafts \(Session.quoted(new)) opens it)")
      case .compare(let left, let right): try compare(left, right)
      case .delete(let name):
        guard name != journal.name else {
          throw FileError(path: name, reason: "it is open; open another draft first, or :new")
        }
        try store.putAside(name)
        say("\(name) is put aside (:drafts restore \(Session.quoted(name)) brings it back)")
      case .restore(let name): say("\(try store.bringBack(name)) is back")
      }
    } catch {
      perform(session.handle(.fileFailed(sentence: error.description)))
    }
  }

  private func say(_ sentence: String) { perform(session.handle(.noted(sentence))) }

  private func listDrafts() {
    journal.settle()
    let (store, mailbox, open) = (store, mailbox, journal.name)
    workshop.run { mailbox.post(.choicesFound(store.picker(open: open))) }
  }

  private func open(_ name: String) throws(FileError) {
    guard name != journal.name else {
      say("\(name) is open already")
      return
    }
    guard Files.exists(store.journalPath(name)) else { throw store.missing(name) }
    guard let opening = try Opening.existing(name, store: store, sampling: session.sampling) else {
      throw FileError(path: name, reason: "another lilt has it open, or nothing of it can be read")
    }
    change(to: opening)
  }

  /// The open draft is closed for it, and opened again under its new name.
  private func rename(_ name: String, to new: String) throws(FileError) {
    guard name == journal.name, !journal.isInMemory else {
      try store.move(name, to: new)
      say("\(name) is now called \(new)")
      return
    }
    try store.check(name, new)
    if let trouble = journal.finish() { throw FileError(path: name, reason: trouble) }
    var failure: FileError?
    do throws(FileError) { try store.move(name, to: new) } catch { failure = error }
    let held = failure == nil ? new : name
    guard let opening = try Opening.existing(held, store: store, sampling: session.sampling) else {
      throw FileError(path: held, reason: "another lilt has taken it")
    }
    change(to: opening, isFinished: true)
    if let failure { throw failure }
    say("\(name) is now called \(new)")
  }

  private func compare(_ left: String, _ right: String) throws(FileError) {
    journal.settle()
    let open = journal.name
    let sides = [try store.choice(left, open: open), try store.choice(right, open: open)]
    let comparison = Comparison(
      (sides[0], sides[0].text ?? ""), (sides[1], sides[1].text ?? ""), kind: .drafts)
    perform(session.handle(.comparisonFound(comparison)))
  }
}

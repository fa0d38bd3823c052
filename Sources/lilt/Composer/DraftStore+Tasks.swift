import ABC
import Compose
import FoundationEssentials
import Glibc

/// What can be done with drafts as a whole.
extension DraftStore {
  /// Where drafts lie that were deleted; hidden, so that it is no draft itself.
  private var aside: String { Paths.join(folder, ".deleted") }

  // MARK: Listing

  /// What a list says of a draft, kept beside its journal for as long as that is not changed.
  private struct Summary: Codable {
    var size: Int64
    var modified: Double
    var title: String
    var detail: String
    var text: String
  }

  /// Every draft there is, the one worked on last first.
  func picker(open: String) -> Picker {
    Picker(.drafts, names().compactMap { try? choice($0, open: open) })
  }

  /// A draft as a list shows it: title, key, meter, bars, age, and its tune.
  func choice(_ name: String, open: String) throws(FileError) -> Picker.Choice {
    guard DraftStore.isName(name), Files.exists(journalPath(name)) else { throw missing(name) }
    let summary = try summary(of: name)
    let age = DraftStore.age(Date.now.timeIntervalSince1970 - summary.modified)
    let title = summary.title == name ? name : "\(name): \(summary.title)"
    return Picker.Choice(
      name: name, title: title, detail: "\(summary.detail)  \(name == open ? "open" : age)",
      text: summary.text)
  }

  private func summary(of name: String) throws(FileError) -> Summary {
    var status = stat()
    guard stat(RawPath.bytes(of: journalPath(name)), &status) == 0 else { throw .last(name) }
    let modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    let path = Paths.join(Paths.join(folder, name), "summary")
    if let bytes = try? Files.read(path),
      let kept = try? JSONDecoder().decode(Summary.self, from: Data(bytes)),
      kept.size == Int64(status.st_size), kept.modified == modified
    {
      return kept
    }
    var session = Session(title: name, rng: 1)
    session.restore(try entries(of: name).entries)
    let header = session.parsed.header
    let bars = session.score.completeBars
    let summary = Summary(
      size: Int64(status.st_size), modified: modified,
      title: header.titles.first ?? session.draftTitle,
      detail: [header.key, header.meter, "\(bars) \(bars == 1 ? "bar" : "bars")"]
        .filter { !$0.isEmpty }.joined(separator: "  "),
      text: session.text)
    // What cannot be kept is read again next time.
    if let data = try? JSONEncoder().encode(summary) {
      try? Files.write(Array(data), to: path, permissions: 0o600, durable: false)
    }
    return summary
  }

  /// `3 min ago`, in the largest unit that fits.
  static func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<60: "just now"
    case ..<3600: "\(Int(seconds / 60)) min ago"
    case ..<86400: "\(Int(seconds / 3600)) h ago"
    default: "\(Int(min(seconds / 86400, 99_999))) d ago"
    }
  }

  // MARK: Changing

  func missing(_ name: String) -> FileError {
    FileError(path: name, reason: "there is no such draft (:drafts lists them)")
  }

  /// Says what speaks against giving a draft another name, or a copy of it.
  func check(_ name: String, _ new: String) throws(FileError) {
    guard DraftStore.isName(name), Files.exists(journalPath(name)) else { throw missing(name) }
    guard DraftStore.isName(new) else {
      throw FileError(
        path: new, reason: "a draft's name has no / or dot in front, and at most 60 letters")
    }
    guard !Files.exists(place(new)) else {
      throw FileError(path: new, reason: "there is a draft of this name already")
    }
  }

  func move(_ name: String, to new: String) throws(FileError) {
    try check(name, new)
    try withLock(name) { () throws(FileError) in try move(path: place(name), to: place(new)) }
  }

  func copy(_ name: String, to new: String) throws(FileError) {
    try check(name, new)
    var bytes = try Files.read(journalPath(name))
    let reading = JournalReading(bytes)
    if !reading.wasClosed, !reading.isDamaged {
      // The copy of a draft that is open was not cut off.
      var lines = reading.lines
      bytes += lines.line(for: .closed)
    }
    try Files.makeFolder(place(new))
    try Files.write(bytes, to: journalPath(new), permissions: 0o600)
  }

  /// Takes a draft out of the list. One that was put aside before under its name gets a number.
  func putAside(_ name: String) throws(FileError) {
    guard DraftStore.isName(name), Files.exists(journalPath(name)) else { throw missing(name) }
    try Files.makeFolder(aside)
    let target = Paths.join(aside, name)
    if Files.exists(target) { try move(path: target, to: ExportJob.free(target)) }
    try withLock(name) { () throws(FileError) in try move(path: place(name), to: target) }
    // When it was put aside says which one was the last.
    utimensat(AT_FDCWD, RawPath.bytes(of: target), nil, 0)
  }

  /// Brings a deleted draft back, the last one without a name; under the first free name where
  /// another has its own by now.
  ///
  /// - Returns: What it is called.
  func bringBack(_ name: String?) throws(FileError) -> String {
    let known = Files.names(in: aside)
    let last = known.max {
      (Files.modified(Paths.join(aside, $0)) ?? 0) < (Files.modified(Paths.join(aside, $1)) ?? 0)
    }
    guard let name = name ?? last else {
      throw FileError(path: ":drafts restore", reason: "no draft was deleted")
    }
    let kept = Paths.join(aside, name)
    guard DraftStore.isName(name), Files.exists(kept) else {
      throw FileError(
        path: name,
        reason: known.isEmpty
          ? "no draft was deleted"
          : "no such draft was deleted; there is \(known.joined(separator: ", "))")
    }
    let target = ExportJob.free(place(name))
    try move(path: kept, to: target)
    return Paths.lastComponent(of: target)
  }

  private func place(_ name: String) -> String { Paths.join(folder, name) }

  /// Does something with a draft that no running program holds.
  private func withLock(
    _ name: String, _ work: () throws(FileError) -> Void
  ) throws(FileError) {
    let descriptor = Glibc.open(RawPath.bytes(of: journalPath(name)), O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last(name) }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw FileError(path: name, reason: "another lilt has this draft open")
    }
    try work()
  }

  private func move(path old: String, to new: String) throws(FileError) {
    if rename(RawPath.bytes(of: old), RawPath.bytes(of: new)) != 0 { throw .last(new) }
  }
}

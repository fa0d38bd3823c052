import ABC

/// Choosing from a list: what is chosen is shown in the roll and can be heard before it is taken.
extension Session {
  /// Opens a list and shows its chosen entry.
  mutating func open(_ picker: Picker) -> [Effect] {
    guard !picker.choices.isEmpty else {
      notice("there is nothing to choose from")
      return []
    }
    return show(picker)
  }

  private mutating func show(_ picker: Picker) -> [Effect] {
    let before = if case .picker(let before) = mode { before } else { nil as Picker? }
    screen.enter(.picker(picker))
    guard before?.chosen != picker.chosen || before?.kind != picker.kind || previewed == nil else {
      return []
    }
    screen.look(at: picker.chosen.flatMap(text(of:)))
    guard case .files(let folder) = picker.kind, let chosen = picker.chosen,
      !chosen.name.hasSuffix("/")
    else { return [] }
    return [.preview(path: Session.path(chosen.name, in: folder))]
  }

  /// Opens a list whose entries the shell looks for.
  ///
  /// - Parameter names: Which entry is to be chosen: the first of these that there is.
  mutating func look(
    for kind: Picker.Kind, query: String = "", choosing names: [String] = []
  ) -> [Effect] {
    let effects = stopHearing()
    screen.enter(.picker(Picker(waitingFor: kind, query: query, choosing: names)))
    screen.look(at: nil)
    switch kind {
    case .drafts: return effects + [.draft(.list)]
    case .files(let folder): return effects + [.listFiles(folder: folder)]
    default: return effects
    }
  }

  /// Takes the entries of a list in: one that waits for them, or one that a file brought.
  mutating func found(_ picker: Picker) -> [Effect] {
    if case .picker(var open) = mode, open.kind == picker.kind, picker.book == nil {
      open.fill(with: picker)
      guard !open.choices.isEmpty else {
        screen.enter(.normal)
        notice("there is nothing to choose from")
        return []
      }
      return show(open)
    }
    if picker.kind.isOfPorts, mode == .normal || mode == .select { return open(picker) }
    guard case .tunes = picker.kind, mode == .normal || mode == .select || mode.isLooking else {
      return []
    }
    return stopHearing() + open(picker)
  }

  /// Shows the text of a file, if it is still the chosen one.
  mutating func look(at text: String, of path: String) {
    guard case .picker(let picker) = mode, case .files(let folder) = picker.kind,
      let chosen = picker.chosen, Session.path(chosen.name, in: folder) == path
    else { return }
    screen.look(at: Draft(title: chosen.title, text: text))
  }

  /// A path typed in a list of a folder's files.
  private static func path(_ name: String, in folder: String) -> String {
    name.hasPrefix("/") || name.hasPrefix("~") ? name : folder + name
  }

  /// What an entry of a list stands for; `nil` where it is not known.
  func text(of choice: Picker.Choice) -> Draft? {
    guard case .picker(let picker) = mode else { return nil }
    switch picker.kind {
    case .takes, .history:
      guard let version = Int(choice.name), history.versions.indices.contains(version) else {
        return nil
      }
      var other = draft
      _ = other.show(version)
      return other
    case .shelf, .drafts: return choice.text.map { Draft(title: choice.title, text: $0) }
    case .tunes:
      guard let book = picker.book, let place = Int(choice.name) else { return nil }
      return Draft(title: choice.title, text: book.wholeText(of: place))
    case .files, .outputs, .inputs: return nil
    }
  }

  /// The session as it would be with the text that is looked at; itself where no list is open. What
  /// the screen shows.
  public var shown: Session {
    guard let preview = previewed else { return self }
    var other = self
    other.draft = preview
    other.places = Places()
    var bar: Int? = 0
    if case .compare(let comparison) = mode { bar = comparison.bar }
    let bars = preview.score.parsed.bars
    if let bar, bars.indices.contains(bar) {
      other.places.moveCursor(to: bars[bar].range.lowerBound)
    }
    if !isHearing { other.listening.stop() }
    return other
  }

  /// The session with the text that sounds.
  public var heard: Session { isHearing ? shown : self }

  /// Whether what sounds is an entry of a list.
  var isHearing: Bool {
    switch mode {
    case .picker(let picker): picker.isHeard
    case .compare(let comparison): comparison.isHeard
    default: false
    }
  }

  /// The text that is looked at.
  var previewed: Draft? { mode.isLooking ? screen.preview : nil }

  // MARK: Keys

  mutating func type(_ typed: String, in picker: Picker) -> [Effect] {
    var picker = picker
    picker.type(typed)
    if case .files(let folder) = picker.kind, let slash = picker.query.text.lastIndex(of: "/") {
      // A folder that was typed is looked into.
      let query = picker.query.text
      return look(
        for: .files(folder: Session.path(String(query[...slash]), in: folder)),
        query: String(query[query.index(after: slash)...]))
    }
    // A letter of the shelf is heard at once.
    let isName = picker.kind == .shelf && picker.chosen?.name == Shelf.name(picker.query.text)
    return follow(picker, plays: isName)
  }

  mutating func edit(_ picker: Picker, _ key: EditKey) -> [Effect] {
    var picker = picker
    switch key {
    case .up, .backTab: picker.choose(picker.selected - 1)
    case .down: picker.choose(picker.selected + 1)
    case .pageUp: picker.choose(picker.selected - 10)
    case .pageDown: picker.choose(picker.selected + 10)
    case .enter: return takeChosen(picker)
    default:
      guard picker.edit(key) else { return key == .backspace ? leavePicker() : [] }
    }
    return follow(picker)
  }

  /// Shows what is chosen now. What sounds changes with it.
  mutating func follow(_ picker: Picker, plays: Bool = false) -> [Effect] {
    let effects = show(picker)
    guard picker.isHeard || plays else { return effects }
    guard picker.chosen != nil else { return effects + stopHearing() }
    return effects + hear()
  }

  /// `pick hear` and the like: what keys do to the chosen entry of a list.
  mutating func pick(_ argument: String) -> [Effect] {
    guard case .picker(let picker) = mode else {
      notice("no list is open (' shows the shelf, g u the history)")
      return []
    }
    if argument == "back", picker.kind == .drafts { return change(draft: "", by: argument) }
    guard let chosen = picker.chosen else {
      notice("nothing has these letters (Backspace)")
      return []
    }
    switch argument {
    case "hear", "compare":
      if picker.kind.isOfPorts {
        notice("\(argument) does nothing in this list")
        return []
      }
      if argument == "compare" { return compare(picker) }
      return isHearing && listening.isPlaying ? stopHearing() : hear()
    case "drop", "rename", "copy", "back":
      if picker.kind == .drafts { return change(draft: chosen.name, by: argument) }
      if picker.kind == .shelf, argument == "drop" { return dropFromShelf(chosen.name) }
      notice("\(argument) does nothing in this list")
    default: complain("'\(argument)' is none of \(CommandName.pick.argument)")
    }
    return []
  }

  /// Plays the chosen entry from its beginning.
  private mutating func hear() -> [Effect] {
    guard case .picker(var picker) = mode, let chosen = picker.chosen else { return [] }
    guard let performance = previewed.map({ performance(of: $0.score) }), !performance.notes.isEmpty
    else {
      notice("there is nothing to hear in \(chosen.title)")
      return stopHearing()
    }
    let effects = pause()
    picker.isHeard = true
    screen.enter(.picker(picker))
    listening.start(at: .zero)
    return effects + [
      .play(
        PlaybackPlan(performance: performance, readyUntil: performance.end, isGrowing: false),
        from: .zero)
    ]
  }

  /// Stops what is heard of a list.
  mutating func stopHearing() -> [Effect] {
    guard isHearing else { return [] }
    if case .picker(var picker) = mode {
      picker.isHeard = false
      screen.enter(.picker(picker))
    } else if case .compare(var comparison) = mode {
      comparison.isHeard = false
      screen.enter(.compare(comparison))
    }
    return stopPlaying()
  }

  mutating func leavePicker() -> [Effect] {
    let effects = stopHearing()
    screen.enter(.normal)
    return effects
  }

  private mutating func takeChosen(_ picker: Picker) -> [Effect] {
    if case .files(let folder) = picker.kind {
      let typed = picker.query.text.trimmingSpaces()
      guard let name = picker.chosen?.name ?? (typed.isEmpty ? nil : typed) else { return [] }
      let path = Session.path(name, in: folder)
      if name.hasSuffix("/") { return look(for: .files(folder: path)) }
      return leavePicker() + pause() + [.readFile(path: path)]
    }
    guard let chosen = picker.chosen else {
      complain(
        picker.isWaiting ? "the list is still being read" : "nothing has these letters (Backspace)")
      return []
    }
    let text = text(of: chosen)?.text ?? ""
    return leavePicker() + take(chosen, text, of: picker.kind)
  }

  /// Does with an entry and its text what its list is for.
  mutating func take(_ choice: Picker.Choice, _ text: String, of kind: Picker.Kind) -> [Effect] {
    switch kind {
    case .shelf: return putIn(choice.name)
    case .takes, .history:
      guard let version = Int(choice.name) else { return [] }
      return goBack(to: version)
    case .drafts: return stopPlaying() + pause() + [.draft(.open(choice.name))]
    case .tunes(let path):
      guard let place = Int(choice.name) else { return [] }
      return open(text, from: path, "tune \(place + 1)")
    case .files: return []
    case .outputs: return [.midi(.outputs(choice.name))]
    case .inputs: return [.midi(.inputs(choice.name))]
    }
  }

  // MARK: Versions

  /// Lists the takes from here, the one on the screen chosen.
  mutating func pickTake() -> [Effect] {
    findTakes()
    guard takes.count > 1 else {
      notice("there is only one take from here (r tries again)")
      return []
    }
    let anchor = takeAnchor
    let choices = takes.enumerated().map { place, identifier in
      let version = history.versions[identifier]
      return Picker.Choice(
        name: "\(identifier)", title: "take \(place + 1)" + Session.marks(of: version),
        detail: detail(of: version),
        incipit: Session.line(of: version.text, from: anchor))
    }
    return pause()
      + open(
        Picker(.takes, choices, selected: takes.firstIndex(of: history.currentIdentifier) ?? 0))
  }

  /// Lists every version, the newest first, the one on the screen chosen.
  mutating func pickVersion() -> [Effect] {
    let current = history.currentIdentifier
    let choices = history.versions.reversed().map { version in
      let parent = version.parent.map { $0 == version.identifier - 1 ? "" : " from \($0)" } ?? ""
      let place = version.shifts.map(\.lower).min() ?? version.head
      return Picker.Choice(
        name: "\(version.identifier)",
        title: "\(version.identifier)  \(version.kind.words)\(parent)"
          + Session.marks(of: version),
        detail: detail(of: version), incipit: Session.line(of: version.text, from: place))
    }
    return pause() + open(Picker(.history, choices, selected: choices.count - 1 - current))
  }

  /// The name of a take, and whether it was dropped.
  private static func marks(of version: History.Version) -> String {
    (version.tag.isEmpty ? "" : "  \(version.tag)") + (version.isDropped ? "  dropped" : "")
  }

  private func detail(of version: History.Version) -> String {
    let here = version.identifier == history.currentIdentifier ? "here, " : ""
    let rng = version.generatedCount > 0 ? "rng \(version.rng), " : ""
    let isHere = version.identifier == history.currentIdentifier
    let count =
      isHere ? score.completeBars : ParsedTune(text: version.text).completeBars(ofVoice: 0)
    return "\(here)\(rng)\(Session.bars(count))"
  }

  /// The text from a byte on, as one line.
  private static func line(of text: String, from byte: Int) -> String {
    let start = text.boundary(atOrBefore: min(byte, text.utf8.count))
    let end = text.boundary(atOrBefore: min(start + 120, text.utf8.count))
    return text.text(atBytes: start..<end).replacing("\n", with: " ")
  }

  /// Makes a version of the list the text on the screen.
  private mutating func goBack(to version: History.Identifier) -> [Effect] {
    guard version != history.currentIdentifier else { return [] }
    let effects = pause()
    draft.closeEdit()
    guard show(version) else { return effects }
    settle()
    notice("this is version \(version) (g u lists them all)")
    return effects + playbackUpdate(closesNotes: true) + requestNextCharacters()
  }
}

extension History.Version.Kind {
  /// What made a version, in a word or two.
  fileprivate var words: String {
    switch self {
    case .start: "the beginning"
    case .generated: "the model wrote"
    case .hand: "by hand"
    case .barBack: "a bar dropped"
    case .header: "the header"
    case .paste: "pasted"
    case .file: "a file"
    case .tempo: "the tempo"
    case .command: "a command"
    }
  }
}

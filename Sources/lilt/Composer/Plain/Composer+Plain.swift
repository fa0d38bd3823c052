import Compose
import TUI

/// The composer as lines: what is typed, and what is said.
extension Composer {
  /// Carries out the lines that have come, one after another, as far as none has to wait.
  func readPlainLines(_ plain: PlainTerminal) {
    tell(plain)
    while !isWaitingForModel(plain), !isLeaving, let line = plain.nextLine() {
      let meaning = PlainLine(line, in: session)
      let before = (text: session.text, cursor: session.cursor, mode: session.mode)
      carryOut(meaning, plain)
      perform(session.handle(.clockTicked(milliseconds: now)))
      tell(plain)
      // Where the cursor has come to, unless what changed there has been told.
      let hasMoved = session.cursor != before.cursor || meaning.asksForPlace
      if hasMoved, session.text == before.text, session.mode == before.mode,
        session.mode == .normal || session.mode == .select
      {
        plain.say([placeSentence])
      }
      closePages(plain)
    }
    if plain.isAtEnd, !isLeaving, !isWaitingForModel(plain) { quit() }
  }

  /// Says what came of the files that were still being written when it left.
  func finishPlain(_ plain: PlainTerminal) {
    workshop.finish()
    takeLetters()
    tell(plain)
  }

  func tell(_ plain: PlainTerminal) { plain.say(narrator.sentences(for: session)) }

  /// Whether a `wait` still holds.
  private func isWaitingForModel(_ plain: PlainTerminal) -> Bool {
    guard let until = plainWait else { return false }
    switch until {
    case .time(let end): if now < end { return true }
    case .model:
      if isModelBusy { return true }
      // What came of it is told before the next line is read.
      takeLetters()
      tell(plain)
      if isModelBusy { return true }
    }
    plainWait = nil
    return false
  }

  private var isModelBusy: Bool {
    if workshop.isBusy || session.isExplanationDue { return true }
    if let alternatives = session.alternatives { return !alternatives.isReady }
    switch session.generator {
    case .loading, .priming, .running: return true
    // Ahead of the sound it rests until the playhead comes nearer.
    case .resting: return session.player.state != .stopped
    default: return false
    }
  }

  private func carryOut(_ line: PlainLine, _ plain: PlainTerminal) {
    switch line {
    case .keys(let presses):
      for key in presses {
        for event in keys.events(for: key, in: session) { perform(session.handle(event)) }
      }
    case .command(let invocation): perform(session.handle(.commanded(invocation)))
    case .text(let text): perform(session.handle(.typed(text)))
    case .answer(let text, let key):
      perform(session.handle(.editKeyPressed(.clear)))
      perform(session.handle(.typed(text)))
      // A letter alone may have been the answer.
      if session.mode.takesText { carryOut(.keys([key]), plain) }
    case .search(let words): search(words, plain)
    case .choose(let number): choose(number, plain)
    case .place: plain.say([placeSentence + takeSentence])
    case .read(let bars): plain.say(barSentences(bars))
    case .status: plain.say([StatusLine.text(of: session)])
    case .help(let word): plain.say(helpSentences(word))
    case .wait(let milliseconds): plainWait = milliseconds.map { .time(now + $0) } ?? .model
    case .nothing: break
    case .mistake(let sentence): plain.say(["error: \(sentence)"])
    }
  }

  /// Leaves what has been read out to its end.
  private func closePages(_ plain: PlainTerminal) {
    switch session.mode {
    case .messages, .critique:
      perform(session.handle(.commanded(Invocation(.cancel))))
      tell(plain)
    default: break
    }
  }

  /// How many entries of the list that is open are shown, and which is chosen; nil without one.
  private var list: (count: Int, selected: Int)? {
    switch session.mode {
    case .picker(let picker): (picker.matches.count, picker.selected)
    case .theme(let picker): (picker.matches.count, picker.selected)
    case .help(let list): (list.matches.count, list.selected)
    default: nil
    }
  }

  private func choose(_ number: Int, _ plain: PlainTerminal) {
    guard let list else {
      guard (0...9).contains(number) else { return plain.say(["error: choose 0 to 9"]) }
      return carryOut(.keys([KeyPress(Character("\(number)"))]), plain)
    }
    guard (1...max(list.count, 1)).contains(number), list.count > 0 else {
      return plain.say(["error: there are \(list.count) to choose from"])
    }
    let steps = number - 1 - list.selected
    let key = KeyPress(steps < 0 ? .up : .down)
    carryOut(.keys(Array(repeating: key, count: abs(steps)) + [KeyPress(.enter)]), plain)
  }

  /// Looks for what has the words: the only one is taken, of several the list is read.
  private func search(_ words: String, _ plain: PlainTerminal) {
    perform(session.handle(.editKeyPressed(.clear)))
    perform(session.handle(.typed(words)))
    var mayTake = list?.count == 1
    if case .picker(let picker) = session.mode {
      switch picker.kind {
      // A letter of the shelf is heard, a number takes it.
      case .shelf: mayTake = false
      // A path may name a file that is not in the list.
      case .files where picker.matches.isEmpty: mayTake = words.contains(".")
      default: break
      }
      if picker.isWaiting { return }
    }
    if mayTake { return carryOut(.keys([KeyPress(.enter)]), plain) }
    guard list?.count == 0 else { return }
    perform(session.handle(.editKeyPressed(.clear)))
    plain.say(["error: nothing in the list has '\(words)' ('key Esc' leaves it)"])
  }

  /// The cursor's bar and what stands there.
  private var placeSentence: String {
    let cursor = session.cursor
    let bars = session.parsed.bars
    guard let bar = session.score.bar(atByte: cursor).map({ bars[$0] }) ?? bars.first else {
      return "no bar is written yet"
    }
    let voice = session.parsed.voices.count > 1 ? " of voice \(bar.voice + 1)" : ""
    let place = "bar \(bar.number)\(voice)"
    guard let note = session.score.note(atOrAfterByte: cursor).map({ session.parsed.notes[$0] })
    else { return place + ", the end" }
    let kind = note.kind == .rest ? "rest" : "note"
    return place + ", \(kind) " + session.text.text(atBytes: note.range)
  }

  private var takeSentence: String {
    let bars = session.score.completeBars
    return " of \(bars) \(bars == 1 ? "bar" : "bars"), "
      + "take \(session.status(draft: "").takes.index) of \(max(session.takes.count, 1))"
  }

  private func barSentences(_ wanted: ClosedRange<Int>?) -> [String] {
    let chosen = BarText.all(of: session).filter { wanted?.contains($0.number) ?? true }
    let header = session.parsed.header
    let head =
      wanted == nil
      ? ["\(header.titles.first ?? session.draftTitle), key \(header.key), meter \(header.meter)"]
      : []
    return head + chosen.map(\.sentence) + (chosen.isEmpty ? ["there is no such bar"] : [])
  }

  private func helpSentences(_ word: String) -> [String] {
    var list = HelpList()
    list.query = LineEditor(word)
    let commands = list.matches.map { command in
      [command.rawValue, command.argument].filter { !$0.isEmpty }.joined(separator: " ")
        + ": " + command.help
    }
    return (word.isEmpty ? PlainLine.words : []) + commands
      + (commands.isEmpty ? ["error: no command has '\(word)'"] : [])
  }

  /// What a `wait` waits for.
  enum PlainWait {
    /// Milliseconds of `now`.
    case time(Int)
    case model
  }
}

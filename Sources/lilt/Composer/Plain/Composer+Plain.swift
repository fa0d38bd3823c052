import Compose
import TUI

/// The composer as lines: what is typed, and what is said.
extension Composer {
  /// Carries out the lines that have come, one after another, as far as none has to wait.
  func readPlainLines(_ plain: PlainTerminal) {
    tell(plain)
    while !isWaitingForModel(plain), !isLeaving, let line = plain.nextLine() {
      carryOut(PlainLine(line, in: session), plain)
      perform(session.handle(.clockTicked(milliseconds: now)))
      tell(plain)
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
    case .model: if isModelBusy { return true }
    }
    plainWait = nil
    return false
  }

  private var isModelBusy: Bool {
    if workshop.isBusy { return true }
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
    case .text(let text, let submits):
      perform(session.handle(.typed(text)))
      if submits { carryOut(.keys([KeyPress(.enter)]), plain) }
    case .choose(let number): choose(number, plain)
    case .place: plain.say([placeSentence])
    case .read(let bars): plain.say(barSentences(bars))
    case .status: plain.say([StatusLine.text(of: session)])
    case .help(let word): plain.say(helpSentences(word))
    case .wait(let milliseconds): plainWait = milliseconds.map { .time(now + $0) } ?? .model
    case .nothing: break
    case .mistake(let sentence): plain.say(["error: \(sentence)"])
    }
  }

  private func choose(_ number: Int, _ plain: PlainTerminal) {
    guard case .picker(let picker) = session.mode else {
      guard (0...9).contains(number) else { return plain.say(["error: choose 0 to 9"]) }
      return carryOut(.keys([KeyPress(Character("\(number)"))]), plain)
    }
    guard (1...max(picker.matches.count, 1)).contains(number), !picker.matches.isEmpty else {
      return plain.say(["error: there are \(picker.matches.count) to choose from"])
    }
    let steps = number - 1 - picker.selected
    let key = KeyPress(steps < 0 ? .up : .down)
    carryOut(.keys(Array(repeating: key, count: abs(steps)) + [KeyPress(.enter)]), plain)
  }

  private var placeSentence: String {
    let place =
      session.score.bar(atByte: session.cursor).map { session.parsed.bars[$0].number } ?? 0
    let note = session.score.note(atOrAfterByte: session.cursor).map {
      ", note " + session.text.text(atBytes: session.parsed.notes[$0].range)
    }
    let bars = session.score.completeBars
    return "bar \(place)\(note ?? "") of \(bars) \(bars == 1 ? "bar" : "bars"), "
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

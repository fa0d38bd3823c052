import ABC
import Compose

/// A narrator of a session: what has changed since it last spoke, a sentence for each, for those who
/// hear the screen or read it line by line.
struct Narrator {
  private var bars: [BarText] = []
  private var generator = Narrator.reading
  private var transport = Narrator.silence
  private var mode = ""
  private var choices: [Choice] = []
  private var messageCount = 0
  private var draft = ""
  private var lesson = ""

  /// What is to be said now.
  mutating func sentences(for session: Session) -> [String] {
    if session.draftTitle != draft {
      // Another draft has messages of its own.
      if !draft.isEmpty { messageCount = 0 }
      draft = session.draftTitle
    }
    var lines = newMessages(of: session)
    lines += newBars(of: session)
    lines += change(&generator, to: Narrator.generator(of: session))
    lines += change(&transport, to: Narrator.transport(of: session))
    lines += change(&mode, to: Narrator.mode(of: session))
    lines += change(&lesson, to: Narrator.lesson(of: session))
    let list = Narrator.choices(of: session)
    if list != choices {
      lines += newChoices(list)
      choices = list
    }
    return lines
  }

  /// The whole list, or what is heard now where nothing else is new.
  private func newChoices(_ list: [Choice]) -> [String] {
    let isSame = list.map(\.text) == choices.map(\.text)
    return list.enumerated().compactMap { place, choice in
      if isSame, !choice.isHeard || choices[place].isHeard { return nil }
      return "\(choice.number)\(choice.isHeard ? " (this one is heard)" : ""): \(choice.text)"
    }
  }

  /// One of a list.
  struct Choice: Equatable {
    var number: Int
    var text: String
    var isHeard = false
  }

  private func change(_ known: inout String, to new: String) -> [String] {
    guard new != known else { return [] }
    known = new
    return new.isEmpty ? [] : [new]
  }

  private mutating func newMessages(of session: Session) -> [String] {
    let count = min(session.messageCount - messageCount, session.messages.count)
    messageCount = session.messageCount
    guard count > 0 else { return [] }
    return session.messages.suffix(count).map {
      $0.kind == .error ? "error: \($0.text)" : $0.text
    }
  }

  /// Bars that are closed now and were not, or say something else. A whole tune that comes at once
  /// is told by its length.
  private mutating func newBars(of session: Session) -> [String] {
    let now = BarText.all(of: session)
    defer { bars = now }
    guard !bars.isEmpty || now.count <= 4 else { return ["the tune has \(now.count) bars"] }
    let changes = BarText.changes(from: bars, to: now)
    let count =
      changes.movesOthers
      ? ["the tune has \(now.count) \(now.count == 1 ? "bar" : "bars") now"] : []
    guard changes.bars.count <= 8 else {
      return count + ["\(changes.bars.count) bars have changed"]
    }
    return changes.bars.map(\.sentence) + count
  }

  // MARK: Words

  private static let reading = "the model is being read"
  private static let silence = "silence"

  static func generator(of session: Session) -> String {
    // While there is something to choose from, the list says all of it.
    if session.alternatives != nil { return "" }
    switch session.generator {
    case .noModel: return "there is no model"
    case .loading: return reading
    case .idle: return "the model is ready"
    case .priming, .running, .resting: return "the model writes"
    case .paused: return "the model pauses in bar \(session.score.growingBar(atByte: session.head))"
    case .done(.phrase): return "the phrase is written"
    case .done(.tune): return "the tune is written to its end"
    case .done(.step): return "the step is written"
    case .failed(let reason): return "error: the model cannot write: \(reason)"
    }
  }

  static func transport(of session: Session) -> String {
    switch session.player.state {
    case .stopped: silence
    case .waiting: "the sound waits for the model"
    case .playing: session.loop == nil ? "it sounds" : "it sounds, round and round"
    }
  }

  /// What the tutorial asks for now, in the commands that are typed.
  static func lesson(of session: Session) -> String {
    guard let tutor = session.tutor else { return "" }
    let text = tutor.text { reference in
      switch reference {
      case .line(let line): "'\(line)'"
      case .key("Esc"): "a line with a point alone"
      case .key(let key): "'\(key)'"
      case .command(Invocation(.insert), _): "'insert'"
      case .command(Invocation(.alternativeChoose), _): "'key Enter'"
      case .command(let invocation, _):
        invocation.name == .goTo ? "'\(invocation.count ?? 1)'" : "'\(invocation.line)'"
      }
    }
    let learnt = tutor.learnt.isEmpty ? "" : "\(tutor.learnt). "
    return
      "\(learnt)tutor \(tutor.isOver ? "done" : "\(tutor.step + 1) of \(Tutor.count)"): \(text)"
  }

  static func mode(of session: Session) -> String {
    switch session.mode {
    case .normal: ""
    case .insert: "typing into the tune; a line with a point alone ends it"
    case .select: "\(session.selectionCount) selected"
    case .prompt(let prompt): "\(prompt.question)? (now \(prompt.line.text))"
    case .audition: "choosing: a number is heard, 'key Enter' takes it, 'key Esc' leaves all"
    case .picker: "a list: a number chooses, what else is typed looks for it, 'key Esc' leaves"
    case .record:
      "\(session.isClockRunning ? "recording to the clock" : "entering notes"): each letter is a key "
        + "of a piano, z to , and q to p; 'record rest', 'record longer' …; a point alone ends"
    default: "\(session.mode.name): lines are typed into it, 'key Tab' and 'key Enter' go on"
    }
  }

  /// What there is to choose from.
  static func choices(of session: Session) -> [Choice] {
    if case .picker(let picker) = session.mode {
      guard !picker.isWaiting else { return [] }
      return picker.matches.prefix(20).enumerated().map { place, index in
        let choice = picker.choices[index]
        let detail = choice.detail.isEmpty ? "" : ", \(choice.detail)"
        return Choice(number: place + 1, text: choice.title + detail)
      }
    }
    guard let alternatives = session.alternatives, alternatives.isReady else { return [] }
    let texts = session.status(draft: "").alternatives?.texts ?? []
    return texts.enumerated().map { number, text in
      let bytes = Array(text.utf8)
      let part = String(decoding: bytes[alternatives.range(inTextOf: bytes.count)], as: UTF8.self)
        .split(whereSeparator: \.isNewline).joined(separator: " ")
      return Choice(
        number: number, text: number == 0 ? "as it was" : part,
        isHeard: number == alternatives.selected)
    }
  }
}

extension Session {
  /// `2 bars`, for what is selected.
  fileprivate var selectionCount: String {
    let count = selection?.count ?? 0
    return count == 1 ? "1 bar" : "\(count) bars"
  }
}

import ABC
import Analysis
import Compose

/// The words for what a session is at.
extension Narrator {
  static let reading = "the model is being read"
  static let silence = "silence"

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
    case .picker, .theme:
      "a list: a number chooses, words look for what has them, 'key Esc' leaves"
    case .record: recordWords(session)
    case .header:
      "the header: a line is a field's new value, 'key Tab' the next field, a point alone ends it"
    case .export(let form):
      "writing \(form.choice): a line is the file's name (now \(form.path.text)), 'key Tab' something "
        + "else, 'key Esc' leaves"
    case .grab:
      "moving the note: grab up, down, sharp, flat, earlier, later, longer, shorter; a point alone ends"
    case .compare: "two side by side: 'key Enter' takes the one named last, 'key Esc' leaves"
    case .messages, .critique: ""
    case .find: "what is looked for?"
    case .commandLine: "a command?"
    case .help: "words look for commands, 'key Esc' leaves"
    }
  }

  private static func recordWords(_ session: Session) -> String {
    if session.isTapping { return "tapping: each letter is a tap; a point alone ends" }
    let clock = session.isClockRunning ? "recording to the clock" : "entering notes"
    return clock + ": each letter is a key of a piano, z to , and q to p; 'record rest', "
      + "'record longer' …; a point alone ends"
  }

  /// The field of a form that is being filled in, or the side that is looked at.
  static func field(of session: Session) -> String {
    switch session.mode {
    case .header(let form) where form.fields.indices.contains(form.selected):
      let field = form.fields[form.selected]
      let from = form.fromBar.map { ", from bar \($0) on" } ?? ""
      return "\(field.name)\(from): \(field.value.text)"
    case .compare(let comparison):
      return "\(comparison.isRight ? "right" : "left"): \(comparison.chosen.choice.title)"
    default: return ""
    }
  }

  /// What a page that is opened to be read says, line by line.
  static func page(of session: Session) -> [String] {
    switch session.mode {
    case .messages:
      return session.messages.suffix(20).map {
        ($0.kind == .error ? "error: " : "said before: ") + $0.text
      }
    case .critique:
      guard let critique = session.critique else { return [] }
      let shared = critique.passages.sorted { $0.notes > $1.notes }.prefix(4)
      return ["judge: \(critique.passedCount) of \(critique.marks.count)"]
        + critique.marks.map { "\($0.gate.rawValue), \($0.verdict.rawValue): \($0.sentence)" }
        + (shared.isEmpty
          ? ["no nine notes in a row are those of a known tune"]
          : shared.map { "shared: \(session.words(of: $0))" })
    case .compare(let comparison):
      let (left, right) = (comparison.left, comparison.right)
      func bar(_ place: Int?, of side: Comparison.Side) -> String {
        place.map { side.bars[$0] } ?? "nothing"
      }
      return ["left is \(left.choice.title), right is \(right.choice.title)"]
        + comparison.rows.filter { !$0.isSame }.prefix(40).map {
          "left \(bar($0.left, of: left)) right \(bar($0.right, of: right))"
        }
    default: return []
    }
  }

  /// How the screen is arranged, a sentence for each thing that can change.
  static func view(of session: Session) -> [String] {
    let view = session.view
    return [
      "focus on the \(view.focus == .roll ? "roll" : "text")",
      "the music as \(view.showsEngraved ? "engraved notation" : view.showsStaff ? "a staff" : "a roll")",
      "next characters \(view.showsNext ? "shown" : "hidden")",
      "takes \(view.showsTakes ? "shown" : "hidden")",
      "lanes \(view.showsLanes ? "shown" : "hidden")",
      "judge \(view.hidesJudge == true ? "hidden" : "shown")",
      view.isZoomed ? "the focused pane alone" : "all panes",
      "\(view.columnsPerUnit) columns for each unit length",
    ]
  }

  /// What there is to choose from.
  static func choices(of session: Session) -> [Choice] {
    if case .theme(let picker) = session.mode {
      return picker.matches.enumerated().map { place, name in
        Choice(number: place + 1, text: name, isHeard: false)
      }
    }
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

extension ExportForm {
  /// What is written, in words.
  fileprivate var choice: String {
    choices.indices.contains(selected) ? choices[selected].name : "nothing"
  }
}

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
  private var lesson = ""
  private var field = ""
  private var view: [String] = []
  private var page: [String] = []

  /// What is to be said now.
  mutating func sentences(for session: Session) -> [String] {
    var lines = newMessages(of: session)
    lines += newBars(of: session)
    lines += change(&generator, to: Narrator.generator(of: session))
    lines += change(&transport, to: Narrator.transport(of: session))
    lines += newView(of: session)
    lines += change(&mode, to: Narrator.mode(of: session))
    lines += change(&field, to: Narrator.field(of: session))
    let page = Narrator.page(of: session)
    if page != self.page {
      lines += page
      self.page = page
    }
    lines += change(&lesson, to: Narrator.lesson(of: session))
    let list = Narrator.choices(of: session)
    if list != choices {
      lines += newChoices(list)
      choices = list
    }
    return lines
  }

  /// How the screen is arranged, where that has changed; nothing the first time.
  private mutating func newView(of session: Session) -> [String] {
    let now = Narrator.view(of: session)
    defer { view = now }
    guard !view.isEmpty else { return [] }
    return zip(view, now).filter { $0 != $1 }.map(\.1)
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
    // Another draft has messages of its own, and counts them anew.
    let before = session.messageCount < messageCount ? 0 : messageCount
    let count = min(session.messageCount - before, session.messages.count)
    messageCount = session.messageCount
    guard count > 0 else { return [] }
    return session.messages.suffix(count).map {
      $0.kind == .error ? "error: \($0.text)" : $0.text
    }
  }

  /// Bars that are closed now and were not, or say something else. A whole tune that comes at once
  /// is told by its length.
  private mutating func newBars(of session: Session) -> [String] {
    let now = BarText.settled(in: session, after: bars)
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
}

import Compose
import FoundationEssentials

/// An event of a session as followers are told it: one JSON object a line. What an event has
/// nothing to say about is left out.
struct News: Codable, Equatable {
  var event: Kind
  /// Seconds since the program started.
  var time: Double
  var draft: String?
  /// For `message`: `error` or `notice`.
  var kind: String?
  /// Of a message or a bar what it says, of a draft its title, of a take its tag.
  var text: String?
  /// The number of a bar as the screen shows it; 0 = the pickup.
  var bar: Int?
  /// From 1; only in tunes of several voices.
  var voice: Int?
  /// Who wrote most of a bar: `model` or `hand`.
  var by: String?
  var beat: Int?
  /// The playhead, in 960ths of a quarter note.
  var tick: Int?
  /// For `generator`, `player`, `mode`: one word.
  var state: String?
  /// Which of `count` it is, from 1; of alternatives, 0 is what was there before.
  var index: Int?
  var count: Int?
  /// For `exported`.
  var path: String?

  enum Kind: String, Codable {
    /// The draft that is open, with its name and title.
    case draft
    /// A bar that is closed and new, or says something else.
    case bar
    /// How many bars there are, where some came or went in the middle.
    case bars
    case generator, player, mode
    /// The playhead has come to a beat.
    case beat
    case take, alternatives, message, exported
    /// The program is left.
    case left
  }

  init(_ event: Kind, _ time: Double) {
    self.event = event
    self.time = time
  }

  var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}

/// A feed of news: what has changed in a session since it was last asked.
struct NewsFeed {
  private var known: State?

  /// What is compared from one look to the next.
  private struct State: Equatable {
    var draft = ""
    var title = ""
    var text = ""
    var bars: [BarText] = []
    var generator = ""
    var player = ""
    var mode = ""
    var beat: [Int] = []
    var take = [0, 0]
    var alternatives: [Int]?
    var messages = 0
  }

  /// What is new. The first time, all that is so.
  ///
  /// - Parameters:
  ///   - draft: The draft's name.
  ///   - time: Seconds since the program started.
  mutating func news(of session: Session, draft: String, time: Double) -> [News] {
    let old = known ?? State()
    let isFirst = known == nil || old.draft != draft
    var new = State(
      draft: draft, title: session.draftTitle, text: session.text,
      generator: session.generatorState, player: session.player.state.rawValue,
      mode: session.mode.name, messages: session.messageCount)
    new.bars =
      new.text == old.text && !isFirst && old.generator == new.generator
      ? old.bars : BarText.settled(in: session, after: isFirst ? [] : old.bars)
    new.take = [
      (session.takes.firstIndex(of: session.history.currentIdentifier) ?? 0) + 1,
      session.takes.count,
    ]
    new.alternatives = session.alternatives.map {
      [$0.selected, $0.candidates.count(where: \.isReady)]
    }
    if session.player.state == .playing {
      let place = session.score.position(at: session.player.playhead)
      new.beat = [place.bar, place.beat]
    }
    defer { known = new }

    var list: [News] = []
    func tell(_ kind: News.Kind, _ fill: (inout News) -> Void) {
      var news = News(kind, time)
      fill(&news)
      list.append(news)
    }
    if isFirst || old.title != new.title {
      tell(.draft) { ($0.draft, $0.text) = (draft, new.title) }
    }
    let changes = BarText.changes(from: isFirst ? [] : old.bars, to: new.bars)
    for bar in changes.bars {
      tell(.bar) {
        ($0.bar, $0.text, $0.by) = (bar.number, bar.text, bar.isByModel ? "model" : "hand")
        if session.parsed.voices.count > 1 { $0.voice = bar.voice + 1 }
      }
    }
    if isFirst || changes.movesOthers { tell(.bars) { $0.count = new.bars.count } }
    if isFirst || old.generator != new.generator {
      tell(.generator) { $0.state = new.generator }
    }
    if isFirst || old.player != new.player {
      tell(.player) { ($0.state, $0.tick) = (new.player, session.player.playhead.count) }
    }
    if isFirst || old.mode != new.mode { tell(.mode) { $0.state = new.mode } }
    if old.take != new.take || isFirst {
      tell(.take) {
        ($0.index, $0.count) = (new.take[0], new.take[1])
        let tag = session.history.current.tag
        if !tag.isEmpty { $0.text = tag }
      }
    }
    if let now = new.alternatives, old.alternatives != now {
      tell(.alternatives) { ($0.index, $0.count) = (now[0], now[1]) }
    }
    if !new.beat.isEmpty, old.beat != new.beat {
      tell(.beat) {
        ($0.bar, $0.beat, $0.tick) = (new.beat[0], new.beat[1], session.player.playhead.count)
      }
    }
    // Another draft has messages of its own; what was said before anyone followed is not news.
    let said = known == nil ? 0 : isFirst ? new.messages : new.messages - old.messages
    for message in session.messages.suffix(max(said, 0)) {
      tell(.message) { ($0.kind, $0.text) = (message.kind.rawValue, message.text) }
    }
    return list
  }
}

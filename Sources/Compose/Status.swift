/// What `lilt ctl status --json` tells: the words of the status line, and the draft in full.
public struct Status: Codable, Sendable, Equatable {
  public var v = 1
  public var draft: String
  public var title: String
  public var text: String
  public var cursor: Int
  /// The voice the cursor is in, from 1.
  public var voice: Int
  public var head: Int
  public var mode: String
  public var message: String
  /// Whether the disk takes what is written; false = it is kept in memory and tried again.
  public var isSaved: Bool
  public var bars: Int
  /// The bars in the order in which they are played, where that is not simply from first to last.
  public var plays: String
  public var depth: Int
  public var generator: Generator
  public var player: Player
  /// What is connected through MIDI.
  public var midi: MIDIWiring
  public var temp: Temperatures
  public var sampling: Sampling
  public var rng: UInt64
  public var takes: Takes
  /// While alternatives are open: their texts, the original first, and which one is shown.
  public var alternatives: Alternatives?
  /// Bytes that nothing may change, and the bars they are.
  public var locks: [Lock]
  /// Phrases kept by a letter, and the form that was built of them.
  public var shelf: [Kept]
  public var form: String
  /// The looped bars, such as `5-8`; empty without a loop.
  public var loop: String
  /// While a list is open: what it holds.
  public var picker: Picker?
  public var model: String
  /// What the judge says of the tune so far; nil before it has said anything.
  public var judge: Judge?
  /// The bar in progress and those that come, as they are planned.
  public var plan: [PlannedBar]
  /// The tunes that the model is lent; empty = none.
  public var book: String
  public var warnings: [String]
  /// One for each byte of `text`.
  public var characters: [Character]
  public var view: ViewSettings
  /// While there is a tutorial: how many of its steps are done.
  public var tutor: Int?

  public struct Generator: Codable, Sendable, Equatable {
    public var state: String
    public var words: String
    public var bar: Int
    public var target: Int
    /// What an author of notes has drawn for the bar that grows, which stands in no text yet.
    public var unwritten: Int
  }
  public struct Player: Codable, Sendable, Equatable {
    public var state: String
    public var words: String
    public var bar: Int
    public var beat: Int
    public var tick: Int
    public var output: String
  }
  public struct Temperatures: Codable, Sendable, Equatable {
    public var all: Double
    public var melody: Double
    public var rhythm: Double
    public var form: Double
  }
  public struct Takes: Codable, Sendable, Equatable {
    /// From 1.
    public var index: Int
    public var count: Int
    public var texts: [String]
    /// What each is called; empty = nothing.
    public var tags: [String]
    /// Whether each was taken off a list of alternatives.
    public var dropped: [Bool]
  }
  public struct Alternatives: Codable, Sendable, Equatable {
    public var selected: Int
    public var ready: Int
    public var texts: [String]
    /// What they are for: `bars 5-6`.
    public var name: String
    /// Where the one that is shown differs from the original.
    public var difference: String
    /// For each candidate that fills a gap: its own bits, and those of the kept bars behind it.
    public var bits: [Float]
    public var bitsAfter: [Float]
    /// How many ways to go on were drawn, and how many of those failed no gate of the judge.
    public var drawn: Int
    public var passed: Int?
  }
  public struct Kept: Codable, Sendable, Equatable {
    public var name: String
    public var title: String
    public var text: String
  }
  public struct Picker: Codable, Sendable, Equatable {
    /// `shelf`, `takes`, `history`, `drafts`, `tunes`, `files`.
    public var kind: String
    public var query: String
    /// How many there are, and how many of them have what was typed.
    public var count: Int
    public var matches: Int
    /// Of the chosen one; empty where nothing matches.
    public var name: String
    public var title: String
    public var detail: String
    /// What is looked at.
    public var preview: String
  }
  public struct Judge: Codable, Sendable, Equatable {
    /// `passed`, `failed` or `open` by the gate's name.
    public var marks: [String: String]
    public var passed: Int
    /// The longest run of notes that a known tune has, too.
    public var shared: Shared?

    public struct Shared: Codable, Sendable, Equatable {
      public var notes: Int
      public var tune: String
    }
  }
  public struct Lock: Codable, Sendable, Equatable {
    public var bars: String
    public var lower: Int
    public var upper: Int
    public var text: String
  }
  public struct Character: Codable, Sendable, Equatable {
    public var origin: String
    public var bits: Float
    public var rank: Int32
    public var entropy: Float
    public var temperature: Float
    public var memory: Float
  }
}

extension Session {
  public func status(draft: String) -> Status {
    let takes = self.takes
    let position = score.position(at: player.playhead)
    return Status(
      draft: draft, title: draftTitle, text: text, cursor: cursor,
      voice: cursorVoice + 1, head: head, mode: mode.name,
      message: message?.text ?? "", isSaved: !isUnsaved,
      bars: parsed.voices.indices.map { score.completeBars(ofVoice: $0) }.max() ?? 0,
      plays: score.playedOrder,
      depth: history.depth,
      generator: Status.Generator(
        state: generatorState, words: generatorWords, bar: score.growingBar(atByte: head),
        target: targetBar, unwritten: history.current.unwritten?.tokens.count ?? 0),
      player: Status.Player(
        state: player.state.rawValue, words: transportWords, bar: position.bar,
        beat: position.beat, tick: player.playhead.count, output: player.output),
      midi: wiring,
      temp: Status.Temperatures(
        all: sampling.temperature, melody: sampling.temperature(of: .melody),
        rhythm: sampling.temperature(of: .rhythm), form: sampling.temperature(of: .form)),
      sampling: sampling, rng: rng,
      takes: Status.Takes(
        index: (takes.firstIndex(of: history.currentIdentifier) ?? 0) + 1, count: takes.count,
        texts: takes.map { history.versions[$0].text },
        tags: takes.map { history.versions[$0].tag },
        dropped: takes.map { history.versions[$0].isDropped }),
      alternatives: alternatives.map { open in
        Status.Alternatives(
          selected: open.selected, ready: open.candidates.count(where: \.isReady),
          texts: [history.versions[open.original].text]
            + open.candidates.map { history.versions[$0.version].text },
          name: open.name, difference: alternativeDifference,
          bits: open.candidates.compactMap(\.bits),
          bitsAfter: open.candidates.compactMap(\.bitsAfter), drawn: open.drawn,
          passed: open.passed)
      },
      locks: locks.map { lock in
        Status.Lock(
          bars: score.bars(inBytes: lock).map(barNames) ?? "", lower: lock.lowerBound,
          upper: lock.upperBound, text: text.text(atBytes: lock))
      },
      shelf: shelf.names.compactMap { name in
        shelf.phrases[name].map { Status.Kept(name: name, title: $0.name, text: $0.text) }
      },
      form: shelf.form,
      loop: loop.map { barNames($0).filter { $0.isNumber || $0 == "-" } } ?? "",
      picker: pickerStatus,
      model: model?.name ?? "",
      judge: critique.map { critique in
        Status.Judge(
          marks: Dictionary(
            critique.marks.map { ($0.gate.rawValue, $0.verdict.rawValue) }
          ) { first, _ in first },
          passed: critique.passedCount,
          shared: critique.longestPassage.map {
            Status.Judge.Shared(notes: $0.notes, tune: $0.title)
          })
      },
      plan: plannedBars, book: book?.name ?? "",
      warnings: parsed.diagnostics.map { "\($0.line):\($0.column): \($0.sentence)" },
      characters: records.map {
        Status.Character(
          origin: "\($0.origin)", bits: $0.bits, rank: $0.rank, entropy: $0.entropy,
          temperature: $0.temperature, memory: $0.memory)
      },
      view: view, tutor: tutor?.step)
  }

  private var pickerStatus: Status.Picker? {
    guard case .picker(let picker) = mode else { return nil }
    let chosen = picker.chosen
    return Status.Picker(
      kind: picker.kind.name, query: picker.query.text, count: picker.choices.count,
      matches: picker.matches.count, name: chosen?.name ?? "", title: chosen?.title ?? "",
      detail: chosen?.detail ?? "", preview: previewed?.text ?? "")
  }

  /// One word for the generator's state.
  public var generatorState: String {
    switch generator {
    case .noModel: "none"
    case .loading: "load"
    case .idle: "idle"
    case .priming: "prime"
    case .running: "run"
    case .resting: "rest"
    case .paused: "pause"
    case .done: "done"
    case .failed: "fail"
    }
  }

  /// The generator's part of the status line, without `GEN`.
  public var generatorWords: String {
    if let alternatives {
      return
        "\(alternatives.isReady ? "done" : "run") k=\(max(alternatives.wanted, alternatives.candidates.count))"
    }
    switch generator {
    case .running, .resting:
      let bar = score.growingBar(atByte: head)
      let isOpen = sampling.stop == .never || sampling.stop == .cadence
      if isOpen, writer.run?.goal == .rule { return "\(generatorState) \(bar)" }
      // A phrase is over when something else than its bar line would follow.
      return "\(generatorState) \(min(bar, targetBar))/\(targetBar)"
    case .paused:
      guard let last = parsed.bars.last, !last.isClosed else {
        return "pause \(score.growingBar(atByte: head)).1"
      }
      let beat = max(parsed.header.beatLength.value, 0.001)
      let beats = max(Int((last.expected?.value ?? 1000) / beat), 1)
      return "pause \(last.number).\(min(Int(last.length.value / beat) + 1, beats))"
    // Why, is said in the messages.
    case .failed: return "fail"
    default: return generatorState
    }
  }

  /// The transport's part of the status line: `STOP`, `PLAY 5.2`, `LOOP 5-6`, `WAIT 7.1`.
  public var transportWords: String {
    let position = score.position(at: player.playhead)
    switch player.state {
    case .stopped: return "STOP"
    case .waiting: return "WAIT \(position.bar).\(position.beat)"
    case .playing:
      guard let loop, parsed.bars.indices.contains(loop.upperBound) else {
        return "PLAY \(position.bar).\(position.beat)"
      }
      return "LOOP \(parsed.bars[loop.lowerBound].number)-\(parsed.bars[loop.upperBound].number)"
    }
  }
}

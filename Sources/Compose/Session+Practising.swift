import Music

/// Practising: some bars over and over, faster after some rounds, with silent rounds for an answer.
/// Nothing in the text or the draft changes.
struct Practice: Sendable, Equatable {
  /// Beats a minute.
  var tempo: Int
  let end: Int
  let step: Int
  /// Rounds until the tempo changes.
  let rounds: Int
  /// Whether each round is followed by a silent one.
  let rests: Bool
  let range: Range<Tick>
  /// Rounds played at this tempo, the silent ones not counted; and whether this one is silent.
  var done = 0
  var isSilent = false
  var lastHeard: Tick?

  /// `PRACTISE 72>100 2/4`.
  var words: String {
    "PRACTISE \(tempo)" + (tempo == end ? "" : ">\(end)") + " \(min(done + 1, rounds))/\(rounds)"
      + (isSilent ? " your turn" : "")
  }

  /// A round is over.
  ///
  /// - Returns: Whether the tempo has changed.
  mutating func turn() -> Bool {
    if rests {
      isSilent.toggle()
      if isSilent { return false }
    }
    done += 1
    guard done >= rounds else { return false }
    done = 0
    guard tempo != end else { return false }
    tempo = tempo < end ? min(tempo + step, end) : max(tempo - step, end)
    return true
  }
}

extension Session {
  public var practiceWords: String? { practice?.words }

  /// `practise 60 100 5 2 rest`: from a tempo to another in steps, after so many rounds each.
  mutating func practise(_ argument: String) -> [Effect] {
    if argument == "off" || (argument.isEmpty && practice != nil) { return endPractice() }
    var words = argument.split(separator: " ").map(String.init)
    var rests = habits.practiceRests
    if let word = words.last, ["rest", "rests", "through"].contains(word) {
      rests = word != "through"
      words.removeLast()
    }
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == words.count, numbers.count <= 4,
      numbers.prefix(2).allSatisfy({ (10...400).contains($0) }),
      numbers.dropFirst(2).allSatisfy({ (1...200).contains($0) })
    else {
      complain(
        "write practise START END STEP ROUNDS, such as practise 60 100 5 2; rest = silent rounds")
      return []
    }
    func number(_ index: Int, else other: Int) -> Int {
      numbers.indices.contains(index) ? numbers[index] : other
    }
    let end = number(1, else: tempo)
    let range =
      (loop ?? selection).flatMap { score.ticks(ofBars: $0) } ?? .zero..<score.performance.end
    guard range.upperBound.count - range.lowerBound.count >= Tick.perQuarter / 16 else {
      notice("there is nothing to practise yet")
      return []
    }
    let effects = finishRecording() + pause() + stopPlaying()
    endSelection()
    practice = Practice(
      tempo: number(0, else: max(tempo * habits.practiceStart / 100, 10)), end: end,
      step: number(2, else: habits.practiceStep), rounds: number(3, else: habits.practiceRounds),
      rests: rests, range: range)
    listening.start(at: range.lowerBound)
    let turns = rests ? ", your turn after each round" : ""
    notice("practise from \(practice?.tempo ?? end) to \(end)\(turns) (Esc ends)")
    return effects + practiceTempo
      + [.setRests(rests), .play(playbackPlan, from: range.lowerBound)]
  }

  /// The player's speed for the tempo that is practised.
  private var practiceTempo: [Effect] {
    practice.map { [.setTempoScale(Double($0.tempo) / Double(max(tempo, 1)))] } ?? []
  }

  /// What the player says while one practises: going back means that a round is over.
  mutating func practiceHears(_ report: PlayerReport) -> [Effect] {
    guard var now = practice else { return [] }
    guard report.state != .stopped else {
      // Until it has begun it says so, too.
      return now.lastHeard == nil ? [] : endPractice()
    }
    let half = (now.range.upperBound.count - now.range.lowerBound.count) / 2
    let place = report.playhead.count - now.range.lowerBound.count
    // What was played before may still be told at first.
    if now.lastHeard == nil, place >= half { return [] }
    let isBack = now.lastHeard.map { $0.count - report.playhead.count > half } ?? false
    now.lastHeard = report.playhead
    let isFaster = isBack && now.turn()
    practice = now
    guard isFaster else { return [] }
    notice("now \(now.tempo)")
    return practiceTempo
  }

  /// Stops and goes back to the tempo that is written.
  mutating func endPractice() -> [Effect] {
    guard let last = practice else { return [] }
    practice = nil
    notice("practised up to \(last.tempo)")
    return stopPlaying() + [.setRests(false), .setTempoScale(1)]
  }

}

/// What a musician is used to, from the settings.
public struct Habits: Sendable, Equatable {
  /// Bars of clicks before a take.
  public var countIn = 1
  /// Whether a take is clicked throughout.
  public var clicks = true
  /// Where practising begins, in percent of the tune's tempo.
  public var practiceStart = 60
  /// Beats a minute.
  public var practiceStep = 5
  /// Rounds at each tempo.
  public var practiceRounds = 2
  /// Whether each round is followed by a silent one.
  public var practiceRests = false

  public init() {}
}

import ABC
import Music

/// Practising: some bars over and over, faster after some rounds, with silent rounds for an answer.
/// Nothing in the text or the draft changes.
struct Practice: Sendable, Equatable {
  let plan: PracticePlan
  /// Beats a minute.
  var tempo: Int
  let range: Range<Tick>
  /// Rounds played at this tempo, the silent ones not counted; and whether this one is silent.
  var done = 0
  var isSilent = false
  var lastHeard: Tick?

  /// `PRACTISE 72>100 2/4`.
  var words: String {
    "PRACTISE \(tempo)" + (tempo == plan.end ? "" : ">\(plan.end)")
      + " \(min(done + 1, plan.rounds))/\(plan.rounds)"
      + (isSilent ? " your turn" : "")
  }

  /// A round is over.
  ///
  /// - Returns: Whether the tempo has changed.
  mutating func turn() -> Bool {
    if plan.rests {
      isSilent.toggle()
      if isSilent { return false }
    }
    done += 1
    guard done >= plan.rounds else { return false }
    done = 0
    guard tempo != plan.end else { return false }
    tempo = plan.tempo(after: tempo)
    return true
  }
}

extension Session {
  public var practiceWords: String? { practice?.words }

  /// `practise 60 100 5 2 rest`: from a tempo to another in steps, after so many rounds each.
  mutating func practise(_ argument: String) -> [Effect] {
    if argument == "off" || (argument.isEmpty && practice != nil) { return endPractice() }
    guard let plan = PracticePlan(argument, tempo: tempo, habits: habits) else {
      complain("write practise \(PracticePlan.form)")
      return []
    }
    let range =
      (loop ?? selection).flatMap { score.ticks(ofBars: $0) } ?? .zero..<score.performance.end
    guard range.upperBound.count - range.lowerBound.count >= Tick.perQuarter / 16 else {
      notice("there is nothing to practise yet")
      return []
    }
    let effects = finishRecording() + pause() + stopPlaying()
    endSelection()
    practice = Practice(plan: plan, tempo: plan.start, range: range)
    listening.start(at: range.lowerBound)
    let turns = plan.rests ? ", your turn after each round" : ""
    notice("practise from \(plan.start) to \(plan.end)\(turns) (Esc ends)")
    return effects + practiceTempo
      + [.setRests(plan.rests), .play(playbackPlan, from: range.lowerBound)]
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
  /// How ornaments are played, by the name of the catalogue's row.
  public var ornaments = OrnamentStyle.standard.name

  public init() {}
}

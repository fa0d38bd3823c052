import Compose
import Music
import Testing

@Suite struct PractisingTests {
  static let tune = "X:1\nT:t\nM:4/4\nL:1/4\nQ:1/4=100\nK:D\nDEFG|ABcd|\n"

  private func rig() -> Rig {
    var rig = Rig(withModel: false)
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    rig.effects = []
    return rig
  }

  private func scales(_ rig: Rig) -> [Double] {
    rig.effects.compactMap { if case .setTempoScale(let scale) = $0 { scale } else { nil } }
  }

  /// One round of bars, as the player tells it.
  private func round(_ rig: inout Rig, _ quarters: Range<Double> = 0..<8) {
    for quarter in stride(from: quarters.lowerBound, to: quarters.upperBound, by: 0.5) {
      rig.hear(quarter: quarter)
    }
  }

  @Test func `it gets faster after some rounds, and stays at the end tempo`() {
    var rig = rig()
    rig.run("practise 60 70 5 2")
    #expect(rig.effects.contains(.setLoop(.zero..<Tick(8 * Tick.perQuarter))))
    #expect(rig.session.practiceWords == "PRACTISE 60>70 1/2")
    for _ in 0..<7 { round(&rig) }
    #expect(scales(rig) == [0.6, 0.65, 0.7])
    #expect(rig.session.practiceWords?.hasPrefix("PRACTISE 70 ") == true)
    rig.press(.cancel)
    #expect(scales(rig).last == 1)
    #expect(rig.effects.contains(.stopPlaying))
    #expect(rig.effects.last { if case .setLoop = $0 { true } else { false } } == .setLoop(nil))
    #expect(rig.text == Self.tune)
    #expect(rig.session.practiceWords == nil)
  }

  @Test func `silent rounds do not count, and say whose turn it is`() {
    var rig = rig()
    rig.run("practise 60 100 10 1 rest")
    #expect(rig.effects.contains(.setRests(true)))
    round(&rig)
    round(&rig)
    #expect(rig.session.practiceWords?.hasSuffix("your turn") == true)
    #expect(scales(rig) == [0.6])
    round(&rig)
    #expect(scales(rig) == [0.6, 0.7])
  }

  @Test func `selected bars are practised, with what the settings say`() {
    var rig = rig()
    var habits = Habits()
    (habits.practiceStart, habits.practiceStep, habits.practiceRounds) = (50, 20, 1)
    rig.send(.habitsRead(habits))
    rig.press(.goTo, "2")
    rig.press(.select)
    rig.run("practice")
    #expect(rig.effects.contains(.setLoop(Tick(4 * Tick.perQuarter)..<Tick(8 * Tick.perQuarter))))
    round(&rig, 4..<8)
    round(&rig, 4..<8)
    #expect(scales(rig) == [0.5, 0.7])
    // Space ends it, too, and so does the player.
    rig.press(.playToggle)
    #expect(scales(rig).last == 1)
    rig.run("practise")
    round(&rig)
    rig.send(
      .playerChanged(PlayerReport(state: .stopped, playhead: .zero, output: "", silence: "")))
    #expect(rig.session.practiceWords == nil)
  }

  @Test(arguments: ["practise fast", "practise 60 100 0", "practise 5", "practise 1 2 3 4 5"])
  func `what cannot be practised is said`(line: String) {
    var rig = rig()
    rig.run(line)
    #expect(rig.session.message?.kind == .error)
    #expect(rig.session.practiceWords == nil)
  }

  @Test func `a plan is played in a row: rounds, tempos, silent rounds`() throws {
    let performance = Score(text: Self.tune).performance
    let plan = try #require(PracticePlan("50 100 30 2 rest", tempo: 100, habits: Habits()))
    #expect(plan.tempos == [50, 80, 100])
    let bar = Tick(4 * Tick.perQuarter)
    let range = bar..<Tick(8 * Tick.perQuarter)
    let heard = try #require(plan.performance(of: performance, in: range, tempo: 100))
    // Three tempos, two rounds each, four notes a round; as many rounds are silent.
    #expect(heard.notes.count == 3 * 2 * 4)
    #expect(heard.end.count == 3 * 2 * 2 * bar.count)
    #expect(heard.tempos.map(\.quartersPerMinute) == [50, 80, 100])
    #expect(heard.tempos.map(\.at.count) == [0, 4, 8].map { $0 * bar.count })
    let second = heard.notes.filter { $0.start.count >= bar.count * 2 }
    #expect(second.first?.start.count == bar.count * 2)
    #expect(heard.notes.allSatisfy { $0.start.count / bar.count % 2 == 0 })
    #expect(heard.bars.count == 12 && heard.bars.allSatisfy { $0.written == 1 })
  }

  @Test(arguments: ["fast", "60 100 0", "5", "1 2 3 4 5", "60,x"])
  func `what is no plan is none`(text: String) {
    #expect(PracticePlan(text, tempo: 100, habits: Habits()) == nil)
  }
}

import ABC
import Compose
import Music
import Testing

@Suite struct OrnamentTests {
  private static let tune = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n~c2 Td2|"

  private func rig() throws -> Rig {
    var short = OrnamentStyle.standard
    short.name = "short"
    let pattern = try #require(OrnamentPattern("note below note"))
    short.patterns[.roll] = pattern
    var rig = Rig(withModel: false)
    rig.send(.catalogueRead(Catalogue(ornaments: [.standard, short])))
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    return rig
  }

  private func keys(_ effects: [Effect]) -> [Int]? {
    for case .play(let plan, _) in effects.reversed() {
      return plan.performance.notes.map(\.pitch.key)
    }
    return nil
  }

  @Test func `ornaments are played as the row that is chosen says, the text stays`() throws {
    var rig = try rig()
    rig.press(.goTo, "start")
    rig.press(.playToggle)
    #expect(keys(rig.effects)?.prefix(5) == [72, 74, 72, 71, 72])
    rig.press(.playToggle)
    rig.run("ornaments short")
    #expect(rig.session.message?.text.hasPrefix("ornaments short") == true)
    rig.press(.goTo, "start")
    rig.press(.playToggle)
    #expect(keys(rig.effects)?.prefix(4) == [72, 71, 72, 74])
    #expect(rig.text == Self.tune)
    rig.run("ornaments")
    #expect(rig.session.ornamentStyle == .standard)
  }

  @Test func `what the settings say holds until another is chosen, and mistakes are named`() throws
  {
    var rig = try rig()
    var habits = Habits()
    habits.ornaments = "short"
    rig.send(.habitsRead(habits))
    #expect(rig.session.ornamentStyle.name == "short")
    rig.run("ornaments shrot")
    #expect(
      rig.session.message?.text == "no ornaments are called 'shrot' (did you mean 'short'?)")
    #expect(rig.session.ornamentStyle.name == "short")
  }
}

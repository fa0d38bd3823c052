import Compose
import Testing

@testable import lilt

/// `lilt tutor` as a beginner goes through it, with the model that is shipped.
@Suite(.serialized) struct TutorScenarioTests {
  @Test func `the first tune is made by the keys that the tutorial names`() throws {
    let composer = try RunningComposer(command: ["tutor", "--audio", "log:s.jsonl", "--rng", "7"])
    #expect(composer.wait("tutor  1 of 14", 20))
    #expect(composer.wait("Enter lets the model write"))
    /// What is typed, and the step that the tutorial is at then.
    func type(_ typed: String, reaches step: Int) throws {
      composer.type(typed)
      let status = try composer.status(within: 20) { $0.tutor ?? -1 >= step }
      #expect(status.tutor == step, "\(composer.program.text)")
    }
    try type("\r", reaches: 1)
    try type(" ", reaches: 2)
    try type("+++", reaches: 3)
    try type("--", reaches: 4)
    // The phrase may be done by now: then the first Enter goes on.
    composer.keys("Enter")
    let isThere = try composer.status(within: 3) { $0.tutor == 5 }.tutor == 5
    try type(isThere ? "" : "\r", reaches: 5)
    try type("\r", reaches: 6)
    try type("\u{7F}", reaches: 7)
    try type("3GR", reaches: 8)
    try type(",", reaches: 9)
    try type("u", reaches: 10)
    composer.type("a")
    #expect(try composer.status(within: 20) { $0.alternatives?.ready ?? 0 >= 2 }.mode == "audition")
    composer.type("2")
    _ = try composer.status(within: 5) { $0.alternatives?.selected == 2 }
    try type("\r", reaches: 11)
    composer.type("id2 f2 a2|")
    composer.keys("Esc")
    try type("", reaches: 12)
    try type(":name My First Tune\r", reaches: 13)
    try type(":export first.abc\r", reaches: 14)
    #expect(composer.wait("That was a whole tune"))
    #expect(composer.workplace.read("first.abc").contains("T:My First Tune"))
    composer.type(":tutor off\r")
    #expect(composer.program.waitUntil(seconds: 5) { !composer.program.shows("whole tune") })
  }

  @Test func `in plain mode each step is told in the words to type`() throws {
    let place = try Workplace()
    let run = try place.run(
      ["tutor", "--plain", "--rng", "7", "--audio", "none"],
      input: ["wait", "gen.toggle", "wait", "tutor next", "temp +0.05", "quit"].joined(
        separator: "\n"))
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("tutor 1 of 14: 'gen.toggle' lets the model write") })
    #expect(lines.contains { $0.hasPrefix("the model writes. tutor 2 of 14: 'play.toggle' plays") })
    #expect(lines.contains { $0.hasPrefix("tutor 3 of 14: 'temp +0.05' makes") })
  }
}

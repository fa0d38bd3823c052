import ABC
import Analysis
import Testing

@testable import Compose

/// What the session asks the judge, and what it makes of the answers.
@Suite struct JudgingTests {
  private static let header = "X:1\nT:t\nR:reel\nM:4/4\nL:1/8\nK:G\n"
  private static let known = "GABd gdBA|GBcd egfe|dBGA FDEF|"
  private static let tune = header + known + "G2BG d2BG|\n"

  private static let repertoire: Repertoire = {
    let bytes = Array((header + known + "\n").utf8)
    return Repertoire([
      Repertoire.Tune(title: "The Source", parsed: ParsedTune(bytes: bytes), text: bytes)
    ])
  }()

  private func rig(_ text: String = JudgingTests.tune, rule: String = "") -> Rig {
    var rig = Rig(withModel: false)
    var model = Rig.model
    model.repertoires = [Self.repertoire.fingerprint]
    rig.send(.modelLoaded(model))
    if !rule.isEmpty { rig.press(.copyGuard, rule) }
    if !text.isEmpty { rig.send(.pasted(text)) }
    return rig
  }

  private func asked(_ rig: Rig) -> [CritiqueRequest] {
    rig.effects.compactMap { if case .judge(let request) = $0 { request } else { nil } }
  }

  private func answer(_ request: CritiqueRequest) -> Event {
    .judged(
      request.report(
        request.subjects.map {
          Critique($0.text, isComplete: $0.isComplete, repertoires: [Self.repertoire])
        }))
  }

  /// Answers until nothing is asked any more.
  private func settle(_ rig: inout Rig, from count: Int = 0) {
    var answered = count
    while answered < asked(rig).count {
      rig.send(answer(asked(rig)[answered]))
      answered += 1
    }
  }

  @Test func `a text is judged once, and again when it has changed`() throws {
    var rig = rig()
    #expect(asked(rig).map { $0.subjects.map(\.text) } == [[Self.tune]])
    #expect(rig.session.critique == nil)
    settle(&rig)
    #expect(rig.session.critique?.marks.map(\.gate) == Gate.allCases)
    #expect(rig.session.critique?.longestPassage?.title == "The Source")
    rig.press(.move, "right")
    rig.press(.judge)
    #expect(asked(rig).count == 1)
    rig.press(.cancel)
    rig.press(.transpose, "2")
    #expect(asked(rig).count == 2)
    // What was said of the text before stays until the judge has looked again.
    settle(&rig, from: 1)
    #expect(rig.session.status(draft: "").judge?.shared?.notes == 24)
  }

  @Test func `a model of notes is judged, told what it copies, and kept from it`() throws {
    let model = try NoteModel(
      NoteFixture.checkpoint("midi-characters", NoteFixture.midiCharacters),
      repertoires: [Self.repertoire])
    var rig = Rig(withModel: false)
    rig.send(.modelLoaded(AuthorModel.notes(model).summary))
    #expect(rig.session.hasJudge)
    rig.send(.pasted(Self.tune))
    settle(&rig)
    #expect(rig.session.critique?.longestPassage?.title == "The Source")
    // What nothing else is asked for forbids 24 notes in a row.
    #expect(rig.session.sampling.writing.copyGuard == .forbid(24))
    #expect(rig.session.message?.text.contains("24 notes as in The Source") == true)
    rig.press(.copyGuard, "forbid 12")
    #expect(rig.session.sampling.writing.copyGuard == .forbid(12))
    rig.press(.copyGuard, "warn 12")
    #expect(rig.session.sampling.writing.copyGuard == .warn(12))
    rig.run("memory 0.5")
    #expect(rig.session.message?.text == Author.charactersOnly)
  }

  @Test func `one question at a time, and the next about what the text has become`() {
    var rig = rig()
    rig.press(.transpose, "2")
    rig.press(.transpose, "3")
    #expect(asked(rig).count == 1)
    rig.send(answer(asked(rig)[0]))
    #expect(asked(rig).count == 2)
    #expect(asked(rig)[1].subjects.first?.text == rig.text)
  }

  @Test func `while the model writes it is judged bar by bar`() {
    var rig = rig("")
    rig.press(.stopRule, "never")
    rig.isHolding = true
    rig.press(.generateToggle)
    settle(&rig)
    var texts: [Int] = []
    for _ in 0..<12 {
      let before = asked(rig).count
      rig.deliver()
      settle(&rig, from: before)
      texts += asked(rig)[before...].map { ParsedTune(text: $0.subjects[0].text).bars.count }
    }
    #expect(texts.count > 3)
    #expect(Set(texts.dropLast()).count == texts.count - 1, "\(texts)")
  }

  @Test func `takes and alternatives are judged beside the text`() {
    var rig = rig(Self.header)
    rig.press(.alternatives)
    settle(&rig)
    let open = rig.session.alternatives?.candidates.map(\.version) ?? []
    #expect(open.count == 4)
    for version in open { #expect(rig.session.critique(of: version) != nil) }
    rig.press(.alternativeChoose)
    settle(&rig, from: 0)
    #expect(rig.session.takes.count == 4)
    for take in rig.session.takes { #expect(rig.session.critique(of: take) != nil) }
  }

  @Test func `an answer to another draft's question is not taken`() {
    var first = rig()
    let question = asked(first)[0]
    var second = Session(title: "untitled-2", rng: 1)
    second.continueRequests(of: first.session)
    _ = second.handle(.modelLoaded(Rig.model))
    _ = second.handle(.pasted(Self.tune))
    _ = second.handle(answer(question))
    #expect(second.critique == nil)
    first.send(answer(question))
    #expect(first.session.critique != nil)
  }

  @Test func `in warn a run is told once, with its tune and bars`() {
    var rig = rig(rule: "warn 12")
    settle(&rig)
    #expect(rig.session.messages.last?.text == "24 notes as in The Source, bars 1-3")
    rig.press(.insert)
    rig.send(.typed(" "))
    settle(&rig, from: 1)
    #expect(rig.session.messages.count { $0.text.contains("The Source") } == 1)
    var silent = self.rig(rule: "warn 30")
    settle(&silent)
    #expect(silent.session.messages.last?.text.contains("The Source") == false)
  }

  @Test func `without tunes to judge by nothing is asked, and the command says why`() {
    var rig = Rig()
    rig.send(.pasted(Self.tune))
    rig.press(.judge)
    #expect(asked(rig).isEmpty)
    #expect(rig.session.mode == .normal)
    #expect(rig.session.message?.text.contains("repertoire") == true)
    rig.press(.copyGuard, "forbid 20")
    #expect(rig.session.message?.text.contains("nothing is known to guard") == true)
  }

  @Test func `the draft names what guards it, and a rule that is none is refused`() {
    var rig = rig("")
    rig.press(.copyGuard, "forbid 9")
    #expect(rig.session.message?.kind == .error)
    rig.press(.copyGuard, "20")
    #expect(rig.session.sampling.writing.copyGuard == .forbid(20))
    let sampling = rig.journal.compactMap {
      if case .sampling(let sampling) = $0 { sampling.writing } else { nil }
    }
    #expect(sampling.last?.repertoires == [Self.repertoire.fingerprint])
    #expect(sampling.last?.copyGuard == .forbid(20))
  }

  @Test func `a final bar line makes a whole tune of it, which then has a cadence`() {
    var open = rig()
    settle(&open)
    #expect(open.session.critique?.marks.first { $0.gate == .cadence }?.verdict == .open)
    var whole = rig(String(Self.tune.dropLast(2)) + "|]\n")
    settle(&whole)
    #expect(whole.session.critique?.marks.first { $0.gate == .cadence }?.verdict == .passed)
  }
}

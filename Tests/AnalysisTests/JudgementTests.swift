import Testing

@testable import Analysis

/// The nine gates, each passed and failed by a tune that differs in one thing.
@Suite struct JudgementTests {
  @Test func `a well made tune passes all nine`() {
    let judgement = judged(Reel.whole, thirtyReels)
    #expect(judgement.passesAll, "\(judgement.marks())")
    #expect(
      judgement.marks()
        == "meter ✓ rhythm ✓ mode ✓ range ✓ form ✓ pickup ✓ cadence ✓ repetition ✓ contrast ✓")
    #expect(judgement.marks(isASCII: true).hasPrefix("meter + rhythm + "))
    #expect(judgement.statistics?.dance.name == "reel")
  }

  struct Fault: CustomTestStringConvertible, Sendable {
    var gate: Gate
    var text: String
    /// What the sentence says.
    var words: String
    var testDescription: String { "\(gate)" }
  }

  static let faults = [
    Fault(
      gate: .meter, text: Reel.whole([3: "G2BG d2B"]), words: "Bar 3 is not as long as 4/4 says"),
    Fault(
      gate: .rhythm,
      text: Reel.text([
        Reel.part([
          "G3B3 d2", "A3c3 e2", "G3B3 d2", "A3F3 G2", "G3B3 d2", "A3c3 e2", "G3B3 d2", Reel.d,
        ]),
        Reel.part(Reel.second),
      ]), words: "Bars 1, 2, 3, 4, 5, 6 and 7 have rhythms that reels hardly ever have"),
    Fault(
      gate: .mode, text: Reel.whole([1: "^G2^BG ^d2BG", 5: "^G2^BG ^d2BG"]),
      words: "of the notes are outside the key, in bars 1 and 5; up to 0 % is usual in reels"),
    Fault(
      gate: .range, text: Reel.whole([4: "A2^F,A G4"]),
      words: "It goes below G3, down to F#3, in bar 4"),
    Fault(
      gate: .form,
      text: Reel.text([Reel.part(Array(Reel.first.dropFirst())), Reel.part(Reel.second)]),
      words: "The 2 parts have 7 and 8 bars"),
    Fault(
      gate: .pickup,
      text: Reel.text([Reel.part(["D|" + Reel.a] + Reel.first[1...]), Reel.part(Reel.second)]),
      words: "Part 1 is 8 1/8 bars long: its ends, bars 0 and 8, do not make whole bars together"),
    Fault(
      gate: .cadence,
      text: Reel.text([Reel.part(Reel.first), Reel.part(Reel.second.dropLast() + ["G2FG A4"])]),
      words: "It ends on A4; the tonic is G"),
    Fault(
      gate: .repetition,
      text: Reel.text([
        Reel.part([Reel.a, Reel.b, Reel.c, Reel.d]),
        Reel.part([Reel.e, Reel.f, "gfed cBAG", "FGAF G4"]),
      ]), words: "No bar comes back"),
    Fault(
      gate: .contrast, text: Reel.text([Reel.part(Reel.first), Reel.part(Reel.first)]),
      words: "The second part lies 0.0 semitones higher than the first and is 100 % alike"),
  ]

  @Test(arguments: faults)
  func `each gate fails where its own thing is wrong, and says where`(fault: Fault) {
    let judgement = judged(fault.text, thirtyReels)
    #expect(judgement[fault.gate] == .failed, "\(judgement.marks())")
    #expect(
      judgement.sentence(for: fault.gate).contains(fault.words),
      "\(judgement.sentence(for: fault.gate))")
    let passed = judged(Reel.whole, thirtyReels).sentence(for: fault.gate)
    #expect(passed.hasSuffix(".") && !passed.contains(fault.words))
  }

  @Test func `a tune with four pitch classes fails the mode`() {
    let bars = ["G2BG d2BG", "G2BA G4"]
    let tune = Reel.text([
      Reel.part(bars + bars + bars + bars), Reel.part(Array(repeating: "d2Bd d2AG", count: 8)),
    ])
    let judgement = judged(tune, thirtyReels)
    #expect(judgement[.mode] == .failed)
    #expect(judgement.sentence(for: .mode).contains("only 4 different notes"))
  }

  @Test func `a lower second part fails the contrast from two and a half semitones on`() {
    let turned = Reel.text([Reel.part(Reel.second), Reel.part(Reel.first)])
    #expect(judged(turned)[.contrast] == .failed)
    #expect(judged(turned).sentence(for: .contrast).contains("4.6 semitones lower"))
  }

  @Test func `one part alone and five parts fail the form`() {
    #expect(judged(Reel.text([Reel.part(Reel.first)]))[.form] == .failed)
    let five = Array(repeating: Reel.part(Reel.first), count: 5)
    #expect(judged(Reel.text(five))[.form] == .failed)
    #expect(judged(Reel.text(Array(five.dropLast())))[.form] == .passed)
  }

  @Test func `without a repertoire the rhythm is not judged and the rest is`() {
    let judgement = judged(Reel.whole)
    #expect(judgement[.rhythm] == .open)
    #expect(judgement.passedCount == 8)
    #expect(judgement.typicality == nil)
    #expect(judgement.sharedRun == nil)
  }

  @Test func `while a tune is being written only what cannot be mended fails`() {
    let half = Reel.text(["|:" + Reel.first.prefix(5).joined(separator: "|") + "|"])
    let judgement = judged(half, thirtyReels, isComplete: false)
    #expect(judgement[.meter] == .passed)
    for gate in [Gate.form, .pickup, .cadence, .repetition, .contrast] {
      #expect(judgement[gate] == .open, "\(gate)")
    }
    #expect(!Gate.allCases.contains { judgement[$0] == .failed })
    let shortPart = Reel.text([Reel.part(Array(Reel.first.dropLast())), "|:" + Reel.e + "|"])
    #expect(judged(shortPart, isComplete: false)[.form] == .failed)
  }

  @Test func `every beginning of a tune is judged without failing a gate that the tune passes`() {
    let header = Reel.whole.utf8.count - Reel.whole.split(separator: "K:G\n")[1].utf8.count
    for end in stride(from: header, through: Reel.whole.utf8.count, by: 3) {
      let text = String(decoding: Reel.whole.utf8.prefix(end), as: UTF8.self)
      let judgement = judged(text, thirtyReels, isComplete: false)
      for gate in [Gate.form, .pickup, .range, .mode, .cadence] {
        #expect(judgement[gate] != .failed, "\(gate) after \(end) bytes")
      }
      for gate in Gate.allCases { #expect(judgement.sentence(for: gate).hasSuffix(".")) }
    }
  }

  @Test func `the score puts gates first and then how usual the measures are`() throws {
    let good = judged(Reel.whole, thirtyReels)
    let faulty = judged(Reel.whole([3: "G2BG d2B"]), thirtyReels)
    #expect(good.score > faulty.score)
    #expect(try #require(good.typicality) > 0.3)
    #expect(good.score < 10)
  }

  @Test func `the best that differ are chosen, the same melody once, in any key`() {
    let texts = [
      Reel.whole([3: "G2BG d2B"]), Reel.whole, Reel.whole,
      Reel.text([Reel.part(Reel.first), Reel.part(Reel.first)]),
    ]
    let judgements = texts.map { judged($0, thirtyReels) }
    let best = Judgement.best(4, of: judgements)
    #expect(best.first == 1)
    #expect(best.count == 3)
    #expect(Judgement.best(1, of: judgements) == [1])
    #expect(Judgement.best(2, of: []).isEmpty)
  }

  @Test func `a book that is read as one tune is judged`() {
    let bars = (0..<600).map { Reel.second[$0 % 8] + "[K:\(["G", "D"][$0 % 2])]" }
    let judgement = judged(Reel.text([Reel.part(Reel.first), Reel.part(bars)]), thirtyReels)
    #expect(judgement[.form] == .failed)
    #expect(judgement[.repetition] == .passed)
  }

  @Test func `strange text is judged without a crash`() {
    var random = FixedRandom(state: 7)
    let letters = Array("ABCDEFGabcdefg|:[]()123,'^_={}\"!zZ &-/<>\nKML:XT%".unicodeScalars)
    for _ in 0..<300 {
      var text = "X:1\nM:4/4\nL:1/8\nK:G\n"
      for _ in 0..<Int.random(in: 0..<300, using: &random) {
        text.unicodeScalars.append(letters.randomElement(using: &random) ?? "A")
      }
      let judgement = judged(text, thirtyReels, isComplete: Bool.random(using: &random))
      for gate in Gate.allCases { #expect(judgement.sentence(for: gate).hasSuffix(".")) }
    }
  }
}

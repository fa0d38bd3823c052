import Compose
import Music
import Testing

/// A musician at the typing keyboard: keys at moments of a clock that the test moves.
struct TypingMusician {
  var rig: Rig
  /// Milliseconds of a quarter.
  let quarter: Int
  /// When the player's time line begins.
  private var began = 1000

  init(_ text: String, at place: String = "end", quarter: Int = 500, releases: Bool = false) {
    rig = Rig(withModel: false)
    self.quarter = quarter
    rig.send(.fileRead(path: "t.abc", text: text))
    rig.press(.goTo, place)
    rig.send(.releasesReported(releases))
    rig.effects = []
  }

  /// A stroke of a key: at which quarter of the player's time line, and for how many.
  struct Stroke {
    var key: Character
    var at: Double
    var length: Double

    init(_ key: Character, _ at: Double, _ length: Double = 0.45) {
      (self.key, self.at, self.length) = (key, at, length)
    }
  }

  /// Time passes up to a moment in quarters; the player tells where it is while it plays.
  mutating func wait(until moment: Double) {
    let goal = began + Int((moment * Double(quarter)).rounded())
    while rig.clock < goal {
      rig.clock = min(rig.clock + 30, goal)
      rig.send(.clockTicked(milliseconds: rig.clock))
      guard rig.session.player.state == .playing else { continue }
      rig.hear(quarter: Double(rig.clock - began) / Double(quarter))
    }
  }

  mutating func play(_ strokes: [Stroke]) {
    let events = strokes.flatMap { stroke in
      [(stroke.at, 1, KeyStroke(stroke.key))]
        + (rig.session.reportsReleases
          ? [(stroke.at + stroke.length, 0, KeyStroke(stroke.key, .release))] : [])
    }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    for (moment, _, stroke) in events {
      wait(until: moment)
      rig.send(.keyStruck(stroke))
    }
  }

  /// Keys without a clock.
  mutating func press(_ keys: String) {
    for key in keys {
      rig.clock += 300
      rig.send(.clockTicked(milliseconds: rig.clock))
      rig.send(.keyStruck(KeyStroke(key)))
      if rig.session.reportsReleases { rig.send(.keyStruck(KeyStroke(key, .release))) }
    }
  }

  /// The text behind the header.
  var body: String { String(rig.text.split(separator: "K:")[1].drop { $0 != "\n" }.dropFirst()) }
}

@Suite struct RecordingTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/8\nK:D\n"
  typealias Stroke = TypingMusician.Stroke

  @Test func `a take played loosely to the clock is written as one undo step`() {
    var player = TypingMusician(Self.header)
    player.rig.run("record")
    #expect(player.rig.session.mode == .record)
    #expect(player.rig.effects.contains(.setMetronome(true)))
    #expect(player.rig.effects.contains(.setCountIn(1)))
    let loose = [0.03, -0.04, 0.02, 0.05, -0.03, 0.04, -0.02, 0.01]
    // D E F# G A B c# d.
    player.play("xcgbhnmw".enumerated().map { Stroke($1, Double($0) / 2 + loose[$0]) })
    player.wait(until: 4.2)
    player.rig.press(.cancel)
    #expect(player.rig.session.mode == .normal)
    #expect(player.rig.effects.contains(.stopPlaying))
    #expect(player.body == "DEFG ^GABd|")
    player.rig.press(.undo)
    #expect(player.rig.text == Self.header)
    #expect(player.rig.rebuilt.text == Self.header)
    player.rig.press(.redo)
    #expect(player.body == "DEFG ^GABd|")
  }

  struct Played: Sendable, CustomTestStringConvertible {
    var name: String
    var meter = "4/4"
    var key = "D"
    var notes: [(Character, Double, Double)]
    /// With releases, and without.
    var held: String
    var reaching: String
    var testDescription: String { name }
  }

  static let played: [Played] = [
    Played(
      name: "quarters, well held",
      notes: [("x", 0, 0.9), ("v", 1, 0.9), ("h", 2, 0.95), ("w", 3, 0.9)],
      held: "D2=F2 ^G2d2|", reaching: "D2=F2 ^G2dz|"),
    Played(
      name: "eighths and a triplet",
      notes: [
        ("x", 0, 0.45), ("c", 0.5, 0.45), ("x", 1, 0.3), ("c", 1.333, 0.3), ("x", 1.667, 0.3),
        ("n", 2, 1.9),
      ], held: "DE(3DED A4|", reaching: "DE(3DED Az3|"),
    Played(
      name: "a jig with sixteenths", meter: "6/8",
      notes: [
        ("x", 0, 0.45), ("c", 0.5, 0.2), ("b", 0.75, 0.2), ("n", 1, 0.45), ("w", 1.5, 1.4),
      ], held: "DE/2G/2A d3|", reaching: "DE/2G/2A dz2|"),
    Played(
      name: "a rest between", notes: [("x", 0, 0.9), ("x", 2, 0.9), ("c", 3, 0.9)],
      held: "D2z2 D2E2|", reaching: "D4 D2Ez|"),
    Played(
      name: "flats in a flat key", key: "Eb", notes: [("d", 0, 1), ("y", 1, 1), ("j", 2, 2)],
      held: "E2=a2 B4|", reaching: "E2=a2 Bz3|"),
  ]

  @Test(arguments: played)
  func `lengths are held lengths, or reach to the next key`(case played: Played) {
    for releases in [true, false] {
      let header = "X:1\nT:t\nM:\(played.meter)\nL:1/8\nK:\(played.key)\n"
      var player = TypingMusician(header, releases: releases)
      player.rig.run("record")
      player.play(played.notes.map { Stroke($0.0, $0.1, $0.2) })
      let end = played.meter == "6/8" ? 3.1 : 4.1
      player.wait(until: end)
      player.rig.press(.cancel)
      #expect(player.body == (releases ? played.held : played.reaching))
    }
  }

  @Test func `what is held over a bar line is tied`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.run("record 2")
    player.play([Stroke("x", 0, 2.9), Stroke("n", 3, 1.9), Stroke("x", 5, 2.9)])
    player.wait(until: 8.1)
    #expect(player.rig.session.mode == .normal)
    #expect(player.body == "D6A2-|A2D6|")
  }

  @Test func `notes before the first bar line are a pickup, bars without notes are rests`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.run("record 2")
    player.play([Stroke("n", -0.5, 0.45), Stroke("x", 0, 3.9)])
    player.wait(until: 8.1)
    #expect(player.body == "A|D8|z8|")
    #expect(player.rig.session.parsed.diagnostics.isEmpty)
  }

  @Test func `what the player still tells of before is not the clock of the take`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.run("record 1")
    player.rig.hear(quarter: 2)
    player.wait(until: 0)
    player.play([Stroke("x", 0, 1.9), Stroke("n", 2, 1.9)])
    player.wait(until: 4.1)
    #expect(player.body == "D4 A4|")
  }

  @Test func `two notes are no triplet, however late one is`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.run("record 1")
    player.play([Stroke("x", 0, 0.6), Stroke("c", 0.66, 0.3), Stroke("v", 1, 2.9)])
    player.wait(until: 4.1)
    #expect(player.body == "D>E=F6|")
  }

  @Test func `a key that repeats itself is one note`() {
    var player = TypingMusician(Self.header)
    player.rig.run("record")
    // The keyboard waits half a second, and sends it every thirtieth of one from then on.
    var strokes = [Stroke("x", 0)]
    strokes += (0..<15).map { Stroke("x", 1 + Double($0) / 15) }
    player.play(strokes + [Stroke("n", 2), Stroke("n", 3)])
    player.wait(until: 4.1)
    player.rig.press(.cancel)
    #expect(player.body == "D4 A2Az|")
  }

  @Test func `four bars make a line, and an open bar is gone on with`() {
    var player = TypingMusician(Self.header + "D4A4|D4A4|D4", releases: true)
    player.rig.run("record 4")
    let start = 10.0
    player.wait(until: start - 1)
    player.play((0..<14).map { Stroke($0 % 2 == 0 ? "x" : "n", start + Double($0), 0.95) })
    player.wait(until: 24.2)
    #expect(player.body == "D4A4|D4A4|D4D2A2|D2A2 D2A2|\nD2A2 D2A2|D2A2 D2A2|")
  }

  // MARK: Over a tune

  static let tune = header + "D2E2F2G2|A2B2c2d2|d2c2B2A2|G2F2E2D2|\n"

  @Test func `over a tune the bars from the cursor are replaced as they are played`() {
    var player = TypingMusician(Self.tune, at: "2", releases: true)
    player.rig.run("record")
    guard
      case .play(let plan, let from) = player.rig.effects.last(where: {
        if case .play = $0 { true } else { false }
      })
    else {
      Issue.record("nothing plays")
      return
    }
    // The voice that is played in is not heard as it was; the clock goes on behind the tune.
    #expect(from == Tick(4 * Tick.perQuarter))
    #expect(plan.performance.notes.count == 4)
    #expect(plan.performance.end > Tick(100 * Tick.perQuarter))
    player.wait(until: 3)
    player.play((4..<8).map { Stroke("x", Double($0), 0.95) })
    player.wait(until: 8.6)
    player.rig.press(.cancel)
    #expect(player.body == "D2E2F2G2|D2D2 D2D2|d2c2B2A2|G2F2E2D2|\n")
    player.rig.press(.undo)
    #expect(player.rig.text == Self.tune)
  }

  @Test func `a selection is replaced and ends the take`() {
    var player = TypingMusician(Self.tune, at: "2", releases: true)
    player.rig.press(.select)
    player.rig.press(.barNext)
    player.rig.run("record")
    player.wait(until: 3)
    player.play([Stroke("x", 4, 3.9), Stroke("n", 8, 3.9)])
    player.wait(until: 12.2)
    #expect(player.rig.session.mode == .normal)
    #expect(player.body == "D2E2F2G2|D8|A8|G2F2E2D2|\n")
  }

  @Test func `a locked bar stays whatever is played in it`() {
    var player = TypingMusician(Self.tune, at: "2", releases: true)
    player.rig.run("lock 2-2")
    player.rig.press(.goTo, "2")
    player.rig.run("record 2")
    player.wait(until: 3)
    player.play([Stroke("x", 4, 3.9), Stroke("n", 8, 3.9)])
    player.wait(until: 12.2)
    #expect(player.body == "D2E2F2G2|A2B2c2d2|A8|G2F2E2D2|\n")
  }

  // MARK: Step by step

  @Test(arguments: [false, true])
  func `notes are entered step by step`(releases: Bool) {
    var player = TypingMusician(Self.header, releases: releases)
    player.rig.run("step")
    player.press("xc")
    player.rig.run("record longer")
    player.press("v")
    player.rig.run("record rest")
    player.rig.run("record shorter")
    player.rig.run("record dot")
    player.press("b")
    player.rig.run("record dot")
    player.rig.run("record shorter")
    player.press("n")
    #expect(player.body == "DE=F2 z2G>A|")
    player.rig.run("record back")
    #expect(player.body == "DE=F2 z2G3/2")
    player.rig.run("record up")
    player.press("z")
    player.rig.press(.cancel)
    #expect(player.body == "DE=F2 z2G>=c|")
    player.rig.press(.undo)
    #expect(player.rig.text == Self.header)
  }

  @Test func `keys held together are a chord where releases are told`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.run("step")
    for key in ["x", "n"] as [Character] { player.rig.send(.keyStruck(KeyStroke(key))) }
    for key in ["n", "x"] as [Character] { player.rig.send(.keyStruck(KeyStroke(key, .release))) }
    player.press("c")
    player.rig.press(.cancel)
    #expect(player.body == "[DA]E")
  }

  @Test func `an empty draft gets a header with the first note`() {
    var rig = Rig(withModel: false)
    rig.run("step")
    #expect(rig.text == "")
    for key in "zcbi" { rig.send(.keyStruck(KeyStroke(key))) }
    rig.press(.cancel)
    #expect(rig.text == "X:1\nT:untitled-1\nM:4/4\nL:1/8\nK:C\nCEGc'")
    rig.press(.undo)
    #expect(rig.text == "")
  }

  @Test func `the clock stops for steps and goes on at the next bar line`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.run("record")
    player.play([Stroke("x", 0, 0.95), Stroke("c", 1, 0.95)])
    player.wait(until: 2)
    player.rig.run("record go")
    player.rig.effects = []
    player.press("vb")
    #expect(player.body == "D2E2 =FG")
    player.rig.run("record go")
    #expect(
      player.rig.effects.contains {
        if case .play(_, let from) = $0 { from == Tick(4 * Tick.perQuarter) } else { false }
      })
  }

  @Test func `a MIDI keyboard plays in, by when its notes were heard`() throws {
    var player = TypingMusician(Self.header)
    player.rig.run("record 1")
    player.wait(until: 0.2)
    for (index, key) in [62, 66, 69, 74].enumerated() {
      let pitch = try #require(Pitch(key: key))
      let at = Double(index) + 0.02
      for (kind, moment) in [
        (PlayedEvent.Kind.noteOn(pitch: pitch, velocity: 80), at),
        (.noteOff(pitch: pitch), at + 0.9),
      ] {
        player.rig.send(
          .played(
            PlayedEvent(
              kind, time: 0, playhead: Tick(Int(moment * Double(Tick.perQuarter))), isHeard: true)))
      }
    }
    player.wait(until: 4.2)
    #expect(player.body == "D2F2 A2d2|")
  }

  @Test func `what is dropped leaves the text as it was`() {
    var player = TypingMusician(Self.tune)
    player.rig.run("step")
    player.press("xcvb")
    player.rig.run("record drop")
    #expect(player.rig.text == Self.tune)
    #expect(player.rig.session.mode == .normal)
  }

  @Test(arguments: ["record 0.5", "record much", "record -1", "record 1000"])
  func `what cannot be recorded is said`(line: String) {
    var player = TypingMusician(Self.header)
    player.rig.run(line)
    #expect(player.rig.session.message?.kind == .error)
    #expect(player.rig.session.mode == .normal)
  }
}

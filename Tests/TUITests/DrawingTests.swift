import Compose
import Music
import Testing

@testable import TUI

/// Sessions as a musician would have them, for drawings.
enum Scene {
  static let context = DrawContext(palette: palette(.colors256))

  static func palette(_ depth: ColorDepth) -> Palette {
    ThemeLibrary(folders: []).theme(named: "default-dark").theme.palette(at: depth)
  }

  static let reel = """
    X:3
    T:untitled-3
    M:4/4
    L:1/8
    Q:1/4=112
    K:D
    |:D2FA dAFA|B2AF E2FG|A2dc BAFA|GFED E4|
    D2FA dAFA|BABc d2ef|gfed c
    """

  static let model = ModelSummary(
    name: "session", hash: "0", precision: "fp32", headerFields: ["M", "K"],
    vocabulary: Set("ABCDEFGabcdefg|:123 \n"))

  /// A session with a text that stands in a file.
  static func session(_ text: String, _ events: [Event] = []) -> Session {
    var session = Session(title: "untitled-3", rng: 7)
    if !text.isEmpty { _ = session.handle(.fileRead(path: "seed.abc", text: text)) }
    for event in events { _ = session.handle(event) }
    return session
  }

  static func command(_ line: String) -> Event {
    switch Invocation.parse(line) {
    case .success(let invocation): .commanded(invocation)
    case .failure(let error): preconditionFailure("\(line): \(error)")
    }
  }

  /// The model has written the end of the tune, and goes on.
  static func writing() -> Session {
    let seed = String(reel.prefix(while: { _ in true }).dropLast("gfed c".count))
    var session = session(seed, [.modelLoaded(model), command("goto end"), command("pace max")])
    var effects = session.handle(command("gen.toggle"))
    let written: [(String, Float)] = [
      ("g", 6.5), ("f", 2.5), ("e", 0.4), ("d", 0.5), (" ", 0.1), ("c", 3.0),
    ]
    for _ in 0..<2 {
      let asked = effects.compactMap { effect -> Int? in
        if case .generate(let request) = effect { return request.identifier }
        return nil
      }
      let result = GenerationResult(
        request: asked.last ?? 0,
        characters: written.map {
          GeneratedCharacter(
            character: $0.0, bits: $0.1, rank: 1, entropy: 1.9, temperature: 0.85)
        }, endsTune: false,
        next: [
          NextCharacter(character: "d", probability: 0.41),
          NextCharacter(character: "c", probability: 0.19),
          NextCharacter(character: "|", probability: 0.09),
          NextCharacter(character: "2", probability: 0.06),
        ], entropy: 1.9)
      effects = session.handle(.generated(result))
      if session.text.hasSuffix("gfed c") { break }
    }
    return session
  }

  /// Two of four alternatives are written: `a` was pressed at the end of a seed.
  static func audition() -> Session {
    var session = session(
      reel, [.modelLoaded(model), command("phrase 1"), command("goto end")])
    let asked = session.handle(command("alt 4")).compactMap { effect -> Int? in
      if case .draw(let request) = effect { return request.identifier }
      return nil
    }
    for identifier in asked.prefix(1) {
      let candidates = zip([1000, 1001], ["B2|A", "d2|e"]).map { run, music in
        DrawResult.Candidate(
          run: run,
          characters: music.map {
            GeneratedCharacter(
              character: String($0), bits: 1.5, rank: 1, entropy: 1, temperature: 1)
          })
      }
      _ = session.handle(
        .drawn(
          DrawResult(request: identifier, candidates: candidates, drawn: 4, passed: nil)))
    }
    return session
  }

  static func drawn(
    _ session: Session, _ width: Int, _ height: Int, _ context: DrawContext = Scene.context
  ) -> Surface {
    var surface = Surface(width: width, height: height)
    draw(session, context, on: &surface)
    return surface
  }
}

@Suite struct DrawingTests {
  @Test func `a tune of six bars at 80 by 24`() {
    let surface = Scene.drawn(Scene.session(Scene.reel, [Scene.command("goto 5")]), 80, 24)
    #expect(
      surface.lines.prefix(13).joined(separator: "\n") == """
         lilt  untitled-3  D 4/4 1/8 Q112   STOP  GEN none  T 1.00  M 0.15  ahead 2
             4                5▲=1             6                7
            ▌│                │                │                │▄▄              │
            ▌│                │                │              ▀▀│  ▀▀            │
            ▌│                │                │            ▀▀  │    ▀▀          │
         D5 ▌│·   ·   ·   ·   │·   ·   ▀▀  ·   │·   · ▄▄▀▀▀ ·   │·   · ▀▀▄▄  ·   │
         C5  │                │                │▄▄  ▄▄          │                │
            ▌│                │      ▄▄  ▄▄  ▄▄│  ▄▄            │                │
            ▌│▄▄              │                │                │                │
            ▌│  ▀▀            │    ▀▀      ▀▀  │                │                │
            ▌│    ▀▀  ▀▀▀▀▀▀▀ │                │                │                │
         D4 ▌│·   · ▀▀·   ·   │▀▀▀ ·   ·   ·   │·   ·   ·   ·   │·   ·   ·   ·   │
        bits
        """)
    #expect(surface.line(22).contains("opened seed.abc"))
    #expect(surface.line(23).contains("Enter generate"))
    #expect(surface.line(23).hasSuffix("? help") || surface.lines[23].hasSuffix("? help"))
  }

  @Test func `the ruler tells which bars come back, and what the coming ones will be`() throws {
    let text = "X:1\nM:4/4\nL:1/8\nK:D\nD2FA dAFA|B2AF E2FG|D2FA dAFA|"
    var session = Scene.session(text, [Scene.command("goto end")])
    let asked = session.handle(.modelLoaded(Scene.model)).compactMap { effect in
      if case .generate(let request) = effect, request.foresees { request.identifier } else { nil }
    }
    let request = try #require(asked.last)
    let bars = [
      PlannedBar(number: 4, part: 0, barsLeft: 5, partLength: 8, wish: .like(2, isVaried: true)),
      PlannedBar(number: 5, part: 0, barsLeft: 4, partLength: 8, wish: .new),
    ]
    _ = session.handle(.planForeseen(bars, request: request))
    for (width, height) in [(80, 24), (120, 40)] {
      let surface = Scene.drawn(session, width, height)
      #expect(surface.lines[1].contains("3 =1"), "\(surface.lines[1])")
      #expect(surface.lines[1].contains("4~2 5 new"), "\(surface.lines[1])")
      #expect(surface.text.contains("plan A A' B"))
    }
    // What was foreseen does not hold once something else is wanted.
    _ = session.handle(Scene.command("memory up"))
    #expect(!Scene.drawn(session, 80, 24).text.contains("4~2"))
  }

  @Test func `the rows of a scale that was asked for are marked, upwards and downwards`() {
    // Up D E G A B, down D C B A F# and the tonic.
    let catalogue = Catalogue(
      scales: [.init(name: "two", ascending: [0, 2, 5, 7, 9], descending: [0, 4, 7, 9, 10])])
    let text = "X:1\nM:4/4\nL:1/8\nK:D\nD2FA dAFA|B2AF E2FG|"
    let events: [Event] = [.catalogueRead(catalogue), Scene.command("scale two")]
    let plain = Scene.session(text)
    let scaled = Scene.session(text, events + [Scene.command("scale wish")])
    #expect(plain.scaleNotes == nil)
    #expect(scaled.scaleNotes?.rising == [2, 4, 7, 9, 11])
    #expect(scaled.scaleNotes?.falling == [2, 6, 9, 11, 0])
    func marks(_ session: Session, _ width: Int, _ height: Int) -> [Character] {
      Scene.drawn(session, width, height).lines.dropFirst(2).prefix(8).map { Array($0)[3] }
    }
    // Two semitones a row: the upper, the lower, or both.
    #expect(Set(marks(plain, 80, 24)) == [" "])
    #expect(Set(marks(scaled, 80, 24)).isSubset(of: ["█", "▀", "▄", " "]))
    #expect(marks(scaled, 80, 24).contains { $0 != " " })
    // One a row: up, down, both, or neither.
    let tall = Scene.drawn(scaled, 200, 60).lines.map { Array($0)[3] }
    for mark in "•↑↓" { #expect(tall.contains(mark), "\(mark)") }
  }

  @Test func `the next pane says where a likely character comes from`() throws {
    var session = Scene.session(
      Scene.reel, [Scene.command("goto end")])
    let asked = session.handle(.modelLoaded(Scene.model)).compactMap { effect in
      if case .generate(let request) = effect { request.identifier } else { nil }
    }
    let next = [
      NextCharacter(character: "d", probability: 0.5, source: .bar(3)),
      NextCharacter(character: "c", probability: 0.2, source: .book),
      NextCharacter(character: "B", probability: 0.1),
    ]
    _ = session.handle(.nextCharactersFound(next, entropy: 1.2, request: try #require(asked.last)))
    for (width, symbols, arrow) in [(80, Symbols.unicode, "\u{2190}"), (120, .ascii, "<-")] {
      var context = Scene.context
      context.symbols = symbols
      let lines = Scene.drawn(session, width, 40, context).lines
      #expect(lines.contains { $0.contains("\(arrow) bar 3") && $0.contains("50%") })
      #expect(lines.contains { $0.contains("\(arrow) lent") && $0.contains("20%") })
      // The ruler names the bar that the likeliest comes from, where it is seen.
      #expect(width < 120 || lines.contains { $0.contains("3\(arrow)") })
    }
  }

  @Test func `the next panes spell by the key in force`() throws {
    let text = "X:1\nM:4/4\nL:1/4\nK:D\ndefg|\nK:Eb\nefga|edcB|\n"
    for (place, name) in [("end", "Eb5"), ("1", "E5")] {
      var session = Scene.session(text, [Scene.command("goto \(place)")])
      let asked = session.handle(.modelLoaded(Scene.model)).compactMap { effect in
        if case .generate(let request) = effect { request.identifier } else { nil }
      }
      let next = [NextCharacter(character: "e", probability: 0.5)]
      _ = session.handle(
        .nextCharactersFound(next, entropy: 1.2, request: try #require(asked.last)))
      let lines = Scene.drawn(session, 200, 60).lines
      // The next characters and the next notes.
      #expect(lines.count { $0.contains(name + " ") && $0.contains("50%") } >= 2, "\(place)")
      #expect(!lines.contains { $0.contains("D#5") })
    }
  }

  @Test func `plain characters show heads and bodies`() {
    var context = Scene.context
    context.symbols = .ascii
    let surface = Scene.drawn(Scene.session(Scene.reel, [Scene.command("goto 2")]), 80, 24, context)
    #expect(surface.text.unicodeScalars.allSatisfy { $0.value < 127 })
    #expect(surface.lines[2].hasPrefix(" G5  |"))
    #expect(surface.lines[11].contains(" E4  |") || surface.lines[12].contains(" D4  |"))
    #expect(surface.lines[12].hasPrefix(" D4  |o==") || surface.text.contains(" D4  |o=="))
  }

  @Test func `what the model wrote has its own colour, bits and next characters`() {
    let session = Scene.writing()
    #expect(session.text.hasSuffix("gfed c"))
    let surface = Scene.drawn(session, 80, 24)
    #expect(surface.lines[0].contains("GEN run 7/"))
    #expect(surface.lines[12].contains("▇ ▃ ▁ ▁ ▄"))
    #expect(surface.lines[14].contains("d D5     ████████▏ 41%"))
    #expect(surface.lines[15].contains("c C#5    ███▊      19%"))
    #expect(surface.lines[16].contains("| bar 7"))
    #expect(surface.text.contains("gfed c■"))
    #expect(surface.lines[1].contains("◆"))
    let colours = Set((0..<80).map { surface[3, $0].style.foreground })
    #expect(colours.contains(Scene.context.palette[.noteModel].foreground))
  }

  @Test func `what sounds is marked in the roll, the ruler and the text`() throws {
    var session = Scene.session(Scene.reel)
    let tick = Tick(960)
    _ = session.handle(
      .playerChanged(
        PlayerReport(state: .playing, playhead: tick, output: "silent", silence: "")))
    var context = Scene.context
    context.playhead = tick
    let surface = Scene.drawn(session, 80, 24, context)
    #expect(surface.lines[0].contains("PLAY 1.2"))
    #expect(surface.lines[1].contains("▼"))
    let reversed = surface.lines.indices.flatMap { row in
      (0..<80).filter { surface[row, $0].style.attributes.contains(.reverse) }.map { (row, $0) }
    }
    let place = try #require(reversed.first)
    #expect(reversed.count == 1)
    #expect(surface[place.0, place.1].scalar == Unicode.Scalar("F").value)
    context.palette = Scene.palette(.mono)
    let mono = Scene.drawn(session, 80, 24, context)
    let heads = (2..<12).flatMap { row in
      (5..<80).filter { mono[row, $0].scalar == Unicode.Scalar("o").value }
    }
    #expect(heads.count == 1)
  }

  @Test func `an empty draft says the next key, whatever that is`() {
    #expect(
      Scene.drawn(Scene.session(""), 80, 24).text.contains(
        "Enter: let the model begin   i: type a seed   : open FILE"))
    var context = Scene.context
    context.keys = KeyMap.reading("[normal]\n\"g\" = \"gen.toggle\"\n", file: "keys.toml").map
    let surface = Scene.drawn(Scene.session(""), 40, 12, context)
    #expect(surface.text.contains("g: let the model begin"))
    #expect(surface.lines[11].hasPrefix("g gen"))
  }

  @Test(arguments: [
    (80, 24), (60, 18), (30, 8), (20, 4), (10, 2), (200, 60), (81, 25), (120, 40), (1, 1),
    (300, 100),
    (40, 12), (72, 16), (59, 40), (100, 36), (160, 54), (19, 50), (20, 9), (79, 23), (0, 0),
  ])
  func `every size is drawn, and what matters is never lost`(width: Int, height: Int) {
    for session in [Scene.writing(), Scene.session(""), Scene.session(Scene.reel)] {
      let surface = Scene.drawn(session, width, height)
      #expect(surface.width == width && surface.height == height)
      if width >= 20, height >= 4 {
        #expect(surface.lines[0].contains("GEN"))
        #expect(surface.lines[0].contains(/T ?\d?\.\d/), "\(surface.lines[0])")
        #expect(surface.lines[height - 1].contains("? help"))
      }
      if let cursor = surface.cursor {
        #expect(cursor.row < height && cursor.column < width)
      }
    }
  }

  @Test func `the same session draws the same screen after other sizes`() {
    let session = Scene.writing()
    let before = Scene.drawn(session, 80, 24)
    _ = Scene.drawn(session, 10, 2)
    var surface = Scene.drawn(session, 80, 24)
    draw(session, Scene.context, on: &surface)
    #expect(surface == before)
  }

  @Test(arguments: [
    ("help", "every command"), ("header", "header"), ("theme", "theme"), ("export", "export"),
    ("messages", "messages"), ("command", "commands"), ("temp =", "temperature"), ("find", "/"),
  ])
  func `every form fits every size`(command: String, sign: String) {
    let session = Scene.session(
      Scene.reel, [.themesFound(["default-dark", "heather"]), Scene.command(command)])
    for (width, height) in [(80, 24), (120, 40), (40, 12), (20, 4), (30, 8), (10, 2)] {
      let surface = Scene.drawn(session, width, height)
      if width >= 40 { #expect(surface.text.contains(sign)) }
      if width >= 40 { #expect(surface.cursor != nil || command == "messages") }
    }
  }

  @Test func `takes are named by the bar in which they begin`() {
    var session = Scene.session(
      Scene.reel, [.modelLoaded(Scene.model), Scene.command("pace max"), Scene.command("goto 5")])
    _ = session.handle(Scene.command("gen.retry-here"))
    _ = session.handle(Scene.command("take.prev"))
    #expect(session.takeBar == 5)
    #expect(Scene.drawn(session, 120, 40).text.contains("takes from bar 5"))
  }

  @Test func `a remark beside a field of the header can be read to its end`() {
    var session = Scene.session(
      Scene.reel, [.modelLoaded(Scene.model), Scene.command("header")])
    for event in [
      Event.editKeyPressed(.tab), .editKeyPressed(.tab), .editKeyPressed(.clear), .typed("7/8"),
    ] { _ = session.handle(event) }
    #expect(Scene.drawn(session, 80, 24).text.contains("rare: the model may not follow"))
    #expect(Scene.drawn(session, 50, 24).text.contains("rare"))
  }

  @Test func `a sentence too long for its line is cut with a sign, and told whole in the messages`()
  {
    let reason = (1...30).map { "reason\($0)" }.joined(separator: " ")
    var session = Scene.session(Scene.reel, [.modelFailed("n.safetensors: \(reason)")])
    let surface = Scene.drawn(session, 80, 24)
    #expect(surface.lines[0].contains("untitled-3"))
    #expect(surface.lines[0].contains("GEN fail"))
    #expect(surface.text.contains("... ("))
    _ = session.handle(Scene.command("messages"))
    let shown = Scene.drawn(session, 80, 24).text.split(whereSeparator: { " │|\n".contains($0) })
    for number in 1...30 { #expect(shown.contains("reason\(number)")) }
  }

  @Test(arguments: [1, 5, 12, 40])
  func `text is broken into lines that fit, without losing a word`(width: Int) {
    let text = "a line of words, and a_word_longer_than_most_lines_are at the end"
    let lines = TextWidth.lines(of: text, width: width)
    for line in lines { #expect(TextWidth.of(line) <= width) }
    #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
  }

  @Test func `alternatives are listed under the roll, the original first`() {
    let surface = Scene.drawn(Scene.audition(), 80, 24)
    #expect(surface.lines[0].contains("GEN run k=4"))
    #expect(surface.lines[0].contains("AUDITION"))
    #expect(surface.lines[13].contains("alternatives for bar 7   2 of 4 written"))
    #expect(surface.lines[14].hasPrefix("  0 original (the tune ends here)"))
    #expect(surface.lines[15].hasPrefix("> 1          B2|"))
    #expect(surface.lines[16].hasPrefix("  2          d2|"))
    #expect(surface.lines[23].hasPrefix(" 0-9 hear  Enter choose"))
    #expect(surface.cursor?.row == 15)
  }

  @Test(arguments: [(120, 40), (200, 60), (40, 12), (30, 8), (20, 4), (10, 2), (79, 23), (59, 40)])
  func `alternatives fit every size, the one shown always among them`(width: Int, height: Int) {
    var session = Scene.audition()
    for number in ["1", "2"] {
      _ = session.handle(Scene.command("alt.hear \(number)"))
      let surface = Scene.drawn(session, width, height)
      guard width >= 20, height >= 4 else { continue }
      #expect(surface.lines[0].contains("k=4"))
      #expect(surface.lines.contains { $0.hasPrefix("> \(number) ") })
    }
  }

  @Test func `help is searched and says keys and sentences`() {
    var session = Scene.session(Scene.reel, [Scene.command("help")])
    for letter in "temper" { _ = session.handle(.typed(String(letter))) }
    let surface = Scene.drawn(session, 80, 24)
    #expect(surface.text.contains("search: temper"))
    #expect(surface.lines.contains { $0.contains("temp") && $0.contains("make the model wilder") })
  }

  @Test func `a first key shows what may follow, after a moment`() {
    let session = Scene.session(Scene.reel, [.prefixPressed("t")])
    var context = Scene.context
    context.prefixAge = 100
    #expect(!Scene.drawn(session, 80, 24, context).text.contains("+ - move melody"))
    context.prefixAge = 300
    let surface = Scene.drawn(session, 80, 24, context)
    for words in ["a  + - move all", "r  + - move rhythm", "p  pace of writing"] {
      #expect(surface.text.contains(words))
    }
  }

  @Test func `a bar that does not add up says by how much`() {
    let text = "X:1\nT:t\nM:4/4\nL:1/8\nK:C\nCDEF GABc|CDEF GAB|cBAG FEDC|\n"
    let surface = Scene.drawn(Scene.session(text), 80, 24)
    #expect(surface.lines[1].contains("2 -1/8"))
  }

  @Test func `chord symbols have a row, several voices their colours`() {
    let text = """
      X:1
      T:two
      M:4/4
      L:1/8
      K:C
      V:1
      "C"CDEF "G7"GABc|
      V:2
      C,2E,2 G,2C2|
      """
    let session = Scene.session(text, [Scene.command("colour voice")])
    let surface = Scene.drawn(session, 80, 24)
    #expect(surface.lines[2].contains("C       G7"))
    let colours = Set(
      surface.lines.indices.flatMap { row in (0..<80).map { surface[row, $0].style.foreground } })
    #expect(colours.contains(Scene.context.palette[.voice1].foreground))
    #expect(colours.contains(Scene.context.palette[.voice2].foreground))
  }

  @Test func `both voices fit the roll, and the title says in which order bars are played`() {
    let tune = """
      X:1
      M:4/4
      L:1/4
      P:AAB
      K:G
      P:A
      [V:1] |:g4|g4:|
      w: high low
      [V:2] |:G,4|G,4:|
      P:B
      [V:1] d4|
      [V:2] D4|
      """
    let session = Scene.session(tune, [Scene.command("colour voice"), Scene.command("goto 2")])
    let surface = Scene.drawn(session, 120, 40)
    let palette = Scene.context.palette
    let inRoll = (2..<20).flatMap { row in (6..<120).map { surface[row, $0] } }
    for scope in [Scope.voice1, .voice2] {
      let colour = palette[scope].foreground
      #expect(inRoll.contains { $0.scalar != 32 && $0.style.foreground == colour })
    }
    #expect(surface.text.contains("plays 1-2 1-2 1-2 1-3"))
    #expect(surface.text.contains("\"low\""))
  }

  @Test func `text that is no music and control characters are shown as they are`() {
    let session = Scene.session("X:1\nT:a\u{1b}[31mb\tc\nK:C\nCDEF ?\u{7f} 日本 e\u{301}|")
    let surface = Scene.drawn(session, 120, 40)
    #expect(surface.text.contains("T:a"))
    #expect(!surface.text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    #expect(surface.text.contains("日本 e\u{301}|"))
  }

  @Test func `a view that follows nothing stays, until the cursor would leave it`() {
    let tune = Scene.reel.replacing("gfed c", with: "gfed cABc|") + "d2D2 D4|D2FA dAFA|BABc d2ef|\n"
    var session = Scene.session(tune, [Scene.command("follow off"), Scene.command("goto 3")])
    _ = session.handle(Scene.command("zoom centre"))
    _ = session.handle(Scene.command("goto 5"))
    #expect(Scene.drawn(session, 80, 24).lines[1].hasPrefix("     3  "))
    _ = session.handle(Scene.command("goto 10"))
    #expect(Scene.drawn(session, 80, 24).lines[1].contains("10▲"))
  }

  @Test func `a click finds the byte it points at`() throws {
    let session = Scene.session(Scene.reel, [Scene.command("goto 5")])
    let surface = Scene.drawn(session, 80, 24)
    let row = try #require(surface.lines.firstIndex { $0.hasPrefix(" D2FA dAFA|BABc") })
    let events = events(
      for: KeyPress.Mouse(.press, row: row, column: 3), in: session, Scene.context, width: 80,
      height: 24)
    let start = try #require(session.text.range(of: "D2FA dAFA|BABc"))
    let byte = session.text.utf8.distance(from: session.text.startIndex, to: start.lowerBound)
    #expect(events == [.pointed(byte: byte + 2)])
    let help = TUI.events(
      for: KeyPress.Mouse(.press, row: 23, column: 2), in: session, Scene.context, width: 80,
      height: 24)
    #expect(help == [.commanded(Invocation(.generateToggle))])
    let roll = TUI.events(
      for: KeyPress.Mouse(.press, row: 11, column: 23), in: session, Scene.context, width: 80,
      height: 24)
    let held = roll.map { event -> Int? in
      if case .noteHeld(let place, _) = event { place } else { nil }
    }
    #expect(held == [byte])
  }

  @Test func `long lines wrap and the cursor stays on the screen`() throws {
    let bar = "CDEF GABc|"
    let text = "X:1\nT:long\nM:4/4\nL:1/8\nK:C\n" + String(repeating: bar, count: 60) + "\n"
    for place in ["start", "30", "end"] {
      let session = Scene.session(text, [Scene.command("goto \(place)")])
      let surface = Scene.drawn(session, 80, 24)
      let cursor = try #require(surface.cursor)
      #expect((14..<22).contains(cursor.row))
      #expect(cursor.column < 55)
    }
  }

  @Test func `a take that begins within a chord symbol counts its notes, not its chords`() {
    let session = Scene.session("X:1\nM:3/4\nL:1/8\nK:D\n\"G\"G2 \"Am7\"A2 c2|\"Bm\"B4 d2|\n")
    let version = session.history.current
    let first = version.text.utf8.count - "Am7\"A2 c2|\"Bm\"B4 d2|\n".utf8.count
    func contour(_ anchor: Int) -> String {
      TakeSummary(version, anchor, length: 16, .unicode).contour
    }
    #expect(contour(first) == contour(first + 4))
    #expect(contour(first).count == 4)
  }

  @Test func `bits are those of the notes that were drawn, and the contour theirs`() throws {
    var session = Scene.session(
      "X:1\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|\n", [.modelLoaded(Scene.model)])
    let effects = session.handle(.commanded(Invocation(.alternatives, "2-2 1")))
    let request = try #require(
      effects.lazy.compactMap { if case .fill(let request) = $0 { request } else { nil } }.first)
    let piece = "ecAF".map {
      GeneratedCharacter(character: String($0), bits: 2, rank: 1, entropy: 1, temperature: 1)
    }
    _ = session.handle(
      .filled(
        FillResult(
          request: request.identifier,
          candidates: [.init(run: request.runs[0], pieces: [piece], bits: 8, bitsAfter: 1)])))
    let rows = Scene.drawn(session, 100, 30).text.split(separator: "\n")
    let row = try #require(rows.first { $0.contains(" 1 ") && $0.contains("ecAF") })
    #expect(row.contains(" 2.0 bits/note"))
    let original = try #require(rows.first { $0.contains("0 original") })
    #expect(original.contains("   - bits/note"))
    let alternatives = try #require(session.alternatives)
    let version = session.history.versions[try #require(alternatives.version(1))]
    let summary = TakeSummary(
      version, alternatives.start, length: 8, kept: alternatives.kept, .unicode)
    #expect(summary.contour.count == 4)
  }

  @Test func `rows of chords show the chords`() throws {
    var session = Scene.session(
      "X:1\nM:4/4\nL:1/4\nK:D\nDFAd|cBAG|FEDE|D4|\n", [.modelLoaded(Scene.model)])
    let effects = session.handle(.commanded(Invocation(.chords)))
    for case .rank(let request) in effects {
      _ = session.handle(
        .ranked(RankResult(request: request.identifier, bits: request.documents.map { _ in 1 })))
    }
    let count = try #require(session.alternatives?.candidates.count)
    let rows = Scene.drawn(session, 80, 24).text.split(separator: "\n").filter {
      $0.contains(" | ") && $0.contains("bits/note")
    }
    #expect(rows.count == count + 1)
    #expect(Set(rows.map { $0.dropFirst(12).prefix(30) }).count >= count)
    #expect(rows.dropFirst().allSatisfy { !$0.contains("\"") })
  }

  @Test func `a tune cut anywhere is drawn`() {
    let bytes = Array(Scene.reel.utf8)
    for end in stride(from: 0, through: bytes.count, by: 5) {
      let text = String(decoding: bytes.prefix(end), as: UTF8.self)
      let surface = Scene.drawn(Scene.session(text), 120, 40)
      #expect(surface.lines[0].contains("GEN"))
    }
  }
}

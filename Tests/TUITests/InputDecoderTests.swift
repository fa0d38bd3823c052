import Testing

@testable import TUI

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

@Suite struct InputDecoderTests {
  /// What comes of bytes that arrive at once, and of the time after them.
  private func inputs(_ text: String) -> [InputDecoder.Input] { inputs(Array(text.utf8)) }

  private func inputs(_ bytes: [UInt8]) -> [InputDecoder.Input] {
    var decoder = InputDecoder()
    return decoder.read(bytes, at: 0) + decoder.wait(until: 30)
  }

  private func names(_ inputs: [InputDecoder.Input]) -> [String] {
    inputs.map { input in
      switch input {
      case .key(let key):
        if case .paste(let text) = key.key { return "paste(\(text))" }
        if case .mouse(let mouse) = key.key { return "\(key.name) \(mouse.row),\(mouse.column)" }
        return key.name
      case .answer(let answer): return "\(answer)"
      }
    }
  }

  @Test(arguments: [
    ("aé♯𝄞", "a é ♯ 𝄞"),
    (
      "\r\t\u{7f}\u{08} \u{00}\u{03}\u{1f}",
      "Enter Tab Backspace Backspace Space ctrl-Space ctrl-c ctrl-_"
    ),
    ("\u{1b}[A\u{1b}OA\u{1b}[1;5D\u{1b}[1;2C\u{1b}O5C", "Up Up ctrl-Left shift-Right ctrl-Right"),
    ("\u{1b}[H\u{1b}OF\u{1b}[1~\u{1b}[4~\u{1b}[3~\u{1b}[3;2~", "Home End Home End Del shift-Del"),
    ("\u{1b}[5~\u{1b}[6;5~\u{1b}[Z\u{1b}[7~\u{1b}[8~", "PgUp ctrl-PgDn shift-Tab Home End"),
    ("\u{1b}q\u{1b}Q\u{1b}é\u{1b}\u{7f}\u{1b}\r", "alt-q alt-Q alt-é alt-Backspace alt-Enter"),
    ("\u{1b}\u{1b}[A\u{1b}\u{1b}q", "alt-Up Esc alt-q"), ("\u{1b}", "Esc"),
    ("\u{1b}\u{1b}", "Esc Esc"),
    ("\u{1b}[I\u{1b}[O", "focus-in focus-out"),
    ("\u{1b}[<0;3;2M\u{1b}[<0;3;2m", "mouse-press 1,2 mouse-release 1,2"),
    (
      "\u{1b}[<64;10;5M\u{1b}[<65;1;1M\u{1b}[<32;4;4M",
      "mouse-wheelUp 4,9 mouse-wheelDown 0,0 mouse-drag 3,3"
    ),
    ("\u{1b}[M !!\u{1b}[M#!!\u{1b}[M`*%", "mouse-press 0,0 mouse-release 0,0 mouse-wheelUp 4,9"),
    ("\u{1b}[32;3;2M", "mouse-press 1,2"),
    // Function keys, one without a name here, places of a cursor, and what no standard knows.
    (
      "\u{1b}[15~\u{1b}OP\u{1b}[[A\u{1b}[2~\u{1b}[12;40R\u{1b}[3;7H\u{1b}[1;2\u{1b}[Bx",
      "F5 F1 Down x"
    ),
  ])
  func `keys have names, whatever terminal sends them`(bytes: String, keys: String) {
    #expect(names(inputs(bytes)).joined(separator: " ") == keys)
  }

  @Test(arguments: [
    ("97u", "a"), ("97;1u", "a"), ("97;5u", "ctrl-a"), ("97;3u", "alt-a"), ("97;2u", "A"),
    ("97:65;2u", "A"), ("49:33;2u", "!"), ("49:33;4u", "alt-!"), ("97;6u", "ctrl-shift-a"),
    ("97;4u", "alt-A"), ("27u", "Esc"), ("13;2u", "shift-Enter"), ("9;5u", "ctrl-Tab"),
    ("127;3u", "alt-Backspace"), ("32;5u", "ctrl-Space"), ("105;5u", "ctrl-i"),
    ("91;5u", "ctrl-["), ("97;1:1u", "a"), ("97;1:2u", "a"), ("97;1:3u", ""), ("97;65u", "a"),
    ("1089::99;5u", "ctrl-c"), ("1089;1u", "с"), ("1089:1057;2u", "С"), ("97;9u", ""),
    ("57414u", "Enter"), ("57417;5u", "ctrl-Left"), ("57400u", "1"), ("57358u", ""),
    ("57441;2u", ""), ("97;;229u", "å"), ("233;3u", "alt-é"), ("128u", ""), ("99999999u", ""),
    ("u", ""), ("?1u", "keyboardProtocol(flags: 1)"), ("27;5;105~", "ctrl-i"),
    ("27;2;65~", "A"), ("1;5:3D", ""), ("1;5:1D", "ctrl-Left"), ("3;1:3~", ""),
  ])
  func `the kitty protocol's sequences are the keys they name`(sequence: String, name: String) {
    #expect(names(inputs("\u{1b}[" + sequence)).joined(separator: " ") == name)
  }

  /// What terminals say, and what Lilt takes from it; `nil` = nothing.
  static let answers: [(bytes: String, answer: TerminalAnswer?)] = [
    ("\u{1b}]11;rgb:1e1e/1e1e/2e2e\u{1b}\\", .background(RGB(red: 30, green: 30, blue: 46))),
    ("\u{1b}]11;rgb:ff/ff/ff\u{07}", .background(RGB(red: 255, green: 255, blue: 255))),
    ("\u{1b}]11;rgba:f/f/f/f\u{07}", .background(RGB(red: 255, green: 255, blue: 255))),
    ("\u{1b}]11;#ffffff\u{07}", .background(RGB(red: 255, green: 255, blue: 255))),
    ("\u{1b}]10;rgb:0000/0000/0000\u{1b}\\", .foreground(RGB(red: 0, green: 0, blue: 0))),
    ("\u{1b}[?62;22;52c", .deviceAttributes(hasSixels: false)),
    ("\u{1b}[?6c", .deviceAttributes(hasSixels: false)),
    ("\u{1b}[?997;2n", .colorScheme(isLight: true)),
    ("\u{1b}[?997;1n", .colorScheme(isLight: false)), ("\u{1b}[?2026;2$y", .mode(2026, .reset)),
    ("\u{1b}[?2031;0$y", .mode(2031, .unknown)), ("\u{1b}[?0u", .keyboardProtocol(flags: 0)),
    ("\u{1b}[?1u", .keyboardProtocol(flags: 1)),
    ("\u{1b}]11;rgb:zz/00/00\u{07}", nil), ("\u{1b}]11;rgb:ff/ff\u{07}", nil),
    ("\u{1b}]4;1;rgb:cd/00/00\u{1b}\\", nil), ("\u{1b}]52;c;cXFxUVFRCg==\u{07}", nil),
    ("\u{1b}]lq Q title\u{1b}\\", nil), ("\u{1b}]2;“quoted” qQdd\u{07}", nil),
    ("\u{1b}P>|xterm qQdd(380)\u{1b}\\", nil), ("\u{1b}P1+r524742=38\u{1b}\\", nil),
    ("\u{1b}_Gi=31;OK qQ\u{1b}\\", nil), ("\u{1b}^qQdd\u{1b}\\", nil), ("\u{1b}XqQdd\u{1b}\\", nil),
    ("\u{1b}[>41;380;0c", nil), ("\u{1b}[24;80R", nil), ("\u{1b}[?24;80R", nil),
    ("\u{1b}[0n", nil), ("\u{1b}[8;24;80t", nil), ("\u{1b}[?1;2;4S", nil), ("\u{1b}[3;1;1x", nil),
    ("\u{1b}[=1;2u", nil), ("\u{1b}[?31;1u", .keyboardProtocol(flags: 31)),
    ("\u{9d}11;rgb:00/00/00\u{9c}", .background(RGB(red: 0, green: 0, blue: 0))),
    ("\u{9b}?62c", .deviceAttributes(hasSixels: false)), ("\u{90}qQdd\u{9c}", nil),
  ]

  @Test(arguments: answers)
  func `an answer is no key`(bytes: String, answer: TerminalAnswer?) {
    #expect(inputs(bytes + "z") == (answer.map { [.answer($0)] } ?? []) + [.key(KeyPress("z"))])
  }

  @Test(arguments: answers)
  func `an answer in two pieces, seconds apart, is the same answer`(
    bytes: String, answer: TerminalAnswer?
  ) {
    let all = Array(bytes.utf8)
    for cut in 1..<all.count {
      for pause in [1, 80, 2000, 9000] {
        var decoder = InputDecoder()
        decoder.answersExpectedUntil = 10_000
        var found = decoder.read(all[..<cut], at: 0)
        // Time passes as in the program: at the deadlines.
        if let deadline = decoder.deadline, deadline < pause {
          found += decoder.wait(until: deadline)
        }
        found += decoder.read(all[cut...], at: pause)
        found += decoder.read(Array("z".utf8), at: pause + 1)
        // After 300 ms without another byte ESC counts as the Escape key, which changes no text.
        if cut == 1, pause > 300, all[0] == 0x1B {
          found.removeAll { $0 == .key(KeyPress(.escape)) }
        }
        #expect(
          found == (answer.map { [.answer($0)] } ?? []) + [.key(KeyPress("z"))],
          "cut after \(cut) bytes, \(pause) ms")
      }
    }
  }

  @Test(arguments: [
    ("\u{1b}[?997;2n", nil), ("\u{1b}]11;rgb:ff/ff/ff\u{1b}\\", nil), ("\u{1b}OA", "Up"),
    ("\u{1b}[A", "Up"), ("\u{1b}[<35;30;3M", nil), ("\u{1b}[I", "focus-in"),
    ("\u{1b}[1;5D", "ctrl-Left"),
    ("\u{1b}[5~", "PgUp"),
  ])
  func `what comes late behind its ESC runs no command`(bytes: String, name: String?) {
    let all = Array(bytes.utf8)
    for (first, step) in [(30, 0), (60, 1), (300, 1), (30, 30), (450, 200)] {
      var decoder = InputDecoder()
      var found = decoder.read(all[..<1], at: 5000)
      found += decoder.wait(until: 5000 + InputDecoder().escapeDelay)
      for (place, byte) in all.dropFirst().enumerated() {
        found += decoder.read([byte], at: 5000 + first + place * step)
      }
      let keys = found.compactMap { input -> KeyPress? in
        if case .key(let key) = input { key } else { nil }
      }
      // The Escape key was given already; the rest is what it is.
      #expect(keys.first == KeyPress(.escape))
      #expect(names(keys.dropFirst().map { .key($0) }) == (name.map { [$0] } ?? []))
      #expect(!decoder.isInside)
    }
    var slow = InputDecoder()
    _ = slow.read([0x1B], at: 0)
    _ = slow.wait(until: 25)
    #expect(names(slow.read(Array("q".utf8), at: 40)) == ["q"])
    #expect(names(slow.read(Array("[".utf8), at: 700)) == ["["])
  }

  @Test func `eight-bit control characters begin and end strings, and never cut a character`() {
    #expect(
      inputs([0x9D] + Array("11;rgb:00/00/00".utf8) + [0x9C]) == [
        .answer(.background(RGB(red: 0, green: 0, blue: 0)))
      ])
    // U+201C is E2 80 9C.
    #expect(names(inputs("\u{1b}]2;“Q”\u{07}q")) == ["q"])
    #expect(names(inputs([0xE2, 0x41, 0xFF, 0xC0, 0x42])) == ["A", "B"])
  }

  @Test func `a lone ESC is the Escape key after its time, and not before`() {
    var decoder = InputDecoder()
    #expect(decoder.read([0x1B], at: 1000) == [])
    #expect(decoder.deadline == 1025)
    #expect(decoder.wait(until: 1024) == [])
    #expect(decoder.wait(until: 1025) == [.key(KeyPress(.escape))])
    #expect(decoder.deadline == nil)
    // A letter long after it is a key of its own.
    #expect(decoder.read([0x1B], at: 2000) == [])
    #expect(names(decoder.read(Array("q".utf8), at: 2100)) == ["Esc", "q"])
    // Where Escape has a name, ESC is always the beginning of something.
    decoder.escapeIsNamed = true
    #expect(decoder.read([0x1B], at: 3000) == [])
    #expect(names(decoder.read(Array("[A".utf8), at: 3500)) == ["Up"])
  }

  @Test func `a string that never ends is left by Esc, by CAN, and by a long silence`() {
    var decoder = InputDecoder()
    #expect(decoder.read(Array("\u{1b}]11;qQ".utf8), at: 0) == [])
    #expect(decoder.read([0x1B], at: 1000) == [])
    #expect(names(decoder.read([0x1B], at: 1100) + decoder.wait(until: 1200)) == ["Esc"])
    #expect(names(decoder.read(Array("\u{1b}Pqq\u{18}a".utf8), at: 2000)) == ["a"])
    #expect(decoder.read(Array("\u{1b}_qq".utf8), at: 3000) == [])
    #expect(decoder.read(Array("qq".utf8), at: 12_000) == [])
    #expect(names(decoder.read(Array("q".utf8), at: 22_001)) == ["q"])
    // Another sequence within a broken one.
    #expect(names(decoder.read(Array("\u{1b}]11;rgb:\u{1b}[A".utf8), at: 30_000)) == ["Up"])
  }

  @Test func `a paste is one text, in whatever pieces it comes`() {
    let text = "X:1\rK:D\r\nq\u{1b}[A\u{1b}[201 é\n\n"
    let shown = "X:1\nK:D\nq\u{1b}[A\u{1b}[201 é\n\n"
    let bytes = Array("\u{1b}[200~\(text)\u{1b}[201~z".utf8)
    var decoder = InputDecoder()
    var found: [InputDecoder.Input] = []
    for (index, byte) in bytes.enumerated() {
      // A paste may stop for as long as it likes.
      found += decoder.read([byte], at: index < 6 ? 0 : index * 20_000)
    }
    #expect(found == [.key(KeyPress(.paste(shown))), .key(KeyPress("z"))])
  }

  @Test func `a paste that is very long is several, and none of it keys`() {
    let text = String(repeating: "qé", count: PasteCollector.limit)
    let found = inputs("\u{1b}[200~\(text)\u{1b}[201~")
    let texts = found.map { input in
      if case .key(let key) = input, case .paste(let text) = key.key { text } else { "key" }
    }
    #expect(texts.count > 1)
    #expect(texts.joined() == text)
  }

  @Test func `terminfo's own sequences count before the usual ones`() {
    let rxvt = [
      "kdch1": "\u{1b}[3~", "kDC": "\u{1b}[3$", "kcuu1": "\u{1b}OA", "kf1": "\u{1b}[11~",
      "kbs": "\u{7f}", "khome": "\u{1b}[7~", "kLFT5": "\u{1b}[1;5D", "kf2": "\u{1b}\u{1b}",
      "kf3": "q",
    ]
    var decoder = InputDecoder(terminfo: TerminfoKeys { rxvt[$0].map { Array($0.utf8) } })
    let bytes = Array("\u{1b}[3$\u{1b}OA\u{1b}[11~\u{1b}[1;5D\u{1b}[?2026;2$yq".utf8)
    #expect(
      names(decoder.read(bytes, at: 0)) == [
        "shift-Del", "Up", "F1", "ctrl-Left", "\(TerminalAnswer.mode(2026, .reset))", "q",
      ])
  }

  @Test(arguments: 0..<200)
  func `control strings of any content in any pieces are never keys`(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    var decoder = InputDecoder()
    var now = 0
    for _ in 0..<40 {
      let (bytes, keys) = RandomInput.any(&random)
      var found: [InputDecoder.Input] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        // ESC alone is a key after 25 ms: within an answer that nobody asked for, only there may no
        // time pass.
        let isEscape = rest.first == 0x1B
        let piece = min(isEscape ? 2 : 1 + Int.random(in: 0..<8, using: &random), rest.count)
        found += decoder.read(rest.prefix(piece), at: now)
        rest = rest.dropFirst(piece)
        now += rest.first == 0x1B ? 1 : Int.random(in: 0...3000, using: &random)
      }
      let pressed = found.compactMap { input -> KeyPress? in
        if case .key(let key) = input { key } else { nil }
      }
      #expect(pressed == keys, "\(bytes)")
      now += 100
      #expect(decoder.wait(until: now) == [])
      #expect(!decoder.isInside)
    }
  }

  @Test(arguments: 0..<50)
  func `any bytes at all are read to the end, and pieces change nothing`(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let special: [UInt8] = Array("\u{1b}\u{1b}\u{1b}[]OP_^X\\\u{07};:?<>0123456789$~umMyRcnt".utf8)
    let bytes = (0..<4000).map { _ in
      Bool.random(using: &random)
        ? special.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
    }
    var whole = InputDecoder()
    let expected = whole.read(bytes, at: 0)
    var pieces = InputDecoder()
    var found: [InputDecoder.Input] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Int.random(in: 1...9, using: &random)
      found += pieces.read(rest.prefix(piece), at: 0)
      rest = rest.dropFirst(piece)
    }
    #expect(found == expected)
  }
}

/// What a terminal may send, made at random, and the keys that are in it.
enum RandomInput {
  static func any(_ random: inout SeededGenerator) -> (bytes: [UInt8], keys: [KeyPress]) {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return (string(&random), [])
    case 1: return (report(&random), [])
    case 2: return (Array("\u{1b}[1;5D".utf8), [KeyPress(.left, .control)])
    case 3: return (Array("é".utf8), [KeyPress("é")])
    default: return (Array("\u{1b}[97;5u".utf8), [KeyPress("a", .control)])
    }
  }

  /// OSC, DCS, SOS, PM or APC with letters that all mean something to Lilt.
  static func string(_ random: inout SeededGenerator) -> [UInt8] {
    let introducer = "]PX^_".utf8.randomElement(using: &random) ?? 0x5D
    let content = (0..<Int.random(in: 0...60, using: &random)).map { _ in
      Array("qQgdaAuEi:\r \n;11rgb/ffé”?/\t".utf8).randomElement(using: &random) ?? 0x71
    }
    // Loose bytes of characters stand alone: a 0x9C among them would end the string.
    let plain = content.filter { $0 < 0x80 }
    return [0x1B, introducer] + plain + (Bool.random(using: &random) ? [7] : [0x1B, 0x5C])
  }

  /// A control sequence that is a report, with parameters of any size.
  static func report(_ random: inout SeededGenerator) -> [UInt8] {
    let marker = ["?", ">", "="].randomElement(using: &random) ?? "?"
    let numbers = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      String(Int.random(in: 0...70_000, using: &random))
    }
    let end = ["c", "n", "$y", "R", "t", "x", "S", "u"].randomElement(using: &random) ?? "c"
    return Array("\u{1b}[\(marker)\(numbers.joined(separator: ";"))\(end)".utf8)
  }
}

extension KeyPress {
  fileprivate init(_ character: Character, _ modifiers: Modifiers) {
    self.init(.character(character), modifiers)
  }
}

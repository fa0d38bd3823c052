import Testing

@testable import ABC

@Suite struct IncrementalTuneTests {
  static let reel = """
    X:12
    T:The Morning Reel
    R:reel
    M:4/4
    L:1/8
    Q:1/4=180
    P:AAB
    K:Edor
    P:A
    |:"Em"E2BE dEBE|E2BE AFDF|"Em"{/f}E2BE d>efd|1 B<AFA "D"BAFD:|2 (3BAF A^F- F4||
    w:these are the words~of it_ on-ly a | few of them
    P:B
    [M:3/4]|:g2ge bege|g2 [K:G] gb age~d|[EGB]2 z2 [V:1] (c'a)!trill!g|.f<.e "A7"d"^up"B:|
    % a remark
    L:1/4
    A & c|[CE-][DE]Z|^c c=c c|!D.C.!|]

    free text
    """

  struct Random {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return bound <= 0 ? 0 : Int(state >> 33) % bound
    }
  }

  static let pieces = [
    "", "A", "|", "\n", ":|", "|:", "[1 ", "\"", "{", "}", "(3", "!", ">", "-", "K:D\n", "[V:2]",
    "M:3/4\n", "\n\n", "^f", "z4", "[CEG]", "&", "w:la la\n", "%", "é", "X:2\n", "\\\n",
    "U:T=!roll!\n",
    "[L:1/16]", "2", "/", "]", "1", "+", "\"Am\"", "V:2\n", "m:~n=n>n\n", "~", " ", "P:B\n",
    "(", ")", "%%score 1 2\n", "s: !p! * \"G\"\n", "[\"a\"", "“", "#", "K", "X1\n", "Q:100\n",
    "Z:a \\\n", "y2", "%%MIDI nobarlines\n", "w:a|b c\n", "text here\n", "%%deco x\n", "!x!", "|:",
    "P:AB\n", "(5", "K:Dm^c\n", "%%MIDI control 7 3\n", "[1", ":|2", "Z2|",
  ]

  static func same(_ one: ParsedTune, _ other: ParsedTune) -> Bool {
    one.notes == other.notes && one.bars == other.bars && one.diagnostics == other.diagnostics
      && one.header == other.header && one.chordSymbols == other.chordSymbols
      && one.lyrics == other.lyrics && one.voices == other.voices
      && one.script.voices == other.script.voices && one.script.texts == other.script.texts
      && one.script.gaps == other.script.gaps && one.script.lyricBlocks == other.script.lyricBlocks
  }

  @Test(arguments: 0..<24)
  func `after any edit the tune equals one read from the whole text`(seed: Int) {
    var random = Random(state: UInt64(seed) &* 7919 &+ 1)
    var growing = IncrementalTune(text: seed % 3 == 2 ? "" : IncrementalTuneTests.reel)
    for edit in 0..<120 {
      let count = growing.text.utf8.count
      let lower = random.next(count + 1)
      let upper = min(lower + random.next(random.next(4) == 0 ? 30 : 3), count)
      let piece = IncrementalTuneTests.pieces[random.next(IncrementalTuneTests.pieces.count)]
      let before = growing.text
      growing.replace(lower..<upper, with: piece)
      let whole = ParsedTune(text: growing.text)
      guard IncrementalTuneTests.same(growing.tune, whole) else {
        Issue.record(
          "edit \(edit): bytes \(lower)..<\(upper) became \(piece.debugDescription) in \(before.debugDescription)"
        )
        return
      }
    }
  }

  @Test func `typing at the end of a tune reads only the last bar again`() {
    var growing = IncrementalTune()
    var worst = 0
    for character in IncrementalTuneTests.reel.prefix(420) {
      growing.append(String(character))
      if growing.text.utf8.count > 200 { worst = max(worst, growing.bytesRead) }
    }
    #expect(worst <= 120)
  }

  @Test func `a note changed in the middle reads a bar or two, not the tune`() throws {
    var growing = IncrementalTune(text: IncrementalTuneTests.reel)
    let place = try #require(IncrementalTuneTests.reel.utf8Range(of: "d>efd"))
    growing.replace(place.lowerBound..<(place.lowerBound + 1), with: "c")
    #expect(growing.bytesRead < 60)
  }
}

extension String {
  func utf8Range(of part: String) -> Range<Int>? {
    let text = Array(utf8)
    let pattern = Array(part.utf8)
    guard pattern.count <= text.count else { return nil }
    for start in 0...(text.count - pattern.count)
    where text[start..<(start + pattern.count)].elementsEqual(pattern) {
      return start..<(start + pattern.count)
    }
    return nil
  }
}

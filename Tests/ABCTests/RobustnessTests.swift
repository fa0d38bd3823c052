import Music
import Testing

@testable import ABC

@Suite struct RobustnessTests {
  static let absurd = [
    "", "\n\n\n", "X:", "X:1", "K:", "|", ":", "[", "]", "(", "{", "\"", "!", "+", "-", ">", "&",
    "\\",
    "|:::::::::::::::::::::::::::::", "Z999999999999999999999|", "C999999999999999999/0000|",
    "C////////////////////////////////////////////////|", "(9:9:999999999C", "(2(3(4(5(6(7(8(9CDE",
    "[[[[[[[[", "{{{{{", "]]]]}}}}", "^^^^^^^^^^C", "C,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,",
    "C'''''''''''''''''''",
    "K:C octave=999999999999\nC", "K:C transpose=-9999999\nC", "V:\nV:\nV:1 octave=x\nC",
    "M:9999999/1\nC", "M:1/999999999999\nC", "L:1/0\nC", "L:0/0\nC", "Q:1/4=1e99\nC", "Q:0\nC",
    "P:((((((((((((((((((((((((((((((((((((((((A\nK:C\nP:A\nC",
    "P:(((((((((A9)9)9)9)9)9)9)9)9\nK:C\nP:A\n|:C:|",
    "P:A999999999\nK:C\nP:A\nC", "P:(()9)9\nK:C\nC", "P:AB0\nK:C\nP:A\nC",
    "&&&&&&&&&&&&&&&&&&&&&&&&&&C|&C", "|&&&C|&&D|&&&&&&",
    "w:\nw: a-b-c_|*~\\-\n", "C\nw: - - _ _ * * | | | a", "[1,2,3,99999999999-2,4-1 C", "|1-",
    "|1,", "[1-999999999 C:|",
    "m:n=nnnnnnnnnnnn\nCCCC", "m:=x\nC", "m:C=CC\nCCCC", "U:=\nC", "U:T\nTC", "U:C=!trill!\nC",
    "%%MIDI\nC", "%%MIDI drum dddddddddddd 1\n%%MIDI drumon\nC",
    "%%MIDI gchord 99999999999\n\"C\"C|", "%%MIDI gchord f0\n\"C\"C|", "%%MIDI grace 9/8\n{c}C|",
    "%%MIDI ratio 0 0\nC>C", "%%MIDI chordname x\nC",
    "%%begintext\nC", "%%end\nC", "I:\nC", "+:\n+: x\nC", "[V:2]C[V:1]D[V:3]E", "[K:", "[M:]C",
    "[]C", "[|]|[|]", "\"\"C", "\"\\\"C",
    "!!!!!C!!", "++++C++", "C-|-C", "-----", ">>>>>>>>>>>>C", "C>>>>>>>>>>>>>>D", "C<>D", "(3",
    "(3:", "(3::", "(0C", "(1C",
    "é♯𝄞", "C\u{0}D", "\u{FEFF}X:1\nK:C\nC", "C|:|:|:|:|", ":|:|:|", "|1|1|1|1", "|1:|2:|3:|4:|",
    "!D.C.!!D.S.!!fine!!coda!C", "!segno!!coda!!D.S.alcoda!C|!coda!D",
    "C!D.C.!|!coda!|!coda!", "X:1\n\nK:C\n\nC", "X:1\nX:2\nK:C\nC", "text\n\nX:1\nK:C\nC",
    "C[1:|[2:|", "[r:", "$$$", "`", "y", "y99999", "x0", "z/0",
    "K:exp\nC", "K:C exp ^\nC", "K:^\nC", "K:Hp ^\nC", "K:H\nC", "K:C#####\nC", "K:Cbbb\nC",
  ]

  @Test(arguments: absurd)
  func `absurd text gives a tune and never a crash`(text: String) {
    check(Array(text.utf8))
    check(Array(("X:1\nM:4/4\nL:1/8\nK:D\n" + text + "\nCDEF|").utf8))
  }

  @Test func `a tune cut at any byte is still a tune`() {
    let bytes = Array(IncrementalTuneTests.reel.utf8)
    for length in 0...bytes.count { check(Array(bytes[..<length])) }
  }

  @Test(arguments: 0..<16)
  func `a tune with any bytes changed is still a tune`(seed: Int) {
    var random = IncrementalTuneTests.Random(state: UInt64(seed) &* 31 &+ 5)
    let original = Array(IncrementalTuneTests.reel.utf8)
    for _ in 0..<40 {
      var bytes = original
      for _ in 0...random.next(6) {
        let place = random.next(bytes.count)
        switch random.next(4) {
        case 0: bytes[place] = UInt8(random.next(256))
        case 1: bytes.insert(UInt8(random.next(128)), at: place)
        case 2:
          let piece = IncrementalTuneTests.pieces[random.next(IncrementalTuneTests.pieces.count)]
          bytes.insert(contentsOf: piece.utf8, at: place)
        default:
          bytes.removeSubrange(place..<min(place + random.next(12), bytes.count))
        }
        if bytes.isEmpty { bytes = [0x43] }
      }
      check(bytes)
    }
  }

  /// What must hold for any text: places in order and between characters, sound in bounds.
  private func check(_ bytes: [UInt8]) {
    let tune = ParsedTune(bytes: bytes)
    var options = PlaybackOptions()
    options.swing = Fraction(3, 2)
    let performance = tune.performance(options)
    let places =
      tune.notes.map(\.range) + tune.bars.map(\.range) + tune.chordSymbols.map(\.range)
      + tune.diagnostics.map(\.range)
    let isText = String(validating: bytes, as: UTF8.self) != nil
    for range in places {
      guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
        Issue.record("\(range) is outside a text of \(bytes.count) bytes: \(bytes)")
        return
      }
      if isText {
        for place in [range.lowerBound, range.upperBound] where place < bytes.count {
          if bytes[place] & 0xC0 == 0x80 { Issue.record("\(range) cuts a character: \(bytes)") }
        }
      }
    }
    #expect(tune.notes.allSatisfy { $0.bar < tune.bars.count })
    #expect(performance.notes.count <= 200_000)
    #expect(performance.notes.allSatisfy { $0.start < $0.end && $0.start >= .zero })
    #expect(performance.notes.allSatisfy { performance.tracks.indices.contains($0.track) })
    #expect(performance.notes.allSatisfy { $0.written.map { $0 < tune.notes.count } ?? true })
    #expect(performance.tempos.first?.at == .zero)
    #expect(performance.tempos.allSatisfy { $0.quartersPerMinute > 0 })
    #expect(
      tune.diagnostics.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.sentence.hasSuffix(".") })
  }
}

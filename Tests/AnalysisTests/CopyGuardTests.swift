import ABC
import Testing

@testable import Analysis

@Suite struct CopyGuardTests {
  /// A melody of 24 notes that never says the same nine twice.
  private static let source =
    "X:1\nT:The Source\nM:4/4\nL:1/8\nK:G\nGABd gdBA|GBcd egfe|dBGA FDEF|\n"
  private static let repertoire = Repertoire([known("The Source", source)])
  private static let body = "GABd gdBA|GBcd egfe|dBGA FDEF|\n"

  private func reading(_ text: String, _ rule: CopyGuard.Rule = .forbid(12)) -> CopyGuard {
    var guarded = CopyGuard([Self.repertoire], rule: rule)
    guarded.read("M:4/4\nL:1/8\n" + text)
    return guarded
  }

  @Test func `a run grows note by note and names its tune`() throws {
    var guarded = reading("K:G\n", .warn(12))
    var lengths: [Int] = []
    for character in Self.body.unicodeScalars {
      guarded.read(character)
      if character.properties.isAlphabetic { lengths.append(guarded.run?.match.notes ?? 0) }
    }
    #expect(lengths == [Int](repeating: 0, count: 8) + Array(9...24))
    let run = try #require(guarded.run?.match)
    #expect(Self.repertoire.title(of: run.melody) == "The Source")
    #expect(run.lastNote == 23)
  }

  @Test(arguments: [
    ("K:C\nCDEG cGED|CE", "F"), ("K:A\nABce aecB|Ac", "d"), ("K:Bb\nBcdf bfdc|Bd", "e"),
  ])
  func `the run is the same in any key`(text: String, next: String) {
    let guarded = reading(text, .forbid(11))
    #expect(guarded.run?.match.notes == 10)
    for letter in "ABCDEFGabcdefg".unicodeScalars {
      #expect(guarded.forbids(letter) == (String(Character(letter)) == next), "\(letter)")
    }
  }

  @Test func `a forbidden note is forbidden one note before the limit and not earlier`() {
    for notes in 10...20 {
      var guarded = CopyGuard([Self.repertoire], rule: .forbid(notes))
      guarded.read("M:4/4\nL:1/8\nK:G\n")
      var written = 0
      for character in Self.body.unicodeScalars where character != "\n" {
        if character.properties.isAlphabetic { written += 1 }
        if written == notes {
          #expect(guarded.forbids(character))
          break
        }
        #expect(!guarded.forbids(character))
        guarded.read(character)
      }
    }
  }

  @Test
  func `an octave mark that makes the copied note is forbidden, and one that undoes it is not`() {
    // The eleventh note is c.
    var guarded = reading("K:G\nGABd gdBA|GB", .forbid(11))
    #expect(guarded.forbids("c"))
    #expect(!guarded.forbids("C"))
    guarded.read("C")
    #expect(guarded.run == nil)
    #expect(guarded.forbids("'"))
    #expect(!guarded.forbids(","))
    guarded.read(",")
    var other = reading("K:G\nGABd gdBA|GB", .warn(11))
    other.read("c")
    #expect(other.run?.match.notes == 11)
    other.read("'")
    #expect(other.run == nil)
  }

  @Test func `accidentals, keys, ties, chords and graces count as they sound`() {
    for same in [
      "K:C\nGABd gdBA|GB", "K:G\nGAB{ef}d gd[GB]A|G\"Am\"B", "K:G\nGABd gdBA|[EG]!trill!B",
      "K:D\nGABd gdBA|~G.B", "K:C\n[K:G]GABd gdBA|\nGB", "K:G\nG(AB)d gd(3BAG|B",
      "K:C\n=GABd gdBA|[=G,=G]B", "K:G\nGABd\nw:one two\ngdBA|GB", "K:G\nGABd gdBA:|1 GB",
      "K:C\n\u{e001}\u{e018}\u{e041}GABd gdBA|\n\u{e017}K:G\n\u{e041}GB",
    ] {
      #expect(reading(same, .warn(10)).run?.match.notes == 10, "\(same)")
    }
    for other in ["K:G\nGABd gd_BA|GB", "K:G\nGABd gdBz A|GAB", "K:G\nGABd-d gdBA|GB"] {
      #expect(reading(other, .warn(10)).run?.match.notes ?? 0 < 10, "\(other)")
    }
  }

  @Test func `a copy of a guard goes its own way`() {
    var first = reading("K:G\nGABd gdBA|G")
    var second = first
    first.read("B")
    second.read("A")
    #expect(first.run?.match.notes == 10)
    #expect(second.run == nil)
  }

  @Test func `off and warn forbid nothing`() {
    for rule in [CopyGuard.Rule.off, .warn(10)] {
      var guarded = CopyGuard([Self.repertoire], rule: rule)
      guarded.read("M:4/4\nL:1/8\nK:G\n" + Self.body.dropLast(4))
      for letter in "ABCDEFGabcdefg,'".unicodeScalars { #expect(!guarded.forbids(letter)) }
      #expect((guarded.run == nil) == (rule == .off))
    }
  }

  @Test(arguments: ["off", "warn 10", "warn 20", "forbid 24", "forbid 500"])
  func `rules are written as they are read`(text: String) {
    #expect(CopyGuard.Rule(text)?.description == text)
  }

  @Test func `a number alone forbids so many notes, and a colon will do for a blank`() {
    #expect(CopyGuard.Rule("24") == .forbid(24))
    #expect(CopyGuard.Rule("warn:20") == .warn(20))
  }

  @Test(arguments: [
    "", "9", "on", "warn", "forbid 9", "forbid 501", "forbid x", "warn 20 30", "off 3",
  ])
  func `what is no rule is none`(text: String) {
    #expect(CopyGuard.Rule(text) == nil)
  }

  @Test func `what forbids answers as a search for every note would`() {
    var random = FixedRandom(state: 5)
    let tunes = (0..<40).map { _ in
      known(
        "One",
        "X:1\nM:4/4\nL:1/8\nK:C\n"
          + (0..<60).map { _ in "CDEFG".randomElement(using: &random).map(String.init) ?? "C" }
          .joined() + "\n")
    }
    let (one, two) = (Repertoire(tunes[..<20]), Repertoire(tunes[20...]))
    for _ in 0..<40 {
      var guarded = CopyGuard([one, two], rule: .forbid(11))
      var pitches: [Int] = []
      func intervals(_ next: Int? = nil) -> [Int8] {
        let all = pitches + (next.map { [$0] } ?? [])
        return zip(all.dropFirst(), all).map { Int8($0 - $1) }
      }
      guarded.read("L:1/8\nK:C\n")
      for _ in 0..<80 {
        var free: [(letter: Unicode.Scalar, pitch: Int)] = []
        let isAsked = guarded.mayForbid()
        for (letter, pitch) in zip("CDEFG".unicodeScalars, [60, 62, 64, 65, 67]) {
          let notes = [one, two].longestRun(endOf: intervals(pitch)[...])?.match.notes ?? 0
          #expect(guarded.forbids(letter) == (notes >= 11))
          #expect(notes < 11 || isAsked)
          if notes < 11 { free.append((letter, pitch)) }
        }
        guard let chosen = free.randomElement(using: &random) else { break }
        pitches.append(chosen.pitch)
        guarded.read(chosen.letter)
      }
      #expect(pitches.count == 80)
      let all = intervals()
      for count in all.indices {
        #expect([one, two].longestRun(endOf: all[...count])?.match.notes ?? 0 < 11)
      }
    }
  }

  @Test func `reading by characters hears the melody that reading whole hears`() {
    var random = FixedRandom(state: 11)
    let pieces = [
      "A", "B", "c", "d'", "E,", "^F", "_B", "=c", "G2", "a/", "z2", " ", "|", ":|", "|:", "||",
      "[CE]", "[G,Be]", "[e'c]", "(3ABc", "A-A", "f-|f", "{g}", "{^fe}", "\"Am\"", "!trill!", "~",
      "[K:D]", "[K:Bb]", "\nK:Em\n", "\nP:A\n", ":|2 ", "|1 ", "::", "(AB)", "A>B", "[1 ", "\n",
      "TA", "\nTB",
    ]
    for _ in 0..<400 {
      var text =
        "M:4/4\nL:1/8\nK:\(["G", "Ador", "Eb", "C", "Hp"].randomElement(using: &random) ?? "C")\n"
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        let piece = pieces.randomElement(using: &random) ?? ""
        // An empty line would end the tune.
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        if !piece.hasPrefix("\n") || !line.allSatisfy({ $0 == " " }) { text += piece }
      }
      var reader = MelodyReader()
      var heard: [Int] = []
      for character in text.unicodeScalars {
        switch reader.read(character) {
        case .none: break
        case .newNote(let pitch): heard.append(pitch)
        case .lastNote(let pitch): heard[heard.count - 1] = pitch
        }
      }
      let tune = ParsedTune(text: "X:1\n" + text)
      var written: [Int] = []
      var start = (-1, -1)
      for note in tune.notes where note.kind == .note {
        guard let pitch = note.pitch?.key else { continue }
        let place = (note.bar, note.start.numerator * 1_000_000 / note.start.denominator)
        if place == start {
          written[written.count - 1] = max(written[written.count - 1], pitch)
        } else {
          written.append(pitch)
        }
        start = place
      }
      #expect(heard == written, "\(text)")
    }
  }
}

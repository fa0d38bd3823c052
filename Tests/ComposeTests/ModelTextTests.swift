import ABC
import Neural
import Testing

@testable import Compose

@Suite struct ModelTextTests {
  /// The shipped model's characters.
  static let description: ModelDescription = {
    let characters =
      "\n !\"#'(),-./123456789:<=>ABCDEFGHKLMOPRTVZ[]^_abcdefghijklmnoprstuvwxyz{|}~"
    let list = characters.unicodeScalars.map { scalar in
      switch scalar {
      case "\n": "\"\\n\""
      case "\"": "\"\\\"\""
      default: "\"\(scalar)\""
      }
    }
    let metadata = ["vocabulary": "[" + list.joined(separator: ",") + "]"]
    do {
      return try ModelDescription(Checkpoint(metadata: metadata, tensors: []))
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  static func read(_ document: String, cursor: Int? = nil) -> ModelText {
    ModelText(
      document: document, cursor: cursor ?? document.utf8.count, description: description)
  }

  @Test func `a canonical tune is read as it is, without number and title`() {
    let text = Self.read(
      "X:7\nT:The Kerry Cobbler\nR:jig\nM:6/8\nL:1/8\nK:D\nA|d>ed fga|\ng>af ecA|")
    #expect(text.text == "R:jig\nM:6/8\nL:1/8\nK:D\nA|d>ed fga|\ng>af ecA|")
    #expect(text.notice.isEmpty)
    #expect(!text.isInHeader)
    #expect(text.bodyStart == 22)
  }

  @Test func `header lines come in the network's order, keys in short form`() {
    let text = Self.read("X:1\nL: 1/8 % short\nK: D dorian\nabc|")
    #expect(text.text == "L:1/8\nK:Ddor\nabc|")
    #expect(Self.read("X:1\nK:E minor\nM:6/8\n").text.hasPrefix("L:1/8\nK:Em\nM:6/8\n"))
    #expect(Self.read("M:C\nR:Reel\nL:1/8\nK:F# Mix\n").text == "R:reel\nM:C\nL:1/8\nK:F#mix\n")
  }

  @Test(arguments: [
    ("G", "G", true), ("Gmaj", "G", true), ("A minor", "Am", true), ("Bb", "Bb", true),
    ("F#m", "F#m", true), ("C♯m", "C#m", true), ("Emix", "Emix", true), ("G clef=bass", "G", false),
    ("Dm ^c", "Dm", false), ("HP", "Amix", false), ("none", "C", false), ("", "C", false),
    ("Gfoo", "G", false),
  ])
  func `keys are spelled in short form`(text: String, short: String, isExact: Bool) {
    let key = KeySpelling(text)
    #expect(key.short == short)
    #expect(key.isExact == isExact)
  }

  @Test func `other fields, comments and directives are not read`() {
    let text = Self.read(
      "X:1\nM:4/4\nC:someone\nQ:1/4=90\nL:1/8\nK:G\n%%MIDI program 4\nab% remark\nw:la la\nP:B\nK:D\ncd[V:2]e|\n"
    )
    #expect(text.text == "M:4/4\nL:1/8\nK:G\nab\nP:B\nK:D\ncde|\n")
    #expect(text.skipped.isEmpty)
  }

  @Test func `a header without key is left for the network to complete`() {
    #expect(Self.read("").text.isEmpty)
    #expect(Self.read("").isInHeader)
    let text = Self.read("X:1\nT:x\nM:6/8\n")
    #expect(text.text == "M:6/8\n")
    #expect(text.isInHeader)
  }

  @Test func `music without header has the header that ABC gives it`() {
    #expect(Self.read("abc|").text == "L:1/8\nK:C\nabc|")
    #expect(Self.read("M:2/4\nK:G\nabc|").text == "M:2/4\nL:1/16\nK:G\nabc|")
  }

  @Test func `only the tune that holds the cursor is read, and only up to it`() {
    let document = "X:1\nK:C\nCDE|\n\nX:2\nK:G\nGAB|c"
    #expect(Self.read(document).text == "L:1/8\nK:G\nGAB|c")
    #expect(Self.read(document, cursor: 12).text == "L:1/8\nK:C\nCDE|")
    #expect(Self.read(document, cursor: 14).text == "L:1/8\nK:C\nCDE|\n")
    #expect(Self.read(document, cursor: -5).text.isEmpty)
    #expect(Self.read(document, cursor: 9999) == Self.read(document))
  }

  @Test func `unknown characters are read in the nearest spelling and flagged with their bytes`() {
    let document = "K:C\n♯a “F♯”c\t!fermata!d e½"
    let text = Self.read(document)
    #expect(text.text == "L:1/8\nK:C\n^a \"F#\"c Hd e1/2")
    #expect(text.replaced == [4..<7, 9..<12, 13..<19, 20..<30, 33..<35])
    #expect(text.skipped.isEmpty)
    #expect(text.notice == "The model reads 5 places of this tune in another spelling.")
  }

  @Test func `what has no spelling is skipped and flagged`() {
    let text = Self.read("K:C\na\"^slow\"b;c !crescendo(!d é")
    #expect(text.text == "L:1/8\nK:C\nabc !crescendo(!d ")
    #expect(text.skipped == [5..<12, 13..<14, 30..<32])
    #expect(text.notice.hasPrefix("The model cannot read 3 places"))
  }

  @Test func `reading a growing text only ever adds to what was read`() {
    let tune =
      "X:1\nT:x\nR:jig\nM:6/8\nL:1/8\nK:Ador\n|:\"Am\"A>Bc {d}e2 (3fga|1 [ce]4-e2:|2 ~A,3 !D.C.!z3||\nP:B\nK:A\n"
    var before = ""
    for length in 0...tune.utf8.count {
      let now = Self.read(tune, cursor: length)
      if !now.isInHeader && before.hasPrefix("R:jig\nM:6/8\nL:1/8\nK:Ador\n") {
        #expect(now.text.hasPrefix(before))
      }
      before = now.text
    }
    #expect(before.hasSuffix("P:B\nK:A\n"))
  }

  @Test func `the composer is told what to add before the first character`() {
    func added(_ document: String) -> String {
      ModelText.preparation(for: document, cursor: document.utf8.count)
    }
    #expect(added("") == "X:1\nT:Untitled\n")
    #expect(added("X:1") == "\n")
    #expect(added("X:1\nK:D") == "\n")
    #expect(added("X:1\nK:D\n").isEmpty)
    #expect(added("X:1\nK:D\nabc").isEmpty)
    #expect(added("abc").isEmpty)
  }

  @Test func `tunes are measured whole, as they are played`() {
    let book =
      "X:1\nM:C\nL:1/8\nK:G\nabc|\n \nX:2\nL:1/8\nK:G\nabc|\n\nX:3\nM:C\nL:1/8\nK:Hp\na\n\nnot a tune\n\n"
      + "X:4\nT:x\nM:6/8\nK:Em\nV:1\n!trill!e|\n\nX:5\nM:3/4\nK:Dm ^c\n[V:1]d3|\n\ndcde|"
    let read = ModelText.tunes(in: Tunebook(text: book), description: Self.description)
    #expect(
      read.tunes == [
        TuneText(header: "M:C\nL:1/8\nK:G\n", body: "abc|\n\n"),
        TuneText(header: "M:none\nL:1/8\nK:G\n", body: "abc|\n\n"),
        TuneText(header: "M:C\nL:1/8\nK:Amix\n", body: "a\n\n"),
        TuneText(header: "M:6/8\nL:1/8\nK:Em\n", body: "!trill!e|\n\n"),
        TuneText(header: "M:3/4\nL:1/8\nK:Dm ^c\n", body: "d3|\ndcde|\n\n"),
      ])
    #expect(read.leftOut.isEmpty)
  }

  @Test func `tunes of several voices and without music are counted out`() {
    let book = "X:1\nK:G\nV:1\nabc|\nV:2\nabc|\n\nX:2\nK:G\n|z4|\n"
    let read = ModelText.tunes(in: Tunebook(text: book), description: Self.description)
    #expect(read.tunes.isEmpty)
    #expect(read.leftOut == ["several voices": 1, "no music": 1])
  }

  @Test func `any bytes can be read at any cursor`() {
    let pieces = [
      "X:1\n", "K:", "\"", "[", "!", "é", "\n", "%", "[K:", "]", "♯", "a", "w:", "\r\n",
    ]
    var seed: UInt64 = 3
    for _ in 0..<300 {
      var document = ""
      for _ in 0..<12 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1
        document += pieces[Int(seed >> 33) % pieces.count]
      }
      for cursor in 0...document.utf8.count {
        let text = Self.read(document, cursor: cursor)
        #expect(text.text.unicodeScalars.allSatisfy { Self.description.vocabulary.contains($0) })
        #expect(text.skipped.allSatisfy { $0.upperBound <= cursor })
        #expect(text.replaced.allSatisfy { $0.upperBound <= cursor })
      }
    }
  }
}

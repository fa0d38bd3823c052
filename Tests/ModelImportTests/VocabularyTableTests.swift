import Testing

@testable import ModelImport

@Suite struct VocabularyTableTests {
  private func tokens(_ text: String, isJSON: Bool = false) throws(ImportError) -> [String] {
    try VocabularyTable(Array(text.utf8), isJSON: isJSON).tokens
  }

  @Test(arguments: [
    #"["\n", " ", "A", "\"", "é"]"#,
    #"{"\n": 0, " ": 1, "A": 2, "\"": 3, "é": 4}"#,
    #"{"0": "\n", "2": "A", "1": " ", "4": "\u00e9", "3": "\""}"#,
    #"{'\n': 0, ' ': 1, 'A': 2, '"': 3, 'é': 4}"#,
    #"{0: '\n', 1: ' ', 2: 'A', 3: '"', 4: '\xe9'}"#,
    #"['\n', ' ', 'A', '"', 'é',]"#,
    #"{"config": {"lower": false}, "char2idx": {"\n": 0, " ": 1, "A": 2, "\"": 3, "é": 4}}"#,
  ])
  func `a list and a dictionary of either direction say the same`(text: String) throws {
    #expect(try tokens(text) == ["\n", " ", "A", "\"", "é"])
  }

  @Test func `a text gives its characters in the order of their code points, as Python sorts`()
    throws
  {
    #expect(try tokens("X:1\nK:G\nGé|") == ["\n", "1", ":", "G", "K", "X", "|", "é"])
  }

  @Test func `line ends of Windows count as newlines`() throws {
    #expect(try tokens("a\r\nb") == ["\n", "a", "b"])
  }

  @Test func `a text that begins with a chord is a text`() throws {
    #expect(try tokens("[CEG]2") == ["2", "C", "E", "G", "[", "]"])
  }

  @Test func `characters that Swift would join stay apart`() throws {
    #expect(try tokens("e\u{301}") == ["e", "\u{301}"])
    #expect(try tokens(#"{"e": 0, "\u0301": 1}"#) == ["e", "\u{301}"])
  }

  @Test func `the usual header of a corpus is found`() throws {
    let tune = "X:1\nT:One\nM:6/8\nL:1/8\nK:D\nabc def|\n\n"
    let odd = "X:2\nT:Two\nR:jig\nM:6/8\nL:1/8\nK:G\ng: not a field\n\n"
    let table = try VocabularyTable(Array((tune + tune + odd).utf8))
    #expect(table.headerFields == "XTMLK")
  }

  @Test func `a remark in a header ends it as little as it ends a tune`() throws {
    let tune = "X:1\nT:One\n% a remark\nM:6/8\nL:1/8\nK:G\nGAB dBG|\n"
    let table = try VocabularyTable(Array((tune + "\n" + tune + "\n" + tune).utf8))
    #expect(table.headerFields == "XTMLK" && table.start == "\n\n")
  }

  @Test func `what stands between most tunes of a text is what a network reads before one`() throws
  {
    let tune = "X:1\nM:6/8\nK:G\nGAB dBG|\n"
    func start(_ text: String) throws -> String? { try VocabularyTable(Array(text.utf8)).start }
    #expect(try start(tune + "\n\n" + tune + "\n\n" + tune + "\n" + tune) == "\n\n\n")
    #expect(try start(tune + tune + tune) == "\n")
    #expect(try start(tune) == nil)
    #expect(try VocabularyTable(Array("[\"a\"]".utf8)).start == nil)
  }

  @Test(arguments: [
    (#"["60", "62", "64", "0.4.7", "60", "64", "62", "2.5.9", "60"]"#, true),
    (#"[["60", "62"], ["64", "0.4.7", "60"], ["2.5.9"]]"#, true), ("[3, 1, 2]", false),
    ("[3, 1, 2, 1]", false), (#"[["b", 1], ["a", 0]]"#, false),
  ])
  func `lists of the training pieces, of numbers and of pairs are vocabularies`(
    text: String, isNotes: Bool
  ) throws {
    let found = try tokens(text, isJSON: true)
    if isNotes {
      #expect(found == ["0.4.7", "2.5.9", "60", "62", "64"])
    } else {
      #expect([["3", "1", "2"], ["1", "2", "3"], ["a", "b"]].contains(found))
      #expect((found == ["3", "1", "2"]) == (text == "[3, 1, 2]"))
    }
  }

  /// What `pickle.dump(["60", "62", "60", "0.4.7"], …)` writes with protocol 4, and a set with 2.
  @Test func `a pickled list or set is a vocabulary, too`() throws {
    var list: [UInt8] = [0x80, 4, 0x5d, 0x94, 0x28]
    for text in ["60", "62", "60", "0.4.7"] {
      list += [0x8c, UInt8(text.utf8.count)] + text.utf8 + [0x94]
    }
    #expect(try VocabularyTable(list + [0x65, 0x2e]).tokens == ["0.4.7", "60", "62"])
    var set: [UInt8] = [0x80, 2] + Array("c__builtin__\nset\n".utf8) + [0x5d, 0x28]
    for text in ["b", "a"] { set += [0x58, UInt8(text.utf8.count), 0, 0, 0] + text.utf8 }
    #expect(try VocabularyTable(set + [0x65, 0x85, 0x52, 0x2e]).tokens == ["a", "b"])
    for length in 2..<list.count {
      #expect(throws: ImportError.self) { try VocabularyTable(Array(list[..<length])) }
    }
  }

  @Test(arguments: [
    (#"{"a": 0, "b": 0}"#, "does not give each of 0, 1, 2"),
    (#"{"a": 0, "b": 2}"#, "does not give each of 0, 1, 2"),
    (#"["a", 1]"#, "holds something that is no text"),
    (#"{"a": 0, "b": 1"#, "a comma was expected"),
    (#"{"a": __import__('os')}"#, "a value was expected"),
    ("[]", "holds 0 tokens"),
    ("", "is empty"),
  ])
  func `a vocabulary that cannot be one is refused with a reason`(text: String, reason: String) {
    #expect {
      try tokens(text, isJSON: text.hasPrefix("["))
    } throws: { error in
      "\(error)".contains(reason)
    }
  }

  @Test(arguments: [
    (["C4", "F#3", "B-5", "0.4.7", "5"], ["60", "54", "82", "0.4.7", "5."]),
    (["C4", "C4 "], nil), (["0.4.7", "5"], nil), (["C4", "X1"], nil), (["C4", "12"], nil),
    (["A", "B"], nil), (["C4", ""], nil), (["C4", "0..4"], nil), (["G9", "B-9"], nil),
  ])
  func `notes and chords as music21 names them become keys and pitch classes`(
    tokens: [String], keys: [String]?
  ) {
    #expect(ChordNames.keys(tokens) == keys)
  }

  @Test func `deep nesting is refused`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: ImportError.self) { try tokens(deep, isJSON: true) }
    #expect(throws: ImportError.self) {
      try tokens(String(repeating: "{1:", count: 100_000), isJSON: true)
    }
  }

  @Test func `every cut of a dictionary is refused or is another whole one`() {
    let text = Array(#"{'\n': 0, ' ': 1, "é\u0041": 2}"#.utf8)
    for length in 1..<text.count {
      #expect(throws: ImportError.self) { try VocabularyTable(Array(text[..<length])) }
    }
  }
}

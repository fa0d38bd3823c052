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

  @Test(arguments: [
    (#"{"a": 0, "b": 0}"#, "does not give each of 0, 1, 2"),
    (#"{"a": 0, "b": 2}"#, "does not give each of 0, 1, 2"),
    (#"["a", "a"]"#, "holds a token twice"),
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

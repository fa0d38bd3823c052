import Neural
import Testing

@testable import Compose

/// Networks whose text spells headers in its own way.
@Suite struct HeaderSpellingTests {
  private static let learnt = HeaderSpelling(
    values: ["K": ["D Major", "G Major", "A Minor"], "M": ["6/8", "4/4"], "L": ["1/8"]],
    spaced: ["X", "Z"])

  private func description(
    _ spelling: HeaderSpelling?, fields: String = "XTZMLK"
  ) throws -> ModelDescription {
    var description = ModelTextTests.description
    let letters =
      "\nXYZWUQJINSq0 !\"#'(),-./123456789:<=>ABCDEFGHKLMOPRTV[]^_abcdefghijklmnoprstuvwxyz{|}~"
    description.vocabulary = try #require(Vocabulary(Array(letters.unicodeScalars)))
    description.headerFields = Array(fields)
    description.headerSpelling = spelling
    return description
  }

  /// The first character of a text that is not allowed, with what stands before it.
  private func firstFault(_ text: String, _ spelling: HeaderSpelling?) throws -> String? {
    var grammar = TuneGrammar(try description(spelling))
    var read = ""
    for scalar in text.unicodeScalars {
      guard grammar.allows(scalar) else { return read + "⟨\(scalar)⟩" }
      grammar.read(scalar)
      read.unicodeScalars.append(scalar)
    }
    return nil
  }

  @Test func `a header is written as the network's text has it, each field once`() throws {
    let header = "X: 7\nT:tune of hay\nZ: id:tune-7\nM:6/8\nL:1/8\nK:D Major\n"
    #expect(try firstFault(header + "DFA dAF|", Self.learnt) == nil)
    for (text, fault) in [
      ("X:7", "X:⟨7⟩"), ("X: 7\nX", "X: 7\n⟨X⟩"), ("X: 7\nM:6/8\nT", "X: 7\nM:6/8\n⟨T⟩"),
      ("X: 7\nM:6/8\nL:1/8\nK:E", "X: 7\nM:6/8\nL:1/8\nK:⟨E⟩"),
      ("X: 7\nM:6/8\nL:1/8\nK:D\n", "X: 7\nM:6/8\nL:1/8\nK:D⟨\n⟩"),
    ] {
      #expect(try firstFault(text, Self.learnt) == fault)
    }
  }

  @Test func `where nothing was learnt of a text, every usual spelling may come`() throws {
    let open = HeaderSpelling()
    for key in ["D", "D Major", "Ddor", "D dorian", "Bbmin", "Am"] {
      #expect(try firstFault("X: 7\nM:6/8\nL:1/8\nK:\(key)\n", open) == nil, "\(key)")
    }
    #expect(try firstFault("X:7\nM: 6/8\n", open) == nil)
    #expect(try firstFault("M:6/8\nL:1/8\nK:H", open) == "M:6/8\nL:1/8\nK:⟨H⟩")
    #expect(try firstFault("M:6/8\nL:1/8\nK:D M", nil) == "M:6/8\nL:1/8\nK:D⟨ ⟩")
  }

  @Test func `a tune is read as it stands, with a key by the name that the network knows`() throws {
    func read(_ document: String, _ spelling: HeaderSpelling?) throws -> String {
      ModelText(
        document: document, cursor: document.utf8.count, description: try description(spelling)
      ).text
    }
    let seed = "X: 1\nT:tune of rain\nZ: id:tune-1\nM:6/8\nL:1/8\nK:G Major\nGBd|"
    #expect(try read(seed, Self.learnt) == seed)
    let short = seed.replacing("G Major", with: "G").replacing("X: ", with: "X:")
    #expect(try read(short, Self.learnt) == seed)
    #expect(try read(short, HeaderSpelling()).hasSuffix("M:6/8\nL:1/8\nK:G\nGBd|"))
    #expect(try read(seed, nil).contains("K:G\n"))
  }

  @Test func `what is wanted of a header is spelt as the network spells it`() throws {
    var grammar = TuneGrammar(try description(Self.learnt))
    grammar.wantHeader(["K": "Am"])
    for scalar in "X: 3\nM:6/8\nL:1/8\nK:A Mino".unicodeScalars {
      #expect(grammar.allows(scalar), "\(scalar)")
      grammar.read(scalar)
    }
    #expect(grammar.allows("r") && !grammar.allows("\n"))
  }

  @Test func `a spelling that a reader would not take is no value`() throws {
    let odd = HeaderSpelling(values: ["K": ["none of it", "G"], "M": ["x", "6/8"]], spaced: [])
    let known = KnownCharacters(try description(odd))
    #expect(known.spelling?.values["K"] == ["G"] && known.spelling?.values["M"] == ["6/8"])
  }

  @Test func `a spelling comes back from a checkpoint, and a damaged one is refused`() throws {
    let text = Self.learnt.json
    #expect(
      text.hasPrefix(#"{"spaced":"XZ","values":{"K":["D Major","G Major","A Minor"]"#), "\(text)")
    let vocabulary = #"["\n","a"]"#
    func read(_ spelling: String) throws -> HeaderSpelling? {
      try ModelDescription(
        Checkpoint(
          metadata: ["vocabulary": vocabulary, "header_spelling": spelling], tensors: [])
      ).headerSpelling
    }
    #expect(try read(text) == Self.learnt)
    for length in 0..<text.utf8.count {
      #expect(throws: CheckpointError.self) { try read(String(text.prefix(length))) }
    }
  }
}

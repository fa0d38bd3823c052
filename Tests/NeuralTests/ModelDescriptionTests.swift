import Testing

@testable import Neural

@Suite struct ModelDescriptionTests {
  static func description(_ metadata: [String: String]) throws(CheckpointError) -> ModelDescription
  {
    try ModelDescription(Checkpoint(metadata: metadata, tensors: []))
  }

  @Test func `a vocabulary alone is enough`() throws {
    let description = try Self.description(["vocabulary": #"["\n","a","♯"]"#])
    #expect(description.vocabulary.characters == ["\n", "a", "♯"])
    #expect(description.vocabulary.token("♯") == 2)
    #expect(description.vocabulary.token("b") == nil)
    #expect(description.headerFields == ["R", "M", "L", "K"])
    #expect(description.start == "\n\n")
    #expect(description.end == "\n\n")
  }

  @Test func `a description written is the description read`() throws {
    var description = try Self.description(["vocabulary": #"["\"","\\","é"]"#])
    description.name = "n"
    description.headerFields = ["M", "K"]
    description.start = "\u{2}"
    #expect(try Self.description(description.metadata) == description)
  }

  @Test(arguments: [
    [:], ["vocabulary": "[]"], ["vocabulary": #"["ab"]"#], ["vocabulary": #"["a","a"]"#],
    ["vocabulary": #"["a",1]"#], ["vocabulary": "x"],
    ["vocabulary": #"["a"]"#, "lilt.format": "3"],
    ["vocabulary": #"["a"]"#, "encoding": "bytes"],
    ["vocabulary": #"["a"]"#, "header_fields": "RR"],
    ["vocabulary": #"["a"]"#, "header_fields": "R1"],
    ["vocabulary": #"["a"]"#, "end": "\"\""],
    ["vocabulary": #"["a"]"#, "start": "plain"],
  ])
  func `what cannot be understood is refused`(metadata: [String: String]) {
    #expect(throws: CheckpointError.self) { try Self.description(metadata) }
  }
}

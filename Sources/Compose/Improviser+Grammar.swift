import Neural

/// Where a tune stands, character by character, as far as that decides what may come next.
struct TuneGrammar: Equatable, Sendable {
  private let headerFields: [Unicode.Scalar]
  /// Whether the header's `K:` line has not ended yet.
  private(set) var isInHeader = true
  private var line = ""

  init(_ description: ModelDescription) {
    headerFields = description.headerFields.flatMap(\.unicodeScalars)
  }

  mutating func read(_ character: Unicode.Scalar) {
    if character == "\n" {
      if isInHeader && line.hasPrefix("K:") { isInHeader = false }
      line = ""
    } else {
      line.unicodeScalars.append(character)
    }
  }

  /// Whether a character can come next in correct ABC.
  func allows(_ character: Unicode.Scalar) -> Bool { true }
}

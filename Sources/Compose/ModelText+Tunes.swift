import Neural

/// A whole tune as a network reads it.
public struct TuneText: Equatable, Sendable {
  /// The header lines, each with its newline.
  public var header: String
  /// The music and what ends a tune.
  public var body: String
}

extension ModelText {
  /// The tunes of a tunebook: the blocks between empty lines that have a number.
  ///
  /// Left out, and counted, are tunes without meter or unit length, and those with a key that is more
  /// or less than a letter, an accidental and a mode: a network that was trained on short headers
  /// should not be measured on others.
  public static func tunes(
    in tunebook: String, description: ModelDescription
  ) -> (tunes: [TuneText], leftOut: Int) {
    var tunes: [TuneText] = []
    var leftOut = 0
    for block in TuneLine.lines(of: tunebook, before: .max).split(whereSeparator: \.isBlank) {
      guard block.contains(where: \.holdsNumber) else { continue }
      if let tune = tune(Array(block), description: description) {
        tunes.append(tune)
      } else {
        leftOut += 1
      }
    }
    return (tunes, leftOut)
  }

  private static func tune(_ lines: [TuneLine], description: ModelDescription) -> TuneText? {
    var fields: Set<Character> = []
    for line in lines {
      guard let field = line.field else { continue }
      if field == "K" {
        let key = KeySpelling(String(String.UnicodeScalarView(line.value.map(\.scalar))))
        guard key.isExact else { return nil }
      }
      if !fields.contains("K") { fields.insert(field) }
    }
    guard fields.isSuperset(of: ["M", "L", "K"]) else { return nil }
    // Measured as written: decorations in their long form stay so.
    let text = ModelText(lines: lines, description: description, respellsDecorations: false)
    let bytes = Array(text.text.utf8)
    var end = bytes.count
    while end > text.bodyStart, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    return TuneText(
      header: String(decoding: bytes[..<text.bodyStart], as: UTF8.self),
      body: String(decoding: bytes[text.bodyStart..<end], as: UTF8.self) + description.end)
  }
}

extension TuneLine {
  /// Whether a tune's number field stands anywhere in the line.
  fileprivate var holdsNumber: Bool {
    scalars.indices.dropLast().contains {
      scalars[$0].scalar == "X" && scalars[$0 + 1].scalar == ":"
    }
  }
}

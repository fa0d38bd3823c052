/// How the text that a network was trained on spells the header of a tune, where that is another text
/// than Lilt's own: `X: 7`, `K:D Major`.
public struct HeaderSpelling: Hashable, Sendable {
  /// The values of a field in that text, the commonest first; a field that is not here may have any.
  public var values: [Character: [String]]
  /// Fields whose colon a blank follows.
  public var spaced: Set<Character>

  public init(values: [Character: [String]] = [:], spaced: Set<Character> = []) {
    self.values = values
    self.spaced = spaced
  }

  /// The most values of a field that are kept.
  public static let mostValues = 128

  /// Reads the entry `header_spelling` of a checkpoint's metadata; nil where it is none.
  init?(_ text: String) {
    guard case .object(let parts)? = try? JSONValue(bytes: Array(text.utf8)[...]),
      let letters = parts.first(where: { $0.name == "spaced" })?.value.string,
      case .object(let lists)? = parts.first(where: { $0.name == "values" })?.value
    else { return nil }
    spaced = Set(letters)
    values = [:]
    for list in lists {
      guard list.name.count == 1, let letter = list.name.first, let entries = list.value.array,
        entries.count <= Self.mostValues
      else { return nil }
      let texts = entries.compactMap(\.string)
      guard texts.count == entries.count,
        texts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 200 && !$0.contains("\n") })
      else { return nil }
      values[letter] = texts
    }
  }

  /// The entry for the metadata.
  public var json: String {
    let lists = values.sorted { $0.key < $1.key }.map { field, list in
      JSONValue.text(of: String(field)) + ":["
        + list.prefix(Self.mostValues).map { JSONValue.text(of: $0) }.joined(separator: ",") + "]"
    }
    return "{\"spaced\":" + JSONValue.text(of: String(spaced.sorted())) + ",\"values\":{"
      + lists.joined(separator: ",") + "}}"
  }
}

import Neural

/// The tokens of a network, token by token, from what people have beside a checkpoint: a list or a
/// dictionary of either direction in JSON, as Python prints it or as a pickle; the list of all notes of
/// the training pieces; or the text it was trained on.
public struct VocabularyTable: Equatable, Sendable {
  /// Index = token. One character each for a character network, else texts such as `C4.E4`.
  public let tokens: [String]
  /// Letters of the fields that tunes of the text begin with, in order; nil for other sources.
  public let headerFields: String?
  /// What stands in the text before most of its tunes; nil for other sources.
  public let start: String?
  /// How the text spells headers; nil for other sources.
  public let headerSpelling: HeaderSpelling?

  /// The most different tokens that are understood.
  static let most = 65536

  /// Reads a vocabulary file.
  ///
  /// A file that begins as a list or dictionary, or has a name ending in `.json`, must be one; so
  /// must a pickle. A list that holds a token twice is that of the training pieces: its tokens count
  /// as in `sorted(set(list))`. Anything else is the training text, whose characters count in the
  /// order of their code points.
  public init(_ bytes: [UInt8], isJSON: Bool = false) throws(ImportError) {
    if ForeignFile(bytes) == .pickle {
      self.init(list: try Self.tokens(Literal(PickleReader.pickle(in: bytes))))
      return
    }
    let first = bytes.first { !($0 == 0x20 || (0x09...0x0d).contains($0)) }
    if isJSON || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      do throws(ImportError) {
        self.init(list: try Self.tokens(Literal(bytes, format: "vocabulary")))
        return
      } catch {
        // A text may begin with a bracket, too; then it is a text.
        if isJSON || first == UInt8(ascii: "{") { throw error }
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .vocabulary("the text is not UTF-8")
    }
    try self.init(text: text)
  }

  private init(list: [String]) {
    tokens = list
    headerFields = nil
    start = nil
    headerSpelling = nil
  }

  /// The characters of a training text, and what its lines say of its tunes.
  public init(text: String) throws(ImportError) {
    guard !text.isEmpty else { throw .vocabulary("the file is empty") }
    // Python reads every end of line as one newline.
    var scalars = Set(text.unicodeScalars)
    if scalars.contains("\r") {
      scalars.remove("\r")
      scalars.insert("\n")
    }
    tokens = scalars.sorted { $0.value < $1.value }.map { String(Character($0)) }
    let lines = TrainingTextLines(text)
    headerFields = lines.headerFields
    start = lines.start
    headerSpelling = lines.spelling
  }

  private static func tokens(_ literal: Literal) throws(ImportError) -> [String] {
    if let list = literal.list {
      // The notes of each piece may be a list of their own.
      let isNested = !list.isEmpty && list.allSatisfy { $0.list != nil }
      if isNested, let pairs = pairs(list) { return try checked(pairs) }
      return try tokens(isNested ? list.flatMap { $0.list ?? [] } : list)
    }
    guard case .dictionary(let entries) = literal else {
      throw .vocabulary("it is neither a list nor a dictionary nor a text")
    }
    if let tokens = tokens(
      entries.map { (Side($0.key), Side($0.value)) }, count: entries.count)
    {
      return try checked(tokens)
    }
    // Such as {"char2idx": {…}, "idx2char": {…}}, or what `tokenizer.to_json()` writes.
    for entry in entries {
      if case .dictionary = entry.value, let tokens = try? tokens(entry.value) { return tokens }
      if case .list = entry.value, let tokens = try? tokens(entry.value) { return tokens }
    }
    throw .vocabulary("its dictionary does not give each of 0, 1, 2… one token")
  }

  /// The tokens of a list of texts, or of whole numbers, whose digits they are.
  private static func tokens(_ list: [Literal]) throws(ImportError) -> [String] {
    let integers = list.compactMap(\.integer)
    if !list.isEmpty, integers.count == list.count {
      let isRepeated = Set(integers).count < integers.count
      return try checked((isRepeated ? Set(integers).sorted() : integers).map { String($0) })
    }
    let texts = list.compactMap(\.text)
    guard texts.count == list.count else {
      throw .vocabulary("its list holds something that is no text")
    }
    // Python sorts by code points.
    let different = Set(texts.map { Array($0.unicodeScalars) })
    guard different.count < texts.count else { return try checked(texts) }
    let sorted = different.sorted { $0.lexicographicallyPrecedes($1) }
    return try checked(
      sorted.map { scalars in
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
      })
  }

  /// The tokens of a list of pairs such as `[["a", 0], ["b", 1]]`; nil where it is none.
  private static func pairs(_ list: [Literal]) -> [String]? {
    var pairs: [(Side, Side)] = []
    for entry in list {
      guard let pair = entry.list, pair.count == 2 else { return nil }
      pairs.append((Side(pair[0]), Side(pair[1])))
    }
    return tokens(pairs, count: pairs.count)
  }

  private static func checked(_ tokens: [String]) throws(ImportError) -> [String] {
    guard !tokens.isEmpty, tokens.count <= most else {
      throw .vocabulary("it holds \(tokens.count) tokens; 1 to \(most) can be")
    }
    guard Set(tokens.map { Array($0.unicodeScalars) }).count == tokens.count else {
      throw .vocabulary("it holds a token twice")
    }
    return tokens
  }

  /// A key or a value of a dictionary.
  enum Side: Equatable {
    case text(String)
    case number(Int)
    case other

    init(_ literal: Literal) {
      switch literal {
      case .text(let text): self = .text(text)
      case .integer(let integer): self = .number(integer)
      default: self = .other
      }
    }
  }

  /// The tokens of a dictionary in either direction that has one for each of `0..<count`; nil where
  /// it is no such dictionary. JSON writes the numbers of keys as texts.
  static func tokens(_ pairs: [(Side, Side)], count: Int) -> [String]? {
    guard pairs.count == count, count > 0 else { return nil }
    func table(_ token: (Side, Side) -> (String, Int)?) -> [String]? {
      var tokens = [String?](repeating: nil, count: count)
      for (key, value) in pairs {
        guard let (text, number) = token(key, value), tokens.indices.contains(number),
          tokens[number] == nil
        else { return nil }
        tokens[number] = text
      }
      return tokens.compactMap { $0 }
    }
    return table { key, value in
      if case .text(let text) = key, case .number(let number) = value {
        (text, number)
      } else {
        nil
      }
    }
      ?? table { key, value in
        guard case .text(let text) = value else { return nil }
        switch key {
        case .number(let number): return (text, number)
        case .text(let digits): return Int(digits).map { (text, $0) }
        case .other: return nil
        }
      }
  }
}

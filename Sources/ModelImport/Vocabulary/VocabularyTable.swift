/// The tokens of a network, token by token, from what people have beside a checkpoint: a JSON list,
/// a dictionary of either direction in JSON or as Python prints it, or the text it was trained on.
public struct VocabularyTable: Equatable, Sendable {
  /// Index = token. One character each for a character network, else texts such as `C4.E4`.
  public let tokens: [String]
  /// Letters of the fields that tunes of the text begin with, in order; nil for other sources.
  public let headerFields: String?

  /// The most different tokens that are understood.
  static let most = 65536

  /// Reads a vocabulary file.
  ///
  /// A file that begins as a list or dictionary, or has a name ending in `.json`, must be one;
  /// anything else is the training text, whose characters count in the order of their code points,
  /// as in `sorted(set(text))`.
  public init(_ bytes: [UInt8], isJSON: Bool = false) throws(ImportError) {
    let first = bytes.first { !($0 == 0x20 || (0x09...0x0d).contains($0)) }
    if isJSON || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      do {
        tokens = try Self.tokens(Literal(bytes, format: "vocabulary"))
        headerFields = nil
        return
      } catch {
        // A text may begin with a bracket, too; then it is a text.
        if isJSON || first == UInt8(ascii: "{") { throw error }
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .vocabulary("the text is not UTF-8")
    }
    guard !text.isEmpty else { throw .vocabulary("the file is empty") }
    // Python reads every end of line as one newline.
    var scalars = Set(text.unicodeScalars)
    if scalars.contains("\r") {
      scalars.remove("\r")
      scalars.insert("\n")
    }
    tokens = scalars.sorted { $0.value < $1.value }.map { String(Character($0)) }
    headerFields = Self.headerFields(of: text)
  }

  private static func tokens(_ literal: Literal) throws(ImportError) -> [String] {
    if let list = literal.list {
      let tokens = list.compactMap(\.text)
      guard tokens.count == list.count else {
        throw .vocabulary("its list holds something that is no text")
      }
      return try checked(tokens)
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

  /// The fields before the notes of most tunes, in their usual order: `XTMLK`.
  private static func headerFields(of text: String) -> String? {
    var tunes = 0
    var counts: [Character: (tunes: Int, places: Int)] = [:]
    var isInHeader = false
    var seen: [Character] = []
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let start = line.utf8.prefix(2)
      guard start.count == 2, start.last == UInt8(ascii: ":"), let letter = line.first,
        letter.isASCII, letter.isLetter
      else {
        isInHeader = false
        continue
      }
      if !isInHeader {
        guard letter == "X" || line.first?.isUppercase == true, letter != "w", letter != "W" else {
          continue
        }
        isInHeader = true
        seen = []
      }
      if !seen.contains(letter) { seen.append(letter) }
      if letter == "K" {
        tunes += 1
        for (place, letter) in seen.enumerated() {
          counts[letter, default: (0, 0)].tunes += 1
          counts[letter, default: (0, 0)].places += place
        }
        isInHeader = false
      }
    }
    guard tunes > 0 else { return nil }
    let usual = counts.filter { $0.value.tunes * 2 >= tunes }
    let order = usual.sorted {
      let left = Double($0.value.places) / Double($0.value.tunes)
      let right = Double($1.value.places) / Double($1.value.tunes)
      return (left, $0.key) < (right, $1.key)
    }
    return String(order.map(\.key))
  }
}

public import TOMLKit

/// A TOML file that still knows on which line each key stands, so that a mistake in it can be named.
public struct TOMLSource {
  /// The name that messages begin with.
  public let file: String
  public let root: TOMLTable
  private let lines: [Substring]
  private let places: [(path: [String], line: Int, isKey: Bool)]
  /// Of keys that are set twice the first.
  private let lineOfKey: [[String]: Int]

  /// What no TOML reader could read.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var line: Int
    public var column = 1
    public var sentence: String
    public var description: String { "\(file):\(line):\(column): \(sentence)" }
  }

  public init(text: String, file: String) throws(Failure) {
    self.file = file
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    places = TOMLSource.places(in: lines)
    lineOfKey = Dictionary(
      places.lazy.filter(\.isKey).map { ($0.path, $0.line) },
      uniquingKeysWith: { first, _ in first })
    do {
      root = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw Failure(
        file: file, line: max(1, error.source.begin.line),
        column: max(1, error.source.begin.column),
        sentence: error.description.split(separator: "\n").first.map(String.init) ?? "not TOML")
    } catch {
      throw Failure(file: file, line: 1, sentence: "cannot be read as TOML")
    }
  }

  /// The line, counted from 1, where the key at the end of `path` is set: `["normal", "g"]` is `g`
  /// below `[normal]`. The line of the nearest table, or 1, where it cannot be found.
  public func line(of path: [String]) -> Int {
    if let line = lineOfKey[path] { return line }
    var best = (line: 1, depth: 0)
    for place in places where path.starts(with: place.path) && place.path.count > best.depth {
      best = (place.line, place.path.count)
    }
    return best.line
  }

  /// Where tables begin and keys are set, in the order of their lines.
  private static func places(
    in lines: [Substring]
  ) -> [(path: [String], line: Int, isKey: Bool)] {
    var table: [String] = []
    var places: [(path: [String], line: Int, isKey: Bool)] = []
    for (index, line) in lines.enumerated() {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.hasPrefix("[") {
        table = keys(of: trimmed.drop { $0 == "[" }, until: "]")
        places.append((table, index + 1, false))
        continue
      }
      guard !trimmed.hasPrefix("#"), trimmed.contains("=") else { continue }
      places.append((table + keys(of: trimmed, until: "="), index + 1, true))
    }
    return places
  }

  /// The column, counted from 1, where `word` stands in a line; that of the line's first sign where
  /// it does not.
  func column(of word: String, inLine line: Int) -> Int {
    guard lines.indices.contains(line - 1) else { return 1 }
    let text = lines[line - 1]
    let start = text.prefix { $0 == " " || $0 == "\t" }.count + 1
    guard !word.isEmpty, let found = text.firstRange(of: word) else { return start }
    return text.distance(from: text.startIndex, to: found.lowerBound) + 1
  }

  /// As `line(of:)`, but the first line from there on that holds `word`: the key of an array over
  /// several lines stands before its entries.
  public func line(of path: [String], mentioning word: String) -> Int {
    line(from: line(of: path), mentioning: word)
  }

  /// The first line from `start` on that holds `word`; `start` where none does.
  func line(from start: Int, mentioning word: String) -> Int {
    for index in max(0, start - 1)..<max(start, lines.count) where index < lines.count {
      if lines[index].contains(word) { return index + 1 }
    }
    return start
  }

  /// `roll."note.x".y` as its parts.
  private static func keys(of text: Substring, until end: Character) -> [String] {
    var keys: [String] = []
    var key = ""
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { key.append(character) }
        continue
      }
      switch character {
      case "\"", "'": quote = character
      case end:
        keys.append(key)
        return keys
      case ".":
        keys.append(key)
        key = ""
      case " ", "\t": break
      default: key.append(character)
      }
    }
    return keys + [key]
  }
}

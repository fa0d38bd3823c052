/// What a checkpoint says of itself: how its text is written, and where it comes from.
///
/// The facts are entries of the checkpoint's metadata:
///
/// | entry | meaning | when missing |
/// | --- | --- | --- |
/// | `lilt.format` | `1`: LSTM and dense layers; `2`: layers as in `LayerPlan` | 1 |
/// | `encoding` | `abc-characters`: one Unicode character a token; others are of networks of notes | that |
/// | `vocabulary` | JSON list of characters, index = token | refused |
/// | `header_fields` | ABC fields of a tune's header, in order | `RMLK` |
/// | `header_spelling` | how that header is spelt where it is not Lilt's own way, as `HeaderSpelling` | Lilt's: no blanks, short keys |
/// | `start` | what is read before a tune, as a JSON string | two newlines |
/// | `end` | what ends a tune, as a JSON string | two newlines |
/// | `projection` | what stands in the text besides ABC: `plan-1`, a plan of control characters | nothing |
/// | `memory` | fitted values of `MemoryFit`, as a JSON object | `MemoryFit.folk`, or `.planned` |
/// | `name`, `licence`, `summary` | for people | empty |
public struct ModelDescription: Hashable, Sendable {
  public var name: String
  public var licence: String
  public var summary: String
  public var vocabulary: Vocabulary
  /// Letters of the header lines that the network reads, in its order.
  public var headerFields: [Character]
  /// How the network's text spells them; nil = as Lilt does.
  public var headerSpelling: HeaderSpelling?
  public var start: String
  public var end: String
  /// What stands in the text besides ABC; empty = nothing.
  public var projection: String
  /// How much a text's own past counts.
  public var memory: MemoryFit

  /// The newest `lilt.format` that is understood; what needs no more is written as 1.
  public static let formatVersion = 2
  private static let most = 65536

  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let metadata = checkpoint.metadata
    if let version = metadata["lilt.format"], version != "1", version != "2" {
      throw .unsupported("its description is of version \(version.prefix(20)), not 1 or 2")
    }
    let encoding = Self.encoding(of: checkpoint)
    guard encoding == Self.characters else {
      throw .unsupported(
        "it writes notes (\(encoding.prefix(40))), and this needs a model that writes characters of "
          + "ABC")
    }
    vocabulary = try Self.vocabulary(metadata)
    let fields = metadata["header_fields"] ?? "RMLK"
    guard fields.utf8.count <= 26, fields.allSatisfy({ $0.isASCII && $0.isLetter }),
      Set(fields).count == fields.count
    else {
      throw .metadata(key: "header_fields", reason: "is not a list of different letters")
    }
    headerFields = Array(fields)
    if let text = metadata["header_spelling"] {
      guard let spelling = HeaderSpelling(text) else {
        throw .metadata(key: "header_spelling", reason: "is not an object of spaced and values")
      }
      headerSpelling = spelling
    }
    start = try Self.text(metadata, "start")
    end = try Self.text(metadata, "end")
    guard !end.isEmpty else { throw .metadata(key: "end", reason: "is empty") }
    projection = metadata["projection"] ?? ""
    guard ["", "plan-1"].contains(projection) else {
      throw .unsupported("its text holds \(projection.prefix(40)), which is not plan-1")
    }
    if let text = metadata["memory"] {
      guard let fit = MemoryFit(text) else {
        throw .metadata(
          key: "memory", reason: "is not an object of sharpness, trust and distances")
      }
      memory = fit
    } else {
      memory = projection.isEmpty ? .folk : .planned
    }
    name = metadata["name"] ?? ""
    licence = metadata["licence"] ?? ""
    summary = metadata["summary"] ?? ""
  }

  /// The name of the encoding of what a checkpoint's network reads and writes.
  public static func encoding(of checkpoint: Checkpoint) -> String {
    checkpoint.metadata["encoding"] ?? characters
  }

  /// The encoding of networks that this type describes.
  public static let characters = "abc-characters"

  /// The tokens of a checkpoint whose tokens may be of several characters.
  public static func tokens(of checkpoint: Checkpoint) throws(CheckpointError) -> [String] {
    let key = "vocabulary"
    guard let list = checkpoint.metadata[key] else {
      throw .metadata(key: key, reason: "is missing")
    }
    let entries = (try? JSONValue(bytes: Array(list.utf8)[...]))?.array ?? []
    let tokens = entries.compactMap(\.string)
    guard !tokens.isEmpty, tokens.count == entries.count, tokens.count <= most else {
      throw .metadata(key: key, reason: "is not a JSON list of at most \(most) texts")
    }
    return tokens
  }

  private static func text(
    _ metadata: [String: String], _ key: String
  ) throws(CheckpointError) -> String {
    guard let value = metadata[key] else { return "\n\n" }
    guard let text = (try? JSONValue(bytes: Array(value.utf8)[...]))?.string,
      text.utf8.count <= 1024
    else { throw .metadata(key: key, reason: "is not a short JSON string") }
    return text
  }

  private static func vocabulary(
    _ metadata: [String: String]
  ) throws(CheckpointError) -> Vocabulary {
    let key = "vocabulary"
    guard let list = metadata[key] else { throw .metadata(key: key, reason: "is missing") }
    guard let entries = (try? JSONValue(bytes: Array(list.utf8)[...]))?.array,
      entries.count <= most
    else { throw .metadata(key: key, reason: "is not a JSON list of at most \(most) characters") }
    var characters: [Unicode.Scalar] = []
    for entry in entries {
      guard let scalars = entry.string?.unicodeScalars, scalars.count == 1,
        let scalar = scalars.first
      else {
        throw .metadata(key: key, reason: "holds something that is not one character")
      }
      characters.append(scalar)
    }
    guard let vocabulary = Vocabulary(characters) else {
      throw .metadata(key: key, reason: "is empty or holds a character twice")
    }
    return vocabulary
  }

  /// The entries of the metadata that say the same, for writing.
  public var metadata: [String: String] {
    let list = vocabulary.characters.map { JSONValue.text(of: String(Character($0))) }
    var entries = [
      "lilt.format": "1",
      "encoding": "abc-characters",
      "vocabulary": "[" + list.joined(separator: ",") + "]",
      "header_fields": String(headerFields),
      "start": JSONValue.text(of: start),
      "end": JSONValue.text(of: end),
    ]
    if let headerSpelling { entries["header_spelling"] = headerSpelling.json }
    if memory != (projection.isEmpty ? .folk : .planned) { entries["memory"] = memory.json }
    if !projection.isEmpty { entries["projection"] = projection }
    if !name.isEmpty { entries["name"] = name }
    if !licence.isEmpty { entries["licence"] = licence }
    if !summary.isEmpty { entries["summary"] = summary }
    return entries
  }
}

/// A tune in the text that networks read: the header lines R, M, L and K, then the music.
public struct ModelTune: Hashable, Sendable {
  /// Lines such as `M:6/8`, the key last, each with its line end.
  public var header: String
  /// The music and the two line ends that close a tune.
  public var body: String
  /// The title, which networks do not read.
  public var title: String
  public var key: KeyName

  public var text: String { header + body }

  /// Why a tune was left out.
  public enum Refusal: String, CaseIterable, Sendable {
    case noKey = "no key, or one that is not a letter and a mode"
    case noMeter = "no meter"
    case noUnitLength = "no unit note length"
    case noMusic = "no music"
    case tooLong = "longer than 8000 characters"
    case severalVoices = "several voices"
    case notText = "bytes that are no text"
  }

  static let longest = 8000
  /// Fields that stay within the music.
  private static let bodyFields: Set<Character> = ["M", "L", "P"]

  /// Reads one tune: a block of lines without an empty one.
  public static func read(_ block: some StringProtocol) -> Result<ModelTune, RefusedTune> {
    var fields: [Character: String] = [:]
    var lines: [String] = []
    var isInside = false
    var title = ""
    func refuse(_ reason: Refusal) -> Result<ModelTune, RefusedTune> {
      .failure(RefusedTune(title: title, reason: reason))
    }
    for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
      let plain = withoutComment(line)
      if plain.isEmpty, !line.isEmpty { continue }
      let letter = fieldLetter(plain)
      let value = letter == nil ? "" : trimmed(plain.dropFirst(2))
      if !isInside, let letter {
        if letter == "T" {
          if title.isEmpty { title = value }
        } else {
          fields[letter] = value
        }
        isInside = letter == "K"
      } else if isInside {
        if letter == "V" { return refuse(.severalVoices) }
        if letter == "K" {
          guard let key = KeyName(value)?.text else { return refuse(.noKey) }
          lines.append("K:" + key)
        } else if letter.map({ bodyFields.contains($0) }) ?? true {
          lines.append(trimmedEnd(plain))
        }
      }
    }
    guard let name = fields["K"], let key = KeyName(name), let keyText = key.text else {
      return refuse(.noKey)
    }
    guard let meter = fields["M"], !meter.isEmpty else { return refuse(.noMeter) }
    guard let length = fields["L"], !length.isEmpty else { return refuse(.noUnitLength) }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    let body = lines.joined(separator: "\n")
    guard body.utf8.contains(where: { (0x41...0x47).contains($0 & 0xdf) }) else {
      return refuse(.noMusic)
    }
    guard body.utf8.count <= longest else { return refuse(.tooLong) }
    guard fields["V"] == nil else { return refuse(.severalVoices) }
    guard !body.unicodeScalars.contains(where: { $0 == "\u{fffd}" || $0.value < 9 }) else {
      return refuse(.notText)
    }
    var header = ""
    if let rhythm = fields["R"], !rhythm.isEmpty { header += "R:\(rhythm)\n" }
    header += "M:\(meter)\nL:\(length)\nK:\(keyText)\n"
    return .success(ModelTune(header: header, body: body + "\n\n", title: title, key: key))
  }

  /// The tune in a key with so many sharps; nil where it cannot be written there.
  public func transposed(toSharps sharps: Int) -> ModelTune? {
    guard let transposition = Transposition(from: key, toSharps: sharps),
      let body = transposition.body(body, key: key)
    else { return nil }
    let key = key.moved(fifths: transposition.fifths)
    guard let name = key.text, let start = header.range(ofLastLine: "K:") else { return nil }
    return ModelTune(
      header: header[..<start] + "K:\(name)\n", body: body, title: title, key: key)
  }

  private static func fieldLetter(_ line: Substring) -> Character? {
    let bytes = line.utf8.prefix(2)
    guard bytes.count == 2, bytes.last == UInt8(ascii: ":"), let first = bytes.first,
      (0x41...0x5a).contains(first & 0xdf)
    else { return nil }
    return Character(UnicodeScalar(first))
  }

  /// What stands before a `%` that is not escaped.
  private static func withoutComment(_ line: some StringProtocol) -> Substring {
    let line = Substring(line)
    guard let percent = line.utf8.firstIndex(of: UInt8(ascii: "%")) else { return line }
    if percent > line.startIndex, line.utf8[line.utf8.index(before: percent)] == 0x5c {
      return line
    }
    return line[..<percent]
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t" || character == "\r" || character == "\r\n"
  }

  private static func trimmedEnd(_ line: some StringProtocol) -> String {
    var line = Substring(line)
    while let last = line.last, isBlank(last) { line = line.dropLast() }
    return String(line)
  }

  private static func trimmed(_ line: some StringProtocol) -> String {
    String(trimmedEnd(line).drop(while: isBlank))
  }
}

/// A tune that was left out.
public struct RefusedTune: Error, Hashable, Sendable {
  public var title: String
  public var reason: ModelTune.Refusal
}

extension String {
  /// Where the last line that starts so starts.
  fileprivate func range(ofLastLine start: String) -> String.Index? {
    var found: String.Index?
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix(start) { found = at }
      guard let end = self[at...].firstIndex(of: "\n") else { break }
      at = index(after: end)
    }
    return found
  }
}

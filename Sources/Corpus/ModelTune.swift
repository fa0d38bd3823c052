import ABC

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
    case noMusic = "no music"
    case tooLong = "longer than 8000 characters"
    case severalVoices = "several voices"
  }

  static let longest = 8000

  /// Reads the text of one tune.
  public static func read(_ text: some StringProtocol) -> Result<ModelTune, RefusedTune> {
    read(TuneLines(text: String(text)))
  }

  /// What networks read of a tune, as the reader of everything understands it.
  ///
  /// Meter, unit length and key stand there even where the tune leaves them to the rules (ABC 2.1
  /// §3.1.6, §3.1.7). A voice that is alone is not named. What does not sound is left out.
  public static func read(_ tune: TuneLines) -> Result<ModelTune, RefusedTune> {
    var fields: [Character: String] = [:]
    var lines: [String] = []
    for line in tune.lines {
      switch line.kind {
      case .field("T"):
        fields["T"] = fields["T"] ?? line.text
      case .field(let letter) where line.isHeader:
        fields[letter] = line.text
      case .field("K"):
        if let key = KeyName(line.text)?.text { lines.append("K:" + key) }
      case .field(let letter):
        if "MLP".contains(letter) { lines.append("\(letter):" + line.text) }
      case .music:
        let text = plain(line.text)
        if !text.isEmpty { lines.append(text) }
      }
    }
    let title = fields["T"] ?? ""
    func refuse(_ reason: Refusal) -> Result<ModelTune, RefusedTune> {
      .failure(RefusedTune(title: title, reason: reason))
    }
    guard tune.voiceCount > 0 else { return refuse(.noMusic) }
    guard tune.voiceCount == 1 else { return refuse(.severalVoices) }
    let body = lines.joined(separator: "\n")
    guard body.utf8.count <= longest else { return refuse(.tooLong) }
    let key = fields["K"].flatMap { KeyName($0) } ?? .c
    var header = ""
    if let rhythm = fields["R"], !rhythm.isEmpty { header += "R:\(rhythm)\n" }
    header += "M:\(tune.meter)\nL:\(tune.unitLength)\nK:\(key.text ?? "C")\n"
    return .success(ModelTune(header: header, body: body + "\n\n", title: title, key: key))
  }

  /// A line of music without names of voices and remarks in brackets, and without what is no text.
  private static func plain(_ line: String) -> String {
    var bytes: [UInt8] = []
    let line = Array(line.utf8)
    var at = 0
    while at < line.count {
      if line[at] == UInt8(ascii: "["), at + 2 < line.count, line[at + 2] == UInt8(ascii: ":"),
        (0x41...0x5a).contains(line[at + 1] & 0xdf),
        !"KMLPQ".utf8.contains(line[at + 1]),
        let end = line[at...].firstIndex(of: UInt8(ascii: "]"))
      {
        at = end + 1
        continue
      }
      if line[at] == UInt8(ascii: "\t") {
        bytes.append(0x20)
      } else if line[at...].starts(with: "\u{fffd}".utf8) {
        at += 2
      } else if line[at] >= 0x20, line[at] != 0x7f {
        bytes.append(line[at])
      }
      at += 1
    }
    while bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes.drop { $0 == 0x20 }, as: UTF8.self)
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

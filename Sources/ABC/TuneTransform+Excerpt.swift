import Music

extension TuneTransform {
  /// The tune with only the bars of these numbers in its body, of every voice, each led by the
  /// key, meter, unit length and tempo in force there; `nil` when it has none of them.
  ///
  /// Words under the notes stay with their bars. Numbers count as in `ParsedTune.WrittenBar`.
  public static func excerpt(_ text: String, bars: ClosedRange<Int>) -> String? {
    excerpt(text) { _, bar in bars.contains(bar.number) }
  }

  /// The same for the bars at these places of `ParsedTune.bars`.
  public static func excerpt(_ text: String, places: ClosedRange<Int>) -> String? {
    excerpt(text) { place, _ in places.contains(place) }
  }

  /// The same for the bars of one voice that have these numbers.
  public static func excerpt(_ text: String, bars: ClosedRange<Int>, ofVoice voice: Int) -> String?
  {
    excerpt(text) { _, bar in bar.voice == voice && bars.contains(bar.number) }
  }

  private static func excerpt(
    _ text: String, of isWanted: (Int, ParsedTune.WrittenBar) -> Bool
  ) -> String? {
    let bytes = Array(text.utf8)
    let tune = ParsedTune(bytes: bytes)
    var body = tune.body.lowerBound
    if let first = tune.bars.first { body = min(body, first.range.lowerBound) }
    var parts: [String] = []
    for (index, voice) in tune.voices.enumerated() {
      let wanted = tune.bars.enumerated().filter { place, bar in
        bar.voice == index && isWanted(place, bar)
      }.map(\.element.range)
      guard let first = wanted.first?.lowerBound else { continue }
      let fields = fieldsInForce(bytes, from: body, to: first, voice: voice.id)
      let music = TuneTransform.text(of: wanted, in: bytes)
      let name = tune.voices.count > 1 || !voice.id.isEmpty ? "V:\(voice.id)\n" : ""
      parts.append(name + fields + music + "\n")
    }
    guard !parts.isEmpty else { return nil }
    return String(decoding: bytes[..<body], as: UTF8.self) + parts.joined()
  }

  /// Bars in a row, with the lines of words between them.
  private static func text(of bars: [Range<Int>], in bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    var last: Int?
    for bar in bars {
      var lower = bar.lowerBound
      if let last {
        if last <= lower { result += between(bytes[last..<lower]) } else { lower = last }
      }
      guard lower < bar.upperBound else { continue }
      result += bytes[lower..<bar.upperBound]
      last = bar.upperBound
    }
    if let last { result += words(after: last, in: bytes) }
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x0A || byte == 0x0D }
    while let byte = result.last, isBlank(byte) { result.removeLast() }
    return String(decoding: result.drop(while: isBlank), as: UTF8.self)
  }

  /// What stands between two bars of a voice, without the lines of other voices.
  private static func between(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    let other = lines.firstIndex { isVoiceField($0) }
    if let other {
      // Only what this voice's own line is followed by, and a line end.
      lines = Array(lines[..<other]) + [[]]
    }
    return Array(lines.joined(separator: [newline]))
  }

  private static func isVoiceField(_ line: ArraySlice<UInt8>) -> Bool {
    let line = line.drop { $0 == 0x20 || $0 == UInt8(ascii: "[") }
    return line.starts(with: "V:".utf8)
  }

  /// The `w:` lines right below the line in which the last bar ends.
  private static func words(after place: Int, in bytes: [UInt8]) -> [UInt8] {
    let lines = bytes[place...].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let below = lines.dropFirst().prefix {
      $0.starts(with: "w:".utf8) || $0.starts(with: "+:".utf8)
    }
    guard !below.isEmpty else { return [] }
    return [UInt8(ascii: "\n")] + below.joined(separator: [UInt8(ascii: "\n")])
  }

  /// Meter, unit length, tempo and key that hold for a voice at a byte of the body, by their
  /// letters, where a field of the body says them.
  public static func fields(inForceAt place: Int, ofVoice voice: String, in text: String)
    -> [Character: String]
  {
    let bytes = Array(text.utf8)
    let body = ParsedTune(bytes: bytes).body.lowerBound
    var fields: [Character: String] = [:]
    for (kind, value) in latestFields(bytes, from: body, to: place, voice: voice) {
      fields[Character(Unicode.Scalar(kind))] = value
    }
    return fields
  }

  /// The last meter, unit length, tempo and key of a voice's music, as inline fields.
  private static func fieldsInForce(
    _ bytes: [UInt8], from start: Int, to end: Int, voice: String
  ) -> String {
    let latest = latestFields(bytes, from: start, to: end, voice: voice)
    return "MLQK".utf8.map { kind in
      latest[kind].map { "[\(Unicode.Scalar(kind)):\($0)]" } ?? ""
    }.joined()
  }

  private static func latestFields(
    _ bytes: [UInt8], from start: Int, to end: Int, voice: String
  ) -> [UInt8: String] {
    var latest: [UInt8: String] = [:]
    /// Nothing said yet: the first voice, which is the one without a name where there is one.
    var current: String?
    for field in FieldPlace.all(in: bytes, kinds: Array("KMLQV".utf8))
    where field.value.lowerBound >= start && field.value.upperBound <= end {
      let value = String(decoding: trimmed(bytes[field.value]), as: UTF8.self)
      if field.kind == UInt8(ascii: "V") {
        current = fieldWords(value).first ?? current
      } else if current ?? voice == voice || field.kind == UInt8(ascii: "Q") {
        latest[field.kind] = value
      }
    }
    return latest
  }
}

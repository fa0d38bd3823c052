import ABC

/// A place in a tune as the model that writes there meets it: what it reads before the place, and
/// what follows. Other voices are left out: the model writes the voice that the place is in.
struct Passage {
  /// Header and music up to the place.
  var text: String
  /// The rest of the voice.
  var continuation: String

  /// - Parameters:
  ///   - gap: The bytes that are to be written; empty where nothing is replaced.
  ///   - tune: The document, read; asked for only where it may have several voices.
  init(document: String, gap: Range<Int>, tune: @autoclosure () -> ParsedTune) {
    guard document.hasVoiceFields else {
      text = document.text(atBytes: 0..<gap.lowerBound)
      continuation = document.text(atBytes: gap.upperBound..<document.utf8.count)
      return
    }
    let tune = tune()
    guard tune.voices.count > 1 else {
      text = document.text(atBytes: 0..<gap.lowerBound)
      continuation = document.text(atBytes: gap.upperBound..<document.utf8.count)
      return
    }
    let bytes = Array(document.utf8)
    let voice = tune.voice(atByte: gap.lowerBound, in: bytes)
    let body = min(tune.body.lowerBound, gap.lowerBound)
    text =
      document.text(atBytes: 0..<body)
      + Passage.music(of: voice, tune, bytes, in: body..<gap.lowerBound)
    continuation = Passage.music(of: voice, tune, bytes, in: gap.upperBound..<bytes.count)
  }

  /// A voice's bars within a range, on lines as they are written.
  private static func music(
    of voice: Int, _ tune: ParsedTune, _ bytes: [UInt8], in range: Range<Int>
  ) -> String {
    var result: [UInt8] = []
    var last = range.lowerBound
    for bar in tune.bars where bar.voice == voice {
      let part = bar.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let skipped = bytes[min(last, part.lowerBound)..<part.lowerBound]
      if !result.isEmpty, skipped.contains(UInt8(ascii: "\n")), result.last != UInt8(ascii: "\n") {
        result.append(UInt8(ascii: "\n"))
      }
      result += bytes[part]
      last = part.upperBound
    }
    // What was begun after the last bar: a bar without notes, a line end.
    if last < range.upperBound {
      let rest = bytes[last..<range.upperBound]
      let line = (rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.startIndex)
      if tune.voice(atByte: range.upperBound, in: bytes) == voice {
        if line > rest.startIndex, !result.isEmpty { result.append(UInt8(ascii: "\n")) }
        let tail = bytes[line..<range.upperBound]
        // A line of another voice's is none of this one's.
        if !tail.contains(UInt8(ascii: "|")) { result += tail }
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension String {
  /// Whether a `V:` field stands anywhere; a cheap first look.
  var hasVoiceFields: Bool {
    var before: UInt8 = 0
    for byte in utf8 {
      if before == UInt8(ascii: "V"), byte == UInt8(ascii: ":") { return true }
      before = byte
    }
    return false
  }
}

extension ParsedTune {
  /// The voice that music put in at a byte belongs to, as an index into `voices`: that of the last
  /// voice field of the body before it.
  func voice(atByte byte: Int, in bytes: [UInt8]) -> Int {
    guard voices.count > 1 else { return 0 }
    var place = min(byte, bytes.count) - 2
    while place >= body.lowerBound {
      if bytes[place] == UInt8(ascii: "V"), bytes[place + 1] == UInt8(ascii: ":"),
        place == 0 || bytes[place - 1] == UInt8(ascii: "\n")
          || bytes[place - 1] == UInt8(ascii: "[")
      {
        let ends: [UInt8] = [0x20, 0x0A, 0x0D, UInt8(ascii: "]"), UInt8(ascii: "%")]
        let id = bytes[(place + 2)...].drop { $0 == 0x20 }.prefix { !ends.contains($0) }
        let name = String(decoding: id, as: UTF8.self)
        return voices.firstIndex { $0.id == name } ?? 0
      }
      place -= 1
    }
    return 0
  }
}

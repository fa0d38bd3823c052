import ABC
import Neural

/// A whole tune as a network reads it.
public struct TuneText: Equatable, Sendable {
  /// The header lines, each with its newline.
  public var header: String
  /// The music and what ends a tune.
  public var body: String
}

/// The tunes of a book as a network reads them.
public struct TuneTexts: Equatable, Sendable {
  public var tunes: [TuneText] = []
  /// How many were left out, by reason.
  public var leftOut: [String: Int] = [:]
}

extension ModelText {
  /// The tunes of a tunebook, each read from its header on as `ParsedTune` reads it: meter, unit
  /// length and key stand there even where the tune leaves them to the rules.
  ///
  /// Left out, and counted, are tunes of several voices and those without music.
  public static func tunes(in book: Tunebook, description: ModelDescription) -> TuneTexts {
    var texts = TuneTexts()
    for index in book.tunes.indices {
      let lines = book.lines(of: index)
      guard lines.voiceCount == 1 else {
        let reason = lines.voiceCount == 0 ? "no music" : "several voices"
        texts.leftOut[reason, default: 0] += 1
        continue
      }
      texts.tunes.append(tune(lines, description: description))
    }
    return texts
  }

  private static func tune(_ tune: TuneLines, description: ModelDescription) -> TuneText {
    var header: [TuneLine] = []
    var body: [TuneLine] = []
    var given: Set<Character> = []
    for line in tune.lines {
      switch line.kind {
      case .field("M") where line.isHeader, .field("L") where line.isHeader: continue
      case .field(let letter):
        let text = TuneLine("\(letter):" + line.text)
        if line.isHeader { header.append(text) } else { body.append(text) }
        if line.isHeader { given.insert(letter) }
      case .music: body.append(TuneLine(line.text))
      }
    }
    // Without `K:` the music would be taken for the header's end.
    if !given.contains("K") { header.append(TuneLine("K:C")) }
    header.insert(
      contentsOf: [TuneLine("M:" + tune.meter), TuneLine("L:" + tune.unitLength)], at: 0)
    // Measured as written: decorations in their long form and accidentals of keys stay so.
    let text = ModelText(lines: header + body, description: description, isMeasured: true)
    let bytes = Array(text.text.utf8)
    var end = bytes.count
    while end > text.bodyStart, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    return TuneText(
      header: String(decoding: bytes[..<text.bodyStart], as: UTF8.self),
      body: String(decoding: bytes[text.bodyStart..<end], as: UTF8.self) + description.end)
  }
}

extension TuneLine {
  /// A line that stands in no document.
  fileprivate init(_ text: String) {
    scalars = text.unicodeScalars.map { (scalar: $0, offset: -1) }
    end = 0
    isTerminated = true
  }
}

import Music

/// A tune of several voices, each with its music by itself.
struct VoiceTexts {
  /// Up to and with the header's `K:` line, without an order of parts.
  let header: [UInt8]
  /// In the order of the tune's voices.
  private(set) var voices: [Voice]

  struct Voice {
    /// What stands after `V:`, the name first.
    var label: String
    /// The lines of music and of fields that change it; no words, no comments.
    var lines: [String] = []
  }

  /// `nil` when a line belongs to no voice of the tune.
  init?(_ bytes: [UInt8], _ tune: ParsedTune) {
    let start = tune.body.lowerBound
    var definitions: [String] = []
    voices = tune.voices.map { Voice(label: $0.id) }
    var line = 0
    var hasLabel = [Bool](repeating: false, count: voices.count)
    func index(_ text: String) -> Int? {
      let id = fieldWords(text).first
      return tune.voices.firstIndex { $0.id == id }
    }
    for bytes in bytes[start...].split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      var text = bytes
      if !text.starts(with: "%%".utf8) {
        text = VoiceTexts.withoutComment(text)
      }
      text = trimmed(text)
      guard let kind = text.first else { continue }
      if text.starts(with: "%%".utf8) {
        let directive = String(decoding: text.dropFirst(2), as: UTF8.self)
        voices[line].lines.append("I:" + directive)
        continue
      }
      if VoiceTexts.isField(text) {
        let value = String(decoding: trimmed(text.dropFirst(2)), as: UTF8.self)
        switch kind {
        case UInt8(ascii: "V"):
          guard let voice = index(value) else { return nil }
          line = voice
          if !hasLabel[voice] { voices[voice].label = value }
          hasLabel[voice] = true
        case UInt8(ascii: "K"), UInt8(ascii: "M"), UInt8(ascii: "L"), UInt8(ascii: "Q"),
          UInt8(ascii: "I"):
          voices[line].lines.append(String(decoding: text, as: UTF8.self))
        case UInt8(ascii: "m"), UInt8(ascii: "U"):
          definitions.append(String(decoding: text, as: UTF8.self) + "\n")
        default: break
        }
        continue
      }
      // Music, with `[V:...]` where another voice goes on.
      var voice = line
      var isFirst = true
      for (label, music) in VoiceTexts.pieces(text) {
        if let label {
          guard let found = index(label) else { return nil }
          voice = found
          if isFirst { line = found }
          if !hasLabel[voice] { voices[voice].label = label }
          hasLabel[voice] = true
        }
        isFirst = false
        if !music.isEmpty { voices[voice].lines.append(music) }
      }
    }
    let lines = String(decoding: bytes[..<start], as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    var header = lines.filter { !$0.hasPrefix("P:") }.joined(separator: "\n")
    if !header.hasSuffix("\n") { header += "\n" }
    // A definition in the body holds from its place on; above the key it holds everywhere.
    if !definitions.isEmpty, let key = header.range(ofLineStartingWith: "K:") {
      header.insert(contentsOf: definitions.joined(), at: key)
    }
    self.header = Array(header.utf8)
  }

  /// The tune that one voice is by itself.
  func text(of voice: Int) -> [UInt8] {
    let own = String(decoding: header, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).filter { !$0.hasPrefix("V:") }.joined(separator: "\n")
    return Array((own + voices[voice].lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func isField(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.count > 1, line[line.startIndex + 1] == UInt8(ascii: ":"), let kind = line.first
    else { return false }
    if kind == UInt8(ascii: "+") { return true }
    guard (0x61...0x7A).contains(kind | 0x20) else { return false }
    guard letterIndex(kind) != nil || kind == UInt8(ascii: "z"), line.count > 2 else { return true }
    let next = line[line.startIndex + 2]
    return next != UInt8(ascii: "|") && next != UInt8(ascii: ":")
  }

  private static func withoutComment(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var index = line.startIndex
    while index < line.endIndex {
      if line[index] == UInt8(ascii: "%"),
        index == line.startIndex || line[index - 1] != UInt8(ascii: "\\")
      {
        return line[..<index]
      }
      index += 1
    }
    return line
  }

  /// A line of music cut before each `[V:...]`, with what that says.
  private static func pieces(_ line: ArraySlice<UInt8>) -> [(label: String?, music: String)] {
    var pieces: [(label: String?, music: String)] = []
    var label: String?
    var music: [UInt8] = []
    var index = line.startIndex
    while index < line.endIndex {
      let rest = line[index...]
      if rest.starts(with: "[V:".utf8), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
        if label != nil || !music.isEmpty {
          pieces.append((label, String(decoding: music, as: UTF8.self)))
        }
        label = String(decoding: trimmed(line[(index + 3)..<end]), as: UTF8.self)
        music = []
        index = end + 1
      } else {
        music.append(line[index])
        index += 1
      }
    }
    pieces.append((label, String(decoding: music, as: UTF8.self)))
    return pieces
  }
}

extension String {
  /// Where the first line with this beginning starts.
  fileprivate func range(ofLineStartingWith prefix: String) -> String.Index? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(prefix) { return start }
      guard let end = self[start...].firstIndex(of: "\n") else { return nil }
      start = index(after: end)
    }
    return nil
  }
}

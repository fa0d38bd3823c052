import Music

/// Lines of a header that are no fields.
extension TuneReader {
  /// Reads a line in the header that is neither a field nor music, and says so; false for music.
  mutating func readHeaderText() -> Bool {
    let line = bytes[position..<lineLimit]
    guard !line.contains(UInt8(ascii: "|")) else { return false }
    let range = position..<lineLimit
    if let value = valueWithoutColon(of: line) {
      let kind = line.first { !isBlank($0) } ?? 0
      // A key ends the header; before anything else, one must still come.
      guard kind == UInt8(ascii: "K") || isKeyAhead() else { return false }
      let text = String(decoding: trimmed(line), as: UTF8.self)
      let letter = String(decoding: [kind], as: UTF8.self)
      remark(
        .warning,
        "A field needs a colon after its letter; \u{201C}\(text)\u{201D} is read as "
          + "\(letter):\(value).", range)
      readField(kind, value, at: range)
      state.lastField = kind
      skipLine()
      return true
    }
    guard isKeyAhead() else { return false }
    remark(
      .warning, "This line of the header is no field; it is passed over as text.", range)
    skipLine()
    return true
  }

  /// What stands after the letter in `X1`, `M 4/4`, `L1/8`, `Q120`, `K D` or `T A title`, in `T : A`
  /// and in `T;A`; `nil` where the line does not look like a field whose colon was forgotten.
  private func valueWithoutColon(of line: ArraySlice<UInt8>) -> String? {
    let line = line.drop(while: isBlank)
    let rest = line.dropFirst()
    let sign = rest.drop(while: isBlank)
    if let kind = line.first, "XTCRZMLQKNS".utf8.contains(kind),
      sign.first == UInt8(ascii: ":")
        || (sign.first == UInt8(ascii: ";") && sign.count == rest.count)
    {
      return String(decoding: trimmed(sign.dropFirst()), as: UTF8.self)
    }
    let value = String(decoding: trimmed(rest), as: UTF8.self)
    guard let first = value.utf8.first else { return nil }
    let isSpaced = rest.first == 0x20
    switch line.first {
    case UInt8(ascii: "X"): return value.utf8.allSatisfy(isDigit) ? value : nil
    case UInt8(ascii: "M"):
      return isDigit(first) && Meter(value) != nil || isSpaced && value == "C" ? value : nil
    case UInt8(ascii: "L"): return plainRatio(value) == nil ? nil : value
    case UInt8(ascii: "Q"):
      let isNumber = isDigit(first) && !TempoField(value, unit: .one).isUnknown
      return isNumber ? value : nil
    case UInt8(ascii: "T"): return isSpaced ? value : nil
    case UInt8(ascii: "K"):
      let key = KeyField(value)
      let isKey = key.tonic != nil && !key.isUnusual && key.unknown.isEmpty
      return isKey && value.utf8.count <= 12 ? value : nil
    default: return nil
    }
  }

  /// Whether a K: line comes before the music does. Looks no farther than forty lines.
  private mutating func isKeyAhead() -> Bool {
    var place = lineLimit
    // Past the end, too: text that is added there may be the key.
    defer { look(asFarAs: place + 3) }
    for _ in 0..<40 {
      while place < limit, bytes[place] == 0x0A || bytes[place] == 0x0D { place += 1 }
      guard place + 1 < limit else { return false }
      if bytes[place] == UInt8(ascii: "K") {
        var sign = place + 1
        while sign < limit, isBlank(bytes[sign]) { sign += 1 }
        let isField = sign < limit && bytes[sign] == UInt8(ascii: ":")
        if isField || bytes[place + 1] == UInt8(ascii: ";") { return true }
      }
      let isOther = bytes[place] == UInt8(ascii: "%") || bytes[place + 1] == UInt8(ascii: ":")
      while place < limit, bytes[place] != 0x0A, bytes[place] != 0x0D {
        if !isOther, bytes[place] == UInt8(ascii: "|") { return false }
        place += 1
      }
    }
    return false
  }
}

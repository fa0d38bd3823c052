/// Tells lines of music from words: after the empty line that should end a tune, books go on with
/// either.
enum MusicLine {
  /// Whether a line without a field can only be music: notes, and nothing that notes do not have.
  ///
  /// Words show by two letters in a row that are no notes. What a line has in quotes, between
  /// exclamation marks and in bracketed fields does not count. A few notes are no more than an example
  /// in words about music, and without a bar line there must be more of them.
  static func isMusic(_ line: some RandomAccessCollection<UInt8>) -> Bool {
    var notes = 0
    var bars = 0
    var otherLetters = 0
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      index = line.index(after: index)
      var isOther = false
      switch byte {
      case UInt8(ascii: "%"): index = line.endIndex
      case UInt8(ascii: "\""), UInt8(ascii: "!"):
        guard let end = line[index...].firstIndex(of: byte) else {
          if byte == UInt8(ascii: "!") { break }
          return false
        }
        index = line.index(after: end)
      case UInt8(ascii: "["):
        // A field: a letter, a colon, and what follows up to the bracket.
        if let colon = line.index(index, offsetBy: 1, limitedBy: line.endIndex),
          colon < line.endIndex, line[colon] == UInt8(ascii: ":"),
          (0x61...0x7A).contains(line[index] | 0x20),
          let end = line[index...].firstIndex(of: UInt8(ascii: "]"))
        {
          index = line.index(after: end)
        }
      case UInt8(ascii: "|"): bars += 1
      case UInt8(ascii: "A")...UInt8(ascii: "G"), UInt8(ascii: "a")...UInt8(ascii: "g"):
        notes += 1
      case UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "x"), UInt8(ascii: "X"),
        UInt8(ascii: "y"):
        break
      case UInt8(ascii: "H")...UInt8(ascii: "W"), UInt8(ascii: "h")...UInt8(ascii: "w"):
        otherLetters += 1
        isOther = true
        if otherLetters > 1 { return false }
      case 0x30...0x39, 0x20, 0x09, 0x0D:
        break
      default:
        guard "/,'^_=:](){}<>-.~&$*+\\`".utf8.contains(byte) else { return false }
      }
      if !isOther { otherLetters = 0 }
    }
    return notes >= (bars > 0 ? 4 : 8)
  }
}

import Music

/// The parts of a written note or rest, as text.
struct NoteText {
  /// -2...2; `nil` without a sign.
  var accidental: Int?
  /// 7 × octave + letter, 28 = middle C; `nil` for a rest.
  var staff: Int?
  /// `z` or another letter of a rest.
  var rest: UInt8 = 0x7A
  var length: Fraction

  /// Reads what stands in `bytes`; `nil` when it is no plain note or rest.
  init?(_ bytes: ArraySlice<UInt8>) {
    var index = bytes.startIndex
    loop: while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "^"): accidental = min((accidental ?? 0) + 1, 2)
      case UInt8(ascii: "_"): accidental = max((accidental ?? 0) - 1, -2)
      case UInt8(ascii: "="): accidental = 0
      default: break loop
      }
      index += 1
    }
    guard index < bytes.endIndex else { return nil }
    if let letter = letterIndex(bytes[index]) {
      var octave = bytes[index] >= 0x61 ? 5 : 4
      index += 1
      while index < bytes.endIndex {
        if bytes[index] == UInt8(ascii: "'") {
          octave = min(octave + 1, 20)
        } else if bytes[index] == UInt8(ascii: ",") {
          octave = max(octave - 1, -20)
        } else {
          break
        }
        index += 1
      }
      staff = 7 * octave + letter
    } else {
      guard accidental == nil, "zxZX".utf8.contains(bytes[index]) else { return nil }
      rest = bytes[index]
      index += 1
    }
    guard let (length, end) = NoteText.length(bytes, from: index), end == bytes.endIndex else {
      return nil
    }
    self.length = length
  }

  /// A length at `start` and where it ends; `nil` when it is out of bounds.
  static func length(_ bytes: ArraySlice<UInt8>, from start: Int) -> (Fraction, Int)? {
    var index = start
    func number() -> Int? {
      var value: Int?
      while index < bytes.endIndex, (0x30...0x39).contains(bytes[index]) {
        value = min((value ?? 0) * 10 + Int(bytes[index] - 0x30), 9_999_999)
        index += 1
      }
      return value
    }
    let top = number() ?? 1
    var bottom = 1
    while index < bytes.endIndex, bytes[index] == UInt8(ascii: "/") {
      index += 1
      bottom *= number() ?? 2
      guard (1...1024).contains(bottom) else { return nil }
    }
    guard (1...1024 * bottom).contains(top) else { return nil }
    return (Fraction(top, bottom), index)
  }

  /// `3/2`, `/`, `/4`, or nothing for 1.
  static func text(ofLength length: Fraction) -> String {
    switch (length.numerator, length.denominator) {
    case (1, 1): ""
    case (let top, 1): "\(top)"
    case (1, 2): "/"
    case (1, let bottom): "/\(bottom)"
    case (let top, let bottom): "\(top)/\(bottom)"
    }
  }

  static func sign(_ accidental: Int) -> String {
    ["__", "_", "=", "^", "^^"][min(max(accidental, -2), 2) + 2]
  }

  var text: String {
    let length = NoteText.text(ofLength: length)
    guard let staff else { return String(decoding: [rest], as: UTF8.self) + length }
    let sign = accidental.map(NoteText.sign) ?? ""
    return sign + String(decoding: noteText(staff - 28), as: UTF8.self) + length
  }
}

/// Replacements in a text, each a range of bytes and what comes in its place.
struct TextEdits {
  private var edits: [(range: Range<Int>, new: String)] = []

  mutating func replace(_ range: Range<Int>, with new: String) {
    edits.append((range, new))
  }

  /// The text with all replacements made; of two that overlap, the first in the text.
  func apply(to bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + edits.count)
    var place = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
    where edit.range.lowerBound >= place && edit.range.upperBound <= bytes.count {
      result += bytes[place..<edit.range.lowerBound]
      result += Array(edit.new.utf8)
      place = edit.range.upperBound
    }
    result += bytes[place...]
    return String(decoding: result, as: UTF8.self)
  }
}

/// A field's text within a tune, found without reading the music.
struct FieldPlace {
  var kind: UInt8
  /// The bytes after the colon, up to a comment, the line's end or the closing bracket.
  var value: Range<Int>

  static func all(in bytes: [UInt8], kinds: [UInt8]) -> [FieldPlace] {
    var places: [FieldPlace] = []
    var isAtLineStart = true
    var isComment = false
    var isQuoted = false
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x0A || byte == 0x0D {
        isAtLineStart = true
        isComment = false
        isQuoted = false
        continue
      }
      if byte == UInt8(ascii: "%") { isComment = true }
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      let isLine = isAtLineStart
      isAtLineStart = false
      guard !isComment, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: ":"),
        kinds.contains(byte)
      else { continue }
      let isInline = !isQuoted && index > 0 && bytes[index - 1] == UInt8(ascii: "[")
      guard isLine || isInline else { continue }
      var end = index + 2
      while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D,
        bytes[end] != UInt8(ascii: isInline ? "]" : "%")
      {
        end += 1
      }
      places.append(FieldPlace(kind: byte, value: (index + 2)..<end))
    }
    return places
  }
}

extension Macro {
  /// How many bytes the target takes at `place`, and the diatonic step of its note.
  func match(_ bytes: [UInt8], at place: Int, limit: Int) -> (length: Int, note: Int)? {
    var index = place
    var note = 0
    for (offset, byte) in target.enumerated() {
      guard index < limit else { return nil }
      if offset == noteIndex {
        guard let letter = letterIndex(bytes[index]) else { return nil }
        note = letter + (bytes[index] >= 0x61 ? 7 : 0)
        index += 1
        while index < limit, bytes[index] == UInt8(ascii: "'") || bytes[index] == UInt8(ascii: ",")
        {
          note += bytes[index] == UInt8(ascii: "'") ? 7 : -7
          index += 1
        }
      } else {
        guard bytes[index] == byte else { return nil }
        index += 1
      }
    }
    return (index - place, note)
  }

  /// The replacement, its letters h to z written as notes around `note` where the macro transposes.
  func expansion(for note: Int) -> [UInt8] {
    guard noteIndex != nil else { return replacement }
    var result: [UInt8] = []
    var isInName = false
    for byte in replacement {
      if byte == UInt8(ascii: "!") || byte == UInt8(ascii: "\"") { isInName.toggle() }
      if !isInName, (UInt8(ascii: "h")...UInt8(ascii: "z")).contains(byte) {
        result += noteText(note + Int(byte) - Int(UInt8(ascii: "n")))
      } else {
        result.append(byte)
      }
    }
    return result
  }
}

/// The spelling of a diatonic step: 0 = `C`, 7 = `c`, 14 = `c'`, -1 = `B,`.
func noteText(_ step: Int) -> [UInt8] {
  let step = min(max(step, -70), 70)
  let letter = ((step % 7) + 7) % 7
  let octave = (step - letter) / 7
  let name = Array("CDEFGAB".utf8)[letter]
  if octave <= 0 { return [name] + Array(repeating: UInt8(ascii: ","), count: -octave) }
  return [name | 0x20] + Array(repeating: UInt8(ascii: "'"), count: octave - 1)
}

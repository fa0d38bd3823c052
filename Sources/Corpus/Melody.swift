import ABC

/// The pitches of a tune's notes, one after the other; grace notes, lengths and repeats do not count.
public struct Melody: Hashable, Sendable {
  /// Half tones from each note to the next: the same in every key.
  public let intervals: [Int]

  public init(_ tune: ModelTune) {
    var reader = Reader(key: tune.key)
    for line in tune.body.split(separator: "\n") { reader.read(Array(line.utf8)) }
    let pitches = reader.pitches
    intervals = zip(pitches.dropFirst(), pitches).map { $0 - $1 }
  }

  /// A number that tells melodies apart, the same on every machine.
  public var fingerprint: UInt64 { Self.hash(intervals[...]) }

  /// Fingerprints of every run of so many intervals: what variants of a tune share.
  func runs(of length: Int) -> Set<UInt64> {
    guard intervals.count >= length else { return [fingerprint] }
    return Set(
      (0...intervals.count - length).map { Self.hash(intervals[$0..<$0 + length]) })
  }

  private static func hash(_ values: ArraySlice<Int>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in values {
      hash = (hash ^ UInt64(bitPattern: Int64(value))) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 31
    }
    return hash
  }

  private struct Reader {
    var pitches: [Int] = []
    private var signature: [Int]
    /// Accidentals written in this bar.
    private var written: [Int: Int] = [:]

    init(key: KeyName) { signature = key.alterations }

    mutating func read(_ line: [UInt8]) {
      if WrittenNote.isField(line) {
        if line[0] == UInt8(ascii: "K") { set(line[2...]) }
        return
      }
      var at = 0
      while at < line.count {
        let byte = line[at]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "{") {
          let close = byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : byte
          at = (line[(at + 1)...].firstIndex(of: close) ?? line.count - 1) + 1
        } else if byte == UInt8(ascii: "["), at + 2 < line.count,
          line[at + 2] == UInt8(ascii: ":")
        {
          let end = line[at...].firstIndex(of: UInt8(ascii: "]")) ?? line.count
          if line[at + 1] == UInt8(ascii: "K") { set(line[min(at + 3, end)..<end]) }
          at = end + 1
        } else if let note = WrittenNote(line, at: at) {
          if let accidental = note.accidental { written[note.step] = accidental }
          let alteration = written[note.step] ?? signature[WrittenNote.letter(note.step)]
          pitches.append(WrittenNote.semitones(note.step) + alteration)
          at = note.end
        } else {
          if byte == UInt8(ascii: "|") { written = [:] }
          at += 1
        }
      }
    }

    private mutating func set(_ name: ArraySlice<UInt8>) {
      guard let key = KeyName(String(decoding: name, as: UTF8.self)) else { return }
      signature = key.alterations
    }
  }
}

extension MIDIFile {
  /// Reads a Standard MIDI File, also inside a RIFF wrapper, and also where it is damaged: cut
  /// off, with wrong counts or lengths, unknown chunks, bytes out of range. What had to be put
  /// right is told in `repairs`.
  ///
  /// Of a track that can no longer be understood, what comes before is kept, and the next one is
  /// looked for. Pitch bends, pressure and system exclusive messages are passed over. Memory and
  /// time stay in proportion to `bytes`, whatever the header claims.
  public init(bytes: [UInt8]) throws(MIDIError) {
    guard !bytes.isEmpty else { throw .empty }
    var reader = ByteReader(bytes: bytes, at: 0, end: bytes.count)
    if reader.starts(with: "RIFF") { try reader.enterRIFF() }
    guard reader.starts(with: "MThd") else { throw .notMIDI }
    reader.at += 4
    guard let length = reader.number(byteCount: 4), length >= 6,
      let format = reader.number(byteCount: 2), let count = reader.number(byteCount: 2),
      let division = reader.number(byteCount: 2)
    else { throw .headerCutOff }
    reader.at = min(reader.at + length - 6, reader.end)

    self.init(
      format: format > 2 ? 1 : format, division: try Division(field: division), tracks: [])
    if format > 2 { note("The header names format \(format); the file was read as format 1.") }
    readTracks(&reader)
    guard !tracks.isEmpty else { throw .noTracks }
    if tracks.count != count {
      note("The header promises \(count) tracks, but \(tracks.count) are there.")
    }
    if self.format == 0 && tracks.count > 1 { self.format = 1 }
  }

  private mutating func readTracks(_ reader: inout ByteReader) {
    while reader.at + 8 <= reader.end {
      let isTrack = reader.starts(with: "MTrk")
      let isChunk = isTrack || reader.isAtName
      let start = reader.at
      reader.at += 4
      let length = reader.number(byteCount: 4) ?? 0
      let left = reader.end - reader.at
      let body = reader.at
      reader.at += min(length, left)
      if isTrack {
        if length > left {
          note("Track \(tracks.count + 1) is cut off; what is there was read.")
        }
        var inside = reader
        (inside.at, inside.end) = (body, reader.at)
        var track = TrackReader(reader: inside)
        tracks.append(track.track())
        for repair in track.repairs { note("Track \(tracks.count) \(repair)") }
        // A length that is too great hides the tracks that follow.
        if track.place < reader.at, let next = inside.find("MTrk", from: track.place) {
          reader.at = next
        }
      } else if !isChunk || length > left {
        // Nothing that a chunk begins with: one that was too short or too long came before.
        guard let next = reader.find("MTrk", from: start + 1) else {
          reader.at = start
          break
        }
        note("\(next - start) bytes that belong to no chunk were left out.")
        reader.at = next
      }
    }
    if reader.at < reader.end && !tracks.isEmpty {
      note("\(reader.end - reader.at) bytes after the last chunk were left out.")
    }
  }

  private mutating func note(_ repair: String) {
    if repairs.count < 32 { repairs.append(repair) }
  }
}

extension MIDIFile.Division {
  /// The header's third number (SMF 1.0): ticks, or frames in the negative high byte.
  fileprivate init(field: Int) throws(MIDIError) {
    guard field & 0x8000 != 0 else {
      guard field > 0 else { throw .noDivision }
      self = .ticksPerQuarter(field)
      return
    }
    let frames = 256 - field >> 8
    guard field & 0xFF > 0 else { throw .noDivision }
    self = .frames(perSecond: frames, ticksPerFrame: field & 0xFF)
  }
}

/// A place in the file's bytes; reading past `end` gives `nil`.
struct ByteReader {
  let bytes: [UInt8]
  var at: Int
  /// Never above `bytes.count`.
  var end: Int
  /// Whether a number was met that no file may hold.
  private(set) var isLost = false

  init(bytes: [UInt8], at: Int, end: Int) {
    self.bytes = bytes
    self.at = at
    self.end = end
  }

  func starts(with text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard end - at >= count else { return false }
    return (0..<count).allSatisfy { bytes[at + $0] == text.utf8Start[$0] }
  }

  var next: UInt8? { at < end ? bytes[at] : nil }

  mutating func byte() -> UInt8? {
    guard at < end else { return nil }
    defer { at += 1 }
    return bytes[at]
  }

  /// Big-endian, as everywhere in a MIDI file.
  mutating func number(byteCount: Int) -> Int? {
    guard end - at >= byteCount else {
      at = end
      return nil
    }
    var value = 0
    for _ in 0..<byteCount {
      value = value << 8 | Int(bytes[at])
      at += 1
    }
    return value
  }

  /// A variable-length quantity; `nil` where the bytes end inside it, and where it goes on after
  /// its fourth byte: then nothing after its beginning, which is `at`, can be trusted.
  mutating func variableLengthNumber() -> Int? {
    let start = at
    var value = 0
    while let byte = byte() {
      value = value << 7 | Int(byte & 0x7F)
      if byte < 0x80 { return value }
      if at - start == 4 {
        at = start
        isLost = true
        return nil
      }
    }
    return nil
  }

  /// Whether four letters, figures or blanks stand here, as the names of chunks do.
  var isAtName: Bool {
    end - at >= 4 && bytes[at..<at + 4].allSatisfy { (0x20...0x7E).contains($0) }
  }

  /// Where a text stands next.
  func find(_ text: StaticString, from start: Int) -> Int? {
    var reader = self
    for place in start..<max(start, end) {
      reader.at = place
      if reader.starts(with: text) { return place }
    }
    return nil
  }

  /// Up to `count` bytes, fewer where the data end before.
  mutating func slice(_ count: Int) -> ArraySlice<UInt8> {
    let start = at
    at += min(count, end - at)
    return bytes[start..<at]
  }

  /// Goes to the `data` chunk of a RIFF file of kind RMID, whose lengths are little-endian.
  mutating func enterRIFF() throws(MIDIError) {
    at += 8
    guard starts(with: "RMID") else { throw .notMIDI }
    at += 4
    while end - at >= 8 {
      let isData = starts(with: "data")
      let length = (0..<4).reduce(0) { $0 | Int(bytes[at + 4 + $1]) << (8 * $1) }
      at += 8
      if isData {
        end = at + min(length, end - at)
        return
      }
      at += min(length + length & 1, end - at)
    }
    throw .notMIDI
  }
}

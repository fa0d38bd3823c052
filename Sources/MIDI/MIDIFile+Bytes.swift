extension MIDIFile {
  /// The file, ready to be written. The same value always gives the same bytes.
  ///
  /// Running status is not used, so that the simplest readers follow; the end of a track stands
  /// at `Track.end`, or at its last event where that is later.
  public var bytes: [UInt8] {
    let written = tracks.prefix(0xFFFF)
    let bound = 14 + written.reduce(0) { $0 + $1.largestByteCount }
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      var out = ByteSink(buffer: buffer)
      out.appendHeader(format: format, division: division, trackCount: written.count)
      for track in written { out.appendTrack { track.write(to: &$0) } }
      count = out.count
    }
  }
}

extension MIDIFile.Track {
  /// The inside of the chunk, end of track included.
  func write(to out: inout ByteSink) {
    var now = 0
    for timed in events {
      out.appendDelta(to: timed.at, from: &now)
      timed.event.write(to: &out)
    }
    out.appendEndOfTrack(at: end, from: &now)
  }

  /// At least as many bytes as the whole chunk takes.
  var largestByteCount: Int {
    var count = 8 + 7
    var last = end
    for timed in events {
      last = max(last, timed.at)
      if case .text(_, let text) = timed.event {
        count += 10 + min(text.utf8.count, MIDIFile.Event.longestText)
      } else {
        count += 11
      }
    }
    return count + max(last, 0) / ByteSink.longestDelta * 7
  }
}

extension MIDIFile.Event {
  fileprivate static let longestText = 0xFFFF

  func write(to out: inout ByteSink) {
    switch self {
    case .noteOff(let channel, let key):
      out.append(0x80 | nibble(channel))
      out.append(sevenBits(key))
      out.append(0)
    case .noteOn(let channel, let key, let velocity):
      out.append(0x90 | nibble(channel))
      out.append(sevenBits(key))
      out.append(sevenBits(max(velocity, 1)))
    case .programChange(let channel, let program):
      out.append(0xC0 | nibble(channel))
      out.append(sevenBits(program))
    case .controlChange(let channel, let controller, let value):
      out.append(0xB0 | nibble(channel))
      out.append(sevenBits(controller))
      out.append(sevenBits(value))
    case .text(let kind, let text):
      let utf8 = text.utf8.prefix(MIDIFile.Event.longestText)
      out.appendMeta(kind.rawValue)
      out.appendVariableLength(utf8.count)
      for byte in utf8 { out.append(byte) }
    case .tempo(let microseconds):
      out.appendMeta(0x51)
      out.append(3)
      out.appendBigEndian(min(max(microseconds, 1), 0xFF_FFFF), byteCount: 3)
    case .meter(let beats, let unit, let clocks):
      out.appendMeta(0x58)
      out.append(4)
      out.append(UInt8(min(max(beats, 1), 255)))
      out.append(UInt8(max(1, unit).bitWidth - 1 - max(1, unit).leadingZeroBitCount))
      out.append(UInt8(min(max(clocks, 1), 255)))
      out.append(8)
    case .key(let fifths, let isMinor):
      out.appendMeta(0x59)
      out.append(2)
      out.append(UInt8(bitPattern: Int8(min(max(fifths, -7), 7))))
      out.append(isMinor ? 1 : 0)
    }
  }

  private func nibble(_ channel: Int) -> UInt8 { UInt8(min(max(channel, 0), 15)) }
  private func sevenBits(_ value: Int) -> UInt8 { UInt8(min(max(value, 0), 127)) }
}

/// Bytes written one after the other into memory that is known to be large enough.
struct ByteSink {
  private let start: UnsafeMutablePointer<UInt8>
  private let end: UnsafeMutablePointer<UInt8>
  /// Where the next byte goes.
  private var place: UnsafeMutablePointer<UInt8>

  /// The greatest number that a variable-length quantity can say.
  static let longestDelta = 0xFFF_FFFF

  /// - Parameter buffer: Not empty.
  init(buffer: UnsafeMutableBufferPointer<UInt8>) {
    guard let base = buffer.baseAddress else {
      preconditionFailure("the bound on the bytes of a MIDI file is too small")
    }
    start = base
    end = base + buffer.count
    place = base
  }

  /// How many bytes have been written.
  var count: Int { place - start }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    precondition(place < end, "the bound on the bytes of a MIDI file is too small")
    place.pointee = byte
    place += 1
  }

  @inline(__always)
  mutating func append(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    precondition(end - place >= 3, "the bound on the bytes of a MIDI file is too small")
    place[0] = first
    place[1] = second
    place[2] = third
    place += 3
  }

  mutating func append(utf8 text: StaticString) {
    text.withUTF8Buffer { for byte in $0 { append(byte) } }
  }

  /// The chunk that begins a file.
  mutating func appendHeader(format: Int, division: MIDIFile.Division, trackCount: Int) {
    append(utf8: "MThd")
    appendBigEndian(6, byteCount: 4)
    appendBigEndian(min(max(format, 0), 2), byteCount: 2)
    appendBigEndian(trackCount, byteCount: 2)
    switch division {
    case .ticksPerQuarter(let ticks):
      appendBigEndian(min(max(ticks, 1), 0x7FFF), byteCount: 2)
    case .frames(let frames, let ticks):
      append(UInt8(truncatingIfNeeded: -min(max(frames, 1), 128)))
      append(UInt8(min(max(ticks, 1), 255)))
    }
  }

  /// A track's chunk around what `write` puts in.
  mutating func appendTrack(_ write: (inout ByteSink) -> Void) {
    append(utf8: "MTrk")
    let length = count
    appendBigEndian(0, byteCount: 4)
    write(&self)
    replaceBigEndian(count - length - 4, at: length)
  }

  mutating func appendEndOfTrack(at end: Int, from now: inout Int) {
    appendDelta(to: max(end, now), from: &now)
    append(0xFF, 0x2F, 0)
  }

  mutating func appendMeta(_ type: UInt8) {
    append(0xFF)
    append(type)
  }

  mutating func appendBigEndian(_ value: Int, byteCount: Int) {
    for index in (0..<byteCount).reversed() {
      append(UInt8(truncatingIfNeeded: value >> (8 * index)))
    }
  }

  /// Puts four bytes in the place of those written at `place`.
  mutating func replaceBigEndian(_ value: Int, at offset: Int) {
    let last = place
    place = start + offset
    appendBigEndian(value, byteCount: 4)
    place = last
  }

  /// A variable-length quantity (SMF 1.0): seven bits a byte, at most four bytes.
  mutating func appendVariableLength(_ value: Int) {
    let clamped = min(max(value, 0), ByteSink.longestDelta)
    if clamped > 0x7F {
      for shift in stride(from: 21, to: 0, by: -7) where clamped >> shift != 0 {
        append(UInt8(truncatingIfNeeded: (clamped >> shift) & 0x7F) | 0x80)
      }
    }
    append(UInt8(clamped & 0x7F))
  }

  /// Three bytes at a moment: nearly everything in a file.
  @inline(__always)
  mutating func appendEvent(
    at tick: Int, from now: inout Int, _ first: UInt8, _ second: UInt8, _ third: UInt8
  ) {
    let delta = tick &- now
    guard delta >= 0, delta < 0x4000, end - place >= 8 else {
      appendSlowly(at: tick, from: &now, first, second, third)
      return
    }
    now = tick
    // All at once: bytes past the event are written again by the next.
    var word = delta & 0x7F | Int(first) &<< 8 | Int(second) &<< 16 | Int(third) &<< 24
    let isLong = delta > 0x7F
    if isLong { word = word &<< 8 | delta &>> 7 | 0x80 }
    UnsafeMutableRawPointer(place).storeBytes(of: word.littleEndian, as: Int.self)
    place += isLong ? 5 : 4
  }

  /// Apart, so that what is nearly always done stays small enough to be done in place.
  @inline(never)
  private mutating func appendSlowly(
    at tick: Int, from now: inout Int, _ first: UInt8, _ second: UInt8, _ third: UInt8
  ) {
    appendDelta(to: tick, from: &now)
    append(first, second, third)
  }

  /// A delta longer than four bytes can say is bridged with empty text events.
  mutating func appendDelta(to tick: Int, from now: inout Int) {
    var left = max(0, tick - now)
    now += left
    while left > ByteSink.longestDelta {
      appendVariableLength(ByteSink.longestDelta)
      appendMeta(0x01)
      append(0)
      left -= ByteSink.longestDelta
    }
    appendVariableLength(left)
  }
}

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
      out.append(utf8: "MThd")
      out.appendBigEndian(6, byteCount: 4)
      out.appendBigEndian(min(max(format, 0), 2), byteCount: 2)
      out.appendBigEndian(written.count, byteCount: 2)
      switch division {
      case .ticksPerQuarter(let ticks):
        out.appendBigEndian(min(max(ticks, 1), 0x7FFF), byteCount: 2)
      case .frames(let frames, let ticks):
        out.append(UInt8(truncatingIfNeeded: -min(max(frames, 1), 128)))
        out.append(UInt8(min(max(ticks, 1), 255)))
      }
      for track in written {
        out.append(utf8: "MTrk")
        let length = out.count
        out.appendBigEndian(0, byteCount: 4)
        track.write(to: &out)
        out.replaceBigEndian(out.count - length - 4, at: length)
      }
      count = out.count
    }
  }
}

extension MIDIFile.Track {
  /// The inside of the chunk, end of track included.
  fileprivate func write(to out: inout ByteSink) {
    var now = 0
    for timed in events {
      out.appendDelta(to: timed.at, from: &now)
      timed.event.write(to: &out)
    }
    out.appendDelta(to: max(end, now), from: &now)
    out.append(0xFF)
    out.append(0x2F)
    out.append(0)
  }

  /// At least as many bytes as the whole chunk takes.
  fileprivate var largestByteCount: Int {
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

  fileprivate func write(to out: inout ByteSink) {
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
private struct ByteSink {
  let buffer: UnsafeMutableBufferPointer<UInt8>
  var count = 0

  /// The greatest number that a variable-length quantity can say.
  static let longestDelta = 0xFFF_FFFF

  init(buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    precondition(count < buffer.count, "the bound on the bytes of a MIDI file is too small")
    buffer[count] = byte
    count += 1
  }

  mutating func append(utf8 text: StaticString) {
    text.withUTF8Buffer { for byte in $0 { append(byte) } }
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
  mutating func replaceBigEndian(_ value: Int, at place: Int) {
    let end = count
    count = place
    appendBigEndian(value, byteCount: 4)
    count = end
  }

  /// A variable-length quantity (SMF 1.0): seven bits a byte, at most four bytes.
  @inline(__always)
  mutating func appendVariableLength(_ value: Int) {
    let clamped = min(max(value, 0), ByteSink.longestDelta)
    if clamped > 0x7F {
      for shift in stride(from: 21, to: 0, by: -7) where clamped >> shift != 0 {
        append(UInt8(truncatingIfNeeded: (clamped >> shift) & 0x7F) | 0x80)
      }
    }
    append(UInt8(clamped & 0x7F))
  }

  /// A delta longer than four bytes can say is bridged with empty text events.
  @inline(__always)
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

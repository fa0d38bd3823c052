extension MIDIFile {
  /// The file, ready to be written. The same value always gives the same bytes.
  ///
  /// Running status is not used, so that the simplest readers follow; the end of a track stands
  /// at `Track.end`, or at its last event where that is later.
  public var bytes: [UInt8] {
    var out: [UInt8] = Array("MThd".utf8)
    out.appendBigEndian(6, byteCount: 4)
    out.appendBigEndian(min(max(format, 0), 2), byteCount: 2)
    let written = tracks.prefix(0xFFFF)
    out.appendBigEndian(written.count, byteCount: 2)
    switch division {
    case .ticksPerQuarter(let ticks):
      out.appendBigEndian(min(max(ticks, 1), 0x7FFF), byteCount: 2)
    case .frames(let frames, let ticks):
      out.append(UInt8(truncatingIfNeeded: -min(max(frames, 1), 128)))
      out.append(UInt8(min(max(ticks, 1), 255)))
    }
    for track in written {
      let body = track.bytes
      out.append(contentsOf: "MTrk".utf8)
      out.appendBigEndian(body.count, byteCount: 4)
      out.append(contentsOf: body)
    }
    return out
  }
}

extension MIDIFile.Track {
  /// The inside of the chunk, end of track included.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(events.count * 5 + 8)
    var now = 0
    for timed in events {
      out.appendDelta(to: timed.at, from: &now)
      timed.event.write(to: &out)
    }
    out.appendDelta(to: max(end, now), from: &now)
    out.append(contentsOf: [0xFF, 0x2F, 0])
    return out
  }
}

extension MIDIFile.Event {
  func write(to out: inout [UInt8]) {
    switch self {
    case .noteOff(let channel, let key):
      out.append(contentsOf: [0x80 | nibble(channel), sevenBits(key), 0])
    case .noteOn(let channel, let key, let velocity):
      out.append(contentsOf: [0x90 | nibble(channel), sevenBits(key), sevenBits(max(velocity, 1))])
    case .programChange(let channel, let program):
      out.append(contentsOf: [0xC0 | nibble(channel), sevenBits(program)])
    case .text(let kind, let text):
      let utf8 = Array(text.utf8.prefix(0xFFFF))
      out.append(contentsOf: [0xFF, kind.rawValue])
      out.appendVariableLength(utf8.count)
      out.append(contentsOf: utf8)
    case .tempo(let microseconds):
      out.append(contentsOf: [0xFF, 0x51, 3])
      out.appendBigEndian(min(max(microseconds, 1), 0xFF_FFFF), byteCount: 3)
    case .meter(let beats, let unit, let clocks):
      let power = UInt8(max(1, unit).bitWidth - 1 - max(1, unit).leadingZeroBitCount)
      out.append(contentsOf: [0xFF, 0x58, 4, UInt8(min(max(beats, 1), 255)), power])
      out.append(contentsOf: [UInt8(min(max(clocks, 1), 255)), 8])
    case .key(let fifths, let isMinor):
      let clamped = Int8(min(max(fifths, -7), 7))
      out.append(contentsOf: [0xFF, 0x59, 2, UInt8(bitPattern: clamped), isMinor ? 1 : 0])
    }
  }

  private func nibble(_ channel: Int) -> UInt8 { UInt8(min(max(channel, 0), 15)) }
  private func sevenBits(_ value: Int) -> UInt8 { UInt8(min(max(value, 0), 127)) }
}

extension [UInt8] {
  fileprivate mutating func appendBigEndian(_ value: Int, byteCount: Int) {
    for index in (0..<byteCount).reversed() {
      append(UInt8(truncatingIfNeeded: value >> (8 * index)))
    }
  }

  /// A variable-length quantity (SMF 1.0): seven bits a byte, at most four bytes.
  fileprivate mutating func appendVariableLength(_ value: Int) {
    let clamped = Swift.min(Swift.max(value, 0), 0xFFF_FFFF)
    for shift in [21, 14, 7] where clamped >> shift != 0 {
      append(UInt8(truncatingIfNeeded: (clamped >> shift) & 0x7F) | 0x80)
    }
    append(UInt8(clamped & 0x7F))
  }

  /// A delta longer than four bytes can say is bridged with empty text events.
  fileprivate mutating func appendDelta(to tick: Int, from now: inout Int) {
    var left = Swift.max(0, tick - now)
    now += left
    while left > 0xFFF_FFFF {
      appendVariableLength(0xFFF_FFFF)
      append(contentsOf: [0xFF, 0x01, 0])
      left -= 0xFFF_FFFF
    }
    appendVariableLength(left)
  }
}

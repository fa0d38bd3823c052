/// Reads the inside of one `MTrk` chunk, event by event.
struct TrackReader {
  var reader: ByteReader
  private(set) var repairs: [String] = []
  private var result = MIDIFile.Track()
  private var now = 0
  /// The status byte that data bytes without one belong to. RP-001 says meta and sysex events
  /// cancel it; many files rely on readers that go on, so it is kept.
  private var runningStatus: UInt8?

  /// Moments past this are moved back to it: at 1 tick a quarter still a century of music, and far
  /// from any overflow.
  static let latest = 1 << 36

  init(reader: ByteReader) { self.reader = reader }

  /// Where the track was left: behind its end, or where it can no longer be understood.
  var place: Int { reader.at }

  mutating func track() -> MIDIFile.Track {
    var isEnded = false
    while !isEnded, reader.next != nil {
      guard let delta = reader.variableLengthNumber() else { break }
      guard let first = reader.next else {
        now = min(now + delta, TrackReader.latest)
        break
      }
      now = min(now + delta, TrackReader.latest)
      isEnded = readEvent(first)
      if reader.isLost { break }
    }
    if reader.isLost {
      repairs.append(
        "is damaged: the number at byte \(reader.at) has more than four bytes; what comes before "
          + "it was read.")
    } else if !isEnded {
      repairs.append("has no end of track.")
    } else if reader.at < reader.end {
      repairs.append("has \(reader.end - reader.at) bytes after its end, which were left out.")
    }
    result.end = now
    return result
  }

  /// Returns whether this was the end of the track.
  private mutating func readEvent(_ first: UInt8) -> Bool {
    switch first {
    case 0xFF:
      reader.at += 1
      return readMeta()
    case 0xF0, 0xF7:
      reader.at += 1
      guard let length = reader.variableLengthNumber() else { return false }
      _ = reader.slice(length)
    case 0xF1...0xFE:
      // System messages have no place in a file; skip them with the data they have on a wire.
      reader.at += 1
      _ = reader.slice(first == 0xF2 ? 2 : first == 0xF1 || first == 0xF3 ? 1 : 0)
    case 0x80...0xEF:
      reader.at += 1
      runningStatus = first
      readMessage(status: first)
    default:
      guard let status = runningStatus else {
        // Data that belongs to nothing: step over one byte and see whether sense returns.
        reader.at += 1
        return false
      }
      readMessage(status: status)
    }
    return false
  }

  /// A channel message whose data bytes come next. A message cut off by the end is dropped.
  private mutating func readMessage(status: UInt8) {
    let channel = Int(status & 0x0F)
    guard let first = dataByte() else { return }
    switch status >> 4 {
    case 0xC:
      add(.programChange(channel: channel, program: first))
    case 0xD:
      break
    case 0xB:
      guard let value = dataByte() else { return }
      add(.controlChange(channel: channel, controller: first, value: value))
    default:
      guard let second = dataByte() else { return }
      if status >> 4 == 0x9 && second > 0 {
        add(.noteOn(channel: channel, key: first, velocity: second))
      } else if status >> 4 <= 0x9 {
        add(.noteOff(channel: channel, key: first))
      }
    }
  }

  /// Values above 127 are damage; they are clipped.
  private mutating func dataByte() -> Int? { reader.byte().map { Int(min($0, 127)) } }

  private mutating func readMeta() -> Bool {
    guard let type = reader.byte(), let length = reader.variableLengthNumber() else {
      return false
    }
    if length > reader.end - reader.at {
      repairs.append("has an event longer than the track.")
    }
    let data = Array(reader.slice(length))
    switch type {
    case 0x01...0x07:
      let text = String(decodingMIDIText: data)
      if let kind = MIDIFile.TextKind(rawValue: type), !text.isEmpty { add(.text(kind, text)) }
    case 0x2F:
      return true
    case 0x51 where data.count >= 3:
      let value = Int(data[0]) << 16 | Int(data[1]) << 8 | Int(data[2])
      if value > 0 { add(.tempo(microsecondsPerQuarter: value)) }
    case 0x58 where data.count >= 2 && data[0] > 0 && data[1] <= 6:
      let clocks = data.count > 2 ? Int(data[2]) : 24
      add(.meter(beats: Int(data[0]), unit: 1 << Int(data[1]), clocksPerBeat: clocks))
    case 0x59 where data.count >= 1:
      let fifths = Int(Int8(bitPattern: data[0]))
      if abs(fifths) <= 7 { add(.key(fifths: fifths, isMinor: data.count > 1 && data[1] == 1)) }
    default:
      break
    }
    return false
  }

  private mutating func add(_ event: MIDIFile.Event) {
    result.events.append(.init(at: now, event))
  }
}

import Music

/// Ways to write played music as tokens, and tokens as music again.
///
/// A token is a short text; a network knows a list of them.
public enum NoteEncoding: String, CaseIterable, Sendable {
  /// On a grid of sixteenths: a space for every sixteenth that passes, and for each note that
  /// begins its pitch (the character 256 above its key) and a digit for its length.
  case midiCharacters = "midi-characters"
  /// A key such as `62` for a single note, pitch classes such as `0.4.7` for what begins together.
  /// Times are left out.
  case noteChords = "note-chords"

  /// Lengths in sixteenths that the digits 1 to 8 stand for.
  static let lengths = [1, 2, 3, 4, 6, 8, 12, 16]
  private static let sixteenth = Tick.perQuarter / 4
  private static let pitchStart: UInt32 = 256
  /// Silence is cut to a bar.
  private static let longestRest = 16

  /// The notes of a performance as tokens; drums are left out.
  public func tokens(of performance: Performance) -> [String] {
    let notes = performance.notes.filter { note in
      !performance.tracks.indices.contains(note.track)
        || performance.tracks[note.track].role != .drums
    }.sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
    switch self {
    case .midiCharacters: return Self.characters(notes)
    case .noteChords: return Self.chords(notes)
    }
  }

  /// What had to be mended to make music of what a network wrote.
  public struct Repairs: Hashable, Sendable {
    /// Lengths without a pitch before them, which were passed over.
    public var strayLengths = 0
    /// Pitches without a length, which got the length before.
    public var missingLengths = 0
    /// Notes that began while the same pitch still sounded: the earlier one ends there.
    public var overlaps = 0
    /// Tokens that mean nothing, which were passed over.
    public var unknownTokens = 0

    public init() {}
    public var total: Int { strayLengths + missingLengths + overlaps + unknownTokens }
  }

  /// What tokens say, as music in quarters = 120, however damaged they are.
  public func performance(of tokens: [String]) -> Performance { decoded(tokens).performance }

  /// The same, and what had to be mended.
  public func decoded(_ tokens: [String]) -> (performance: Performance, repairs: Repairs) {
    var writer = Writer()
    switch self {
    case .midiCharacters: Self.read(tokens, &writer)
    case .noteChords:
      for token in tokens {
        let parts = token.split(separator: ".").compactMap { Int($0) }
        let isChord = token.contains(".")
        if parts.isEmpty || !isChord && !(0...127).contains(parts[0]) {
          writer.repairs.unknownTokens += 1
          continue
        }
        for part in parts {
          writer.add(key: isChord ? 60 + (part % 12 + 12) % 12 : part, length: 2 * Self.sixteenth)
        }
        writer.time += 2 * Self.sixteenth
      }
    }
    return (writer.performance, writer.repairs)
  }

  /// The token of a vocabulary that is nearest to one it lacks: the nearest key, or the chord that
  /// shares most pitch classes; nil where there is nothing of the kind.
  public func nearest(to token: String, in vocabulary: [String]) -> String? {
    guard self == .noteChords else { return nil }
    if let key = Int(token) {
      return vocabulary.filter { Int($0) != nil }.min {
        abs((Int($0) ?? 0) - key) < abs((Int($1) ?? 0) - key)
      }
    }
    let classes = Set(token.split(separator: "."))
    func difference(_ other: String) -> Int {
      classes.symmetricDifference(Set(other.split(separator: "."))).count
    }
    return vocabulary.filter { $0.contains(".") }.min { difference($0) < difference($1) }
  }

  /// The same music so many half tones higher; nil where a key would leave MIDI's range.
  public func transposed(_ tokens: [String], by halfTones: Int) -> [String]? {
    var result: [String] = []
    result.reserveCapacity(tokens.count)
    for token in tokens {
      switch self {
      case .midiCharacters:
        guard let value = token.unicodeScalars.first?.value, value >= Self.pitchStart else {
          result.append(token)
          continue
        }
        let key = Int(value - Self.pitchStart) + halfTones
        guard (0...127).contains(key), let scalar = Unicode.Scalar(Self.pitchStart + UInt32(key))
        else { return nil }
        result.append(String(Character(scalar)))
      case .noteChords:
        let parts = token.split(separator: ".").compactMap { Int($0) }
        guard token.contains(".") else {
          guard let key = parts.first, (0...127).contains(key + halfTones) else { return nil }
          result.append(String(key + halfTones))
          continue
        }
        let classes = parts.map { (($0 + halfTones) % 12 + 12) % 12 }.sorted().map(String.init)
        result.append(classes.count == 1 ? classes[0] + "." : classes.joined(separator: "."))
      }
    }
    return result
  }

  private static func characters(_ notes: [Performance.Note]) -> [String] {
    guard let first = notes.first else { return [] }
    var tokens: [String] = []
    var step = first.start.count / sixteenth
    for note in notes {
      let start = (note.start.count + sixteenth / 2) / sixteenth
      let rest = min(max(start - step, 0), longestRest)
      tokens += [String](repeating: " ", count: rest)
      step = max(step, start)
      let length = max(1, (note.end.count - note.start.count + sixteenth / 2) / sixteenth)
      let nearest =
        lengths.indices.min { abs(lengths[$0] - length) < abs(lengths[$1] - length) } ?? 0
      guard let scalar = Unicode.Scalar(pitchStart + UInt32(clamping: note.pitch.key)) else {
        continue
      }
      tokens.append(String(Character(scalar)))
      tokens.append(String(nearest + 1))
    }
    return tokens
  }

  private static func chords(_ notes: [Performance.Note]) -> [String] {
    var tokens: [String] = []
    var at = notes.startIndex
    while at < notes.endIndex {
      var end = at
      while end < notes.endIndex, notes[end].start == notes[at].start { end += 1 }
      let keys = Set(notes[at..<end].map(\.pitch.key)).sorted()
      if keys.count == 1 {
        tokens.append(String(keys[0]))
      } else {
        let classes = Set(keys.map { $0 % 12 }).sorted()
        // Octaves of one note are a chord of one class: it ends in a point, to be no key.
        tokens.append(
          classes.count == 1
            ? "\(classes[0])." : classes.map(String.init).joined(separator: "."))
      }
      at = end
    }
    return tokens
  }

  private static func read(_ tokens: [String], _ writer: inout Writer) {
    var length = 2
    var pending: Int?
    func finish(hasLength: Bool = false) {
      if let key = pending {
        writer.add(key: key, length: length * sixteenth)
        if !hasLength { writer.repairs.missingLengths += 1 }
      } else if hasLength {
        writer.repairs.strayLengths += 1
      }
      pending = nil
    }
    for token in tokens {
      guard let scalar = token.unicodeScalars.first else { continue }
      if scalar == " " {
        finish()
        writer.time += sixteenth
      } else if let digit = Int(token), lengths.indices.contains(digit - 1) {
        // A stray length says nothing of the notes to come.
        if pending != nil { length = lengths[digit - 1] }
        finish(hasLength: true)
      } else if (pitchStart..<pitchStart + 128).contains(scalar.value) {
        finish()
        pending = Int(scalar.value - pitchStart)
      } else {
        writer.repairs.unknownTokens += 1
      }
    }
    finish()
  }

  private struct Writer {
    var time = 0
    var repairs = Repairs()
    private var notes: [Performance.Note] = []
    /// The last note of each key.
    private var sounding: [Int: Int] = [:]

    mutating func add(key: Int, length: Int) {
      guard let pitch = Pitch(key: key) else { return }
      if let before = sounding[key], notes[before].end.count > time {
        repairs.overlaps += 1
        if notes[before].start.count == time {
          notes[before].end = Tick(max(notes[before].end.count, time + length))
          return
        }
        notes[before].end = Tick(time)
      }
      sounding[key] = notes.count
      notes.append(
        .init(start: Tick(time), end: Tick(time + length), pitch: pitch, velocity: 80, track: 0))
    }

    var performance: Performance {
      var performance = Performance()
      performance.tracks = [.init(name: "", role: .melody, channel: 0, program: 0)]
      performance.notes = notes
      performance.tempos = [.init(at: .zero, quartersPerMinute: 120)]
      performance.end = notes.map(\.end).max() ?? .zero
      return performance
    }
  }
}

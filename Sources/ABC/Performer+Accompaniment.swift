import Music

/// Bass and chords from the chord symbols, by a rhythm for each meter.
struct AccompanimentPattern: Hashable, Sendable {
  struct Step: Hashable, Sendable {
    /// `f` bass, `c` chord, `b` both, `z` rest, `g h i j` and `G H I J` single chord notes.
    var sign: UInt8
    var length: Int
  }
  var steps: [Step]
  var total: Int { steps.reduce(0) { $0 + $1.length } }

  /// The rhythm of one bar of a meter.
  fileprivate struct Bar {
    var meter: Meter
    /// From the start of the bar; none where the meter has no rhythm.
    var steps: [(sign: UInt8, start: Fraction, end: Fraction)] = []
    /// After so long it begins again.
    var length: Fraction

    /// - Parameter own: The rhythm that a `%%MIDI gchord` line asks for.
    init(_ meter: Meter, own: AccompanimentPattern?) {
      self.meter = meter
      length = meter.barLength ?? .one
      guard let pattern = own ?? AccompanimentPattern(for: meter) else { return }
      let unit = length / Fraction(pattern.total)
      var at = Fraction.zero
      for step in pattern.steps {
        let end = at + unit * step.length
        steps.append((step.sign, at, end))
        at = end
      }
      length = at
    }
  }

  /// Reads `fzczfzcz` or `f2c2`; `nil` for anything else.
  init?(_ text: String) {
    steps = []
    for byte in text.utf8 {
      if (0x30...0x39).contains(byte), let last = steps.indices.last {
        let digit = Int(byte - 0x30)
        steps[last].length = digit == 0 ? 1 : digit
      } else if "fcbzghijGHIJdx".utf8.contains(byte) {
        steps.append(Step(sign: byte == UInt8(ascii: "x") ? 0x7A : byte, length: 1))
      } else {
        return nil
      }
    }
    guard !steps.isEmpty, steps.count <= 200 else { return nil }
  }

  /// The rhythm for a meter; `nil` where there is none.
  init?(for meter: Meter) {
    let text: String
    switch (meter.beats, meter.unit) {
    case (2, 4): text = "fzcz"
    case (0, _), (4, _), (2, 2): text = "fzczfzcz"
    case (2, _): text = "fzcz"
    case (3, _): text = "fzczcz"
    case (6, 8), (6, 16): text = "fzcfzc"
    case (9, _): text = "fzcfzcfzc"
    case (12, _): text = "fzcfzcfzcfzc"
    case (6, _): text = "fzczfzczfzcz"
    case (5, _): text = "fzbcz"
    case (7, _): text = "fzbczcz"
    default: return nil
    }
    self.init(text)
  }
}

extension Performer {
  /// What `%%MIDI` lines have set for the accompaniment.
  private struct Setting {
    var isOn = true
    var pattern: AccompanimentPattern?
    var bassVelocity = 80
    var chordVelocity = 75
    /// Programs that a line has just asked for.
    var newBass: Int?
    var newChords: Int?
    var names: [String: [Int]] = [:]
  }

  /// Adds bass and chord tracks, from the first chord symbol on.
  mutating func accompany() {
    let played = chords.sorted { $0.at < $1.at }
    let changes = directives.sorted { $0.at < $1.at }
    if !played.isEmpty, !bars.isEmpty { playChords(played, changes) }
    playDrums(changes)
    playDrone(changes)
  }

  private mutating func playChords(
    _ played: [PlayedChord], _ changes: [(at: Fraction, voice: Int, words: [String])]
  ) {
    var setting = Setting()
    let bass = performance.tracks.count
    let channel = Performer.next(performance.tracks.last?.channel ?? 0)
    var nextChord = 0
    var nextChange = 0
    /// The last chord that was named, which sounds unless it is silenced.
    var chord = ChordName(root: 0, bass: 0, intervals: [])
    var isSilent = true
    /// The chords that have been read, by the places of their names.
    var readings: [Int: ChordName.Reading] = [:]
    let before = sounds.count
    /// As in the bar before.
    var rhythm: AccompanimentPattern.Bar?
    var bassPrograms: [(Fraction, Int)] = []
    var chordPrograms: [(Fraction, Int)] = []
    for bar in bars where !isFull {
      while nextChange < changes.count, changes[nextChange].at <= bar.start {
        apply(changes[nextChange].words, to: &setting)
        if let program = setting.newBass { bassPrograms.append((bar.start, program)) }
        if let program = setting.newChords { chordPrograms.append((bar.start, program)) }
        setting.newBass = nil
        setting.newChords = nil
        nextChange += 1
        readings = [:]
        rhythm = nil
      }
      if rhythm?.meter != bar.meter {
        rhythm = AccompanimentPattern.Bar(bar.meter, own: setting.pattern)
      }
      guard let rhythm, !rhythm.steps.isEmpty else { continue }
      var start = bar.start
      var step = 0
      while !isFull {
        let at = start + rhythm.steps[step].start
        guard at < bar.end else { break }
        while nextChord < played.count, played[nextChord].at <= at {
          let text = played[nextChord].text
          let reading: ChordName.Reading
          if let known = readings[text] {
            reading = known
          } else {
            reading = ChordName.read(tune.script.texts[text], named: setting.names)
            readings[text] = reading
          }
          switch reading {
          case .chord(let new): (chord, isSilent) = (new, false)
          case .silence: isSilent = true
          case .words: break
          }
          nextChord += 1
        }
        let sign = rhythm.steps[step].sign
        if sign != UInt8(ascii: "z"), !isSilent, setting.isOn {
          let end = min(start + rhythm.steps[step].end, bar.end)
          play(sign, of: chord, from: at, to: end, track: bass, setting)
        }
        step += 1
        if step == rhythm.steps.count { (step, start) = (0, start + rhythm.length) }
      }
    }
    guard sounds.count > before else { return }
    performance.tracks.append(
      .init(name: "Bass", role: .bass, channel: channel, program: 0))
    performance.tracks.append(
      .init(name: "Chords", role: .chords, channel: Performer.next(channel), program: 0))
    for (at, program) in bassPrograms { change(program: program, at: at, track: bass) }
    for (at, program) in chordPrograms { change(program: program, at: at, track: bass + 1) }
  }

  private mutating func play(
    _ sign: UInt8, of chord: ChordName, from start: Fraction, to end: Fraction, track: Int,
    _ setting: Setting
  ) {
    let time = SoundingTime(start: start, end: end)
    let ticks = (start: Tick(start), end: Tick(end))
    func sound(_ key: Int, _ velocity: Int, _ track: Int) {
      guard let pitch = Pitch(key: key) else { return }
      add(
        Performance.Note(
          start: ticks.start, end: ticks.end, pitch: pitch, velocity: min(max(velocity, 1), 127),
          track: track), time)
    }
    let isBass = sign == UInt8(ascii: "f") || sign == UInt8(ascii: "b")
    let isChord = sign == UInt8(ascii: "c") || sign == UInt8(ascii: "b")
    if isBass { sound(36 + chord.bass, setting.bassVelocity, track) }
    if isChord {
      for interval in chord.intervals {
        sound(48 + chord.root + interval, setting.chordVelocity, track + 1)
      }
    }
    // g h i j: the notes of the chord one by one; capitals an octave lower.
    let letter = sign | 0x20
    if letter >= UInt8(ascii: "g"), letter <= UInt8(ascii: "j"), !chord.intervals.isEmpty {
      let place = Int(letter - UInt8(ascii: "g"))
      let notes = chord.intervals
      let key = notes[place % notes.count] + 12 * (place / notes.count)
      let octave = sign == letter ? 0 : -12
      sound(48 + chord.root + key + octave, setting.chordVelocity, track + 1)
    }
  }

  private func apply(_ words: [String], to setting: inout Setting) {
    let numbers = words.dropFirst().map { Int($0) }
    let first = numbers.first.flatMap { $0 }.map { min(max($0, 0), 127) }
    switch words.first?.lowercased() {
    case "gchordon": setting.isOn = true
    case "gchordoff": setting.isOn = false
    case "gchord":
      setting.pattern = words.count > 1 ? AccompanimentPattern(words[1]) : nil
    case "bassprog":
      setting.newBass = first
    case "chordprog":
      setting.newChords = first
    case "bassvol": setting.bassVelocity = first ?? setting.bassVelocity
    case "chordvol": setting.chordVelocity = first ?? setting.chordVelocity
    case "chordname":
      let notes = numbers.dropFirst().compactMap { $0 }.filter { (0...48).contains($0) }
      if words.count > 1, !notes.isEmpty { setting.names[words[1]] = Array(notes.prefix(10)) }
    default: break
    }
  }
}

import Music

/// Plays a script: unrolls repeats, joins ties, realises graces and ornaments.
struct Performer {
  /// Something that is to sound, its times still exact.
  struct Sound {
    var start: Fraction
    var end: Fraction
    var key: Int
    var velocity: Int
    var track: Int
    /// -1 for a sound that no written note stands for.
    var written: Int
  }

  /// When something sounds, in whole notes; exact.
  struct SoundingTime {
    var start: Fraction
    var end: Fraction
  }

  /// A chord symbol as it is reached in playing.
  struct PlayedChord {
    var at: Fraction
    /// A place among the texts of the script.
    var text: Int
  }

  /// A bar as it is reached in playing, with the meter in force.
  struct BarPassage {
    var start: Fraction
    var end: Fraction
    var meter: Meter
    /// Index into the tune's bars.
    var written: Int
    var pass: Int
  }

  let tune: ParsedTune
  let options: PlaybackOptions
  /// What sounds, its times rounded to ticks, as it is reached in playing. A velocity of 0 marks
  /// what no key can play: it keeps its place, which ties count.
  var sounds: [Performance.Note] = []
  /// The exact times of `sounds`; empty where nothing is to be worked out from them any more.
  var times: [SoundingTime] = []
  /// Whether swing, hairpins or words ask for exact times.
  let keepsTimes: Bool
  var performance = Performance()
  var chords: [PlayedChord] = []
  var bars: [BarPassage] = []
  /// `%%MIDI` lines with the moment they take effect; the header's at the start.
  var directives: [(at: Fraction, voice: Int, words: [String])] = []
  var end = Fraction.zero
  /// Where each stretch of a voice is played, and the verse that is sung there; only of tunes with
  /// words.
  var verses: [[(start: Fraction, verse: Int)]] = []
  /// No tune needs more; text such as nested part orders could ask for billions.
  static let mostNotes = 200_000

  init(_ tune: ParsedTune, _ options: PlaybackOptions) {
    self.tune = tune
    self.options = options
    let script = tune.script
    keepsTimes =
      options.swing != nil || !tune.lyrics.isEmpty
      || script.headerDirectives.contains { $0.utf8Contains("swing") }
      || script.signs.contains { signs in
        signs.hasHairpins
          || signs.directives.contains { script.texts[$0].utf8Contains("swing") }
      }
  }

  mutating func play() -> Performance {
    performance.title = tune.header.titles.first ?? ""
    if !tune.header.composer.isEmpty {
      performance.credits.append("Composer: \(tune.header.composer)")
    }
    performance.credits += tune.header.transcriptions.map { "Transcription: \($0)" }
    performance.copyright = tune.header.copyright
    for line in tune.script.headerDirectives {
      directives.append((.zero, -1, fieldWords(line)))
    }
    let plans = plans
    if !tune.lyrics.isEmpty { verses = Array(repeating: [], count: plans.count) }
    for voice in plans.indices {
      var player = VoicePlayer(voice: voice, options: options, tune: tune)
      player.graceShare = graceShare()
      player.graceLength = graceLength()
      player.play(plans[voice], into: &self)
      end = max(end, player.time)
    }
    makeTracks(count: max(plans.count, 1))
    mapDrums()
    if options.accompaniment { accompany() }
    sing()
    finish()
    // Taken out, not copied: a performance is many lists.
    return exchange(&performance, with: Performance())
  }

  /// A voice and the order in which it is played.
  struct Plan {
    var events: [Event]
    var signs: VoiceSigns
    var stretches: [Stretch]
  }

  /// What is to be played, voice by voice.
  var plans: [Plan] {
    let order = PartOrder(tune.script.partOrder)
    var events = tune.script.voices
    var signs = tune.script.signs
    if events.count > 1 {
      events = withSignsInGaps(withLabelsEverywhere(events))
      signs = events.map { VoiceSigns($0) }
    }
    var stretches = zip(events, signs).map { events, signs in
      PlayOrder(
        events, signs, partOrder: order.isOrder ? order.letters : [],
        barLength: tune.script.meter.barLength, followsJumps: options.followsJumps
      ).stretches
    }
    shareRepeats(events, &stretches)
    return events.indices.map {
      Plan(events: events[$0], signs: signs[$0], stretches: stretches[$0])
    }
  }

  /// `%%MIDI grace a/b` in the header: the share of the host that graces take.
  private func graceShare() -> Fraction? {
    for directive in directives where directive.words.first == "grace" && directive.words.count > 1
    {
      let parts = directive.words[1].utf8.split(separator: UInt8(ascii: "/")).compactMap {
        Int(String(decoding: $0, as: UTF8.self))
      }
      if parts.count == 2, (1...64).contains(parts[0]), (1...64).contains(parts[1]),
        parts[0] < parts[1]
      {
        return Fraction(parts[0], parts[1])
      }
    }
    return nil
  }

  /// `%%MIDI gracedivider n` in the header, else as the style has it.
  private func graceLength() -> Fraction {
    let line = directives.last { $0.words.first?.lowercased() == "gracedivider" }
    guard let words = line?.words, words.count > 1, let number = Int(words[1]) else {
      return options.style.graces
    }
    return Fraction(1, min(max(number, 1), 64))
  }

  mutating func add(_ sound: Sound) {
    let pitch = Pitch(key: sound.key)
    add(
      Performance.Note(
        start: Tick(sound.start), end: Tick(sound.end), pitch: pitch ?? .lowest,
        velocity: pitch == nil ? 0 : min(max(sound.velocity, 1), 127), track: sound.track,
        written: sound.written < 0 ? nil : sound.written),
      SoundingTime(start: sound.start, end: sound.end))
  }

  /// Adds a note with the exact times from which its own were rounded.
  @inline(__always)
  mutating func add(_ note: Performance.Note, _ time: SoundingTime) {
    guard sounds.count < Performer.mostNotes else {
      performance.isCut = true
      return
    }
    sounds.append(note)
    if keepsTimes { times.append(time) }
  }

  /// Lets a sound go on until a moment.
  mutating func hold(_ sound: Int, until end: Fraction) {
    sounds[sound].end = Tick(end)
    if keepsTimes { times[sound].end = end }
  }

  /// Adds once more what has been added, later by a time that is whole ticks.
  mutating func addAgain(_ range: Range<Int>, later shift: Fraction, _ ticks: Tick) {
    for index in range {
      var note = sounds[index]
      note.start += ticks
      note.end += ticks
      sounds.append(note)
    }
    guard keepsTimes else { return }
    for index in range {
      times.append(SoundingTime(start: times[index].start + shift, end: times[index].end + shift))
    }
  }

  var isFull: Bool { sounds.count >= Performer.mostNotes }

  // MARK: - Voices together

  /// A part label stands for all voices at its moment, wherever it was written.
  private func withLabelsEverywhere(_ voices: [[Event]]) -> [[Event]] {
    var labels: [Event] = []
    for voice in voices {
      for event in voice {
        if case .part(let letter) = event.content,
          !labels.contains(where: { $0.start == event.start && $0.content == .part(letter) })
        {
          labels.append(event)
        }
      }
    }
    guard !labels.isEmpty else { return voices }
    return voices.map { events in
      var result: [Event] = events.filter {
        if case .part = $0.content { false } else { true }
      }
      for label in labels.sorted(by: { $0.start < $1.start }) {
        let place = result.firstIndex { event in
          guard event.start >= label.start else { return false }
          if case .bar = event.content { return event.start > label.start }
          return true
        }
        result.insert(label, at: place ?? result.count)
      }
      return result
    }
  }

  /// While a voice has nothing because `%%score` lets it begin later, it follows the repeats of
  /// the first voice that sounds there.
  private func withSignsInGaps(_ voices: [[Event]]) -> [[Event]] {
    var voices = voices
    for gap in tune.script.gaps where voices.indices.contains(gap.voice) {
      let leader = voices.indices.first { index in
        index != gap.voice && (voices[index].last?.start ?? .zero) >= gap.to
          && !tune.script.gaps.contains {
            $0.voice == index && $0.from < gap.to && $0.to > gap.from
          }
      }
      guard let leader else { continue }
      var signs: [Event] = []
      for event in voices[leader] where event.start >= gap.from && event.start <= gap.to {
        var copy = event
        switch event.content {
        case .bar(var sign) where !sign.isPlain:
          if event.start == gap.to { sign.starts = 0 }
          if event.start == gap.from { (sign.ends, sign.isDouble) = (0, false) }
          copy.content = .bar(sign)
          if !sign.isPlain { signs.append(copy) }
        case .ending, .jump: if event.start < gap.to { signs.append(copy) }
        default: break
        }
      }
      signs = Performer.withRests(signs, from: gap.from, to: gap.to)
      let own = voices[gap.voice]
      let place = own.firstIndex { $0.start >= gap.to } ?? own.count
      voices[gap.voice].insert(contentsOf: signs, at: place)
    }
    return voices
  }

  /// Signs of a silent voice, with a rest wherever time passes: signs without anything between
  /// them would stand at one place.
  private static func withRests(
    _ signs: [Event], from start: Fraction, to end: Fraction
  ) -> [Event] {
    var result: [Event] = []
    var time = start
    func rest(until next: Fraction) {
      guard next > time else { return }
      let rest = NoteEvent(kind: .rest, length: next - time, unit: next - time)
      result.append(Event(start: time, lower: 0, upper: 0, content: .note, note: rest))
      time = next
    }
    for sign in signs {
      rest(until: sign.start)
      result.append(sign)
    }
    rest(until: end)
    return result
  }

  /// A voice without any repeat sign follows the first one that has some.
  private func shareRepeats(_ events: [[Event]], _ plans: inout [[Stretch]]) {
    guard events.count > 1 else { return }
    let hasSigns = events.map { voice in
      voice.contains {
        switch $0.content {
        case .bar(let sign): sign.ends > 0 || sign.starts > 0
        case .ending, .part, .jump: true
        default: false
        }
      }
    }
    guard let leader = hasSigns.firstIndex(of: true) else { return }
    for voice in events.indices where !hasSigns[voice] && !events[voice].isEmpty {
      let own = events[voice]
      let length = plans[voice].last?.end ?? .zero
      guard length == plans[leader].map(\.end).max() else { continue }
      plans[voice] = plans[leader].map { stretch in
        let lower = own.firstIndex { $0.start >= stretch.start } ?? own.count
        let upper = own.firstIndex { $0.start >= stretch.end } ?? own.count
        return Stretch(
          events: lower..<max(lower, upper), start: stretch.start, end: stretch.end,
          pass: stretch.pass)
      }
    }
  }

  // MARK: - From exact times to ticks

  private mutating func finish() {
    swing()
    arrangeNotes()
    let header = tune.header.quartersPerMinute ?? 120
    performance.tempos.sort { $0.at < $1.at }
    if performance.tempos.first?.at != .zero {
      performance.tempos.insert(.init(at: .zero, quartersPerMinute: header), at: 0)
    }
    let meter = tune.script.meter
    if performance.meters.first?.at != .zero, !meter.isFree {
      performance.meters.insert(Performer.change(meter, at: .zero), at: 0)
    }
    if performance.keys.first?.at != .zero {
      let key = tune.script.key
      performance.keys.insert(
        .init(at: .zero, fifths: min(max(key.fifths, -7), 7), isMinor: key.isMinor), at: 0)
    }
    performance.programs.sort { ($0.at, $0.track) < ($1.at, $1.track) }
    if performance.controls.count > 1 {
      performance.controls = performance.controls.enumerated().sorted {
        ($0.element.at, $0.element.track, $0.offset) < ($1.element.at, $1.element.track, $1.offset)
      }.map(\.element)
    }
    removeRepetitions()
    performance.bars = bars.map {
      .init(written: $0.written, pass: $0.pass, start: Tick($0.start), end: Tick($0.end))
    }
  }

  /// Takes what can be played, in order of start, track and pitch.
  private mutating func arrangeNotes() {
    func precedes(_ left: Performance.Note, _ right: Performance.Note) -> Bool {
      if left.start != right.start { return left.start < right.start }
      if left.track != right.track { return left.track < right.track }
      return left.pitch < right.pitch
    }
    func isPlayed(_ note: Performance.Note) -> Bool { note.end > note.start && note.velocity > 0 }
    var isComplete = true
    var isSorted = true
    var last = Tick(end)
    for index in sounds.indices {
      guard isPlayed(sounds[index]) else {
        isComplete = false
        continue
      }
      if index > 0, precedes(sounds[index], sounds[index - 1]) { isSorted = false }
      last = max(last, sounds[index].end)
    }
    if !isComplete { sounds.removeAll { !isPlayed($0) } }
    if !isSorted { sounds.sort(by: precedes) }
    performance.notes = exchange(&sounds, with: [])
    performance.end = last
  }

  /// Changes that change nothing are left out; of several at one moment the last holds.
  private mutating func removeRepetitions() {
    if performance.tempos.count > 1 {
      var tempos: [Performance.TempoChange] = []
      for change in performance.tempos {
        if tempos.last?.at == change.at { tempos.removeLast() }
        if tempos.last?.quartersPerMinute != change.quartersPerMinute { tempos.append(change) }
      }
      performance.tempos = tempos
    }
    if performance.meters.count > 1 { removeRepeatedMeters() }
    guard performance.keys.count > 1 else { return }
    var keys: [Performance.KeyChange] = []
    for change in performance.keys {
      if keys.last?.at == change.at { keys.removeLast() }
      if keys.last?.fifths != change.fifths || keys.last?.isMinor != change.isMinor {
        keys.append(change)
      }
    }
    performance.keys = keys
  }

  private mutating func removeRepeatedMeters() {
    var meters: [Performance.MeterChange] = []
    for change in performance.meters {
      if meters.last?.at == change.at { meters.removeLast() }
      if meters.last?.beats != change.beats || meters.last?.unit != change.unit {
        meters.append(change)
      }
    }
    performance.meters = meters
  }

  static func change(_ meter: Meter, at tick: Tick) -> Performance.MeterChange {
    var unit = 1
    while unit < meter.unit, unit < 32 { unit *= 2 }
    return .init(at: tick, beats: min(max(meter.beats, 1), 255), unit: unit)
  }
}

extension ParsedTune {
  /// How the tune sounds: repeats, endings and parts in playing order, ties joined, ornaments and
  /// accompaniment realised. At most 200,000 notes are played.
  public func performance(_ options: PlaybackOptions = PlaybackOptions()) -> Performance {
    var performer = Performer(self, options)
    return performer.play()
  }
}

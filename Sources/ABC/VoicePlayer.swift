import Music

/// Plays one voice along its playing order.
struct VoicePlayer {
  let voice: Int
  let options: PlaybackOptions
  /// Where the voice has come to, in whole notes.
  var time = Fraction.zero
  var graceShare: Fraction?
  /// Each grace lasts this part of its written length.
  var graceLength = OrnamentStyle.standard.graces

  var headerManner = Manner()
  var manner = Manner() {
    didSet { isPlain = !manner.isSpecial }
  }
  /// Whether no `%%MIDI` line asks for a manner of its own.
  private var isPlain = true
  /// By how much the chord's latest note comes after its first.
  private var spread = Fraction.zero
  /// From where a stretch is written to where it is played.
  private var shift = Fraction.zero
  private var barStart = Fraction.zero
  var meter: Meter {
    didSet { beatLength = meter.beatLength }
  }
  private var beatLength: Fraction
  var tempo: Double?
  var key: (fifths: Int8, isMinor: Bool)
  private var pass = 1
  /// Notes held by a tie: written place, the sound's index, its end.
  private var ties: [(staff: Int16, sound: Int, end: Fraction, key: Int)] = []
  private var graces: [(note: NoteEvent, written: Int)] = []
  /// By how much the chord's first note was moved by graces.
  private var delay = Fraction.zero
  private var hairpin: (start: Fraction, isLouder: Bool, first: Int)?
  /// Whether this voice says where bars, meters, keys and tempos are.
  private let leads: Bool

  init(voice: Int, options: PlaybackOptions, tune: borrowing ParsedTune) {
    self.voice = voice
    self.options = options
    meter = tune.script.meter
    beatLength = tune.script.meter.beatLength
    tempo = tune.header.quartersPerMinute
    let signature = tune.script.key
    key = (Int8(clamping: signature.fifths), signature.isMinor)
    for line in tune.script.headerDirectives { headerManner.read(fieldWords(line)) }
    manner = headerManner
    isPlain = !manner.isSpecial
    leads = voice == (tune.script.voices.firstIndex { !$0.isEmpty } ?? 0)
  }

  mutating func play(_ plan: Performer.Plan, into performer: inout Performer) {
    let (events, stretches) = (plan.events, plan.stretches)
    let changes = places(plan, performer.tune.script.texts)
    let length = stretches.reduce(0) { $0 + $1.events.count }
    performer.sounds.reserveCapacity(
      min(performer.sounds.count + length, Performer.mostNotes))
    if leads { performer.bars.reserveCapacity(min(length, Performer.mostNotes) / 4) }
    var last: Stretch?
    let isSung = !performer.verses.isEmpty
    /// How often what begins at an event has been played.
    var visits: [Int: Int] = [:]
    /// What has been played and may come again; few tunes have more, and those of a damaged one are
    /// not worth a longer search.
    var passages: [Passage] = []
    let mostPassages = 64
    passages.reserveCapacity(min(stretches.count, mostPassages))
    for stretch in stretches where !performer.isFull {
      if let last, last.events.upperBound != stretch.events.lowerBound, !changes.isEmpty {
        restore(changes, before: stretch.events.lowerBound, into: &performer)
      }
      last = stretch
      shift = time - stretch.start
      pass = stretch.pass
      barStart = time
      if isSung {
        let visit = visits[stretch.events.lowerBound, default: 0] + 1
        visits[stretch.events.lowerBound] = visit
        performer.verses[voice].append((time, max(visit, pass)))
      }
      let end = time + (stretch.end - stretch.start)
      // A passage is copied where nothing of what was played before reaches into it.
      let isAlone = changes.isEmpty && isAtRest
      let known = isAlone ? passages.first { $0.events == stretch.events } : nil
      if !(known?.play(at: time, pass: pass, into: &performer) ?? false) {
        let before = Passage.Reach(performer)
        play(stretch.events, of: events, into: &performer)
        closeBar(at: end, into: &performer)
        if isAlone, isAtRest, passages.count < mostPassages,
          let passage = Passage(
            events: stretch.events, at: time, from: before, to: Passage.Reach(performer))
        {
          passages.append(passage)
        }
      }
      time = max(time, end)
    }
  }

  /// Whether nothing of what was played changes what comes next.
  private var isAtRest: Bool { ties.isEmpty && graces.isEmpty && hairpin == nil }

  /// Plays events one after the other.
  private mutating func play(
    _ range: Range<Int>, of events: [Event], into performer: inout Performer
  ) {
    // Events are large and of most a few parts are needed: they are looked at where they are.
    events.withUnsafeBufferPointer { events in
      let events = UnsafeBufferPointer(rebasing: events[..<min(range.upperBound, events.count)])
      guard let first = events.baseAddress else { return }
      var index = range.lowerBound
      while index < events.count {
        index = playPlainNotes(events, from: index, into: &performer)
        guard index < events.count else { break }
        play(first + index, into: &performer)
        index += 1
      }
    }
  }

  /// Plays notes of which the text says nothing special: nearly all there are.
  ///
  /// - Returns: The first event that is something else.
  private mutating func playPlainNotes(
    _ events: UnsafeBufferPointer<Event>, from first: Int, into performer: inout Performer
  ) -> Int {
    guard isPlain, ties.isEmpty, graces.isEmpty, delay == .zero, !performer.keepsTimes,
      events[first].isNote
    else { return first }
    openBar(with: events[first].written, of: performer.tune)
    // Copies of its own, which stay in registers.
    let (shift, barStart, beat, track) = (shift, barStart, beatLength, voice)
    var last = (end: Fraction.zero, tick: Tick.zero)
    var index = first
    while index < events.count, events[index].sounds,
      events[index].note.decorations.isEmpty, !events[index].note.flags.contains(.tie),
      let pitch = Pitch(key: Int(events[index].note.key) &+ Int(events[index].note.shift)),
      !performer.isFull
    {
      let at = shift == .zero ? events[index].start : events[index].start + shift
      let end = at + events[index].note.length
      // Most begin where the one before ends.
      let start = at == last.end ? last.tick : Tick(at)
      last = (end, Tick(end))
      let velocity = VoicePlayer.loudness(events[index].note.loudness, at - barStart, beat)
      performer.sounds.append(
        Performance.Note(
          start: start, end: last.tick, pitch: pitch, velocity: min(max(Int(velocity), 1), 127),
          track: track, written: Int(events[index].written)))
      index += 1
    }
    return index
  }

  mutating func change(tempo: Double, at: Fraction, into performer: inout Performer) {
    self.tempo = tempo
    performer.performance.tempos.append(.init(at: Tick(at), quartersPerMinute: tempo))
  }

  mutating func change(meter: Meter, at: Fraction, into performer: inout Performer) {
    self.meter = meter
    if leads, !meter.isFree {
      performer.performance.meters.append(Performer.change(meter, at: Tick(at)))
    }
  }

  mutating func change(
    key: (fifths: Int8, isMinor: Bool), at: Fraction, into performer: inout Performer
  ) {
    self.key = key
    if leads {
      performer.performance.keys.append(
        .init(at: Tick(at), fifths: min(max(Int(key.fifths), -7), 7), isMinor: key.isMinor))
    }
  }

  @inline(__always)
  private mutating func play(_ event: UnsafePointer<Event>, into performer: inout Performer) {
    let start = event.pointee.start
    let at = shift == .zero ? start : start + shift
    if case .note = event.pointee.content {
      play(noteOf: event, at: at, into: &performer)
    } else {
      play(event.pointee.content, at: at, into: &performer)
    }
  }

  private mutating func play(
    _ content: Event.Content, at: Fraction, into performer: inout Performer
  ) {
    switch content {
    case .bar: closeBar(at: at, into: &performer)
    case .chordSymbol(let text): performer.chords.append(.init(at: at, text: text))
    case .tempo(let quarters, _): change(tempo: quarters, at: at, into: &performer)
    case .meter(let new): change(meter: new, at: at, into: &performer)
    case .key(let fifths, let isMinor):
      change(key: (fifths, isMinor), at: at, into: &performer)
    case .part(let letter):
      if leads {
        performer.performance.markers.append(
          .init(at: Tick(at), text: String(decoding: [letter], as: UTF8.self)))
      }
    case .midi(let text):
      let words = fieldWords(performer.tune.script.texts[text])
      if !manner.read(words) { performer.directives.append((at, voice, words)) }
    case .hairpin(let isLouder, let isStart):
      if isStart {
        hairpin = (at, isLouder, performer.sounds.count)
      } else if let hairpin {
        swell(hairpin, until: at, &performer)
        self.hairpin = nil
      }
    case .note, .ending, .overlay, .jump, .words, .symbols, .lineEnd, .slur, .staves: break
    }
  }

  /// A crescendo reaches 24 steps of velocity louder at its end, a diminuendo as much softer.
  private func swell(
    _ hairpin: (start: Fraction, isLouder: Bool, first: Int), until end: Fraction,
    _ performer: inout Performer
  ) {
    let span = (end - hairpin.start).value
    guard span > 0, hairpin.first < performer.sounds.count else { return }
    for index in hairpin.first..<performer.sounds.count {
      let share = min(max((performer.times[index].start - hairpin.start).value / span, 0), 1)
      let velocity = performer.sounds[index].velocity
      guard velocity > 0 else { continue }
      let change = Int(24 * share) * (hairpin.isLouder ? 1 : -1)
      performer.sounds[index].velocity = min(max(velocity + change, 1), 127)
    }
  }

  private var openBarIndex: Int?

  @inline(__always)
  private mutating func openBar(with note: Int32, of tune: borrowing ParsedTune) {
    guard leads, openBarIndex == nil, tune.notes.indices.contains(Int(note)) else { return }
    openBarIndex = tune.notes[Int(note)].bar
  }

  private mutating func closeBar(at end: Fraction, into performer: inout Performer) {
    if leads, let written = openBarIndex, end > barStart {
      performer.bars.append(
        .init(start: barStart, end: end, meter: meter, written: written, pass: pass))
    }
    openBarIndex = nil
    barStart = max(end, barStart)
  }

  // MARK: - Notes

  @inline(__always)
  private mutating func play(
    noteOf event: UnsafePointer<Event>, at: Fraction, into performer: inout Performer
  ) {
    openBar(with: event.pointee.written, of: performer.tune)
    let continuesChord = event.pointee.note.flags.contains(.continuesChord)
    switch event.pointee.note.kind {
    case .rest:
      if !continuesChord { delay = .zero }
    case .grace:
      if !continuesChord { graces.append((event.pointee.note, Int(event.pointee.written))) }
    case .note:
      if !continuesChord {
        delay = .zero
        spread = .zero
        if !graces.isEmpty { playGraces(before: event.pointee.note, at: at, into: &performer) }
      }
      sound(event.pointee.note, written: Int(event.pointee.written), at: at, into: &performer)
    }
  }

  private mutating func sound(
    _ note: NoteEvent, written: Int, at: Fraction, into performer: inout Performer
  ) {
    let end = at + note.length
    if !ties.isEmpty {
      if holdTie(note, at: at, until: end, into: &performer) { return }
      ties.removeAll { $0.end < at }
    }
    let velocity = velocity(of: note, at: at)
    var length = note.length
    if options.ornaments, !note.decorations.isEmpty, !note.flags.contains(.tie) {
      if Ornament(note, key: key.fifths, style: options.style) != nil {
        play(ornament: note, written: written, at: at, velocity: velocity, into: &performer)
        return
      }
      if note.decorations.contains(.staccato) {
        length = length * Fraction(1, 2)
      } else if note.decorations.contains(.wedge) {
        length = length * Fraction(1, 4)
      }
    }
    if manner.hasGap { length = manner.sounding(length, of: note) }
    let sounding = length == note.length ? end : at + length
    var start = delay == .zero ? at : at + delay
    if note.flags.contains(.continuesChord), manner.attack > .zero {
      spread = spread + manner.attack
      if start + spread < sounding { start = start + spread }
    }
    performer.add(
      .init(
        start: start, end: max(sounding, start), key: Int(note.key) + Int(note.shift),
        velocity: velocity, track: voice, written: written))
    if note.flags.contains(.tie), !performer.sounds.isEmpty {
      ties.append((note.staff, performer.sounds.count - 1, end, Int(note.key)))
    }
  }

  /// Gives a note's time to the one that a tie holds it over from; false where none does.
  private mutating func holdTie(
    _ note: NoteEvent, at: Fraction, until end: Fraction, into performer: inout Performer
  ) -> Bool {
    let held = ties.firstIndex { tie in
      tie.staff == note.staff && tie.end == at
        && (!note.flags.contains(.hasAccidental) || tie.key == Int(note.key))
    }
    guard let held else { return false }
    performer.hold(ties[held].sound, until: end)
    if note.flags.contains(.tie) {
      ties[held].end = end
    } else {
      ties.remove(at: held)
    }
    return true
  }

  // Mutating only in name: otherwise the compiler copies the whole player for each note.
  private mutating func velocity(of note: NoteEvent, at: Fraction) -> Int {
    var velocity = Int(loudness(note.loudness, at: at))
    if note.decorations.contains(.accent) { velocity += 15 }
    if note.decorations.contains(.sforzando) { velocity += 25 }
    return min(max(velocity, 1), 127)
  }

  /// How loud a place in the bar is.
  private mutating func loudness(_ loudness: Loudness, at: Fraction) -> UInt8 {
    let offset = at - barStart
    if !isPlain, let asked = manner.velocity(loudness, at: offset, of: meter.barLength) {
      return asked
    }
    return VoicePlayer.loudness(loudness, offset, beatLength)
  }

  /// The same by the beats of the meter.
  @inline(__always)
  private static func loudness(
    _ loudness: Loudness, _ offset: Fraction, _ beat: Fraction
  ) -> UInt8 {
    guard offset != .zero else { return loudness.first }
    let beat = loudness.every == 1 ? beat : beat * Int(loudness.every)
    return isBeat(offset, beat) ? loudness.strong : loudness.other
  }

  /// Whether a place in the bar is a whole number of beats after its start.
  @inline(__always)
  private static func isBeat(_ offset: Fraction, _ beat: Fraction) -> Bool {
    let below = offset.denominator
    guard below & (below - 1) == 0 else {
      return (offset.numerator * beat.denominator) % max(below * beat.numerator, 1) == 0
    }
    // Divided by shifting; what is in lowest terms is whole only where all of `below` goes away.
    guard beat.denominator & (below - 1) == 0 else { return false }
    guard beat.numerator != 1 else { return true }
    return (offset.numerator * (beat.denominator >> below.trailingZeroBitCount))
      % max(beat.numerator, 1) == 0
  }

  /// Graces come before their host, which starts later and ends when it would have ended.
  private mutating func playGraces(
    before host: NoteEvent, at: Fraction, into performer: inout Performer
  ) {
    defer { graces = [] }
    // Graces inside a tie (`G2{A}-G`, an old way to write a slur) break it: the note sounds again.
    ties.removeAll { $0.end == at }
    var lengths = graces.map { $0.note.length * graceLength }
    let total = lengths.reduce(.zero, +)
    guard total > .zero, host.length > .zero else { return }
    if let graceShare {
      let scale = host.length * graceShare / total
      lengths = lengths.map { $0 * scale }
    } else {
      // As long as the host: halve rather than drop.
      var sum = total
      while sum >= host.length {
        sum = sum * Fraction(1, 2)
        lengths = lengths.map { $0 * Fraction(1, 2) }
      }
    }
    for (grace, length) in zip(graces, lengths) {
      performer.add(
        .init(
          start: at + delay, end: at + delay + length,
          key: Int(grace.note.key) + Int(grace.note.shift), velocity: Int(host.loudness.other),
          track: voice, written: grace.written))
      delay += length
    }
  }

  private mutating func play(
    ornament note: NoteEvent, written: Int, at: Fraction, velocity: Int,
    into performer: inout Performer
  ) {
    guard let ornament = Ornament(note, key: key.fifths, style: options.style) else { return }
    var start = at + delay
    let end = at + note.length
    for (index, part) in ornament.parts(for: end - start).enumerated() {
      performer.add(
        .init(
          start: start, end: start + part.length,
          key: Int(note.key) + Int(note.shift) + part.interval, velocity: velocity, track: voice,
          written: index == 0 ? written : -1))
      start += part.length
    }
  }
}

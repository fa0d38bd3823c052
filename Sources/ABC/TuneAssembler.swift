import Music

/// Puts chunks in a row: relative positions become places in the text and on the time line, bars
/// are numbered and added up, syllables find their notes.
struct TuneAssembler {
  struct Voice {
    var events: [Event] = []
    /// Where the last note ends.
    var notesEnd = Fraction.zero
    /// Where each bar of the main line starts; the last is the bar being filled.
    var barStarts: [Fraction] = [.zero]
    /// Index into the tune's bars of every bar that is closed.
    var closedBars: [Int] = []
    /// The bar that the next event stands in: behind the last one inside an overlay.
    var cursor = 0
    /// Index into the tune's bars while one is being filled, and what is known of it.
    var openBar: Int?
    var openStart = Fraction.zero
    var openEnd = Fraction.zero
    var openUpper = 0
    var textStart: Int?
    /// Bars' worth of `Z` in this bar; 0 without.
    var restBars = 0
    var hasOtherNotes = false
    var meter = Meter.common
    /// Whether the sign before this bar ends or starts a section, or the tune starts.
    var isAfterSection = true
    var lastBar: Int?
    var lastNumber = 0
    var numberStep = 1
    var lyrics = LyricLine()
    /// Whether a line ended inside the bar being filled when that was full.
    var isFullAtLineEnd = false
  }

  private(set) var tune = ParsedTune()
  /// Every voice but the one being filled.
  private(set) var voices: [Voice] = []
  /// The voice being filled, and its place; -1 before the first.
  private var current = Voice()
  private var selected = -1
  private var expectedEvents = 0
  /// The header's meter, as far as it has been read.
  var startMeter = Meter.common
  /// Bytes of the chunks put in so far.
  private var base = 0
  private var remarks: [(place: Int, Chunk.Remark)] = []
  /// What only the place of words or signs under their notes shows.
  private(set) var lateRemarks: [(range: Range<Int>, sentence: String)] = []
  /// Where the name of each chord that the tune asks for stands among its texts.
  private(set) var chordTexts: [Int] = []
  /// What did not fit in the words read last, while they may still go on.
  var lyricFault: (LyricLine.Fault, Event)?
  /// Slurs that are open, voice by voice: where each begins.
  private(set) var openSlurs: [[Range<Int>]] = []
  /// How many bars of rest a bar of `Z` stands for.
  private(set) var restBars: [Int: Int] = [:]
  /// Bars that go on over the end of a line where they were full.
  private(set) var overrunBars: Set<Int> = []
  /// Bars whose sum comes from a tuplet that goes on past a bar line: not told.
  private(set) var unsummedBars: Set<Int> = []
  /// Where voices that have nothing yet begin.
  private var together = Fraction.zero
  private(set) var hasBarLines = false
  /// Where the first chunk after the header starts.
  private var bodyStart: Int?

  init(startMeter: Meter) {
    self.startMeter = startMeter
  }

  /// For a text of so many bytes, all of which is still to be read.
  init(byteCount: Int) {
    expectedEvents = min(byteCount, 1 << 16) * 2 / 3
    tune.notes.reserveCapacity(expectedEvents)
    tune.bars.reserveCapacity(expectedEvents / 6)
  }

  mutating func append(_ chunk: Chunk) {
    let textBase = tune.script.texts.count
    if !chunk.texts.isEmpty { tune.script.texts += chunk.texts }
    if !chunk.remarks.isEmpty {
      for remark in chunk.remarks { remarks.append((base, remark)) }
    }
    defer {
      if !chunk.remarks.isEmpty, chunk.remarks.contains(where: { $0.cause == .tuplet }) {
        excuseBars()
      }
    }
    if chunk.isHeader {
      for event in chunk.events {
        if case .midi(let text) = event.content {
          tune.script.headerDirectives.append(tune.script.texts[textBase + text])
        }
      }
    } else if bodyStart == nil {
      bodyStart = base
    }
    if !chunk.isHeader, !chunk.events.isEmpty {
      let isSwitched = selected >= 0 && selected != chunk.voice
      if selected != chunk.voice { select(chunk.voice) }
      if current.openBar == nil, isSwitched || current.textStart == nil {
        current.textStart = base
      }
      let events = chunk.events.span
      var index = 0
      while index < events.count {
        let first = index
        while index < events.count, events[index].isNote { index += 1 }
        if first < index {
          addNotes(events.extracting(first..<index))
        } else {
          add(events[index], textBase: textBase)
          index += 1
        }
      }
    }
    base += chunk.byteCount
  }

  /// Takes a voice out of `voices` to be filled, and puts back the one before.
  private mutating func select(_ voice: Int) {
    while voices.count <= voice {
      var voice = Voice()
      voice.meter = startMeter
      if together > .zero {
        voice.barStarts = [together]
        tune.script.gaps.append(Script.Gap(voice: voices.count, from: .zero, to: together))
      }
      voices.append(voice)
    }
    guard voice != selected else { return }
    deselect()
    swap(&voices[voice], &current)
    selected = voice
    if current.events.isEmpty {
      current.events.reserveCapacity(expectedEvents)
      current.barStarts.reserveCapacity(expectedEvents / 5)
      current.closedBars.reserveCapacity(expectedEvents / 5)
    }
  }

  private mutating func deselect() {
    if selected >= 0 { swap(&voices[selected], &current) }
    selected = -1
  }

  private mutating func add(_ relative: Event, textBase: Int) {
    var event = placed(relative)
    switch event.content {
    case .note: break
    case .bar(let sign):
      hasBarLines = true
      if isBehind {
        // A bar line inside an overlay of several bars.
        current.cursor += 1
        return
      }
      closeBar(sign, length: relative.start, event)
    case .ending, .part:
      if let open = current.openBar { tune.bars[open].mayDiffer = true }
      current.isAfterSection = true
    case .chordSymbol(let text):
      openBar(at: event.range)
      let place = chordText(textBase + text)
      event.content = .chordSymbol(text: place)
      tune.chordSymbols.append(
        ParsedTune.ChordSymbol(
          text: tune.script.texts[place], range: Int(event.lower)..<Int(event.upper),
          start: event.start, bar: currentBar))
    case .overlay(let count):
      let isBarEmpty = relative.start == .zero && current.openBar == nil
      let last = current.barStarts.count - 1
      current.cursor = max(last - (isBarEmpty ? count : count - 1), 0)
      return
    case .tempo(let quarters, let text):
      event.content = .tempo(quarters, text: textBase + text)
    case .midi(let text): event.content = .midi(text: textBase + text)
    case .words(let text):
      current.lyrics.findNotes(in: current.events)
      let words = tune.script.texts[textBase + text]
      // How words that go on in another line fit is told of the last one.
      if words.utf8.first != UInt8(ascii: "+") { tellLyricFault() }
      lyricFault = current.lyrics.sing(words, into: &tune.lyrics).map { ($0, event) }
      return
    case .symbols(let text):
      current.lyrics.endLine(isContinued: false)
      set(tune.script.texts[textBase + text], event)
      return
    case .slur(let isStart):
      while openSlurs.count <= selected { openSlurs.append([]) }
      if isStart {
        openSlurs[selected].append(Int(event.lower)..<Int(event.upper))
      } else {
        _ = openSlurs[selected].popLast()
      }
      return
    case .staves:
      beginTogether()
      return
    case .meter(let meter): current.meter = meter
    case .lineEnd(let isContinued):
      current.lyrics.endLine(isContinued: isContinued)
      if current.openBar == nil {
        current.textStart = nil
      } else if !isContinued, current.openEnd - current.openStart == current.meter.barLength {
        current.isFullAtLineEnd = true
      }
      return
    case .key, .jump, .hairpin: break
    }
    current.events.append(event)
  }

  /// An event with its place in the text and on the time line.
  @inline(__always)
  private func placed(_ relative: Event) -> Event {
    var event = relative
    event.place(
      base: Int32(truncatingIfNeeded: base), barStart: current.barStarts[current.cursor])
    return event
  }

  /// The first place of a chord's name among the texts: who plays it looks the name up once.
  mutating func chordText(_ place: Int) -> Int {
    let known = chordTexts.prefix(100).first { tune.script.texts[$0] == tune.script.texts[place] }
    if let known { return known }
    chordTexts.append(place)
    return place
  }

  mutating func addLate(_ sentence: String, at range: Range<Int>) {
    lateRemarks.append((range, sentence))
  }

  mutating func changeCurrent(_ change: (inout Voice, inout ParsedTune) -> Void) {
    change(&current, &tune)
  }

  /// The bar that a tuplet ran out of, and the one it goes on into, do not add up because of it.
  private mutating func excuseBars() {
    guard selected >= 0 else { return }
    unsummedBars.insert(current.openBar ?? current.lastBar ?? 0)
    unsummedBars.insert(tune.bars.count)
  }

  /// `%%score` within the music: every voice that is behind goes on from where the first has come
  /// to (ABC 2.1 §11.1).
  private mutating func beginTogether() {
    // No piece has so many; a damaged text may.
    guard tune.script.gaps.count < 200 else { return }
    let place = selected
    deselect()
    var latest = Fraction.zero
    for voice in voices {
      latest = max(
        latest, max(voice.barStarts.last ?? .zero, voice.openBar == nil ? .zero : voice.openEnd))
    }
    together = latest
    for index in voices.indices {
      // One that stands inside a bar goes on there.
      guard voices[index].openBar == nil, let start = voices[index].barStarts.last, start < latest
      else { continue }
      tune.script.gaps.append(Script.Gap(voice: index, from: start, to: latest))
      voices[index].barStarts.append(latest)
      voices[index].cursor = voices[index].barStarts.count - 1
      voices[index].closedBars.append(voices[index].lastBar ?? 0)
    }
    if place >= 0 { select(place) }
  }

  /// Adds notes that stand one after the other.
  private mutating func addNotes(_ relative: Span<Event>) {
    let base = Int32(truncatingIfNeeded: base)
    let barStart = current.barStarts[current.cursor]
    openBar(at: Int(relative[0].lower &+ base)..<Int(relative[0].upper &+ base))
    if current.lyrics.isFinished, relative.indices.contains(where: { relative[$0].isSung }),
      let block = current.lyrics.beginLine()
    {
      tune.script.lyricBlocks.append(block)
    }
    current.lyrics.add(
      NoteRow.Run(
        events: Int32(
          truncatingIfNeeded: current.events.count)..<Int32(
            truncatingIfNeeded: current.events.count + relative.count),
        bar: Int32(truncatingIfNeeded: current.barStarts.count)))
    let (end, upper) = TuneAssembler.place(
      relative, base: base, barStart: barStart, voice: Int32(truncatingIfNeeded: selected),
      bar: currentBar, into: &current.events, &tune.notes)
    current.notesEnd = max(current.notesEnd, end)
    countRests(relative)
    if !isBehind, current.openBar != nil {
      current.openEnd = max(current.openEnd, end)
      current.openUpper = max(current.openUpper, Int(upper))
    }
  }

  /// Puts notes into a voice and into the tune, in one pass with room made for all: most of what is
  /// read are notes.
  ///
  /// - Returns: Where the last of them ends, on the time line and in the text.
  private static func place(
    _ relative: Span<Event>, base: Int32, barStart: Fraction, voice: Int32, bar: Int,
    into events: inout [Event], _ notes: inout [ParsedTune.WrittenNote]
  ) -> (end: Fraction, upper: Int32) {
    var end = barStart
    var upper = base
    var written = Int32(truncatingIfNeeded: notes.count)
    events.makeRoom(for: relative.count)
    notes.makeRoom(for: relative.count)
    events.append(addingCapacity: relative.count) { events in
      notes.append(addingCapacity: relative.count) { notes in
        for index in relative.indices {
          var event = relative[index]
          event.place(base: base, barStart: barStart)
          event.written = written
          written &+= 1
          upper = max(upper, event.upper)
          if event.note.kind != .grace { end = max(end, event.start + event.note.length) }
          notes.append(ParsedTune.WrittenNote(event, voice: voice, bar: bar))
          events.append(event)
        }
      }
    }
    return (end, upper)
  }

  /// Tells rests of whole bars from all other notes.
  private mutating func countRests(_ notes: Span<Event>) {
    for index in notes.indices where notes[index].note.kind != .grace {
      if notes[index].note.flags.contains(.isBars), let bar = current.meter.barLength {
        current.restBars += (notes[index].note.length / bar).numerator
      } else {
        current.hasOtherNotes = true
      }
    }
  }

  /// Whether the voice is inside an overlay that went back past a bar line.
  private var isBehind: Bool {
    current.cursor + 1 < current.barStarts.count
  }

  private var currentBar: Int {
    let cursor = current.cursor
    if isBehind, cursor < current.closedBars.count {
      return current.closedBars[cursor]
    }
    return current.openBar ?? current.lastBar ?? 0
  }

  private mutating func openBar(at range: Range<Int>) {
    guard current.openBar == nil, !isBehind else { return }
    let lower = min(current.textStart ?? range.lowerBound, range.lowerBound)
    current.openBar = tune.bars.count
    current.openStart = current.barStarts[current.cursor]
    current.openEnd = current.openStart
    current.openUpper = range.upperBound
    current.restBars = 0
    current.hasOtherNotes = false
    current.isFullAtLineEnd = false
    tune.bars.append(
      ParsedTune.WrittenBar(
        number: current.lastNumber + current.numberStep, voice: selected,
        range: lower..<range.upperBound, start: current.openStart,
        length: .zero, expected: current.meter.isWritable ? current.meter.barLength : nil,
        isClosed: false,
        mayDiffer: current.isAfterSection))
  }

  private mutating func closeBar(_ sign: BarSign, length: Fraction, _ event: Event) {
    let isSection = !sign.isPlain
    if let open = current.openBar {
      if isSection { tune.bars[open].mayDiffer = true }
      if current.restBars > 0, !current.hasOtherNotes {
        tune.bars[open].expected = current.meter.barLength.map { $0 * current.restBars }
        restBars[open] = current.restBars
      }
      if current.isFullAtLineEnd { overrunBars.insert(open) }
      let number = number(of: open, length: length)
      tune.bars[open].close(number: number, length: length, upper: Int(event.upper))
      current.lastNumber = number
      current.lastBar = open
      current.numberStep =
        current.hasOtherNotes ? 1 : max(current.restBars, 1)
      current.isAfterSection = isSection
    } else {
      if let last = current.lastBar, length == .zero,
        current.textStart == tune.bars[last].range.upperBound
      {
        tune.bars[last].range =
          tune.bars[last].range
          .lowerBound..<max(
            tune.bars[last].range.upperBound, Int(event.upper))
        if isSection { tune.bars[last].mayDiffer = true }
      }
      if isSection { current.isAfterSection = true }
    }
    if current.openBar != nil || length > .zero {
      let start = current.barStarts[current.cursor]
      current.barStarts.append(start + length)
      current.cursor = current.barStarts.count - 1
      current.closedBars.append(current.openBar ?? current.lastBar ?? 0)
    }
    current.openBar = nil
    current.textStart = Int(event.upper)
  }

  /// Counts bars as a musician does: a pickup is 0, two halves around a repeat sign are one bar.
  // Mutating only in name: otherwise the compiler copies the whole assembler for each bar.
  private mutating func number(of bar: Int, length: Fraction) -> Int {
    let next = current.lastNumber + current.numberStep
    guard let expected = tune.bars[bar].expected, length < expected else { return next }
    guard let last = current.lastBar else { return 0 }
    guard let before = tune.bars[last].expected, tune.bars[last].number > 0,
      tune.bars[last].mayDiffer, tune.bars[last].length < before,
      tune.bars[last].length + length == expected
    else { return next }
    return tune.bars[last].number
  }

  // MARK: - The finished tune

  mutating func finish(_ state: ReaderState, text: [UInt8]) -> ParsedTune {
    deselect()
    tellLyricFault()
    for index in voices.indices {
      if let block = voices[index].lyrics.block { tune.script.lyricBlocks.append(block) }
      guard let open = voices[index].openBar else { continue }
      tune.bars[open].length = voices[index].openEnd - voices[index].openStart
      tune.bars[open].range = tune.bars[open].range.lowerBound..<voices[index].openUpper
      if voices[index].isFullAtLineEnd { overrunBars.insert(open) }
    }
    tune.header = state.header
    tune.body = (bodyStart ?? text.count)..<text.count
    tune.script.partOrder = state.partOrder
    tune.script.meter = startMeter
    tune.script.key = state.seed.key
    tune.voices = state.voices.indices.prefix(max(voices.count, 1)).map {
      ParsedTune.Voice($0 == state.voiceIndex ? state.voice : state.voices[$0])
    }
    for index in voices.indices {
      tune.script.signs.append(
        VoiceSigns(voices[index].events, notesEnd: voices[index].notesEnd))
      tune.script.voices.append(exchange(&voices[index].events, with: []))
    }
    var lines = LineTable(text)
    var found: [Diagnostic] = []
    var told: Set<Chunk.Remark.Cause> = []
    var sentences: Set<String> = []
    for (base, remark) in remarks {
      switch remark.cause {
      case .itself, .tuplet: break
      case .sameSentence: guard sentences.insert(remark.sentence).inserted else { continue }
      case .signAfterNote, .curlyQuotes:
        guard told.insert(remark.cause).inserted else { continue }
      }
      found.append(
        lines.diagnostic(
          remark.severity, remark.sentence, base + Int(remark.lower)..<base + Int(remark.upper),
          subject: remark.subject))
    }
    if !told.isEmpty, told.contains(.signAfterNote) { checkFlats(&lines, &found, text) }
    for late in lateRemarks { found.append(lines.diagnostic(.note, late.sentence, late.range)) }
    checkTempo(state, &lines, &found, text)
    checkBars(&lines, &found)
    checkParts(&lines, &found, text)
    checkChordSymbols(&lines, &found)
    checkVoices(&lines, &found)
    checkRepeats(&lines, &found)
    checkSlurs(&lines, &found)
    if found.count > 1 { found.sort { $0.range.lowerBound < $1.range.lowerBound } }
    tune.diagnostics = found
    // Taken out, not copied: a tune is many lists.
    return exchange(&tune, with: ParsedTune())
  }
}

extension Array {
  /// Makes room for more elements by doubling: adding to the capacity would move everything each time.
  fileprivate mutating func makeRoom(for more: Int) {
    if capacity - count < more { reserveCapacity(Swift.max(2 * count, count + more)) }
  }
}

extension ParsedTune.Voice {
  fileprivate init(_ voice: ReaderState.Voice) {
    self.init(id: voice.id, name: voice.name.isEmpty ? voice.id : voice.name)
    isPercussion = voice.sound.isPercussion ?? voice.keySound.isPercussion ?? false
    semitones = voice.semitones
  }
}

import Music

/// Puts chunks in a row: relative positions become places in the text and on the time line, bars
/// are numbered and added up, syllables find their notes.
struct TuneAssembler {
  struct Voice {
    var events: [Event] = []
    /// Where each bar of the main line starts; the last is the bar being filled.
    var barStarts: [Fraction] = [.zero]
    /// Index into the tune's bars of every bar that is closed.
    var closedBars: [Int] = []
    /// The bar that the next event stands in: behind the last one inside an overlay.
    var cursor = 0
    /// Index into the tune's bars while one is being filled.
    var openBar: Int?
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
  }

  private(set) var tune = ParsedTune()
  var voices: [Voice] = []
  /// The header's meter, as far as it has been read.
  var startMeter = Meter.common
  /// Bytes of the chunks put in so far.
  private var base = 0
  private var lastVoice = -1
  private var remarks: [(place: Int, Chunk.Remark)] = []
  /// Where the first chunk after the header starts.
  private var bodyStart: Int?

  init(startMeter: Meter) {
    self.startMeter = startMeter
  }

  /// For a text of so many bytes, all of which is still to be read.
  init(byteCount: Int) {
    tune.notes.reserveCapacity(min(byteCount, 1 << 16) / 3)
    tune.bars.reserveCapacity(min(byteCount, 1 << 16) / 16)
  }

  mutating func append(_ chunk: Chunk) {
    let textBase = tune.script.texts.count
    if !chunk.texts.isEmpty { tune.script.texts += chunk.texts }
    for remark in chunk.remarks { remarks.append((base, remark)) }
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
      while voices.count <= chunk.voice {
        var voice = Voice()
        voice.meter = startMeter
        voices.append(voice)
      }
      if lastVoice != chunk.voice, lastVoice >= 0, voices[chunk.voice].openBar == nil {
        voices[chunk.voice].textStart = base
      }
      lastVoice = chunk.voice
      if voices[chunk.voice].textStart == nil, voices[chunk.voice].openBar == nil {
        voices[chunk.voice].textStart = base
      }
      for event in chunk.events { add(event, voice: chunk.voice, textBase: textBase) }
    }
    base += chunk.byteCount
  }

  private mutating func add(_ relative: Event, voice: Int, textBase: Int) {
    var event = relative
    event.lower += Int32(truncatingIfNeeded: base)
    event.upper += Int32(truncatingIfNeeded: base)
    event.start = voices[voice].barStarts[voices[voice].cursor] + relative.start
    switch event.content {
    case .note(var note):
      addNote(&note, event, voice: voice)
      event.content = .note(note)
    case .bar(let sign):
      if isBehind(voice) {
        // A bar line inside an overlay of several bars.
        voices[voice].cursor += 1
        return
      }
      closeBar(sign, length: relative.start, event, voice: voice)
    case .ending, .part:
      if let open = voices[voice].openBar { tune.bars[open].mayDiffer = true }
      voices[voice].isAfterSection = true
    case .chordSymbol(let text):
      openBar(event, voice: voice)
      event.content = .chordSymbol(text: textBase + text)
      tune.chordSymbols.append(
        ParsedTune.ChordSymbol(
          text: tune.script.texts[textBase + text], range: Int(event.lower)..<Int(event.upper),
          start: event.start, bar: currentBar(voice)))
    case .overlay(let count):
      let isBarEmpty = relative.start == .zero && voices[voice].openBar == nil
      let last = voices[voice].barStarts.count - 1
      voices[voice].cursor = max(last - (isBarEmpty ? count : count - 1), 0)
      return
    case .tempo(let quarters, let text):
      event.content = .tempo(quarters, text: textBase + text)
    case .midi(let text): event.content = .midi(text: textBase + text)
    case .words(let text):
      voices[voice].lyrics.sing(tune.script.texts[textBase + text], into: &tune.lyrics)
      return
    case .symbols: return
    case .meter(let meter): voices[voice].meter = meter
    case .lineEnd(let isContinued):
      voices[voice].lyrics.endLine(isContinued: isContinued)
      if voices[voice].openBar == nil { voices[voice].textStart = nil }
      return
    case .key, .jump, .hairpin: break
    }
    voices[voice].events.append(event)
  }

  private mutating func addNote(_ note: inout NoteEvent, _ event: Event, voice: Int) {
    openBar(event, voice: voice)
    note.written = Int32(truncatingIfNeeded: tune.notes.count)
    var written = ParsedTune.WrittenNote(
      kind: note.kind, range: Int(event.lower)..<Int(event.upper), voice: voice,
      pitch: note.kind == .rest ? nil : Pitch(key: Int(note.key)), start: event.start,
      length: note.kind == .grace ? .zero : note.length, bar: currentBar(voice))
    written.isTiedFromBefore = note.flags.contains(.isTied)
    written.pitchReason = note.reason
    if note.kind == .note, !note.flags.contains(.continuesChord) {
      voices[voice].lyrics.add(note: tune.notes.count, bar: voices[voice].barStarts.count)
    }
    if note.flags.contains(.isBars), let bar = voices[voice].meter.barLength {
      voices[voice].restBars += (note.length / bar).numerator
    } else if note.kind != .grace {
      voices[voice].hasOtherNotes = true
    }
    tune.notes.append(written)
    if !isBehind(voice), let open = voices[voice].openBar {
      let end = event.start + (note.kind == .grace ? .zero : note.length)
      let length = end - tune.bars[open].start
      if tune.bars[open].length < length { tune.bars[open].length = length }
      tune.bars[open].range =
        tune.bars[open].range.lowerBound..<max(Int(event.upper), tune.bars[open].range.upperBound)
    }
  }

  /// Whether the voice is inside an overlay that went back past a bar line.
  private func isBehind(_ voice: Int) -> Bool {
    voices[voice].cursor + 1 < voices[voice].barStarts.count
  }

  private func currentBar(_ voice: Int) -> Int {
    let cursor = voices[voice].cursor
    if isBehind(voice), cursor < voices[voice].closedBars.count {
      return voices[voice].closedBars[cursor]
    }
    return voices[voice].openBar ?? voices[voice].lastBar ?? 0
  }

  private mutating func openBar(_ event: Event, voice: Int) {
    guard voices[voice].openBar == nil, !isBehind(voice) else { return }
    let lower = min(voices[voice].textStart ?? Int(event.lower), Int(event.lower))
    voices[voice].openBar = tune.bars.count
    voices[voice].restBars = 0
    voices[voice].hasOtherNotes = false
    tune.bars.append(
      ParsedTune.WrittenBar(
        number: voices[voice].lastNumber + voices[voice].numberStep, voice: voice,
        range: lower..<Int(event.upper), start: voices[voice].barStarts[voices[voice].cursor],
        length: .zero, expected: voices[voice].meter.barLength, isClosed: false,
        mayDiffer: voices[voice].isAfterSection))
  }

  private mutating func closeBar(_ sign: BarSign, length: Fraction, _ event: Event, voice: Int) {
    let isSection = !sign.isPlain
    if let open = voices[voice].openBar {
      tune.bars[open].length = length
      tune.bars[open].isClosed = true
      tune.bars[open].range = tune.bars[open].range.lowerBound..<Int(event.upper)
      if isSection { tune.bars[open].mayDiffer = true }
      if voices[voice].restBars > 0, !voices[voice].hasOtherNotes {
        tune.bars[open].expected = voices[voice].meter.barLength.map {
          $0 * voices[voice].restBars
        }
      }
      number(open, voice: voice)
      voices[voice].isAfterSection = isSection
    } else {
      if let last = voices[voice].lastBar, length == .zero,
        voices[voice].textStart == tune.bars[last].range.upperBound
      {
        tune.bars[last].range =
          tune.bars[last].range
          .lowerBound..<max(
            tune.bars[last].range.upperBound, Int(event.upper))
        if isSection { tune.bars[last].mayDiffer = true }
      }
      if isSection { voices[voice].isAfterSection = true }
    }
    if voices[voice].openBar != nil || length > .zero {
      let start = voices[voice].barStarts[voices[voice].cursor]
      voices[voice].barStarts.append(start + length)
      voices[voice].cursor = voices[voice].barStarts.count - 1
      voices[voice].closedBars.append(voices[voice].openBar ?? voices[voice].lastBar ?? 0)
    }
    voices[voice].openBar = nil
    voices[voice].textStart = Int(event.upper)
  }

  /// Counts bars as a musician does: a pickup is 0, two halves around a repeat sign are one bar.
  private mutating func number(_ index: Int, voice: Int) {
    let bar = tune.bars[index]
    var number = voices[voice].lastNumber + voices[voice].numberStep
    if let expected = bar.expected, bar.length < expected {
      if voices[voice].lastBar == nil {
        number = 0
      } else if let last = voices[voice].lastBar, let before = tune.bars[last].expected,
        tune.bars[last].number > 0, tune.bars[last].mayDiffer, tune.bars[last].length < before,
        tune.bars[last].length + bar.length == expected
      {
        number = tune.bars[last].number
      }
    }
    tune.bars[index].number = number
    voices[voice].lastNumber = number
    voices[voice].lastBar = index
    voices[voice].numberStep =
      voices[voice].hasOtherNotes ? 1 : max(voices[voice].restBars, 1)
  }

  // MARK: - The finished tune

  mutating func finish(_ state: ReaderState, text: [UInt8]) -> ParsedTune {
    tune.header = state.header
    tune.body = (bodyStart ?? text.count)..<text.count
    tune.script.partOrder = state.partOrder
    tune.script.meter = startMeter
    tune.script.key = state.seed.key
    var names = state.voices
    names[state.voiceIndex] = state.voice
    tune.voices = names.prefix(max(voices.count, 1)).map {
      ParsedTune.Voice(id: $0.id, name: $0.name.isEmpty ? $0.id : $0.name)
    }
    tune.script.voices = voices.map(\.events)
    var lines = LineTable(text)
    var found: [Diagnostic] = remarks.map { base, remark in
      lines.diagnostic(
        remark.severity, remark.sentence, base + Int(remark.lower)..<base + Int(remark.upper))
    }
    checkBars(&lines, &found)
    checkParts(&lines, &found, text)
    checkChordSymbols(&lines, &found)
    checkVoices(&lines, &found)
    found.sort { $0.range.lowerBound < $1.range.lowerBound }
    tune.diagnostics = found
    return tune
  }
}

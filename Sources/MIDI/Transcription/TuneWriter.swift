import Music
import Notes

/// Writes a score as ABC text.
struct TuneWriter {
  let score: Score
  let performance: Performance
  private(set) var report: [String] = []
  private var writtenTempos: [(at: Int, tick: Int)] = []
  /// The unit note length.
  private var unit = Unit.perWhole / 8

  init(score: Score, performance: Performance) {
    self.score = score
    self.performance = performance
  }

  mutating func tune(number: Int) -> String {
    let found = score.separatedVoices()
    if found.cut > 0 {
      report.append("\(found.cut) notes were cut short: more sound together than can be written.")
    }
    var voices = Array(found.voices.prefix(64))
    if found.voices.count > voices.count {
      report.append("Only the first \(voices.count) of \(found.voices.count) voices were written.")
    }
    if voices.count > 1 { report.append("The music was written as \(voices.count) voices.") }
    writtenTempos = tempoChanges()
    for index in voices.indices { voices[index].spell(in: score.keys) }
    unit = bestUnit(for: voices)
    var lines = header(number: number)
    lines += voices.enumerated().flatMap { index, voice in
      voices.count > 1 ? [declaration(of: voice, number: index + 1)] : []
    }
    lines.append("K:\(score.keys.first?.name ?? "C")")
    if voices.isEmpty { lines.append("z|]") }
    for (index, voice) in voices.enumerated() {
      if voices.count > 1 { lines.append("V:\(index + 1)") }
      lines += midiLines(of: voice)
      lines += body(of: voice, isFirst: index == 0)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func header(number: Int) -> [String] {
    let meter = score.meters[0]
    let title = TuneWriter.oneLine(performance.title)
    return [
      "X:\(number)", "T:\(title.isEmpty ? "Untitled" : title)", "M:\(meter.text)",
      "L:1/\(Unit.perWhole / unit)", "Q:\(tempo(atTick: 0, meter: meter))",
    ]
  }

  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "%" || $0 == "\\" ? " " : $0 })
      .split(separator: " ").joined(separator: " ")
  }

  private func declaration(of voice: SeparatedVoice, number: Int) -> String {
    let name =
      performance.tracks.indices.contains(voice.track) ? performance.tracks[voice.track].name : ""
    let quoted = TuneWriter.oneLine(name).filter { $0 != "\"" }
    let keys = voice.sounds.prefix(1000).flatMap(\.keys)
    let isLow = !keys.isEmpty && keys.reduce(0, +) / keys.count < 57
    let clef = isDrums(voice) ? " clef=perc" : isLow ? " clef=bass" : ""
    return "V:\(number)" + (quoted.isEmpty ? "" : " name=\"\(quoted)\"") + clef
  }

  private func isDrums(_ voice: SeparatedVoice) -> Bool {
    performance.tracks.indices.contains(voice.track)
      && performance.tracks[voice.track].role == .drums
  }

  private func midiLines(of voice: SeparatedVoice) -> [String] {
    guard performance.tracks.indices.contains(voice.track) else { return [] }
    let track = performance.tracks[voice.track]
    if track.role == .drums { return ["%%MIDI channel 10"] }
    return track.programIsExplicit && track.program != 0 ? ["%%MIDI program \(track.program)"] : []
  }

  /// A tempo as ABC writes it: beats of the meter a minute where that is a whole number.
  private func tempo(atTick tick: Int, meter: Score.Meter) -> String {
    let quarters = performance.tempos.last { $0.at.count <= tick }?.quartersPerMinute ?? 120
    let bounded = quarters.isFinite ? min(max(quarters, 1), 9999) : 120
    let dotted = bounded / 1.5
    if meter.isCompound, abs(dotted - dotted.rounded()) < 0.02 {
      return "3/8=\(Int(dotted.rounded()))"
    }
    return "1/4=\(max(1, Int(bounded.rounded())))"
  }

  /// The unit note length with which the least has to be written; an eighth where it hardly matters.
  private func bestUnit(for voices: [SeparatedVoice]) -> Int {
    var counts: [Int: Int] = [:]
    for sound in voices.lazy.flatMap(\.sounds).prefix(20_000) {
      counts[sound.end - sound.start, default: 0] += 1
    }
    // Sixteenths in passing, fewer than one note in four, are as easily read in either unit.
    let sixteenth = Unit.perWhole / 16
    let passing = counts[sixteenth, default: 0] * 4 < counts.values.reduce(0, +)
    // Sixteenths are counted only in the meters where the standard counts them (3.1.7).
    let meter = score.meters[0]
    let parts = meter.beats * 4 < meter.unit * 3 && meter.beats > 0 ? [8, 4, 16] : [8, 4]
    let costs = parts.map { part -> (unit: Int, cost: Int) in
      let unit = Unit.perWhole / part
      let cost = counts.reduce(0) { sum, entry in
        var length = entry.key
        // A third of anything plain is a triplet, written as if it were a half.
        if !WrittenLength.isPlain(length, of: unit) { length = length * 3 / 2 }
        // Graces and broken rhythm cost next to nothing.
        if length * 4 == unit, length < sixteenth || passing { return sum }
        if length * 2 == unit || length * 2 == unit * 3 { return sum + entry.value }
        return sum + entry.value * WrittenLength.text(length, of: unit).count
      }
      return (unit, part == 8 ? cost / 2 : cost)
    }
    return costs.min { $0.cost < $1.cost }?.unit ?? Unit.perWhole / 8
  }
}

extension TuneWriter {
  /// The lines of one voice, four bars each.
  private func body(of voice: SeparatedVoice, isFirst: Bool) -> [String] {
    var lines: [String] = []
    var line = ""
    var barsInLine = 0
    var sounds = VoiceReader(sounds: voice.sounds)
    var changes = Changes(
      score: score, tempos: isFirst ? writtenTempos : [], name: { tempo(atTick: $0, meter: $1) })
    var memory: AccidentalMemory?
    var start = 0
    var signs = Dictionary(grouping: score.repeats, by: \.at).mapValues { $0.map(\.sign) }
    if signs[0]?.contains(.start) == true { line = "|:" }
    signs[0] = nil
    let places = signs.keys.sorted()
    var nextPlace = 0
    while start < score.end {
      while nextPlace < places.count && places[nextPlace] <= start { nextPlace += 1 }
      var end = min(score.barLine(after: start), score.end)
      let barLine = end
      if nextPlace < places.count { end = min(end, places[nextPlace]) }
      let meter = score.meter(at: start)
      line += changes.fields(at: start)
      if meter.isFree { end = min(end, sounds.start(from: start + TuneWriter.freeLine) ?? end) }
      // Whole bars of silence are counted, up to the next thing that must be written.
      let symbols = isFirst ? score.symbols.filter { $0.at >= start && $0.at < end } : []
      if end == barLine, !isFirst || score.symbols.isEmpty,
        let bars = silentBars(sounds, from: start, end: end, changes: changes)
      {
        let stop = start + bars * meter.barLength
        if places.first(where: { $0 > start && $0 <= stop }) == nil {
          line += stop < score.end ? "Z\(bars)|" : "Z\(bars)|]"
          lines.append(line)
          (line, barsInLine, start) = ("", 0, stop)
          continue
        }
      }
      let index = score.meters.lastIndex { $0.at <= start } ?? 0
      var writer = BarWriter(
        unit: unit, meter: meter, origin: index == 0 ? score.pickup : meter.at,
        memory: memory ?? AccidentalMemory(fifths: changes.fifths))
      let items = sounds.items(from: start, to: end).with(symbols)
      line += writer.text(items.with(changes.tempos(before: end)))
      let here = signs[end] ?? []
      if end - start == meter.barLength { barsInLine += 1 }
      start = end
      let isLast = start >= score.end
      // Without bar lines, signs hold on.
      let goesOn = meter.isFree && !isLast && here.isEmpty && end < barLine
      memory = goesOn ? writer.memory : nil
      if !goesOn { line += TuneWriter.barLine(here, isLast: isLast) }
      let endsLine =
        barsInLine >= 4 && end == barLine && !here.contains(.firstEnding)
        || goesOn || line.utf8.count > 100 || !here.isEmpty && here != [.firstEnding] || isLast
      if here.contains(.secondEnding) {
        barsInLine = max(barsInLine, 3)
      } else if endsLine {
        lines.append(line)
        (line, barsInLine) = ("", 0)
      }
      if here.contains(.start) && !isLast { line = "|:" }
    }
    if !line.isEmpty && line != "|:" { lines.append(line) }
    return lines
  }

  /// The sign that ends a bar, with the number of an ending that begins there.
  private static func barLine(_ signs: [Score.RepeatSign], isLast: Bool) -> String {
    if signs.contains(.secondEnding) { return ":|2 " }
    if signs.contains(.end) { return ":|" }
    if signs.contains(.firstEnding) { return "|1 " }
    if isLast { return "|]" }
    return signs.contains(.endingsClose) ? "||" : "|"
  }

  /// How long a line of music without bars is.
  private static let freeLine = 3 * Unit.perWhole

  /// The tempi that are notation: where they change often they are a performer's breath.
  private mutating func tempoChanges() -> [(at: Int, tick: Int)] {
    let first = performance.tempos.first?.quartersPerMinute ?? 120
    var before = first
    var changes: [(at: Int, tick: Int)] = []
    for change in performance.tempos where change.at > .zero {
      let at = score.position(of: change.at)
      // Music is over, or goes on as it was.
      guard at < score.end, abs(change.quartersPerMinute - before) >= 0.5 else { continue }
      before = change.quartersPerMinute
      let sixteenth = Unit.perQuarter / 4
      changes.append(((at + sixteenth / 2) / sixteenth * sixteenth, change.at.count))
    }
    guard changes.count > TuneWriter.mostTempos else { return changes }
    report.append(
      "\(changes.count) changes of tempo were left out: so many are a player's freedom.")
    return []
  }

  private static let mostTempos = 16

  /// How many whole bars from `start` are silent, where that is more than three.
  private func silentBars(
    _ sounds: VoiceReader, from start: Int, end: Int, changes: Changes
  ) -> Int? {
    let bar = score.meter(at: start).barLength
    guard end - start == bar, !sounds.isHolding(at: start) else { return nil }
    let limit = min(sounds.next ?? score.end, changes.next ?? score.end, score.end)
    let meterChange = score.meters.first { $0.at > start }?.at ?? score.end
    let bars = (min(limit, meterChange) - start) / bar
    return bars > 3 ? bars : nil
  }
}

/// Reads a voice bar by bar.
private struct VoiceReader {
  let sounds: [Sound]
  private var index = 0

  init(sounds: [Sound]) { self.sounds = sounds }

  /// Where the next note not yet begun starts.
  var next: Int? { index < sounds.count ? sounds[index].start : nil }

  /// Where the first note from a moment on starts.
  func start(from moment: Int) -> Int? {
    sounds[min(index, sounds.count)...].first { $0.start >= moment }?.start
  }

  func isHolding(at moment: Int) -> Bool { index < sounds.count && sounds[index].start < moment }

  /// Notes and rests that fill `start..<end`; a note that goes on is tied.
  mutating func items(from start: Int, to end: Int) -> [BarItem] {
    var items: [BarItem] = []
    var now = start
    while now < end {
      guard index < sounds.count, sounds[index].start < end else {
        items.append(BarItem(start: now, length: end - now, keys: []))
        break
      }
      let sound = sounds[index]
      if sound.start > now {
        items.append(BarItem(start: now, length: sound.start - now, keys: []))
        now = sound.start
      }
      let stop = min(sound.end, end)
      var item = BarItem(
        start: now, length: stop - now,
        keys: zip(sound.keys, sound.names).map { NamedKey(key: $0, name: $1) })
      item.isTiedFromBefore = sound.start < now
      item.isTiedOn = sound.end > end
      items.append(item)
      now = stop
      if sound.end <= end { index += 1 } else { break }
    }
    return items
  }
}

/// Changes of key, meter and tempo: those of key and meter are written at the first bar that begins
/// at them or after, those of tempo where they are.
private struct Changes {
  private var keys: ArraySlice<Score.KeySignature>
  private var meters: ArraySlice<Score.Meter>
  private var tempos: ArraySlice<(at: Int, tick: Int)>
  private(set) var fifths: Int
  private var meter: Score.Meter
  /// The text of a tempo at a tick, in a meter.
  private let name: (Int, Score.Meter) -> String

  init(
    score: Score, tempos: [(at: Int, tick: Int)], name: @escaping (Int, Score.Meter) -> String
  ) {
    fifths = score.keys.first?.fifths ?? 0
    keys = score.keys.dropFirst()
    meter = score.meters[0]
    meters = score.meters.dropFirst().filter(\.isWritten)[...]
    self.tempos = tempos[...]
    self.name = name
  }

  var next: Int? { [keys.first?.at, meters.first?.at, tempos.first?.at].compactMap { $0 }.min() }

  mutating func fields(at start: Int) -> String {
    var text = ""
    while let change = meters.first, change.at <= start {
      meter = change
      text += "[M:\(meter.text)]"
      meters.removeFirst()
    }
    while let key = keys.first, key.at <= start {
      text += "[K:\(key.name)]"
      fifths = key.fifths
      keys.removeFirst()
    }
    return text + (tempos(before: start + 1).last?.text ?? "")
  }

  /// The tempi that come into force before a moment.
  mutating func tempos(before end: Int) -> [(at: Int, text: String)] {
    let due = tempos.prefix { $0.at < end }
    tempos = tempos.dropFirst(due.count)
    return due.map { ($0.at, "[Q:\(name($0.tick, meter))]") }
  }
}

import ABC
import Analysis
import Music
import Notes

/// Where an author of notes goes on writing: the music before it, and the bar that grows there.
struct NotePlace: Sendable {
  let text: String
  /// The notes of the text up to its end on its written time line, ties joined, by start and pitch.
  private(set) var notes: [PlacedNote] = []
  /// The voices that are written on, in their order; empty where all is written into one.
  private(set) var voices: [Voice] = []
  /// The tick at which the text ends, and that at which its last bar began.
  let end: Int
  let barStart: Int
  /// The tick at which the bar is full.
  let barEnd: Int
  let transcriber: BarTranscriber
  /// The voice whose bar grows, as an index into those of the tune.
  let lastVoice: Int
  /// Whether the text has no music yet.
  let hasNoMusic: Bool
  /// The keys of the first voice's melody, as it is judged.
  let melody: [Int]
  /// Half tones by which that voice sounds higher than it is written.
  let semitones: Int
  let tempos: [Performance.TempoChange]
  /// Whether the text has no complete header yet.
  let lacksHeader: Bool
  /// Bars of the voice that are closed, pickups not counted.
  let bars: Int

  /// - Parameters:
  ///   - length: Of the bar, where it is not that of the meter.
  ///   - writesVoices: Whether every voice of the text is written on, as at its end.
  init(_ text: String, barLength length: Fraction? = nil, writesVoices: Bool = false) {
    self.text = text
    let tune = ParsedTune(text: text)
    let header = tune.header
    lacksHeader = header.key.isEmpty
    let voices = writesVoices ? Self.voices(tune) : []
    let (voice, last) = Self.growing(tune, voices)
    bars = tune.bars.reduce(0) { bars, bar in
      bar.isClosed && (voices.isEmpty || bar.voice == voice) ? max(bars, bar.number) : bars
    }
    end = Tick(last.map { $0.start + $0.length } ?? .zero).count
    lastVoice = voice
    hasNoMusic = tune.bars.allSatisfy { $0.length == .zero }
    melody = WrittenMelody(tune, text: Array(text.utf8)).keys
    semitones = tune.voices.indices.contains(voice) ? tune.voices[voice].semitones : 0
    let isOpen = last.map { !$0.isClosed } ?? false
    barStart = isOpen ? Tick(last?.start ?? .zero).count : end
    let body = text.text(atBytes: tune.body.lowerBound..<text.utf8.count)
    let barLength = last?.expected ?? header.barLength
    let meterText = Self.lastField("M", in: body) ?? header.meter
    let wanted = length ?? barLength ?? .one
    barEnd = barStart + max(Tick(wanted > .zero ? wanted : .one).count, BarTranscriber.grid)
    let unit = Self.lastField("L", in: body).flatMap(Self.fraction) ?? header.unitLength
    let key = Self.lastField("K", in: body) ?? header.key
    transcriber = BarTranscriber(
      meter: Self.meter(meterText), unitLength: Tick(unit).count, fifths: KeyName(key)?.sharps ?? 0)
    tempos = [
      Performance.TempoChange(at: .zero, quartersPerMinute: header.quartersPerMinute ?? 120)
    ]
    let end = end
    notes = Self.joined(tune).flatMap(\.self).filter { voices.isEmpty || $0.start < end }
      .sorted { ($0.start, $0.key) < ($1.start, $1.key) }
    self.voices = voices
  }

  var quartersPerMinute: Double { tempos.first?.quartersPerMinute ?? 120 }
  var isMidBar: Bool { end > barStart }

  /// What sounds on behind the end: as was drawn; of a text that was not, what is tied on.
  func held(_ unwritten: UnwrittenNotes?) -> [PlacedNote] {
    if let unwritten {
      return unwritten.held.map { PlacedNote(start: end, length: $0.ticks, key: $0.key) }
    }
    let ending = text.reversed().drop { "| \n".contains($0) }
    guard ending.first == "-" else { return [] }
    let own = voices.first { $0.index == lastVoice }?.notes ?? notes
    return own.filter { $0.end == end }.map {
      PlacedNote(start: end, length: 2 * BarTranscriber.grid, key: $0.key)
    }
  }

  /// The notes of the text with what sounds on behind its end.
  func notes(holding held: [PlacedNote]) -> [PlacedNote] {
    guard !held.isEmpty else { return notes }
    var result = notes
    for note in held {
      let place = result.lastIndex { $0.key == note.key && $0.end == end }
      if let place { result[place].length += note.length }
    }
    return result
  }

  /// The notes of each voice with those joined that a tie joins; none of percussion.
  static func joined(_ tune: ParsedTune) -> [[PlacedNote]] {
    var result = [[PlacedNote]](repeating: [], count: max(tune.voices.count, 1))
    var open = [[Int: Int]](repeating: [:], count: result.count)
    for note in tune.notes where note.kind == .note && result.indices.contains(note.voice) {
      let voice = note.voice
      guard let key = note.pitch?.key, !tune.isPercussion(voice) else { continue }
      let start = Tick(note.start).count
      let end = Tick(note.start + note.length).count
      if note.isTiedFromBefore, let before = open[voice][key], result[voice][before].end == start {
        result[voice][before].length = end - result[voice][before].start
        continue
      }
      open[voice][key] = result[voice].count
      result[voice].append(PlacedNote(start: start, length: end - start, key: key))
    }
    return result
  }

  /// The value of the last field of a letter in the music, on a line of its own or inline.
  private static func lastField(_ letter: Character, in body: String) -> String? {
    guard body.contains("\(letter):") else { return nil }
    var value: String?
    for line in body.split(separator: "\n") {
      if line.hasPrefix("\(letter):") { value = String(line.dropFirst(2)) }
      for piece in line.split(separator: "[").dropFirst() where piece.hasPrefix("\(letter):") {
        value = String(piece.dropFirst(2).prefix { $0 != "]" })
      }
    }
    return value?.trimmingSpaces()
  }

  private static func fraction(_ text: String) -> Fraction? {
    let parts = text.split(separator: "/").compactMap { Int($0) }
    guard let above = parts.first, above > 0, parts.count <= 2, parts.last ?? 1 > 0 else {
      return nil
    }
    return Fraction(above, parts.count == 2 ? parts[1] : 1)
  }

  /// Beats and their unit; 4/4 for what names none.
  private static func meter(_ text: String) -> (beats: Int, unit: Int) {
    if text == "C|" { return (2, 2) }
    let parts = text.split(separator: "/").compactMap { Int($0) }
    guard parts.count == 2, (1...64).contains(parts[0]), (1...64).contains(parts[1]) else {
      return (4, 4)
    }
    return (parts[0], parts[1])
  }
}

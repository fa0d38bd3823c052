import ABC
import Music

/// Writes one voice as a part, measure by measure.
struct MusicXMLPart {
  let writer: MusicXMLWriter
  let voice: Int
  private let measures: [WrittenMeasure]
  /// Where the writing has come to, in whole notes.
  private var cursor = Fraction.zero
  /// Overlays are voices of their own within a measure.
  private var layer = 1
  private var meter: WrittenMeter
  private var transposition = 0
  private var dynamic: String?
  /// The slur that is open, as its note says.
  private var hasHairpin = false

  init(writer: MusicXMLWriter, voice: Int) {
    self.writer = writer
    self.voice = voice
    meter = writer.score.meter
    measures = WrittenMeasure.all(of: writer.score.voices[voice], meter: writer.score.meter)
    dynamic = firstTone?.dynamic
  }

  private var tones: some Sequence<WrittenTone> {
    writer.score.voices[voice].events.lazy.compactMap {
      if case .note(let tone) = $0.content { tone } else { nil }
    }
  }

  private var firstTone: WrittenTone? { tones.first { $0.kind != .rest } }

  mutating func write(_ xml: inout XMLText) {
    transposition = firstTone?.transposition ?? 0
    var unnumbered = 0
    for (index, measure) in measures.enumerated() {
      let number: String
      if let counted = measure.number {
        number = "\(counted)"
      } else {
        number = index == 0 ? "0" : "X\(unnumbered + 1)"
        if index > 0 { unnumbered += 1 }
      }
      xml.element(
        "measure",
        measure.number == nil ? ["number": number, "implicit": "yes"] : ["number": number]
      ) { xml in
        write(measure, isFirst: index == 0, &xml)
      }
    }
    // A part holds at least one measure.
    if measures.isEmpty {
      xml.element("measure", ["number": "1"]) { writeAttributes(isFirst: true, &$0) }
    }
  }

  private mutating func write(_ measure: WrittenMeasure, isFirst: Bool, _ xml: inout XMLText) {
    cursor = measure.start
    layer = 1
    writeLeft(measure, &xml)
    if isFirst {
      writeAttributes(isFirst: true, &xml)
      if let tempo = writer.tune.header.quartersPerMinute, voice == 0 { write(tempo: tempo, &xml) }
    }
    let marks = tupletMarks(measure.events)
    var reached = measure.start
    var skipped = -1
    for (index, event) in measure.events.enumerated() where index != skipped {
      guard case .note(var tone) = event.content else {
        write(event.content, &xml)
        continue
      }
      // A rest that begins a chord has no place in one.
      if tone.kind == .rest {
        if tone.continuesChord { continue }
        if index + 1 < measure.events.count,
          case .note(var next) = measure.events[index + 1].content, next.continuesChord,
          next.kind == .note, next.length == tone.length
        {
          next.continuesChord = false
          tone = next
          skipped = index + 1
        }
      }
      if tone.kind != .grace, !tone.continuesChord {
        move(to: event.start, &xml)
      }
      writeChanges(before: tone, &xml)
      write(tone, tuplet: marks[index], &xml)
      if tone.kind != .grace, !tone.continuesChord { cursor = event.start + tone.length }
      reached = max(reached, cursor)
    }
    if reached < measure.end || cursor < reached { move(to: max(reached, measure.end), &xml) }
    writeRight(measure, &xml)
  }

  /// Goes back for an overlay, or on where nothing is written.
  private mutating func move(to place: Fraction, _ xml: inout XMLText) {
    let difference = writer.ticks(place) - writer.ticks(cursor)
    if place < cursor {
      layer += 1
      xml.element("backup") { $0.element("duration", -difference) }
    } else if difference > 0 {
      xml.element("forward") { $0.element("duration", difference) }
    }
    cursor = place
  }

  // MARK: - Bar lines

  private func writeLeft(_ measure: WrittenMeasure, _ xml: inout XMLText) {
    guard measure.startsRepeat || !measure.endings.isEmpty else { return }
    xml.element("barline", ["location": "left"]) { xml in
      if measure.startsRepeat { xml.element("bar-style", "heavy-light") }
      if !measure.endings.isEmpty {
        xml.empty("ending", ["number": Self.list(measure.endings), "type": "start"])
      }
      if measure.startsRepeat { xml.empty("repeat", ["direction": "forward"]) }
    }
  }

  private func writeRight(_ measure: WrittenMeasure, _ xml: inout XMLText) {
    guard measure.repeats > 0 || measure.isDouble || measure.isOpen || !measure.closes.isEmpty
    else { return }
    xml.element("barline", ["location": "right"]) { xml in
      if measure.repeats > 0 {
        xml.element("bar-style", "light-heavy")
      } else if measure.isDouble {
        xml.element("bar-style", measure.end == measures.last?.end ? "light-heavy" : "light-light")
      } else if measure.isOpen {
        xml.element("bar-style", "none")
      }
      if !measure.closes.isEmpty {
        xml.empty(
          "ending",
          [
            "number": Self.list(measure.closes),
            "type": measure.repeats > 0 || measure.isDouble ? "stop" : "discontinue",
          ])
      }
      if measure.repeats > 1 {
        xml.empty("repeat", ["direction": "backward", "times": "\(measure.repeats + 1)"])
      } else if measure.repeats == 1 {
        xml.empty("repeat", ["direction": "backward"])
      }
    }
  }

  private static func list(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }

  // MARK: - What stands between the notes

  private mutating func writeAttributes(isFirst: Bool, _ xml: inout XMLText) {
    xml.element("attributes") { xml in
      xml.element("divisions", writer.divisions)
      write(writer.score.key, &xml)
      write(writer.score.meter, &xml)
      writeClef(&xml)
      writeTransposition(&xml)
    }
  }

  private func write(_ key: WrittenKey, _ xml: inout XMLText) {
    xml.element("key") { xml in
      guard key.alterations.isEmpty else {
        for (letter, alteration) in key.alterations.enumerated() where alteration != 0 {
          xml.element("key-step", Self.letters[letter])
          xml.element("key-alter", alteration)
        }
        if key.alterations.allSatisfy({ $0 == 0 }) { xml.element("fifths", 0) }
        return
      }
      xml.element("fifths", key.fifths)
      if let mode = key.mode { xml.element("mode", mode) }
    }
  }

  private func write(_ meter: WrittenMeter, _ xml: inout XMLText) {
    guard meter.beats > 0 else {
      xml.element("time") { $0.empty("senza-misura") }
      return
    }
    xml.element(
      "time", meter.isCommon ? ["symbol": "common"] : meter.isCut ? ["symbol": "cut"] : [:]
    ) {
      $0.element("beats", meter.beats)
      $0.element("beat-type", meter.unit)
    }
  }

  /// The clef in which the voice has the fewest ledger lines.
  private func writeClef(_ xml: inout XMLText) {
    let notes = tones.filter { $0.kind == .note }
    let middle = notes.reduce(0) { $0 + 7 * $1.octave + $1.letter } / max(notes.count, 1)
    xml.element("clef") { xml in
      if writer.score.voices[voice].isPercussion {
        xml.element("sign", "percussion")
      } else if !notes.isEmpty, middle < 28 {
        xml.element("sign", "F")
        xml.element("line", 4)
      } else {
        xml.element("sign", "G")
        xml.element("line", 2)
      }
    }
  }

  private func writeTransposition(_ xml: inout XMLText) {
    guard transposition != 0 else { return }
    xml.element("transpose") { xml in
      xml.element("chromatic", transposition % 12)
      if abs(transposition) >= 12 { xml.element("octave-change", transposition / 12) }
    }
  }

  private mutating func write(_ content: WrittenScore.Content, _ xml: inout XMLText) {
    switch content {
    case .note, .bar, .ending: break
    case .chord(let symbol, let intervals): writeChord(symbol, intervals, &xml)
    case .noChord:
      xml.element("harmony") { xml in
        xml.element("root") { $0.element("root-step", "C", ["text": ""]) }
        xml.element("kind", "none", ["text": "N.C."])
      }
    case .meter(let new):
      meter = new
      xml.element("attributes") { write(new, &$0) }
    case .key(let key): xml.element("attributes") { write(key, &$0) }
    case .tempo(let quarters): write(tempo: quarters, &xml)
    case .part(let letter):
      direction(&xml) { $0.element("rehearsal", String(letter)) }
    case .jump(let name): writeJump(name, &xml)
    case .hairpin(let isLouder, let isStart):
      let type = isStart ? isLouder ? "crescendo" : "diminuendo" : "stop"
      guard isStart || hasHairpin else { return }
      hasHairpin = isStart
      direction(&xml, below: true) { $0.empty("wedge", ["type": type]) }
    }
  }

  private func direction(
    _ xml: inout XMLText, below: Bool = false,
    sound: KeyValuePairs<String, String> = [:], _ body: (inout XMLText) -> Void
  ) {
    xml.element("direction", ["placement": below ? "below" : "above"]) { xml in
      xml.element("direction-type", [:], body)
      if !sound.isEmpty { xml.empty("sound", sound) }
    }
  }

  private func write(tempo quarters: Double, _ xml: inout XMLText) {
    let value = NoteValue.all(of: meter.beatLength)
    let beat = value.count == 1 ? value[0] : NoteValue.nearest(to: Fraction(1, 4))
    let perMinute = Self.decimals(quarters / (beat.length * 4).value)
    direction(&xml, sound: ["tempo": Self.decimals(quarters)]) { xml in
      xml.element("metronome") { xml in
        xml.element("beat-unit", beat.type)
        for _ in 0..<beat.dots { xml.empty("beat-unit-dot") }
        xml.element("per-minute", perMinute)
      }
    }
  }

  /// Without a fraction that says nothing.
  private static func decimals(_ number: Double) -> String {
    let thousandths = (number * 1000).rounded() / 1000
    return thousandths == thousandths.rounded() ? "\(Int(thousandths))" : "\(thousandths)"
  }

  private func writeJump(_ name: String, _ xml: inout XMLText) {
    switch name {
    case "segno": direction(&xml, sound: ["segno": "segno"]) { $0.empty("segno") }
    case "coda": direction(&xml, sound: ["coda": "coda"]) { $0.empty("coda") }
    case "fine": words("Fine", ["fine": "yes"], &xml)
    case "dacoda": words("To Coda", ["tocoda": "coda"], &xml)
    case "D.C.": words("D.C.", ["dacapo": "yes"], &xml)
    case "D.C.alfine": words("D.C. al Fine", ["dacapo": "yes"], &xml)
    case "D.C.alcoda": words("D.C. al Coda", ["dacapo": "yes"], &xml)
    case "D.S.alfine": words("D.S. al Fine", ["dalsegno": "segno"], &xml)
    case "D.S.alcoda": words("D.S. al Coda", ["dalsegno": "segno"], &xml)
    default: words("D.S.", ["dalsegno": "segno"], &xml)
    }
  }

  private func words(
    _ text: String, _ sound: KeyValuePairs<String, String>, _ xml: inout XMLText
  ) {
    direction(&xml, sound: sound) { $0.element("words", text) }
  }

  private func writeChord(_ symbol: String, _ intervals: [Int]?, _ xml: inout XMLText) {
    guard let intervals, let chord = ChordSymbolText(symbol) else {
      direction(&xml) { $0.element("words", symbol) }
      return
    }
    let kind = ChordKind.kind(intervals: intervals)
    xml.element("harmony") { xml in
      xml.element("root") { xml in
        xml.element("root-step", String(chord.root))
        if chord.rootAlteration != 0 { xml.element("root-alter", chord.rootAlteration) }
      }
      xml.element("kind", kind?.value ?? "other", ["text": chord.kind])
      if let bass = chord.bass {
        xml.element("bass") { xml in
          xml.element("bass-step", String(bass.letter))
          if bass.alteration != 0 { xml.element("bass-alter", bass.alteration) }
        }
      }
      for degree in kind?.degrees ?? [] {
        xml.element("degree") { xml in
          xml.element("degree-value", degree.value)
          xml.element("degree-alter", degree.alter)
          xml.element("degree-type", "add")
        }
      }
    }
  }

  /// Loudness and transposition where they change.
  private mutating func writeChanges(before tone: WrittenTone, _ xml: inout XMLText) {
    guard tone.kind == .note else { return }
    if let new = tone.dynamic, new != dynamic {
      dynamic = new
      direction(&xml, below: true) { xml in
        xml.element("dynamics") { $0.empty(WrittenTone.dynamics.contains(new) ? new : "f") }
      }
    }
    if tone.transposition != transposition {
      transposition = tone.transposition
      xml.element("attributes") { xml in
        if transposition != 0 {
          writeTransposition(&xml)
        } else {
          xml.element("transpose") { $0.element("chromatic", 0) }
        }
      }
    }
  }

  static let letters = ["C", "D", "E", "F", "G", "A", "B"]

  /// The layer of the measure that is being written, from 1.
  var currentLayer: Int { layer }
}

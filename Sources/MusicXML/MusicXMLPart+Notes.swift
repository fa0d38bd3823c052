import ABC
import Music

extension MusicXMLPart {
  /// Where tuplets begin and end among the events of a measure.
  enum TupletMark { case start, stop, both }

  /// Notes of the same odd share belong together until they fill a length without it.
  func tupletMarks(_ events: [WrittenScore.Event]) -> [Int: TupletMark] {
    var marks: [Int: TupletMark] = [:]
    var group: (first: Int, last: Int, actual: Int, sum: Fraction, end: Fraction)?
    for (index, event) in events.enumerated() {
      guard case .note(let tone) = event.content, tone.kind != .grace, !tone.continuesChord else {
        continue
      }
      let actual = NoteValue.tuplet(of: tone.length).actual
      if let open = group, open.actual != actual || open.end != event.start { group = nil }
      guard actual > 1 else { continue }
      var open = group ?? (index, index, actual, .zero, event.start)
      open.last = index
      open.sum += tone.length
      open.end = event.start + tone.length
      if open.sum.denominator.isMultiple(of: actual) {
        group = open
      } else {
        marks[open.first] = open.first == open.last ? .both : .start
        if open.first != open.last { marks[open.last] = .stop }
        group = nil
      }
    }
    return marks
  }

  /// A note as one element, or as several with ties where one value cannot write its length.
  func write(_ tone: WrittenTone, tuplet: TupletMark?, _ xml: inout XMLText) {
    guard tone.kind != .grace else {
      write(tone, NoteValue.nearest(to: tone.length), isFirst: true, isLast: true, nil, &xml)
      return
    }
    let values = NoteValue.all(of: tone.length)
    // A sign is for the whole note: it stays one, without a type where it has none.
    guard values.count > 1, tone.signs.isEmpty, !tone.continuesChord, !tone.isBars else {
      let value =
        values.count == 1 ? values[0] : NoteValue(type: "", dots: 0, length: tone.length)
      write(tone, value, isFirst: true, isLast: true, tuplet, &xml)
      return
    }
    for (index, value) in values.enumerated() {
      let isFirst = index == 0
      let isLast = index == values.count - 1
      let mark: TupletMark? =
        switch tuplet {
        case .both: isFirst ? .start : isLast ? .stop : nil
        case .start: isFirst ? .start : nil
        case .stop: isLast ? .stop : nil
        case nil: nil
        }
      write(tone, value, isFirst: isFirst, isLast: isLast, mark, &xml)
    }
  }

  private func write(
    _ tone: WrittenTone, _ value: NoteValue, isFirst: Bool, isLast: Bool, _ tuplet: TupletMark?,
    _ xml: inout XMLText
  ) {
    let isNote = tone.kind != .rest
    let stopsTie = isNote && (!isFirst || tone.endsTie)
    let startsTie = isNote && (!isLast || tone.startsTie)
    xml.element("note", tone.isInvisible ? ["print-object": "no"] : [:]) { xml in
      if tone.kind == .grace { xml.empty("grace") }
      if tone.continuesChord { xml.empty("chord") }
      if isNote {
        xml.element("pitch") { xml in
          xml.element("step", Self.letters[tone.letter])
          if tone.alteration != 0 { xml.element("alter", tone.alteration) }
          xml.element("octave", tone.octave)
        }
      } else {
        xml.empty("rest", tone.isBars ? ["measure": "yes"] : [:])
      }
      if tone.kind != .grace { xml.element("duration", max(writer.ticks(value.length), 1)) }
      if stopsTie { xml.empty("tie", ["type": "stop"]) }
      if startsTie { xml.empty("tie", ["type": "start"]) }
      xml.element("voice", currentLayer)
      if !value.type.isEmpty {
        xml.element("type", value.type)
        for _ in 0..<value.dots { xml.empty("dot") }
      }
      if tone.hasAccidental, isFirst, isNote {
        xml.element("accidental", Self.accidental(tone.alteration))
      }
      if value.actual > 1 {
        xml.element("time-modification") { xml in
          xml.element("actual-notes", value.actual)
          xml.element("normal-notes", value.normal)
        }
      }
      writeNotations(tone, isFirst, isLast, stopsTie, startsTie, tuplet, &xml)
      guard isFirst, tone.kind == .note, !tone.continuesChord else { return }
      for (lyric, syllabic) in writer.lyrics[tone.written] ?? [] {
        xml.element("lyric", ["number": "\(lyric.verse)"]) { xml in
          xml.element("syllabic", syllabic)
          xml.element("text", lyric.text)
        }
      }
    }
  }

  private func writeNotations(
    _ tone: WrittenTone, _ isFirst: Bool, _ isLast: Bool, _ stopsTie: Bool, _ startsTie: Bool,
    _ tuplet: TupletMark?, _ xml: inout XMLText
  ) {
    let startsSlur = tone.startsSlur && isFirst
    let endsSlur = tone.endsSlur && isLast
    let signs = isFirst ? tone.signs : []
    guard
      stopsTie || startsTie || startsSlur || endsSlur || tuplet != nil || !signs.isEmpty
    else { return }
    xml.element("notations") { xml in
      if stopsTie { xml.empty("tied", ["type": "stop"]) }
      if startsTie { xml.empty("tied", ["type": "start"]) }
      if endsSlur { xml.empty("slur", ["type": "stop", "number": "1"]) }
      if startsSlur { xml.empty("slur", ["type": "start", "number": "1"]) }
      if tuplet == .start || tuplet == .both { xml.empty("tuplet", ["type": "start"]) }
      if tuplet == .stop || tuplet == .both { xml.empty("tuplet", ["type": "stop"]) }
      writeSigns(signs, &xml)
    }
  }

  private func writeSigns(_ signs: [WrittenTone.Sign], _ xml: inout XMLText) {
    if signs.contains(.fermata) { xml.empty("fermata", ["type": "upright"]) }
    if signs.contains(.arpeggio) { xml.empty("arpeggiate") }
    if signs.contains(.sfz) {
      xml.element("dynamics") { $0.empty("sfz") }
    }
    let articulations = signs.compactMap { SignNames.articulations[$0] }
    if !articulations.isEmpty {
      xml.element("articulations") { xml in for name in articulations { xml.empty(name) } }
    }
    let ornaments = signs.filter { SignNames.ornaments[$0] != nil || $0 == .roll }
    guard !ornaments.isEmpty else { return }
    xml.element("ornaments") { xml in
      for sign in ornaments {
        // A roll of the folk fiddle has no element of its own.
        if let name = SignNames.ornaments[sign] {
          xml.empty(name)
        } else {
          xml.element("other-ornament", "roll")
        }
      }
    }
  }

  private static func accidental(_ alteration: Int) -> String {
    switch alteration {
    case ...(-2): "flat-flat"
    case -1: "flat"
    case 0: "natural"
    case 1: "sharp"
    default: "double-sharp"
    }
  }
}

/// Signs above notes and the elements that stand for them.
enum SignNames {
  static let articulations: [WrittenTone.Sign: String] = [
    .staccato: "staccato", .tenuto: "tenuto", .accent: "accent", .wedge: "staccatissimo",
  ]
  /// A mordent without a stroke is the upper one.
  static let ornaments: [WrittenTone.Sign: String] = [
    .trill: "trill-mark", .lowermordent: "mordent", .uppermordent: "inverted-mordent",
    .turn: "turn", .invertedturn: "inverted-turn",
  ]
}

import ABC
import Music
import Notes

/// A stretch of the text that a take is written into: bars that stand there and are replaced, or a
/// place where bars are put in.
struct TakePlace: Sendable, Equatable {
  /// The bytes of the text before the take that are replaced; empty where bars are put in.
  let base: Range<Int>
  /// What stood there.
  let old: String
  /// What stands there now.
  var text: String
  let transcriber: TakeTranscriber
  /// Whether nothing may be written here.
  let isKept: Bool

  init(
    base: Range<Int>, old: String = "", transcriber: TakeTranscriber, isKept: Bool = false
  ) {
    self.base = base
    self.old = old
    text = old
    self.transcriber = transcriber
    self.isKept = isKept
  }
}

/// Bars of a take as ABC text, in the meter, unit length and key that hold where it stands.
struct TakeTranscriber: Sendable, Equatable {
  let meter: Notes.WrittenMeter
  let unitLength: Int
  let fifths: Int
  /// Ticks of a bar.
  let bar: Int
  /// Ticks by which the first bar line comes early: what an open bar holds already.
  let offset: Int
  /// What is written in front of the first bar.
  var lead = ""
  /// Whether what the open bar holds has no accidentals of its own.
  var isBarPlain = false
  /// Bars that the line holds already, where it is to be broken after four.
  var barsInLine = 0
  static let barsOfLine = 4

  /// - Parameter place: What stands before it.
  init(_ place: NotePlace) {
    let inner = place.transcriber
    meter = Notes.WrittenMeter(at: 0, beats: inner.meter.beats, unit: inner.meter.unit)
    unitLength = inner.unitLength
    fifths = inner.fifths
    bar = max(place.barEnd - place.barStart, BarTranscriber.grid)
    offset = min(max(place.end - place.barStart, 0), bar - 1)
  }

  private var writer: BarTranscriber {
    BarTranscriber(
      meter: (beats: meter.beats, unit: meter.unit), unitLength: unitLength, fifths: fifths)
  }

  /// One whole bar.
  func text(ofBar span: Range<Int>, _ notes: [PlacedNote], isLast: Bool) -> String {
    writer.text(notes, part: span, barStart: span.lowerBound, isHeldOn: !isLast)
  }

  /// Bars from tick 0 on, with their bar lines.
  ///
  /// - Parameters:
  ///   - isPickup: Whether what comes before tick 0 is written as a pickup.
  ///   - end: Up to where there is music or silence; the bar it lies in stays open.
  ///   - mayHoldOn: Whether what sounds at the end may go on behind it.
  func text(
    _ notes: [PlacedNote], isPickup: Bool, until end: Int, mayHoldOn: Bool = false
  ) -> String {
    var text = lead
    var inLine = barsInLine
    if isPickup, let first = notes.first?.start, first < 0 {
      text += writer.text(notes, part: max(first, -bar)..<0, barStart: max(first, -bar)) + "|"
    }
    var start = 0
    var barStart = -offset
    while start < end {
      let full = barStart + bar
      let stop = min(full, end)
      if inLine >= TakeTranscriber.barsOfLine, start == barStart {
        text += "\n"
        inLine = 0
      }
      text += writer.text(
        notes, part: start..<stop, barStart: barStart, isHeldOn: stop < end || mayHoldOn,
        knowsBar: start == barStart || isBarPlain)
      if stop == full {
        text += "|"
        inLine += 1
      }
      (start, barStart) = (stop, full)
    }
    return text
  }
}

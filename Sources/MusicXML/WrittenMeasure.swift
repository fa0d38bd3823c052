import ABC
import Music

/// One measure of a part on its way into a file.
struct WrittenMeasure {
  var start: Fraction
  var end: Fraction
  var events: [WrittenScore.Event] = []
  /// What holds at its end.
  var meter: WrittenMeter
  /// The left side.
  var startsRepeat = false
  var endings: [Int] = []
  /// The right side: how often what ends here is repeated.
  var repeats = 0
  var isDouble = false
  /// Whether no bar line stands at its end: an ending begins within a bar.
  var isOpen = false
  /// The endings that end here.
  var closes: [Int] = []
  /// As a musician counts; nil for one that is no whole bar.
  var number: Int?
  var length: Fraction { end - start }

  private var holdsMusic: Bool {
    events.contains { if case .note = $0.content { true } else { false } }
  }

  /// The measures of a voice.
  static func all(of voice: WrittenScore.Voice, meter first: WrittenMeter) -> [WrittenMeasure] {
    var measures: [WrittenMeasure] = []
    var open = WrittenMeasure(start: .zero, end: .zero, meter: first)
    func next(at start: Fraction) -> WrittenMeasure {
      WrittenMeasure(start: start, end: start, meter: open.meter)
    }
    for event in voice.events {
      switch event.content {
      case .bar(let ends, let starts, let isDouble):
        if open.holdsMusic || event.start > open.start {
          open.end = event.start
          (open.repeats, open.isDouble) = (ends, isDouble)
          measures += open.split
          open = next(at: event.start)
        } else if let last = measures.indices.last {
          measures[last].repeats = max(measures[last].repeats, ends)
          measures[last].isDouble = measures[last].isDouble || isDouble
        }
        if starts > 0 { open.startsRepeat = true }
      case .ending(let numbers):
        if open.holdsMusic {
          open.end = event.start
          open.isOpen = true
          measures += open.split
          open = next(at: event.start)
        }
        open.endings = numbers
      default:
        if case .meter(let new) = event.content { open.meter = new }
        if event.start < open.start,
          let place = measures.lastIndex(where: { $0.start <= event.start })
        {
          measures[place].events.append(event)
        } else {
          open.events.append(event)
          if case .note(let tone) = event.content, tone.kind != .grace {
            open.end = max(open.end, event.start + tone.length)
          }
        }
      }
    }
    if open.holdsMusic {
      measures += open.split
    } else if let last = measures.indices.last {
      measures[last].events += open.events
    }
    finish(&measures)
    return measures
  }

  /// Rests of several bars become as many measures.
  private var split: [WrittenMeasure] {
    guard let bar = meter.barLength, length > bar, (length / bar).denominator == 1,
      let place = events.firstIndex(where: {
        if case .note(let tone) = $0.content { tone.isBars } else { false }
      }), case .note(let tone) = events[place].content, tone.length == length
    else { return [self] }
    let count = min((length / bar).numerator, 999)
    return (0..<count).map { index in
      var part = self
      part.start = start + bar * index
      part.end = part.start + bar
      var rest = tone
      rest.length = bar
      var event = events[place]
      (event.start, event.content) = (part.start, .note(rest))
      part.events = [event]
      if index == 0 {
        part.events = events[..<place] + part.events
      } else {
        (part.startsRepeat, part.endings) = (false, [])
      }
      if index < count - 1 { (part.repeats, part.isDouble) = (0, false) }
      if index == count - 1 { part.events += events[(place + 1)...] }
      return part
    }
  }

  /// Numbers the measures and says where endings end.
  private static func finish(_ measures: inout [WrittenMeasure]) {
    var number = 0
    var running: [Int] = []
    for index in measures.indices {
      let measure = measures[index]
      let isShort = measure.meter.barLength.map { measure.length < $0 } ?? false
      let isHalf =
        isShort
        && (index == 0 || measure.startsRepeat || measure.isOpen || measures[index - 1].isOpen
          || measures[index - 1].repeats > 0 || measures[index - 1].isDouble)
      if !isHalf {
        number += 1
        measures[index].number = number
      }
      if !measure.endings.isEmpty { running = measure.endings }
      let next = index + 1 < measures.count ? measures[index + 1] : nil
      if !running.isEmpty,
        measure.repeats > 0 || measure.isDouble || next == nil || next?.startsRepeat == true
          || next?.endings.isEmpty == false
      {
        measures[index].closes = running
        running = []
      }
    }
  }
}

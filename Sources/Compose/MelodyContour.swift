import ABC
import Music

/// The rise and fall of a melody, sampled in time: what two ways to write a place have in common
/// when their notes differ.
struct MelodyContour: Sendable, Equatable {
  /// MIDI key every half beat, less the mean of all; empty where nothing sounds.
  private(set) var keys: [Float] = []

  /// - Parameter bars: Indices into the tune's bars; those of the first one's voice count.
  init(_ tune: ParsedTune, bars: ClosedRange<Int>?) {
    guard let bars, tune.bars.indices.contains(bars.lowerBound) else { return }
    let voice = tune.bars[bars.lowerBound].voice
    let notes = tune.notes.filter {
      $0.kind == .note && $0.voice == voice && bars.contains($0.bar)
    }
    let step = max(tune.header.beatLength.value / 2, 1.0 / 64)
    let start = tune.bars[bars.lowerBound].start.value
    guard let last = notes.last else { return }
    let end = min(last.start.value + last.length.value, start + 256 * step)
    var sounding = notes.first?.pitch?.key ?? 60
    var next = notes.startIndex
    var time = start
    while time < end - 1e-9 {
      while next < notes.endIndex, notes[next].start.value <= time + 1e-9 {
        sounding = notes[next].pitch?.key ?? sounding
        next += 1
      }
      keys.append(Float(sounding))
      time += step
    }
    let mean = keys.reduce(0, +) / Float(max(keys.count, 1))
    for place in keys.indices { keys[place] -= mean }
  }

  /// Semitones between two contours on average, where both have something.
  func distance(to other: MelodyContour) -> Float {
    let pairs = zip(keys, other.keys)
    let count = min(keys.count, other.keys.count)
    guard count > 0 else { return .infinity }
    return pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / Float(count)
  }
}

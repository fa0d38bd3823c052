import Music

/// A stretch as it was played once: where it sounds again, what it gave is copied to the later
/// time, which costs a fraction of playing it anew.
struct Passage {
  let events: Range<Int>
  /// When it was played.
  private let time: Fraction
  private let sounds: Range<Int>
  private let bars: Range<Int>
  private let chords: Range<Int>

  /// How far the lists of what is played were filled at a moment.
  struct Reach {
    fileprivate var sounds: Int
    fileprivate var bars: Int
    fileprivate var chords: Int
    /// Markers and directives.
    fileprivate var others: Int

    init(_ performer: Performer) {
      sounds = performer.sounds.count
      bars = performer.bars.count
      chords = performer.chords.count
      others = performer.directives.count + performer.performance.markers.count
    }
  }

  /// `nil` for a stretch that gave more than notes, bars and chord symbols.
  init?(events: Range<Int>, at time: Fraction, from before: Reach, to after: Reach) {
    guard before.others == after.others else { return nil }
    self.events = events
    self.time = time
    sounds = before.sounds..<after.sounds
    bars = before.bars..<after.bars
    chords = before.chords..<after.chords
  }

  /// Plays it again at another time; false, and nothing done, where that is too much.
  func play(at time: Fraction, pass: Int, into performer: inout Performer) -> Bool {
    guard performer.sounds.count + sounds.count < Performer.mostNotes else { return false }
    let shift = time - self.time
    // Rounded times only stay right where all move by whole ticks.
    let ticks = Tick(shift)
    guard Fraction(ticks.count, 4 * Tick.perQuarter) == shift else { return false }
    performer.addAgain(sounds, later: shift, ticks)
    for index in bars {
      var bar = performer.bars[index]
      bar.start += shift
      bar.end += shift
      bar.pass = pass
      performer.bars.append(bar)
    }
    for index in chords {
      performer.chords.append(
        .init(at: performer.chords[index].at + shift, text: performer.chords[index].text))
    }
    return true
  }
}

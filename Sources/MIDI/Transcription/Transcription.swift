import Music
import Notes

/// A performance written down as ABC: a person's reading of what sounds, not a copy of it.
///
/// Times that already lie where notes are written (sixty-fourths, triplets, quintuplets,
/// septuplets) are kept exactly, so that a tune exported as MIDI comes back with the same notes.
/// Played times are moved to the nearest place a musician would write. Whatever was decided or
/// changed stands in `report`.
public struct Transcription: Hashable, Sendable {
  /// One whole tune, from `X:` to the last bar line and its newline.
  public var text: String
  /// One sentence for each decision worth knowing: rounding, swing, meter, key, voices.
  public var report: [String]

  /// - Parameters:
  ///   - performance: Of any origin; only notes, tempo, meters, keys, title and track names count.
  ///   - number: What stands behind `X:`.
  ///   - hearing: How a tune's text sounds. With it, bass and chords such as Lilt plays for chord
  ///     symbols are written as these, where exactly the same is heard again.
  public init(
    _ performance: Performance, number: Int = 1, hearing: ((String) -> Performance)? = nil
  ) {
    self.init(Recording(performance), number: number, hearing: hearing)
  }

  init(_ recording: Recording, number: Int, hearing: ((String) -> Performance)?) {
    if let hearing, let harmony = Harmony(recording.performance) {
      var melody = recording
      melody.performance = harmony.melody
      let found = Transcription(
        melody, symbols: harmony.symbols, downbeat: harmony.downbeat, number: number)
      if Harmony.isSame(hearing(found.text), recording.performance) {
        self = found
        report.append("The bass and chord tracks were written as chord symbols.")
        return
      }
    }
    self.init(recording, symbols: [], downbeat: nil, number: number)
  }

  private init(
    _ recording: Recording, symbols: [Harmony.Symbol], downbeat: Tick?, number: Int
  ) {
    var score = Score(recording)
    var performance = recording.performance
    if let quarters = score.trackedTempo {
      // The file's own time says nothing about this music.
      performance.tempos = [.init(at: .zero, quartersPerMinute: quarters)]
      performance.meters = []
      performance.keys = Array(performance.keys.prefix(1))
    }
    score.findMeter(in: performance)
    if let downbeat, score.meters.count == 1 {
      score.pickup = score.position(of: downbeat) % score.meters[0].barLength
    }
    score.endWithLastBar(of: performance)
    score.foldRepeats(of: performance)
    score.take(symbols)
    score.findKey(in: performance)
    report = score.report
    var writer = TuneWriter(score: score, performance: performance)
    text = writer.tune(number: number)
    report += writer.report
  }
}

/// `Transcription(_:number:hearing:)` as a verb.
public func abcTranscription(
  of performance: Performance, number: Int = 1, hearing: ((String) -> Performance)? = nil
) -> Transcription {
  Transcription(performance, number: number, hearing: hearing)
}

/// A file written down as ABC. The file knows more than how it sounds: when keys were let go while
/// the pedal held their notes, how finely it counts time, and whether it names a meter.
public func abcTranscription(
  of file: MIDIFile, number: Int = 1, hearing: ((String) -> Performance)? = nil
) -> Transcription {
  Transcription(Recording(file), number: number, hearing: hearing)
}

/// A performance with its notes where they will be written.
struct Score {
  /// A note on the written time line.
  struct Note: Hashable {
    var start: Int
    var end: Int
    var key: Int
    var velocity: Int
    var track: Int
  }

  typealias Meter = WrittenMeter

  struct KeySignature: Hashable {
    var at: Int
    /// Sharps (positive) or flats (negative).
    var fifths: Int
    /// Whether the seventh above its minor tonic is raised as a matter of course.
    var isMinor: Bool
    /// As ABC writes it: `D`, `Edor`, `F#m`.
    var name: String
  }

  enum RepeatSign: Hashable { case start, end, firstEnding, secondEnding, endingsClose }

  /// Sorted by start, then track, then key from high to low.
  var notes: [Note]
  var meters: [Meter] = []
  /// Length of the bar before the first bar line; 0 where the tune starts with a whole bar.
  var pickup = 0
  var keys: [KeySignature] = []
  var repeats: [(at: Int, sign: RepeatSign)] = []
  /// In order; only where they must be written.
  var symbols: [Symbol] = []
  /// Where the music ends.
  var end: Int
  /// How much later everything is written than played: a swung pickup is shorter than its notes,
  /// and a recording may begin anywhere.
  var delay = 0
  /// How the notes were swung that are written straight.
  var swing: Swing?
  /// Quarters a minute, where the beat had to be found by listening.
  var trackedTempo: Double?
  /// Removed by folding repeats: everything after `at` moved `by` units towards the start. What
  /// was removed repeats what sounds from `first` on.
  var removed: [(at: Int, by: Int, first: Int)] = []
  var report: [String] = []

  /// Where a moment of the performance stands on the written time line.
  func position(of tick: Tick) -> Int {
    let moment = tick.count <= 0 ? 0 : tick.count * Unit.perTick + delay
    return moment - removed.reduce(0) { $0 + min(max(0, moment - $1.at), $1.by) }
  }

  mutating func sortNotes() {
    notes.sort {
      ($0.start, $0.track, -$0.key, $0.end) < ($1.start, $1.track, -$1.key, $1.end)
    }
  }
}

public import Music

/// How bars are practised: from a tempo to another, in steps, after some rounds each.
public struct PracticePlan: Sendable, Equatable {
  /// Beats a minute, 10...400.
  public var start: Int
  public var end: Int
  /// Beats a minute, 1...200.
  public var step: Int
  /// Rounds at each tempo, 1...200.
  public var rounds: Int
  /// Whether each round is followed by a silent one.
  public var rests: Bool

  public static let form =
    "START END STEP ROUNDS, such as 60 100 5 2; rest = silent rounds"

  /// Reads `60 100 5 2 rest`; what is left out comes from habits and the tune's tempo.
  ///
  /// - Parameter tempo: The tune's, in beats a minute.
  /// - Returns: `nil` where it says something else.
  public init?(_ text: String, tempo: Int, habits: Habits) {
    var words = text.split { $0 == " " || $0 == "," }.map(String.init)
    rests = habits.practiceRests
    if let word = words.last, ["rest", "rests", "through"].contains(word) {
      rests = word != "through"
      words.removeLast()
    }
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == words.count, numbers.count <= 4,
      numbers.prefix(2).allSatisfy({ (10...400).contains($0) }),
      numbers.dropFirst(2).allSatisfy({ (1...200).contains($0) })
    else { return nil }
    func number(_ index: Int, else other: Int) -> Int {
      numbers.indices.contains(index) ? numbers[index] : other
    }
    start = number(0, else: max(tempo * habits.practiceStart / 100, 10))
    end = number(1, else: tempo)
    step = number(2, else: habits.practiceStep)
    rounds = number(3, else: habits.practiceRounds)
  }

  /// The tempo that follows one; itself at the end.
  public func tempo(after tempo: Int) -> Int {
    tempo < end ? min(tempo + step, end) : max(tempo - step, end)
  }

  /// Every tempo once, the first first.
  public var tempos: [Int] {
    var tempos = [start]
    while let last = tempos.last, last != end { tempos.append(tempo(after: last)) }
    return tempos
  }

  /// Everything that is heard of a stretch until the end tempo has had its rounds, in a row.
  ///
  /// - Parameters:
  ///   - range: The stretch that is practised; notes that sound on behind it end with it.
  ///   - tempo: What a tempo of the plan is a multiple of, in beats a minute.
  /// - Returns: `nil` where that would be more than `mostNotes` notes.
  public func performance(
    of whole: Performance, in range: Range<Tick>, tempo: Double
  ) -> Performance? {
    let notes = whole.notes.filter { range.contains($0.start) }
    let tempos = tempos
    guard notes.count * tempos.count * rounds <= Self.mostNotes, tempo > 0 else { return nil }
    var heard = whole
    (heard.notes, heard.tempos, heard.bars, heard.markers, heard.lyrics) = ([], [], [], [], [])
    let changes = Self.changes(whole.tempos, in: range)
    let length = range.upperBound.count - range.lowerBound.count
    var shift = -range.lowerBound.count
    for now in tempos {
      for round in 0..<rounds * (rests ? 2 : 1) {
        if round == 0 || changes.count > 1 {
          heard.tempos += changes.map {
            .init(
              at: Tick($0.at.count + shift),
              quartersPerMinute: $0.quartersPerMinute * Double(now) / tempo)
          }
        }
        if !rests || round % 2 == 0 {
          heard.notes += notes.map { note in
            var note = note
            note.end = Tick(min(note.end.count, range.upperBound.count) + shift)
            note.start = Tick(note.start.count + shift)
            return note
          }
        }
        for bar in whole.bars where bar.start < range.upperBound && bar.end > range.lowerBound {
          heard.bars.append(
            .init(
              written: bar.written, pass: bar.pass,
              start: Tick(max(bar.start.count, range.lowerBound.count) + shift),
              end: Tick(min(bar.end.count, range.upperBound.count) + shift)))
        }
        shift += length
      }
    }
    heard.end = Tick(shift + range.lowerBound.count)
    // What was set on the way to the stretch holds in it; in it, it is set once.
    heard.programs = heard.programs.filter { $0.at < range.upperBound }.map {
      .init(
        at: Tick(max($0.at.count - range.lowerBound.count, 0)), track: $0.track,
        program: $0.program)
    }
    heard.controls = heard.controls.filter { $0.at < range.upperBound }.map {
      .init(
        at: Tick(max($0.at.count - range.lowerBound.count, 0)), track: $0.track,
        controller: $0.controller, value: $0.value)
    }
    return heard
  }

  /// As many as a performance ever has.
  static let mostNotes = 200_000

  /// The tempo at the beginning of a stretch, and the changes in it.
  private static func changes(
    _ tempos: [Performance.TempoChange], in range: Range<Tick>
  ) -> [Performance.TempoChange] {
    let before = tempos.last { $0.at <= range.lowerBound }?.quartersPerMinute ?? 120
    return [.init(at: range.lowerBound, quartersPerMinute: before)]
      + tempos.filter { $0.at > range.lowerBound && $0.at < range.upperBound }
  }
}

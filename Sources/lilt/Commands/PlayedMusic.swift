import ABC
import Audio
import Compose
import Glibc
import Music

/// A tune made ready for `lilt play`, with its bars numbered as a musician does.
struct PlayedMusic {
  let title: String
  private(set) var schedule: Schedule
  /// At the beginning.
  let beatsPerMinute: Double
  private var bars: [(number: Int, start: Tick, end: Tick)]
  private var tempo: TempoMap
  private let name: String
  private let performance: Performance
  /// The musician's number of each bar that is written.
  private let written: [Int]

  /// - Parameter sound: The General MIDI program of every melody; nil = as the tune says.
  /// - Throws: `CommandFailure` with outcome `unreadableInput` when nothing sounds in it.
  init(_ music: ExportMusic, playback: PlaybackOptions, sound: Int?, name: String)
    throws(CommandFailure)
  {
    var (performance, unplayed) = music.performance(playback)
    if let sound { performance.setSound(sound) }
    UnplayedReport(unplayed, of: music, name: name).tell()
    guard !performance.notes.isEmpty else {
      throw CommandFailure(.unreadableInput, "\(name): there are no notes in it.")
    }
    if performance.isCut {
      StandardError.line(
        "\(name): the tune asks for more than 200,000 notes; the rest is left out.")
    }
    let written: [Int] =
      switch music {
      case .tune(let book, let index): book.parsedTune(index).bars.map(\.number)
      case .text(let text): ParsedTune(text: text).bars.map(\.number)
      case .midi: []
      }
    let numbers = Self.numbers(of: performance, written)
    (self.performance, self.written) = (performance, written)
    title = performance.title
    schedule = Schedule(performance: performance, barNumbers: numbers)
    bars = zip(numbers, performance.bars).map { ($0, $1.start, $1.end) }
    tempo = TempoMap(performance.tempos)
    let quarters = performance.tempos.first?.quartersPerMinute ?? 120
    let meter = performance.meters.first
    let isCompound = meter.map { $0.beats > 3 && $0.beats % 3 == 0 && $0.unit >= 8 } ?? false
    beatsPerMinute = quarters / (isCompound ? 12 : 4) * Double(meter?.unit ?? 4)
    self.name = name
  }

  private static func numbers(of performance: Performance, _ written: [Int]) -> [Int] {
    performance.bars.enumerated().map { index, bar in
      written.indices.contains(bar.written) ? written[bar.written] : index + 1
    }
  }

  /// Becomes everything that is heard while bars are practised.
  ///
  /// - Parameters:
  ///   - text: As `PracticePlan` reads it.
  ///   - range: The bars; `nil` for all of them.
  mutating func practise(
    _ text: String, in range: Range<Tick>?, habits: Habits
  ) throws(CommandFailure) {
    let beats = beatsPerMinute
    guard let plan = PracticePlan(text, tempo: Int(beats.rounded()), habits: habits) else {
      throw CommandFailure(.usage, "--practise must be \(PracticePlan.form)")
    }
    let stretch = range ?? .zero..<performance.end
    guard let heard = plan.performance(of: performance, in: stretch, tempo: beats) else {
      throw CommandFailure(
        .usage, "--practise \(text): that is more than 200,000 notes; take fewer rounds")
    }
    let numbers = Self.numbers(of: heard, written)
    schedule = Schedule(performance: heard, barNumbers: numbers)
    bars = zip(numbers, heard.bars).map { ($0, $1.start, $1.end) }
    tempo = TempoMap(heard.tempos)
  }

  /// From the first time that the first of these bars sounds to the next end of the last one.
  func ticks(of range: ClosedRange<Int>) throws(CommandFailure) -> Range<Tick> {
    guard let first = bars.firstIndex(where: { $0.number == range.lowerBound }),
      let last = bars[first...].first(where: { $0.number == range.upperBound })
    else {
      let known = bars.map(\.number).max() ?? 0
      let asked =
        range.count == 1
        ? "bar \(range.lowerBound) is" : "bars \(range.lowerBound)-\(range.upperBound) are"
      throw CommandFailure(.usage, "\(name): \(asked) not in it; it has \(known) bars.")
    }
    return bars[first].start..<max(last.end, bars[first].start + Tick(1))
  }

  /// The number of the bar that sounds at `tick`.
  func bar(at tick: Tick) -> Int? {
    bars.last { $0.start <= tick }?.number
  }

  func seconds(at tick: Tick) -> Double { tempo.seconds(at: tick) }
}

/// The line on a terminal that tells where the music is. Nothing where standard error is none.
struct PlayLine {
  private let music: PlayedMusic
  private let isShown = isatty(STDERR_FILENO) == 1
  private var last = ""

  init(_ music: PlayedMusic) { self.music = music }

  mutating func show(_ status: PlayerStatus) {
    guard isShown else { return }
    let bar = music.bar(at: status.playhead).map { "bar \($0)  " } ?? ""
    let now = PlayLine.clock(music.seconds(at: status.playhead))
    let whole = PlayLine.clock(music.seconds(at: music.schedule.end))
    // Titles come from files: control characters would reach the terminal.
    let title = String(
      music.title.unicodeScalars.filter { $0.properties.generalCategory != .control })
    let line = "\(bar)\(now) / \(whole)  \(title.prefix(40))"
    guard line != last else { return }
    last = line
    write("\r\u{1B}[K" + line)
  }

  /// Leaves the line empty for what comes next.
  mutating func clear() {
    if !last.isEmpty { write("\r\u{1B}[K") }
    last = ""
  }

  /// `1:05`, in the tune's own tempo.
  private static func clock(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e6))
    return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = writeAll($0, to: STDERR_FILENO) }
  }
}

/// Signals that are taken one by one instead of interrupting: blocked from the moment this is made,
/// also for threads begun later.
struct AwaitedSignals {
  private var set = sigset_t()

  init(_ signals: [Int32]) {
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// The next signal; nil when none comes within this time.
  func next(milliseconds: Int) -> Int32? {
    var set = set
    var time = timespec(
      tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    let signal = sigtimedwait(&set, nil, &time)
    return signal > 0 ? signal : nil
  }
}

/// Where the music was at the beginning of each of the last periods, to tell what is heard now
/// from what was just written.
struct PlayheadHistory: ~Copyable {
  private struct Moment: BitwiseCopyable {
    var frame = Int.min
    var tick = 0.0
    var ticksPerFrame = 0.0
  }
  private static let capacity = 128
  private let moments: UnsafeMutablePointer<Moment>
  private var count = 0

  init() {
    moments = .allocate(capacity: PlayheadHistory.capacity)
    moments.initialize(repeating: Moment(), count: PlayheadHistory.capacity)
  }

  deinit { moments.deallocate() }

  mutating func note(frame: Int, tick: Double, ticksPerFrame: Double) {
    moments[count % PlayheadHistory.capacity] = Moment(
      frame: frame, tick: tick, ticksPerFrame: ticksPerFrame)
    count += 1
  }

  /// The tick sounding at `frame`; the oldest one remembered when it lies further back.
  func tick(at frame: Int) -> Double {
    guard count > 0 else { return 0 }
    let oldest = max(0, count - PlayheadHistory.capacity)
    var index = count - 1
    while index > oldest, moments[index % PlayheadHistory.capacity].frame > frame { index -= 1 }
    let moment = moments[index % PlayheadHistory.capacity]
    let within = min(max(frame - moment.frame, 0), Device.period)
    return moment.tick + Double(within) * moment.ticksPerFrame
  }
}

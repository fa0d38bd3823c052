/// Turns ticks into seconds and back, with every tempo change of a performance.
public struct TempoMap: Hashable, Sendable {
  private struct Segment: Hashable, Sendable {
    var start: Int
    var seconds: Double
    var secondsPerTick: Double
  }
  private var segments: [Segment]

  /// Tempi that are not finite or not above 0 are ignored; without any, 120 quarters a minute.
  /// `scale` multiplies every tempo (2 = twice as fast).
  public init(_ tempos: [Performance.TempoChange], scale: Double = 1) {
    segments = []
    for change in tempos.sorted(by: { $0.at < $1.at })
    where change.quartersPerMinute.isFinite && change.quartersPerMinute > 0 {
      let rate = 60 / (change.quartersPerMinute * scale * Double(Tick.perQuarter))
      guard let last = segments.last else {
        segments.append(Segment(start: 0, seconds: 0, secondsPerTick: rate))
        continue
      }
      let seconds = last.seconds + Double(change.at.count - last.start) * last.secondsPerTick
      segments.append(Segment(start: change.at.count, seconds: seconds, secondsPerTick: rate))
    }
    if segments.isEmpty {
      let rate = 60 / (120 * scale * Double(Tick.perQuarter))
      segments = [Segment(start: 0, seconds: 0, secondsPerTick: rate)]
    }
  }

  public func seconds(at tick: Tick) -> Double {
    let segment = segments.last { $0.start <= tick.count } ?? segments[0]
    return segment.seconds + Double(tick.count - segment.start) * segment.secondsPerTick
  }

  /// The tick at `seconds`, not rounded.
  public func ticks(at seconds: Double) -> Double {
    let segment = segments.last { $0.seconds <= seconds } ?? segments[0]
    return Double(segment.start) + (seconds - segment.seconds) / segment.secondsPerTick
  }
}

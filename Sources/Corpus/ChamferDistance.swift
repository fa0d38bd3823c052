import Music

/// How far apart the notes of two pieces lie, as points of onset and pitch.
///
/// The Chamfer distance of two sets of points (Barrow et al. 1977; Fan, Su and Guibas 2017, "A point
/// set generation network", §3.3) is the mean distance from the points of each to the nearest of the
/// other. It is normalised twice: by the number of points, and by the box that holds both pieces,
/// whose sides count as 1 and whose diagonal, √2, is the largest distance there is. So 0 says that
/// every note of one has its like in the other, and 1 is out of reach of any music.
public enum ChamferDistance {
  /// A note's onset, in any unit, and its pitch.
  public struct Point: Hashable, Sendable {
    public var onset: Double
    public var pitch: Double

    public init(onset: Double, pitch: Double) {
      self.onset = onset
      self.pitch = pitch
    }
  }

  /// The points of a piece, its first note at 0.
  public static func points(_ notes: [Performance.Note]) -> [Point] {
    let first = notes.map(\.start.count).min() ?? 0
    return notes.map { Point(onset: Double($0.start.count - first), pitch: Double($0.pitch.key)) }
  }

  /// The normalised distance, 0...1; nil where a piece has no notes.
  public static func between(_ first: [Point], _ second: [Point]) -> Double? {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    let all = first + second
    func scale(_ value: (Point) -> Double) -> Double {
      let values = all.map(value)
      let extent = (values.max() ?? 0) - (values.min() ?? 0)
      return extent > 0 ? 1 / extent : 0
    }
    let across = scale(\.onset)
    let upwards = scale(\.pitch)
    func scaled(_ points: [Point]) -> [Point] {
      points.map { Point(onset: $0.onset * across, pitch: $0.pitch * upwards) }
        .sorted { $0.onset < $1.onset }
    }
    let (one, other) = (scaled(first), scaled(second))
    return (mean(from: one, to: other) + mean(from: other, to: one)) / 2 / 2.0.squareRoot()
  }

  /// The distance of one piece to a reference as the article on networks of MIDI characters has it:
  /// each note is a point of pitch, onset and duration; the sum of the distances from each point to the
  /// nearest of the other piece, both ways, is divided by the same sum between the reference and the
  /// origin. Up to 0.01 pieces are nearly the same; 1 is as far away as nothing at all. nil where the
  /// reference has no notes.
  ///
  /// - Parameter pitchFactor: How many eighths a half tone counts as.
  public static func relative(
    of notes: [Performance.Note], to reference: [Performance.Note], pitchFactor: Double = 1
  ) -> Double? {
    typealias Place = (pitch: Double, onset: Double, length: Double)
    func places(_ notes: [Performance.Note]) -> [Place] {
      let eighth = Double(Tick.perQuarter) / 2
      return notes.map {
        (
          Double($0.pitch.key) * pitchFactor, Double($0.start.count) / eighth,
          Double($0.end.count - $0.start.count) / eighth
        )
      }
    }
    func nearest(_ place: Place, _ others: [Place]) -> Double {
      others.reduce(Double.infinity) { least, other in
        let (pitch, onset) = (place.pitch - other.pitch, place.onset - other.onset)
        let length = place.length - other.length
        return min(least, pitch * pitch + onset * onset + length * length)
      }.squareRoot()
    }
    func both(_ first: [Place], _ second: [Place]) -> Double {
      first.reduce(0) { $0 + nearest($1, second) } + second.reduce(0) { $0 + nearest($1, first) }
    }
    let wanted = places(reference)
    guard !wanted.isEmpty else { return nil }
    let origin: [Place] = [(0, 0, 0)]
    let own = places(notes)
    return both(own.isEmpty ? origin : own, wanted) / both(origin, wanted)
  }

  /// Both are sorted by onset, so that the search ends where onsets alone are too far.
  private static func mean(from points: [Point], to others: [Point]) -> Double {
    var total = 0.0
    for point in points {
      var low = 0
      var high = others.count
      while low < high {
        let middle = (low + high) / 2
        if others[middle].onset < point.onset { low = middle + 1 } else { high = middle }
      }
      var nearest = Double.infinity
      func meet(_ other: Point) -> Bool {
        let across = other.onset - point.onset
        let upwards = other.pitch - point.pitch
        nearest = min(nearest, across * across + upwards * upwards)
        return across * across <= nearest
      }
      var at = low
      while at < others.count, meet(others[at]) { at += 1 }
      at = low - 1
      while at >= 0, meet(others[at]) { at -= 1 }
      total += nearest.squareRoot()
    }
    return total / Double(points.count)
  }
}

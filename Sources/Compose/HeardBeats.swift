/// Which version of a place sounded at each of its beats: what a musician heard who switched
/// between alternatives while they played. The last time round counts.
struct HeardBeats: Sendable, Equatable {
  /// A beat, counted from the first bar of the place.
  struct Beat: Sendable, Hashable, Comparable {
    var bar: Int
    var beat: Int
    static func < (left: Beat, right: Beat) -> Bool {
      (left.bar, left.beat) < (right.bar, right.beat)
    }
  }

  private(set) var versions: [Beat: History.Identifier] = [:]
  private var sounding: History.Identifier?
  /// What sounds from the next beat on.
  private var next: History.Identifier?
  private var last: Beat?

  /// The musician asks for a version; what plays turns to it on the next beat.
  mutating func turn(to version: History.Identifier, isPlaying: Bool) {
    if isPlaying {
      next = version
    } else {
      (sounding, next, last) = (version, nil, nil)
    }
  }

  /// The playhead is in a beat, or outside of the place.
  mutating func hear(_ beat: Beat?, shown: History.Identifier) {
    guard beat != last else { return }
    if let turned = next {
      sounding = turned
      next = nil
    }
    defer { last = beat }
    guard let beat else { return }
    let now = sounding ?? shown
    // Reports may leave beats of a bar out.
    if let last, last.bar == beat.bar, last.beat < beat.beat {
      for missed in last.beat + 1..<beat.beat
      where versions[Beat(bar: beat.bar, beat: missed)] == nil {
        versions[Beat(bar: beat.bar, beat: missed)] = now
      }
    }
    versions[beat] = now
  }

  /// What sounded at a beat; what was not heard goes on as before it, or begins as the first that was.
  func version(at beat: Beat) -> History.Identifier? {
    if let heard = versions[beat] { return heard }
    let order = versions.keys.sorted()
    let place = order.last { $0 < beat } ?? order.first
    return place.flatMap { versions[$0] }
  }
}

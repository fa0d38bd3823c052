/// Separates voices: says which of several voices each of the notes belongs to that were drawn
/// together.
///
/// Notes that begin together are cut from the highest down, so that voices don't cross; each part
/// goes to the voice in whose register it lies nearest, and a voice of single notes is given a
/// second one at the same time only where every other voice is more than an octave farther away.
/// The rule is that of pitch proximity and limited crossing (Chew and Wu, *Separating Voices in
/// Polyphonic Music: A Contig Mapping Approach*, 2004).
public struct VoiceSplitter: Sendable {
  /// A voice so far.
  public struct Voice: Sendable, Equatable {
    /// MIDI key about which it moves.
    public var register: Double
    /// Whether it plays one note at a time.
    public var isLine: Bool
    /// Up to which tick its notes sound.
    public var ends: [Int]

    public init(register: Double, isLine: Bool, ends: [Int] = []) {
      self.register = register
      self.isLine = isLine
      self.ends = ends
    }
  }

  public private(set) var voices: [Voice]
  /// What a second note at once costs in a voice of single notes, in half tones.
  private static let costOfChord = 12.0
  /// How much a register follows what is played.
  private static let following = 0.15

  public init(_ voices: [Voice]) { self.voices = voices }

  /// The register and manner of a voice from its last notes; `nil` where it has too few to tell.
  public static func voice(of notes: [PlacedNote]) -> Voice? {
    let last = notes.suffix(16)
    guard last.count >= 2 else { return nil }
    let register = Double(last.reduce(0) { $0 + $1.key }) / Double(last.count)
    let isLine = zip(last, last.dropFirst()).allSatisfy { $0.end <= $1.start }
    return Voice(register: register, isLine: isLine)
  }

  /// Voices of a tune from nothing: a line above, and accompaniment below it.
  public static func beginning(_ count: Int) -> [Voice] {
    let (high, low) = (72.0, 52.0)
    return (0..<count).map { place in
      Voice(
        register: count == 1 ? high : high - (high - low) * Double(place) / Double(count - 1),
        isLine: place == 0)
    }
  }

  /// Lets a voice sound on up to a tick.
  public mutating func hold(until end: Int, in voice: Int) { voices[voice].ends.append(end) }

  /// The voice of each note, as an index.
  ///
  /// - Parameter notes: In the order of their starts.
  public mutating func split(_ notes: [PlacedNote]) -> [Int] {
    var result = [Int](repeating: 0, count: notes.count)
    guard voices.count > 1 else { return result }
    var first = notes.startIndex
    while first < notes.endIndex {
      let start = notes[first].start
      let last = notes[first...].firstIndex { $0.start != start } ?? notes.endIndex
      let falling = (first..<last).sorted { (notes[$1].key, $0) < (notes[$0].key, $1) }
      let order = voices.indices.sorted { (voices[$1].register, $0) < (voices[$0].register, $1) }
      let counts = parts(falling.map { notes[$0] }, order, at: start)
      var next = 0
      for (voice, count) in zip(order, counts) where count > 0 {
        let own = falling[next..<next + count]
        next += count
        let mean = Double(own.reduce(0) { $0 + notes[$1].key }) / Double(count)
        voices[voice].register += Self.following * (mean - voices[voice].register)
        voices[voice].ends = voices[voice].ends.filter { $0 > start } + own.map { notes[$0].end }
        for note in own { result[note] = voice }
      }
      first = last
    }
    return result
  }

  /// How many of some notes, the highest first, each of the voices takes in their order, at the least
  /// cost.
  private func parts(_ notes: [PlacedNote], _ order: [Int], at start: Int) -> [Int] {
    // costs[n] = of the first n notes among the voices so far; choices[voice][n] = how many the
    // voice takes of them.
    var costs = [0.0] + [Double](repeating: .infinity, count: notes.count)
    var choices: [[Int]] = []
    for voice in order {
      var better = [Double](repeating: .infinity, count: notes.count + 1)
      var choice = [Int](repeating: 0, count: notes.count + 1)
      for end in 0...notes.count {
        for begin in 0...end where costs[begin].isFinite {
          let cost = costs[begin] + cost(of: notes[begin..<end], in: voices[voice], at: start)
          if cost < better[end] { (better[end], choice[end]) = (cost, end - begin) }
        }
      }
      costs = better
      choices.append(choice)
    }
    var counts: [Int] = []
    var end = notes.count
    for choice in choices.reversed() {
      counts.append(choice[end])
      end -= choice[end]
    }
    return counts.reversed()
  }

  private func cost(of notes: ArraySlice<PlacedNote>, in voice: Voice, at start: Int) -> Double {
    let distance = notes.reduce(0) { $0 + abs(Double($1.key) - voice.register) }
    guard voice.isLine, !notes.isEmpty else { return distance }
    let atOnce = notes.count + voice.ends.count { $0 > start } - 1
    return distance + Self.costOfChord * Double(atOnce)
  }
}

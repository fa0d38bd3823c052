import MIDI

/// A tune made by dice, as a program would write it into a file: any meter, pickups, triplets,
/// chords, a second voice, drums, swing, pedal, any division, any gate.
struct GeneratedTune: CustomStringConvertible {
  var maker = FileMaker()
  /// Where every note of the pitched voices is written, in quarters.
  var written: [FileMaker.Note] = []
  /// The same for the drums.
  var drums: [FileMaker.Note] = []
  var isPedalled = false
  private(set) var description = ""

  private static let meters = [(2, 4), (3, 4), (4, 4), (6, 8), (9, 8), (12, 8)]
  private static let divisions = [96, 120, 192, 220, 384, 480, 960]
  private static let third = 1.0 / 3
  private static let simple: [[Double]] = [
    [1], [0.5, 0.5], [0.5, 0.5], [0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.25], [0.25, 0.25, 0.5],
    [0.75, 0.25], [third, third, third],
  ]
  private static let swingable: [[Double]] = [[1], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
  private static let compound: [[Double]] = [
    [1.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [1, 0.5], [0.5, 1], [0.75, 0.25, 0.5],
  ]

  init(seed: UInt64) {
    var dice = Dice(state: seed)
    let (beats, unit) = GeneratedTune.meters.randomElement(using: &dice)!
    let isCompound = unit == 8
    let beat = isCompound ? 1.5 : 1
    let beatsOfBar = isCompound ? beats / 3 : beats
    let isSwung = !isCompound && Int.random(in: 0..<5, using: &dice) == 0
    maker.division = GeneratedTune.divisions.randomElement(using: &dice)!
    maker.meters = [(beats, unit, 0)]
    let scale = [0, 2, 4, 5, 7, 9, 11]
    let tonic = Int.random(in: 57...66, using: &dice)
    let fifths = (tonic * 7 + 5) % 12 - 5
    maker.key = (fifths > 6 ? fifths - 12 : fifths, false)
    maker.tempos = [(Double.random(in: 60...180, using: &dice).rounded(), 0)]
    let bars = Int.random(in: 4...16, using: &dice)
    let pickup = Int.random(in: 0..<3, using: &dice) == 0 ? 0.5 : 0
    let hasRests = Int.random(in: 0..<3, using: &dice) == 0
    let hasChords = Int.random(in: 0..<4, using: &dice) == 0

    var degree = 7
    func key(_ degree: Int) -> Int { tonic + scale[degree % 7] + 12 * (degree / 7) - 12 }
    var melody: [FileMaker.Note] = []
    var now = 0.0
    func add(_ length: Double, mayRest: Bool) {
      defer { now += length }
      if mayRest && hasRests && length >= 0.5 && Int.random(in: 0..<10, using: &dice) == 0 {
        return
      }
      degree = min(max(degree + Int.random(in: -3...3, using: &dice), 3), 16)
      melody.append(.init(key: key(degree), start: now, length: length))
      if hasChords && Int.random(in: 0..<6, using: &dice) == 0 {
        melody.append(.init(key: key(degree - 2), start: now, length: length))
      }
    }
    if pickup > 0 { add(pickup, mayRest: false) }
    for bar in 0..<bars {
      for beatIndex in 0..<beatsOfBar {
        let patterns =
          isSwung
          ? GeneratedTune.swingable : isCompound ? GeneratedTune.compound : GeneratedTune.simple
        var pattern = patterns.randomElement(using: &dice)!
        let isLast = bar == bars - 1 && beatIndex == beatsOfBar - 1
        if isLast { pattern = [beat] }
        for length in pattern { add(length, mayRest: !isLast) }
      }
    }
    maker.voices = [melody]
    if Int.random(in: 0..<3, using: &dice) == 0 {
      let bar = beat * Double(beatsOfBar)
      let steps = Bool.random(using: &dice) ? beatsOfBar : 1
      let length = bar / Double(steps)
      maker.voices.append(
        (0..<bars * steps).map {
          .init(
            key: key(Int.random(in: 3...9, using: &dice)) - 24,
            start: pickup + Double($0) * length, length: length)
        })
    }
    written = maker.voices.flatMap { $0 }
    if !isSwung && Int.random(in: 0..<4, using: &dice) == 0 {
      drums = (0..<bars * beatsOfBar).map {
        .init(key: $0 % 2 == 0 ? 36 : 38, start: pickup + Double($0) * beat, length: beat)
      }
      maker.voices.append(drums)
      maker.endsWithDrums = true
    }
    if isSwung {
      let long = [0.55, 0.58, 0.6, 0.62, 2.0 / 3, 0.7].randomElement(using: &dice)!
      maker.voices = maker.voices.map { voice in
        voice.map { note in
          var note = note
          // A pickup is the short half of a beat.
          let end = GeneratedTune.swung(note.start + note.length - pickup + 1, long)
          note.start = GeneratedTune.swung(note.start - pickup + 1, long)
          note.length = end - note.start
          note.start -= pickup > 0 ? long : 1
          return note
        }
      }
    }
    let manner = Int.random(in: 0..<4, using: &dice)
    let percent = Int.random(in: 50...100, using: &dice)
    let ticks = Int.random(in: 1...max(1, maker.division / 20), using: &dice)
    switch manner {
    case 0: maker.gate = { $0 }
    case 1: maker.gate = { max(1, $0 - ticks) }
    default: maker.gate = { $0 * percent / 100 }
    }
    if Int.random(in: 0..<6, using: &dice) == 0 && !hasRests && maker.voices.count == 1 {
      isPedalled = true
      let bar = beat * Double(beatsOfBar)
      maker.pedals = (0..<bars).map {
        (pickup + Double($0) * bar, pickup + Double($0 + 1) * bar - 0.05)
      }
    }
    description =
      "seed \(seed): \(beats)/\(unit), \(maker.division) ticks, pickup \(pickup), gate \(manner) "
      + "\(manner == 1 ? ticks : percent)" + (isSwung ? ", swung" : "")
      + (isPedalled ? ", pedal" : "") + (hasRests ? ", rests" : "") + (hasChords ? ", chords" : "")
      + ", \(maker.voices.count) voices"
  }

  private static func swung(_ moment: Double, _ long: Double) -> Double {
    let beat = (moment + 1e-9).rounded(.down)
    let part = max(0, moment - beat)
    return beat + (part <= 0.5 ? part * 2 * long : long + (part - 0.5) * 2 * (1 - long))
  }
}

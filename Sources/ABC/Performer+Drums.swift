import Music

/// What sounds besides the voices without any chord symbol: drum patterns and drones.
extension Performer {
  /// `%%MIDI drum dzdd 36 42 42 100 80 80`, switched on by `drumon`; one bar long.
  mutating func playDrums(_ changes: [(at: Fraction, voice: Int, words: [String])]) {
    guard changes.contains(where: { $0.words.first?.lowercased() == "drumon" }) else { return }
    var isOn = false
    var pattern = AccompanimentPattern("d")
    var keys = [35]
    var velocities = [80]
    var barsLong = 1
    let track = performance.tracks.count
    let before = sounds.count
    var nextChange = 0
    var barCount = 0
    for bar in bars where !isFull {
      while nextChange < changes.count, changes[nextChange].at <= bar.start {
        let words = changes[nextChange].words
        nextChange += 1
        switch words.first?.lowercased() {
        case "drumon":
          isOn = true
          barCount = 0
        case "drumoff": isOn = false
        case "drumbars":
          barsLong = min(max(words.count > 1 ? Int(words[1]) ?? 1 : 1, 1), 16)
        case "drum":
          guard words.count > 1, let new = AccompanimentPattern(words[1]) else { continue }
          pattern = new
          let hits = new.steps.count { $0.sign == UInt8(ascii: "d") }
          let numbers = words.dropFirst(2).compactMap { Int($0) }
          keys = Array(numbers.prefix(hits))
          velocities = Array(numbers.dropFirst(hits).prefix(hits))
        default: break
        }
      }
      guard isOn, let pattern else { continue }
      let length = bar.meter.barLength ?? .one
      let unit = length * barsLong / Fraction(pattern.total)
      var at = bar.start - length * (barCount % barsLong)
      var hit = 0
      for step in pattern.steps {
        let end = at + unit * step.length
        if step.sign == UInt8(ascii: "d") {
          if at >= bar.start, at < bar.end {
            add(
              .init(
                start: at, end: end, key: hit < keys.count ? keys[hit] : 35,
                velocity: hit < velocities.count ? velocities[hit] : 80, track: track, written: -1))
          }
          hit += 1
        }
        at = end
      }
      barCount += 1
    }
    guard sounds.count > before else { return }
    performance.tracks.append(.init(name: "Drums", role: .drums, channel: 9, program: 0))
  }

  // MARK: - Drone

  /// `%%MIDI drone 70 45 33 80 80`: two notes that are held from `droneon` to `droneoff`.
  mutating func playDrone(_ changes: [(at: Fraction, voice: Int, words: [String])]) {
    guard changes.contains(where: { $0.words.first?.lowercased() == "droneon" }) else { return }
    var program = 70
    var keys = [45, 33]
    var velocities = [80, 80]
    var start: Fraction?
    let track = performance.tracks.count
    let before = sounds.count
    func hold(until end: Fraction, in performer: inout Performer) {
      guard let start, start < end else { return }
      for (key, velocity) in zip(keys, velocities) {
        performer.add(
          .init(
            start: start, end: end, key: key, velocity: velocity, track: track, written: -1))
      }
    }
    for change in changes {
      switch change.words.first?.lowercased() {
      case "drone":
        let numbers = change.words.dropFirst().compactMap { Int($0) }.map { min(max($0, 0), 127) }
        if numbers.count > 0 { program = numbers[0] }
        for (index, number) in numbers.dropFirst().enumerated() where index < 4 {
          if index < 2 { keys[index] = number } else { velocities[index - 2] = number }
        }
      case "droneon": start = start ?? change.at
      case "droneoff":
        hold(until: change.at, in: &self)
        start = nil
      default: break
      }
    }
    hold(until: end, in: &self)
    guard sounds.count > before else { return }
    performance.tracks.append(
      .init(
        name: "Drone", role: .drone, channel: freeChannel, program: program,
        programIsExplicit: true))
  }
}

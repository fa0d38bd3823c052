import Music

/// What comes from other sequencers, and what is connected through MIDI.
extension Session {
  /// Another's clock has begun, at a place that may lie behind the tune's end, or has stopped.
  mutating func follow(_ transport: Transport) -> [Effect] {
    switch transport {
    case .stop: return stopPlaying()
    case .play(let start):
      let plan = playbackPlan
      guard plan.isGrowing || start < plan.performance.end else { return stopPlaying() }
      listening.start(at: start)
      return [.play(plan, from: start)]
    }
  }

  /// The wires have changed: says what is gone, and what has come back.
  mutating func wired(_ wiring: MIDIWiring) {
    let before = self.wiring
    listening.setWiring(wiring)
    let gone = wiring.missing.filter { !before.missing.contains($0) }
    let present = wiring.outputs + wiring.inputs
    let back = before.missing.filter { !wiring.missing.contains($0) && present.contains($0) }
    if !gone.isEmpty {
      let names = gone.joined(separator: ", ")
      complain(
        wiring.trouble.isEmpty
          ? "\(names) is not there; it is connected as soon as it comes"
          : "\(names) is not there. \(wiring.trouble)")
    } else if !back.isEmpty {
      notice("\(back.joined(separator: ", ")) is connected")
    }
  }
}

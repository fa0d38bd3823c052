import Music

extension Performer {
  /// One track for each voice, on channels of their own; channel 9 is kept for percussion.
  mutating func makeTracks(count: Int) {
    var channel = 0
    for voice in 0..<count {
      let names = tune.voices
      let name = voice < names.count && !names[voice].name.isEmpty ? names[voice].name : "Melody"
      performance.tracks.append(
        .init(name: name, role: .melody, channel: channel, program: 0))
      channel = Performer.next(channel)
    }
    for directive in directives {
      let targets = directive.voice < 0 ? Array(0..<count) : [directive.voice]
      for voice in targets where voice < performance.tracks.count {
        apply(directive.words, to: voice)
      }
    }
  }

  /// Sixteen channels, the tenth for percussion; more voices share.
  static func next(_ channel: Int) -> Int {
    let following = (channel + 1) % 16
    return following == 9 ? 10 : following
  }

  private mutating func apply(_ words: [String], to voice: Int) {
    let numbers = words.dropFirst().compactMap { Int($0) }
    switch words.first?.lowercased() {
    case "program":
      // `program 41` or `program channel 41`.
      guard let program = numbers.last, !performance.tracks[voice].programIsExplicit else { return }
      performance.tracks[voice].program = min(max(program, 0), 127)
      performance.tracks[voice].programIsExplicit = true
    case "channel":
      guard let channel = numbers.first else { return }
      performance.tracks[voice].channel = min(max(channel - 1, 0), 15)
    default: break
    }
  }
}

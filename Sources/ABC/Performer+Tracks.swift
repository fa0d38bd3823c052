import Music

extension Performer {
  /// One track for each voice, on channels of their own; channel 9 is kept for percussion.
  mutating func makeTracks(count: Int) {
    var channel = 0
    for voice in 0..<count {
      let names = tune.voices
      let name = voice < names.count && !names[voice].name.isEmpty ? names[voice].name : "Melody"
      let isDrums = voice < names.count && names[voice].isPercussion
      performance.tracks.append(
        .init(
          name: name, role: isDrums ? .drums : .melody, channel: isDrums ? 9 : channel,
          program: 0))
      channel = Performer.next(channel)
    }
    for directive in directives {
      let targets = directive.voice < 0 ? Array(0..<count) : [directive.voice]
      for voice in targets where voice < performance.tracks.count {
        apply(directive.words, at: directive.at, to: voice)
      }
    }
  }

  /// A channel that no track has; the last where all are taken.
  var freeChannel: Int {
    let taken = Set(performance.tracks.map(\.channel))
    return (0..<16).first { $0 != 9 && !taken.contains($0) } ?? 15
  }

  /// Another instrument from a moment on; at the start it is the track's own.
  mutating func change(program: Int, at: Fraction, track: Int) {
    if at == .zero {
      performance.tracks[track].program = program
      performance.tracks[track].programIsExplicit = true
      return
    }
    let last = performance.programs.last { $0.track == track }
    guard program != last?.program ?? performance.tracks[track].program else { return }
    performance.programs.append(.init(at: Tick(at), track: track, program: program))
  }

  /// Sixteen channels, the tenth for percussion; more voices share.
  static func next(_ channel: Int) -> Int {
    let following = (channel + 1) % 16
    return following == 9 ? 10 : following
  }

  /// `%%MIDI drummap ^g 42`: in that voice the written pitch stands for a percussion key.
  mutating func mapDrums() {
    var maps: [Int: [Pitch: Pitch]] = [:]
    for directive in directives where directive.words.first?.lowercased() == "drummap" {
      guard directive.words.count > 2, let key = Int(directive.words[2]).flatMap(Pitch.init(key:)),
        let note = NoteText(Array(directive.words[1].utf8)[...]), let staff = note.staff
      else { continue }
      let letter = TuneTransform.letter(of: staff)
      let written =
        12 * ((staff - letter) / 7 + 1) + naturalSemitones(letter) + (note.accidental ?? 0)
      let voices =
        directive.voice < 0 ? Array(performance.tracks.indices) : [directive.voice]
      guard let written = Pitch(key: written) else { continue }
      for voice in voices { maps[voice, default: [:]][written] = key }
    }
    guard !maps.isEmpty else { return }
    for index in sounds.indices {
      if let key = maps[sounds[index].track]?[sounds[index].pitch] { sounds[index].pitch = key }
    }
  }

  private mutating func apply(_ words: [String], at: Fraction, to voice: Int) {
    let numbers = words.dropFirst().compactMap { Int($0) }
    switch words.first?.lowercased() {
    case "program":
      // `program 41` or `program channel 41`.
      guard let program = numbers.last else { return }
      change(program: min(max(program, 0), 127), at: at, track: voice)
    case "channel":
      guard let channel = numbers.first else { return }
      performance.tracks[voice].channel = min(max(channel - 1, 0), 15)
      performance.tracks[voice].role = channel == 10 ? .drums : .melody
    case "control":
      guard numbers.count > 1 else { return }
      performance.controls.append(
        .init(
          at: Tick(at), track: voice, controller: min(max(numbers[0], 0), 127),
          value: min(max(numbers[1], 0), 127)))
    default: break
    }
  }
}

import Form

/// Notes lie in the range of an instrument.
struct RangeRule: WritingRule {
  let range: ClosedRange<Int>
  let force: Force

  private static let weight = 3.0

  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    let reader = place.reader
    let tokens = steering.tokens
    if let note = reader.noteInProgress {
      for (mark, interval) in [("'", 12), (",", -12)] as [(Unicode.Scalar, Int)]
      where !range.contains(note.pitch + interval) {
        // Towards the range is better than nothing.
        let isNearer = distance(note.pitch + interval) < distance(note.pitch)
        if !isNearer { steering.discourage(tokens[mark], force, weight: Self.weight) }
      }
      // Without its mark the note would lie outside.
      if !range.contains(note.pitch), force == .rule, !note.hasLength {
        let mark: Unicode.Scalar = note.pitch > range.upperBound ? "," : "'"
        let moved = note.pitch + (mark == "'" ? 12 : -12)
        if range.contains(moved), let wanted = tokens[mark] {
          for token in tokens.scalars.indices where token != wanted { steering.forbid(token) }
        }
      }
    }
    for (token, step) in tokens.letters {
      let pitch = reader.pitch(step: step, accidental: reader.pendingAccidental)
      let marked = tokens.scalars[token].value >= 97 ? pitch + 12 : pitch - 12
      if !range.contains(pitch), !range.contains(marked) {
        steering.discourage(token, force, weight: Self.weight)
      }
    }
  }

  private func distance(_ pitch: Int) -> Int {
    max(range.lowerBound - pitch, pitch - range.upperBound, 0)
  }
}

/// Notes belong to a scale, which may have other degrees downwards than upwards.
struct ScaleRule: WritingRule {
  let scale: Scale
  let force: Force

  private static let weight = 3.0

  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    let reader = place.reader
    let last = reader.noteInProgress?.pitch ?? reader.lastPitch
    let own = reader.scale
    let rising = scale.degrees(isMinor: own.contains(3), rising: true) ?? own
    let falling = scale.degrees(isMinor: own.contains(3), rising: false) ?? own
    func belongs(_ pitch: Int) -> Bool {
      let degree = (((pitch - reader.tonic) % 12) + 12) % 12
      return (last.map { pitch >= $0 } ?? true ? rising : falling).contains(degree)
    }
    for (token, step) in steering.tokens.letters {
      let pitch = reader.pitch(step: step, accidental: reader.pendingAccidental)
      if !belongs(pitch) { steering.discourage(token, force, weight: Self.weight) }
    }
    let plain = Set(
      steering.tokens.letters.map {
        ((reader.pitch(step: $0.step, accidental: nil) % 12) + 12) % 12
      })
    for (scalar, raise) in [("^", 1), ("_", -1), ("=", 0)] as [(Unicode.Scalar, Int)] {
      // To a degree that no letter has by itself.
      let leadsOn = steering.tokens.letters.contains { _, step in
        let pitch = reader.pitch(step: step, accidental: raise)
        return belongs(pitch) && !plain.contains(((pitch % 12) + 12) % 12)
      }
      if !leadsOn {
        steering.discourage(steering.tokens[scalar], force, weight: Self.weight)
      }
    }
  }
}

/// No run of notes is longer than the copy guard allows.
struct CopyRule: WritingRule {
  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    guard let copyGuard = place.copyGuard else { return }
    for (token, scalar) in steering.tokens.pitches where copyGuard.forbids(scalar) {
      steering.forbid(token)
    }
  }
}

/// What a musician likes or bans: characters, pitches, notes of a name.
struct BiasRule: WritingRule {
  let biases: [WritingBias]

  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    let reader = place.reader
    for bias in biases {
      func apply(_ token: Int?) {
        if bias.weight == -.infinity {
          steering.forbid(token)
        } else {
          steering.weigh(token, by: bias.weight)
        }
      }
      switch bias.subject {
      case .character(let scalar): apply(steering.tokens[scalar])
      case .pitch(let wanted):
        for (token, step) in steering.tokens.letters
        where reader.pitch(step: step, accidental: reader.pendingAccidental) == wanted {
          apply(token)
        }
        // An octave mark may lead there, too.
        if let note = reader.noteInProgress {
          if note.pitch + 12 == wanted { apply(steering.tokens["'"]) }
          if note.pitch - 12 == wanted { apply(steering.tokens[","]) }
        }
      case .pitchClass(let wanted):
        for (token, step) in steering.tokens.letters
        where ((reader.pitch(step: step, accidental: reader.pendingAccidental) % 12) + 12) % 12
          == wanted
        {
          apply(token)
        }
      }
    }
  }
}

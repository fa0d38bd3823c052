extension Sequencer {
  /// Moves `frames` on, renders that span and carries out each event at its frame.
  ///
  /// - Parameters:
  ///   - synth: `nil` where nobody listens: time and events go on all the same.
  ///   - samples: Receives `frames` interleaved stereo frames; untouched without a synthesizer.
  ///   - told: Called with every event in order.
  mutating func render(
    _ frames: Int, with synth: Synth?, to samples: UnsafeMutablePointer<Int16>,
    told: (SoundEvent) -> Void
  ) {
    let began = clock
    var rendered = 0
    var done = 0
    while done < frames {
      done += advance(frames - done)
      for index in 0..<eventCount {
        let event = events[index]
        let offset = min(max(event.frame - began, rendered), frames)
        if offset > rendered { synth?.render(offset - rendered, to: samples + rendered * 2) }
        rendered = offset
        synth?.carryOut(event)
        told(event)
      }
      eventCount = 0
    }
    if rendered < frames { synth?.render(frames - rendered, to: samples + rendered * 2) }
  }
}

/// The loudest of `frames` interleaved stereo frames, 0...32767.
func peak(of samples: UnsafePointer<Int16>, frames: Int) -> Int16 {
  var peak: Int16 = 0
  for index in 0..<frames * 2 {
    peak = max(peak, samples[index] == .min ? .max : abs(samples[index]))
  }
  return peak
}

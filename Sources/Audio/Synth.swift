internal import CFluidSynth

/// FluidSynth with one SoundFont. Belongs to one thread; making it takes about 40 ms the first
/// time, everything else neither allocates nor waits.
final class Synth {
  static let sampleRate = 48_000
  /// One loud note peaks near 0.3 of full scale, a tune with chords and bass near 0.6.
  private static let gain = 1.0
  private static let polyphony: Int32 = 128

  private let synth: OpaquePointer

  init(soundFont asked: String?) throws(AudioError) {
    guard cfluid_available() == 1 else { throw .synthesizerMissing }
    let path = try SoundFont.find(asked)
    guard let synth = cfluid_new(Double(Synth.sampleRate), Synth.gain, Synth.polyphony) else {
      throw .synthesizerMissing
    }
    guard cfluid_load(synth, path) == 1 else {
      cfluid_delete(synth)
      throw .soundFontUnreadable(path)
    }
    self.synth = synth
  }

  deinit { cfluid_delete(synth) }

  func carryOut(_ event: SoundEvent) {
    switch event.kind {
    case .on:
      cfluid_note_on(synth, Int32(event.channel), Int32(event.key), Int32(event.value))
    case .off: cfluid_note_off(synth, Int32(event.channel), Int32(event.key))
    case .program: cfluid_program(synth, Int32(event.channel), Int32(event.value))
    case .control:
      cfluid_control(synth, Int32(event.channel), Int32(event.key), Int32(event.value))
    case .bend:
      cfluid_bend(synth, Int32(event.channel), Int32(event.value) << 7 | Int32(event.key))
    case .panic: cfluid_all_sound_off(synth)
    case .tempo, .pulse, .start, .goOn, .halt, .songPosition: break
    }
  }

  /// Voices that still sound, releases included.
  var voices: Int { Int(cfluid_voices(synth)) }

  /// Writes the next `frames` interleaved stereo frames to `samples`.
  func render(_ frames: Int, to samples: UnsafeMutablePointer<Int16>) {
    cfluid_render(synth, samples, Int32(frames))
  }
}

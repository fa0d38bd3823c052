public import Music

/// Writes a performance as a sound file, much faster than it would play.
///
/// - Parameters:
///   - soundFont: The file to play with; `nil` takes the first found at the usual places.
///   - format: `nil` goes by the ending of `path`.
///   - level: How loud it becomes. For this all of it is kept in memory, 11 MB a minute.
///   - progress: Called about twice for each second of music with the part done, 0...1; false
///     cancels.
/// - Throws: Without a synthesizer or SoundFont, when the file cannot be written, and when
///   cancelled. A file that was at `path` before is replaced only by a complete one.
public func renderAudio(
  _ performance: Performance, soundFont: String? = nil, to path: String,
  format: AudioFormat? = nil, level: SoundLevel = SoundLevel(),
  progress: (Double) -> Bool = { _ in true }
) throws(AudioError) {
  guard let format = format ?? AudioFormat(path: path) else { throw .formatUnknown(path) }
  let synth = try Synth(soundFont: soundFont)
  let file = try SoundFile(path: path, format: format)
  try render(performance, with: synth, to: file, level, progress)
}

/// The same into a file that is open for reading and writing, such as one without a name.
///
/// - Parameter descriptor: Its content is replaced.
public func renderAudio(
  _ performance: Performance, soundFont: String? = nil, to descriptor: Int32,
  format: AudioFormat, level: SoundLevel = SoundLevel(), progress: (Double) -> Bool = { _ in true }
) throws(AudioError) {
  let synth = try Synth(soundFont: soundFont)
  let file = try SoundFile(descriptor: descriptor, shownAs: "standard output", format: format)
  try render(performance, with: synth, to: file, level, progress)
}

private func render(
  _ performance: Performance, with synth: Synth, to file: consuming SoundFile, _ level: SoundLevel,
  _ progress: (Double) -> Bool
) throws(AudioError) {
  var file = file
  var rendering = Rendering(Schedule(performance: performance), synth: synth)
  var sound: [Int16] = []
  var blocks = 0
  while !rendering.hasEnded {
    let frames = rendering.renderBlock()
    sound += UnsafeBufferPointer(start: rendering.samples, count: frames * 2)
    blocks += 1
    if blocks % 50 == 0, !progress(rendering.partDone * 0.9) { throw .cancelled }
  }
  level.apply(to: &sound)
  for first in stride(from: 0, to: sound.count, by: 1 << 16) {
    let block = sound[first..<min(first + (1 << 16), sound.count)]
    try block.withUnsafeBufferPointer { (samples) throws(AudioError) in
      guard let start = samples.baseAddress else { return }
      try file.write(start, frames: samples.count / 2)
    }
  }
  try file.finish()
  _ = progress(1)
}

/// The sequencer and the synthesizer without a clock.
private struct Rendering: ~Copyable {
  static let blockFrames = 480
  /// What may follow the last note: two seconds for its release and reverb.
  private static let tailBlocks = 200
  /// The last part of the tail is faded out, in case something still sounds.
  private static let fadeBlocks = 20
  private static let silentPeak: Int16 = 8

  let samples: UnsafeMutablePointer<Int16>
  private let synth: Synth
  private let end: Double
  private var sequencer = Sequencer(sampleRate: Double(Synth.sampleRate))
  private var blocksOfTail = 0
  private(set) var hasEnded = false

  init(_ schedule: Schedule, synth: Synth) {
    samples = .allocate(capacity: Rendering.blockFrames * 2)
    samples.initialize(repeating: 0, count: Rendering.blockFrames * 2)
    self.synth = synth
    end = Double(max(1, schedule.end.count))
    sequencer.handle(Command(kind: .play, schedule: FlatSchedule(schedule)))
  }

  deinit { samples.deallocate() }

  var partDone: Double { min(max(sequencer.position / end, 0), 1) }

  mutating func renderBlock() -> Int {
    let wasIdle = sequencer.isIdle
    sequencer.render(Rendering.blockFrames, with: synth, to: samples) { _ in }
    if wasIdle { fadeTail() }
    return Rendering.blockFrames
  }

  private mutating func fadeTail() {
    blocksOfTail += 1
    let left = Rendering.tailBlocks - blocksOfTail
    if left < Rendering.fadeBlocks {
      let whole = (Rendering.fadeBlocks + 1) * Rendering.blockFrames
      for index in 0..<Rendering.blockFrames * 2 {
        let position = (left + 1) * Rendering.blockFrames - index / 2
        samples[index] = Int16(Int(samples[index]) * position / whole)
      }
    }
    let peak = peak(of: samples, frames: Rendering.blockFrames)
    hasEnded = left <= 0 || (blocksOfTail > 5 && peak <= Rendering.silentPeak)
  }
}

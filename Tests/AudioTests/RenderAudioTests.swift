import Glibc
import Music
import Testing

@testable import Audio

/// Whether this machine has the synthesizer and a SoundFont to play with.
let canSynthesize = (try? Synth(soundFont: nil)) != nil

@Suite(.enabled(if: canSynthesize, "FluidSynth or a SoundFont is not installed"))
struct RenderAudioTests {
  @Test func `a sound file holds the notes of the score at their times`() throws {
    let folder = makeTemporaryFolder()
    let path = folder + "/tune.wav"
    defer {
      unlink(path)
      rmdir(folder)
    }
    let keys = [69, 72, 76, 69, 81]
    var music = melody(keys, quartersPerMinute: 120, length: 700)
    // A piano: sharp beginnings.
    music.tracks[0].program = 0
    try renderAudio(music, to: path)
    let recording = Recording(wav: bytes(of: path))
    #expect(recording.peak > 0.1 && recording.peak < 0.99)
    let onsets = recording.onsets
    #expect(onsets.count == keys.count)
    for (index, onset) in onsets.enumerated() where index < keys.count {
      #expect(abs(onset - Double(index) * 0.5) < 0.012)
      let measured = recording.frequency(at: Double(index) * 0.5 + 0.1)
      #expect(abs(1200 * log2(measured / keyFrequency(keys[index]))) < 15)
    }
    // The last note ends at 2.5 s; its tail is at most two seconds.
    #expect(recording.samples.count > 115_000 && recording.samples.count < 48_000 * 5)
  }

  @Test(arguments: AudioFormat.allCases)
  func `every format is written, with its own beginning`(format: AudioFormat) throws {
    let folder = makeTemporaryFolder()
    let path = folder + "/tune.\(format.rawValue)"
    defer {
      unlink(path)
      rmdir(folder)
    }
    try renderAudio(melody([60]), to: path)
    let first = bytes(of: path).prefix(4)
    switch format {
    case .wav: #expect(first == [0x52, 0x49, 0x46, 0x46])
    case .flac: #expect(first == [0x66, 0x4C, 0x61, 0x43])
    case .ogg, .opus: #expect(first == [0x4F, 0x67, 0x67, 0x53])
    case .mp3: #expect(first.first == 0xFF || first.prefix(3) == [0x49, 0x44, 0x33])
    }
  }

  @Test func `cancelling leaves nothing behind and the old file as it was`() {
    let folder = makeTemporaryFolder()
    let path = folder + "/tune.wav"
    defer { unlink(path) }
    write("before", to: path)
    #expect(throws: AudioError.cancelled) {
      try renderAudio(melody([60, 62, 64, 65]), to: path) { _ in false }
    }
    #expect(bytes(of: path) == Array("before".utf8))
    unlink(path)
    // Only an empty folder can be removed.
    #expect(rmdir(folder) == 0)
  }

  @Test func `what cannot be written or read is told in one sentence`() {
    #expect(throws: AudioError.formatUnknown("a.txt")) {
      try renderAudio(melody([60]), to: "a.txt")
    }
    #expect(throws: AudioError.soundFontMissing("/nowhere.sf2")) {
      try renderAudio(melody([60]), soundFont: "/nowhere.sf2", to: "a.wav")
    }
    #expect(throws: AudioError.soundFontUnreadable("/proc/self/stat")) {
      try renderAudio(melody([60]), soundFont: "/proc/self/stat", to: "a.wav")
    }
    #expect(throws: AudioError.self) { try renderAudio(melody([60]), to: "/nowhere/a.wav") }
  }
}

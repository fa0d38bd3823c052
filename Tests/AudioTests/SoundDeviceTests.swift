import Glibc
import Music
import Synchronization
import Testing

@testable import Audio

/// A sound card that does what a test says.
private final class ScriptedDevice: SoundDevice, Sendable {
  struct Calls {
    var writes = 0
    var frames = 0
    var pauses = 0
    var resumes = 0
    var openings = 0
    /// What was asked for at each opening.
    var buffers: [Int] = []
  }
  let calls: Mutex<Calls>
  let kind = "SCRIPT"
  let bufferFrames = 1920
  let isKnownNotToPace = false
  let delay = 0
  let canResume: Bool
  /// The answer to the write with this number, counted from 1; `nil` takes all frames at once.
  let answer: @Sendable (Int, Int) -> Written?
  /// Called when the player lets go of the device.
  let closed = Mutex(0)

  init(canResume: Bool = true, answer: @escaping @Sendable (Int, Int) -> Written? = { _, _ in nil })
  {
    calls = Mutex(Calls())
    self.canResume = canResume
    self.answer = answer
  }

  func write(_ samples: UnsafePointer<Int16>, frames: Int) -> Written {
    calls.withLock { calls in
      calls.writes += 1
      let written = answer(calls.writes, frames) ?? .frames(frames)
      if case .frames(let count) = written { calls.frames += count }
      return written
    }
  }

  func pause() { calls.withLock { $0.pauses += 1 } }

  func resume() -> Bool {
    calls.withLock { $0.resumes += 1 }
    return canResume
  }

  /// This device for the first opening and `next` for those after it; no synthesizer.
  func equipment(next: ScriptedDevice? = nil) -> Equipment {
    Equipment(
      openDevice: { _, bufferFrames in
        let openings = self.calls.withLock { calls in
          calls.openings += 1
          calls.buffers.append(bufferFrames)
          return calls.openings
        }
        return openings == 1 ? self : next ?? self
      }, makeSynth: { nil })
  }
}

@Suite struct SoundDeviceTests {
  private final class Events: Sendable {
    let all = Mutex<[PlayerEvent]>([])
    func add(_ event: PlayerEvent) { all.withLock { $0.append(event) } }
    func contains(_ event: PlayerEvent) -> Bool { all.withLock { $0.contains(event) } }
  }

  private let music = melody([60, 62], quartersPerMinute: 600)

  private func player(_ device: ScriptedDevice, next: ScriptedDevice? = nil, _ events: Events)
    throws -> Player
  {
    try Player(output: .pcm("script"), equipment: device.equipment(next: next)) { events.add($0) }
  }

  @Test func `a device that runs dry is written to again, and the music goes on`() throws {
    let device = ScriptedDevice { write, _ in write == 5 ? .recovered : nil }
    let events = Events()
    let player = try player(device, events)
    player.play(Schedule(performance: music))
    #expect(wait { events.contains(.finished) })
    #expect(wait { player.status.isResting })
    player.shutdown()
    #expect(player.status.underruns == 1)
    #expect(events.contains(.underrun(total: 1)))
    let calls = device.calls.withLock { $0 }
    #expect(calls.frames == (calls.writes - 1) * 480)
  }

  @Test func `a device that ran dry gets a larger buffer at the next start`() throws {
    let device = ScriptedDevice { write, _ in [5, 7].contains(write) ? .recovered : nil }
    let events = Events()
    let player = try player(device, events)
    for _ in 1...2 {
      player.play(Schedule(performance: music))
      #expect(wait { !player.status.isResting })
      #expect(wait { player.status.isResting })
    }
    player.shutdown()
    #expect(device.calls.withLock { $0.buffers } == [1920, 3840])
  }

  @Test func `a device that takes a part gets the rest`() throws {
    let device = ScriptedDevice { write, frames in write % 2 == 1 ? .frames(frames / 3) : nil }
    let events = Events()
    let player = try player(device, events)
    player.play(Schedule(performance: music))
    #expect(wait { player.status.isResting && events.contains(.finished) })
    player.shutdown()
    let calls = device.calls.withLock { $0 }
    #expect(calls.frames % 480 == 0)
    #expect(calls.writes == calls.frames / 480 * 2)
    #expect(player.status.underruns == 0)
  }

  @Test func `a device that keeps no time is kept waiting`() throws {
    let device = ScriptedDevice()
    let events = Events()
    let player = try player(device, events)
    let slow = melody([60, 62, 64, 65], quartersPerMinute: 400)
    let began = nanosecondsNow()
    player.play(Schedule(performance: slow))
    #expect(wait { events.contains(.finished) })
    // 0.6 s of music, of which the player may be a tenth of a second and a buffer ahead.
    #expect(Double(nanosecondsNow() - began) / 1e9 > 0.4)
    player.shutdown()
  }

  @Test func `at rest the device is paused and nothing is written`() throws {
    let device = ScriptedDevice()
    let events = Events()
    let player = try player(device, events)
    #expect(wait { player.status.isResting })
    #expect(device.calls.withLock { $0.writes } == 0)
    for time in 1...2 {
      player.play(Schedule(performance: music))
      #expect(wait { player.status.state != .stopped })
      #expect(wait { player.status.isResting })
      let calls = device.calls.withLock { $0 }
      #expect(calls.pauses == time)
      #expect(calls.resumes == time)
      usleep(50_000)
      #expect(device.calls.withLock { $0.writes } == calls.writes)
    }
    player.shutdown()
  }

  @Test func `a lost device is opened again while the music goes on`() throws {
    let device = ScriptedDevice { write, _ in write == 10 ? .lost(-ENODEV) : nil }
    let next = ScriptedDevice()
    let events = Events()
    let player = try player(device, next: next, events)
    player.play(
      Schedule(performance: melody(Array(repeating: 60, count: 40), quartersPerMinute: 600)))
    #expect(
      wait {
        events.contains(.deviceLost("the sound device was lost (No such device), playing silently"))
      })
    #expect(player.status.isSilent)
    let lostAt = player.status.playhead
    #expect(wait { player.status.playhead > lostAt + Tick(960) })
    #expect(wait { events.contains(.deviceRestored("script (SCRIPT)")) })
    #expect(wait { next.calls.withLock { $0.writes > 10 } })
    #expect(!player.status.isSilent)
    player.shutdown()
  }

  @Test func `a device that takes nothing counts as lost`() throws {
    let device = ScriptedDevice { _, _ in .frames(0) }
    let events = Events()
    let player = try player(device, events)
    player.play(Schedule(performance: music))
    #expect(
      wait {
        events.contains(
          .deviceLost("the sound device was lost (it does not answer), playing silently"))
      })
    #expect(wait { events.contains(.finished) })
    player.shutdown()
  }

  @Test func `a device that does not wake up counts as lost`() throws {
    let device = ScriptedDevice(canResume: false)
    let events = Events()
    let player = try player(device, events)
    player.play(Schedule(performance: music))
    #expect(
      wait {
        events.contains(
          .deviceLost("the sound device was lost (it does not answer), playing silently"))
      })
    #expect(wait { events.contains(.finished) })
    player.shutdown()
  }

  /// Stands for a device that is opened; counts in the device itself when it is let go of.
  private final class Handle: SoundDevice {
    let device: ScriptedDevice
    init(_ device: ScriptedDevice) { self.device = device }
    deinit { device.closed.withLock { $0 += 1 } }
    var kind: String { device.kind }
    var bufferFrames: Int { device.bufferFrames }
    var isKnownNotToPace: Bool { false }
    var delay: Int { 0 }
    func write(_ samples: UnsafePointer<Int16>, frames: Int) -> Written {
      device.write(samples, frames: frames)
    }
    func pause() { device.pause() }
    func resume() -> Bool { device.resume() }
  }

  private func closingEquipment(_ device: ScriptedDevice, rest: Int32 = 60_000) -> Equipment {
    Equipment(
      openDevice: { _, _ in
        device.calls.withLock { $0.openings += 1 }
        return Handle(device)
      }, makeSynth: { nil }, restMilliseconds: rest)
  }

  @Test func `after a silence the device is let go of, and opened again to play`() throws {
    let device = ScriptedDevice()
    let events = Events()
    let player = try Player(
      output: .pcm("script"), equipment: closingEquipment(device, rest: 20)
    ) { events.add($0) }
    for time in 1...2 {
      player.play(Schedule(performance: music))
      #expect(wait { player.status.isResting && player.status.playhead == self.music.end })
      #expect(wait { device.closed.withLock { $0 } == time })
      // Nobody is told: it is there whenever it is needed.
      #expect(!player.status.isSilent)
    }
    player.shutdown()
    #expect(events.all.withLock { $0 }.allSatisfy { $0 != .deviceRestored("script (SCRIPT)") })
  }

  @Test func `a program about to be suspended has let go of the device`() throws {
    let device = ScriptedDevice()
    let events = Events()
    let long = melody(Array(repeating: 60, count: 400), quartersPerMinute: 120)
    let player = try Player(output: .pcm("script"), equipment: closingEquipment(device)) {
      events.add($0)
    }
    player.play(Schedule(performance: long))
    #expect(wait { device.calls.withLock { $0.writes } > 10 })
    player.release()
    #expect(device.closed.withLock { $0 } == 1)
    #expect(player.status.state == .stopped)
    let writes = device.calls.withLock { $0.writes }
    player.play(Schedule(performance: long), from: player.status.playhead)
    #expect(wait { device.calls.withLock { $0.writes } > writes })
    #expect(device.calls.withLock { $0.openings } == 2)
    player.shutdown()
  }

  @Test func `a device that opens and takes no sound is told once`() throws {
    let device = ScriptedDevice { _, _ in .lost(-ENOSPC) }
    let events = Events()
    let player = try player(device, events)
    let long = melody(Array(repeating: 60, count: 20), quartersPerMinute: 400)
    player.play(Schedule(performance: long))
    #expect(wait { events.contains(.finished) })
    player.shutdown()
    #expect(device.calls.withLock { $0.openings } >= 2)
    let told = events.all.withLock { $0 }
    let losses = told.filter { if case .deviceLost = $0 { true } else { false } }
    #expect(
      losses == [
        .deviceLost("the sound device was lost (No space left on device), playing silently")
      ])
    #expect(!told.contains { if case .deviceRestored = $0 { true } else { false } })
  }

  @Test func `without a synthesizer auto is silent and a named device an error`() throws {
    let equipment = Equipment(
      openDevice: { _, _ in ScriptedDevice() },
      makeSynth: { () throws(AudioError) in throw .soundFontMissing(nil) })
    let events = Events()
    let player = try Player(output: .auto, equipment: equipment) { events.add($0) }
    #expect(wait { player.status.device.contains("timgm6mb-soundfont") })
    #expect(player.status.isSilent)
    player.shutdown()
    #expect(throws: AudioError.soundFontMissing(nil)) {
      try Player(output: .pcm("script"), equipment: equipment)
    }
  }
}

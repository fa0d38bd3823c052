import Glibc
import Synchronization

/// Opening, losing, reopening and closing the device.
extension AudioThread {
  private var deviceName: String? {
    switch output {
    case .auto: "default"
    case .pcm(let name): name
    case .silent, .log: nil
    }
  }

  /// Opens what was asked for and says what came of it; false when the thread is to end.
  mutating func openFirst() -> Bool {
    var opening = PlayerLink.Opening.ready
    switch output {
    case .silent(let reason): describe("none: \(reason)", isSilent: true)
    case .log(let path): describe("log: \(path)", isSilent: true)
    case .auto, .pcm:
      do throws(AudioError) {
        try open()
        tell(.deviceOpened)
      } catch {
        describe("none: \(AudioThread.silently(error))", isSilent: true)
        if case .auto = output { tell(.playingSilently) } else { opening = .failed(error) }
      }
    }
    link.opening.withLock { $0 = opening }
    link.openingBell.ring()
    if case .failed = opening { return false }
    return true
  }

  private static func silently(_ error: AudioError) -> String {
    switch error {
    case .deviceUnavailable(_, let reason): "no sound device (\(reason)), playing silently"
    default: "\(error)"
    }
  }

  private mutating func open() throws(AudioError) {
    guard let name = deviceName else { return }
    lastAttempt = nanosecondsNow()
    let opened = try equipment.openDevice(name, bufferFrames)
    if synth == nil { synth = try equipment.makeSynth() }
    device = opened
    underrunsSinceOpening = 0
    framesSinceOpening = 0
    devicePaces = !opened.isKnownNotToPace
    isLost = false
    preferThisThread()
    beginRun()
    describe("\(name) (\(opened.kind))", isSilent: false)
  }

  /// Ahead of ordinary threads, where the system allows it; without it the buffer must do.
  private func preferThisThread() {
    var priority = sched_param()
    priority.sched_priority = 5
    _ = pthread_setschedparam(pthread_self(), SCHED_RR, &priority)
  }

  private func describe(_ text: String, isSilent: Bool) {
    link.device.withLock { $0 = text }
    link.isSilent.store(isSilent, ordering: .relaxed)
  }

  /// The device is gone: time goes on by the clock, and it is looked for again. One that comes back
  /// only to fail anew is not worth another word.
  mutating func lose(_ error: Int32) {
    let reason = error == 0 ? "it does not answer" : Device.reason(error)
    describe("none: the sound device was lost (\(reason))", isSilent: true)
    device = nil
    isLost = true
    lastAttempt = nanosecondsNow()
    origin = lastAttempt - AudioThread.nanoseconds(sequencer.clock)
    if isOnTrial {
      retryDelay = min(retryDelay * 2, 60 * AudioThread.second)
    } else {
      tell(.deviceLost, Int(error))
    }
  }

  /// A device that came back counts as restored once it has taken half a second of sound.
  mutating func passTrial(_ frames: Int) {
    framesSinceOpening += frames
    guard isOnTrial, framesSinceOpening > Synth.sampleRate / 2 else { return }
    isOnTrial = false
    retryDelay = AudioThread.second
    tell(.deviceRestored)
  }

  /// Lets go of the device at once: for a program about to be suspended, or about to hand the
  /// terminal to another one.
  mutating func release() {
    playLastPeriods()
    closeDevice()
  }

  /// It is opened again, as if nothing had been, before the next thing that sounds.
  mutating func closeDevice() {
    guard device != nil else { return }
    if underrunsSinceOpening >= 2 { bufferFrames = min(bufferFrames * 2, Device.largestBuffer) }
    device = nil
    runFrames = 0
    lastAttempt = nanosecondsNow() - retryDelay
  }

  /// A device that ran dry gets twice the buffer, once it is at rest: then nobody hears the change.
  mutating func enlargeBufferIfItRanDry() {
    guard device != nil, underrunsSinceOpening >= 2, bufferFrames < Device.largestBuffer else {
      return
    }
    bufferFrames = min(bufferFrames * 2, Device.largestBuffer)
    // Some devices allow only one opening at a time.
    device = nil
    do throws(AudioError) {
      try open()
      soundAgain()
    } catch {
      lose(0)
    }
  }

  /// A device that is not there, lost or never found, is looked for while it plays and when playing
  /// begins, so that plugging one in is enough.
  mutating func reopenIfDue() {
    guard device == nil, deviceName != nil else { return }
    guard nanosecondsNow() - lastAttempt >= retryDelay else { return }
    let wasLost = isLost
    let wasSilent = link.isSilent.load(ordering: .relaxed)
    do throws(AudioError) {
      try open()
      soundAgain()
      if wasLost {
        isOnTrial = true
      } else if wasSilent {
        tell(.deviceOpened)
      }
    } catch {
      lastAttempt = nanosecondsNow()
      // It was closed by us, and now it is gone.
      if !wasSilent { lose(0) }
    }
  }

  /// The synthesizer did not hear what was played in silence: end everything it may still sound.
  func soundAgain() {
    guard let synth, isSynthOn else { return }
    synth.carryOut(SoundEvent(kind: .panic, frame: 0))
    forEachSetting { synth.carryOut($0) }
  }

  /// The programs and controllers that hold now, as who has not heard them must be told.
  func forEachSetting(_ tell: (SoundEvent) -> Void) {
    for channel in UInt8(0)..<16 where sequencer.channelPrograms[Int(channel)] != Schedule.noProgram
    {
      tell(
        SoundEvent(
          kind: .program, channel: channel, value: sequencer.channelPrograms[Int(channel)],
          frame: 0))
    }
    for slot in 0..<Sequencer.controllerCount
    where sequencer.controlValues[slot] != Sequencer.untouched {
      tell(
        SoundEvent(
          kind: .control, channel: UInt8(slot / 128), key: UInt8(slot & 127),
          value: sequencer.controlValues[slot], frame: 0))
    }
  }

  /// Note-offs, a short fade instead of a click, the device closed, and the last word.
  mutating func finish() {
    playLastPeriods()
    tellState()
    device = nil
    synth = nil
    describe("none: the player has ended", isSilent: true)
    tell(.ended)
  }

  private mutating func playLastPeriods() {
    guard device != nil, runFrames > 0 else {
      // Nobody listens any more, but the log wants the last note-offs.
      renderPeriod()
      return
    }
    let periods = 5
    for period in 0..<periods {
      renderPeriod()
      for index in 0..<Device.period * 2 {
        let frame = period * Device.period + index / 2
        let left = periods * Device.period - frame
        samples[index] = Int16(Int(samples[index]) * left / (periods * Device.period))
      }
      writePeriod()
    }
    let delay = min(max(device?.delay ?? 0, 0), Synth.sampleRate / 5)
    if devicePaces { sleep(untilNanoseconds: nanosecondsNow() + AudioThread.nanoseconds(delay)) }
    device?.pause()
  }
}

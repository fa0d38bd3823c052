import Glibc
import Music
import Synchronization

/// The thread that sounds. It owns the sequencer, the synthesizer and the device.
///
/// While it plays it does not allocate, lock, log or release anything; it waits for the sound card
/// only. Opening a device and reading a SoundFont allocate: that happens before playing, or when
/// there is no device to keep waiting.
struct AudioThread: ~Copyable {
  let link: PlayerLink
  let output: SoundOutput
  let equipment: Equipment
  let isLogging: Bool

  var sequencer = Sequencer(sampleRate: Double(Synth.sampleRate))
  var synth: Synth?
  var device: (any SoundDevice)?
  let samples: UnsafeMutablePointer<Int16>

  /// The moment of frame 0 of the sequencer's clock, while no device gives the pace.
  var origin: Int
  /// Whether the device takes frames no faster than it plays them. A file does not.
  var devicePaces = true
  var runBegan = 0
  var runFrames = 0

  /// Whether the device was paused by a rest and no period was played since.
  var isAsleep = false
  var commandsTaken = 0
  var bufferFrames = Device.smallestBuffer
  var underrunsSinceOpening = 0
  var lastAttempt = 0
  var isLost = false
  /// Whether the device has come back and has not yet taken half a second of sound.
  var isOnTrial = false
  var framesSinceOpening = 0
  /// Between attempts to open a device; grows while each of them fails.
  var retryDelay = AudioThread.second
  /// Periods since the last note ended, and of these the last ones that were silent.
  var idlePeriods = 0
  var silentPeriods = 0
  var lastState = PlayerState.stopped
  var playheads = PlayheadHistory()
  /// When each frame is heard, for what goes out through MIDI and for what comes in.
  var frames = FrameClock()
  var isSynthOn = true
  /// Whether a MIDI thread takes what is played.
  var isSendingMIDI = false

  static let second = 1_000_000_000

  init(link: PlayerLink, output: SoundOutput, equipment: Equipment) {
    self.link = link
    self.output = output
    self.equipment = equipment
    if case .log = output { isLogging = true } else { isLogging = false }
    samples = .allocate(capacity: Device.period * 2)
    samples.initialize(repeating: 0, count: Device.period * 2)
    origin = nanosecondsNow()
  }

  deinit { samples.deallocate() }

  /// Lives until the shutdown command.
  mutating func run() {
    guard openFirst() else {
      tell(.ended)
      return
    }
    while true {
      if obeyCommands() { break }
      if canPark {
        park()
      } else {
        playPeriod()
      }
    }
    finish()
  }

  /// Carries out all waiting commands; true after a shutdown.
  private mutating func obeyCommands() -> Bool {
    while var command = link.commands.pop() {
      if command.kind == .follow { command.second = Int(frames.frame(at: command.second)) }
      if command.kind == .synth { setSynth(command.first != 0) }
      if command.kind == .midi { setMIDI(command.first != 0) }
      sequencer.handle(command)
      commandsTaken += 1
      returnSchedules()
      if command.kind == .release { release() }
      if command.kind == .shutdown { return true }
    }
    tellState()
    return false
  }

  private mutating func returnSchedules() {
    guard sequencer.retiredCount > 0 else { return }
    for index in 0..<sequencer.retiredCount {
      // The ring holds more schedules than the command ring can have brought.
      while !link.returned.push(sequencer.retired[index]) { usleep(1000) }
    }
    sequencer.retiredCount = 0
    link.noticeBell.ring()
  }

  // MARK: - One period

  private mutating func playPeriod() {
    wakeUp()
    waitForClock()
    playheads.note(
      frame: sequencer.clock, tick: max(sequencer.position, Double(sequencer.startsAt)),
      ticksPerFrame: sequencer.state == .playing || sequencer.state == .looping
        ? sequencer.ticksPerFrame : 0)
    frames.observe(frame: sequencer.clock, heardAt: nextFrameIsHeard)
    renderPeriod()
    writePeriod()
    if sequencer.hasFinished {
      sequencer.hasFinished = false
      tell(.finished)
    }
    tellState()
    publishPlayhead()
    countIdlePeriods()
    acknowledge()
  }

  mutating func renderPeriod() {
    let log = isLogging ? link.logged : nil
    let midi = isSendingMIDI ? link.outgoing : nil
    let origin = origin
    let frames = frames
    let isSounding = device != nil && isSynthOn
    if device != nil, !isSynthOn { samples.update(repeating: 0, count: Device.period * 2) }
    // Without a device the synthesizer rests: nobody listens.
    sequencer.render(Device.period, with: isSounding ? synth : nil, to: samples) { event in
      if let midi {
        // What a musician plays goes out at once; the tune when its own sound is heard.
        let isPlayed = event.channel == Sequencer.playedChannel
        let moment = isPlayed ? 0 : frames.moment(of: event.frame)
        if !midi.push(LoggedEvent(event: event, nanoseconds: moment)) {
          link.outgoingOverflowed.store(true, ordering: .relaxed)
        }
      }
      guard let log else { return }
      let line = LoggedEvent(
        event: event, nanoseconds: origin + AudioThread.nanoseconds(event.frame))
      // No sound card waits in this mode, so the thread may wait for the writer.
      while !log.push(line) { usleep(1000) }
    }
    if sequencer.retiredCount > 0 { returnSchedules() }
    if isLogging { link.noticeBell.ring() }
    if let midi, !midi.isEmpty { link.midiBell.ring() }
  }

  /// When the first frame of the period that is about to be rendered will be heard.
  private var nextFrameIsHeard: Int {
    if let device, devicePaces {
      return nanosecondsNow() + AudioThread.nanoseconds(min(max(device.delay, 0), Synth.sampleRate))
    }
    // Nothing is heard but other synthesizers: one period ahead, so that the kernel keeps the time.
    return origin + AudioThread.nanoseconds(sequencer.clock + Device.period)
  }

  /// Hands what is played to the MIDI thread: first of all the instruments as they are now.
  private mutating func setMIDI(_ isOn: Bool) {
    isSendingMIDI = isOn
    guard isOn else { return }
    forEachSetting { _ = link.outgoing.push(LoggedEvent(event: $0, nanoseconds: 0)) }
    link.midiBell.ring()
  }

  /// Lets the own synthesizer sound, or be silent while others play.
  private mutating func setSynth(_ isOn: Bool) {
    guard isOn != isSynthOn else { return }
    isSynthOn = isOn
    if isOn { soundAgain() } else { synth?.carryOut(SoundEvent(kind: .panic, frame: 0)) }
  }

  /// The length of `frames`.
  static func nanoseconds(_ frames: Int) -> Int {
    // Whole seconds apart, so that the product cannot overflow.
    let (seconds, rest) = frames.quotientAndRemainder(dividingBy: Synth.sampleRate)
    return seconds * AudioThread.second + rest * AudioThread.second / Synth.sampleRate
  }

  // MARK: - Pace

  /// Without a device that gives the pace, waits until this period's time has come.
  private mutating func waitForClock() {
    guard device == nil || !devicePaces else { return }
    reopenIfDue()
    let due = origin + AudioThread.nanoseconds(sequencer.clock)
    let late = nanosecondsNow() - due
    if late < 0 {
      sleep(untilNanoseconds: due)
    } else if late > AudioThread.second {
      // The whole program was stopped for a while: go on from here, do not hurry after.
      origin += late
    }
  }

  mutating func beginRun() {
    let now = nanosecondsNow()
    origin = max(now - AudioThread.nanoseconds(sequencer.clock), origin)
    runBegan = now
    runFrames = 0
    idlePeriods = 0
    silentPeriods = 0
  }

  /// Without a device there is nothing to do: the clock alone moves on.
  mutating func writePeriod() {
    guard let device else { return }
    var written = 0
    var refusals = 0
    while written < Device.period {
      switch device.write(samples + written * 2, frames: Device.period - written) {
      case .frames(let count):
        written += count
        refusals = count == 0 ? refusals + 1 : 0
      case .recovered:
        refusals += 1
        underrunsSinceOpening += 1
        let total = link.underruns.add(1, ordering: .relaxed).newValue
        tell(.underrun, total)
      case .lost(let error):
        lose(error)
        return
      }
      if refusals > 100 {
        lose(0)
        return
      }
    }
    runFrames += written
    passTrial(written)
    // Only at the beginning: over hours, two clocks drift apart by themselves.
    guard devicePaces, runFrames < 2 * Synth.sampleRate else { return }
    let elapsed = (nanosecondsNow() - runBegan) * Synth.sampleRate / AudioThread.second
    if runFrames - elapsed > device.bufferFrames + Synth.sampleRate / 10 {
      devicePaces = false
      origin = nanosecondsNow() - AudioThread.nanoseconds(sequencer.clock)
    }
  }

  private mutating func publishPlayhead() {
    let delay = device.map { min(max($0.delay, 0), Synth.sampleRate) } ?? Device.period
    let heard = playheads.tick(at: sequencer.clock - (devicePaces ? delay : Device.period))
    let last = Double(link.playhead.load(ordering: .relaxed))
    // A sound server corrects its delay now and then: the playhead waits instead of stepping back.
    let jitter = sequencer.ticksPerFrame * Double(Synth.sampleRate) / 10
    let isMoving = sequencer.state == .playing || sequencer.state == .looping
    link.playheadStamp.write(
      tick: playheads.tick(at: Int(frames.frame(at: nanosecondsNow()))), moment: nanosecondsNow(),
      ticksPerSecond: isMoving ? sequencer.ticksPerFrame * Double(Synth.sampleRate) : 0)
    if heard < last, last - heard < jitter, sequencer.state == .playing { return }
    link.playhead.store(Int(max(0, heard)), ordering: .relaxed)
  }

  // MARK: - Rest

  private mutating func countIdlePeriods() {
    guard sequencer.isIdle else {
      idlePeriods = 0
      silentPeriods = 0
      return
    }
    idlePeriods += 1
    let peak = device == nil ? 0 : peak(of: samples, frames: Device.period)
    silentPeriods = peak <= 2 ? silentPeriods + 1 : 0
  }

  /// Nothing sounds any more, not even the reverb, and what was written has been heard.
  private var canPark: Bool {
    guard sequencer.isIdle, sequencer.eventCount == 0 else { return false }
    guard let device else { return true }
    let heard = (device.bufferFrames + Synth.sampleRate / 5) / Device.period
    return idlePeriods == 0 && runFrames == 0 || silentPeriods > heard || idlePeriods > 600
  }

  /// Sleeps until a command comes: no wake-ups, no processor time.
  private mutating func park() {
    if runFrames > 0 { device?.pause() }
    runFrames = 0
    idlePeriods = 0
    let tick = max(sequencer.position, Double(sequencer.startsAt))
    link.playhead.store(Int(max(0, tick)), ordering: .relaxed)
    link.isResting.store(true, ordering: .relaxed)
    acknowledge()
    if device != nil, !link.commandBell.wait(milliseconds: equipment.restMilliseconds) {
      // Others may want it: it is opened again when there is something to play.
      closeDevice()
    }
    if device == nil { link.commandBell.wait() }
    link.isResting.store(false, ordering: .relaxed)
    isAsleep = true
  }

  /// After a rest, just before the first period: only now is it known that there is one.
  private mutating func wakeUp() {
    guard isAsleep else { return }
    isAsleep = false
    enlargeBufferIfItRanDry()
    beginRun()
    if let device {
      if !device.resume() { lose(0) }
    } else {
      reopenIfDue()
    }
  }

  // MARK: - Telling

  /// What was commanded so far has happened.
  private func acknowledge() {
    guard link.obeyed.load(ordering: .relaxed) != commandsTaken else { return }
    link.obeyed.store(commandsTaken, ordering: .releasing)
    link.noticeBell.ring()
  }

  func tell(_ kind: Notice.Kind, _ value: Int = 0) {
    _ = link.notices.push(Notice(kind: kind, value: value))
    link.noticeBell.ring()
  }

  mutating func tellState() {
    let state = sequencer.state
    guard state != lastState else { return }
    lastState = state
    link.state.store(state.rawValue, ordering: .relaxed)
    tell(.stateChanged, Int(state.rawValue))
  }
}

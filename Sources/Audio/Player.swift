import Glibc
public import Music
import Synchronization

/// Plays schedules on a sound card, or silently in real time where there is none.
///
/// Sound lives on a thread of its own; a second thread reports what happens. Every method may be
/// called from any thread. None waits for sound, except `init` for a device asked for by name and
/// `shutdown`. What a command does is heard, and seen in `status`, within about 10 ms.
public final class Player: Sendable {
  /// How an update takes over from the schedule that plays.
  public enum Takeover: Sendable {
    /// Time goes on, sounding notes end when they would have, new notes come from the new one.
    case seamlessly
    /// At the next beat; sounding notes are closed there.
    case atNextBeat
  }

  let link: PlayerLink
  /// Serialises callers: the ring allows only one thread to push at a time.
  private let control = Mutex(Control())
  private let ending: Ending

  private struct Control {
    var isShutDown = false
    var commandsSent = 0
  }

  /// The moment that the audio thread and the steward have both ended.
  private final class Ending: Sendable {
    let hasEnded = Mutex(false)
    let bell = Bell()
    deinit { bell.close() }
  }

  /// Starts the threads and opens the output.
  ///
  /// - Parameters:
  ///   - soundFont: The file to play with; `nil` takes the first found at the usual places.
  ///   - onEvent: Called on a thread of the player, never on the audio thread.
  /// - Throws: For a named device (waits for it, at most 3 seconds) and for a log file that cannot
  ///   be written. `auto` never throws: without a device or SoundFont the player is silent.
  public convenience init(
    output: SoundOutput = .auto, soundFont: String? = nil,
    onEvent: @escaping @Sendable (PlayerEvent) -> Void = { _ in }
  ) throws(AudioError) {
    try self.init(
      output: output, equipment: .installed(soundFont: soundFont), onEvent: onEvent)
  }

  /// With another device or synthesizer than the installed ones.
  init(
    output: SoundOutput, equipment: Equipment,
    onEvent: @escaping @Sendable (PlayerEvent) -> Void = { _ in }
  ) throws(AudioError) {
    let link = PlayerLink()
    let ending = Ending()
    var log: EventLog?
    if case .log(let path) = output { log = try EventLog(path: path, began: nanosecondsNow()) }
    self.link = link
    self.ending = ending
    let steward = Steward(link: link, log: log, onEvent: onEvent)
    let isStarted =
      startThread {
        var thread = AudioThread(link: link, output: output, equipment: equipment)
        thread.run()
      }
      && startThread {
        steward.run()
        ending.hasEnded.withLock { $0 = true }
        ending.bell.ring()
      }
    guard case .pcm(let name) = output else { return }
    guard isStarted else { throw .deviceUnavailable(name: name, reason: "no thread for it") }
    link.openingBell.wait(milliseconds: 3000)
    switch link.opening.withLock({ $0 }) {
    case .ready: return
    case .failed(let error): throw error
    case nil: throw .deviceUnavailable(name: name, reason: "it does not answer")
    }
  }

  deinit { shutdown() }

  /// Begins at `from`. What was playing ends at once. With a count-in, bars of clicks precede.
  public func play(_ schedule: Schedule, from: Tick = .zero) {
    send(
      Command(kind: .play, schedule: FlatSchedule(schedule), first: Schedule.clamp(from.count)))
  }

  /// Goes over to another place of another schedule at the next beat, where sounding notes are
  /// closed. A loop set after this holds from there on. Begins at once where nothing sounds or the
  /// player waits.
  public func playAtBeat(_ schedule: Schedule, from: Tick) {
    send(
      Command(
        kind: .playAtBeat, schedule: FlatSchedule(schedule), first: Schedule.clamp(from.count)))
  }

  /// Replaces the whole schedule while it plays. A waiting player goes on when the new schedule is
  /// ready further. Does nothing while stopped.
  public func update(_ schedule: Schedule, when takeover: Takeover = .seamlessly) {
    let kind: Command.Kind = takeover == .atNextBeat ? .updateAtBeat : .update
    send(Command(kind: kind, schedule: FlatSchedule(schedule)))
  }

  /// Ends every sounding note within one period (10 ms); the reverb fades by itself.
  public func stop() { send(Command(kind: .stop)) }

  /// As `stop`, but lets go of the device, too, and returns only when that has happened and the
  /// note-offs have reached the log, or after a fifth of a second: for a program about to be
  /// suspended. The next `play` opens the device again.
  public func release() {
    stop()
    send(Command(kind: .release))
    let sent = control.withLock { $0.commandsSent }
    for _ in 0..<100 {
      // What goes to MIDI ports must be with the kernel before the program sleeps.
      if link.told.load(ordering: .acquiring) >= sent, link.outgoing.isEmpty { return }
      usleep(2000)
    }
  }

  /// Multiplies every tempo, from now on, without a jump. Kept within 0.1 and 8.
  public func setTempoScale(_ scale: Double) { send(Command(kind: .tempoScale, number: scale)) }

  /// Repeats `range` (at least a sixty-fourth note long) once the playhead reaches its end; `nil`
  /// plays on.
  public func setLoop(_ range: Range<Tick>?) {
    guard let range else { return send(Command(kind: .noLoop)) }
    send(
      Command(
        kind: .loop, first: Schedule.clamp(range.lowerBound.count),
        second: Schedule.clamp(range.upperBound.count)))
  }

  public func setMetronome(_ isOn: Bool) {
    send(Command(kind: .metronome, first: isOn ? 1 : 0))
  }

  /// Whether the notes of every other round of a loop are left out, from the next round on; clicks
  /// are not.
  public func setRests(_ isOn: Bool) { send(Command(kind: .rests, first: isOn ? 1 : 0)) }

  /// How many bars of clicks precede `play`; 0...4.
  public func setCountIn(_ bars: Int) {
    send(Command(kind: .countIn, first: min(max(bars, 0), 4)))
  }

  /// - Parameter track: Index into the performance's tracks, 0...63.
  public func setMuted(_ track: Int, _ isMuted: Bool) {
    send(Command(kind: .mute, first: track, second: isMuted ? 1 : 0))
  }

  /// Sounds one note at once, whatever else plays.
  ///
  /// - Parameters:
  ///   - velocity: 1...127.
  ///   - program: General MIDI 0...127.
  public func hear(
    _ pitch: Pitch, velocity: Int = 90, program: Int = 0, milliseconds: Int = 400
  ) {
    send(
      Command(
        kind: .hear, first: pitch.key, second: velocity, third: min(max(program, 0), 127),
        number: Double(min(max(milliseconds, 1), 60_000)) / 1000))
  }

  /// Begins a note that a musician plays; it lasts until `lift`, whatever happens to the tune.
  ///
  /// - Parameters:
  ///   - velocity: 1...127.
  public func press(_ pitch: Pitch, velocity: Int) {
    let program = link.playedProgram.load(ordering: .relaxed)
    send(Command(kind: .press, first: pitch.key, second: velocity, third: program))
  }

  /// The instrument that a musician plays: General MIDI 0...127.
  public func setPlayedProgram(_ program: Int) {
    link.playedProgram.store(min(max(program, 0), 127), ordering: .relaxed)
  }

  /// Ends a note begun with `press`.
  public func lift(_ pitch: Pitch) { send(Command(kind: .lift, first: pitch.key)) }

  /// Sets a MIDI controller (0...127) of what the musician plays, to 0...127.
  public func steer(controller: Int, to value: Int) {
    send(
      Command(
        kind: .steer, first: min(max(controller, 0), 127), second: min(max(value, 0), 127)))
  }

  /// Bends the pitch of what the musician plays, -8192...8191.
  public func bend(to value: Int) { send(Command(kind: .bend, first: value + 8192)) }

  /// Whether the own synthesizer sounds; without it, what is played goes to MIDI ports only.
  public func setSynth(_ isOn: Bool) { send(Command(kind: .synth, first: isOn ? 1 : 0)) }

  /// Silences every channel at once, reverb excepted, and stops.
  public func panic() { send(Command(kind: .panic)) }

  /// Cheap enough for every redraw.
  public var status: PlayerStatus {
    PlayerStatus(
      state: PlayerState(rawValue: link.state.load(ordering: .relaxed)) ?? .stopped,
      playhead: Tick(link.playhead.load(ordering: .relaxed)),
      underruns: link.underruns.load(ordering: .relaxed),
      device: link.device.withLock { $0 }, isSilent: link.isSilent.load(ordering: .relaxed),
      isResting: link.isResting.load(ordering: .relaxed))
  }

  /// Ends all notes, closes the device and the threads. Takes at most 1.5 seconds, even when the
  /// device hangs; later calls of any method do nothing.
  public func shutdown() {
    send(Command(kind: .shutdown))
    let isFirst = control.withLock { control in
      defer { control.isShutDown = true }
      return !control.isShutDown
    }
    guard isFirst, !ending.hasEnded.withLock({ $0 }) else { return }
    ending.bell.wait(milliseconds: 1500)
  }

  func send(_ command: Command) {
    let isSent = control.withLock { control in
      guard !control.isShutDown else { return false }
      // Full only when the audio thread has been opening a device for long: wait a little.
      for _ in 0..<50 {
        if link.commands.push(command) {
          control.commandsSent += 1
          return true
        }
        usleep(2000)
      }
      return false
    }
    if isSent { link.commandBell.ring() } else { command.schedule?.deallocate() }
  }
}

/// Runs `body` on a new thread that gets no signals from outside; false when there can be no more threads.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let start = Unmanaged.passRetained(Start(body))
  var all = sigset_t()
  var before = sigset_t()
  sigfillset(&all)
  // A crash in this thread must still reach the handler that gives the terminal back.
  for fatal in [SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, fatal) }
  pthread_sigmask(SIG_SETMASK, &all, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  var thread = pthread_t()
  let result = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, start.toOpaque())
  guard result == 0 else {
    start.release()
    return false
  }
  pthread_detach(thread)
  return true
}

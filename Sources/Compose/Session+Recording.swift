import ABC
import Music
import Notes

/// `record`: notes played in on the typing keyboard or by MIDI, to the clock or step by step, written
/// as they are heard. One take is one undo step.
extension Session {
  /// What the words of the status line say while notes are played in; `nil` otherwise.
  public var recordingWords: String? {
    guard let recording else { return answering == nil ? nil : "ANSWER" }
    let name = recording.tapped == nil ? "RECORD" : "TAP"
    guard recording.isRunning else {
      return "STEP \(recording.steps.name) oct \(keyboard.octave)"
    }
    guard let now = recording.now(at: clock) else { return "\(name) waits" }
    let bar = recording.bar(at: now)
    let beat = (now - bar.lowerBound) / max(recording.beatTicks, 1) + 1
    if now < 0 { return "\(name) count-in \(beat)" }
    if let tapped = recording.tapped { return "TAP \(tapped.count)/\(tapped.sounds.count)" }
    let count = recording.take.notes.count
    return "\(answering == nil ? name : "CALL") \(count) notes oct \(keyboard.octave)"
  }

  /// Whether a take is played in to the clock now.
  public var isClockRunning: Bool { recording?.isRunning == true }

  /// Whether a rhythm is tapped, by any key.
  public var isTapping: Bool { recording?.tapped != nil }

  // MARK: Commands

  /// `record`: begins a take, or does something with the one that is played in.
  mutating func record(_ argument: String) -> [Effect] {
    let word = argument.trimmingSpaces()
    if let bars = word.isEmpty ? 0 : Int(word) {
      guard word.isEmpty || (1...256).contains(bars) else {
        complain("record takes 1 to 256 bars, or as many as you play where none are given")
        return []
      }
      return finishRecording() + beginRecording(bars: bars == 0 ? nil : bars)
    }
    guard RecordingWord(rawValue: word) != nil else {
      complain("'\(word)' is nothing to record: bars, or \(RecordingWord.list)")
      return []
    }
    guard recording != nil else {
      notice("nothing is being played in (:record begins, :step enters notes one by one)")
      return []
    }
    return change(RecordingWord(rawValue: word) ?? .go)
  }

  enum RecordingWord: String, CaseIterable {
    case go, up, down, longer, shorter, dot, triplet, rest, back, drop
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
  }

  private mutating func change(_ word: RecordingWord) -> [Effect] {
    recording?.lastStroke = nil
    switch word {
    case .go: return recording?.isRunning == true ? stopClock() : runClock()
    case .up, .down:
      if !keyboard.move(by: word == .up ? 1 : -1) { notice("there is no octave beyond") }
    case .longer: recording?.steps.scale(up: true)
    case .shorter: recording?.steps.scale(up: false)
    case .dot: recording?.steps.dot()
    case .triplet: recording?.steps.third()
    case .rest: return stepRest()
    case .back: return stepBack()
    case .drop: return dropRecording()
    }
    if let recording { self.recording?.take.step = recording.steps.ticks }
    return []
  }

  /// `step`: notes one by one, each as long as was chosen.
  mutating func stepEntry() -> [Effect] {
    if recording != nil { return recording?.isRunning == true ? stopClock() : [] }
    let effects = pause() + endPractice() + stopPlaying()
    guard open(bars: nil) else { return effects }
    notice("step entry: piano keys write notes, Left and Right the length, Enter a rest, Esc ends")
    return effects
  }

  /// Begins a take with the clock running.
  mutating func beginRecording(bars: Int?) -> [Effect] {
    let effects = pause() + endPractice() + stopPlaying()
    guard open(bars: bars) else { return effects }
    return effects + runClock()
  }

  private mutating func open(bars: Int?) -> Bool {
    draft.closeEdit()
    guard let new = takePlace(bars: bars) else { return false }
    recording = new
    places.deselect()
    screen.enter(.record)
    return true
  }

  /// Starts the player with clicks, beside the voices that are not being played in.
  func takeStart() -> [Effect] {
    guard let recording else { return [] }
    return [
      .setMetronome(habits.clicks || hasMetronome), .setCountIn(habits.countIn),
      .play(takePlan, from: Tick(recording.origin + recording.startsFrom)),
    ]
  }

  mutating func runClock() -> [Effect] {
    guard var now = recording else { return [] }
    now.startsFrom = now.resumeAt
    now.startedAt = clock
    now.resume()
    now.clock.ticksPerMillisecond = ticksPerMillisecond(at: now.origin)
    recording = now
    listening.start(at: Tick(now.origin + now.startsFrom))
    return takeStart()
  }

  /// Stops the clock; keys then write notes step by step, from where the take has come to.
  mutating func stopClock() -> [Effect] {
    guard let running = recording, running.isRunning else { return [] }
    let now = running.now(at: clock) ?? running.resumeAt
    recording?.take.releaseAll(at: now)
    recording?.held = []
    recording?.isRunning = false
    recording?.clock.forget()
    recording?.stepsBefore = []
    writeTake(until: now)
    let end = max(recording?.writtenEnd ?? 0, 0)
    recording?.stepAt = end
    listening.stop()
    return [.stopPlaying] + restoredClicks
  }

  var restoredClicks: [Effect] {
    [.setMetronome(hasMetronome), .setCountIn(listening.countIn)]
  }

  /// Ends the take and keeps what was played.
  mutating func finishRecording() -> [Effect] {
    guard let last = recording else { return [] }
    let now = last.isRunning ? last.now(at: clock) ?? 0 : last.stepAt
    recording?.take.releaseAll(at: now)
    writeTake(until: now, isOver: true)
    return closeRecording(isRunning: last.isRunning)
  }

  private mutating func closeRecording(isRunning: Bool) -> [Effect] {
    guard let last = recording else { return [] }
    recording = nil
    if mode == .record { screen.enter(.normal) }
    var effects = keyboard.liftAll().map { Effect.soundPlayed(typed(.noteOff(pitch: $0))) }
    effects += restoredClicks
    if isRunning {
      listening.stop()
      effects.insert(.stopPlaying, at: 0)
    }
    let count = last.take.notes.count
    if last.isWritten {
      settle()
      notice(
        count == 1
          ? "1 note played in (u takes it back)" : "\(count) notes played in (u takes them back)")
      effects += requestNextCharacters()
    } else if last.tapped == nil {
      notice("nothing was played in")
    } else {
      notice("nothing was tapped")
    }
    return effects
  }

  /// Ends the take and throws away what was played; it stays a version, as everything does.
  private mutating func dropRecording() -> [Effect] {
    guard let last = recording else { return [] }
    recording?.take.remove(from: .min)
    let effects = closeRecording(isRunning: last.isRunning)
    return last.isWritten ? effects + undo(1) : effects
  }

  // MARK: Keys

  /// A key of the typing keyboard in the mode of recording.
  mutating func strike(_ stroke: KeyStroke) -> [Effect] {
    if stroke.act == .hold { return [] }
    if stroke.act == .release { return lift(stroke.place) }
    if recording?.tapped != nil {
      guard !isRepetition(stroke.place) else { return [] }
      setLastStroke(stroke.place)
      return tapped(at: nil)
    }
    guard let pitch = keyboard.pitch(ofKey: stroke.place) else {
      notice("\(stroke.place) is no key of the piano (z to , and q to p; Esc ends)")
      return []
    }
    let isRepetition = isRepetition(stroke.place)
    setLastStroke(stroke.place)
    if isRepetition {
      recording?.take.joinRepetition(of: pitch.key)
      return []
    }
    guard reportsReleases else { return [.soundNote(pitch)] + notePlayed(pitch, at: nil) }
    keyboard.press(stroke.place)
    recording?.take.knowsReleases = true
    return [.soundPlayed(typed(.noteOn(pitch: pitch, velocity: 90)))] + notePlayed(pitch, at: nil)
  }

  private mutating func setLastStroke(_ place: Character) {
    let now = clock
    recording?.lastStroke = (place, now)
  }

  private func typed(_ kind: PlayedEvent.Kind) -> PlayedEvent {
    PlayedEvent(kind, time: Double(clock) / 1000)
  }

  /// A key of the typing keyboard is let go, in whichever octave it was pressed.
  private mutating func lift(_ place: Character) -> [Effect] {
    if recording?.tapped != nil { return tapOver(at: nil) }
    guard let pitch = keyboard.lift(place) else { return [] }
    noteReleased(pitch, at: nil)
    return [.soundPlayed(typed(.noteOff(pitch: pitch)))]
  }

  /// Whether a key that is held repeats itself: no finger strikes one key so fast again.
  private func isRepetition(_ place: Character) -> Bool {
    guard !reportsReleases, let last = recording?.lastStroke else { return false }
    return last.place == place && clock - last.at < Session.repetition
  }

  /// Milliseconds; keyboards repeat about every 33.
  static let repetition = 80

  /// Takes a note or controller that a musician has just played on a musical keyboard.
  mutating func played(_ event: PlayedEvent) -> [Effect] {
    let sound: [Effect] = event.isHeard ? [] : [.soundPlayed(event)]
    guard let recording else { return sound }
    let moment =
      recording.isRunning
      ? event.playhead.map { $0.count - recording.origin }
        ?? recording.now(at: Int(event.time * 1000)) : nil
    switch event.kind {
    case .noteOn(let pitch, _):
      self.recording?.take.knowsReleases = true
      if recording.tapped != nil { return tapped(at: moment) }
      return sound + notePlayed(pitch, at: moment)
    case .noteOff(let pitch):
      if recording.tapped != nil { return sound + tapOver(at: moment) }
      noteReleased(pitch, at: moment)
    case .controller, .program: break
    }
    return sound
  }

  /// A note begins, on whichever keyboard.
  ///
  /// - Parameter moment: In ticks of the take; `nil` = now.
  private mutating func notePlayed(_ pitch: Pitch, at moment: Int?) -> [Effect] {
    guard let recording else { return [] }
    if recording.isRunning {
      guard let now = moment ?? recording.now(at: clock) else { return [] }
      self.recording?.take.press(pitch.key, at: now)
      writeTake(until: now)
    } else {
      putStep(pitch, isBeside: !recording.held.isEmpty)
      if recording.take.knowsReleases { self.recording?.held.insert(pitch.key) }
    }
    return finishWhenFull()
  }

  private mutating func noteReleased(_ pitch: Pitch, at moment: Int?) {
    recording?.held.remove(pitch.key)
    guard let recording, recording.isRunning, let now = moment ?? recording.now(at: clock) else {
      return
    }
    self.recording?.take.release(pitch.key, at: now)
    writeTake(until: now)
  }

  // MARK: Step by step

  private mutating func putStep(_ pitch: Pitch, isBeside: Bool) {
    guard var now = recording else { return }
    let length = now.steps.ticks
    if isBeside, let before = now.stepsBefore.last {
      now.take.put(pitch.key, at: before, length: now.stepAt - before)
    } else {
      now.take.put(pitch.key, at: now.stepAt, length: length)
      now.stepsBefore.append(now.stepAt)
      now.stepAt += length
    }
    recording = now
    writeTake(until: now.stepAt)
  }

  private mutating func stepRest() -> [Effect] {
    guard let now = recording, !now.isRunning else {
      notice("rests are as long as nothing is played (Space stops the clock)")
      return []
    }
    recording?.stepsBefore.append(now.stepAt)
    recording?.stepAt += now.steps.ticks
    writeTake(until: now.stepAt + now.steps.ticks)
    return finishWhenFull()
  }

  /// Takes the last note or rest back.
  private mutating func stepBack() -> [Effect] {
    guard var now = recording else { return [] }
    if now.isRunning || now.stepsBefore.isEmpty {
      guard let last = now.take.notes.map(\.start).max() else {
        notice("there is nothing to take back")
        return []
      }
      now.take.remove(from: last)
      if !now.isRunning { now.stepAt = max(last, 0) }
    } else {
      now.stepAt = now.stepsBefore.removeLast()
      now.take.remove(from: now.stepAt)
    }
    recording = now
    writeTake(until: now.isRunning ? now.now(at: clock) ?? 0 : now.stepAt)
    return []
  }

  private mutating func finishWhenFull() -> [Effect] {
    guard let now = recording, !now.isRunning, let limit = now.limit, now.stepAt >= limit else {
      return []
    }
    return finishRecording()
  }

  // MARK: The clock

  /// What the player says while notes are played in.
  mutating func takeHears(_ report: PlayerReport) -> [Effect] {
    guard var now = recording, now.isRunning else { return [] }
    guard report.state != .stopped else {
      // Until it has begun it says so, too.
      return now.clock.isKnown ? stopClock() : []
    }
    if !now.clock.isKnown, isStale(report, for: now) { return [] }
    now.clock.hear(report.playhead.count, at: clock)
    recording = now
    guard let tick = now.now(at: clock) else { return [] }
    if let limit = now.limit, tick >= limit - (answering == nil ? 0 : answerLead) {
      return answering == nil ? finishRecording() : answerCall()
    }
    if now.isTappedOut(at: tick) { return finishRecording() }
    let beat = tick / max(now.beatTicks, 1)
    if tick >= 0, beat != now.beat {
      recording?.beat = beat
      writeTake(until: beat * now.beatTicks)
    }
    return []
  }
  /// Whether a report is still of what was played before: a count-in begins before the take. One that
  /// was missed altogether is not waited for.
  private func isStale(_ report: PlayerReport, for take: Recording) -> Bool {
    habits.countIn > 0 && clock - take.startedAt < 3000
      && report.playhead.count >= take.origin + take.startsFrom
  }
}

extension Recording {
  /// The moment now in ticks of the take; `nil` before the player has begun.
  func now(at milliseconds: Int) -> Int? { clock.tick(at: milliseconds).map { $0 - origin } }

  var beatTicks: Int {
    let meter = (openPlace.map { places[$0] } ?? places.last)?.transcriber.meter
    return (meter?.beatLength ?? Unit.perQuarter) / Unit.perTick
  }

  /// Where a clock that was stopped goes on: at the next bar line behind what is written.
  var resumeAt: Int {
    guard stepAt > 0 else { return 0 }
    let bar = bar(at: stepAt)
    return bar.lowerBound == stepAt ? stepAt : bar.upperBound
  }

  mutating func resume() {
    stepAt = max(stepAt, 0)
    isRunning = true
    clock.forget()
    beat = .min
  }

  /// Where the last note ends.
  var writtenEnd: Int { take.placed(until: 0).map(\.end).max() ?? 0 }
}

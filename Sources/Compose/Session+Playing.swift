import Music

/// Hearing the tune: what is handed to the player, and what its reports change.
extension Session {
  /// What the player would be given now.
  var playbackPlan: PlaybackPlan {
    if recording != nil { return takePlan }
    if answering != nil { return exchangePlan }
    let grows: Bool
    switch generator {
    case .running, .resting, .priming: grows = true
    default: grows = false
    }
    return PlaybackPlan(
      performance: performance(of: score),
      readyUntil: grows ? score.readyUntil(writePoint: head) : score.performance.end,
      isGrowing: grows)
  }

  /// Tells the player that the tune has changed, where one plays.
  func playbackUpdate(closesNotes: Bool = false) -> [Effect] {
    // A take is heard as it is played; its text is not played after it.
    guard listening.isPlaying, !isHearing, recording == nil else { return [] }
    return [.updatePlayback(playbackPlan, closesNotes: closesNotes)]
  }

  mutating func playToggle(fromBarStart: Bool) -> [Effect] {
    if practice != nil { return endPractice() }
    if player.state != .stopped { return stopPlaying() }
    var start: Tick
    if let loop, let range = score.ticks(ofBars: loop) {
      start = range.lowerBound
    } else if let selection, let range = score.ticks(ofBars: selection) {
      start = range.lowerBound
    } else if writer.run != nil, cursor == head {
      // Who watches the model hears what it has written.
      start = score.tick(atByte: min(history.current.head, cursor))
    } else {
      start = score.tick(atByte: cursor)
      if fromBarStart, let bar = score.playedBar(at: start) { start = bar.start }
    }
    let plan = playbackPlan
    if !plan.isGrowing {
      guard !score.performance.notes.isEmpty else {
        notice("nothing to play yet (Enter lets the model begin, i types a seed)")
        return []
      }
      if start >= score.performance.end { start = .zero }
    }
    listening.start(at: start)
    return [.play(plan, from: start)]
  }

  mutating func stopPlaying() -> [Effect] {
    guard player.state != .stopped else { return [] }
    listening.stop()
    return [.stopPlaying] + requestCharacters()
  }

  mutating func playerChanged(_ report: PlayerReport) -> [Effect] {
    let before = player
    listening.hear(report)
    noteWhatIsHeard()
    if !report.silence.isEmpty, report.silence != before.silence {
      // What was said at the start (a draft recovered) is not to be missed for it.
      let present = message.map { clock - $0.at < 4000 ? "\($0.text); " : "" } ?? ""
      notice(present + report.silence)
    }
    // What changed while the player was starting has not reached it.
    let hasStarted = before.state == .stopped && report.state != .stopped
    let own = takeHears(report) + exchangeHears(report) + practiceHears(report)
    return (hasStarted ? playbackUpdate() : []) + own + resumeIfNeeded()
  }

  /// A resting model goes on by itself when the playhead has come nearer, or has stopped.
  private mutating func resumeIfNeeded() -> [Effect] {
    guard generator == .resting else { return requestCharacters() }
    guard player.state == .stopped || !isFarEnoughAhead else { return [] }
    writer.setPace(.running)
    return requestCharacters()
  }

  mutating func clockTicked(_ milliseconds: Int) -> [Effect] {
    let elapsed = screen.pass(to: milliseconds)
    guard writer.run != nil else { return [] }
    let speed: Double
    switch sampling.pace {
    case .type(let characters): speed = characters
    case .follow: speed = Sampling.Pace.silentSpeed
    case .max: speed = 0
    }
    writer.pass(milliseconds: elapsed, charactersEachSecond: speed)
    return resumeIfNeeded()
  }

  /// Loops the selection, or the phrase at the cursor; ends a loop.
  mutating func toggleLoop(_ argument: String) -> [Effect] {
    if argument == "off" || (argument.isEmpty && loop != nil) {
      places.setLoop(nil)
      notice("loop off")
      return []
    }
    let bars: ClosedRange<Int>
    if !argument.isEmpty {
      guard let asked = barRange(argument) else {
        complain("'\(argument)' is no range of bars: write 5-8, or off")
        return []
      }
      bars = asked
    } else if let selection {
      bars = selection
    } else if let bar = score.bar(atByte: cursor) ?? (parsed.bars.isEmpty ? nil : 0) {
      let phrase = max(sampling.phrase, 1)
      let number = max(parsed.bars[bar].number, 1)
      let first = (number - 1) / phrase * phrase + 1
      let voice = parsed.bars[bar].voice
      let last = parsed.bars.lastIndex { $0.voice == voice } ?? parsed.bars.count - 1
      let start = score.bar(numbered: first, ofVoice: voice) ?? bar
      let end = parsed.bars.lastIndex { $0.voice == voice && $0.number == first + phrase - 1 }
      bars = min(start, end ?? last)...max(start, end ?? last)
    } else {
      notice("no bars to loop yet")
      return []
    }
    guard score.ticks(ofBars: bars) != nil else {
      complain("these bars are never played, so they cannot loop")
      return []
    }
    setLoop(bars)
    notice("loop \(barNames(bars)) (o ends it)")
    return []
  }

  /// Reads `5-8` or `5` as bars.
  func barRange(_ text: String) -> ClosedRange<Int>? {
    let numbers = text.split(separator: "-").map { Int($0.trimmingPrefixSpaces()) }
    guard let first = numbers.first ?? nil,
      let start = score.bar(numbered: first, ofVoice: cursorVoice)
    else { return nil }
    guard numbers.count > 1 else { return start...start }
    let voice = parsed.bars[start].voice
    guard numbers.count == 2, let last = numbers[1],
      let end = parsed.bars.lastIndex(where: { $0.number == last && $0.voice == voice }),
      end >= start
    else { return nil }
    return start...end
  }

  /// `bar 5`, `bars 5-8`.
  func barNames(_ bars: ClosedRange<Int>) -> String {
    let first = parsed.bars[bars.lowerBound].number
    let last = parsed.bars[min(bars.upperBound, parsed.bars.count - 1)].number
    return first == last ? "bar \(first)" : "bars \(first)-\(last)"
  }

  /// The tempo in beats a minute, as the header would say it: with the beat of the meter.
  public var tempo: Int {
    let quarters = parsed.header.quartersPerMinute ?? 120
    let beat = parsed.header.beatLength * 4
    return Int((quarters / max(beat.value, 0.01)).rounded())
  }

  /// Writes a tempo into the header, or moves it.
  mutating func changeTempo(_ argument: String, count: Int?) -> [Effect] {
    let step = argument
    guard !step.isEmpty else { return ask("tempo (beats a minute)", .tempo, "\(tempo)") }
    guard let typed = Int(step.drop { $0 == "=" || $0 == " " || $0 == "+" }) else {
      complain("'\(argument)' is no tempo: write a number of beats a minute, or +2, -2")
      return []
    }
    let number = min(max(typed, -4000), 4000)
    let isRelative = step.hasPrefix("+") || step.hasPrefix("-")
    let wanted = isRelative ? tempo + number * max(count ?? 1, 1) : number
    guard isRelative || (10...400).contains(wanted) else {
      complain("\(number) is no tempo: 10 to 400 beats a minute")
      return []
    }
    let value = min(max(wanted, 10), 400)
    guard parsed.body.lowerBound > 0 else {
      notice("the tempo is kept in the header: there is none yet (I makes one)")
      return []
    }
    let beat = parsed.header.beatLength
    let effects = whilePaused {
      $0.setHeaderField("Q", to: "\(beat.numerator)/\(beat.denominator)=\(value)", kind: .tempo)
    }
    notice("tempo \(value)")
    return effects
  }

  /// Changes the header under a model that writes: it pauses and goes on in a run of its own, so
  /// that every run can be drawn again from its recipe.
  mutating func whilePaused(_ change: (inout Session) -> Void) -> [Effect] {
    let run = writer.run
    let isStillPastEnd = writer.isPastEnd
    var effects = pause()
    change(&self)
    writer.setPastEnd(isStillPastEnd)
    if let run { effects += startGenerating(run.goal) }
    return effects + playbackUpdate()
  }

  mutating func tapTempo() -> [Effect] {
    guard let value = listening.tap(at: clock) else {
      notice("tap again in time")
      return []
    }
    return changeTempo("\(value)", count: nil)
  }

  mutating func soundNoteAtCursor() -> [Effect] {
    guard let note = score.note(atOrAfterByte: cursor), let pitch = parsed.notes[note].pitch else {
      return []
    }
    return [.soundNote(pitch)]
  }

  /// Ctrl-C: stops sound, pauses the model; twice within a second offers to quit.
  mutating func halt() -> [Effect] {
    let wasQuiet = player.state == .stopped && generator != .running
    let effects =
      endPractice() + (recording?.isRunning == true ? stopClock() : []) + stopPlaying() + pause()
    if screen.lastHalt != nil {
      notice("q quits; the draft is saved")
    } else if wasQuiet {
      notice("nothing is running (Ctrl-C again offers to quit)")
    } else {
      notice("stopped")
    }
    screen.halted()
    return effects
  }
}

extension Substring {
  func trimmingPrefixSpaces() -> Substring { drop { $0 == " " } }
}

import Music

/// Call and response: so many bars are played in, the model answers with as many in time, and so on
/// while the clock runs.
struct Exchange: Sendable, Equatable {
  /// Bars of a call, and of an answer.
  let bars: Int
  var rounds = 0
  /// While the model's answer sounds: where it ends on the player's time line.
  var answerEnds: Int?
  /// How many bars the voice has when the answer is whole.
  var target = 0
  var clock = TakeClock()
}

extension Session {
  /// `answer`: begins the exchange, or ends it.
  mutating func answer(_ argument: String, count: Int?) -> [Effect] {
    if answering != nil { return endExchange() }
    let asked = argument.isEmpty ? count ?? 2 : Int(argument)
    guard let bars = asked, (1...16).contains(bars) else {
      complain("'\(argument)' is no number of bars to answer: 1 to 16")
      return []
    }
    guard model != nil else {
      complain("there is no model yet that could answer")
      return []
    }
    var effects = finishRecording()
    endSelection()
    moveCursor(to: draft.count)
    answering = Exchange(bars: bars)
    effects += beginRecording(bars: bars)
    notice("you play \(Session.bars(bars)), the model answers in time; Esc ends")
    return effects
  }

  /// How long before the bar line a call is over, in ticks: a note that comes later is nearer to the
  /// bar line than to any place before it, and the model needs a moment.
  var answerLead: Int {
    guard let recording, let place = recording.places.last else { return 0 }
    let moment = Int(recording.clock.ticksPerMillisecond * 150)
    return max(place.transcriber.unitLength / 2, moment)
  }

  /// The call is over: the model writes its answer, which begins on the next bar line.
  mutating func answerCall() -> [Effect] {
    guard let call = recording, var exchange = answering, let limit = call.limit else { return [] }
    guard !call.take.isEmpty else {
      let effects = endExchange()
      notice("nothing was played: the exchange is over")
      return effects
    }
    recording?.take.releaseAll(at: limit)
    writeTake(until: limit, isOver: true)
    let end = call.origin + limit
    recording = nil
    settle()
    places.moveHead(to: cursor)
    exchange.rounds += 1
    exchange.clock = call.clock
    exchange.answerEnds = end + exchange.bars * call.bar(at: max(limit - 1, 0)).count
    exchange.target =
      score.completeBars(ofVoice: call.voice, before: head) + exchange.bars
    answering = exchange
    writer.setPastEnd(true)
    return startGenerating(.bars(exchange.target))
  }

  /// What is played while the model answers: all there is, on a clock that goes on.
  var exchangePlan: PlaybackPlan {
    var performance = score.performance
    let bar = Tick(parsed.header.barLength ?? .one).count
    performance.extend(bar: bar, atLeastTo: answering?.answerEnds ?? 0)
    return PlaybackPlan(
      performance: performance, readyUntil: performance.end, isGrowing: false)
  }

  /// What the player says while the model answers.
  mutating func exchangeHears(_ report: PlayerReport) -> [Effect] {
    guard recording == nil, var exchange = answering, let end = exchange.answerEnds else {
      return []
    }
    guard report.state != .stopped else { return endExchange() }
    exchange.clock.hear(report.playhead.count, at: clock)
    answering = exchange
    if writer.run == nil, case .failed = generator { return endExchange() }
    let voice = score.voice(atByte: head)
    if writer.run == nil, score.completeBars(ofVoice: voice, before: head) < exchange.target {
      // It ended the tune before its time.
      writer.setPastEnd(true)
      return startGenerating(.bars(exchange.target))
    }
    guard (exchange.clock.tick(at: clock) ?? 0) >= end else { return [] }
    return nextCall(at: end)
  }

  /// The next call begins where the answer ends, whatever the model has come to.
  private mutating func nextCall(at tick: Int) -> [Effect] {
    guard var exchange = answering else { return [] }
    let effects = pause()
    draft.closeEdit()
    moveCursor(to: draft.count)
    guard var call = takePlace(bars: exchange.bars)?.moved(to: tick) else {
      return effects + endExchange()
    }
    call.isRunning = true
    call.clock = exchange.clock
    call.take.knowsReleases = reportsReleases
    exchange.answerEnds = nil
    answering = exchange
    recording = call
    screen.enter(.record)
    return effects + [.updatePlayback(takePlan, closesNotes: false)]
  }

  /// Ends the exchange; everything that was played and written stays.
  mutating func endExchange() -> [Effect] {
    guard let exchange = answering else { return [] }
    answering = nil
    if recording != nil { return finishRecording() }
    if mode == .record { screen.enter(.normal) }
    let effects = pause() + stopPlaying() + restoredClicks
    let rounds = exchange.rounds == 1 ? "1 round" : "\(exchange.rounds) rounds"
    notice("\(rounds) of \(Session.bars(exchange.bars))")
    return effects + requestNextCharacters()
  }
}

extension Recording {
  /// The same take elsewhere on the player's time line.
  func moved(to origin: Int) -> Recording {
    var copy = Recording(
      places: places, spans: spans, openPlace: openPlace, origin: origin, voice: voice,
      mayHavePickup: mayHavePickup)
    copy.take = take
    copy.steps = steps
    copy.limit = limit
    return copy
  }
}

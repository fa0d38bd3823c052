import Music

/// Finds repeat signs and endings of a voice that have no counterpart (ABC 2.1 §4.8, §4.9).
struct RepeatCheck {
  struct Fault {
    var event: Event
    var sentence: String
    var severity = Diagnostic.Severity.warning
    /// Whether it ends with the text, so that more text may mend it.
    var isAtEnd = false
  }

  private(set) var faults: [Fault] = []
  /// A `|:` without its `:|`, and how often its section sounds.
  private var open: (event: Event, times: Int)?
  private var endings: [(numbers: UInt64, event: Event)] = []
  private var hasRepeat = false
  /// Whether a sign has closed the last ending; music after it ends the group.
  private var isEndingClosed = false

  init(_ events: [Event], _ signs: VoiceSigns) {
    var next = 0
    for index in signs.places {
      if index > next { passNotes() }
      next = index + 1
      switch events[index].content {
      case .part:
        if !endings.isEmpty { finishEndings() }
      case .ending(let numbers):
        endings.append((numbers, events[index]))
        isEndingClosed = false
      case .bar(let sign) where !sign.isPlain: read(sign, events[index])
      default: break
      }
    }
    if next < events.count { passNotes() }
    finishEndings(isAtEnd: true)
    if let open { report(open.event, isAtEnd: true) }
  }

  private mutating func passNotes() {
    if isEndingClosed, !endings.isEmpty { finishEndings() }
  }

  private mutating func read(_ sign: BarSign, _ event: Event) {
    if sign.ends > 0 {
      if let open, endings.isEmpty, open.times != Int(sign.ends) + 1 {
        let times = max(open.times, Int(sign.ends) + 1)
        faults.append(
          Fault(
            event: event,
            sentence: "A section ends with as many colons as it begins with; this one is played "
              + "\(times) times.", severity: .note))
      }
      if endings.isEmpty { open = nil } else { hasRepeat = true }
    }
    if !endings.isEmpty {
      isEndingClosed = true
      if sign.starts > 0 || (sign.isDouble && sign.ends == 0) { finishEndings() }
    }
    if sign.starts > 0 {
      if let open { report(open.event, isAtEnd: false) }
      open = (event, Int(sign.starts) + 1)
    }
  }

  private mutating func report(_ event: Event, isAtEnd: Bool) {
    faults.append(
      Fault(
        event: event, sentence: "This |: is not closed by :|; its section is played once.",
        isAtEnd: isAtEnd))
  }

  private mutating func finishEndings(isAtEnd: Bool = false) {
    guard let first = endings.first, let last = endings.last else { return }
    defer {
      if hasRepeat || endings.count > 1 { open = nil }
      endings = []
      hasRepeat = false
      isEndingClosed = false
    }
    let all = endings.reduce(0 as UInt64) { $0 | $1.numbers }
    let greatest = 64 - all.leadingZeroBitCount
    let missing = (1...max(greatest, 1)).filter { all & (1 << UInt64($0 - 1)) == 0 }
    func names(_ numbers: [Int]) -> String {
      numbers.map(String.init).joined(separator: ", ")
    }
    if all == 1 {
      faults.append(
        Fault(
          event: first.event,
          sentence: "No second ending follows this first one.", isAtEnd: isAtEnd))
    } else if !missing.isEmpty {
      faults.append(
        Fault(
          event: last.event,
          sentence: "The section has no ending \(names(missing)) before this one."))
    }
    var seen: UInt64 = 0
    for ending in endings {
      if let number = (1...63).first(where: { seen & ending.numbers & (1 << UInt64($0 - 1)) != 0 })
      {
        faults.append(
          Fault(event: ending.event, sentence: "The section has ending \(number) already."))
        break
      }
      seen |= ending.numbers
    }
  }
}

extension TuneAssembler {
  private struct Told: Hashable {
    var start: Fraction
    var sentence: String
  }

  /// Several voices have the same signs: each fault is told once for its moment.
  func checkRepeats(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    var told: Set<Told> = []
    for (events, signs) in zip(tune.script.voices, tune.script.signs) {
      for fault in RepeatCheck(events, signs).faults {
        let place = Told(start: fault.event.start, sentence: fault.sentence)
        guard told.insert(place).inserted else { continue }
        found.append(
          lines.diagnostic(
            fault.severity, fault.sentence, Int(fault.event.lower)..<Int(fault.event.upper),
            mayPass: fault.isAtEnd))
      }
    }
  }
}

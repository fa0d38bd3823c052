import Music

/// A stretch of a voice between two signs that matter for the order of playing.
struct Stretch: Hashable, Sendable {
  var events: Range<Int>
  var start: Fraction
  var end: Fraction
  /// 1 the first time a repeated section sounds.
  var pass: Int
}

/// Works out in which order a voice is played: repeats, endings, parts and jumps
/// (ABC 2.1 §3.1.9, §4.8–4.10).
struct PlayOrder {
  /// The signs at one place of the voice.
  struct Mark {
    /// The first event after the place's first sign: fields between two signs belong to what
    /// follows them, on every pass.
    var event: Int
    var time: Fraction
    var ends = 0
    var isDouble = false
    var part: UInt8 = 0
    var starts = 0
    var endings: UInt64 = 0
    var jumps: [Jump] = []
    /// The bytes of the signs.
    var text: Range<Int>
    /// How long the bar that ends here is.
    var bar = Fraction.zero

    /// How late in the fixed order of signs the last one was; a new sign may only come after.
    var rank = 0
  }

  let marks: [Mark]
  private(set) var stretches: [Stretch] = []
  /// The atom that each stretch plays; atom n lies between marks n and n + 1.
  var played: [Int] = []
  private var isFull = false
  /// One bar at the start of the tune; `nil` in free meter.
  private let barLength: Fraction?
  static let most = 20_000

  /// The order for one voice. `partOrder` is the header's `P:`.
  init(
    _ events: [Event], _ signs: VoiceSigns, partOrder: [UInt8], barLength: Fraction?,
    followsJumps: Bool
  ) {
    self.barLength = barLength
    marks = PlayOrder.findMarks(events, signs)
    let atoms = marks.count - 1
    guard atoms > 0 else { return }
    stretches.reserveCapacity(2 * atoms)
    played.reserveCapacity(2 * atoms)
    if partOrder.isEmpty || !marks.contains(where: { $0.part != 0 }) {
      unroll(0, atoms, visit: 1, visits: 1)
    } else {
      playParts(partOrder, atoms)
    }
    if followsJumps { followJumps() }
  }

  // MARK: - Signs

  private static func findMarks(_ events: [Event], _ signs: VoiceSigns) -> [Mark] {
    // At 0 also where %%score lets the voice begin later: the others sound before it.
    var marks: [Mark] = []
    marks.reserveCapacity(8)
    marks.append(Mark(event: 0, time: .zero, text: 0..<0))
    var hasNotes = false
    /// Fine, D.C. and their like take effect at the end of their bar.
    var waiting: [Jump] = []
    var barStart = marks[0].time
    var next = 0
    for index in signs.places {
      if index > next { hasNotes = true }
      next = index + 1
      let event = events[index]
      switch event.content {
      case .note: continue
      case .chordSymbol, .tempo, .meter, .key, .midi, .hairpin, .words, .symbols, .lineEnd,
        .overlay, .slur, .staves:
        continue
      case .bar(let sign):
        defer { if event.start > barStart { barStart = event.start } }
        if !waiting.isEmpty {
          mark(index, event, rank: 0, &marks, &hasNotes, isJump: true) { $0.jumps += waiting }
          waiting = []
        }
        guard !sign.isPlain else { continue }
        if sign.ends > 0 || sign.isDouble {
          mark(index, event, rank: sign.ends > 0 ? 1 : 2, &marks, &hasNotes) { mark in
            mark.ends = max(mark.ends, Int(sign.ends))
            mark.isDouble = mark.isDouble || sign.isDouble
            mark.bar = max(mark.bar, event.start - barStart)
          }
        }
        if sign.starts > 0 {
          mark(index, event, rank: 4, &marks, &hasNotes) { $0.starts = Int(sign.starts) }
        }
      case .part(let letter):
        mark(index, event, rank: 3, &marks, &hasNotes) { $0.part = letter }
      case .ending(let numbers):
        mark(index, event, rank: 5, &marks, &hasNotes) { $0.endings |= numbers }
      case .jump(let jump):
        guard jump == .segno || jump == .coda else {
          waiting.append(jump)
          continue
        }
        mark(index, event, rank: 0, &marks, &hasNotes, isJump: true) { $0.jumps.append(jump) }
      }
    }
    marks.append(
      Mark(
        event: events.count, time: max(signs.end, marks[marks.count - 1].time),
        text: Int.max..<Int.max))
    marks[marks.count - 1].jumps = waiting
    return marks
  }

  /// Adds a sign to the mark at this place, or makes a new mark when notes lie between or the
  /// signs come in an order that means something else.
  private static func mark(
    _ index: Int, _ event: Event, rank: Int, _ marks: inout [Mark], _ hasNotes: inout Bool,
    isJump: Bool = false, change: (inout Mark) -> Void
  ) {
    let last = marks.count - 1
    // A part's label may stand before the sign that ends the part before it.
    let isAfterLabel = marks[last].rank == 3 && rank < 3
    let joins = !hasNotes && (isJump || marks[last].rank <= rank || isAfterLabel)
    if joins {
      marks[last].text =
        min(
          marks[last].text.lowerBound, Int(event.lower))..<max(
          marks[last].text.upperBound, Int(event.upper))
      marks[last].time = max(marks[last].time, event.start)
      marks[last].rank = max(marks[last].rank, rank)
      change(&marks[last])
    } else {
      var new = Mark(
        event: index + 1, time: max(event.start, marks[last].time),
        text: Int(event.lower)..<Int(event.upper))
      new.rank = rank
      change(&new)
      marks.append(new)
    }
    hasNotes = false
  }

  // MARK: - Repeats and endings

  mutating func play(_ atoms: Range<Int>, pass: Int) {
    for atom in atoms {
      guard stretches.count < PlayOrder.most else {
        isFull = true
        return
      }
      played.append(atom)
      stretches.append(
        Stretch(
          events: marks[atom].event..<marks[atom + 1].event, start: marks[atom].time,
          end: marks[atom + 1].time, pass: pass))
    }
  }

  /// One section's endings while they are collected.
  private struct Endings {
    var stem: Range<Int>
    var closed: [(numbers: UInt64, atoms: Range<Int>)] = []
    var open: (numbers: UInt64, start: Int)?
    /// Whether any `:|` belongs to the group: without one a growing text just goes on.
    var hasRepeat = false
  }

  /// Plays atoms `low..<high`. `visit` of `visits` counts how often the part has been played.
  private mutating func unroll(_ low: Int, _ high: Int, visit: Int, visits: Int) {
    var start = low
    var times = marks[low].starts + 1
    var isExplicit = marks[low].starts > 0
    var group: Endings?
    if marks[low].endings != 0 {
      group = Endings(stem: low..<low, open: (marks[low].endings, low))
    }
    guard low < high else { return }
    for place in (low + 1)...high {
      let mark = marks[place]
      let isEnd = place == high
      let endings = isEnd ? 0 : mark.endings
      let closes = mark.ends > 0 || mark.isDouble || (!isEnd && (mark.part != 0 || mark.starts > 0))
      if group != nil {
        if mark.ends > 0 { group?.hasRepeat = true }
        if closes || isEnd || endings != 0 { closeEnding(&group, at: place) }
        if endings != 0, !(mark.starts > 0 && !isEnd) {
          group?.open = (endings, place)
          continue
        }
        if closes || isEnd {
          if let done = group {
            finish(done, from: low, times: times, visit: visit, visits: visits)
          }
          group = nil
          start = place
          isExplicit = false
          times = 1
        }
      } else if mark.ends > 0 {
        let pickup = pickup(low..<start, before: place)
        for pass in 1...max(times, mark.ends + 1) {
          if pass > 1 { play(pickup, pass: pass) }
          play(start..<place, pass: pass)
        }
        start = place
        isExplicit = false
        times = 1
      }
      guard !isEnd else { break }
      // A label inside a section that |: has opened does not close it.
      if mark.starts > 0 || ((mark.part != 0 || mark.isDouble) && !isExplicit) {
        if group == nil {
          if start < place { play(start..<place, pass: 1) }
          start = place
          if mark.starts > 0 {
            isExplicit = true
            times = mark.starts + 1
          } else if mark.part != 0 {
            isExplicit = false
            times = 1
          }
        }
      }
      if endings != 0 {
        group = Endings(stem: start..<place, open: (endings, place))
      }
    }
    if start < high { play(start..<high, pass: 1) }
  }

  /// A pickup that a double bar cuts off from its strain, `G||ABcd ... abc:|`, still belongs to
  /// it when it makes the last bar whole; the repeat then goes back to it.
  private func pickup(_ before: Range<Int>, before place: Int) -> Range<Int> {
    let none = before.upperBound..<before.upperBound
    guard let barLength, !before.isEmpty, marks[before.upperBound].isDouble else { return none }
    let length = marks[before.upperBound].time - marks[before.lowerBound].time
    guard length < barLength, length + marks[place].bar == barLength else { return none }
    return before
  }

  private func closeEnding(_ group: inout Endings?, at place: Int) {
    guard let open = group?.open else { return }
    group?.closed.append((open.numbers, open.start..<place))
    group?.open = nil
  }

  private mutating func finish(
    _ group: Endings, from low: Int, times: Int, visit: Int, visits: Int
  ) {
    let all = group.closed.reduce(0 as UInt64) { $0 | $1.numbers }
    let greatest = 64 - all.leadingZeroBitCount
    if !group.hasRepeat, group.closed.count < 2 {
      play(group.stem, pass: 1)
      for ending in group.closed { play(ending.atoms, pass: 1) }
      return
    }
    let passes: ClosedRange<Int>
    if visits > 1, !group.hasRepeat || (greatest > 2 && visits % greatest == 0) {
      // The part is played again and again by the order of parts: one pass each time.
      let pass = greatest > 0 ? (visit - 1) % greatest + 1 : visit
      passes = pass...pass
    } else {
      passes = 1...max(greatest, 2, times)
    }
    var pickup = group.stem.lowerBound..<group.stem.lowerBound
    if let first = group.closed.first {
      pickup = self.pickup(low..<group.stem.lowerBound, before: first.atoms.upperBound)
    }
    for pass in passes {
      if pass > 1 { play(pickup, pass: pass) }
      play(group.stem, pass: pass)
      let bit: UInt64 = pass <= 64 ? 1 << UInt64(pass - 1) : 0
      for ending in group.closed where ending.numbers & bit != 0 { play(ending.atoms, pass: pass) }
    }
  }

  // MARK: - Parts

  private mutating func playParts(_ order: [UInt8], _ atoms: Int) {
    var parts: [UInt8: Range<Int>] = [:]
    var first: Int?
    for atom in 0..<atoms where marks[atom].part != 0 {
      first = first ?? atom
      let end = (atom + 1..<atoms).first { marks[$0].part != 0 } ?? atoms
      if parts[marks[atom].part] == nil { parts[marks[atom].part] = atom..<end }
    }
    if let first, first > 0 {
      if let letter = order.first, parts[letter] == nil,
        PlayOrder.isPart(before: marks[first].time, barLength: barLength)
      {
        parts[letter] = 0..<first
      } else {
        unroll(0, first, visit: 1, visits: 1)
      }
    }
    var total: [UInt8: Int] = [:]
    for letter in order { total[letter, default: 0] += 1 }
    var visits: [UInt8: Int] = [:]
    for letter in order where !isFull {
      guard let part = parts[letter] else { continue }
      visits[letter, default: 0] += 1
      unroll(
        part.lowerBound, part.upperBound, visit: visits[letter] ?? 1, visits: total[letter] ?? 1)
    }
  }

  /// Whether what stands before the first label is more than a pickup: then it is the part that
  /// the order begins with and no label names.
  static func isPart(before label: Fraction, barLength: Fraction?) -> Bool {
    barLength.map { label >= $0 } ?? false
  }

  mutating func removeStretches(after index: Int) {
    stretches.removeSubrange((index + 1)...)
    played.removeSubrange((index + 1)...)
  }

  mutating func append(_ more: [Stretch], _ atoms: [Int]) {
    stretches += more
    played += atoms
  }
}

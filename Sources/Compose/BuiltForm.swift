import ABC
import Music

/// The body of a tune put together from phrases, as a musician writes `A A B B`: in a tune of several
/// voices, the bars of all of them go together.
///
/// What comes twice in a row becomes a repeat; what comes twice and ends otherwise, first and second
/// endings.
struct BuiltForm {
  /// A phrase in its place.
  struct Section {
    /// As it was asked for: `A'`.
    var label: String
    var phrase: PhraseMusic
    var copy = Copy.none
  }

  /// What is still to be written anew of a phrase that stands in for another.
  enum Copy {
    case none
    /// A return: all but the head of every two bars and the last bar.
    case varied
    /// Another ending.
    case ending

    /// The places of these bars among a phrase's.
    func bars(of count: Int) -> Range<Int> {
      switch self {
      case .none: count..<count
      case .varied: count > 2 ? 1..<count - 1 : 0..<max(count - 1, 1)
      case .ending: count - max(count / 4, 1)..<count
      }
    }

    func contains(_ place: Int, of count: Int) -> Bool {
      guard bars(of: count).contains(place) else { return false }
      return self == .ending || count <= 4 || place % 2 == 1
    }
  }

  /// What becomes of a section and perhaps of the one behind it; the same in every voice.
  private enum Step {
    case once
    /// A repeat of what comes twice.
    case twice
    /// First and second endings, behind so many bars that both begin with.
    case endings(Int)

    var length: Int { if case .once = self { 1 } else { 2 } }
  }

  private(set) var body = ""
  /// The bytes of `body` that hold the bars to be written anew, in order; of the first voice.
  private(set) var copies: [Range<Int>] = []
  /// What does not fit, the first join first.
  private(set) var remarks: [String] = []
  private var fields: PhraseFields
  private var marksCopies = true

  /// - Parameters:
  ///   - voices: The sections of each voice in the order in which they are heard.
  ///   - labels: What the voices are called in `V:`.
  ///   - fields: What the header says that the body stands under.
  init(_ voices: [[Section]], labels: [String], under fields: PhraseFields) {
    self.fields = fields
    let steps = Self.steps(voices)
    for (index, sections) in voices.enumerated() {
      let label = labels.indices.contains(index) ? labels[index] : ""
      if voices.count > 1 {
        body += "V:\(label)\n"
        self.fields = fields
      }
      check(sections, index == 0 ? "" : " in voice \(label)", against: voices[0])
      write(sections, steps)
      // The model writes the first voice anew; the others come back as they are.
      if index == 0 { marksCopies = false }
    }
  }

  private mutating func write(_ sections: [Section], _ steps: [Step]) {
    var place = 0
    for step in steps {
      let section = sections[place]
      place += step.length
      let sign = place == sections.count ? "|]" : "||"
      begin(section)
      switch step {
      case .twice: add(section, before: "|:", after: ":|")
      case .endings(let shared): add(section, sections[place - 1], shared, after: sign)
      case .once:
        let closes = section.phrase.whole?.last == "|" || section.phrase.whole?.last == "]"
        add(section, before: "", after: closes ? "" : sign)
      }
      body += "\n"
      if !section.phrase.words.isEmpty { body += section.phrase.words + "\n" }
    }
  }

  /// What is repeated in all voices at once.
  private static func steps(_ voices: [[Section]]) -> [Step] {
    let count = voices.first?.count ?? 0
    var steps: [Step] = []
    var place = 0
    while place < count {
      var step = Step.once
      if place + 1 < count {
        let pairs = voices.map { ($0[place], $0[place + 1]) }
        if pairs.allSatisfy({ $0.repeats($1) }) {
          step = .twice
        } else if let shared = sharedBars(pairs) {
          step = .endings(shared)
        }
      }
      steps.append(step)
      place += step.length
    }
    return steps
  }

  /// How many bars two sections begin with alike in every voice, where they differ only in their last
  /// ones; `nil` where they do not.
  private static func sharedBars(_ pairs: [(Section, Section)]) -> Int? {
    var fewest = Int.max
    for (one, two) in pairs {
      guard let shared = one.shares(with: two) else { return nil }
      fewest = min(fewest, shared)
    }
    let counts = pairs.flatMap { [$0.phrase.bars.count, $1.phrase.bars.count] }
    guard let least = counts.min(), let most = counts.max(), fewest < least, fewest * 2 >= most
    else { return nil }
    return fewest
  }

  private mutating func begin(_ section: Section) {
    body += section.phrase.fields.inline(after: fields)
    fields = section.phrase.fields
  }

  private mutating func add(_ section: Section, before: String, after: String) {
    body += before
    if let whole = section.phrase.whole {
      body += whole.trimmingLines()
    } else {
      addBars(of: section, from: 0)
    }
    body += after
  }

  /// Two sections as one with two endings.
  private mutating func add(
    _ first: Section, _ second: Section, _ shared: Int, after: String
  ) {
    body += "|:"
    addBars(of: first, from: 0, to: shared)
    body += "|1 "
    addBars(of: first, from: shared)
    body += ":|2 "
    addBars(of: second, from: shared)
    body += after
  }

  private mutating func addBars(of section: Section, from start: Int, to end: Int? = nil) {
    let phrase = section.phrase
    let end = end ?? phrase.bars.count
    for place in start..<end {
      let music = place == start ? phrase.bars[place].trimmingLines() : phrase.bars[place]
      let byte = body.utf8.count
      body += music
      if marksCopies, section.copy.contains(place, of: phrase.bars.count) {
        copies.append(byte..<body.utf8.count)
      }
      if place + 1 < end { body += phrase.lines[place] }
    }
  }

  // MARK: Joins

  private mutating func check(_ sections: [Section], _ voice: String, against first: [Section]) {
    for (section, leading) in zip(sections, first) {
      for fault in section.phrase.faults { remark("\(section.label)\(voice): \(fault)") }
      let (count, wanted) = (section.phrase.bars.count, leading.phrase.bars.count)
      if count != wanted {
        remark("\(section.label)\(voice) has \(count) bars, the first voice \(wanted)")
      } else if (section.phrase.whole == nil) != (leading.phrase.whole == nil) {
        remark("\(section.label)\(voice) does not repeat what the first voice repeats")
      }
    }
    for (one, two) in zip(sections, sections.dropFirst()) {
      check(one.phrase, two.phrase, "\(one.label) to \(two.label)\(voice)")
    }
    let keys = sections.flatMap { $0.phrase.pitches.map(\.key) }
    let span = (keys.max() ?? 0) - (keys.min() ?? 0)
    if span > BuiltForm.widestSpan {
      remark("all of it\(voice) spans \(span) semitones, more than most instruments play well")
    }
  }

  private mutating func check(_ left: PhraseMusic, _ right: PhraseMusic, _ name: String) {
    if left.fields.meter != right.fields.meter {
      remark("\(name): the meter goes from \(left.fields.meter) to \(right.fields.meter)")
    } else if let length = left.barLength, left.shortEnd != nil || right.pickup != nil {
      let sum = (left.shortEnd ?? .zero) + (right.pickup ?? .zero)
      if left.shortEnd == nil {
        remark("\(name): a pickup of \(sum) follows a full bar")
      } else if sum != length {
        remark("\(name): its last bar and the pickup make \(sum), not \(length)")
      }
    }
    guard let last = left.pitches.last, let first = right.pitches.first else { return }
    let leap = abs(first.key - last.key)
    if leap > BuiltForm.widestLeap { remark("\(name): a leap of \(leap) semitones") }
  }

  private mutating func remark(_ sentence: String) {
    if !remarks.contains(sentence) { remarks.append(sentence) }
  }

  /// In semitones: an octave from one phrase to the next is usual, more is not.
  private static let widestLeap = 12
  /// In semitones: two octaves and a third, what a fiddle plays in first position.
  private static let widestSpan = 28
}

extension BuiltForm.Section {
  /// Whether another section is this one once more.
  fileprivate func repeats(_ other: Self) -> Bool {
    phrase.whole == nil && other.phrase.whole == nil && other.copy == .none && copy == .none
      && phrase.music == other.phrase.music && phrase.fields == other.phrase.fields
      && phrase.words == other.phrase.words
  }

  /// How many bars another section begins with as this one does; `nil` where that does not count.
  fileprivate func shares(with other: Self) -> Int? {
    let (one, two) = (phrase, other.phrase)
    guard one.whole == nil, two.whole == nil, copy == .none, other.copy != .varied,
      one.fields == two.fields, one.words.isEmpty, two.words.isEmpty
    else { return nil }
    func plain(_ bar: String) -> String { bar.filter { !$0.isWhitespace } }
    let shared = zip(one.bars, two.bars).prefix { plain($0) == plain($1) }.count
    return other.copy == .ending
      ? min(shared, other.copy.bars(of: two.bars.count).lowerBound) : shared
  }
}

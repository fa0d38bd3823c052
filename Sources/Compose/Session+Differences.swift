import ABC
import Music

/// Where an alternative differs from the original, by bars and beats.
extension Session {
  /// In words, for the alternative that is shown: `differs in bar 5 beats 1 3, bars 6-7; ends on D`.
  /// Empty while none is open.
  public var alternativeDifference: String {
    guard let alternatives, alternatives.selected > 0 else { return "" }
    var words = [differenceWords(alternatives)]
    let own = barsOfAlternative
    let last = parsed.notes.last {
      $0.pitch != nil && $0.kind == .note && own?.contains($0.bar) ?? true
    }
    if let last {
      words.append("ends on \(Session.words(ofNote: text.text(atBytes: last.range)))")
    }
    return words.filter { !$0.isEmpty }.joined(separator: "; ")
  }

  private func differenceWords(_ alternatives: Alternatives) -> String {
    guard let bars = barsOfAlternative else { return "" }
    let old = Score(text: history.versions[alternatives.original].text)
    let count = history.versions[alternatives.original].byteCount
    let start = parsed.bars[bars.lowerBound]
    let voice = start.voice
    // The original of the next phrase may have no such bars yet.
    let oldBars =
      barsOfAlternative(in: old, count).flatMap { range in
        range.first { old.parsed.bars[$0].number == start.number }
      }
    let own = bars.filter { parsed.bars[$0].voice == voice }
    let others = oldBars.map { first in
      old.parsed.bars.indices.filter { $0 >= first && old.parsed.bars[$0].voice == voice }
    }
    var parts: [DifferentBars] = []
    for (place, bar) in own.enumerated() {
      let number = max(parsed.bars[bar].number, 0)
      guard let others, others.indices.contains(place) else {
        parts.add(number, .new)
        continue
      }
      parts.add(number, beats(of: bar, otherThan: others[place], in: old.parsed))
    }
    let changed = parts.filter { $0.what != .same }
    guard !changed.isEmpty else { return "sounds like the original" }
    let isNew = changed.allSatisfy { $0.what == .new }
    return (isNew ? "" : "differs in ") + changed.map(\.words).joined(separator: ", ")
  }

  /// The beats of a bar, from 1, in which other notes begin than in a bar of another text.
  private func beats(of bar: Int, otherThan other: Int, in tune: ParsedTune) -> DifferentBars.What {
    let beat = parsed.header.beatLength
    guard beat > .zero else { return .whole }
    func sounds(_ tune: ParsedTune, _ bar: Int) -> [Int: [String]] {
      var found: [Int: [String]] = [:]
      for note in tune.notes where note.bar == bar && note.kind == .note {
        let place = note.start - tune.bars[bar].start
        found[Int(place.value / beat.value + 1e-9) + 1, default: []].append(
          "\(place) \(note.length) \(note.pitch?.key ?? -1)")
      }
      return found
    }
    let (mine, theirs) = (sounds(parsed, bar), sounds(tune, other))
    let all = Set(mine.keys).union(theirs.keys)
    let different = all.filter { mine[$0] != theirs[$0] }.sorted()
    if different.isEmpty { return .same }
    return different.count == all.count ? .whole : .beats(different)
  }

  /// A note as ABC writes it, its length told apart from its pitch: `A2` is `A (length 2)`.
  public static func words(ofNote written: String) -> String {
    guard let digit = written.firstIndex(where: { $0.isNumber || $0 == "/" }) else {
      return written
    }
    return "\(written[..<digit]) (length \(written[digit...]))"
  }
}

/// Bars that follow each other and differ in the same way.
private struct DifferentBars {
  enum What: Equatable {
    case same, whole, new
    case beats([Int])
  }
  var first: Int
  var last: Int
  var what: What

  var words: String {
    let name = first == last ? "bar \(first)" : "bars \(first)-\(last)"
    switch what {
    case .same: return name
    case .whole: return name
    case .new: return "\(name) \(first == last ? "is" : "are") new"
    case .beats(let beats):
      let list = beats.map(String.init).joined(separator: " ")
      return "\(name) \(beats.count == 1 ? "beat" : "beats") \(list)"
    }
  }
}

extension [DifferentBars] {
  fileprivate mutating func add(_ number: Int, _ what: DifferentBars.What) {
    if let last, last.what == what, last.last + 1 == number || last.last == number {
      if case .beats = what {
      } else {
        self[count - 1].last = number
        return
      }
    }
    append(DifferentBars(first: number, last: number, what: what))
  }
}

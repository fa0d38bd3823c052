import ABC
import Music

/// A bar put together from several ways to write it, each heard for some beats (a "comp", as
/// recording engineers say): notes that a switch cut off end there, and what another one held over
/// it is a rest, as it sounded.
struct BarComp {
  /// What is taken of one text.
  struct Segment {
    var tune: ParsedTune
    var text: String
    /// Index into the tune's bars.
    var bar: Int
    /// From the start of the bar, in whole notes.
    var from: Fraction
    var to: Fraction
  }

  /// A sound of the result: when, how long, which keys.
  private struct Sound: Equatable {
    var start: Fraction
    var length: Fraction
    var keys: [Int]
  }

  /// The bar's music; `nil` where it cannot be written so (a tuplet is cut, a length has no name).
  ///
  /// - Parameter header: What the bar is read with: fields up to `K:`.
  static func music(_ segments: [Segment], header: String) -> String? {
    var parts: [String] = []
    var wanted: [Sound] = []
    for segment in segments {
      let sounds = self.sounds(segment)
      guard let part = verbatim(segment, sounds) ?? spelled(segment, sounds) else { return nil }
      parts.append(part)
      wanted += sounds
    }
    var music = parts.joined(separator: " ")
    for _ in 0...wanted.count {
      let tune = ParsedTune(text: header + music + "|\n")
      guard let bar = tune.bars.first, bar.length == segments.last?.to else { return nil }
      let whole = Segment(tune: tune, text: "", bar: 0, from: .zero, to: bar.length)
      let found = sounds(whole)
      if found == wanted { return music }
      // An accidental of one text may reach a note of another.
      guard found.count == wanted.count,
        let place = zip(found, wanted).enumerated().first(where: { $1.0 != $1.1 })?.offset,
        let better = respelled(header + music + "|\n", tune, found[place], wanted[place])
      else { return nil }
      music = String(better.dropFirst(header.count).dropLast(2))
    }
    return nil
  }

  private static func notes(_ segment: Segment) -> [ParsedTune.WrittenNote] {
    let origin = segment.tune.bars[segment.bar].start
    return segment.tune.notes.filter {
      $0.bar == segment.bar && $0.kind != .grace && segment.from <= $0.start - origin
        && $0.start - origin < segment.to
    }
  }

  private static func sounds(_ segment: Segment) -> [Sound] {
    let origin = segment.tune.bars[segment.bar].start
    var sounds: [Sound] = []
    for note in notes(segment) {
      guard let key = note.pitch?.key else { continue }
      let start = note.start - origin
      let length = min(start + note.length, segment.to) - start
      if let last = sounds.last, last.start == start {
        sounds[sounds.count - 1].keys.append(key)
      } else {
        sounds.append(Sound(start: start, length: length, keys: [key]))
      }
    }
    return sounds
  }

  /// The bytes as they stand, where nothing reaches over either end.
  private static func verbatim(_ segment: Segment, _ sounds: [Sound]) -> String? {
    let notes = notes(segment)
    guard let first = notes.first, let last = notes.last else { return nil }
    let origin = segment.tune.bars[segment.bar].start
    guard first.start - origin == segment.from, last.start + last.length - origin == segment.to
    else { return nil }
    let bytes = Array(segment.text.utf8)
    let all = segment.tune.notes.filter { $0.bar == segment.bar && $0.kind != .grace }
    let frame = BarFrame(
      bytes, bar: segment.tune.bars[segment.bar].range, lastNote: all.last?.range.upperBound)
    let before = all.last { $0.range.upperBound <= first.range.lowerBound }
    let after = all.first { $0.range.lowerBound >= last.range.upperBound }
    let lower = before.map { BarFrame.whole($0.range, bytes).upperBound } ?? frame.music.lowerBound
    let upper =
      after == nil
      ? frame.music.upperBound : BarFrame.whole(last.range, bytes).upperBound
    guard lower < upper else { return nil }
    let music = segment.text.text(atBytes: lower..<upper).trimmingSpaces()
    // A tie, a slur or broken rhythm that leads across is no part of one side.
    let isWhole =
      music.count { $0 == "(" } - music.matches(of: /\([2-9]/).count
      == music.count { $0 == ")" }
    guard isWhole, let start = music.first, !"-<>)".contains(start), let end = music.last,
      !"-<>(".contains(end)
    else { return nil }
    if after != nil, bytes.indices.contains(upper), "-<>)".utf8.contains(bytes[upper]) {
      return nil
    }
    return music
  }

  /// Every note with its length as it was heard.
  private static func spelled(_ segment: Segment, _ sounds: [Sound]) -> String? {
    let origin = segment.tune.bars[segment.bar].start
    let unit = segment.tune.header.unitLength
    func length(_ whole: Fraction) -> String? { Session.spelled(length: whole / unit) }
    var words: [String] = []
    var time = segment.from
    let notes = notes(segment).filter { $0.kind == .note }
    for sound in sounds {
      if time < sound.start {
        guard let rest = length(sound.start - time) else { return nil }
        words.append("z" + rest)
      }
      guard let size = length(sound.length) else { return nil }
      let names = notes.filter { $0.start - origin == sound.start }.map { note in
        String(segment.text.text(atBytes: note.range).prefix { !$0.isNumber && $0 != "/" })
      }
      words.append((names.count == 1 ? names[0] : "[\(names.joined())]") + size)
      time = sound.start + sound.length
    }
    if time < segment.to {
      guard let rest = length(segment.to - time) else { return nil }
      words.append("z" + rest)
    }
    return words.joined()
  }

  /// The text with the note that sounds wrong spelled so that it sounds right.
  private static func respelled(
    _ text: String, _ tune: ParsedTune, _ found: Sound, _ wanted: Sound
  ) -> String? {
    guard found.start == wanted.start, found.length == wanted.length,
      found.keys.count == wanted.keys.count
    else { return nil }
    let notes = tune.notes.filter { $0.kind == .note && $0.start == found.start }
    for (note, key) in zip(notes, wanted.keys) where note.pitch?.key != key {
      for accidental in [nil, 0, 1, -1, 2, -2] as [Int?] {
        guard
          let changed = TuneTransform.respell(
            text, note: note.range, steps: 0, accidental: accidental)
        else { continue }
        let again = ParsedTune(text: changed).notes.first {
          $0.range.lowerBound == note.range.lowerBound
        }
        if again?.pitch?.key == key { return changed }
      }
    }
    return nil
  }
}

extension Session {
  /// A length in units as ABC writes it (`3/2`, `/`, nothing for 1); `nil` where notes have none
  /// such.
  static func spelled(length: Fraction) -> String? {
    guard length > .zero, length.denominator & (length.denominator - 1) == 0,
      length.denominator <= 16, length.numerator <= 256
    else { return nil }
    switch (length.numerator, length.denominator) {
    case (1, 1): return ""
    case (let top, 1): return "\(top)"
    case (1, 2): return "/"
    case (1, let bottom): return "/\(bottom)"
    case (let top, let bottom): return "\(top)/\(bottom)"
    }
  }
}

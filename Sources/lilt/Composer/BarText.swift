import ABC
import Compose

/// A closed bar of the tune as it is told in words: its number, its text, who wrote most of it.
struct BarText: Equatable {
  /// As the screen shows it; 0 = the pickup.
  var number: Int
  /// From 0.
  var voice: Int
  var hasOtherVoices: Bool
  var isByModel: Bool
  /// On one line.
  var text: String

  /// `5`, or `5 of voice 2`.
  var name: String {
    (number > 0 ? "\(number)" : "0, the pickup") + (hasOtherVoices ? " of voice \(voice + 1)" : "")
  }

  var sentence: String { "bar \(name)\(isByModel ? " by the model" : ""): \(text)" }

  /// The closed bars of a tune, in the order of its text.
  static func all(of session: Session) -> [BarText] {
    let records = session.records
    return session.parsed.bars.filter(\.isClosed).map { bar in
      let own = bar.range.clamped(to: records.indices)
      let byModel = own.count { records[$0].origin == .model }
      return BarText(
        number: bar.number, voice: bar.voice, hasOtherVoices: session.parsed.voices.count > 1,
        isByModel: byModel * 2 > own.count,
        text: session.text.text(atBytes: bar.range).split(whereSeparator: \.isWhitespace)
          .joined(separator: " "))
    }
  }

  /// The closed bars as they are to be told after `old`: one that the model fills from within is told
  /// when it is full.
  static func settled(in session: Session, after old: [BarText]) -> [BarText] {
    let bars = all(of: session)
    guard session.generator == .running,
      let growing = session.parsed.bars.filter(\.isClosed).firstIndex(where: {
        $0.range.lowerBound < session.head && session.head < $0.range.upperBound
      })
    else { return bars }
    guard bars.count == old.count else { return old }
    var told = bars
    told[growing] = old[growing]
    return told
  }

  /// Which bars of `new` say something else than those of `old` in their places; bars that are as
  /// they were before and behind those are left out.
  static func changes(
    from old: [BarText], to new: [BarText]
  ) -> (bars: [BarText], movesOthers: Bool) {
    let before = zip(old, new).prefix { $0.text == $1.text }.count
    let after = zip(old.reversed(), new.reversed()).prefix { $0.text == $1.text }
      .prefix(min(old.count, new.count) - before).count
    let isLonger = new.count != old.count && (after > 0 || new.count < old.count)
    return (Array(new[before..<new.count - after]), isLonger)
  }
}

extension ParsedTune {
  /// A bar line, or the number of an ending, as it stands in the text (ABC 2.1 §4.8, §4.9).
  public struct Sign: Hashable, Sendable {
    public var range: Range<Int>
    /// Whether it ends a repeated section: `:|`, `::`.
    public var endsRepeat = false
    /// Whether it starts one: `|:`, `::`.
    public var startsRepeat = false
    /// Whether a strain ends here: `||`, `|]`, `[|`.
    public var isDouble = false
    /// The endings that start here, bit n − 1 for pass n; 0 for a bar line.
    public var endings: UInt64 = 0
  }

  /// The bar lines and endings of a voice, in text order.
  ///
  /// - Parameter voice: A place in `voices`; outside it, none.
  public func signs(voice: Int = 0) -> [Sign] {
    guard script.voices.indices.contains(voice) else { return [] }
    var signs: [Sign] = []
    for event in script.voices[voice] {
      var sign = Sign(range: Int(event.lower)..<max(Int(event.lower), Int(event.upper)))
      switch event.content {
      case .bar(let bar):
        sign.endsRepeat = bar.ends > 0
        sign.startsRepeat = bar.starts > 0
        sign.isDouble = bar.isDouble
      case .ending(let numbers): sign.endings = numbers
      default: continue
      }
      signs.append(sign)
    }
    return signs
  }
}

extension ParsedTune {
  /// Whether anything in it is played otherwise in another manner: signs with notes of their own,
  /// and grace notes.
  public var hasOrnaments: Bool {
    script.voices.contains { events in
      events.contains { event in
        guard case .note = event.content else { return false }
        return event.note.kind == .grace || !event.note.decorations.isDisjoint(with: .ornaments)
      }
    }
  }
}

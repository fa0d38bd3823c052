import Music

/// Where a voice says something else than notes. Nine of ten events are notes: who looks for bar
/// lines, parts or fields goes from sign to sign.
struct VoiceSigns: Sendable {
  /// Indices of the events that are no notes, rests or grace notes.
  private(set) var places: [Int] = []
  /// Whether a crescendo or diminuendo begins anywhere.
  private(set) var hasHairpins = false
  /// Where the `%%MIDI` lines of the voice stand among the texts.
  private(set) var directives: [Int] = []
  /// Where the last note or bar line of the written time line ends.
  private(set) var end = Fraction.zero

  init(_ events: [Event]) {
    var end = Fraction.zero
    for event in events where event.isNote && event.note.kind != .grace {
      end = max(end, event.start + event.note.length)
    }
    self.init(events, notesEnd: end)
  }

  /// - Parameter notesEnd: Where the last note ends, which the reader of the voice knows.
  init(_ events: [Event], notesEnd: Fraction) {
    end = notesEnd
    places.reserveCapacity(events.count / 3)
    for index in events.indices where !events[index].isNote {
      places.append(index)
      switch events[index].content {
      case .bar: end = max(end, events[index].start)
      case .hairpin: hasHairpins = true
      case .midi(let text): directives.append(text)
      default: break
      }
    }
  }
}

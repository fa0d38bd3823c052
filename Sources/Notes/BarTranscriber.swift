import Music

/// Writes notes as the ABC text of one bar, as soon as the bar is known: without bar lines, in one
/// voice, whatever overlaps.
///
/// Where a note begins or ends while others sound, those are cut there and tied, so that any music
/// can be read back from the text exactly.
public struct BarTranscriber: Sendable {
  /// Beats of a bar and the note value of one; without beats there are no bars.
  public var meter: (beats: Int, unit: Int)
  /// Ticks of the unit note length.
  public var unitLength: Int
  /// Sharps of the key signature, negative for flats.
  public var fifths: Int

  public init(meter: (beats: Int, unit: Int), unitLength: Int, fifths: Int) {
    self.meter = meter
    self.unitLength = max(1, unitLength)
    self.fifths = fifths
  }

  /// Starts and ends of notes are written as whole numbers of these ticks: sixteenths.
  public static let grid = Tick.perQuarter / 4

  /// A tick of music, on the grid.
  public static func onGrid(_ tick: Int) -> Int { (tick + grid / 2) / grid * grid }

  /// The text of a part of a bar.
  ///
  /// - Parameters:
  ///   - notes: Those that sound in it; they may begin before and end later.
  ///   - part: The ticks to write, on the time line of the notes.
  ///   - barStart: Where the bar begins.
  ///   - isHeldOn: Whether what sounds at the end goes on behind it; otherwise it ends there.
  ///   - knowsBar: Whether no sign of an earlier part of the bar holds; `nil` = where the part begins
  ///     with the bar.
  public func text(
    _ notes: [PlacedNote], part: Range<Int>, barStart: Int, isHeldOn: Bool = true,
    knowsBar: Bool? = nil
  ) -> String {
    guard !part.isEmpty else { return "" }
    let heard = notes.filter { $0.start < part.upperBound && $0.end > part.lowerBound }
    var moments = Set([part.lowerBound, part.upperBound])
    for note in heard {
      moments.insert(max(note.start, part.lowerBound))
      moments.insert(min(note.end, part.upperBound))
    }
    let cuts = moments.sorted()
    let items = zip(cuts, cuts.dropFirst()).map { start, end in
      item(heard, start..<end, canGoOn: isHeldOn || end < part.upperBound)
    }
    var writer = BarWriter(
      unit: unitLength * Unit.perTick,
      meter: WrittenMeter(at: 0, beats: meter.beats, unit: meter.unit),
      origin: barStart * Unit.perTick,
      memory: AccidentalMemory(fifths: fifths, knowsBar: knowsBar ?? (part.lowerBound == barStart)),
      gathersGraces: false)
    return writer.text(items)
  }

  /// What sounds between two neighbouring moments.
  private func item(_ notes: [PlacedNote], _ time: Range<Int>, canGoOn: Bool) -> BarItem {
    var isTied: [Int: Bool] = [:]
    for note in notes where note.start <= time.lowerBound && note.end >= time.upperBound {
      isTied[note.key] = (isTied[note.key] ?? false) || canGoOn && note.end > time.upperBound
    }
    let isWholeTied = !isTied.isEmpty && isTied.values.allSatisfy { $0 }
    var places: [String: Int] = [:]
    for key in isTied.keys { places[staffPlace(of: key), default: 0] += 1 }
    let keys = isTied.sorted { $0.key < $1.key }.map { key, isTied in
      // A flat and a natural on one line: their ties would be taken for each other's.
      NamedKey(
        key: key, name: Spelling(key: key, fifths: fifths), isTiedOn: isTied && !isWholeTied,
        isSigned: places[staffPlace(of: key)] != 1)
    }
    return BarItem(
      start: time.lowerBound * Unit.perTick, length: time.count * Unit.perTick, keys: keys,
      isTiedOn: isWholeTied)
  }

  private func staffPlace(of key: Int) -> String {
    Spelling(key: key, fifths: fifths).text(key: key)
  }

  /// A key as ABC names it where no bar is known: `^f'`.
  public static func name(of key: Int, fifths: Int) -> String {
    var memory = AccidentalMemory(fifths: fifths)
    return memory.text(NamedKey(key: key, name: Spelling(key: key, fifths: fifths)))
  }
}

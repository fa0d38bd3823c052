/// A note of a melody, as long as it is written.
public struct MelodyNote: Hashable, Sendable {
  /// MIDI key; nil for a rest.
  public var pitch: Int?
  /// From the start of its bar, in parts of a whole note as in `MelodyReader.whole`.
  public var onset: Int
  /// In parts of a whole note.
  public var length: Int

  public init(pitch: Int?, onset: Int, length: Int) {
    self.pitch = pitch
    self.onset = onset
    self.length = length
  }
}

/// A bar of a single-voice melody: chords count as their top note, grace notes not at all.
public struct MelodyBar: Hashable, Sendable {
  public var notes: [MelodyNote] = []
  /// Written length, in parts of a whole note.
  public var length = 0
  /// Where its music begins, and where its bar line does, in scalars of the text.
  public var text = 0..<0
  /// Number of its part, from 0.
  public var part = 0
  /// 0 = outside of endings, 1 = in a first one, 2 = in a second or later one.
  public var ending = 0
  /// A first bar of a part that is shorter than the meter asks for.
  public var isPickup = false
  /// Its pitches at each eighth, once it is closed.
  public var grid = MelodyGrid([])

  public init() {}
}

/// The pitches of some bars at each eighth, for asking how alike they are; notes shorter than an
/// eighth count one each, as they do for the ear.
public struct MelodyGrid: Hashable, Sendable {
  /// MIDI keys; `goesOn` where the note before goes on, `rest` where nothing sounds.
  public private(set) var cells: [Int16] = []

  static let goesOn: Int16 = -1
  static let rest: Int16 = -2

  public init(_ bars: some Sequence<MelodyBar>) {
    for bar in bars {
      for note in bar.notes {
        cells.append(note.pitch.map { Int16(clamping: $0) } ?? Self.rest)
        let eighths = note.length / (MelodyReader.whole / 8)
        if eighths > 1 { cells.append(contentsOf: repeatElement(Self.goesOn, count: eighths - 1)) }
      }
    }
  }

  /// 1 − their edit distance (Levenshtein 1966) over the longer one's length: 1 = the same.
  public func likeness(to other: MelodyGrid) -> Double {
    let longest = max(cells.count, other.cells.count)
    guard longest > 0 else { return 1 }
    return 1 - Double(distance(to: other)) / Double(longest)
  }

  private func distance(to other: MelodyGrid) -> Int {
    guard !cells.isEmpty, !other.cells.isEmpty else { return max(cells.count, other.cells.count) }
    if cells == other.cells { return 0 }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: other.cells.count + 1) { row in
      for column in 0...other.cells.count { row[column] = column }
      for (line, cell) in cells.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for (column, otherCell) in other.cells.enumerated() {
          let above = row[column + 1]
          row[column + 1] = min(
            above + 1, row[column] + 1, diagonal + (cell == otherCell ? 0 : 1))
          diagonal = above
        }
      }
      return row[other.cells.count]
    }
  }
}

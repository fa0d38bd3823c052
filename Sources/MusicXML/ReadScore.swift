import Music

/// A score as it was read from a file: staves, each measure by measure. Places within a measure are
/// whole notes after its start.
struct ReadScore {
  var titles: [String] = []
  var number = 1
  var composer = ""
  var rhythm = ""
  var transcriptions: [String] = []
  var copyright = ""
  var partOrder = ""
  /// How the tune came to be, one sentence each.
  var recipe: [String] = []
  var staves: [ReadStaff] = []
  /// What is in the file and not in the score, counted.
  var omissions: [String: Int] = [:]

  mutating func omit(_ what: String) { omissions[what, default: 0] += 1 }
}

/// A staff of a part: a voice of the tune.
struct ReadStaff {
  var name = ""
  var clef = ""
  /// Semitones between written and sounding pitch at the start.
  var transposition = 0
  /// General MIDI, from 0.
  var program: Int?
  var isDrums = false
  var measures: [ReadMeasure] = []
}

struct ReadMeasure {
  /// By `<voice>`, the first to appear first.
  var layers: [(name: String, notes: [ReadNote])] = []
  var marks: [ReadMark] = []
  /// The time that the file gives it.
  var length = Fraction.zero
  var startsRepeat = false
  var endings: [Int] = []
  /// How often what ends here is repeated.
  var repeats = 0
  var style = BarStyle.plain
  var startsLine = false

  enum BarStyle { case plain, double, final, none }

  mutating func add(_ note: ReadNote, to layer: String) {
    if let place = layers.firstIndex(where: { $0.name == layer }) {
      layers[place].notes.append(note)
    } else {
      layers.append((layer, [note]))
    }
  }

  var hasNotes: Bool { layers.contains { $0.notes.contains { !$0.pitches.isEmpty } } }

  /// Ends the measure at a place: rests there are shortened or left out, marks behind it stand there.
  mutating func end(at end: Fraction) {
    length = end
    for layer in layers.indices {
      layers[layer].notes.removeAll { $0.pitches.isEmpty && $0.start >= end }
      for index in layers[layer].notes.indices {
        let note = layers[layer].notes[index]
        guard note.pitches.isEmpty, note.start + note.length > end else { continue }
        layers[layer].notes[index].length = end - note.start
      }
    }
    for mark in marks.indices { marks[mark].at = min(marks[mark].at, end) }
  }
}

/// Something that stands at a moment of a staff.
struct ReadMark {
  enum Content: Equatable {
    /// A chord symbol: a note that sounds meanwhile is tied over it.
    case chord(String)
    /// ABC as it stands before a note: `!p!`, `"^dolce"`.
    case text(String)
    case key(ReadKey)
    case meter(String)
    case tempo(String)
  }
  var at: Fraction
  var content: Content
}

struct ReadKey: Equatable {
  /// After `K:`.
  var name: String
  /// Semitones by letter C ... B.
  var alterations: [Int]
}

/// A note, a chord or a rest.
struct ReadNote {
  var start: Fraction
  var length: Fraction
  /// None in a rest.
  var pitches: [ReadPitch] = []
  var isVisible = true
  var graces: [ReadGrace] = []
  /// By the names that stand between `!` marks.
  var signs: [String] = []
  var tuplet: (actual: Int, normal: Int)?
  var slurStarts = 0
  var slurStops = 0
  var lyrics: [Int: ReadSyllable] = [:]
}

struct ReadPitch: Equatable {
  /// 0 = C ... 6 = B.
  var letter: Int
  var octave: Int
  var alteration: Int
  var startsTie = false
}

struct ReadGrace {
  var pitches: [ReadPitch]
  var length: Fraction
  var hasSlash: Bool
  /// Whether its tuplet has begun before it.
  var isInTuplet: Bool
}

struct ReadSyllable {
  var text: String
  /// Whether the word goes on.
  var hasHyphen: Bool
  /// Whether it is held over the notes that follow.
  var isHeld: Bool
}

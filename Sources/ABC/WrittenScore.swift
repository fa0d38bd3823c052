import Music

/// A tune as a page shows it, voice by voice: for whoever writes it down in another notation.
/// How it sounds is a `Performance`.
public struct WrittenScore: Sendable {
  public var voices: [Voice] = []
  /// What holds at the beginning.
  public var meter: WrittenMeter
  public var key: WrittenKey
  /// The order of the parts, as after `P:` in the header; empty without.
  public var partOrder = ""
  /// `%%MIDI` lines, of the header and within the music, as written.
  public var instructions: [String] = []

  public struct Voice: Sendable {
    public var id: String
    public var name: String
    public var isPercussion: Bool
    /// In text order; overlays (`&`) go back in time.
    public var events: [Event] = []
  }

  /// Something that stands in a voice.
  public struct Event: Sendable {
    /// After the start of the voice, repeats not unrolled, in whole notes.
    public var start: Fraction
    public var content: Content
  }

  public enum Content: Sendable {
    case note(WrittenTone)
    /// A bar line: how often what it ends is repeated, and the same of what it starts.
    case bar(ends: Int, starts: Int, isDouble: Bool)
    /// The numbers of the endings that start here.
    case ending([Int])
    /// A chord symbol as written, with its tones in semitones above the root; `nil` where it is words.
    case chord(String, intervals: [Int]?)
    case noChord
    case meter(WrittenMeter)
    case key(WrittenKey)
    case tempo(quartersPerMinute: Double)
    case part(Character)
    /// A decoration that sends the player somewhere else, by its name: `segno`, `D.C. al fine`.
    case jump(String)
    case hairpin(isLouder: Bool, isStart: Bool)
  }

  /// - Parameter text: What the tune was read from.
  public init(_ tune: ParsedTune, text: [UInt8]) {
    let script = tune.script
    meter = WrittenMeter(script.meter, tune.header.meter)
    key = WrittenKey(tune.header.key, script.key)
    partOrder = script.partOrder
    instructions = script.headerDirectives
    var offsets: Int16 = 0
    for (index, events) in script.voices.enumerated() {
      let known = tune.voices.indices.contains(index) ? tune.voices[index] : nil
      var voice = Voice(
        id: known?.id ?? "", name: known?.name ?? "", isPercussion: known?.isPercussion ?? false)
      var isInSlur = false
      for event in events {
        let content: Content
        switch event.content {
        case .note:
          var tone = WrittenTone(event, offset: &offsets)
          let isSlurred = event.note.flags.contains(.isSlurred)
          tone.startsSlur = isSlurred && !isInSlur
          tone.endsSlur = event.note.flags.contains(.endsSlur) && (isInSlur || tone.startsSlur)
          isInSlur = (isInSlur || tone.startsSlur) && !tone.endsSlur
          content = .note(tone)
        case .bar(let sign):
          content = .bar(
            ends: Int(sign.ends), starts: Int(sign.starts), isDouble: sign.isDouble)
        case .ending(let passes):
          content = .ending((1...64).filter { passes & (1 << UInt64($0 - 1)) != 0 })
        case .chordSymbol(let place):
          let symbol = script.texts[place]
          switch ChordName.read(symbol) {
          case .chord(let name):
            content = .chord(symbol, intervals: name.isKnown ? name.intervals : [])
          case .silence: content = .noChord
          case .words: content = .chord(symbol, intervals: nil)
          }
        case .tempo(let quarters, _):
          guard quarters > 0 else { continue }
          content = .tempo(quartersPerMinute: quarters)
        case .meter(let meter):
          content = .meter(WrittenMeter(meter, Self.field(event, in: text)))
        case .key(let fifths, let isMinor):
          let field = KeyField(Self.field(event, in: text))
          content = .key(
            WrittenKey(
              field.name,
              field.signature ?? KeySignature(fifths: Int(fifths), isMinor: isMinor)))
        case .part(let letter):
          content = .part(Character(Unicode.Scalar(letter)))
        case .jump(let jump): content = .jump(jump.name)
        case .hairpin(let isLouder, let isStart):
          content = .hairpin(isLouder: isLouder, isStart: isStart)
        case .midi(let place):
          instructions.append(script.texts[place])
          continue
        case .overlay, .words, .symbols, .lineEnd, .slur, .staves: continue
        }
        voice.events.append(Event(start: event.start, content: content))
      }
      voices.append(voice)
    }
  }

  /// What stands after the colon of a field.
  private static func field(_ event: ScriptEvent, in text: [UInt8]) -> String {
    let range = (Int(event.lower)..<max(Int(event.lower), Int(event.upper)))
      .clamped(to: text.startIndex..<text.endIndex)
    var bytes = text[range]
    if bytes.first == UInt8(ascii: "[") { bytes = bytes.dropFirst() }
    if bytes.last == UInt8(ascii: "]") { bytes = bytes.dropLast() }
    if bytes.dropFirst().first == UInt8(ascii: ":") { bytes = bytes.dropFirst(2) }
    return String(decoding: trimmed(bytes.prefix { $0 != UInt8(ascii: "%") }), as: UTF8.self)
  }
}

/// An event of a script, where `Event` is one of a written score.
private typealias ScriptEvent = Event

/// A meter as it is written.
public struct WrittenMeter: Hashable, Sendable {
  /// 0 in free meter.
  public var beats: Int
  public var unit: Int
  /// `C` and `C|`.
  public var isCommon = false
  public var isCut = false

  public var barLength: Fraction? { beats == 0 ? nil : Fraction(beats, unit) }
  public var beatLength: Fraction { Meter(beats: beats, unit: unit).beatLength }

  init(_ meter: Meter, _ text: String) {
    beats = meter.beats
    unit = meter.unit
    isCommon = text == "C" && meter == .common
    isCut = text == "C|"
  }
}

/// A key as it is written.
public struct WrittenKey: Hashable, Sendable {
  /// Sharps, or flats below 0.
  public var fifths: Int
  /// In full and in English: `major`, `dorian`; `nil` where the key names no tonic.
  public var mode: String?
  /// Semitones by letter C ... B, where they are not those of `fifths`; empty otherwise.
  public var alterations: [Int] = []

  private static let modes = [
    "": "major", "maj": "major", "ion": "ionian", "m": "minor", "min": "minor", "aeo": "aeolian",
    "dor": "dorian", "mix": "mixolydian", "phr": "phrygian", "loc": "locrian", "lyd": "lydian",
  ]

  /// - Parameter name: Tonic and mode, as a `K:` field names them.
  init(_ name: String, _ signature: KeySignature) {
    fifths = signature.fifths
    let letters = name.lowercased().filter { $0.isLetter && $0.isASCII || $0 == "#" }
    if let first = letters.first, "abcdefg".contains(first), letters != "hp" {
      var rest = letters.dropFirst()
      if rest.first == "#" || rest.first == "b" { rest = rest.dropFirst() }
      mode = Self.modes[String(rest.prefix(3))] ?? Self.modes[String(rest.prefix(1))]
    }
    if signature.alterations != KeySignature(fifths: fifths).alterations {
      alterations = (0..<7).map { Int(signature.alterations[$0]) }
    }
  }
}

/// A note, rest or grace note as it is written.
public struct WrittenTone: Sendable {
  public var kind: ParsedTune.WrittenNote.Kind
  /// Index into the tune's `notes`.
  public var written: Int
  /// 0 = C ... 6 = B.
  public var letter: Int
  /// 4 begins with middle C.
  public var octave: Int
  /// Semitones by which the letter is altered.
  public var alteration: Int
  /// Semitones between the written pitch and the sounding one.
  public var transposition: Int
  /// Whether the accidental stands in the text.
  public var hasAccidental: Bool
  /// Whole notes; of a grace note as written.
  public var length: Fraction
  public var startsTie: Bool
  public var endsTie: Bool
  public var startsSlur = false
  public var endsSlur = false
  /// A member of a chord after its first.
  public var continuesChord: Bool
  public var isInvisible: Bool
  /// Whether it is a rest of whole bars: `Z`.
  public var isBars: Bool
  public var signs: [Sign]
  /// `p`, `ff` ..., as far as the loudness in force is one that has a name.
  public var dynamic: String?

  /// A sign above a note, by the name that stands between `!` marks.
  public enum Sign: String, CaseIterable, Sendable {
    // In the order of the bits of `Decorations`.
    case staccato, tenuto, accent, fermata, trill, roll, lowermordent, uppermordent, turn, wedge,
      arpeggio, sfz, invertedturn
  }

  /// - Parameter offset: By how much the note before sounded higher than written.
  fileprivate init(_ event: ScriptEvent, offset: inout Int16) {
    let note = event.note
    kind = note.kind
    written = Int(event.written)
    let staff = Int(note.staff)
    let octave = staff >= 0 ? staff / 7 : (staff - 6) / 7
    letter = staff - 7 * octave
    self.octave = octave
    let natural = 12 * (octave + 1) + naturalSemitones(letter)
    // What a tie brings over the bar line is the pitch, not the sign.
    if note.reason == .tie {
      alteration = Int(note.key) - Int(offset) - natural
    } else {
      alteration = Int(note.alteration)
      if kind != .rest { offset = note.key - Int16(clamping: natural + alteration) }
    }
    transposition = Int(offset) + Int(note.shift)
    hasAccidental = note.flags.contains(.hasAccidental)
    length = note.length
    startsTie = note.flags.contains(.tie)
    endsTie = note.flags.contains(.isTied)
    continuesChord = note.flags.contains(.continuesChord)
    isInvisible = note.flags.contains(.isInvisible)
    isBars = note.flags.contains(.isBars)
    signs = Sign.allCases.enumerated().filter {
      note.decorations.rawValue & (1 << UInt32($0.offset)) != 0
    }.map(\.element)
    dynamic = Self.dynamics.first { DecorationName($0) == .dynamic(note.loudness) }
  }

  /// Names of dynamic marks, softest first.
  public static let dynamics = ["pppp", "ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "ffff"]
}

extension Jump {
  /// As it stands between `!` marks.
  fileprivate var name: String {
    switch self {
    case .segno: "segno"
    case .coda: "coda"
    case .fine: "fine"
    case .toCoda: "dacoda"
    case .daCapo: "D.C."
    case .daCapoAlFine: "D.C.alfine"
    case .daCapoAlCoda: "D.C.alcoda"
    case .dalSegno: "D.S."
    case .dalSegnoAlFine: "D.S.alfine"
    case .dalSegnoAlCoda: "D.S.alcoda"
    }
  }
}

import Analysis
import Form

/// What a musician wants of the tunes that the model writes, besides how characters are drawn.
///
/// Names are resolved when they are chosen: a draft that is replayed needs no table of instruments.
public struct Writing: Codable, Hashable, Sendable {
  /// −1…1: how much a tune remembers itself; 0 = not at all, below 0 it keeps away from what was said.
  public var memory = 0.15
  /// `auto`: as tunes do; `free`: no plan; else a `TuneShape`.
  public var shape = "auto"
  /// Parts of 4, 8 or 16 bars that end where they should.
  public var parts = Force.wish
  /// Parts end on the tonic.
  public var cadence = Force.wish
  /// The instrument's name and its lowest and highest MIDI key.
  public var instrument = "fiddle"
  public var lowest = 55
  public var highest = 83
  public var range = Force.wish
  /// The scale's name, and its degrees in half tones above the tonic, upwards and downwards; none for
  /// scales that follow the key.
  public var scaleName = "key"
  public var ascending: [Int] = []
  public var descending: [Int] = []
  public var scale = Force.off
  /// What some bars are to be, as `BarWish.bars` reads it.
  public var bars = ""
  /// A second checkpoint that is blended in.
  public var mix: Mix?
  /// Which tunes the model is lent, as `LentTunes.identifier` tells; empty = none.
  public var book = ""
  /// What is favoured or banned, as `WritingBias.list` reads it.
  public var bias = ""
  /// What is done about notes that stand in a row in a known tune.
  public var copyGuard = CopyGuard.Rule.default
  /// Fingerprints of the repertoires that the guard looks into. They come with the model, and are
  /// written down so that a draft is replayed with the same.
  public var repertoires: [String] = []

  public init() {}

  /// Nothing is wanted: the model alone.
  public static let plain: Writing = {
    var plain = Writing()
    plain.memory = 0
    plain.shape = "free"
    (plain.parts, plain.cadence, plain.range) = (.off, .off, .off)
    plain.copyGuard = .off
    return plain
  }()

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let plain = Writing.plain
    func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    memory = try value(.memory, plain.memory)
    shape = try value(.shape, plain.shape)
    parts = try value(.parts, plain.parts)
    cadence = try value(.cadence, plain.cadence)
    instrument = try value(.instrument, plain.instrument)
    lowest = try value(.lowest, plain.lowest)
    highest = try value(.highest, plain.highest)
    range = try value(.range, plain.range)
    scaleName = try value(.scaleName, plain.scaleName)
    ascending = try value(.ascending, plain.ascending)
    descending = try value(.descending, plain.descending)
    scale = try value(.scale, plain.scale)
    bias = try value(.bias, plain.bias)
    copyGuard = try value(.copyGuard, plain.copyGuard)
    repertoires = try value(.repertoires, plain.repertoires)
    bars = try value(.bars, plain.bars)
    mix = try values.decodeIfPresent(Mix.self, forKey: .mix)
    book = try value(.book, plain.book)
  }
}

extension WritingStyle {
  /// What a musician's wishes ask of the writer.
  public init(_ writing: Writing) {
    self.init()
    memory = min(max(writing.memory, -1), 1)
    switch writing.shape {
    case "auto": plan = .drawn
    case "free": plan = .free
    default: plan = TuneShape(writing.shape).map { .shape($0) } ?? .drawn
    }
    parts = plan == .free ? .off : writing.parts
    cadence = plan == .free ? .off : writing.cadence
    range = writing.lowest <= writing.highest ? writing.lowest...writing.highest : nil
    rangeForce = writing.range
    switch writing.scaleName {
    case "key": scale = .key
    case "pentatonic": scale = .pentatonic
    case "hexatonic": scale = .hexatonic
    default:
      scale = .degrees(
        ascending: Set(writing.ascending), descending: Set(writing.descending))
    }
    scaleForce = writing.scale
    biases = WritingBias.list(writing.bias) ?? []
    copyGuard = writing.copyGuard
    repertoires = writing.repertoires
    bars = BarWish.bars(writing.bars) ?? [:]
  }
}

extension WritingBias {
  /// Reads biases such as `F+1.5, c#-2, z!, 84!`: a note's name in any octave, a character in single
  /// quotes or one that is no note, or a MIDI key; then how much its probability grows or shrinks, in
  /// powers of e, or `!` for never. nil where it cannot be read.
  public static func list(_ text: String) -> [WritingBias]? {
    var biases: [WritingBias] = []
    for entry in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let bias = one(entry) else { return nil }
      biases.append(bias)
    }
    return biases
  }

  private static func one(_ entry: Substring) -> WritingBias? {
    var name = entry
    var weight = -Double.infinity
    if name.last == "!" {
      name.removeLast()
    } else {
      guard let sign = name.dropFirst().lastIndex(where: { $0 == "+" || $0 == "-" }),
        let number = Double(name[sign...]), number.magnitude <= 100
      else { return nil }
      weight = number
      name = name[..<sign]
    }
    return subject(name).map { WritingBias($0, weight: weight) }
  }

  private static func subject(_ name: Substring) -> Subject? {
    if let key = Int(name) { return (0...127).contains(key) ? .pitch(key) : nil }
    if name.hasPrefix("'"), name.hasSuffix("'"), name.unicodeScalars.count == 3 {
      return .character(name.unicodeScalars[name.unicodeScalars.index(after: name.startIndex)])
    }
    let scalars = Array(name.unicodeScalars)
    guard let first = scalars.first, scalars.count <= 2 else { return nil }
    if let step = MelodyReader.step(ofLetter: first) {
      let natural = [0, 2, 4, 5, 7, 9, 11][step % 7]
      switch scalars.dropFirst().first {
      case nil: return .pitchClass(natural)
      case "#": return .pitchClass((natural + 1) % 12)
      case "b": return .pitchClass((natural + 11) % 12)
      default: return nil
      }
    }
    return scalars.count == 1 ? .character(first) : nil
  }
}

import Analysis
import Form

/// How strongly something is asked for.
public enum Force: String, Codable, Sendable, CaseIterable {
  case off
  /// Makes it likelier.
  case wish
  /// Nothing else is written.
  case rule
}

/// What a musician wants of the tunes that the model writes, besides how characters are drawn.
///
/// Names are resolved when they are chosen: a draft that is replayed needs no table of instruments.
public struct Writing: Codable, Hashable, Sendable {
  /// −1…1: how much a tune remembers itself; 0 = not at all, below 0 it keeps away from what was said.
  public var memory = 0.15
  /// `auto`: as tunes do; `free`: no plan; else a `TuneShape`.
  public var shape = "auto"
  /// How long parts are, and that they end where they should.
  public var parts = PartLengths.wish
  /// Parts end on the tonic.
  public var cadence = Force.wish
  /// Where the key of a tune comes from that is begun without one.
  public var keyChoice = KeyChoice.usual

  public enum KeyChoice: String, Codable, Sendable, CaseIterable {
    /// The keys that tunes of its dance are in, each as often.
    case usual
    /// The network's own: one that has learnt tunes in many keys writes in all of them.
    case free
  }

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
    plain.keyChoice = .free
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
    keyChoice = try value(.keyChoice, plain.keyChoice)
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

/// What steers the writing of a tune besides how characters are drawn.
public struct WritingStyle: Hashable, Sendable {
  /// −1…1: how much the tune remembers itself; 0 = not, below 0 it keeps away from what was said.
  public var memory = 0.0
  /// Which bars come back.
  public var plan = Plan.free
  /// How closely a planned bar follows the one it repeats, 0…1 for each character.
  public var sameness = 0.95
  /// The same for a bar that is to be a variant.
  public var likeness = 0.9
  /// How much of the memory is left in a bar that is to be new, 0…1.
  public var novelty = 0.2
  /// How long parts are, and that they end where the plan says so.
  public var parts = PartLengths.off
  /// Parts end on the tonic, on a note that is long enough; bar 4 of 8 does not.
  public var cadence = Force.off
  /// MIDI keys that an instrument has.
  public var range: ClosedRange<Int>?
  /// Whether a key that is not given is drawn from those of the dance's tunes in `repertoires`.
  public var usesUsualKeys = false
  public var rangeForce = Force.off
  public var scale = Scale.key
  public var scaleForce = Force.off
  /// What some bars are to be, by number: goes before the plan.
  public var bars: [Int: BarWish] = [:]
  /// Characters and pitches that are favoured or banned.
  public var biases: [WritingBias] = []
  /// What is done about notes that stand in a row in a tune of `repertoires`.
  public var copyGuard = CopyGuard.Rule.off
  /// Fingerprints of those of the model's repertoires that the guard looks into.
  public var repertoires: [String] = []

  /// Where the plan of a tune comes from.
  public enum Plan: Hashable, Sendable {
    /// There is none.
    case free
    /// What tunes do: drawn from the network where it knows plans, else from statistics of tunes.
    case drawn
    /// As a musician has said; what is left open is drawn.
    case shape(TuneShape)
  }

  public init() {}

  /// Parts that a tune has at least, as many as are given; 1 where that is left open.
  var leastParts: Int {
    let shaped = if case .shape(let shape) = plan { shape.parts.count } else { 1 }
    return max(shaped, parts.bars.count, 1)
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
    usesUsualKeys = writing.keyChoice == .usual
    biases = WritingBias.list(writing.bias) ?? []
    copyGuard = writing.copyGuard
    repertoires = writing.repertoires
    bars = BarWish.bars(writing.bars) ?? [:]
  }
}

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
  /// Parts of 4, 8 and 16 bars that end where the plan says so.
  public var parts = Force.off
  /// Parts end on the tonic, on a note that is long enough; bar 4 of 8 does not.
  public var cadence = Force.off
  /// MIDI keys that an instrument has.
  public var range: ClosedRange<Int>?
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
}

/// Which notes belong to a tune's scale.
public enum Scale: Hashable, Sendable {
  /// Those of the key's signature.
  case key
  /// Five of them: without the half tones. In major 1 2 3 5 6, in minor 1 3 4 5 7.
  case pentatonic
  /// Six of them: in major without the seventh, in minor without the sixth.
  case hexatonic
  /// Half tones above the tonic.
  case degrees(ascending: Set<Int>, descending: Set<Int>)

  /// The degrees in half tones above the tonic; nil for the key's own.
  func degrees(isMinor: Bool, rising: Bool) -> Set<Int>? {
    switch self {
    case .key: nil
    case .pentatonic: isMinor ? [0, 3, 5, 7, 10] : [0, 2, 4, 7, 9]
    case .hexatonic: isMinor ? [0, 2, 3, 5, 7, 10] : [0, 2, 4, 5, 7, 9]
    case .degrees(let ascending, let descending): rising ? ascending : descending
    }
  }
}

/// The notes of a scale from the tonic of a tune, as pitch classes: 0 = C.
public struct ScaleNotes: Hashable, Sendable {
  public var rising: Set<Int>
  public var falling: Set<Int>

  /// Whether a MIDI key belongs to it, upwards, downwards, or both.
  public func directions(of key: Int) -> (rising: Bool, falling: Bool) {
    let pitch = (key % 12 + 12) % 12
    return (rising.contains(pitch), falling.contains(pitch))
  }
}

extension Session {
  /// The scale that the model keeps to or leans to; nil where none was asked for.
  public var scaleNotes: ScaleNotes? {
    guard sampling.writing.scale != .off else { return nil }
    let style = WritingStyle(sampling.writing)
    var reader = MelodyReader()
    for scalar in "K:\(parsed.header.key)\n".unicodeScalars { reader.read(scalar) }
    let own = reader.scale
    func notes(rising: Bool) -> Set<Int> {
      let degrees = style.scale.degrees(isMinor: own.contains(3), rising: rising) ?? own
      return Set(degrees.map { ($0 + reader.tonic) % 12 })
    }
    return ScaleNotes(rising: notes(rising: true), falling: notes(rising: false))
  }
}

/// What favours or bans something that can be written.
public struct WritingBias: Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case character(Unicode.Scalar)
    /// A MIDI key.
    case pitch(Int)
    /// 0…11, C = 0.
    case pitchClass(Int)
  }

  public var subject: Subject
  /// Added to the logarithm of its probability; −∞ bans it.
  public var weight: Double

  public init(_ subject: Subject, weight: Double) {
    self.subject = subject
    self.weight = weight
  }
}

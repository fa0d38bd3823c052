/// A sign of the plan: what a tune's form says of the bar that follows, as a control character.
///
/// Control characters stand in the text that networks read, never in the musician's ABC. They are
/// scalars of Unicode's private use area, so that no text of notes has them.
public enum PlanSign: Hashable, Sendable {
  /// A part begins.
  case part(PartKind)
  /// The bars of the part that are left, this one counted: 1...16, or more.
  case place(Place)
  /// The bar is the short one before a part's first.
  case pickup
  /// What the bar has to do with those before.
  case relation(BarRelation)

  /// How a part is played.
  public enum PartKind: Int, Hashable, Sendable, CaseIterable {
    case unknown, once, repeated
    /// Repeated, with a first and a second ending.
    case endings
  }

  public enum Place: Hashable, Sendable {
    case unknown
    /// 1...16
    case left(Int)
    case more

    public static let most = 16

    public init(barsLeft: Int) {
      self = barsLeft > Self.most ? .more : .left(max(1, barsLeft))
    }
  }

  /// The control character.
  public var scalar: Unicode.Scalar {
    let offset: UInt32
    switch self {
    case .part(let kind): offset = UInt32(kind.rawValue)
    case .place(.unknown): offset = 0x10
    case .place(.left(let bars)): offset = 0x10 + UInt32(min(max(1, bars), Place.most))
    case .place(.more): offset = 0x21
    case .pickup: offset = 0x30
    case .relation(.unknown): offset = 0x40
    case .relation(.new): offset = 0x41
    case .relation(.elsewhere): offset = 0x42
    case .relation(.same(let target)): offset = 0x50 + UInt32(target.rawValue)
    case .relation(.varied(let target)): offset = 0x60 + UInt32(target.rawValue)
    }
    return Unicode.Scalar(Self.first + offset) ?? " "
  }

  /// nil for characters that are no sign of a plan.
  public init?(_ scalar: Unicode.Scalar) {
    guard scalar.value >= Self.first, let sign = Self.signs[scalar] else { return nil }
    self = sign
  }

  private static let first: UInt32 = 0xe000

  /// All signs, in the order of their characters.
  public static let all: [PlanSign] = {
    var all = PartKind.allCases.map(PlanSign.part)
    all.append(.place(.unknown))
    all += (1...Place.most).map { .place(.left($0)) }
    all += [.place(.more), .pickup]
    all += [.relation(.unknown), .relation(.new), .relation(.elsewhere)]
    all += BarRelation.Target.allCases.map { .relation(.same($0)) }
    all += BarRelation.Target.allCases.map { .relation(.varied($0)) }
    return all
  }()

  private static let signs = Dictionary(uniqueKeysWithValues: all.map { ($0.scalar, $0) })

  /// `part`, `place`, `pickup` or `relation`.
  public var kind: String {
    switch self {
    case .part: "part"
    case .place: "place"
    case .pickup: "pickup"
    case .relation: "relation"
    }
  }

  /// The sign that says less: what a network reads where the plan is not known.
  public var unknown: PlanSign? {
    switch self {
    case .part: .part(.unknown)
    case .place: .place(.unknown)
    case .pickup: nil
    case .relation: .relation(.unknown)
    }
  }
}

/// What a bar has to do with the bars before it.
public enum BarRelation: Hashable, Sendable {
  case unknown
  /// Like none before.
  case new
  /// Like a bar that no target names.
  case elsewhere
  /// The same pitches at the same eighths.
  case same(Target)
  /// At least `BarRelation.alike` alike, but not the same.
  case varied(Target)

  /// From this likeness on a bar is a variant of another.
  public static let alike = 0.75

  /// Which bar it is like. Where several are equally like it, the first of these counts.
  public enum Target: Int, Hashable, Sendable, CaseIterable {
    case back4
    /// The bar of the first part that is as far from the end of it; endings after the first aside.
    case firstPart
    case back8, back2, back1, back16, back12, back6, back3

    /// Bars back; nil for the first part's.
    public var distance: Int? {
      switch self {
      case .back1: 1
      case .back2: 2
      case .back3: 3
      case .back4: 4
      case .back6: 6
      case .back8: 8
      case .back12: 12
      case .back16: 16
      case .firstPart: nil
      }
    }
  }

  public var target: Target? {
    switch self {
    case .same(let target), .varied(let target): target
    case .unknown, .new, .elsewhere: nil
    }
  }
}

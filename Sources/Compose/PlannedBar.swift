import Form
import Neural

/// A bar that is about to be written, as it is planned.
public struct PlannedBar: Codable, Hashable, Sendable {
  /// Its number, from 1; pickups have none and are left out.
  public var number: Int
  /// Its part, from 0.
  public var part: Int
  /// Bars of the part that are left, this one counted; nil where that is not known.
  public var barsLeft: Int?
  /// Bars of its part; nil where that is not known.
  public var partLength: Int?
  public var wish: BarWish?

  public init(
    number: Int, part: Int, barsLeft: Int?, partLength: Int? = nil, wish: BarWish?
  ) {
    self.number = number
    self.part = part
    self.barsLeft = barsLeft
    self.partLength = partLength
    self.wish = wish
  }

  /// `5=1`, `6~2`, `7 new`; only the number where nothing is planned.
  public var description: String { "\(number)" + (wish?.mark ?? "") }
}

/// What a bar is to be.
public enum BarWish: Codable, Hashable, Sendable {
  /// Like none before.
  case new
  /// The same as a bar by its number, or a variant of it.
  case like(Int, isVaried: Bool)

  /// `=1`, `~2`, ` new`.
  public var mark: String {
    switch self {
    case .new: " new"
    case .like(let bar, let isVaried): (isVaried ? "~" : "=") + "\(bar)"
    }
  }

  /// Reads a bar's number and its wish: `5=1`, `6~2`, `7 new`, `7 auto`; nil where it is none.
  public static func bar(_ text: String) -> (number: Int, wish: BarWish?)? {
    let compact = text.filter { $0 != " " }
    guard let number = Int(compact.prefix { $0.isASCII && $0.isNumber }),
      (1...9999).contains(number)
    else { return nil }
    let rest = compact.drop { $0.isASCII && $0.isNumber }
    switch rest {
    case "new": return (number, .new)
    case "auto": return (number, nil)
    default: break
    }
    guard let sign = rest.first, sign == "=" || sign == "~", let other = Int(rest.dropFirst()),
      (1..<number).contains(other)
    else { return nil }
    return (number, .like(other, isVaried: sign == "~"))
  }

  /// Reads wishes with commas between them; nil where one is none.
  public static func bars(_ text: String) -> [Int: BarWish]? {
    var bars: [Int: BarWish] = [:]
    for entry in text.split(separator: ",") {
      guard let (number, wish) = bar(String(entry)) else { return nil }
      bars[number] = wish
    }
    return bars
  }

  /// Wishes as text, in the order of the bars.
  public static func text(of bars: [Int: BarWish]) -> String {
    bars.sorted { $0.key < $1.key }.map { "\($0.key)\($0.value.mark)" }.joined(separator: ",")
  }
}

extension Improviser {
  /// The bar in progress as it is planned, or the one that begins here; nil where none is.
  var plannedBar: PlannedBar? {
    guard !isInHeader, let bar = plan.bar, bar.index == reader.bars.count, !bar.isPickup,
      let part = plan.part
    else { return nil }
    func number(_ index: Int) -> Int { reader.bars[...index].count { !$0.isPickup } }
    let wish: BarWish? =
      switch bar.relation {
      case .new: .new
      case .unknown: nil
      case .same, .elsewhere:
        bar.target.map { .like(number($0), isVaried: false) }
      case .varied: bar.target.map { .like(number($0), isVaried: true) }
      }
    return PlannedBar(
      number: barNumber + 1, part: part.number, barsLeft: bar.barsLeft, partLength: part.length,
      wish: wish)
  }
}

/// What the coming bars will be unless something is changed: a copy of an improviser writes on as far as
/// the plan of the part goes, or that of the next one where the part is at its end.
public struct Foresight: Sendable {
  /// The bars that are known so far.
  public private(set) var bars: [PlannedBar] = []
  public private(set) var isComplete = false
  private var improviser: Improviser
  private let settings: SamplerSettings
  private let rng: UInt64
  private let run: UInt64
  private var index: UInt64
  private let lastPart: Int
  private var left = Self.farthest

  /// - Parameter index: How many characters the run has written before.
  public init(
    _ improviser: Improviser, _ settings: SamplerSettings, rng: UInt64, run: UInt64, index: UInt64
  ) {
    self.improviser = improviser
    self.settings = settings
    self.rng = rng
    self.run = run
    self.index = index
    lastPart = improviser.reader.part + 1
    isComplete = improviser.style.plan == .free
  }

  /// Writes so many characters more.
  public mutating func advance(by count: Int) {
    for _ in 0..<count {
      guard !isComplete else { return }
      let drawn = improviser.draw(settings, rng: rng, run: run, index: index)
      // The plan of a bar is there once its first character is drawn.
      if let bar = improviser.plannedBar, bars.last?.number != bar.number {
        let isThirdPart = bars.last.map { $0.part != bar.part && $0.part != bars[0].part } ?? false
        guard bar.part <= lastPart, !isThirdPart, bars.count < Self.most else {
          isComplete = true
          return
        }
        bars.append(bar)
      }
      improviser.hear(drawn.token)
      index += 1
      left -= 1
      isComplete = improviser.endsTune || left == 0
    }
  }

  /// Characters that are looked ahead at most.
  private static let farthest = 360
  private static let most = 16
}

import Form
import Neural

/// What a tune in progress is to become: the part and the bar that are being written.
///
/// It follows from the text and from a key (the random number, the run, the shape that is wished), so
/// that reading the text again gives it again.
struct WritingPlan: Equatable, Sendable {
  /// What the choices of a plan depend on besides the text.
  struct Key: Equatable, Sendable {
    var rng: UInt64 = 0
    var run: UInt64 = 0
    var temperature = 1.0
    var plan = WritingStyle.Plan.free
    var parts = PartLengths.off
    var bars: [Int: BarWish] = [:]
  }

  /// The part in progress.
  struct Part: Equatable, Sendable {
    var number: Int
    var kind: PlanSign.PartKind
    /// Bars; nil until its first whole bar begins, or where it cannot be told.
    var length: Int?
    /// The bar with which the length was chosen.
    var lengthBar: Int?
    /// Whether what was written is not what was planned.
    var isUnknown = false
  }

  /// The bar in progress, or the one that comes next.
  struct Bar: Equatable, Sendable {
    /// Its place among all bars.
    var index: Int
    var isPartStart: Bool
    var isPickup = false
    /// nil where it cannot be told.
    var barsLeft: Int?
    var relation = BarRelation.unknown
    /// The bar it repeats or varies, as a place among all bars.
    var target: Int?
  }

  /// Where the next bar stands.
  struct Slot: Equatable, Sendable {
    /// Its place among all bars, and among those that are no pickups.
    var index: Int
    var number: Int
    var part: Int
    var isPartStart: Bool
    var ending: Int
  }

  var key = Key()
  var part: Part?
  var bar: Bar?
  /// Where the bar was planned for, where the network knows no plans.
  var slot: Slot?
  /// Of the closed bars, as they turned out.
  private(set) var relations: [BarRelation?] = []
  /// The length of each part for which they were found out.
  private var lengths: [Int: Int] = [:]

  /// Forgets what was planned: the key or the text before is another.
  mutating func forget(keeping bars: Int) {
    slot = nil
    if let chosen = bar, chosen.index >= bars { bar = nil }
    if relations.count > bars { relations.removeSubrange(bars...) }
    lengths = [:]
  }

  /// Finds out what the bars that were closed since have to do with those before.
  mutating func settle(_ form: TuneForm) {
    for (number, part) in form.parts.enumerated() where lengths[number] != part.length {
      // A part that turns out longer than planned stands elsewhere beside the first.
      if lengths[number] != nil,
        let first = form.bars.firstIndex(where: { $0.part == number }), first < relations.count
      {
        relations.removeSubrange(first...)
      }
      lengths[number] = part.length
    }
    while relations.count < form.bars.count {
      relations.append(form.relation(of: relations.count))
    }
  }

  /// Where the bar in progress stands, or the one that comes next.
  static func slot(_ reader: MelodyReader, number: Int) -> Slot {
    if reader.hasBegun {
      let isFirst = reader.bars.last.map { $0.part != reader.bar.part } ?? true
      return Slot(
        index: reader.bars.count, number: number, part: reader.bar.part, isPartStart: isFirst,
        ending: reader.bar.ending)
    }
    let endsPart = reader.boundaryEndsPart
    let ending =
      switch reader.boundary {
      case .firstEnding: 1
      case .secondEnding: 2
      case .part: endsPart || reader.bars.isEmpty ? 0 : reader.ending
      case .bar: reader.ending
      }
    return Slot(
      index: reader.bars.count, number: number, part: endsPart ? reader.part + 1 : reader.part,
      isPartStart: endsPart || reader.bars.isEmpty, ending: ending)
  }

  /// A random number for one of the choices of a bar, whatever index its characters have.
  func uniform(bar: Int, choice: UInt64) -> Double {
    RandomSource.uniform(
      rng: key.rng ^ 0x706c_616e_0000_0000, run: key.run, index: UInt64(bar) << 2 | choice)
  }
}

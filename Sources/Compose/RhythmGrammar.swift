/// The lengths of given notes, drawn so that they fill a bar: the notes come in their order, and what
/// is left of the bar is always enough for those that are to come.
struct RhythmGrammar: Equatable, Sendable {
  /// A note or a chord with what stands before and behind it.
  private struct Unit: Equatable, Sendable {
    var text: [Unicode.Scalar] = []
    /// Behind its length: a slur's end, a tie over the bar line.
    var suffix: [Unicode.Scalar] = []
    /// Whether nothing leads into or out of it, so that it may be one of a pair or a tuplet.
    var isPlain = true
  }

  private enum Place: Equatable, Sendable {
    case between
    /// Characters that must follow.
    case given([Unicode.Scalar], then: After)
    /// A length is being written.
    case length([Unicode.Scalar], isRest: Bool)
  }

  private enum After: Equatable, Sendable { case between, length }

  private var units: [Unit] = []
  private var restsLeft = 0
  private let length: Int
  /// What every length is a multiple of.
  private let step: Int
  /// The lengths that can be written, with their spelling.
  private let spellings: [(text: [Unicode.Scalar], length: Int)]

  private var next = 0
  private var sum = 0
  private var place = Place.between
  private var hasSpace = true
  /// The rest of a triplet, or of a pair of broken rhythm: how many, and the length they have.
  private var tupletLeft = 0
  private var fixed: [Unicode.Scalar]?
  private var isPair = false

  static func == (left: RhythmGrammar, right: RhythmGrammar) -> Bool {
    left.units == right.units && left.next == right.next && left.sum == right.sum
      && left.place == right.place && left.length == right.length
      && left.tupletLeft == right.tupletLeft && left.fixed == right.fixed
      && left.isPair == right.isPair && left.restsLeft == right.restsLeft
  }

  init(_ pieces: [MusicPiece], length: Int, unit: Int) {
    self.length = length
    var prefix: [Unicode.Scalar] = []
    var isChord = false
    var isTied = false
    for piece in pieces {
      let scalars = Array(piece.text.unicodeScalars)
      switch piece.kind {
      case .pitch where isChord: units[units.count - 1].text += scalars
      case .pitch, .chordOpen:
        isChord = piece.kind == .chordOpen
        // Notes tied within the bar are one.
        if isTied, !units.isEmpty, !isChord {
          isTied = false
          continue
        }
        isTied = false
        units.append(Unit(text: prefix + scalars, isPlain: !prefix.contains("(")))
        prefix = []
      case .chordClose:
        if !units.isEmpty { units[units.count - 1].text += scalars }
        isChord = false
      case .rest: restsLeft += 1
      case .tie: isTied = true
      case .slurClose:
        if !units.isEmpty {
          units[units.count - 1].suffix += scalars
          units[units.count - 1].isPlain = false
        }
      case .slurOpen, .ornament, .other: prefix += scalars
      case .length, .broken, .tuplet, .space: break
      }
    }
    if isTied, !units.isEmpty {
      units[units.count - 1].suffix.append("-")
      units[units.count - 1].isPlain = false
    }
    let count = max(units.count, 1)
    let parts = [2, 4, 8].first { unit % $0 == 0 && count * (unit / $0) <= length } ?? 8
    step = max(unit / parts, 1)
    spellings = Self.spellings(unit: unit, parts: parts)
  }

  /// `A`, `A2` ... `A16`, and the halves, quarters or eighths between.
  private static func spellings(
    unit: Int, parts: Int
  ) -> [(text: [Unicode.Scalar], length: Int)] {
    var found: [(String, Int)] = (1...16).map { ($0 == 1 ? "" : "\($0)", $0 * unit) }
    var bottom = 2
    while bottom <= parts {
      for top in stride(from: 1, to: 4 * bottom, by: 2) where top < 16 {
        let text = (top == 1 ? "" : "\(top)") + "/" + (bottom == 2 ? "" : "\(bottom)")
        // `3/` says 3/2.
        found.append((text == "/" || bottom > 2 ? text : "\(top)/2", top * unit / bottom))
      }
      bottom *= 2
    }
    return found.map { (Array($0.0.unicodeScalars), $0.1) }
  }

  // MARK: What may come

  var isComplete: Bool {
    switch place {
    case .between: return next == units.count && sum == length
    case .length(let typed, let isRest):
      guard let counted = counted(typed, isRest) else { return false }
      return next == units.count && sum + counted == length && tupletLeft <= 1
        && (isRest || units.last?.suffix.isEmpty != false)
    case .given: return false
    }
  }

  func allows(_ scalar: Unicode.Scalar) -> Bool {
    switch place {
    case .given(let rest, _): return rest.first == scalar
    case .between: return begins(scalar, sum: sum, tupletLeft: tupletLeft, fixed: fixed)
    case .length(let typed, let isRest):
      let longer = typed + [scalar]
      if choices(isRest).contains(where: { $0.starts(with: longer) }) { return true }
      guard let counted = counted(typed, isRest), choices(isRest).contains(where: { $0 == typed })
      else { return false }
      if !isRest, let suffix = units[next - 1].suffix.first { return scalar == suffix }
      if scalar == ">" || scalar == "<" { return !isRest && mayPair(typed, counted) }
      let left = max(tupletLeft - 1, 0)
      return begins(scalar, sum: sum + counted, tupletLeft: left, fixed: left > 0 ? typed : nil)
    }
  }

  /// The lengths that the note or rest in progress may have.
  private func choices(_ isRest: Bool) -> [[Unicode.Scalar]] {
    if let fixed, !isRest { return [fixed] }
    return spellings.filter { fits($0.length, isRest) }.map(\.text)
  }

  private func fits(_ written: Int, _ isRest: Bool) -> Bool {
    guard written % step == 0 else { return false }
    if tupletLeft == 3, !isRest {
      return isFeasible(length - sum - 2 * written, units.count - next - 2)
    }
    return isFeasible(length - sum - written, units.count - next)
  }

  /// Whether so many notes can fill the rest of the bar.
  private func isFeasible(_ left: Int, _ count: Int) -> Bool {
    if count == 0 { return left == 0 || left > 0 && restsLeft > 0 && left % step == 0 }
    return left >= count * step
  }

  /// What a written length counts as in the bar; `nil` where it is none.
  private func counted(_ typed: [Unicode.Scalar], _ isRest: Bool) -> Int? {
    guard let written = spellings.first(where: { $0.text == typed })?.length else { return nil }
    return !isRest && tupletLeft > 0 ? written * 2 / 3 : written
  }

  private func mayPair(_ typed: [Unicode.Scalar], _ counted: Int) -> Bool {
    guard tupletLeft == 0, !isPair, next < units.count, units[next].isPlain,
      units[next - 1].isPlain, counted % (2 * step) == 0
    else { return false }
    return isFeasible(length - sum - 2 * counted, units.count - next - 1)
  }

  /// What may come where nothing is in progress.
  private func begins(
    _ scalar: Unicode.Scalar, sum: Int, tupletLeft: Int, fixed: [Unicode.Scalar]?
  ) -> Bool {
    let left = length - sum
    if next < units.count, units[next].text.first == scalar {
      return tupletLeft > 0 || fixed != nil || isFeasible(left, units.count - next)
    }
    guard tupletLeft == 0, fixed == nil else { return false }
    switch scalar {
    case " ": return !hasSpace && left > 0
    case "z": return restsLeft > 0 && left > 0 && left >= (units.count - next) * step + step
    case "(":
      let count = units.count - next
      return count >= 3 && units[next..<next + 3].allSatisfy(\.isPlain)
        && spellings.contains {
          $0.length % step == 0 && isFeasible(left - 2 * $0.length, count - 3)
        }
    default: return false
    }
  }

  // MARK: Reading

  mutating func read(_ scalar: Unicode.Scalar) {
    switch place {
    case .given(let rest, let after):
      let left = Array(rest.dropFirst())
      if !left.isEmpty {
        place = .given(left, then: after)
      } else {
        place = after == .length ? .length([], isRest: false) : .between
      }
      return
    case .length(let typed, let isRest):
      let longer = typed + [scalar]
      if choices(isRest).contains(where: { $0.starts(with: longer) }) {
        place = .length(longer, isRest: isRest)
        return
      }
      settle(typed, isRest)
      if !isRest, let suffix = units.indices.contains(next - 1) ? units[next - 1].suffix : nil,
        suffix.first == scalar
      {
        let rest = Array(suffix.dropFirst())
        place = rest.isEmpty ? .between : .given(rest, then: .between)
        return
      }
      if scalar == ">" || scalar == "<" {
        (fixed, isPair) = (typed, true)
        place = .between
        return
      }
    case .between: break
    }
    begin(scalar)
  }

  private mutating func settle(_ typed: [Unicode.Scalar], _ isRest: Bool) {
    sum += counted(typed, isRest) ?? 0
    place = .between
    if isRest { return }
    if tupletLeft > 0 {
      tupletLeft -= 1
      fixed = tupletLeft > 0 ? typed : nil
    } else if isPair {
      (fixed, isPair) = (nil, false)
    }
  }

  private mutating func begin(_ scalar: Unicode.Scalar) {
    hasSpace = false
    if next < units.count, units[next].text.first == scalar {
      let rest = Array(units[next].text.dropFirst())
      next += 1
      place = rest.isEmpty ? .length([], isRest: false) : .given(rest, then: .length)
      return
    }
    switch scalar {
    case " ": hasSpace = true
    case "z":
      restsLeft -= 1
      place = .length([], isRest: true)
    case "(":
      tupletLeft = 3
      place = .given(["3"], then: .between)
    default: break
    }
  }
}

import ABC
import Music

/// A place between text that stays, which the model is to fill with an exact length of music.
public struct Gap: Sendable, Equatable {
  /// The bytes that are replaced; once the model writes, those it has written: it goes on at their
  /// end.
  public var range: Range<Int>
  /// What the bar must hold in whole notes when the gap is filled, from the bar's start; `nil`
  /// where any length will do.
  public var length: Fraction?
  /// Whether bar follows bar here until the run stops, instead of one piece of music.
  public var isEndless = false
  /// Whether chord symbols may be written: not where the tune has none, nor in front of a note that
  /// keeps its own.
  public var allowsChordSymbols = true
  /// What is kept of the music that stands there; `nil` = nothing.
  public var variation: Variation?
  /// The chords that sound in other voices meanwhile, whose tones are favoured; `nil` = none.
  public var harmony: GapHarmony?
  /// Whether the old music has been taken out and the model writes here.
  public internal(set) var isOpen = false

  public init(_ range: Range<Int>, length: Fraction?, isEndless: Bool = false) {
    self.range = range
    self.length = length
    self.isEndless = isEndless
  }

  /// Grows with what is written at its end.
  func moved(by shift: Shift) -> Gap {
    var gap = self
    let lower = shift.moved(range.lowerBound, isOpen ? .before : .after)
    let upper = shift.moved(range.upperBound, isOpen ? .after : .before)
    gap.range = lower..<max(lower, upper)
    return gap
  }
}

extension Gap: Codable {
  private enum CodingKeys: String, CodingKey {
    case lower, upper, numerator, denominator, isEndless, hasNoChordSymbols, isOpen, variation
    case harmony
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let lower = max(try container.decode(Int.self, forKey: .lower), 0)
    range = lower..<max(lower, try container.decode(Int.self, forKey: .upper))
    isOpen = try container.decodeIfPresent(Bool.self, forKey: .isOpen) ?? false
    isEndless = try container.decodeIfPresent(Bool.self, forKey: .isEndless) ?? false
    allowsChordSymbols =
      try !(container.decodeIfPresent(Bool.self, forKey: .hasNoChordSymbols) ?? false)
    variation = try container.decodeIfPresent(Variation.self, forKey: .variation)
    harmony = try container.decodeIfPresent(GapHarmony.self, forKey: .harmony)
    let numerator = try container.decodeIfPresent(Int.self, forKey: .numerator)
    let denominator = try container.decodeIfPresent(Int.self, forKey: .denominator) ?? 1
    length = numerator.map { Fraction($0, max(denominator, 1)) }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(range.lowerBound, forKey: .lower)
    try container.encode(range.upperBound, forKey: .upper)
    try container.encodeIfPresent(length?.numerator, forKey: .numerator)
    try container.encodeIfPresent(length?.denominator, forKey: .denominator)
    if isEndless { try container.encode(true, forKey: .isEndless) }
    if !allowsChordSymbols { try container.encode(true, forKey: .hasNoChordSymbols) }
    if isOpen { try container.encode(true, forKey: .isOpen) }
    try container.encodeIfPresent(variation, forKey: .variation)
    try container.encodeIfPresent(harmony, forKey: .harmony)
  }
}

/// Where the music of a bar stands among what frames it: voice tags, fields, the sign before it and
/// the bar line after it.
struct BarFrame {
  /// From the first byte of music to the closing bar line.
  var music: Range<Int>
  /// Whether a line end or a field stands inside the music.
  var isBroken: Bool

  /// - Parameters:
  ///   - bar: The bytes of a bar, as `ParsedTune.WrittenBar` tells them.
  ///   - lastNote: Where its last note ends; nothing after it but its bar line is music.
  init(_ bytes: [UInt8], bar: Range<Int>, lastNote: Int?) {
    let upper = min(bar.upperBound, bytes.count)
    let start = BarFrame.musicStart(bytes, in: bar.lowerBound..<upper)
    var end = max(start, min(lastNote ?? start, upper))
    end = BarFrame.barLine(bytes, from: end, to: upper)
    music = start..<max(start, end)
    isBroken = bytes[music].contains(UInt8(ascii: "\n"))
  }

  /// Past blanks, fields, comments, bar signs and the numbers of endings.
  private static func musicStart(_ bytes: [UInt8], in range: Range<Int>) -> Int {
    var place = range.lowerBound
    func byte(_ offset: Int) -> UInt8 {
      place + offset < range.upperBound ? bytes[place + offset] : 0
    }
    func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    func skip(to end: UInt8) {
      while place < range.upperBound, bytes[place] != end { place += 1 }
      if place < range.upperBound { place += 1 }
    }
    while place < range.upperBound {
      let isLineStart = place == 0 || bytes[place - 1] == UInt8(ascii: "\n")
      switch byte(0) {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"),
        UInt8(ascii: "|"), UInt8(ascii: ":"), UInt8(ascii: "]"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        place += 1
      case UInt8(ascii: ",") where place > range.lowerBound && (48...57).contains(bytes[place - 1]):
        place += 1
      case UInt8(ascii: "%"): skip(to: UInt8(ascii: "\n"))
      case UInt8(ascii: "["):
        if isLetter(byte(1)), byte(2) == UInt8(ascii: ":") {
          skip(to: UInt8(ascii: "]"))
        } else if (48...57).contains(byte(1)) || byte(1) == UInt8(ascii: "|") {
          place += 1
        } else {
          return place
        }
      case let letter where isLineStart && isLetter(letter) && byte(1) == UInt8(ascii: ":"):
        skip(to: UInt8(ascii: "\n"))
      default: return place
      }
    }
    return place
  }

  /// The first bar line from a place on; what is quoted or a field in brackets is none.
  private static func barLine(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
    var place = start
    while place < end {
      switch bytes[place] {
      case UInt8(ascii: "|"), UInt8(ascii: ":"): return place
      case UInt8(ascii: "\""), UInt8(ascii: "!"):
        let quote = bytes[place]
        place += 1
        while place < end, bytes[place] != quote { place += 1 }
      case UInt8(ascii: "["):
        if place + 2 < end, bytes[place + 2] == UInt8(ascii: ":") {
          while place < end, bytes[place] != UInt8(ascii: "]") { place += 1 }
        } else if place + 1 < end, bytes[place + 1] == UInt8(ascii: "|") {
          return place
        }
      case UInt8(ascii: "\n"): return place
      default: break
      }
      place += 1
    }
    return end
  }
}

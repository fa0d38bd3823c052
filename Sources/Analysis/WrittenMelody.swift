import ABC
import Music

/// The melody of a tune as it is written: its bars, and the parts they make.
///
/// One voice, the first; chords by their top note; no grace notes. A part ends at a repeat or a
/// double bar; second endings belong to their part.
public struct WrittenMelody: Sendable {
  public struct Note: Hashable, Sendable {
    /// A MIDI key; nil for a rest.
    public var pitch: Int?
    /// In whole notes after the start of its bar.
    public var start: Fraction
    /// In whole notes.
    public var length: Fraction
    /// Pitch class of the tonic where the note stands; nil where the key has none.
    public var tonic: Int?
    public var isInKey: Bool
    /// Its bytes in the text; of a chord those of its top note.
    public var bytes: Range<Int>

    public var isTonic: Bool { pitch.map { $0 % 12 == tonic } ?? false }
  }

  public struct Bar: Hashable, Sendable {
    /// As a musician counts; 0 for a pickup.
    public var number: Int
    public var length: Fraction
    /// What the meter asks for; nil in free meter.
    public var expected: Fraction?
    public var notes: [Note]

    /// As long as the meter says.
    public var isFull: Bool { length == expected }
    /// The share of a whole bar that it fills; 0 in free meter.
    var share: Fraction { expected.map { length / $0 } ?? .zero }
  }

  public struct Part: Hashable, Sendable {
    /// Places in `bars`: first endings among them.
    public var bars: [Int] = []
    /// The bars of second endings and later ones.
    public var laterEndings: [Int] = []
    /// Whether a sign ends it; the part being written has none yet.
    public var isClosed = false
    public var isRepeated = false

    /// All its bars in text order.
    public var allBars: [Int] { bars + laterEndings }
  }

  public private(set) var bars: [Bar] = []
  public private(set) var parts: [Part] = []
  public let dance: Dance
  /// The header's key as it is written, without blanks; empty where there is none.
  public let key: String
  /// As a ratio: `4/4` for `C`.
  public let meter: String
  /// The time between two places that are compared when whole parts are: an eighth, or a sixteenth
  /// in 2/4.
  let unit: Fraction

  /// - Parameters:
  ///   - tune: A reading of `text`.
  ///   - text: UTF-8; only its `K:` fields are looked at.
  ///   - rhythm: In place of the tune's own `R:`.
  public init(_ tune: ParsedTune, text: [UInt8], rhythm: String? = nil) {
    meter = Dance.ratio(tune.header.meter)
    key = String(tune.header.key.filter { !$0.isWhitespace }.prefix(12))
    dance = Dance(rhythm: rhythm ?? tune.header.rhythm, meter: rhythm == nil ? meter : "")
    unit = meter == "2/4" ? Fraction(1, 16) : Fraction(1, 8)
    let keys = WrittenKeys(text, header: tune.header.key)
    var firstBytes: [Int] = []
    var place = -1
    for note in tune.notes where note.voice == 0 && note.kind != .grace {
      guard tune.bars.indices.contains(note.bar) else { continue }
      let bar = tune.bars[note.bar]
      guard bar.length > .zero else { continue }
      if place != note.bar {
        // An overlay of several bars goes back; it is no part of the melody.
        guard note.bar > place else { continue }
        place = note.bar
        firstBytes.append(note.range.lowerBound)
        bars.append(
          Bar(number: bar.number, length: bar.length, expected: bar.expected, notes: []))
      }
      add(note, startOfBar: bar.start, keys: keys)
    }
    makeParts(tune.signs(), firstBytes)
  }

  private mutating func add(
    _ written: ParsedTune.WrittenNote, startOfBar: Fraction, keys: WrittenKeys
  ) {
    let last = bars.count - 1
    let key = keys.key(at: written.range.lowerBound)
    let note = Note(
      pitch: written.pitch?.key, start: written.start - startOfBar, length: written.length,
      tonic: key.tonic,
      isInKey: written.pitch.map { key.contains(pitchClass: $0.key % 12) } ?? true,
      bytes: written.range)
    if let before = bars[last].notes.last, note.start < before.start + before.length {
      // A chord's other note, or an overlay.
      guard note.start == before.start, let pitch = note.pitch, pitch > before.pitch ?? -1 else {
        return
      }
      bars[last].notes.removeLast()
    }
    bars[last].notes.append(note)
  }

  private mutating func makeParts(_ signs: [ParsedTune.Sign], _ firstBytes: [Int]) {
    var part = Part()
    var isInLaterEnding = false
    var next = signs[...]
    // What stands before the first note belongs to no part.
    while let sign = next.first, sign.range.lowerBound < firstBytes.first ?? 0 {
      next.removeFirst()
    }
    for index in bars.indices {
      if isInLaterEnding { part.laterEndings.append(index) } else { part.bars.append(index) }
      var endsPart = false
      var endings: UInt64 = 0
      let end = index + 1 < firstBytes.count ? firstBytes[index + 1] : .max
      while let sign = next.first, sign.range.lowerBound < end {
        endsPart = endsPart || sign.endsRepeat || sign.startsRepeat || sign.isDouble
        // The number of an ending in the middle of a bar changes nothing at its end.
        endings = sign.endings == 0 ? 0 : endings | sign.endings
        if sign.endsRepeat { part.isRepeated = true }
        next.removeFirst()
      }
      // The first ending, or the first and others at once, goes on with the part.
      if endings > 1, endings & 1 == 0 {
        isInLaterEnding = true
      } else if endings == 0, endsPart {
        part.isClosed = true
        parts.append(part)
        part = Part()
        isInLaterEnding = false
      }
    }
    if !part.allBars.isEmpty { parts.append(part) }
    parts.removeAll { $0.bars.isEmpty }
  }

  // MARK: Asking

  /// The notes that sound in some bars.
  func notes(_ places: [Int]) -> [Note] {
    places.flatMap { bars[$0].notes.filter { $0.pitch != nil } }
  }

  /// Whole bars among some.
  func fullBars(_ places: [Int]) -> [Int] { places.filter { bars[$0].isFull } }

  /// The bars of all parts.
  public var writtenBars: [Int] { parts.flatMap(\.allBars) }

  /// A part's length in bars of its meter, second endings left out.
  public func length(of part: Part) -> Fraction {
    part.bars.reduce(.zero) { $0 + bars[$1].share }
  }
}

/// The keys of a text, by where they stand.
struct WrittenKeys {
  private var keys: [(start: Int, scale: KeyScale)] = []
  private let first: KeyScale

  /// - Parameter header: The key where the text has none, as after a book's own header.
  init(_ text: [UInt8], header: String) {
    first = KeyScale(field: header) ?? KeyScale()
    var isLineStart = true
    let (letter, colon) = (UInt8(ascii: "K"), UInt8(ascii: ":"))
    for at in text.indices.dropLast() {
      let byte = text[at]
      if byte == letter, text[at + 1] == colon,
        isLineStart || at > 0 && text[at - 1] == UInt8(ascii: "[")
      {
        let ends: [UInt8] = isLineStart ? Array("%\n\r".utf8) : Array("]\n\r".utf8)
        let value = text[(at + 2)...].prefix { !ends.contains($0) }
        if let scale = KeyScale(field: String(decoding: value, as: UTF8.self)) {
          keys.append((at, scale))
        }
      }
      isLineStart = byte == 0x0a || byte == 0x0d
    }
  }

  func key(at place: Int) -> KeyScale {
    var (lower, upper) = (0, keys.count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if keys[middle].start <= place { lower = middle + 1 } else { upper = middle }
    }
    return lower == 0 ? first : keys[lower - 1].scale
  }
}

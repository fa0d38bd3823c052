extension MelodyReader {
  /// Whether beats have three parts.
  public var isCompound: Bool {
    let beats = fields["M"]?.utf8.prefix { $0 != UInt8(ascii: "/") } ?? "".utf8[...]
    return beats.elementsEqual("6".utf8) || beats.elementsEqual("9".utf8)
      || beats.elementsEqual("12".utf8)
  }

  mutating func endField(_ letter: Unicode.Scalar, _ text: String) {
    let value = String(
      text.prefix { $0 != "%" }.filter { !$0.isWhitespace || letter == "R" || letter == "K" })
    fields[letter] = value
    switch letter {
    case "M": setMeter(value)
    case "L": setUnit(value)
    case "K":
      setKey(value)
      isInHeader = false
    default: break
    }
  }

  private mutating func setMeter(_ value: String) {
    barLength = nil
    if value == "C" || value == "C|" { barLength = Self.whole }
    if let meter = Self.ratio(ofMeter: value) {
      barLength = Self.whole * meter.beats / meter.unit
    }
    // Without L: short bars are counted in sixteenths (ABC 2.1 §3.1.7).
    if fields["L"] == nil, let barLength {
      unit = Self.whole / (4 * barLength < 3 * Self.whole ? 16 : 8)
    }
  }

  /// Beats and their unit of a meter such as `6/8`, `2+3/8` or `(2+2+3)/8` (ABC 2.1 §3.1.6), 1 to 64
  /// each; nil for other texts.
  public static func ratio(ofMeter text: String) -> (beats: Int, unit: Int)? {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")),
      let unit = Int(text[text.index(after: slash)...]), (1...64).contains(unit)
    else { return nil }
    var sum = text[..<slash]
    if sum.first == "(", sum.last == ")" { sum = sum.dropFirst().dropLast() }
    let groups = sum.split(separator: "+", omittingEmptySubsequences: false).map { Int($0) }
    let beats = groups.reduce(0) { $0 + min(max($1 ?? 99, 0), 99) }
    guard groups.allSatisfy({ $0.map { $0 > 0 } ?? false }), (1...64).contains(beats) else {
      return nil
    }
    return (beats, unit)
  }

  private mutating func setUnit(_ value: String) {
    let numbers = value.split(separator: "/").map { Int($0) }
    guard numbers.count == 2, let count = numbers[0], let part = numbers[1],
      (1...16).contains(count), (1...64).contains(part)
    else { return }
    unit = Self.whole * count / part
  }

  /// Reads `G`, `Em`, `Ador`, `F# mix`.
  private mutating func setKey(_ value: String) {
    var rest = value.filter { $0 != " " }.unicodeScalars[...]
    guard let letter = rest.popFirst(), let place = "FCGDAEB".unicodeScalars.firstPlace(of: letter)
    else {
      // Highland pipes play in A with a flat seventh.
      (tonic, signature) =
        value.hasPrefix("H") ? (9, Self.signature(sharps: 2)) : (0, [0, 0, 0, 0, 0, 0, 0])
      return
    }
    var fifths = place - 1
    if rest.first == "#" || rest.first == "b" { fifths += rest.removeFirst() == "#" ? 7 : -7 }
    let word = String(String.UnicodeScalarView(rest)).lowercased()
    let mode = Self.modes.first { !$0.key.isEmpty && word.hasPrefix($0.key) }?.value
    let minor = word.hasPrefix("m") && !word.hasPrefix("maj") && !word.hasPrefix("mix") ? -3 : 0
    tonic = ((7 * fifths) % 12 + 12) % 12
    signature = Self.signature(sharps: fifths + (mode ?? minor))
  }

  private static let modes = [
    "maj": 0, "ion": 0, "min": -3, "aeo": -3, "dor": -2, "phr": -4, "lyd": 1, "mix": -1, "loc": -5,
  ]

  static func signature(sharps: Int) -> [Int] {
    // Steps of F C G D A E B.
    let order = [3, 0, 4, 1, 5, 2, 6]
    var raised = [Int](repeating: 0, count: 7)
    for place in 0..<7 {
      if place < sharps { raised[order[place]] = 1 }
      if place < -sharps { raised[order[6 - place]] = -1 }
    }
    return raised
  }
}

extension String.UnicodeScalarView {
  fileprivate func firstPlace(of scalar: Unicode.Scalar) -> Int? {
    enumerated().first { $0.element == scalar }?.offset
  }
}

extension MelodyReader {
  /// Length of the pickup of the part in progress, 0 where it has none.
  public var pickupLength: Int {
    let number = hasBegun ? bar.part : part
    return bars.last { $0.part == number && $0.isPickup }?.length ?? 0
  }

  /// The notes of the key's signature, in half tones above its tonic.
  public var scale: Set<Int> {
    Set((0..<7).map { (pitch(step: 35 + $0, accidental: signature[$0]) - tonic) % 12 })
  }

  /// The last pitch that was written.
  public var lastPitch: Int? {
    for bar in [bar] + bars.suffix(4).reversed() {
      if let pitch = bar.notes.last(where: { $0.pitch != nil })?.pitch { return pitch }
    }
    return nil
  }

  /// Whether nothing stands on the line yet.
  public var isAtLineStart: Bool { place == .lineStart }
}

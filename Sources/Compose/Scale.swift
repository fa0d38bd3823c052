import Form

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

/// A sounding pitch: a MIDI key, 60 = middle C (C4).
public struct Pitch: Hashable, Comparable, Sendable {
  public let key: Int

  /// `nil` outside MIDI's 0...127.
  public init?(key: Int) {
    guard (0...127).contains(key) else { return nil }
    self.key = key
  }

  public static func < (left: Pitch, right: Pitch) -> Bool { left.key < right.key }
}

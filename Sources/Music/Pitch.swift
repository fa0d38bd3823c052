/// A sounding pitch: a MIDI key, 60 = middle C (C4).
public struct Pitch: Hashable, Comparable, Sendable {
  @usableFromInline let number: UInt8
  @inlinable public var key: Int { Int(number) }

  /// `nil` outside MIDI's 0...127.
  @inlinable public init?(key: Int) {
    guard (0...127).contains(key) else { return nil }
    number = UInt8(truncatingIfNeeded: key)
  }

  /// MIDI key 0.
  @inlinable public static var lowest: Pitch { Pitch(clamping: 0) }

  /// The nearest of MIDI's keys.
  @inlinable public init(clamping key: Int) { number = UInt8(min(max(key, 0), 127)) }

  @inlinable public static func < (left: Pitch, right: Pitch) -> Bool {
    left.number < right.number
  }
}

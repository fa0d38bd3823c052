import Form

/// What favours or bans something that can be written.
public struct WritingBias: Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case character(Unicode.Scalar)
    /// A MIDI key.
    case pitch(Int)
    /// 0…11, C = 0.
    case pitchClass(Int)
  }

  public var subject: Subject
  /// Added to the logarithm of its probability; −∞ bans it.
  public var weight: Double

  public init(_ subject: Subject, weight: Double) {
    self.subject = subject
    self.weight = weight
  }
}

extension WritingBias {
  /// Reads biases such as `F+1.5, c#-2, z!, 84!`: a note's name in any octave, a character in single
  /// quotes or one that is no note, or a MIDI key; then how much its probability grows or shrinks, in
  /// powers of e, or `!` for never. nil where it cannot be read.
  public static func list(_ text: String) -> [WritingBias]? {
    var biases: [WritingBias] = []
    for entry in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let bias = one(entry) else { return nil }
      biases.append(bias)
    }
    return biases
  }

  private static func one(_ entry: Substring) -> WritingBias? {
    var name = entry
    var weight = -Double.infinity
    if name.last == "!" {
      name.removeLast()
    } else {
      guard let sign = name.dropFirst().lastIndex(where: { $0 == "+" || $0 == "-" }),
        let number = Double(name[sign...]), number.magnitude <= 100
      else { return nil }
      weight = number
      name = name[..<sign]
    }
    return subject(name).map { WritingBias($0, weight: weight) }
  }

  private static func subject(_ name: Substring) -> Subject? {
    if let key = Int(name) { return (0...127).contains(key) ? .pitch(key) : nil }
    if name.hasPrefix("'"), name.hasSuffix("'"), name.unicodeScalars.count == 3 {
      return .character(name.unicodeScalars[name.unicodeScalars.index(after: name.startIndex)])
    }
    let scalars = Array(name.unicodeScalars)
    guard let first = scalars.first, scalars.count <= 2 else { return nil }
    if let step = MelodyReader.step(ofLetter: first) {
      let natural = [0, 2, 4, 5, 7, 9, 11][step % 7]
      switch scalars.dropFirst().first {
      case nil: return .pitchClass(natural)
      case "#": return .pitchClass((natural + 1) % 12)
      case "b": return .pitchClass((natural + 11) % 12)
      default: return nil
      }
    }
    return scalars.count == 1 ? .character(first) : nil
  }
}

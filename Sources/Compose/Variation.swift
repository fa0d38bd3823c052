/// What a gap keeps of the music that stands there, so that only one side of it is written anew.
public struct Variation: Sendable, Equatable, Codable {
  public enum Aspect: String, Sendable, Codable, CaseIterable {
    /// Lengths, rests and places; the pitches stay in their order.
    case rhythm
    /// Letters, accidentals and octave marks; the rest stays.
    case pitch
    /// Decorations and grace notes come and go; the rest stays.
    case ornament
  }

  public var aspect: Aspect
  /// The music as it stands.
  public var original: String

  public init(_ aspect: Aspect, of original: String) {
    self.aspect = aspect
    self.original = original
  }
}

/// A bar's music cut into what its sides are made of.
struct MusicPiece: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    /// Accidental, letter and octave marks.
    case pitch
    /// What follows a pitch, a chord's bracket or a rest.
    case length
    case rest
    /// Decorations and grace notes.
    case ornament
    case tie, broken, tuplet, space
    case chordOpen, chordClose
    case slurOpen, slurClose
    /// Chord symbols, fields in brackets, whatever else there is.
    case other
  }
  var kind: Kind
  var text: String

  /// The music as pieces; joined they are the music again.
  static func pieces(of music: String) -> [MusicPiece] {
    var reader = MusicPieceReader(music)
    return reader.read()
  }
}

private struct MusicPieceReader {
  private let scalars: [Unicode.Scalar]
  private var place = 0
  private var pieces: [MusicPiece] = []

  init(_ music: String) { scalars = Array(music.unicodeScalars) }

  private func at(_ offset: Int) -> Unicode.Scalar? {
    scalars.indices.contains(place + offset) ? scalars[place + offset] : nil
  }

  private mutating func add(_ kind: MusicPiece.Kind, _ count: Int) {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[place..<min(place + max(count, 1), scalars.count)])
    pieces.append(MusicPiece(kind: kind, text: String(text)))
    place += max(count, 1)
  }

  /// How many scalars follow from an offset on that are all of some.
  private func run(_ offset: Int, of some: (Unicode.Scalar) -> Bool) -> Int {
    var count = 0
    while let next = at(offset + count), some(next) { count += 1 }
    return count
  }

  /// To the next sign of a kind, that sign included; to the end where there is none.
  private func reach(_ sign: Unicode.Scalar) -> Int {
    var count = 1
    while let next = at(count) {
      count += 1
      if next == sign { break }
    }
    return count
  }

  mutating func read() -> [MusicPiece] {
    while let scalar = at(0) {
      switch scalar {
      case "\"": add(.other, reach("\""))
      case "!", "+": add(.ornament, reach(scalar))
      case "{": add(.ornament, reach("}"))
      case ".", "~", "H", "L", "M", "O", "P", "S", "T", "u", "v": add(.ornament, 1)
      case "[":
        if at(2) == ":" { add(.other, reach("]")) } else { add(.chordOpen, 1) }
      case "]":
        add(.chordClose, 1)
        addLength()
      case "(":
        let isDigit = { (scalar: Unicode.Scalar) in ("0"..."9").contains(scalar) || scalar == ":" }
        let digits = run(1, of: isDigit)
        add(digits > 0 ? .tuplet : .slurOpen, 1 + digits)
      case ")": add(.slurClose, 1)
      case "-": add(.tie, 1)
      case ">", "<": add(.broken, run(0) { $0 == scalar })
      case " ", "\n": add(.space, 1)
      case "z", "x", "Z", "X":
        add(.rest, 1)
        addLength()
      case "^", "_", "=", "A"..."G", "a"..."g":
        let signs = run(0) { "^_=".unicodeScalars.contains($0) }
        let octaves = run(signs + 1) { "',".unicodeScalars.contains($0) }
        add(.pitch, signs + 1 + octaves)
        addLength()
      default: add(.other, 1)
      }
    }
    return pieces
  }

  private mutating func addLength() {
    let count = run(0) { ("0"..."9").contains($0) || $0 == "/" }
    if count > 0 { add(.length, count) }
  }
}

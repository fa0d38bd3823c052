/// The shape of a tune as letters: which phrases of each part come back.
///
/// `aaba|cdcb` says: a first part of four phrases, of which the second and the last are the first
/// again; a second part that ends as the first one's third phrase. `a'` is `a` varied, `.` is left
/// open. The phrases of a part are of equal length. More parts than are given are left open.
public struct TuneShape: Hashable, Sendable, CustomStringConvertible {
  public struct Phrase: Hashable, Sendable {
    /// nil = left open.
    public var letter: Character?
    public var isVaried = false
  }

  public let parts: [[Phrase]]

  /// Reads a shape; nil where it is none.
  public init?(_ text: String) {
    var parts: [[Phrase]] = [[]]
    for character in text.lowercased() {
      switch character {
      case " ", ",": continue
      case "|", "/":
        parts.append([])
      case "'", "\u{2019}":
        guard let last = parts[parts.count - 1].indices.last,
          parts[parts.count - 1][last].letter != nil
        else { return nil }
        parts[parts.count - 1][last].isVaried = true
      case ".": parts[parts.count - 1].append(Phrase())
      case "a"..."z": parts[parts.count - 1].append(Phrase(letter: character))
      default: return nil
      }
    }
    guard parts.allSatisfy({ (1...16).contains($0.count) }), parts.count <= 16 else { return nil }
    self.parts = parts
  }

  public var description: String {
    parts.map { part in
      part.map { ($0.letter.map(String.init) ?? ".") + ($0.isVaried ? "'" : "") }.joined()
    }.joined(separator: "|")
  }

  /// What the shape asks of a bar.
  public enum Wish: Hashable, Sendable {
    case open, new
    /// Like a bar that is written: a place in `TuneForm.bars`.
    case like(Int, isVaried: Bool)
  }

  /// - Parameters:
  ///   - part: Number of the part.
  ///   - place: Bars of the part before it.
  ///   - length: Bars of the part.
  ///   - form: What is written.
  public func wish(part: Int, place: Int, length: Int, in form: TuneForm) -> Wish {
    guard parts.indices.contains(part), length >= parts[part].count, place < length else {
      return .open
    }
    let (phrase, offset) = phrase(at: place, of: length, in: part)
    let wanted = parts[part][phrase]
    guard let letter = wanted.letter else { return .open }
    // The latest time the same letter was said.
    for earlier in (0...part).reversed() {
      let last = earlier == part ? phrase : parts[earlier].count
      for other in (0..<last).reversed() where parts[earlier][other].letter == letter {
        let earlierLength = earlier == part ? length : form.parts[earlier].length
        let start = start(of: other, of: earlierLength, in: earlier)
        guard let bar = form.bar(start + offset, ofPart: earlier) else { return .open }
        return .like(bar, isVaried: wanted.isVaried)
      }
    }
    return .new
  }

  private func start(of phrase: Int, of length: Int, in part: Int) -> Int {
    phrase * length / parts[part].count
  }

  private func phrase(at place: Int, of length: Int, in part: Int) -> (Int, offset: Int) {
    var phrase = 0
    while phrase + 1 < parts[part].count, start(of: phrase + 1, of: length, in: part) <= place {
      phrase += 1
    }
    return (phrase, place - start(of: phrase, of: length, in: part))
  }
}

extension TuneForm {
  /// A bar by its place in its part, second endings left out, as a place in `bars`.
  public func bar(_ place: Int, ofPart part: Int) -> Int? {
    var passed = 0
    for (index, bar) in bars.enumerated() where bar.part == part && !bar.isPickup && bar.ending < 2
    {
      if passed == place { return index }
      passed += 1
    }
    return nil
  }
}

/// Registers: music that was copied or cut, to be put in elsewhere.
struct Registers: Sendable {
  /// What was copied last, without a name.
  private(set) var copied = ""
  /// What was cut last, without a name; it leaves what was copied alone.
  private(set) var cut = ""
  private(set) var named: [Character: String] = [:]
  /// The register that the next command uses.
  private(set) var chosen: Character?

  /// The register of what was cut last.
  static let lastCut: Character = "-"

  /// Whether a character names one: a letter, or `-`.
  static func isName(_ character: Character) -> Bool {
    character.isASCII && character.isLetter || character == lastCut
  }

  mutating func choose(_ name: Character?) { chosen = name }

  mutating func keep(_ text: String, in name: Character?, isCut: Bool) {
    chosen = nil
    if let name, name != Registers.lastCut {
      named[name] = text
    } else if isCut || name != nil {
      cut = text
    } else {
      copied = text
    }
  }

  /// What a register holds; without a name what was copied, or else cut.
  func text(in name: Character?) -> String {
    guard let name else { return copied.isEmpty ? cut : copied }
    return name == Registers.lastCut ? cut : named[name] ?? ""
  }
}

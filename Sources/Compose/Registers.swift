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

  /// Keeps what was copied or cut.
  ///
  /// - Returns: The register it went into, as the journal calls it: empty for what was copied.
  mutating func keep(_ text: String, in name: Character?, isCut: Bool) -> String {
    chosen = nil
    let register = name.map(String.init) ?? (isCut ? String(Registers.lastCut) : "")
    restore(text, in: register)
    return register
  }

  /// Fills a register by its name in the journal; a name that is none is passed over.
  mutating func restore(_ text: String, in register: String) {
    if register.isEmpty {
      copied = text
    } else if register == String(Registers.lastCut) {
      cut = text
    } else if register.count == 1, let name = register.first, Registers.isName(name) {
      named[name] = text
    }
  }

  /// What a register holds; without a name what was copied, or else cut.
  func text(in name: Character?) -> String {
    guard let name else { return copied.isEmpty ? cut : copied }
    return name == Registers.lastCut ? cut : named[name] ?? ""
  }
}

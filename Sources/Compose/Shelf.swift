/// Phrases kept by a letter, beside the tune: neither undo nor another take touches them.
public struct Shelf: Sendable, Equatable {
  /// Some bars with everything they need to be read alone.
  public struct Phrase: Codable, Sendable, Equatable {
    /// A small tune in ABC: the header they were written under, the fields in force, the bars.
    public var text: String
    /// In words: `bars 1-4 of The Lane`.
    public var name: String
    /// How they came to be; see `Recipe`.
    public var recipe: [String]
    /// The bars of these numbers in every voice of a tune of several, in the tune's order, each as a
    /// small tune; `nil` where the tune had one voice.
    public var voices: [String]?
  }

  /// By name: a letter, and behind it perhaps `'` for its varied return or the number of an ending.
  public private(set) var phrases: [String: Phrase] = [:]
  /// What each name meant before it was used again or dropped.
  private var before: [String: Phrase] = [:]
  /// The form that the tune was last built in, such as `A A B B`; empty = none was.
  public private(set) var form = ""

  /// In the order of the alphabet.
  public var names: [String] { phrases.keys.sorted() }

  func previous(_ name: String) -> Phrase? { before[name] }

  /// Keeps a phrase under a name; `nil` drops what is there. What was there can be had back.
  mutating func keep(_ phrase: Phrase?, as name: String) {
    before[name] = phrases[name]
    phrases[name] = phrase
  }

  mutating func setForm(_ form: String) { self.form = form }

  /// `a`, `a'` or `a2` of a word in letters of either case; `nil` for anything else.
  static func name(_ word: String) -> String? {
    let name = word.lowercased()
    guard let first = name.first, first.isASCII, first.isLetter, name.count <= 2 else { return nil }
    guard let mark = name.dropFirst().first else { return name }
    return mark == "'" || "123456789".contains(mark) ? name : nil
  }

  /// A name as a part of a file's.
  static func fileName(_ name: String) -> String { name.replacing("'", with: "-varied") }

  /// What a form such as `A A' B1 B2` or `AABB` consists of; `nil` where something else stands in it.
  static func sections(of form: String) -> [String]? {
    var found: [String] = []
    for character in form.lowercased() where character != " " && character != "," {
      if character.isASCII, character.isLetter {
        found.append(String(character))
      } else if let last = found.last, let name = Shelf.name(last + String(character)) {
        found[found.count - 1] = name
      } else {
        return nil
      }
    }
    return found
  }
}

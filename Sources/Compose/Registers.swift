/// What was copied or cut, to be put in elsewhere.
struct Registers: Sendable {
  private(set) var clipboard = ""

  mutating func copy(_ text: String) { clipboard = text }
}

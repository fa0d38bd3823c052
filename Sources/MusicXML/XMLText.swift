/// An XML document as it is written: elements on lines of their own, indented.
struct XMLText {
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private var depth = 0

  mutating func line(_ line: String) { text += line + "\n" }

  /// An element with what `body` writes into it.
  mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:],
    _ body: (inout XMLText) -> Void
  ) {
    indent()
    text += "<\(name)\(Self.written(attributes))>\n"
    depth += 1
    body(&self)
    depth -= 1
    indent()
    text += "</\(name)>\n"
  }

  /// An element that holds words or a number.
  mutating func element(
    _ name: String, _ content: some CustomStringConvertible,
    _ attributes: KeyValuePairs<String, String> = [:]
  ) {
    indent()
    text +=
      "<\(name)\(Self.written(attributes))>\(XMLText.escaped(content.description))</\(name)>\n"
  }

  mutating func empty(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
    indent()
    text += "<\(name)\(Self.written(attributes))/>\n"
  }

  private mutating func indent() {
    for _ in 0..<depth { text += " " }
  }

  private static func written(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
  }

  /// Text as it may stand in a document; characters that XML 1.0 has no way to write are left out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

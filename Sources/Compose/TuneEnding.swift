/// Ending a tune where its writer stops.
extension TuneGrammar {
  /// Whether a bar line was just begun, so that a tune may be ended here.
  public var isAtBarLine: Bool {
    guard header.isComplete, music.enclosure == .none else { return false }
    if case .bar = music.place { return true }
    return false
  }

  /// A tune's text up to here with a bar line at its end that closes what is open, in place of the
  /// one that is there. Line ends after it go, and so does a tie that would lead nowhere.
  public func closing(_ text: String) -> String {
    var text = text[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    while let last = text.last {
      // The bracket of a chord is none of a bar line.
      if last == "|" || last == ":" || (last == "]" && text.dropLast().last == "|") {
        text.removeLast()
      } else {
        break
      }
    }
    while text.last == "-" { text.removeLast() }
    return text + (isRepeatOpen || isInFirstEnding ? ":|" : "|]")
  }
}

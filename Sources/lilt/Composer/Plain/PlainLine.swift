import Compose
import TUI

/// A line of plain mode: what it asks of the session, or of the narrator.
enum PlainLine: Equatable {
  /// Keys by their names, as on the screen.
  case keys([KeyPress])
  case command(Invocation)
  /// Text that goes into the tune.
  case text(String)
  /// Text in the place of what a form or a question holds; `then` is pressed where it is still open.
  case answer(String, then: KeyPress)
  /// What an entry of a list is to have.
  case search(String)
  /// One of a list, counted from 1; 0 = what there was before.
  case choose(Int)
  /// Where the cursor is.
  case place
  /// The text of bars, or of all.
  case read(ClosedRange<Int>?)
  case status
  case help(String)
  /// Nothing is read until the model rests, or for so many milliseconds.
  case wait(milliseconds: Int?)
  case nothing
  case mistake(String)

  /// What a line means where the session is now.
  init(_ line: String, in session: Session) {
    let line = String(line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    if line.hasPrefix("key ") {
      var keys: [KeyPress] = []
      for name in line.dropFirst(4).split(separator: " ") {
        guard let key = KeyPress(name: String(name)) else {
          self = .mistake(
            "'\(name)' is no key: a character, or Enter, Esc, Tab, Space, Left, ctrl-x")
          return
        }
        keys.append(key)
      }
      self = .keys(keys)
      return
    }
    switch session.mode {
    case .insert:
      self = line == "." ? .keys([KeyPress(.escape)]) : .text(line + "\n")
    case .record:
      self = PlainLine.pianoKeys(line).map { .keys($0) } ?? PlainLine(words: line, session.mode)
    case .grab, .compare, .messages, .critique:
      self = line == "." ? .keys([KeyPress(.escape)]) : PlainLine(words: line, session.mode)
    case .header:
      self =
        line == "." ? .keys([KeyPress(.enter)]) : PlainLine(answer: line, then: KeyPress(.tab))
    case .picker, .theme, .help:
      if let number = Int(line) {
        self = .choose(number)
      } else if let waits = PlainLine(waits: line) {
        self = waits
      } else {
        self = line.isEmpty ? .nothing : .search(line)
      }
    case .prompt, .find, .commandLine, .export:
      self = PlainLine(answer: line, then: KeyPress(.enter))
    case .normal, .select, .audition:
      self = PlainLine(words: line, session.mode)
    }
  }

  private init(answer line: String, then key: KeyPress) {
    self = PlainLine(waits: line) ?? (line.isEmpty ? .nothing : .answer(line, then: key))
  }

  /// `wait` in whatever mode: what a list or a question waits for may still have to come.
  private init?(waits line: String) {
    guard let asked = PlainLine(word: line) ?? nil, case .wait = asked else { return nil }
    self = asked
  }

  /// A line that is a number, a word of plain mode, a command, or the name of a key.
  private init(words line: String, _ mode: InputMode) {
    let line = line.hasPrefix(":") ? String(line.dropFirst().drop { $0 == " " }) : line
    guard !line.isEmpty else {
      self = .nothing
      return
    }
    if Int(line) != nil {
      self = mode == .audition ? .choose(Int(line) ?? 0) : .command(Invocation(.goTo, line))
      return
    }
    if let asked = PlainLine(word: line) {
      self = asked
      return
    }
    if line.hasPrefix("?") {
      self = .help(String(line.dropFirst().drop { $0 == " " }))
      return
    }
    switch Invocation.parse(line) {
    case .success(let invocation): self = .command(invocation)
    // Sentences name keys: (u takes it back).
    case .failure(let error):
      self = KeyPress(name: line).map { .keys([$0]) } ?? .mistake("\(error)")
    }
  }

  /// The keys of a line while notes are played in; nil for a command that is written in full, and for
  /// plain mode's own words. A point alone ends, as everywhere.
  private static func pianoKeys(_ line: String) -> [KeyPress]? {
    if line == "." { return [KeyPress(.escape)] }
    let word = String(line.prefix { $0 != " " })
    guard !word.isEmpty, CommandName(rawValue: word) == nil, (PlainLine(word: line) ?? nil) == nil
    else { return nil }
    return line.filter { $0 != " " }.map { KeyPress($0) }
  }

  /// The words that plain mode has besides commands.
  private init?(word line: String) {
    let words = line.split(separator: " ")
    let rest = words.dropFirst().joined(separator: " ")
    switch words.first {
    case "where": self = .place
    case "status": self = .status
    case "help": self = .help(rest)
    case "read":
      let numbers = rest.split(separator: "-").compactMap { Int($0) }
      if let first = numbers.first, let last = numbers.last, first <= last {
        self = .read(first...last)
      } else if rest.isEmpty {
        self = .read(nil)
      } else {
        self = .mistake("read takes a bar or bars, such as 5 or 5-8")
      }
    case "wait":
      if rest.isEmpty {
        self = .wait(milliseconds: nil)
      } else if let seconds = Double(rest), (0...3600).contains(seconds) {
        self = .wait(milliseconds: Int(seconds * 1000))
      } else {
        self = .mistake("wait takes seconds, 0 to 3600, or nothing: until the model rests")
      }
    default: return nil
    }
  }

  /// What is said of the words of plain mode.
  static let words = [
    "where: the cursor's place", "read [A-B]: the bars of the tune",
    "status: what the status line of the screen says",
    "wait [SECONDS]: read no further line until the model rests, or so long",
    "key NAME…: keys as on the screen, such as key a 2 Enter; one alone needs no 'key'",
    "a number goes to a bar, or chooses from a list",
    "help [WORD]: commands, all or those with a word",
  ]

  /// Whether it asks where something is, also where the cursor stays.
  var asksForPlace: Bool {
    guard case .command(let invocation) = self else { return false }
    return switch invocation.name {
    case .move, .barNext, .barStart, .barEnd, .lineStart, .lineEnd, .phraseNext, .phrasePrevious,
      .goTo, .find, .findNext, .findPrevious, .hear:
      true
    default: false
    }
  }
}

import Compose
import TUI

/// A line of plain mode: what it asks of the session, or of the narrator.
enum PlainLine: Equatable {
  /// Keys by their names, as on the screen.
  case keys([KeyPress])
  case command(Invocation)
  /// Text for whatever takes text now; `submits` = Enter follows.
  case text(String, submits: Bool)
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
    if session.mode == .insert {
      self = line == "." ? .keys([KeyPress(.escape)]) : .text(line + "\n", submits: false)
      return
    }
    if session.mode == .record, let keys = PlainLine.pianoKeys(line) {
      self = .keys(keys)
      return
    }
    guard !line.isEmpty else {
      self = .nothing
      return
    }
    if let number = Int(line) {
      switch session.mode {
      case .audition, .picker:
        self = .choose(number)
        return
      case .prompt: break
      default:
        self = .command(Invocation(.goTo, line))
        return
      }
    }
    if session.mode.takesText, let asked = PlainLine(word: line) ?? nil, case .wait = asked {
      self = asked
    } else if session.mode.takesText {
      self = .text(line, submits: true)
    } else if let asked = PlainLine(word: line) {
      self = asked
    } else {
      switch Invocation.parse(line) {
      case .success(let invocation): self = .command(invocation)
      case .failure(let error): self = .mistake("\(error)")
      }
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
    "key NAME…: keys as on the screen, such as key a 2 Enter",
    "a number goes to a bar, or chooses from a list",
    "help [WORD]: commands, all or those with a word",
  ]
}

/// What is done with drafts as a whole.
public enum DraftTask: Sendable, Equatable {
  case list
  /// The list anew with one of these chosen, the first that there is, whatever draft is open by now.
  case show([String])
  case open(String)
  case rename(String, to: String)
  case copy(String, to: String)
  case compare(String, String)
  /// The draft goes aside, whence `restore` brings it back.
  case delete(String)
  /// `nil` = the one that was deleted last.
  case restore(String?)
}

extension Session {
  /// `drafts`: lists them; with words, does something to one. A name with blanks stands in quotes.
  mutating func drafts(_ argument: String) -> [Effect] {
    let words = Session.names(in: argument)
    let first = words.count > 1 ? words[1] : ""
    switch (words.first ?? "", words.count) {
    case ("", 0), ("list", 1): return look(for: .drafts)
    case ("open", 2): return leave(for: .open(first))
    case ("rename", 3): return [.draft(.rename(first, to: words[2]))]
    case ("copy", 3): return [.draft(.copy(first, to: words[2]))]
    case ("compare", 3): return [.draft(.compare(first, words[2]))]
    case ("delete", 2): return [.draft(.delete(first))]
    case ("restore", 1): return [.draft(.restore(nil))]
    case ("restore", 2): return [.draft(.restore(first))]
    case ("open", _), ("rename", _), ("copy", _), ("compare", _), ("delete", _), ("restore", _):
      complain("'\(argument)': write \(Session.draftWords)")
      return []
    case (let name, 1): return leave(for: .open(name))
    default:
      complain("'\(argument)': write \(Session.draftWords)")
      return []
    }
  }

  private static let draftWords =
    "open, delete or restore NAME; rename or copy NAME NEW; compare NAME NAME "
    + "(a name with blanks stands in quotes)"

  /// A draft's name as a line of words has it.
  public static func quoted(_ name: String) -> String {
    name.contains(" ") ? "\"\(name)\"" : name
  }

  private mutating func leave(for task: DraftTask) -> [Effect] {
    stopPlaying() + pause() + [.draft(task)]
  }

  /// Words, some of them in quotes.
  public static func names(in line: String) -> [String] {
    var names: [String] = []
    var rest = line[...]
    while let first = rest.first {
      if first == " " {
        rest = rest.dropFirst()
      } else if first == "\"" {
        let name = rest.dropFirst().prefix { $0 != "\"" }
        names.append(String(name))
        rest = rest.dropFirst(name.count + 2)
      } else {
        let name = rest.prefix { $0 != " " }
        names.append(String(name))
        rest = rest.dropFirst(name.count)
      }
    }
    return names
  }

  // MARK: In the list

  /// Does something to the draft that is chosen in the list, and shows the list anew.
  mutating func change(draft name: String, by word: String) -> [Effect] {
    switch word {
    case "rename", "copy":
      let effects = leavePicker()
      let question = word == "rename" ? "a new name for \(name)" : "a name for the copy of \(name)"
      _ = ask(question, .drafts, name)
      if case .prompt(var prompt) = mode {
        prompt.naming = DraftNaming(name: name, isCopy: word == "copy")
        screen.enter(.prompt(prompt))
      }
      return effects
    case "drop": return stopHearing() + [.draft(.delete(name)), .draft(.list)]
    case "back": return stopHearing() + [.draft(.restore(nil)), .draft(.list)]
    default: return []
    }
  }

  /// Gives a draft the name that was asked for in the list, and shows the list again.
  mutating func name(_ naming: DraftNaming, _ answer: String) -> [Effect] {
    let isQuoted = answer.count > 2 && answer.hasPrefix("\"") && answer.hasSuffix("\"")
    let new = isQuoted ? String(answer.dropFirst().dropLast()) : answer
    return [
      .draft(naming.isCopy ? .copy(naming.name, to: new) : .rename(naming.name, to: new)),
      .draft(.show([new, naming.name])),
    ]
  }
}

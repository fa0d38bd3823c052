/// What keys mean right now.
public enum InputMode: Sendable, Equatable {
  case normal
  /// Keys write into the text.
  case insert
  /// Movement extends a selection of bars.
  case select
  /// A `:` line is being typed.
  case commandLine(LineEditor)
  /// One value is being typed; Enter gives it to `command`.
  case prompt(Prompt)
  case find(LineEditor)
  case help(HelpList)
  case header(HeaderForm)
  case theme(ThemePicker)
  case export(ExportForm)
  /// One of a list is looked for, looked at and heard.
  case picker(Picker)
  /// Two texts are looked at side by side.
  case compare(Comparison)
  case messages(scroll: Int)
  /// What the judge says, mark by mark.
  case critique(scroll: Int)
  /// Alternatives are heard and chosen from.
  case audition
  /// Keys move the note at the cursor.
  case grab
  /// Keys are a piano's.
  case record

  /// The name the key table uses.
  public var name: String {
    switch self {
    case .normal: "normal"
    case .insert: "insert"
    case .select: "select"
    case .commandLine: "command"
    case .prompt: "prompt"
    case .find: "find"
    case .help: "help"
    case .header: "header"
    case .theme: "theme"
    case .export: "export"
    case .picker: "picker"
    case .compare: "compare"
    // They are read with the same keys.
    case .messages, .critique: "messages"
    case .audition: "audition"
    case .grab: "grab"
    case .record: "record"
    }
  }

  /// Whether a text is looked at that is not the draft's.
  var isLooking: Bool {
    switch self {
    case .picker, .compare: true
    default: false
    }
  }

  /// Whether printable keys are text rather than commands.
  public var takesText: Bool {
    switch self {
    case .normal, .select, .messages, .critique, .audition, .grab, .record: false
    default: true
    }
  }
}

/// One line of text being typed, with its cursor.
public struct LineEditor: Sendable, Equatable {
  public private(set) var text = ""
  /// Byte offset into `text`.
  public private(set) var cursor = 0
  /// Whether the whole line is replaced by what is typed next.
  public private(set) var isSelected = false
  /// How far back in the list of earlier lines this one is; 0 = a new line.
  var recalled = 0
  /// What the line may become, which Tab walks through; empty once it has been edited.
  public private(set) var offers: [String] = []
  private var offered: Int?

  public init(_ text: String = "") {
    self.text = text
    cursor = text.utf8.count
  }

  mutating func set(_ text: String) {
    self.text = text
    cursor = text.utf8.count
    (offers, offered) = ([], nil)
  }

  /// Writes on as far as is clear; where several things are possible, they are offered one by one.
  ///
  /// - Parameter walks: Whether the first one is offered where nothing can be written on.
  mutating func complete(_ choices: [String], walks: Bool = true) {
    guard let common = Session.commonPrefix(choices) else { return }
    let isLonger = common.utf8.count > text.utf8.count
    guard choices.count > 1 else { return set(common.last == " " ? common : common + " ") }
    if isLonger { set(common) }
    offers = choices
    if !isLonger, walks { offerNext() }
  }

  /// The next of what is offered.
  mutating func offerNext() {
    for _ in offers.indices {
      let next = offered.map { ($0 + 1) % offers.count } ?? 0
      offered = next
      guard offers[next] != text else { continue }
      text = offers[next]
      cursor = text.utf8.count
      return
    }
  }

  /// Lets the first character typed replace everything.
  mutating func selectAll() { isSelected = !text.isEmpty }

  mutating func insert(_ typed: String) {
    if isSelected { set("") }
    isSelected = false
    (offers, offered) = ([], nil)
    let line = typed.filter { !$0.isNewline }
    text.replaceBytes(cursor..<cursor, with: line)
    cursor += line.utf8.count
  }

  /// Returns whether the key meant something here.
  mutating func edit(_ key: EditKey) -> Bool {
    defer { isSelected = false }
    (offers, offered) = ([], nil)
    if isSelected, [.backspace, .delete, .wordBack].contains(key) {
      set("")
      return true
    }
    switch key {
    case .backspace:
      guard cursor > 0 else { return false }
      let start = text.byteBefore(cursor)
      text.replaceBytes(start..<cursor, with: "")
      cursor = start
    case .delete: text.replaceBytes(cursor..<text.byteAfter(cursor), with: "")
    case .left: cursor = text.byteBefore(cursor)
    case .right: cursor = text.byteAfter(cursor)
    case .home: cursor = 0
    case .end: cursor = text.utf8.count
    case .clear:
      text.replaceBytes(0..<cursor, with: "")
      cursor = 0
    case .wordBack:
      var start = cursor
      while start > 0, text.text(atBytes: text.byteBefore(start)..<start) == " " {
        start = text.byteBefore(start)
      }
      while start > 0, text.text(atBytes: text.byteBefore(start)..<start) != " " {
        start = text.byteBefore(start)
      }
      text.replaceBytes(start..<cursor, with: "")
      cursor = start
    default: return false
    }
    return true
  }
}

/// A question that one value answers.
public struct Prompt: Sendable, Equatable {
  public var question: String
  /// The answer is this command's argument.
  public var command: CommandName
  public var line: LineEditor
  /// The draft that the answer is to be a name for, where one was asked about in the list.
  var naming: DraftNaming?
}

/// A draft that gets a new name, or a copy under one.
struct DraftNaming: Sendable, Equatable {
  var name: String
  var isCopy: Bool
}

/// The searchable list of commands behind `?`.
public struct HelpList: Sendable, Equatable {
  public var query = LineEditor()
  public var selected = 0

  public init() {}

  /// The commands whose name or sentence holds every word typed.
  public var matches: [CommandName] {
    let words = query.text.lowercased().split(separator: " ")
    return CommandName.allCases.filter { command in
      let haystack = "\(command.rawValue) \(command.help) \(command.synonyms)".lowercased()
      return words.allSatisfy { haystack.contains($0) }
    }
  }
}

/// The header's fields as a form.
public struct HeaderForm: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public var letter: Character
    public var name: String
    public var value: LineEditor
    /// Values the model knows; empty where anything goes.
    public var known: [String]
  }
  public var fields: [Field]
  public var selected = 0
  /// The bar from which on meter, unit length, tempo and key will hold; `nil` = from the first.
  public var fromBar: Int?
}

/// The list of themes, with the theme before the picker was opened.
public struct ThemePicker: Sendable, Equatable {
  public var query = LineEditor()
  public var selected = 0
  public var before: String
  public var names: [String]

  public var matches: [String] {
    let wanted = query.text.lowercased()
    return wanted.isEmpty ? names : names.filter { $0.lowercased().contains(wanted) }
  }
}

/// Keys that text entry understands, whatever the terminal calls them.
public enum EditKey: String, Sendable, Equatable, CaseIterable {
  case enter, escape, tab, backTab, backspace, delete, left, right, up, down, home, end
  case pageUp, pageDown, wordBack, clear
}

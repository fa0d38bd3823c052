import Compose

/// One thing that can be set: a row of the table from which the configuration file, its commented
/// default, the environment variables, the manual and `lilt config --show` are all made.
struct Setting: Sendable {
  /// Tables of `config.toml`, in the order they are shown.
  enum Section: String, CaseIterable, Sendable {
    case generator, constraints, writing, player, record, practise, midi, display, editor,
      export, hooks

    /// One line above the table in the commented default.
    var help: String {
      switch self {
      case .generator: "How the model writes."
      case .constraints: "Where the model stops by itself."
      case .writing: "What is wanted of the tunes."
      case .player: "Where the sound goes, and what it is made with."
      case .record: "Notes that are played in."
      case .practise: "What :practise does where nothing is said."
      case .midi: "Other synthesizers, keyboards and sequencers."
      case .display: "The screen."
      case .editor: "The editor that E opens."
      case .export: "What :export and X write."
      case .hooks: "Commands that run when something has happened, with the file as last argument."
      }
    }
  }

  /// What values there are.
  enum Kind: Sendable {
    case flag
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case choice([String])
    case text
    /// Text with a form of its own; `form` says which, as the end of "must be".
    case form(String, isValid: @Sendable (String) -> Bool)
  }

  var section: Section
  var name: String
  var kind: Kind
  /// The value when nobody says otherwise.
  var standard: SettingValue
  /// One line without a full stop.
  var help: String
  /// The environment variable.
  var variable: String
  /// The long option of the commands that take it, with its dashes; nil where there is none.
  var option: String?

  /// - Parameters:
  ///   - variable: nil for `LILT_` and the name in capitals.
  init(
    _ section: Section, _ name: String, _ kind: Kind, standard: SettingValue, _ help: String,
    variable: String? = nil, option: String? = nil
  ) {
    self.section = section
    self.name = name
    self.kind = kind
    self.standard = standard
    self.help = help
    self.variable = variable ?? "LILT_" + name.uppercased().replacing("-", with: "_")
    self.option = option
  }

  /// `generator.temperature`.
  var path: String { "\(section.rawValue).\(name)" }

  /// What a value must be, as the end of "must be …" and in the commented default.
  var range: String {
    switch kind {
    case .flag: "true or false"
    case .integer(let range):
      "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(SettingValue.number(range.lowerBound).plain)"
        + " to \(SettingValue.number(range.upperBound).plain)"
    case .choice(let names): names.map { "\"\($0)\"" }.joined(separator: ", ")
    case .text: "text"
    case .form(let form, _): form
    }
  }

  /// Reads a value from an option or a variable, where everything is text.
  ///
  /// - Returns: nil when the text is no value of this setting.
  func value(fromText text: String) -> SettingValue? {
    switch kind {
    case .flag:
      switch text.lowercased() {
      case "true", "1", "yes", "on": .flag(true)
      case "false", "0", "no", "off": .flag(false)
      default: nil
      }
    case .integer(let range): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .choice(let names): names.contains(text) ? .text(text) : nil
    case .text: .text(text)
    case .form(_, let isValid): isValid(text) ? .text(text) : nil
    }
  }

  /// Reads a value that a TOML file holds.
  func value(fromFile value: SettingValue) -> SettingValue? {
    switch (kind, value) {
    case (.flag, .flag): value
    case (.integer(let range), .integer(let number)): range.contains(number) ? value : nil
    case (.number(let range), .number(let number)): range.contains(number) ? value : nil
    case (.number(let range), .integer(let number)):
      range.contains(Double(number)) ? .number(Double(number)) : nil
    case (.form, .integer), (.form, .number): self.value(fromText: value.plain)
    case (.choice, .text(let text)), (.text, .text(let text)), (.form, .text(let text)):
      self.value(fromText: text)
    // NO_COLOR's habit has people write `color = 256` and `color = true`.
    case (.choice, .integer), (.choice, .flag): self.value(fromText: value.plain)
    default: nil
    }
  }
}

/// A value of a setting.
enum SettingValue: Equatable, Sendable {
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)

  /// As an option or a variable would say it.
  var plain: String {
    switch self {
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number):
      number == number.rounded() && number.magnitude < 1e15 ? String(Int(number)) : String(number)
    case .text(let text): text
    }
  }

  /// As TOML says it.
  var toml: String {
    switch self {
    case .flag, .integer: return plain
    case .number(let number): return String(number)
    case .text(let text):
      var quoted = "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": quoted += "\\\(scalar)"
        case "\n": quoted += "\\n"
        case "\t": quoted += "\\t"
        case "\u{0}"..<"\u{20}", "\u{7F}":
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: quoted.unicodeScalars.append(scalar)
        }
      }
      return quoted + "\""
    }
  }
}

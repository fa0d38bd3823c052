import ABC
import Music

/// What Tab makes of a command line.
extension Session {
  /// What a command line may become: command names, then the words its argument allows.
  public func completions(of line: String) -> [String] {
    let word = String(line.prefix { $0 != " " })
    guard line.contains(" "), let command = CommandName.named(word) else {
      return CommandName.allCases.map(\.rawValue).filter { $0.hasPrefix(line) }.sorted()
    }
    let argument = String(line.dropFirst(word.count).drop { $0 == " " })
    return words(for: command).filter { $0.hasPrefix(argument) && $0 != "" }
      .map { "\(word) \($0)" }
  }

  /// The words that a command may be followed by, as far as they can be listed.
  private func words(for command: CommandName) -> [String] {
    switch command {
    case .theme: return themes
    case .ornaments: return catalogue.ornaments.map(\.name) + ["next"]
    case .scale: return Force.allCases.map(\.rawValue) + catalogue.scaleNames
    case .mood: return catalogue.moods.map(\.name) + ["save"]
    case .sound: return GeneralMIDI.allNames.map { $0.lowercased() } + ["off"]
    case .help: return CommandName.allCases.map(\.rawValue)
    case .checkpoint: return catalogue.checkpoints
    case .mix: return catalogue.checkpoints.map { $0 + " " } + ["off"]
    case .take: return history.versions.map(\.tag).filter { !$0.isEmpty }
    case .shelf: return shelf.names
    case .voice: return parsed.voices.map(\.id).filter { !$0.isEmpty } + ["new "]
    case .mute: return ["on", "off"] + voiceNumbers
    case .solo: return ["off"] + voiceNumbers
    case .countIn: return ["off"] + (1...4).map(String.init)
    case .swing: return ["off", "50", "60", "66", "75"]
    case .set:
      return Session.settable.map(\.rawValue)
        + SamplingValue.all.map(\.name)
        .filter { $0 != "temperature" && CommandName(rawValue: $0) == nil }
    default:
      var words = command.argument.split(whereSeparator: { "|[]".contains($0) }).map(String.init)
        .filter { $0.allSatisfy { $0.isLowercase } && !$0.isEmpty }
      for word in SamplingValue[command.rawValue]?.choices(catalogue) ?? []
      where !words.contains(word) {
        words.append(word)
      }
      return words
    }
  }

  private var voiceNumbers: [String] {
    parsed.voices.count > 1 ? parsed.voices.indices.map { "\($0 + 1)" } : []
  }

  /// The file name being typed behind a command that takes one.
  static func path(in line: String) -> String? {
    let word = line.prefix { $0 != " " }
    guard word.count < line.count, CommandName.named(String(word))?.takesPath == true else {
      return nil
    }
    return String(line.dropFirst(word.count).drop { $0 == " " })
  }

  /// Puts the name of a file in that was being typed, as far as it is clear.
  mutating func complete(_ names: [String], _ typed: String) {
    guard let common = Session.commonPrefix(names) else {
      notice(typed.isEmpty ? "there are no files here" : "no file's name begins with '\(typed)'")
      return
    }
    switch screen.mode {
    case .commandLine(var line) where Session.path(in: line.text) == typed:
      let word = line.text.prefix { $0 != " " }
      if names.count == 1 {
        line.set("\(word) \(common)")
      } else {
        line.complete(names.map { "\(word) \($0)" }, walks: false)
      }
      screen.enter(.commandLine(line))
    case .prompt(var prompt) where prompt.line.text == typed:
      if names.count == 1 {
        prompt.line.set(common)
      } else {
        prompt.line.complete(names, walks: false)
      }
      screen.enter(.prompt(prompt))
    default: return
    }
  }

  static func commonPrefix(_ words: [String]) -> String? {
    guard var prefix = words.first else { return nil }
    for word in words {
      while !word.hasPrefix(prefix) { prefix.removeLast() }
    }
    return prefix
  }
}

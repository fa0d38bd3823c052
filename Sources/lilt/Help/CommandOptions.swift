import ArgumentParser
import FoundationEssentials

/// The arguments and options of a command, for its manual page: what the argument parser's own dump
/// of its help says of them.
struct CommandOptions {
  private let command: Command

  private struct Dump: Decodable {
    var command: Command
  }

  private struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var arguments: [Argument]?
    var subcommands: [Command]?
  }

  private struct Argument: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }
    struct Name: Decodable {
      var kind: String
      var name: String

      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }
    var kind: Kind
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var defaultValue: String?
    var isOptional: Bool
    var isRepeating: Bool
    var shouldDisplay: Bool
  }

  /// Nil where the dump is not as expected.
  init?(of command: any ParsableCommand.Type) {
    guard
      let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8))
    else { return nil }
    self.command = dump.command
  }

  /// The forms in which it is called.
  func synopses(of configuration: CommandConfiguration) -> [String] {
    if let usage = configuration.usage {
      return usage.split(separator: "\n").map { String($0.drop { $0 == " " }) }
    }
    let places = shown(command).filter { $0.kind == .positional }.map { argument in
      let name = "<\(argument.valueName ?? "")>" + (argument.isRepeating ? " ..." : "")
      return argument.isOptional ? "[\(name)]" : name
    }
    let hasOptions = shown(command).contains { $0.kind != .positional }
    let subcommand = subcommands.isEmpty ? [] : ["[COMMAND]"]
    return [
      (["lilt", command.commandName] + subcommand + (hasOptions ? ["[OPTION ...]"] : []) + places)
        .joined(separator: " ")
    ]
  }

  /// Sections with their rows.
  var tables: [(heading: String, rows: [(term: String, help: String)])] {
    var tables: [(heading: String, rows: [(term: String, help: String)])] = []
    func add(_ heading: String, _ rows: [(term: String, help: String)]) {
      if !rows.isEmpty { tables.append((heading, rows)) }
    }
    add("ARGUMENTS", shown(command).filter { $0.kind == .positional }.map(row))
    add("OPTIONS", shown(command).filter { $0.kind != .positional }.map(row))
    for sub in subcommands {
      let name = "\(command.commandName) \(sub.commandName)".uppercased()
      add(
        name,
        [("lilt \(command.commandName) \(sub.commandName)", sub.abstract ?? "")]
          + shown(sub).map(row))
    }
    return tables
  }

  private var subcommands: [Command] {
    (command.subcommands ?? []).filter { $0.commandName != "help" }
  }

  private func shown(_ command: Command) -> [Argument] {
    (command.arguments ?? []).filter { argument in
      argument.shouldDisplay && !(argument.names ?? []).contains { $0.name == "version" }
    }
  }

  private func row(_ argument: Argument) -> (term: String, help: String) {
    let value = argument.valueName.map { "<\($0)>" } ?? ""
    let names = (argument.names ?? []).map(\.text).joined(separator: ", ")
    let term =
      switch argument.kind {
      case .positional: value
      case .flag: names
      case .option: "\(names) \(value)"
      }
    let standard = argument.defaultValue.map { " (default: \($0))" } ?? ""
    return (term, (argument.abstract ?? "") + standard)
  }
}

public import Compose

/// What each key means in each mode. Help line, popups, the `?` list, `lilt keys` and the man page
/// are made from it, so that they are always true.
public struct KeyMap: Sendable {
  /// One key, or a prefix and the keys after it.
  public typealias Sequence = [KeyPress]

  /// The modes that can be remapped; text entry in the others has fixed keys.
  public static let modes = [
    "normal", "select", "insert", "messages", "audition", "grab", "picker", "record",
  ]

  public struct Binding: Sendable, Equatable {
    public var commands: [Invocation]
    /// Where the user set it, as `keys.toml:2`; `nil` for a default.
    public var place: String?
  }

  /// One line of a list of keys.
  public struct Row: Sendable, Equatable {
    public var mode: String
    /// As `keys.toml` writes it: `t.q`.
    public var keys: String
    /// As the `:` line writes it, several joined by `; `.
    public var command: String
    public var help: String
  }

  /// By mode.
  var bindings: [String: [Sequence: Binding]] = [:]
  /// In the order of the default table, for lists.
  var order: [String: [Sequence]] = [:]

  /// What the keys of another layout stand for, by the characters that they write.
  var layout: [Character: Character] = [:]

  init() {}

  /// Binds keys to command lines; an empty list unbinds.
  mutating func bind(
    _ sequence: Sequence, to commands: [Invocation], in mode: String, place: String? = nil
  ) {
    if commands.isEmpty {
      bindings[mode]?[sequence] = nil
      order[mode]?.removeAll { $0 == sequence }
      return
    }
    if bindings[mode]?[sequence] == nil { order[mode, default: []].append(sequence) }
    bindings[mode, default: [:]][sequence] = Binding(commands: commands, place: place)
  }

  /// The modes to look in: SELECT knows everything NORMAL does.
  private static func chain(_ mode: String) -> [String] {
    mode == "select" ? ["select", "normal"] : [mode]
  }

  /// What a key or sequence does, if it does anything.
  public func binding(for sequence: Sequence, in mode: String) -> Binding? {
    KeyMap.chain(mode).lazy.compactMap { bindings[$0]?[sequence] }.first
  }

  /// Whether longer sequences begin with this one.
  public func isPrefix(_ sequence: Sequence, in mode: String) -> Bool {
    KeyMap.chain(mode).contains { mode in
      order[mode]?.contains { $0.count > sequence.count && $0.starts(with: sequence) } ?? false
    }
  }

  /// Every key of a mode, in the order of the table.
  public func rows(in mode: String) -> [Row] {
    (order[mode] ?? []).compactMap { sequence in
      guard let binding = bindings[mode]?[sequence] else { return nil }
      return Row(
        mode: mode, keys: KeyMap.name(of: sequence),
        command: binding.commands.map(\.line).joined(separator: "; "),
        help: binding.commands.first?.name.help ?? "")
    }
  }

  public var rows: [Row] { KeyMap.modes.flatMap { rows(in: $0) } }

  /// What may follow a prefix.
  public func continuations(of prefix: Sequence, in mode: String) -> [Row] {
    KeyMap.chain(mode).flatMap { mode in
      (order[mode] ?? []).filter { $0.count > prefix.count && $0.starts(with: prefix) }
        .compactMap { sequence -> Row? in
          guard let binding = bindings[mode]?[sequence] else { return nil }
          return Row(
            mode: mode, keys: KeyMap.name(of: Array(sequence.dropFirst(prefix.count))),
            command: binding.commands.map(\.line).joined(separator: "; "),
            help: binding.commands.first?.name.help ?? "")
        }
    }
  }

  /// The keys that run a command line (`temp +0.05`), or with `argument` left out any form of the
  /// command, as the help list shows them.
  public func keys(for name: CommandName, _ argument: String? = nil, in mode: String = "normal")
    -> [String]
  {
    KeyMap.chain(mode).flatMap { mode in
      (order[mode] ?? []).filter { sequence in
        bindings[mode]?[sequence]?.commands.contains {
          $0.name == name && (argument == nil || $0.argument == argument)
        } ?? false
      }.map(KeyMap.name)
    }
  }

  /// The shortest way to write the first key of a command, for the help line; `nil` where none is.
  func shortKey(for name: CommandName, _ argument: String? = nil, in mode: String) -> String? {
    for mode in KeyMap.chain(mode) {
      for sequence in order[mode] ?? [] where !sequence.contains(where: \.isFromMIDI) {
        let matches = bindings[mode]?[sequence]?.commands.first.map {
          $0.name == name && (argument == nil || $0.argument == argument)
        }
        if matches == true { return sequence.map(\.shortName).joined() }
      }
    }
    return nil
  }

  /// `t.q`, `Enter`, `g.g`.
  public static func name(of sequence: Sequence) -> String {
    sequence.map(\.name).joined(separator: ".")
  }

  /// Reads `Enter`, `ctrl-g`, `t.q`, `.`; `nil` where a part is no key.
  public static func sequence(named name: String) -> Sequence? {
    if let single = KeyPress(name: name) { return [single] }
    var sequence: Sequence = []
    var rest = Substring(name)
    while !rest.isEmpty {
      // A point may be a key itself: it then stands first.
      let end = rest.dropFirst().firstIndex(of: ".") ?? rest.endIndex
      guard let key = KeyPress(name: String(rest[..<end])) else { return nil }
      sequence.append(key)
      if end < rest.endIndex, rest.index(after: end) == rest.endIndex { return nil }
      rest = end < rest.endIndex ? rest[rest.index(after: end)...] : ""
    }
    return sequence.isEmpty ? nil : sequence
  }
}

extension Invocation {
  /// As the `:` line writes it.
  public var line: String { argument.isEmpty ? name.rawValue : "\(name.rawValue) \(argument)" }
}

import Compose

extension KeyMap {
  /// Something about the keys as a whole.
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// `keys.toml:2`, or `keys` where no one line is to blame.
    public var place: String
    public var sentence: String
    /// Whether it merely may surprise.
    public var isWarning: Bool
    public var description: String { "\(place): \(isWarning ? "warning: " : "")\(sentence)" }
  }

  /// What `lilt keys check` says beyond mistakes in reading: keys hidden by a prefix, keys that no
  /// terminal can send, keys that tmux or screen take, keys that need AltGr on a German or French
  /// keyboard, and commands that lost their only key.
  public func check() -> [Problem] {
    var problems: [Problem] = []
    for mode in KeyMap.modes {
      for sequence in order[mode] ?? [] {
        guard let binding = bindings[mode]?[sequence] else { continue }
        let name = KeyMap.name(of: sequence)
        let place = binding.place ?? "keys"
        if isPrefix(sequence, in: mode) {
          problems.append(
            Problem(
              place: place,
              sentence: "'\(name)' in \(mode) hides the keys that begin with it",
              isWarning: false))
        }
        for key in sequence {
          if let reason = KeyMap.unsendable(key) {
            problems.append(
              Problem(
                place: place, sentence: "no terminal can send '\(key.name)': \(reason)",
                isWarning: false))
          }
          if let reason = KeyMap.taken(key) {
            problems.append(
              Problem(place: place, sentence: "'\(key.name)' \(reason)", isWarning: true))
          }
        }
      }
    }
    return problems + lostCommands() + altGrOnly()
  }

  private func lostCommands() -> [Problem] {
    let bound = Set(KeyMap.modes.flatMap { commands(in: $0) })
    let before = Set(KeyMap.modes.flatMap { KeyMap.standard.commands(in: $0) })
    return CommandName.allCases.filter { before.contains($0) && !bound.contains($0) }.map {
      Problem(
        place: "keys", sentence: "'\($0.rawValue)' has no key left (it still works after :)",
        isWarning: true)
    }
  }

  private func commands(in mode: String) -> [CommandName] {
    bindings[mode]?.values.flatMap { $0.commands.map(\.name) } ?? []
  }

  /// Command lines whose every key needs AltGr somewhere.
  private func altGrOnly() -> [Problem] {
    var easy: Set<String> = []
    var hard: [String: String] = [:]
    for mode in KeyMap.modes {
      for (sequence, binding) in bindings[mode] ?? [:] {
        let line = binding.commands.map(\.line).joined(separator: "; ")
        if sequence.contains(where: KeyMap.needsAltGr) {
          hard[line] = KeyMap.name(of: sequence)
        } else {
          easy.insert(line)
        }
      }
    }
    return hard.filter { !easy.contains($0.key) }.sorted { $0.key < $1.key }.map {
      Problem(
        place: "keys",
        sentence: "'\($0.value)' needs AltGr on some keyboards and is the only key of '\($0.key)'",
        isWarning: true)
    }
  }

  /// `[ ] { } \ | ~ @ # ^` lie behind AltGr on QWERTZ and AZERTY keyboards.
  static func needsAltGr(_ key: KeyPress) -> Bool {
    guard case .character(let character) = key.key else { return false }
    return "[]{}\\|~@#^`".contains(character)
  }

  /// Why a terminal cannot send a key, if it cannot.
  static func unsendable(_ key: KeyPress) -> String? {
    guard key.modifiers.contains(.control) else {
      if key.modifiers.contains(.shift), case .character = key.key { return "write it as typed" }
      return nil
    }
    switch key.key {
    case .character("h"): return "it is the same byte as Backspace"
    case .character("i"): return "it is the same byte as Tab"
    case .character("j"), .character("m"): return "it is the same byte as Enter"
    case .character(let character):
      let hasCode = character.isASCII && (character.isLowercase || "@[\\]^_ ".contains(character))
      return hasCode ? nil : "only letters have a control code"
    case .enter, .tab, .escape, .backspace: return "Ctrl changes nothing there"
    default: return nil
    }
  }

  /// Who takes a key before a program sees it.
  static func taken(_ key: KeyPress) -> String? {
    guard key.modifiers == .control, case .character(let character) = key.key else { return nil }
    switch character {
    case "a": return "is the prefix of screen"
    case "b": return "is the prefix of tmux"
    case "q": return "may be flow control"
    case "\\": return "is the quit signal elsewhere"
    default: return nil
    }
  }
}

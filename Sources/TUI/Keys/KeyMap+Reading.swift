import ABC
import Compose
import TOMLKit

extension KeyMap {
  /// Reads a keys.toml over the defaults, or over the preset it names. Whatever is wrong in it, the
  /// rest counts; each mistake is one sentence: `keys.toml:2:6: unknown command 'gen.tog' (did you
  /// mean 'gen.toggle'?)`.
  public static func reading(_ text: String, file: String) -> (map: KeyMap, problems: [String]) {
    let source: TOMLSource
    do {
      source = try TOMLSource(text: text, file: file)
    } catch {
      return (.standard, [error.description])
    }
    var problems: [String] = []
    func note(_ path: [String], _ word: String?, _ sentence: String) {
      let line = word.map { source.line(of: path, mentioning: $0) } ?? source.line(of: path)
      let column = source.column(of: word ?? path.last ?? "", inLine: line)
      problems.append("\(file):\(line):\(column): \(sentence)")
    }
    var map = standard
    func read(_ keys: String, _ value: any TOMLValueConvertible, path: [String], in mode: String) {
      guard let sequence = sequence(named: keys) else {
        if KeyPress.MIDIControl.isNearly(keys) {
          return note(path, nil, "unknown key '\(keys)' (MIDI counts from 0 to 127)")
        }
        let part = keys.split(separator: ".").last.map(String.init) ?? keys
        note(path, nil, "unknown key '\(keys)'\(suggestion(for: part, among: KeyPress.allNames))")
        return
      }
      var lines: [String] = []
      if let line = value.string {
        lines = [line]
      } else if let array = value.array {
        lines = array.compactMap(\.string)
        if lines.count != array.count { note(path, nil, "'\(keys)' needs texts as commands") }
      } else {
        note(path, nil, "'\(keys)' needs a command, or \"none\"")
        return
      }
      if lines == ["none"] {
        map.bind(sequence, to: [], in: mode)
        return
      }
      var commands: [Invocation] = []
      for line in lines {
        switch Invocation.parse(line) {
        case .success(let invocation):
          // A file that lasts spells commands out; a beginning may stop being the only one.
          let word = String(line.prefix { $0 != " " })
          if CommandName(rawValue: word) == nil, CommandName.aliases[word] == nil {
            note(
              path, line,
              "unknown command '\(word)' (did you mean '\(invocation.name.rawValue)'?)")
          } else {
            commands.append(invocation)
          }
        case .failure(let error): note(path, line, error.description)
        }
      }
      if commands.count == lines.count, !commands.isEmpty {
        map.replace(sequence, with: commands, in: mode, place: "\(file):\(source.line(of: path))")
      }
    }
    if let value = source.root["preset"] {
      if let preset = value.string.flatMap(KeyMap.preset) {
        map = preset
      } else {
        let word = value.string ?? ""
        note(["preset"], nil, "unknown preset '\(word)'\(suggestion(for: word, among: presets))")
      }
    }
    if let value = source.root["layout"] {
      map.readLayout(value) { note(["layout"] + ($0.map { [$0] } ?? []), nil, $1) }
    }
    for (mode, value) in source.root where mode != "preset" && mode != "layout" {
      if KeyPress.MIDIControl.isNearly(mode) {
        // A pedal belongs to no mode.
        read(mode, value, path: [mode], in: "normal")
        continue
      }
      guard modes.contains(mode) else {
        note([mode], nil, "unknown mode '\(mode)'\(suggestion(for: mode, among: modes))")
        continue
      }
      guard let table = value.table else {
        note([mode], nil, "'\(mode)' must be a table: [\(mode)]")
        continue
      }
      for (keys, value) in flattened(table, "") {
        read(keys, value, path: [mode, keys], in: mode)
      }
    }
    return (map, problems.sorted { lineNumber($0) < lineNumber($1) })
  }

  /// Reads `layout = "russian"`, or a table of characters and the Latin keys in their places.
  private mutating func readLayout(
    _ value: TOMLValueConvertible, _ note: (_ key: String?, _ sentence: String) -> Void
  ) {
    if let name = value.string {
      guard let table = KeyboardLayout.named(name) else {
        let hint = suggestion(for: name, among: KeyboardLayout.names)
        let names = KeyboardLayout.names.joined(separator: ", ")
        note(nil, "unknown layout '\(name)'\(hint.isEmpty ? ": \(names)" : hint)")
        return
      }
      layout = table
      return
    }
    guard let table = value.table else {
      note(nil, "'layout' must be a name, or a table of keys: [layout]")
      return
    }
    for (written, latin) in table {
      guard written.count == 1, let character = written.first, !character.isASCII else {
        note(written, "'\(written)' must be one character that no Latin keyboard writes")
        continue
      }
      guard let key = latin.string, key.count == 1, let place = key.first, place.isASCII else {
        note(written, "'\(written)' needs the Latin key in its place, such as \"q\"")
        continue
      }
      layout[character] = place
      // Shift with it, where nothing else is said.
      let upper = character.uppercased()
      if upper.count == 1, let large = upper.first, large != character, table[upper] == nil {
        layout[large] = Character(place.uppercased())
      }
    }
  }

  /// A user's key wins over a default prefix that begins with it: `g` alone takes `g.g` away.
  private mutating func replace(
    _ sequence: Sequence, with commands: [Invocation], in mode: String, place: String
  ) {
    for longer in order[mode] ?? []
    where longer.count > sequence.count
      && longer.starts(with: sequence) && bindings[mode]?[longer]?.place == nil
    {
      bind(longer, to: [], in: mode)
    }
    // Likewise a user's sequence wins over a default key that would hide it.
    for length in 1..<max(sequence.count, 1) {
      let shorter = Array(sequence.prefix(length))
      if bindings[mode]?[shorter]?.place == nil { bind(shorter, to: [], in: mode) }
    }
    // To the front: the help line shows the key that the musician chose.
    bind(sequence, to: [], in: mode)
    bindings[mode, default: [:]][sequence] = Binding(commands: commands, place: place)
    order[mode, default: []].insert(sequence, at: 0)
  }

  /// `t.q = …` without quotes is a table in TOML, and means the same.
  private static func flattened(
    _ table: TOMLTable, _ prefix: String
  ) -> [(keys: String, value: TOMLValueConvertible)] {
    var found: [(String, TOMLValueConvertible)] = []
    for (key, value) in table {
      let name = prefix.isEmpty ? key : "\(prefix).\(key)"
      if let inner = value.table {
        found += flattened(inner, name)
      } else {
        found.append((name, value))
      }
    }
    return found
  }

  private static func lineNumber(_ problem: String) -> Int {
    problem.split(separator: ":").lazy.compactMap { Int($0) }.first ?? 0
  }
}

import Compose

/// The moods that come with Lilt, as a file of the user's own would say them.
enum MoodTable {
  static let toml = """
    # A mood's name in brackets. Of a new tune: rhythm, meter, key; its tempo in beats of the meter's own
    # unit; then any of the values that ':set' knows, by name.
    [lively]
    about = "a fast reel in D that comes back to its phrases"
    rhythm = "reel"
    meter = "4/4"
    key = "D"
    tempo = 200
    temperature = 0.9
    shape = "auto"
    memory = 0.2
    instrument = "fiddle"

    [dancing]
    about = "a jig in G, its parts in order"
    rhythm = "jig"
    meter = "6/8"
    key = "G"
    tempo = 116
    temperature = 0.8
    shape = "auto"
    memory = 0.15
    parts = "rule"
    cadence = "rule"

    [tender]
    about = "a slow waltz in G for a flute, few leaps into other scales"
    rhythm = "waltz"
    meter = "3/4"
    key = "G"
    tempo = 96
    temperature = 0.7
    shape = "auto"
    memory = 0.25
    instrument = "flute"
    scale = "wish"

    [dark]
    about = "a reel in E dorian, sparing with what is new"
    rhythm = "reel"
    meter = "4/4"
    key = "Edor"
    tempo = 168
    temperature = 0.8
    shape = "auto"
    memory = 0.3
    instrument = "fiddle"

    [stately]
    about = "a hornpipe in A with parts that end where they should"
    rhythm = "hornpipe"
    meter = "4/4"
    key = "A"
    tempo = 144
    temperature = 0.65
    shape = "auto"
    memory = 0.15
    parts = "rule"
    cadence = "rule"

    [lonesome]
    about = "a slow air in D mixolydian within a voice's range"
    rhythm = "air"
    meter = "4/4"
    key = "Dmix"
    tempo = 80
    temperature = 0.75
    shape = "auto"
    memory = 0.1
    instrument = "voice"

    [wild]
    about = "a slip jig that seldom repeats itself"
    rhythm = "slip jig"
    meter = "9/8"
    key = "Em"
    tempo = 120
    temperature = 1.15
    memory = 0
    shape = "free"
    """

  /// The text of a file of moods with one more, or in place of the one of the same name.
  static func text(_ present: String, with mood: Catalogue.Mood) -> String {
    var kept: [Substring] = []
    var isOld = false
    for line in present.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("[") { isOld = line.hasPrefix("[\(mood.name)]") }
      if !isOld { kept.append(line) }
    }
    while kept.last?.allSatisfy(\.isWhitespace) == true { kept.removeLast() }
    var lines = kept.map(String.init)
    if !lines.isEmpty { lines.append("") }
    lines.append("[\(mood.name)]")
    for (field, name) in fields {
      if let value = mood.fields[field] { lines.append("\(name) = \(quoted(value))") }
    }
    if let tempo = mood.tempo { lines.append("tempo = \(tempo)") }
    for (name, value) in mood.values {
      lines.append("\(name) = \(Double(value) == nil ? quoted(value) : value)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Fields of a header and what they are called in the table.
  static let fields: [(field: Character, name: String)] = [
    ("R", "rhythm"), ("M", "meter"), ("K", "key"),
  ]

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}

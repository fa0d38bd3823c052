import ABC
import Compose
import TOMLKit
import TUI

extension Catalogue {
  /// The tables that come with Lilt, and the user's own files `instruments.toml`, `scales.toml`,
  /// `moods.toml` and `ornaments.toml`, whose rows replace those of the same name.
  ///
  /// - Returns: The catalogue, and a sentence for each row that cannot be used.
  static func load(paths: Paths = .current) -> (catalogue: Catalogue, complaints: [String]) {
    var catalogue = Catalogue(ornaments: [.standard])
    var complaints: [String] = []
    catalogue.read(instruments: InstrumentTable.toml, file: "instruments", &complaints)
    catalogue.read(scales: ScaleTable.toml, file: "scales", &complaints)
    catalogue.read(moods: MoodTable.toml, file: "moods", &complaints)
    catalogue.read(ornaments: OrnamentTable.toml, file: "ornaments", &complaints)
    catalogue.checkpoints = CheckpointLocator(paths: paths).names()
    for name in ["instruments.toml", "scales.toml", "moods.toml", "ornaments.toml"] {
      let path = Paths.join(paths.configuration, name)
      guard Files.exists(path) else { continue }
      guard let text = try? Files.readText(path) else {
        complaints.append("\(path): cannot be read")
        continue
      }
      switch name {
      case "scales.toml": catalogue.read(scales: text, file: path, &complaints)
      case "moods.toml": catalogue.read(moods: text, file: path, &complaints)
      case "ornaments.toml": catalogue.read(ornaments: text, file: path, &complaints)
      default: catalogue.read(instruments: text, file: path, &complaints)
      }
    }
    return (catalogue, complaints)
  }

  /// Reads rows of instruments.
  mutating func read(instruments text: String, file: String, _ complaints: inout [String]) {
    Self.rows(text, file, &complaints) { name, table, source in
      guard let lowest = table["lowest"]?.int, let highest = table["highest"]?.int,
        0 <= lowest, lowest + 4 < highest, highest <= 127
      else {
        return "lowest and highest must be MIDI keys from 0 to 127, five half tones apart or more"
      }
      let instrument = Instrument(
        name: name, lowest: lowest, highest: highest, about: table["about"]?.string ?? "")
      instruments.removeAll { $0.name == name }
      instruments.append(instrument)
      return nil
    }
  }

  /// Reads rows of scales.
  mutating func read(scales text: String, file: String, _ complaints: inout [String]) {
    Self.rows(text, file, &complaints) { name, table, source in
      guard !Self.scalesOfKeys.contains(name) else {
        return "\(name) is the name of a scale that follows the key"
      }
      guard let ascending = Self.degrees(table["ascending"]),
        let descending = table["descending"] == nil ? ascending : Self.degrees(table["descending"])
      else {
        return "ascending (and descending) must be lists of three half tones or more from 0 to 11"
      }
      let scale = NamedScale(
        name: name, ascending: ascending, descending: descending,
        about: table["about"]?.string ?? "")
      scales.removeAll { $0.name == name }
      scales.append(scale)
      return nil
    }
  }

  /// Reads ways to play ornaments.
  mutating func read(ornaments text: String, file: String, _ complaints: inout [String]) {
    let signs = OrnamentStyle.Sign.allCases
    Self.rows(text, file, &complaints) { name, table, source in
      var style = OrnamentStyle.standard
      (style.name, style.about) = (name, table["about"]?.string ?? "")
      for sign in signs {
        guard let value = table[sign.rawValue] else { continue }
        guard let pattern = value.string.flatMap({ OrnamentPattern($0) }) else {
          return "\(sign.rawValue) must be notes such as 'note:3 above:1<1/32 note:4', or "
            + "'repeat note=1/32 above=1/32'"
        }
        style.patterns[sign] = pattern
      }
      if let value = table["graces"] {
        guard let part = value.string.flatMap({ OrnamentPattern.length($0[...]) }) else {
          return "graces must be a part of the written length, such as '1/4'"
        }
        style.graces = part
      }
      let known = ["about", "graces"] + signs.map(\.rawValue)
      if let word = table.keys.first(where: { !known.contains($0) }) {
        return "there is no sign '\(word)'" + suggestion(for: word, among: known)
      }
      ornaments.removeAll { $0.name == name }
      ornaments.append(style)
      return nil
    }
  }

  /// Reads rows of moods. A value that does not fit makes no mood.
  mutating func read(moods text: String, file: String, _ complaints: inout [String]) {
    let known = self
    Self.rows(text, file, &complaints) { name, table, source in
      var mood = Mood(name: name, about: table["about"]?.string ?? "")
      for (field, word) in MoodTable.fields {
        guard let value = table[word] else { continue }
        guard let text = value.string, !text.isEmpty, !text.contains("\n") else {
          return "\(word) must be text"
        }
        mood.fields[field] = text
      }
      if let value = table["tempo"] {
        guard let tempo = value.int, (20...400).contains(tempo) else {
          return "tempo must be a whole number from 20 to 400"
        }
        mood.tempo = tempo
      }
      let others = ["about", "tempo"] + MoodTable.fields.map(\.name)
      for word in table.keys where !others.contains(word) {
        guard SamplingValue[word] != nil else {
          return "there is no value '\(word)'"
            + suggestion(for: word, among: SamplingValue.all.map(\.name))
        }
      }
      var sampling = Sampling()
      for value in SamplingValue.all where !value.isOfOneTune {
        guard let given = table[value.name] else { continue }
        let text = given.string ?? given.double.map { "\($0)" } ?? given.int.map { "\($0)" } ?? ""
        if let fitting = value.set(&sampling, text, known) {
          return "\(value.name) must be \(fitting)"
        }
        mood.values.append((value.name, text))
      }
      moods.removeAll { $0.name == name }
      moods.append(mood)
      return nil
    }
  }

  private static func degrees(_ value: (any TOMLValueConvertible)?) -> [Int]? {
    guard let array = value?.array else { return nil }
    let degrees = array.compactMap(\.int)
    guard degrees.count == array.count, Set(degrees).count >= 3,
      degrees.allSatisfy({ (0...11).contains($0) })
    else { return nil }
    return degrees
  }

  private static func rows(
    _ text: String, _ file: String, _ complaints: inout [String],
    _ read: (String, TOMLTable, TOMLSource) -> String?
  ) {
    let source: TOMLSource
    do throws(TOMLSource.Failure) {
      source = try TOMLSource(text: text, file: file)
    } catch {
      complaints.append(error.description)
      return
    }
    // In the order of the file.
    for name in source.root.keys.sorted(by: { source.line(of: [$0]) < source.line(of: [$1]) }) {
      let complaint =
        source.root[name]?.table.map { read(name, $0, source) }
        ?? "\(name) is no row: write [\(name)]"
      if let complaint {
        complaints.append("\(file):\(source.line(of: [name])): \(complaint)")
      }
    }
  }
}

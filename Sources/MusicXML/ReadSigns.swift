import Music

extension ReadKey {
  /// Tonics by their signature in major, from 7 flats to 7 sharps and the five beyond that modes need.
  private static let tonics = [
    "Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#",
    "D#", "A#", "E#", "B#",
  ]
  /// Fifths that a mode's tonic lies above the major tonic of the same signature.
  private static let modes: [String: (shift: Int, suffix: String)] = [
    "major": (0, ""), "minor": (3, "m"), "dorian": (2, "dor"), "phrygian": (4, "phr"),
    "lydian": (-1, "lyd"), "mixolydian": (1, "mix"), "aeolian": (3, "m"), "ionian": (0, ""),
    "locrian": (5, "loc"),
  ]

  /// Of a `<key>`.
  init(_ key: XMLElement) {
    let steps = key.all("key-step").compactMap { PartReader.letters.firstIndex(of: $0.text) }
    let alters = key.all("key-alter").compactMap(\.number)
    guard steps.isEmpty || key.has("fifths") else {
      self.init(fifths: 0, mode: "major")
      name = "C exp"
      for (letter, alteration) in zip(steps, alters) where alteration != 0 {
        alterations[letter] = min(max(alteration, -2), 2)
        name +=
          " " + ABCText.accidental(alterations[letter]) + PartReader.letters[letter].lowercased()
      }
      return
    }
    self.init(
      fifths: min(max(key.number("fifths") ?? 0, -7), 7), mode: key.text("mode") ?? "major")
  }

  init(fifths: Int, mode: String) {
    let (shift, suffix) = Self.modes[mode.lowercased()] ?? (0, "")
    name = Self.tonics[min(max(fifths + shift + 8, 0), Self.tonics.count - 1)] + suffix
    alterations = Array(repeating: 0, count: 7)
    for index in 0..<abs(fifths) {
      let order = [3, 0, 4, 1, 5, 2, 6]
      alterations[fifths > 0 ? order[index % 7] : order[6 - index % 7]] += fifths > 0 ? 1 : -1
    }
  }
}

/// A `<harmony>` as a chord symbol.
enum ReadChord {
  static func symbol(_ harmony: XMLElement) -> String? {
    let kind = harmony.first("kind")
    if kind?.text == "none" { return "N.C." }
    guard let root = harmony.first("root"),
      let name = pitch(root.text("root-step"), root.number("root-alter"))
    else { return nil }
    let written = kind?[attribute: "text"]
    let degrees = harmony.all("degree").filter { $0.text("degree-type") != "subtract" }.map {
      ChordKind.Degree(
        value: $0.number("degree-value") ?? 0, alter: $0.number("degree-alter") ?? 0)
    }
    let known = ChordKind.symbol(value: kind?.text ?? "major", degrees: degrees)
    // The text of a kind that has a name is kept where it is a name for the same kind.
    var suffix = known ?? written ?? ""
    if let written, known == nil || isSame(written, known ?? "") { suffix = written }
    var symbol = name + suffix
    if let bass = harmony.first("bass"),
      let note = pitch(bass.text("bass-step"), bass.number("bass-alter"))
    {
      symbol += "/" + note
    }
    return symbol.replacing("\"", with: "")
  }

  private static func isSame(_ text: String, _ symbol: String) -> Bool {
    guard let written = ChordSymbolText("C" + text), written.bass == nil else { return false }
    return ABCText.intervals(of: "C" + text) != nil
      && ABCText.intervals(of: "C" + text) == ABCText.intervals(of: "C" + symbol)
  }

  private static func pitch(_ step: String?, _ alter: Int?) -> String? {
    guard let step, PartReader.letters.contains(step) else { return nil }
    let alter = min(max(alter ?? 0, -2), 2)
    return step + String(repeating: alter < 0 ? "b" : "#", count: abs(alter))
  }
}

/// A tempo as it stands after `Q:`.
enum ReadTempo {
  static func text(metronome: XMLElement?, sound: XMLElement?, words: String) -> String? {
    var number: String?
    if let metronome, let unit = metronome.text("beat-unit"),
      let plain = NoteValue.length(ofType: unit), let rate = metronome.text("per-minute"),
      let value = Double(rate.filter { $0.isNumber || $0 == "." }), value > 0, value < 2000
    {
      let dots = min(metronome.all("beat-unit-dot").count, 3)
      number = "\(plain * Fraction((2 << dots) - 1, 1 << dots))=\(decimals(value))"
    } else if let quarters = Double(sound?[attribute: "tempo"] ?? ""), quarters > 0,
      quarters < 4000
    {
      number = "1/4=\(decimals(quarters))"
    }
    guard let number else { return nil }
    let quoted = ABCText.plain(words).replacing("\"", with: "'")
    return quoted.isEmpty ? number : "\"\(quoted)\" \(number)"
  }

  private static func decimals(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}

/// A sign that sends the player somewhere else.
struct ReadJump {
  var name: String

  init?(words: String, sound: XMLElement?) {
    let letters = words.lowercased().filter { $0.isASCII && $0.isLetter }
    let goal =
      letters.contains("alfine") ? "alfine" : letters.contains("alcoda") ? "alcoda" : ""
    if letters.hasPrefix("dacapo") || letters == "dc" + goal || sound?[attribute: "dacapo"] == "yes"
    {
      name = "D.C." + goal
    } else if letters.hasPrefix("dalsegno") || letters == "ds" + goal
      || sound?[attribute: "dalsegno"] != nil
    {
      name = "D.S." + goal
    } else if letters == "fine" || ["yes", "fine"].contains(sound?[attribute: "fine"] ?? "") {
      name = "fine"
    } else if letters == "tocoda" || sound?[attribute: "tocoda"] != nil {
      name = "dacoda"
    } else {
      return nil
    }
  }
}

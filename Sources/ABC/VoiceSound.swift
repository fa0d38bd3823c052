/// What `K:` and `V:` say about the pitch at which a voice sounds (ABC 2.1 §4.6), and its names.
struct VoiceSound: Hashable, Sendable {
  /// Octaves from the clef (`treble-8`, `+8`, `+15`); `nil` when no clef is given.
  var clefOctave: Int?
  var octave: Int?
  /// Semitones, in playback only.
  var transpose: Int?
  var name: String?
  /// Whether the clef is that of percussion; `nil` when no clef is given.
  var isPercussion: Bool?

  static let clefs = [
    "treble", "bass", "alto", "tenor", "soprano", "mezzosoprano", "baritone", "perc", "none",
    "auto",
  ]
  /// As in `clef=F4`.
  private static let clefLetters = ["g", "c", "f", "p"]
  /// Names that may stand before `=`, and what playing makes no use of.
  private static let heard = ["clef", "octave", "transpose", "t", "name", "nm"]
  private static let drawn = [
    "subname", "snm", "sname", "middle", "m", "stafflines", "staffscale", "stem", "gstem",
    "stems", "cue", "space", "style", "map", "gch", "dyn", "lyrics", "score", "sound", "shift",
    "instrument", "merge", "up", "down", "brace", "bracket",
  ]

  /// Whether a word is a property by which other programs play a voice in another key.
  static func isUnheard(_ word: String) -> Bool {
    ["sound", "shift"].contains(word.prefix { $0 != "=" }.lowercased()) && word.contains("=")
  }

  /// Whether letters are a clef or begin a property, so that what stands before them is another word.
  static func isKnown(_ letters: String) -> Bool {
    letters == "exp"
      || letters.utf8.count > 3
        && (clefs.contains(letters) || heard.contains(letters) || drawn.contains(letters))
  }

  /// What a word that says nothing known was most likely meant to be.
  static func suggestion(for word: String, modes: Bool) -> String? {
    guard let equals = word.firstIndex(of: "=") else {
      let names = modes ? ["maj", "min", "mix", "dor", "phr", "lyd", "loc", "aeo", "ion"] : []
      return nearestWord(to: word, among: clefs + names)
    }
    let name = String(word[..<equals])
    let value = word[word.index(after: equals)...]
    guard name.lowercased() == "clef" else {
      guard let near = nearestWord(to: name, among: heard + drawn), near != name.lowercased() else {
        return nil
      }
      return near + "=" + value
    }
    let letters = value.prefix { $0.isLetter }
    guard let near = nearestWord(to: String(letters), among: clefs) else { return nil }
    // A clef that is right stands before something that is not.
    return "clef=" + near + (near == letters.lowercased() ? "" : value.dropFirst(letters.count))
  }

  /// Takes one word of the field; false when it says nothing known.
  mutating func read(_ word: String) -> Bool {
    guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      return readClef(word, isBare: true)
    }
    let name = word[..<equals].lowercased()
    var value = String(word[word.utf8.index(after: equals)...])
    if value.utf8.first == UInt8(ascii: "\"") { value.removeFirst() }
    if value.utf8.last == UInt8(ascii: "\"") { value.removeLast() }
    switch name {
    case "clef": return readClef(value, isBare: false)
    case "octave":
      guard let number = Int(value) else { return false }
      octave = min(max(number, -9), 9)
    case "transpose", "t":
      guard let number = Int(value.utf8.first == UInt8(ascii: "+") ? value.dropFirst() : value[...])
      else { return false }
      transpose = min(max(number, -127), 127)
    case "name", "nm":
      // `\\n` begins another line beside the staff.
      self.name = decodeText(value).replacing("\\n", with: " ")
    default: return VoiceSound.drawn.contains(name)
    }
    return true
  }

  private mutating func readClef(_ text: String, isBare: Bool) -> Bool {
    var bytes = Array(text.lowercased().utf8)
    var shift = 0
    // `treble8` without a sign is an octave lower, as older programs write it.
    let suffixes = [
      ("-8", -1), ("+8", 1), ("-15", -2), ("+15", 2), ("_8", 0), ("^8", 0), ("8", -1),
    ]
    for (suffix, octaves) in suffixes
    where bytes.count > suffix.utf8.count
      && bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    {
      bytes.removeLast(suffix.utf8.count)
      shift = octaves
      break
    }
    let rest = String(decoding: bytes, as: UTF8.self)
    var base = bytes
    if let last = base.last, (0x31...0x35).contains(last) { base.removeLast() }
    let clef = String(decoding: base, as: UTF8.self)
    if isBare, ["up", "down", "merge", "cue"].contains(rest) { return true }
    let isKnown =
      VoiceSound.clefs.contains(clef) || rest.isEmpty
      || (!isBare && VoiceSound.clefLetters.contains(clef))
    guard isKnown else { return false }
    clefOctave = shift
    isPercussion = clef == "perc" || clef == "p"
    return true
  }

  /// Later words win over earlier ones; what is not said stays.
  mutating func merge(_ other: VoiceSound) {
    clefOctave = other.clefOctave ?? clefOctave
    octave = other.octave ?? octave
    transpose = other.transpose ?? transpose
    name = other.name ?? name
    isPercussion = other.isPercussion ?? isPercussion
  }
}

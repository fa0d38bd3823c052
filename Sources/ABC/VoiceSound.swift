/// What `K:` and `V:` say about the pitch at which a voice sounds (ABC 2.1 §4.6), and its names.
struct VoiceSound: Hashable, Sendable {
  /// Octaves from the clef (`treble-8`, `+8`, `+15`); `nil` when no clef is given.
  var clefOctave: Int?
  var octave: Int?
  /// Semitones, in playback only.
  var transpose: Int?
  var name: String?
  var isPercussion = false

  private static let clefs = [
    "treble", "bass", "alto", "tenor", "soprano", "mezzosoprano", "baritone", "perc", "none",
    "auto", "g", "c", "f", "p",
  ]

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
      self.name = decodeText(value)
    case "subname", "snm", "sname", "middle", "m", "stafflines", "staffscale", "stem", "gstem",
      "stems", "cue", "space", "style", "map", "gch", "dyn", "lyrics", "score", "sound", "shift",
      "instrument", "merge", "up", "down", "brace", "bracket":
      break
    default: return false
    }
    return true
  }

  private mutating func readClef(_ text: String, isBare: Bool) -> Bool {
    var bytes = Array(text.lowercased().utf8)
    var shift = 0
    for (suffix, octaves) in [("-8", -1), ("+8", 1), ("-15", -2), ("+15", 2), ("_8", 0), ("^8", 0)]
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
    guard VoiceSound.clefs.contains(clef) || rest.isEmpty else {
      if ["up", "down", "merge", "cue"].contains(rest) { return true }
      return !isBare
    }
    if isBare, clef.utf8.count == 1 { return false }
    clefOctave = shift
    if clef == "perc" { isPercussion = true }
    return true
  }

  /// Later words win over earlier ones; what is not said stays.
  mutating func merge(_ other: VoiceSound) {
    clefOctave = other.clefOctave ?? clefOctave
    octave = other.octave ?? octave
    transpose = other.transpose ?? transpose
    name = other.name ?? name
    isPercussion = isPercussion || other.isPercussion
  }
}

import Music

/// The lyrics of a tune of one voice in the order in which they are sung, to be written under its
/// notes again where repeats are written out.
struct PlayedWords {
  /// For each written note what is sung to it each time; `nil` = nothing.
  private var sung: [Int: [String?]] = [:]
  private let tune: ParsedTune
  /// How often each note has been written out.
  private var times: [Int: Int] = [:]

  /// `nil` where the tune has no words.
  init?(_ tune: ParsedTune) {
    guard !tune.lyrics.isEmpty else { return nil }
    self.tune = tune
    let performance = tune.performance(PlayedWords.options)
    var words: [Tick: String] = [:]
    for lyric in performance.lyrics { words[lyric.at] = lyric.text }
    for note in performance.notes.sorted(by: { $0.start < $1.start }) {
      guard let written = note.written else { continue }
      sung[written, default: []].append(words[note.start])
    }
  }

  private static var options: PlaybackOptions {
    var options = PlaybackOptions()
    options.accompaniment = false
    options.ornaments = false
    options.followsJumps = false
    return options
  }

  /// What is sung when a tune is played once, syllable by syllable.
  static func all(of tune: ParsedTune) -> [String] {
    tune.performance(options).lyrics.map(\.text)
  }

  /// The words of the notes in some bytes, the next time they are played: a `w:` line without its
  /// line end; empty where nothing is sung.
  mutating func line(for range: Range<Int>) -> String {
    var syllables: [String] = []
    var last: Fraction?
    for (index, note) in tune.notes.enumerated()
    where note.kind == .note && range.contains(note.range.lowerBound) {
      let visit = times[index, default: 0]
      times[index] = visit + 1
      // The notes of a chord have one syllable.
      guard note.start != last else { continue }
      last = note.start
      let words = sung[index] ?? []
      syllables.append((visit < words.count ? words[visit] : nil).map(PlayedWords.written) ?? "*")
    }
    while syllables.last == "*" { syllables.removeLast() }
    guard !syllables.isEmpty else { return "" }
    var text = "w:"
    for (index, syllable) in syllables.enumerated() {
      text += syllable
      if index + 1 < syllables.count, !syllable.hasSuffix("-") || syllables[index + 1] == "*" {
        text += " "
      }
    }
    return text
  }

  /// A syllable as `w:` spells it: blanks as `~`, hyphens within it as `\-`.
  private static func written(_ syllable: String) -> String {
    let isOpen = syllable.hasSuffix("-")
    var text = ""
    for character in isOpen ? syllable.dropLast() : Substring(syllable) {
      switch character {
      case " ": text += "~"
      case "-": text += "\\-"
      default: text.append(character)
      }
    }
    return text + (isOpen ? "-" : "")
  }
}

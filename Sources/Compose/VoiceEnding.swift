import ABC
import Music

/// The final bar lines of a tune that is over.
enum VoiceEnding {
  /// What gives every voice that ends where the tune does the final bar line it lacks; from the end
  /// of the text to its beginning.
  static func edits(_ text: String) -> [Edit] {
    let tune = ParsedTune(text: text)
    let lasts = tune.voices.indices.compactMap { voice in tune.bars.last { $0.voice == voice } }
    guard let end = lasts.map({ $0.start + $0.length }).max() else { return [] }
    let places = lasts.filter { bar in
      let written = text.text(atBytes: bar.range)
      return bar.isClosed && bar.start + bar.length == end && written.hasSuffix("|")
        && !written.hasSuffix("||") && !written.hasSuffix(":|")
    }
    return places.map(\.range.upperBound).sorted(by: >).map { Edit($0..<$0, "]") }
  }

  /// Whether the last bar of a text has its final bar line.
  static func isFinal(_ text: String) -> Bool {
    ParsedTune(text: text).bars.last.map { text.text(atBytes: $0.range).hasSuffix("|]") } ?? false
  }
}

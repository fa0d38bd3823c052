import Compose

/// The name that was most likely meant.
enum Suggestion {
  /// The nearest of some names; nil where none is near, which means that at most two letters differ,
  /// or a third of them.
  static func nearest(to word: String, among names: [String]) -> String? {
    let near = names.min { word.editDistance(to: $0) < word.editDistance(to: $1) }
    return near.flatMap {
      word.editDistance(to: $0) <= max(word.count < 4 ? 1 : 2, word.count / 3) ? $0 : nil
    }
  }

  /// ` (did you mean 'x'?)`, or nothing where no name is near.
  static func text(for word: String, among names: [String]) -> String {
    nearest(to: word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  }
}

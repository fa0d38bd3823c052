import Compose

/// The name that was most likely meant.
enum Suggestion {
  /// The nearest of some names; nil where none is near, which means at most a third of the letters
  /// differ.
  static func nearest(to word: String, among names: [String]) -> String? {
    let near = names.min { word.editDistance(to: $0) < word.editDistance(to: $1) }
    return near.flatMap { word.editDistance(to: $0) <= max(1, word.count / 3) ? $0 : nil }
  }

  /// ` (did you mean 'x'?)`, or nothing where no name is near.
  static func text(for word: String, among names: [String]) -> String {
    nearest(to: word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  }
}

public import ABC
import Music

/// How ornaments are played: a row of a table, by its name.
extension Session {
  /// What the player and exported files go by.
  public var ornamentStyle: OrnamentStyle {
    let name = listening.ornaments ?? habits.ornaments
    return catalogue.ornaments.first { $0.name == name } ?? .standard
  }

  /// `ornaments irish`; without a name the next one of the table.
  mutating func changeOrnaments(_ argument: String) -> [Effect] {
    let styles = catalogue.ornaments.isEmpty ? [OrnamentStyle.standard] : catalogue.ornaments
    let here = styles.firstIndex { $0.name == ornamentStyle.name } ?? 0
    let next = argument.isEmpty || argument == "next"
    guard
      let style = next
        ? styles[(here + 1) % styles.count] : styles.first(where: { $0.name == argument })
    else {
      let nearest = nearestWord(to: argument, among: styles.map(\.name))
      complain(
        "no ornaments are called '\(argument)'"
          + (nearest.map { " (did you mean '\($0)'?)" }
            ?? ": \(styles.map(\.name).joined(separator: ", "))"))
      return []
    }
    listening.setOrnaments(style.name)
    notice("ornaments \(style.name)" + (style.about.isEmpty ? "" : ": \(style.about)"))
    return playbackUpdate()
  }

  /// A tune as the player is to play it: its ornaments in the manner that was chosen.
  func performance(of score: Score) -> Performance {
    let style = ornamentStyle
    guard style != .standard, score.parsed.hasOrnaments else { return score.performance }
    var options = PlaybackOptions()
    options.style = style
    return score.parsed.performance(options)
  }
}

/// What is played on a musical keyboard.
extension Session {
  /// Takes a note or controller that a musician has just played.
  mutating func played(_ event: PlayedEvent) -> [Effect] {
    event.isHeard ? [] : [.soundPlayed(event)]
  }
}

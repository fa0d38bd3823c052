/// A note as it was played, on the time line on which it will be written but not yet in its place.
package struct PlayedNote {
  package var start: Int
  package var end: Int
  /// When the sustain pedal that holds it is let go.
  package var pedalEnd: Int?

  package init(start: Int, end: Int, pedalEnd: Int? = nil) {
    self.start = start
    self.end = end
    self.pedalEnd = pedalEnd
  }

  package mutating func move(_ place: (Int) -> Int) {
    start = place(start)
    end = max(place(end), start + 1)
    pedalEnd = pedalEnd.map(place)
  }
}

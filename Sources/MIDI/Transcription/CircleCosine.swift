import Notes

/// The cosine of a part of a quarter taken as a part of a circle, -1...1.
func circleCosine(_ offset: Int) -> Double {
  // Bhaskara's approximation, good to 0.002: no C library is needed for it.
  var turn = Double(offset) / Double(Unit.perQuarter)
  turn -= turn.rounded(.down)
  if turn > 0.5 { turn = 1 - turn }
  let isFarther = turn > 0.25
  let angle = (isFarther ? 0.5 - turn : turn) * 2
  let cosine = (1 - 4 * angle * angle) / (1 + angle * angle)
  return isFarther ? -cosine : cosine
}

/// The plan of a tune as control characters in its text: what networks read that were trained so.
///
/// Before the first character of each bar's music stand: at the start of a part, what kind of part
/// it is; then, for a pickup, one sign that says so, and for any other bar the bars left to the end
/// of the part and the bar's relation to those before. A header has none. Without its control
/// characters the text is the tune as it was.
public enum PlanProjection {
  /// What a checkpoint's metadata calls it.
  public static let name = "plan-1"

  /// All control characters, in order.
  public static let characters = PlanSign.all.map(\.scalar)

  /// The signs before each bar of a whole tune.
  public static func signs(of form: TuneForm) -> [[PlanSign]] {
    form.bars.indices.map { place in
      var signs: [PlanSign] = []
      let bar = form.bars[place]
      if place == 0 || form.bars[place - 1].part != bar.part {
        signs.append(.part(form.parts[bar.part].kind))
      }
      if let relation = form.relation(of: place) {
        signs.append(.place(.init(barsLeft: form.barsLeft[place])))
        signs.append(.relation(relation))
      } else {
        signs.append(.pickup)
      }
      return signs
    }
  }

  /// The text of a whole tune with its plan.
  public static func annotated(_ text: String) -> String {
    let form = TuneForm(MelodyReader(text))
    let signs = signs(of: form)
    var result = String.UnicodeScalarView()
    var next = 0
    for (offset, scalar) in text.unicodeScalars.enumerated() {
      while next < signs.count, form.bars[next].text.lowerBound == offset {
        result.append(contentsOf: signs[next].map(\.scalar))
        next += 1
      }
      result.append(scalar)
    }
    return String(result)
  }

  /// The text without control characters.
  public static func stripped(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { PlanSign($0) == nil }))
  }
}

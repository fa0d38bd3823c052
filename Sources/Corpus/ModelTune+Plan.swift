import Form
import Neural

extension ModelTune {
  /// The tune with its plan as control characters in the music, see `PlanProjection`.
  public var planned: ModelTune {
    var planned = self
    planned.body = String(PlanProjection.annotated(text).dropFirst(header.count))
    return planned
  }
}

extension Vocabulary {
  /// The characters, and all control characters of a plan after them.
  public var withPlan: Vocabulary {
    let others = PlanProjection.characters.filter { !contains($0) }
    return Vocabulary(characters + others) ?? self
  }
}

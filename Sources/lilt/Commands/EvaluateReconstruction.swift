import Compose
import Corpus
import Music
import Neural

/// Whether a model has tunes by heart: it reads the first quarter of each and goes on with the
/// likeliest character, always.
struct EvaluateReconstruction {
  let facts: [EvaluateTable.Fact]

  init(_ tunes: [ModelTune], model: ImproviserModel) {
    var exact = 0
    var same = 0.0
    var distances: [Double] = []
    for tune in tunes {
      let written = Self.goOn(tune, model: model)
      if written == tune.body { exact += 1 }
      var copy = tune
      copy.body = written
      let notes = tune.performance.melody
      let others = copy.performance.melody
      let hits = zip(notes, others).count { $0.pitch == $1.pitch && $0.start == $1.start }
      same += Double(hits) / Double(max(notes.count, others.count, 1))
      if let distance = ChamferDistance.between(
        ChamferDistance.points(notes), ChamferDistance.points(others))
      {
        distances.append(distance)
      }
    }
    let count = Double(max(tunes.count, 1))
    facts = [
      ("reconstructed", "\(tunes.count)"), ("reconstructed_exactly", "\(exact)"),
      ("same_notes", decimals(same / count, 4)),
      (
        "reconstruction_chamfer",
        decimals(distances.reduce(0, +) / Double(max(distances.count, 1)), 4)
      ),
    ]
  }

  /// The first quarter of a tune's music and what the model makes of it, up to an empty line.
  private static func goOn(_ tune: ModelTune, model: ImproviserModel) -> String {
    let body = Array(tune.body.unicodeScalars)
    let given = String(String.UnicodeScalarView(body.prefix(body.count / 4)))
    let characters = model.description.vocabulary.characters
    var state = model.network.makeState()
    var logits = [Float](repeating: 0, count: model.network.vocabularySize)
    for token in model.tokens(model.description.start + tune.header + given) {
      model.network.step(token, state: &state, logits: &logits)
    }
    var text = given
    for _ in 0..<2 * body.count where !text.hasSuffix("\n\n") {
      var best = 0
      for index in logits.indices where logits[index] > logits[best] { best = index }
      text.unicodeScalars.append(characters[best])
      model.network.step(best, state: &state, logits: &logits)
    }
    return text
  }
}

import Compose
import Corpus
import Glibc

/// How well a model foretells tunes, and how well counting does.
struct EvaluateForecast {
  /// Sums over some tunes.
  struct Tally {
    var name: String
    var tunes = 0
    var nats = 0.0
    /// Bits of the counts of a corpus; nil without one.
    var counted: Double?
    private var wanted: [Int]
    private var foretold: [Int]
    private var hits: [Int]

    init(name: String, labels: Int) {
      self.name = name
      wanted = [Int](repeating: 0, count: labels)
      foretold = wanted
      hits = wanted
    }

    mutating func add(_ token: Int, logits: [Float]) {
      var best = 0
      for index in logits.indices where logits[index] > logits[best] { best = index }
      let largest = Double(logits[best])
      var sum = 0.0
      for value in logits { sum += exp(Double(value) - largest) }
      nats += largest + log(sum) - Double(logits[token])
      wanted[token] += 1
      foretold[best] += 1
      if best == token { hits[token] += 1 }
    }

    mutating func add(_ other: Tally) {
      tunes += other.tunes
      nats += other.nats
      if let bits = other.counted { counted = (counted ?? 0) + bits }
      for label in wanted.indices {
        wanted[label] += other.wanted[label]
        foretold[label] += other.foretold[label]
        hits[label] += other.hits[label]
      }
    }

    var characters: Int { wanted.reduce(0, +) }

    var bitsPerCharacter: Double { nats / Double(max(characters, 1)) / log(2) }

    /// Figures under the names they have in JSON.
    var facts: [(name: String, value: String)] {
      let count = Double(max(characters, 1))
      var macro = 0.0
      var weighted = 0.0
      var labels = 0.0
      for label in wanted.indices where wanted[label] + foretold[label] > 0 {
        let score = 2 * Double(hits[label]) / Double(wanted[label] + foretold[label])
        macro += score
        weighted += score * Double(wanted[label])
        labels += 1
      }
      var facts = [
        (name: "tunes", value: "\(tunes)"), ("characters", "\(characters)"),
        ("bits_per_character", decimals(bitsPerCharacter, 4)),
        ("accuracy", decimals(Double(hits.reduce(0, +)) / count, 4)),
        ("macro_f1", decimals(macro / max(labels, 1), 4)),
        ("weighted_f1", decimals(weighted / count, 4)),
      ]
      if let counted { facts.append(("6_gram_bits", decimals(counted / count, 4))) }
      return facts
    }
  }

  /// One for each file, in their order.
  private(set) var files: [Tally] = []
  private(set) var total: Tally

  /// - Parameter known: Tunes whose characters are counted, for comparison.
  init(_ books: [(name: String, tunes: [ModelTune])], model: ImproviserModel, known: [ModelTune]) {
    let size = model.network.vocabularySize
    total = Tally(name: "all", labels: size)
    let counts = known.isEmpty ? nil : WittenBell(known)
    var logits = [Float](repeating: 0, count: size)
    for book in books {
      var tally = Tally(name: book.name, labels: size)
      for tune in book.tunes {
        var state = model.network.makeState()
        let head = model.tokens(model.description.start + tune.header)
        let tokens = head + model.tokens(tune.body)
        for (index, token) in tokens.enumerated() {
          if index >= head.count, index > 0 { tally.add(token, logits: logits) }
          model.network.step(token, state: &state, logits: &logits)
        }
        tally.tunes += 1
        if let counts { tally.counted = (tally.counted ?? 0) + counts.bits(tune).bits }
      }
      files.append(tally)
      total.add(tally)
    }
  }
}

import Compose
import Corpus
import Glibc
import Neural

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

    mutating func add(_ token: Int, logits: ArraySlice<Float>) {
      let first = logits.startIndex
      var best = first
      for index in logits.indices where logits[index] > logits[best] { best = index }
      let largest = Double(logits[best])
      var sum = 0.0
      for value in logits { sum += exp(Double(value) - largest) }
      nats += largest + log(sum) - Double(logits[first + token])
      wanted[token] += 1
      foretold[best - first] += 1
      if best - first == token { hits[token] += 1 }
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
    files = books.map { Tally(name: $0.name, labels: size) }
    let counts = known.isEmpty ? nil : WittenBell(known)
    var waiting: [Reading] = []
    for (file, book) in books.enumerated() {
      files[file].tunes = book.tunes.count
      for tune in book.tunes {
        waiting.append(Reading(tune, of: file, model: model))
        if let counts { files[file].counted = (files[file].counted ?? 0) + counts.bits(tune).bits }
      }
    }
    waiting.removeAll(where: \.tokens.isEmpty)
    read(&waiting, model)
    for file in files { total.add(file) }
  }

  /// A tune that is being read.
  private struct Reading {
    let file: Int
    let tokens: [Int]
    /// Tokens at the beginning that are given.
    let given: Int
    var place = 0

    init(_ tune: ModelTune, of file: Int, model: ImproviserModel) {
      self.file = file
      let head = model.tokens(model.description.start + tune.header)
      tokens = head + model.tokens(tune.body)
      given = max(head.count, 1)
    }
  }

  /// Reads tunes side by side: the weights, which are what takes the time, once for all of them.
  private mutating func read(_ waiting: inout [Reading], _ model: ImproviserModel) {
    let size = model.network.vocabularySize
    var open: [Reading] = []
    var states: [RecurrentNetwork.State] = []
    var logits: [Float] = []
    waiting.reverse()
    while true {
      while open.count < Self.streams, let next = waiting.popLast() {
        open.append(next)
        states.append(model.network.makeState())
      }
      guard !open.isEmpty else { return }
      let tokens = open.map { $0.tokens[$0.place] }
      model.network.step(tokens, states: &states, logits: &logits, threads: .auto)
      for row in open.indices.reversed() {
        open[row].place += 1
        let reading = open[row]
        if reading.place == reading.tokens.count {
          open.swapAt(row, open.count - 1)
          states.swapAt(row, states.count - 1)
          open.removeLast()
          states.removeLast()
        } else if reading.place >= reading.given {
          files[reading.file].add(
            reading.tokens[reading.place], logits: logits[row * size..<(row + 1) * size])
        }
      }
    }
  }

  private static let streams = 64
}

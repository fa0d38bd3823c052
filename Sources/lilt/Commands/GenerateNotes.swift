import ABC
import Compose

/// Has a network of notes write tunes, one after the other.
struct NoteTuneWriter {
  var sampling = Sampling()
  var rng: UInt64 = 1
  /// Bars in each tune; nil = to where the network ends it, if it has learnt that.
  var bars: Int?
  /// Characters after which a tune ends with its bar.
  var characters: Int?
  /// Values for the header of a tune from nothing.
  var header: [Character: String] = [:]
  /// How many drawn tunes in a row have the same number, because one of them will be kept.
  var candidates = 1

  private let model: NoteModel
  /// What a tune has where nothing else is asked for.
  static let standardBars = 16
  /// A network that never ends a tune is stopped there.
  private static let mostBarsByItself = 256
  /// No tune asked for by characters has more bars.
  private static let mostBars = 4000

  init(model: NoteModel) { self.model = model }

  /// Writes the tunes of some numbers, `candidates` of each, and hands them over in their order.
  func write(
    _ tunes: Range<Int>, seed: GenerationSeed?, _ receive: (WrittenTune) throws -> Void
  ) rethrows {
    let document = seed.map(\.text) ?? beginning
    var author = NoteAuthor(model)
    for number in tunes {
      for candidate in 0..<candidates {
        let run = (number - 1) * candidates + candidate
        let endsByItself = bars == nil && model.knowsEnds
        let last = bars ?? (characters == nil && !endsByItself ? Self.standardBars : Self.mostBars)
        let tune = author.tune(
          from: document, bars: endsByItself ? Self.mostBarsByItself : last,
          characters: characters ?? .max, endsByItself: endsByItself, sampling: sampling, rng: rng,
          run: UInt64(run))
        let abc = TuneWriter.titled(
          tune.text, number: number, hasTitle: seed?.hasTitle ?? false)
        try receive(
          WrittenTune(
            number: number, run: run, abc: abc, bars: tune.bars, characters: tune.characters,
            bitsPerCharacter: tune.characters == 0 ? 0 : tune.bits / Double(tune.characters),
            isComplete: !endsByItself || tune.isEnded))
      }
    }
  }

  /// The header of a tune from nothing.
  private var beginning: String {
    var text = ""
    for field in ["R", "M", "L"] as [Character] {
      let value = header[field] ?? ["M": "4/4", "L": "1/8"][field]
      if let value { text += "\(field):\(value)\n" }
    }
    return text + "K:\(header["K"] ?? "C")\n"
  }
}

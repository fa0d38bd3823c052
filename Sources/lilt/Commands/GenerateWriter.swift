import Compose
import Neural

/// Text that tunes go on from.
struct GenerationSeed {
  /// Header lines and music of one tune, without its number.
  let text: String
  let hasTitle: Bool

  /// The last tune of a file.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput`.
  init(path: String) throws(CommandFailure) {
    let document: String
    do throws(FileError) {
      document = try Files.readText(path)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    let name = path == "-" ? "standard input" : path
    guard !document.unicodeScalars.contains("\0") else {
      throw CommandFailure(.unreadableInput, "\(name): this is no ABC text")
    }
    let range = ModelText.tuneRange(in: document, before: document.utf8.count)
    let bytes = Array(document.utf8)[range]
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }
    guard lines.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
      throw CommandFailure(.unreadableInput, "\(name): there is no tune to go on from")
    }
    text = lines.filter { !$0.hasPrefix("X:") }.joined(separator: "\n")
    hasTitle = lines.contains { $0.hasPrefix("T:") }
  }
}

/// A tune that was written without a screen.
struct WrittenTune {
  var number: Int
  /// With number and title, and a newline at the end.
  var abc: String
  /// Pickups left out.
  var bars: Int
  /// How many the model drew.
  var characters: Int
  var bitsPerCharacter: Double
  /// False when the limit of characters was reached first.
  var isComplete: Bool
}

/// Has tunes written, one after the other.
struct TuneWriter {
  var settings = SamplerSettings()
  var rng: UInt64 = 1
  /// Bars in each tune; nil = until it ends.
  var bars: Int?
  /// Characters to draw for each tune; nil = until it ends.
  var characters: Int?
  var isLegal = true
  /// Values for the header of a tune from nothing.
  var header: [Character: String] = [:]

  private var improviser: Improviser
  /// A tune that has not ended by then never will.
  private static let longestTune = 4000

  init(model: ImproviserModel) { improviser = Improviser(model) }

  /// The tune of a number; which one it is does not depend on those before it.
  mutating func tune(number: Int, seed: GenerationSeed?) -> WrittenTune {
    var document = seed?.text ?? ""
    if !document.isEmpty {
      document += ModelText.preparation(for: document, cursor: document.utf8.count)
    }
    let modelText = ModelText(
      document: document, cursor: document.utf8.count, description: improviser.model.description)
    improviser.legality = isLegal ? .legal : .free
    improviser.wantedHeader = header
    improviser.allowsEndings = bars == nil
    improviser.prime(with: modelText.text)
    let drawn = draw(run: UInt64(number - 1))
    document += drawn.text
    if !document.hasSuffix("\n") { document += "\n" }
    return WrittenTune(
      number: number, abc: titled(document, number: number, hasTitle: seed?.hasTitle ?? false),
      bars: improviser.grammar.barCount, characters: drawn.count,
      bitsPerCharacter: drawn.count == 0 ? 0 : drawn.bits / Double(drawn.count),
      isComplete: drawn.isComplete)
  }

  private mutating func draw(
    run: UInt64
  ) -> (text: String, count: Int, bits: Double, isComplete: Bool) {
    var text = ""
    var count = 0
    var bits = 0.0
    let limit = characters ?? bars.map { 200 + 100 * $0 } ?? Self.longestTune
    improviser.mayEndTune = bars == nil
    while count < limit {
      if let bars, improviser.grammar.barCount >= bars {
        return (closed(text), count, bits, true)
      }
      let next = improviser.next(settings, rng: rng, run: run, index: UInt64(count))
      count += 1
      bits += Double(next.bits)
      text += next.character
      if improviser.endsTune {
        while text.hasSuffix("\n") { text.removeLast() }
        if isLegal && improviser.grammar.isRepeatOpen { text = closed(text) }
        return (text, count, bits, true)
      }
    }
    return (text, count, bits, characters != nil)
  }

  /// The text with a bar line at its end that closes what is open, in place of the one that is there.
  private func closed(_ text: String) -> String {
    var text = text
    while let last = text.last, "|:]".contains(last) { text.removeLast() }
    let isRepeat = improviser.grammar.isRepeatOpen || improviser.grammar.isInFirstEnding
    return text + (isRepeat ? ":|" : "|]")
  }

  /// The tune with its number first, and a title.
  private func titled(_ document: String, number: Int, hasTitle: Bool) -> String {
    if hasTitle { return "X:\(number)\n" + document }
    var rhythm = "tune"
    var key = ""
    for line in document.split(separator: "\n") {
      if line.hasPrefix("R:") { rhythm = line.dropFirst(2).trimmed }
      if line.hasPrefix("K:") {
        key = line.dropFirst(2).trimmed
        break
      }
    }
    let name = rhythm.prefix(1).uppercased() + rhythm.dropFirst()
    return "X:\(number)\nT:\(name) \(number)\(key.isEmpty ? "" : " in \(key)")\n" + document
  }
}

extension Substring {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    var rest = self
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

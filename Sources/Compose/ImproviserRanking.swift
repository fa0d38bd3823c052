import ABC
import Neural

/// Asks the generator how surprising some texts are that differ in one place.
public struct RankRequest: Sendable, Equatable {
  public var identifier: Int
  public var documents: [String]
  /// The first byte at which they may differ.
  public var start: Int
  /// How many bytes at their ends are the same, and not counted.
  public var kept: Int
  public var sampling: Sampling
}

/// What the model thinks of them.
public struct RankResult: Sendable, Equatable {
  public var request: Int
  /// For each document the bits of what stands in the place; `infinity` where it cannot be read so.
  public var bits: [Float]

  public init(request: Int, bits: [Float]) {
    self.request = request
    self.bits = bits
  }
}

extension Improviser {
  /// How surprising each document of a request is from where they differ on, read side by side.
  public mutating func rank(_ request: RankRequest) -> [Float] {
    guard let first = request.documents.first else { return [] }
    style = WritingStyle(request.sampling.writing)
    let passage = Passage(
      document: first, gap: request.start..<request.start, tune: ParsedTune(text: first))
    prepare(passage.text, request.sampling)
    let read = text
    let rests = request.documents.map { document -> [ScoredToken] in
      let end = max(document.utf8.count - request.kept, request.start)
      let passage = Passage(document: document, gap: end..<end, tune: ParsedTune(text: document))
      let whole = ModelText(
        document: passage.text, cursor: passage.text.utf8.count, description: model.description)
      guard whole.text.utf8.starts(with: read.utf8) else { return [] }
      let rest = String(decoding: whole.text.utf8.dropFirst(read.utf8.count), as: UTF8.self)
      let tokens = ScoredToken.tokens(of: (beginning: read, text: rest), model: model)
      return Array(tokens.all.dropFirst(tokens.beginning))
    }
    return zip(rests, bits(of: rests)).map { $0.isEmpty ? .infinity : $1 }
  }
}

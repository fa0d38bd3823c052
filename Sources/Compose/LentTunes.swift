import ABC
import Analysis
import Form
import Neural

/// A tunebook that is lent to a model: while it writes it remembers these tunes, too.
public struct LentTunes: Codable, Hashable, Sendable {
  /// What it is called, for people.
  public var name: String
  /// The tunes as networks read them, headers included, each with its end.
  public var texts: [String]

  public init(name: String, texts: [String]) {
    self.name = name
    self.texts = texts
  }

  /// The tunes of a tunebook that a network can read, as many as its memory has room for.
  ///
  /// - Returns: The tunes, and how many there were; `nil` where there are none.
  public init?(_ book: Tunebook, name: String, description: ModelDescription) {
    let all = ModelText.tunes(in: book, description: description).tunes
    var texts: [String] = []
    var room = Self.most
    for tune in all {
      let count = tune.body.unicodeScalars.count
      guard count <= room else { break }
      room -= count
      texts.append(tune.header + tune.body)
    }
    guard !texts.isEmpty else { return nil }
    self.init(name: name, texts: texts)
  }

  /// Where their melodies are looked up.
  var repertoire: Repertoire {
    Repertoire(
      texts.map { text in
        let whole = "X:1\n" + text
        return Repertoire.Tune(
          title: name, parsed: ParsedTune(text: whole), text: Array(whole.utf8))
      })
  }

  /// These tunes and others, the others first: what there is no room for is what was lent before.
  public func adding(_ others: LentTunes) -> LentTunes {
    let known = Set(others.texts)
    let name = self.name == others.name ? name : "\(self.name), \(others.name)"
    return LentTunes(name: name, texts: others.texts + texts.filter { !known.contains($0) }).fitted
  }

  /// As many of the tunes, from the first on, as a memory has room for.
  public var fitted: LentTunes {
    var room = Self.most
    let texts = texts.prefix { text in
      room -= text.unicodeScalars.count
      return room >= 0
    }
    return LentTunes(name: name, texts: Array(texts))
  }

  /// Characters of music at most; the tune in progress needs room besides.
  public static let most = ContinuousCache.most / 2

  /// Tells books apart: FNV-1a of the texts, as 16 hexadecimal digits.
  public var identifier: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xff) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension ImproviserModel {
  /// A memory that holds nothing.
  var emptyMemory: ContinuousCache { ContinuousCache(network, fit: description.memory) }

  /// A memory that holds some tunes.
  func memory(of book: LentTunes, threads: ThreadChoice) -> ContinuousCache {
    var memory = emptyMemory
    // A few are read side by side, so that what they put out stays small.
    for first in stride(from: 0, to: book.texts.count, by: 16) {
      let group = book.texts[first..<min(first + 16, book.texts.count)]
      for one in read(group.map { Lesson($0, self, bar: nil) }, threads: threads) {
        memory.replaceFirst(0, with: one)
      }
    }
    return memory
  }

  /// Memories that each hold the music of a text, read side by side; of the music at most
  /// `Lesson.most` characters are read, and bars are counted from 0.
  ///
  /// - Parameter texts: With their headers.
  fileprivate func memories(of texts: [String], threads: ThreadChoice) -> [ContinuousCache] {
    read(texts.map { Lesson($0, self, bar: 0) }, threads: threads)
  }

  private func read(_ lessons: [Lesson], threads: ThreadChoice) -> [ContinuousCache] {
    var memories = lessons.map { _ in emptyMemory }
    var open = Array(lessons.indices)
    var states = open.map { _ in network.makeState() }
    var logits: [Float] = []
    var position = 0
    while !open.isEmpty {
      for row in open {
        let step = lessons[row].steps[position]
        if let bar = step.bar { memories[row].keep(step.token, bar: bar) }
      }
      network.step(
        open.map { lessons[$0].steps[position].token }, states: &states, logits: &logits,
        threads: threads)
      for (place, row) in open.enumerated() { memories[row].see(states[place], of: network) }
      position += 1
      for place in open.indices.reversed() where lessons[open[place]].steps.count == position {
        open.remove(at: place)
        states.remove(at: place)
      }
    }
    return memories
  }
}

/// The music behind gaps as a network has read it: every way to fill a gap remembers the same.
struct FollowingMusic {
  private var read: [(text: String, memory: ContinuousCache)] = []

  /// Texts that are kept; the oldest makes way.
  private static let most = 8

  /// Reads texts that are not known yet, side by side.
  mutating func read(_ texts: [String], _ model: ImproviserModel, threads: ThreadChoice) {
    var missing: [String] = []
    for text in texts where !missing.contains(text) && !read.contains(where: { $0.text == text }) {
      missing.append(text)
    }
    guard !missing.isEmpty else { return }
    let memories = model.memories(of: missing, threads: threads)
    for (text, memory) in zip(missing, memories) { read.append((text, memory)) }
    read.removeFirst(max(read.count - max(Self.most, missing.count), 0))
  }

  /// The memory of a text whose first bar has a number.
  mutating func memory(
    of text: String, from bar: Int, _ model: ImproviserModel, threads: ThreadChoice
  ) -> ContinuousCache {
    read([text], model, threads: threads)
    guard var memory = read.first(where: { $0.text == text })?.memory else {
      return model.emptyMemory
    }
    memory.moveBars(by: bar)
    return memory
  }
}

/// A text as it is read into a memory.
private struct Lesson {
  /// Each token, and the bar it is remembered in; nil for what is only read.
  private(set) var steps: [(token: Int, bar: Int?)]

  /// Characters of music that stand behind a gap and are remembered.
  static let most = 240

  /// - Parameter bar: The number of the first bar; nil = it stands elsewhere.
  init(_ text: String, _ model: ImproviserModel, bar: Int?) {
    let start = model.tokens(model.description.start)
    steps = (start.isEmpty ? [0] : start).map { ($0, nil) }
    let hasPlan = model.description.projection == PlanProjection.name
    var reader = MelodyReader()
    var kept = 0
    for scalar in (hasPlan ? PlanProjection.annotated(text) : text).unicodeScalars {
      guard let token = model.description.vocabulary.token(scalar) else { continue }
      guard !model.isSign[token] else {
        steps.append((token, nil))
        continue
      }
      let isMusic = !reader.isInHeader
      reader.read(scalar)
      guard isMusic else {
        steps.append((token, nil))
        continue
      }
      if bar != nil, kept == Self.most { return }
      kept += 1
      let number = reader.bars.count { !$0.isPickup }
      steps.append((token, bar.map { $0 + number } ?? ContinuousCache.elsewhere))
    }
  }
}

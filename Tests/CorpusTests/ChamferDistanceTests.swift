import Music
import Neural
import Notes
import Testing
import Training

@testable import Corpus

/// Numbers that look random and are the same in every run.
private struct Dice {
  private var index: UInt64 = 0

  mutating func below(_ limit: Int) -> Int {
    index += 1
    return Int(RandomSource.uniform(rng: 12, run: 0, index: index) * Double(limit))
  }
}

@Suite struct ChamferDistanceTests {
  private func points(_ numbers: [(Double, Double)]) -> [ChamferDistance.Point] {
    numbers.map { .init(onset: $0.0, pitch: $0.1) }
  }

  @Test func `a piece is 0 from itself, and from itself with doubled notes`() {
    let piece = points([(0, 60), (1, 62), (2, 64), (3, 60)])
    #expect(ChamferDistance.between(piece, piece) == 0)
    #expect(ChamferDistance.between(piece, piece + piece) == 0)
    #expect(ChamferDistance.between(piece, []) == nil)
  }

  @Test func `opposite corners are 1 apart, and both directions count the same`() {
    let low = points([(0, 60)])
    let high = points([(4, 72)])
    #expect(abs((ChamferDistance.between(low, high) ?? 0) - 1) < 1e-12)
    let some = points([(0, 60), (2, 66), (4, 72)])
    #expect(ChamferDistance.between(low, some) == ChamferDistance.between(some, low))
    // From `some`: 0, half and whole diagonal; from `low`: 0.
    #expect(abs((ChamferDistance.between(low, some) ?? 0) - 0.25) < 1e-12)
  }

  @Test func `the distance to a reference is 0 from itself and 1 from nothing`() throws {
    func note(_ start: Int, _ key: Int, _ length: Int = 480) throws -> Performance.Note {
      .init(
        start: Tick(start), end: Tick(start + length),
        pitch: try #require(Pitch(key: key)), velocity: 80, track: 0)
    }
    let piece = try [note(0, 60), note(480, 64), note(960, 67)]
    #expect(ChamferDistance.relative(of: piece, to: piece) == 0)
    #expect(ChamferDistance.relative(of: [], to: piece) == 1)
    #expect(ChamferDistance.relative(of: piece, to: []) == nil)
    // One eighth late: each of two notes is 1 away both ways; the origin is √(60² + 1) and
    // √(60² + 4² + 1) away, and the nearer of the two once more.
    let two = try [note(0, 60), note(1920, 60)]
    let late = try [note(480, 60), note(2400, 60)]
    let near = (3600.0 + 1).squareRoot()
    let wanted = 4 / (near + (3600.0 + 16 + 1).squareRoot() + near)
    #expect(abs((ChamferDistance.relative(of: late, to: two) ?? 9) - wanted) < 1e-12)
    let low = try [note(0, 30), note(1920, 30)]
    let plain = try #require(ChamferDistance.relative(of: low, to: two))
    // Where pitch counts for less, so does a wrong one.
    #expect(try #require(ChamferDistance.relative(of: low, to: two, pitchFactor: 0.01)) < plain)
  }

  @Test func `the quick search finds what looking at every pair finds`() {
    var random = Dice()
    for _ in 0..<20 {
      func some() -> [ChamferDistance.Point] {
        points((0..<30).map { _ in (Double(random.below(40)), Double(random.below(24))) })
      }
      let (one, other) = (some(), some())
      let all = one + other
      let width = (all.map(\.onset).max() ?? 0) - (all.map(\.onset).min() ?? 0)
      let height = (all.map(\.pitch).max() ?? 0) - (all.map(\.pitch).min() ?? 0)
      func mean(_ from: [ChamferDistance.Point], _ to: [ChamferDistance.Point]) -> Double {
        from.reduce(0) { sum, point in
          sum
            + (to.map { other in
              let across = (other.onset - point.onset) / width
              let upwards = (other.pitch - point.pitch) / height
              return (across * across + upwards * upwards).squareRoot()
            }.min() ?? 0)
        } / Double(from.count)
      }
      let expected = (mean(one, other) + mean(other, one)) / 2 / 2.0.squareRoot()
      #expect(abs((ChamferDistance.between(one, other) ?? -1) - expected) < 1e-12)
    }
  }

  /// The experiment of the system that writes MIDI as characters: a network that has a piece by
  /// heart gets its beginning and goes on with the likeliest character, always.
  @Test func `a memorised piece is written again: its distance is 0`() throws {
    var performance = Performance()
    performance.tracks = [.init(name: "", role: .melody, channel: 0, program: 0)]
    var random = Dice()
    var time = 0
    for _ in 0..<32 {
      let length = [480, 960, 1440][random.below(3)]
      let pitch = try #require(Pitch(key: 60 + random.below(13)))
      performance.notes.append(
        .init(
          start: Tick(time), end: Tick(time + length), pitch: pitch, velocity: 80, track: 0))
      time += length
    }
    let encoding = NoteEncoding.midiCharacters
    let tokens = encoding.tokens(of: performance)
    let vocabulary = Set(tokens).sorted()
    let index = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    let numbers = tokens.compactMap { index[$0].map { UInt16($0) } }
    let trainer = try Trainer(
      NetworkShape(vocabularySize: vocabulary.count, input: .oneHot, layerSizes: [48]),
      text: TrainingText(items: [[.init(tokens: numbers)]]),
      settings: TrainerSettings(
        batch: 2, steps: numbers.count - 1, optimizer: OptimizerSettings(rule: .adam),
        schedule: Schedule(course: .constant, rate: 0.01), precision: .float32))
    func rewrite() throws -> [String] {
      let network = try RecurrentNetwork(
        trainer.checkpoint(metadata: [:], format: .float32), precision: .float32)
      var state = network.makeState()
      var scores = [Float](repeating: 0, count: vocabulary.count)
      var written = Array(tokens.prefix(8))
      for token in written {
        network.step(try #require(index[token]), state: &state, logits: &scores)
      }
      while written.count < tokens.count {
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        written.append(vocabulary[best])
        network.step(best, state: &state, logits: &scores)
      }
      return written
    }
    func distance(_ written: [String]) -> Double? {
      ChamferDistance.between(
        ChamferDistance.points(performance.notes),
        ChamferDistance.points(encoding.performance(of: written).notes))
    }
    let before = try #require(distance(rewrite()))
    for _ in 0..<400 { _ = try trainer.takeStep(progress: 0) }
    let written = try rewrite()
    #expect(written == tokens)
    #expect(distance(written) == 0)
    #expect(before > 0.02)
  }
}

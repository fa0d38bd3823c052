import Neural
import Testing

@testable import Compose

@Suite struct ImproviserTests {
  static let modelPath =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Models/folk-lstm-3x512.safetensors"

  /// The shipped model, loaded once.
  static let model = Result { try ImproviserModel(Checkpoint(path: modelPath), precision: .int8) }

  static func improviser() throws -> Improviser { Improviser(try model.get()) }

  static func write(
    _ improviser: inout Improviser, _ count: Int, from first: Int = 0, rng: UInt64 = 7
  ) -> String {
    var text = ""
    for index in first..<first + count {
      text +=
        improviser.next(
          SamplerSettings(temperature: 0.8), rng: rng, run: 1, index: UInt64(index)
        ).character
    }
    return text
  }

  static let header = "R:jig\nM:6/8\nL:1/8\nK:D\n"

  @Test func `stopping and going on writes what would have been written without`() throws {
    var straight = try Self.improviser()
    straight.prime(with: Self.header)
    let whole = Self.write(&straight, 120)
    var paused = try Self.improviser()
    var text = Self.header
    for start in stride(from: 0, to: 120, by: 17) {
      paused.prime(with: text)
      text += Self.write(&paused, min(17, 120 - start), from: start)
      // Something else in between leaves no trace.
      paused.prime(with: "M:C\nL:1/8\nK:G\nGABc|")
    }
    #expect(text == Self.header + whole)
    #expect(straight.text == text)
  }

  @Test func `going back to a bar line is the same as reading anew, and reads a bar at most`()
    throws
  {
    var improviser = try Self.improviser()
    improviser.prime(with: Self.header)
    let text = Self.header + Self.write(&improviser, 200)
    let bytes = Array(text.utf8)
    for length in stride(from: bytes.count - 1, to: Self.header.utf8.count, by: -23) {
      let prefix = String(decoding: bytes[..<length], as: UTF8.self)
      var fresh = try Self.improviser()
      #expect(fresh.prime(with: prefix) == length)
      #expect(improviser.prime(with: prefix) < 30)
      #expect(improviser.text == prefix)
      #expect(improviser.distribution(top: 100) == fresh.distribution(top: 100))
      #expect(improviser.grammar == fresh.grammar)
    }
  }

  @Test func `memory for going back is bounded and the start is always there`() throws {
    var improviser = try Self.improviser()
    var snapshots = Snapshots()
    let state = try Self.model.get().network.makeState()
    for position in 0..<5000 {
      snapshots.keep(state, [], at: position, isStart: position == 0)
    }
    #expect(snapshots.kept.count <= Snapshots.most)
    #expect(snapshots.kept.first?.position == 0)
    #expect(snapshots.kept.last?.position == 4999)
    #expect(snapshots.last(atMost: 4990).position > 4900)
    improviser.prime(with: Self.header)
    #expect(improviser.prime(with: "") == 0)
    #expect(improviser.isInHeader)
  }

  @Test func `runs and random numbers lead to different tunes`() throws {
    var texts: Set<String> = []
    for rng in 0..<4 as Range<UInt64> {
      var improviser = try Self.improviser()
      improviser.prime(with: Self.header)
      texts.insert(Self.write(&improviser, 60, rng: rng))
    }
    #expect(texts.count == 4)
  }

  @Test func `probabilities are sorted, and add up to one`() throws {
    var improviser = try Self.improviser()
    improviser.prime(with: Self.header)
    let all = improviser.distribution(top: 1000)
    #expect(all.count == improviser.model.network.vocabularySize)
    #expect(abs(all.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.probability >= $1.probability })
    #expect(improviser.distribution(top: 3) == Array(all.prefix(3)))
    let entropy = all.reduce(Float(0)) {
      $0 - ($1.probability > 0 ? $1.probability * log2($1.probability) : 0)
    }
    #expect(abs(improviser.entropy - entropy) < 1e-3)
  }

  private func log2(_ x: Float) -> Float {
    // By the exponent and a series, enough for the tolerance.
    let y = (x.significand - 1) / (x.significand + 1)
    var sum: Float = 0
    var power = y
    for index in stride(from: Float(1), through: 21, by: 2) {
      sum += power / index
      power *= y * y
    }
    return Float(x.exponent) + 2 * sum / 0.6931472
  }

  @Test func `the bits of what was written are the bits of reading it`() throws {
    var writer = try Self.improviser()
    writer.prime(with: Self.header)
    var bits: [Float] = []
    var text = ""
    for index in 0..<80 {
      let next = writer.next(
        SamplerSettings(temperature: 1.3), rng: 1, run: 0, index: UInt64(index))
      bits.append(next.bits)
      text += next.character
      #expect(next.rank >= 1 && next.temperature == 1.3)
    }
    var reader = try Self.improviser()
    reader.prime(with: Self.header)
    #expect(reader.score(text) == bits)
  }

  @Test func `a tune ends with an empty line, and not before it may`() throws {
    var improviser = try Self.improviser()
    improviser.prime(with: Self.header + "D2D DEF|A3 d3:|\n")
    improviser.mayEndTune = false
    for index in 0..<600 {
      _ = improviser.next(SamplerSettings(temperature: 0.5), rng: 1, run: 0, index: UInt64(index))
      #expect(!improviser.endsTune)
    }
    improviser.mayEndTune = true
    improviser.prime(with: Self.header + "D2D DEF|\n\n")
    #expect(improviser.endsTune)
  }

  @Test func `wanted header values are written`() throws {
    var improviser = try Self.improviser()
    improviser.wantedHeader = ["M": "9/8", "K": "Em"]
    for run in 0..<5 as Range<UInt64> {
      improviser.prime(with: "")
      var index: UInt64 = 0
      while improviser.isInHeader && index < 100 {
        _ = improviser.next(SamplerSettings(), rng: 1, run: run, index: index)
        index += 1
      }
      #expect(improviser.text.contains("M:9/8\n"))
      #expect(improviser.text.hasSuffix("K:Em\n"))
    }
  }

  @Test func `classes of characters have temperatures of their own`() {
    #expect(CharacterClass("c") == .melody)
    #expect(CharacterClass("3") == .rhythm)
    #expect(CharacterClass("|") == .form)
    var sampling = Sampling()
    sampling.temperature = 0.9
    #expect(SamplerSettings(sampling).groupTemperatures.isEmpty)
    sampling.rhythm = 0.3
    #expect(SamplerSettings(sampling).groupTemperatures == [0.9, 0.3, 0.9])
  }

  @Test func `characters the network does not know are not read`() throws {
    var improviser = try Self.improviser()
    #expect(improviser.prime(with: "K:Dé♯\n") == 4)
    #expect(improviser.text == "K:D\n")
  }
}

import Kernels
import Testing

@testable import Neural

@Suite struct SamplerTests {
  static let logits: [Float] = [0.5, 2, -1, 1.5, -3]

  /// How often each token is drawn, by evenly spaced random numbers.
  static func shares(
    _ settings: SamplerSettings, groups: [UInt8] = [], allowed: [Bool] = []
  ) -> [Double] {
    var sampler = Sampler(vocabularySize: logits.count, groups: groups)
    var counts = [Double](repeating: 0, count: logits.count)
    let draws = 20_000
    for draw in 0..<draws {
      let uniform = (Double(draw) + 0.5) / Double(draws)
      counts[sampler.pick(logits, settings, uniform: uniform, allowed: allowed).token] += 1
    }
    return counts.map { $0 / Double(draws) }
  }

  static func softmax(temperature: Double, of tokens: [Int] = [0, 1, 2, 3, 4]) -> [Double] {
    let powers = logits.indices.map { token in
      tokens.contains(token) ? exponential(Double(logits[token]) / temperature) : 0
    }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  /// e^x by its series, so that the test does not lean on what is tested.
  static func exponential(_ x: Double) -> Double {
    var sum = 1.0
    var term = 1.0
    for index in 1..<60 {
      term *= x / Double(index)
      sum += term
    }
    return sum
  }

  static func near(_ left: [Double], _ right: [Double]) -> Bool {
    zip(left, right).allSatisfy { abs($0 - $1) < 2e-4 }
  }

  @Test(arguments: [0.5, 1, 2.5])
  func `a token is drawn as often as its probability to the power of 1 over T`(
    temperature: Double
  ) {
    let shares = Self.shares(SamplerSettings(temperature: temperature))
    #expect(Self.near(shares, Self.softmax(temperature: temperature)))
  }

  @Test func `temperature 0 takes the likeliest`() {
    #expect(Self.shares(SamplerSettings(temperature: 0)) == [0, 1, 0, 0, 0])
    let masked = Self.shares(
      SamplerSettings(temperature: 0), allowed: [true, false, true, true, true])
    #expect(masked == [0, 0, 0, 1, 0])
  }

  @Test func `top k keeps the k likeliest`() {
    let shares = Self.shares(SamplerSettings(topK: 2))
    #expect(Self.near(shares, Self.softmax(temperature: 1, of: [1, 3])))
  }

  @Test func `top p keeps the likeliest until their share is reached`() {
    let all = Self.softmax(temperature: 1)
    let shares = Self.shares(SamplerSettings(topP: all[1] + 0.01))
    #expect(Self.near(shares, Self.softmax(temperature: 1, of: [1, 3])))
    #expect(Self.shares(SamplerSettings(topP: 0)) == [0, 1, 0, 0, 0])
  }

  @Test func `min p keeps what is likely enough beside the likeliest`() {
    // e^(0.5 - 2) = 0.22
    #expect(
      Self.near(
        Self.shares(SamplerSettings(minP: 0.25)), Self.softmax(temperature: 1, of: [1, 3])))
    #expect(
      Self.near(
        Self.shares(SamplerSettings(minP: 0.2)), Self.softmax(temperature: 1, of: [0, 1, 3])))
  }

  @Test func `masked tokens are never drawn, and the rest keep their proportions`() {
    let shares = Self.shares(SamplerSettings(), allowed: [true, false, true, true, false])
    #expect(Self.near(shares, Self.softmax(temperature: 1, of: [0, 2, 3])))
  }

  @Test func `equal temperatures of groups are one temperature`() {
    let groups: [UInt8] = [0, 0, 1, 1, 2]
    let shares = Self.shares(
      SamplerSettings(temperature: 0.7, groupTemperatures: [0.7, 0.7, 0.7]), groups: groups)
    #expect(Self.near(shares, Self.softmax(temperature: 0.7)))
  }

  @Test func `a group's own temperature leaves the choice of group alone`() {
    let groups: [UInt8] = [0, 0, 1, 1, 2]
    let plain = Self.softmax(temperature: 1)
    let shares = Self.shares(
      SamplerSettings(temperature: 1, groupTemperatures: [0, 1, 1]), groups: groups)
    #expect(Self.near([shares[1], shares[2]], [plain[0] + plain[1], plain[2]]))
    #expect(shares[0] == 0)
  }

  @Test func `bits, rank and entropy are those of the network, whatever the settings`() {
    var sampler = Sampler(vocabularySize: 5)
    let plain = Self.softmax(temperature: 1)
    let drawn = sampler.pick(
      Self.logits, SamplerSettings(temperature: 3, topK: 3), uniform: 0.999,
      allowed: [true, false, true, true, true])
    #expect(drawn.token == 3)
    #expect(drawn.rank == 2)
    #expect(abs(Self.exponential(-drawn.bits * 0.6931471805599453) - plain[3]) < 1e-6)
    #expect(drawn.temperature == 3)
    let even = sampler.pick([1, 1, 1, 1, -.infinity], SamplerSettings(), uniform: 0)
    #expect(abs(even.entropyBits - 2) < 1e-6)
    #expect(even.rank == 1)
  }

  private static let none = -Float.infinity
  private static let strangeLogits: [[Float]] = [
    [Float.nan, 1, 2, Float.nan, 0],
    [Float.infinity, 1, Float.infinity, 0, 0],
    [none, none, 3, 0, 0],
    [Float](repeating: Float.nan, count: 5),
    [Float](repeating: none, count: 5),
    [3e38, -3e38, 0, 0, 0],
    [],
  ]

  @Test(arguments: strangeLogits)
  func `scores that are not numbers never crash`(logits: [Float]) {
    var sampler = Sampler(vocabularySize: 5, groups: [0, 1, 0, 1, 0])
    for settings in [
      SamplerSettings(), SamplerSettings(temperature: 0), SamplerSettings(topK: 2, topP: 0.5),
      SamplerSettings(minP: 1, groupTemperatures: [0, 2]), SamplerSettings(temperature: 1e-300),
    ] {
      for uniform in [0, 0.5, 0.999999, 1, .nan, -3] {
        let drawn = sampler.pick(logits, settings, uniform: uniform)
        #expect((0..<5).contains(drawn.token))
        #expect(drawn.bits >= 0 && drawn.bits <= 1074 && drawn.entropyBits >= 0)
        if logits.count == 5, logits.contains(where: { $0 > -.infinity }) {
          #expect(!logits[drawn.token].isNaN)
        }
      }
    }
  }

  @Test(arguments: KernelSets.names)
  func `every instruction set draws the same tokens and says the same of them`(
    name: String
  ) throws {
    let named = try KernelSets.need(name)
    let portable = try #require(lilt_kernels_named("portable"))
    let size = 91
    let groups = (0..<size).map { UInt8($0 % 3) }
    var one = Sampler(vocabularySize: size, groups: groups, kernels: UnsafeKernels(named))
    var other = Sampler(vocabularySize: size, groups: groups, kernels: UnsafeKernels(portable))
    let settings = [
      SamplerSettings(), SamplerSettings(temperature: 0.7), SamplerSettings(topK: 5),
      SamplerSettings(topP: 0.6), SamplerSettings(minP: 0.1),
      SamplerSettings(temperature: 0.9, topK: 20, topP: 0.9, minP: 0.01),
      SamplerSettings(groupTemperatures: [0.3, 2, 0]),
    ]
    for draw in 0..<300 {
      let logits = (0..<size).map { token in
        Float(RandomSource.uniform(rng: 5, run: UInt64(draw), index: UInt64(token)) * 12)
      }
      let uniform = RandomSource.uniform(rng: 6, run: 0, index: UInt64(draw))
      let allowed = (0..<size).map { ($0 + draw) % 4 != 0 }
      let settings = settings[draw % settings.count]
      #expect(
        one.pick(logits, settings, uniform: uniform, allowed: allowed)
          == other.pick(logits, settings, uniform: uniform, allowed: allowed))
    }
  }

  @Test(arguments: [1, 2, 3, 7, 40, 90, 91, 200])
  func `of equal chances the first ones stay`(topK: Int) {
    let size = 91
    // Seven values, thirteen tokens each.
    let logits = (0..<size).map { Float($0 % 7) }
    var sampler = Sampler(vocabularySize: size)
    var seen: Set<Int> = []
    for draw in 0..<4000 {
      let uniform = (Double(draw) + 0.5) / 4000
      seen.insert(
        sampler.pick(logits, SamplerSettings(temperature: 10, topK: topK), uniform: uniform).token)
    }
    let order = (0..<size).sorted { (logits[$0], $1) > (logits[$1], $0) }
    #expect(seen == Set(order.prefix(topK)))
  }

  @Test(arguments: [0.0, 0.1, 0.5, 0.9, 0.999])
  func `top p is the shortest list that reaches the share`(topP: Double) {
    let size = 91
    let logits = (0..<size).map { Float(($0 * 37) % 91) / 12 }
    var sampler = Sampler(vocabularySize: size)
    let probabilities = sampler.probabilities(of: logits)
    var list: Set<Int> = []
    var share = 0.0
    for token in (0..<size).sorted(by: { probabilities[$0] > probabilities[$1] })
    where list.isEmpty || share < topP - 1e-6 {
      list.insert(token)
      share += probabilities[token]
    }
    var seen: Set<Int> = []
    for draw in 0..<20_000 {
      let uniform = (Double(draw) + 0.5) / 20_000
      let settings = SamplerSettings(temperature: 10, topP: topP)
      seen.insert(sampler.pick(logits, settings, uniform: uniform).token)
    }
    #expect(seen == list)
  }

  @Test func `settings out of range are brought into it`() {
    var settings = SamplerSettings(
      temperature: 99, topK: -3, topP: 7, minP: -1, groupTemperatures: [.nan, -1])
    #expect(
      settings
        == SamplerSettings(
          temperature: 10, topK: 0, topP: 1, minP: 0, groupTemperatures: [1, 0]))
    settings.temperature = -.infinity
    settings.topP = .nan
    #expect(settings.temperature == 0)
    #expect(settings.topP == 1)
  }
}

@Suite struct RandomSourceTests {
  @Test func `the generator is Philox 4x32-10`() {
    // Known answers of the authors' test program.
    let zero = RandomSource.philox(counter: (0, 0, 0, 0), key: (0, 0))
    #expect(zero == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = RandomSource.philox(
      counter: (.max, .max, .max, .max), key: (.max, .max))
    #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
  }

  @Test func `numbers lie between 0 and 1, evenly`() {
    var bins = [Int](repeating: 0, count: 16)
    for index in 0..<16_000 {
      let number = RandomSource.uniform(rng: 7, run: 3, index: UInt64(index))
      #expect(number >= 0 && number < 1)
      bins[Int(number * 16)] += 1
    }
    // Five standard deviations.
    #expect(bins.allSatisfy { abs($0 - 1000) < 155 })
  }

  @Test func `seed, run and index each change the number`() {
    let base = RandomSource.uniform(rng: 1, run: 2, index: 3)
    #expect(base == RandomSource.uniform(rng: 1, run: 2, index: 3))
    #expect(base != RandomSource.uniform(rng: 2, run: 2, index: 3))
    #expect(base != RandomSource.uniform(rng: 1, run: 3, index: 3))
    #expect(base != RandomSource.uniform(rng: 1, run: 2, index: 4))
    #expect(base != RandomSource.uniform(rng: 1 << 40, run: 2, index: 3))
    #expect(base != RandomSource.uniform(rng: 1, run: 2 + 1 << 40, index: 3))
  }
}

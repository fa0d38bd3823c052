import Glibc
import Kernels
import Testing

@testable import Neural

@Suite struct ContinuousCacheTests {
  private static let path =
    TinyNetwork.folder(of: #filePath) + "/../../Models/folk-lstm-3x512.safetensors"

  /// The outputs of the top layer and the logits while some tokens are read.
  private static func read(
    _ tokens: [Int], _ network: RecurrentNetwork
  ) -> [(output: [Float], logits: [Float], state: RecurrentNetwork.State)] {
    var state = network.makeState()
    var logits: [Float] = []
    return tokens.map { token in
      network.step(token, state: &state, logits: &logits)
      let output = network.withTopOutput(of: state) {
        Array(UnsafeBufferPointer(start: $0, count: network.topLayer.size))
      }
      return (output, logits, state)
    }
  }

  @Test func `memory mixes as its formula says`() throws {
    let network = try RecurrentNetwork(Checkpoint(path: Self.path), precision: .float32)
    let fit = MemoryFit(sharpness: 7, trust: 0.3, distances: [-0.5, 0.25, 1])
    let tokens = [40, 41, 42, 40, 41, 43, 40, 41]
    let bars = [0, 0, 1, 1, 2, 3, 3, 3]
    let steps = Self.read(tokens, network)
    var cache = ContinuousCache(network, fit: fit)
    for place in 0..<tokens.count - 1 {
      cache.see(steps[place].state, of: network)
      cache.keep(tokens[place + 1], bar: bars[place + 1])
    }
    cache.see(steps[tokens.count - 1].state, of: network)
    for amount in [1.0, 0.4, -0.7] {
      var mixed = steps[tokens.count - 1].logits
      cache.recall(into: &mixed, amount: amount, bar: 3)
      // By the formula, in doubles.
      func unit(_ values: [Float]) -> [Double] {
        let length = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        return values.map { Double($0) / length }
      }
      let now = unit(steps[tokens.count - 1].output)
      var masses = [Double](repeating: 0, count: network.vocabularySize)
      for place in 0..<tokens.count - 1 {
        let cosine = zip(unit(steps[place].output), now).reduce(0) { $0 + $1.0 * $1.1 }
        let distance = 3 - bars[place + 1]
        masses[tokens[place + 1]] += exp(7 * (cosine - 1) + fit.distances[min(2, distance)])
      }
      let logits = steps[tokens.count - 1].logits.map { Double($0) }
      let highest = logits.max() ?? 0
      let chances = logits.map { exp($0 - highest) }
      let total = chances.reduce(0, +)
      let wanted = chances.indices.map { token -> Double in
        let own = 0.3 * chances[token] / total
        return amount > 0
          ? own + amount * masses[token] : own * own / (own - amount * masses[token])
      }
      let sum = wanted.reduce(0, +)
      let got = mixed.map { exp(Double($0)) }
      let gotSum = got.reduce(0, +)
      for token in wanted.indices {
        #expect(abs(wanted[token] / sum - got[token] / gotSum) < 0.01, "\(amount) \(token)")
      }
    }
  }

  @Test func `no memory changes nothing`() throws {
    let network = try RecurrentNetwork(Checkpoint(path: Self.path), precision: .int8)
    let steps = Self.read([40, 41, 42], network)
    var cache = ContinuousCache(network)
    var logits = steps[2].logits
    cache.recall(into: &logits, amount: 1, bar: 0)
    #expect(logits == steps[2].logits)
    cache.see(steps[0].state, of: network)
    cache.keep(41, bar: 0)
    cache.recall(into: &logits, amount: 0, bar: 0)
    #expect(logits == steps[2].logits)
  }

  @Test func `what is cut off leaves no trace`() throws {
    let network = try RecurrentNetwork(Checkpoint(path: Self.path), precision: .int8)
    let tokens = [40, 41, 42, 43, 44, 45]
    let steps = Self.read(tokens, network)
    var whole = ContinuousCache(network)
    var cut = ContinuousCache(network)
    for place in 0..<3 {
      whole.see(steps[place].state, of: network)
      whole.keep(tokens[place + 1], bar: place)
    }
    for place in 0..<5 {
      cut.see(steps[place].state, of: network)
      cut.keep(tokens[place + 1], bar: place)
      var logits = steps[place].logits
      cut.recall(into: &logits, amount: 1, bar: place + 4)
    }
    cut.truncate(to: 3)
    #expect(cut.count == 3)
    whole.see(steps[3].state, of: network)
    cut.see(steps[3].state, of: network)
    var (first, second) = (steps[3].logits, steps[3].logits)
    whole.recall(into: &first, amount: 0.8, bar: 3)
    cut.recall(into: &second, amount: 0.8, bar: 3)
    #expect(first == second)
  }

  @Test(arguments: KernelSets.names)
  func `every kernel set remembers the same bits`(name: String) throws {
    let kernels = try KernelSets.need(name)
    let portable = try #require(lilt_kernels_named("portable"))
    var random: UInt64 = 7
    func byte() -> Int8 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int8(truncatingIfNeeded: Int(random >> 40) % 255 - 127)
    }
    let (rows, depth) = (37, 192)
    let bytes = (0..<rows * depth).map { _ in byte() }
    let query = (0..<depth).map { _ in byte() }
    let scales = (0..<rows).map { 1 / Float(700 + $0) }
    let offsets = (0..<rows).map { Float($0 % 5) - 2 }
    let tokens = (0..<rows).map { Int32($0 % 11) }
    func masses(_ kernels: UnsafePointer<LiltKernels>) -> [Float] {
      var weights = [Float](repeating: 0, count: 48)
      var masses = [Float](repeating: 0, count: 16)
      var memory = LiltMemory()
      memory.count = Int32(rows)
      memory.depth = Int32(depth)
      memory.sharpness = 9
      bytes.withUnsafeBufferPointer { bytes in
        scales.withUnsafeBufferPointer { scales in
          offsets.withUnsafeBufferPointer { offsets in
            tokens.withUnsafeBufferPointer { tokens in
              memory.rows = bytes.baseAddress
              memory.scales = scales.baseAddress
              memory.offsets = offsets.baseAddress
              memory.tokens = tokens.baseAddress
              kernels.pointee.recall(&memory, query, 1 / 900, &weights, &masses)
            }
          }
        }
      }
      return masses
    }
    #expect(
      kernels.pointee.product(bytes, query, Int32(depth))
        == zip(bytes, query).reduce(0) {
          $0 + Int32($1.0) * Int32($1.1)
        })
    #expect(masses(kernels) == masses(portable))
    #expect(masses(kernels).contains { $0 > 0 })
  }

  @Test func `logarithms are right to seven digits`() {
    for value in [1e-30, 0.001, 0.5, 0.9999, 1, 1.5, 2, 3.7, 1e20] as [Float] {
      let difference = Double(Logarithm.natural(value)) - log(Double(value))
      #expect(abs(difference) <= 2e-7 * max(1, abs(log(Double(value)))))
    }
    #expect(Logarithm.natural(0) == -.infinity)
  }

  @Test(arguments: [
    "", "{}", "[1]", "{\"sharpness\":1,\"trust\":0,\"distances\":[1]}",
    "{\"sharpness\":1,\"trust\":1,\"distances\":[]}",
  ])
  func `a checkpoint's memory that is none is refused`(text: String) {
    #expect(MemoryFit(text) == nil)
  }

  @Test func `a checkpoint's memory is read as it is written`() {
    #expect(MemoryFit(MemoryFit.planned.json) == .planned)
  }

  @Test func `a raised token has its share, and the others keep their proportions`() {
    var sampler = Sampler(vocabularySize: 4)
    // Probabilities .4 .3 .2 .1; among the first three the third gets .75 of what is not its own.
    var logits = [0.4, 0.3, 0.2, 0.1].map { Logarithm.natural($0) }
    sampler.raise(
      2, to: 0.75, among: [true, true, true, false], allowed: [], in: &logits)
    let raised = sampler.probabilities(of: logits)
    // .2 + 3 · .9 = 2.9 beside .4, .3 and .1.
    for (got, wanted) in zip(raised, [0.4, 0.3, 2.9, 0.1]) {
      #expect(abs(got - wanted / 3.7) < 1e-5)
    }
  }
}

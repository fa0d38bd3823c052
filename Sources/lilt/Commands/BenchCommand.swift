import ArgumentParser
import Compose
import Glibc
import Neural

/// `lilt bench`: how fast a model writes here, beside what the memory allows.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a model writes on this machine.",
    discussion: """
      One thread draws characters at temperature 1; the time is that thread's own, so a busy machine \
      disturbs it less. Every round also reads as many bytes as one character needs, which is the \
      best that any program could do. LILT_KERNELS=avx512, avx2 or portable chooses the instructions.
      """)

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Arithmetic: auto, fp32, bf16 or int8.")
  var precision: Precision = .auto
  @Option(help: "Independent tunes written in turn (1 to 256).")
  var streams = 1
  @Option(help: "Characters in a round.")
  var characters = 2000
  @Option(help: "Rounds; the median counts.")
  var rounds = 7
  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (1...256).contains(streams) else {
      throw ValidationError("--streams must be 1 to 256")
    }
    guard (1...10_000_000).contains(characters), (1...1000).contains(rounds) else {
      throw ValidationError("--characters must be 1 to 10000000, --rounds 1 to 1000")
    }
  }

  func run() throws {
    let path = try CheckpointLocator().path(for: checkpoint)
    let loading = ThreadClock()
    let network: RecurrentNetwork
    do throws(CheckpointError) {
      network = try RecurrentNetwork(Checkpoint(path: path), precision: precision)
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
    let loadMilliseconds = loading.seconds * 1000
    let benchmark = SamplingBenchmark(network: network, streams: streams)
    var speeds: [Double] = []
    var bandwidths: [Double] = []
    for round in 0..<rounds {
      speeds.append(benchmark.charactersPerSecond(count: characters, round: UInt64(round)))
      bandwidths.append(ReadBandwidth.bytesPerSecond(size: network.bytesPerStep))
    }
    report(
      network, speed: speeds.sorted(), bandwidth: bandwidths.sorted()[rounds / 2],
      loadMilliseconds: loadMilliseconds)
  }

  private func report(
    _ network: RecurrentNetwork, speed: [Double], bandwidth: Double, loadMilliseconds: Double
  ) {
    let median = speed[speed.count / 2]
    let share = median * Double(network.bytesPerStep) / bandwidth
    if json {
      let facts = [
        "\"v\":1", "\"characters_per_second\":\(median.formatted(decimals: 1))",
        "\"slowest\":\(speed[0].formatted(decimals: 1))",
        "\"fastest\":\(speed[speed.count - 1].formatted(decimals: 1))",
        "\"streams\":\(streams)", "\"precision\":\(jsonText(network.precision.rawValue))",
        "\"kernels\":\(jsonText(network.kernelName))",
        "\"bytes_per_character\":\(network.bytesPerStep)",
        "\"read_bytes_per_second\":\(bandwidth.formatted(decimals: 0))",
        "\"bandwidth_share\":\(share.formatted(decimals: 4))",
        "\"load_milliseconds\":\(loadMilliseconds.formatted(decimals: 2))",
      ]
      StandardOutput.line("{" + facts.joined(separator: ",") + "}")
      return
    }
    StandardOutput.line(
      "\(median.formatted(decimals: 0)) characters a second "
        + "(\(speed[0].formatted(decimals: 0)) to \(speed[speed.count - 1].formatted(decimals: 0)))"
    )
    StandardOutput.line(
      "\(network.precision.rawValue) with \(network.kernelName), "
        + "\((Double(network.bytesPerStep) / 1e6).formatted(decimals: 2)) MB of weights a character: "
        + "\((share * 100).formatted(decimals: 0)) % of the read bandwidth measured beside it "
        + "(\((bandwidth / 1e9).formatted(decimals: 1)) GB/s)")
    StandardOutput.line("loaded in \(loadMilliseconds.formatted(decimals: 1)) ms")
  }
}

/// Feeds characters that a network draws back to it, as writing does.
struct SamplingBenchmark {
  let network: RecurrentNetwork
  let streams: Int

  /// - Parameter round: Makes the rounds draw different characters.
  func charactersPerSecond(count: Int, round: UInt64) -> Double {
    var sampler = Sampler(vocabularySize: network.vocabularySize)
    var states = [RecurrentNetwork.State](repeating: network.makeState(), count: streams)
    var tokens = [Int](repeating: 0, count: streams)
    var logits: [Float] = []
    let settings = SamplerSettings()
    let perStream = max(1, count / streams)
    let clock = ThreadClock()
    for index in 0..<perStream {
      for stream in 0..<streams {
        network.step(tokens[stream], state: &states[stream], logits: &logits)
        let uniform = RandomSource.uniform(
          rng: round, run: UInt64(stream), index: UInt64(index))
        tokens[stream] = sampler.pick(logits, settings, uniform: uniform).token
      }
    }
    return Double(perStream * streams) / clock.seconds
  }
}

/// Time that the calling thread has spent computing.
struct ThreadClock {
  private let start = ThreadClock.now()

  var seconds: Double { max(1e-9, ThreadClock.now() - start) }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

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
      Characters are drawn at temperature 1 and read again, as in writing. On one thread the time is \
      that thread's own, so a busy machine disturbs it less; otherwise it is that of the clock on the \
      wall. Every round also reads as many bytes as one character needs, which is the best that any \
      program could do for one tune at a time. LILT_KERNELS=avx512, avxvnni, avx2, neon or portable \
      chooses the instructions.
      """,
    shouldDisplay: false)

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Arithmetic: auto, fp32, bf16, int8 or int4.")
  var precision: Precision = .auto
  @Option(help: "Independent tunes written at once (1 to 1024).")
  var streams = 1
  @Option(help: "1, 2, or auto: two where that is faster.")
  var threads: ThreadChoice = .one
  @Option(help: "Characters in a round.")
  var characters = 2000
  @Option(help: "Rounds; the median counts.")
  var rounds = 7
  @Flag(
    help: """
      How long a musician waits instead: characters with all rules, two bars filled, phrases to \
      choose from; --streams and --characters do not count.
      """)
  var composing = false
  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (1...1024).contains(streams) else {
      throw ValidationError("--streams must be 1 to 1024")
    }
    guard (1...10_000_000).contains(characters), (1...1000).contains(rounds) else {
      throw ValidationError("--characters must be 1 to 10000000, --rounds 1 to 1000")
    }
  }

  func run() throws {
    if let refused = KernelSpeeds.refused {
      throw CommandFailure(
        .usage,
        "LILT_KERNELS=\(refused): this processor has \(KernelSpeeds.available.joined(separator: ", "))"
      )
    }
    let path = try CheckpointLocator().path(for: checkpoint)
    let whole = Clock(isWall: true)
    let encoding = (try? Checkpoint(readingLater: path)).map(ModelDescription.encoding)
    if encoding != nil, encoding != ModelDescription.characters,
      case .notes(let model) = try CheckpointLocator().author(for: path, precision: precision).model
    {
      guard streams == 1, threads == .one else {
        throw CommandFailure(
          .usage, "a model of notes writes one tune at a time on one thread")
      }
      guard !composing else {
        throw CommandFailure(
          .usage, "--composing is for models of characters, and this one writes notes")
      }
      try AuthorModel.notes(model).refuse(otherThan: precision)
      return NoteBenchmark(model: model).write(
        rounds: rounds, count: characters, loadMilliseconds: whole.seconds * 1000, asJSON: json)
    }
    let opening = Clock(isWall: true)
    let opened: Double
    let loading: Clock
    let loaded: LoadedNetwork
    do throws(CheckpointError) {
      _ = try Checkpoint(readingLater: path)
      opened = opening.seconds
      loading = Clock(isWall: true)
      loaded = try CheckpointLocator().cache.load(path: path, precision: precision)
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
    let network = loaded.network
    try CheckpointLocator.refuse(precision, of: network.precision)
    let benchmark = SamplingBenchmark(network: network, streams: streams, threads: threads)
    var result = BenchResult(
      network: network, streams: streams, loadMilliseconds: loading.seconds * 1000,
      wasKept: loaded.wasKept)
    result.openMilliseconds = opened * 1000
    loaded.keep()
    if composing { return try measureComposing(loaded, path) }
    for round in 0..<rounds {
      if threads != .one { benchmark.wake() }
      let (total, stepping) = benchmark.seconds(count: characters, round: UInt64(round))
      let count = Double(max(1, characters / streams) * streams)
      result.speeds.append(count / total)
      result.stepShares.append(stepping / total)
      result.bandwidths.append(ReadBandwidth.bytesPerSecond(size: network.bytesPerStep))
      result.peaks.append(ArithmeticPeak.operationsPerSecond(network.precision))
    }
    result.threads = threads == .auto ? ThreadChoice.current : threads == .two ? 2 : 1
    for line in json ? [result.json] : result.lines { StandardOutput.line(line) }
  }

  private func measureComposing(_ loaded: LoadedNetwork, _ path: String) throws {
    let model: ImproviserModel
    let repertoire = try CheckpointLocator().repertoire(for: path)
    do throws(CheckpointError) {
      model = try ImproviserModel(loaded, repertoires: repertoire.map { [$0] } ?? [])
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
    let rows = ComposingBenchmark(model: model, threads: threads, rounds: rounds).rows
    if json {
      let list = rows.map(\.json).joined(separator: ",")
      StandardOutput.line("{\"v\":1,\"composing\":[\(list)]}")
    } else {
      for row in rows { StandardOutput.line(row.line) }
    }
  }
}

/// What was measured.
struct BenchResult {
  let network: RecurrentNetwork
  let streams: Int
  var threads = 1
  var loadMilliseconds: Double
  /// Until the description of the checkpoint was read and its tensors were found.
  var openMilliseconds = 0.0
  /// Whether the packed weights were there from an earlier start.
  var wasKept: Bool
  /// Of each round.
  var speeds: [Double] = []
  /// What part of the time the network took; the rest is drawing.
  var stepShares: [Double] = []
  var bandwidths: [Double] = []
  var peaks: [Double] = []

  init(network: RecurrentNetwork, streams: Int, loadMilliseconds: Double, wasKept: Bool) {
    self.network = network
    self.streams = streams
    self.loadMilliseconds = loadMilliseconds
    self.wasKept = wasKept
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private var speed: Double { median(speeds) }
  /// Of one thread's bandwidth. Streams are read for together, up to as many as one round takes.
  private var bandwidthShare: Double {
    speed * Double(network.bytesPerStep) / Double(streams) / median(bandwidths)
  }
  private var arithmeticShare: Double {
    speed * Double(network.operationsPerStep) / median(peaks)
  }

  /// What limits the speed, and what would help.
  private var limit: String {
    let drawing = 1 - median(stepShares)
    if drawing > 0.4 {
      return "drawing the characters takes \(percent(drawing)) of the time"
    }
    if bandwidthShare / Double(threads) > 0.6 && arithmeticShare < 0.6 {
      let fewer = network.precision == .int4 ? "" : "; a smaller --precision reads fewer bytes"
      return "reading the weights\(fewer)"
    }
    if arithmeticShare / Double(threads) > 0.5 {
      return "arithmetic: \(percent(arithmeticShare / Double(threads))) of the peak"
    }
    return streams == 1
      ? "gates, drawing and other work beside the products; the network is small"
      : "neither reading (shared by \(streams) tunes) nor arithmetic alone"
  }

  /// Weights that are used twice in a row come from a nearer cache the second time, which reading
  /// them all in turn never shows.
  private var nearness: String { bandwidthShare > 1 ? ", thanks to the nearer caches" : "" }

  private func percent(_ share: Double) -> String {
    "\((share * 100).formatted(decimals: 0)) %"
  }

  var lines: [String] {
    let megabytes = (Double(network.bytesPerStep) / 1e6).formatted(decimals: 2)
    return [
      "\(speed.formatted(decimals: 0)) characters a second "
        + "(\((speeds.min() ?? 0).formatted(decimals: 0)) to "
        + "\((speeds.max() ?? 0).formatted(decimals: 0)))",
      "\(network.precision.rawValue) with \(network.kernelName) "
        + "(of \(KernelSpeeds.available.joined(separator: ", "))), "
        + "\(threads == 1 ? "one thread" : "two threads"), "
        + "\(streams == 1 ? "one tune" : "\(streams) tunes at once")",
      "\(percent(bandwidthShare)) of the read bandwidth\(nearness) (\(megabytes) MB of weights a character, "
        + "\((median(bandwidths) / 1e9).formatted(decimals: 1)) GB/s), "
        + "\(percent(arithmeticShare)) of the arithmetic peak",
      "limited by: \(limit)",
      "ready in \(loadMilliseconds.formatted(decimals: 1)) ms, with weights "
        + (wasKept ? "kept from an earlier start" : "packed now"),
    ]
  }

  var json: String {
    let facts = [
      "\"v\":1", "\"characters_per_second\":\(speed.formatted(decimals: 1))",
      "\"slowest\":\((speeds.min() ?? 0).formatted(decimals: 1))",
      "\"fastest\":\((speeds.max() ?? 0).formatted(decimals: 1))",
      "\"streams\":\(streams)", "\"threads\":\(threads)",
      "\"precision\":\(jsonText(network.precision.rawValue))",
      "\"kernels\":\(jsonText(network.kernelName))",
      "\"bytes_per_character\":\(network.bytesPerStep)",
      "\"read_bytes_per_second\":\(median(bandwidths).formatted(decimals: 0))",
      "\"bandwidth_share\":\(bandwidthShare.formatted(decimals: 4))",
      "\"arithmetic_share\":\(arithmeticShare.formatted(decimals: 4))",
      "\"network_share\":\(median(stepShares).formatted(decimals: 4))",
      "\"load_milliseconds\":\(loadMilliseconds.formatted(decimals: 2))",
      "\"open_milliseconds\":\(openMilliseconds.formatted(decimals: 3))",
      "\"weights_kept\":\(wasKept)",
    ]
    return "{" + facts.joined(separator: ",") + "}"
  }
}

/// Feeds characters that a network draws back to it, as writing does.
struct SamplingBenchmark {
  let network: RecurrentNetwork
  let streams: Int
  let threads: ThreadChoice

  /// Seconds that `count` characters take, and those of them that the network takes, estimated from
  /// two steps of every sixteen: every other step does part of the work of the next.
  ///
  /// - Parameter round: Makes the rounds draw different characters.
  func seconds(count: Int, round: UInt64) -> (total: Double, stepping: Double) {
    var sampler = Sampler(vocabularySize: network.vocabularySize)
    var states = (0..<streams).map { _ in network.makeState() }
    var tokens = [Int](repeating: 0, count: streams)
    var logits: [Float] = []
    let settings = SamplerSettings()
    let size = network.vocabularySize
    let isWall = threads != .one
    var stepping = 0.0
    var measured = 0
    let perStream = max(1, count / streams)
    let clock = Clock(isWall: isWall)
    for index in 0..<perStream {
      let isMeasured = index % 16 >= 14 || perStream < 16
      let stepClock = isMeasured ? Clock(isWall: isWall) : nil
      if streams == 1 {
        network.step(tokens[0], state: &states[0], logits: &logits, threads: threads)
      } else {
        network.step(tokens, states: &states, logits: &logits, threads: threads)
      }
      if let stepClock {
        stepping += stepClock.seconds
        measured += 1
      }
      logits.withUnsafeBufferPointer { logits in
        for stream in 0..<streams {
          let uniform = RandomSource.uniform(
            rng: round, run: UInt64(stream), index: UInt64(index))
          let row = UnsafeBufferPointer(rebasing: logits[stream * size..<(stream + 1) * size])
          tokens[stream] = sampler.pick(row, settings, uniform: uniform).token
        }
      }
    }
    let total = clock.seconds
    return (total, min(total, stepping / Double(max(1, measured)) * Double(perStream)))
  }
}

extension SamplingBenchmark {
  /// Writes for a fifth of a second: a second core that slept, or that a virtual machine has given
  /// away, takes that long to be there whole.
  func wake() {
    let clock = Clock(isWall: true)
    while clock.seconds < 0.2 { _ = seconds(count: 200, round: 0) }
  }
}

/// Time that the calling thread has spent computing, or that has passed on the wall.
struct Clock {
  private let start: Double
  private let kind: clockid_t

  init(isWall: Bool) {
    kind = isWall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID
    start = Clock.now(kind)
  }

  var seconds: Double { max(1e-9, Clock.now(kind) - start) }

  private static func now(_ kind: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(kind, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

import Corpus
import Neural

/// What came of one training of an experiment. Kept as a text, so that a stopped experiment goes on.
struct ExperimentResult {
  var course = TrainCourse()
  /// How far what it writes by heart is from what it has read; see `ChamferDistance.relative`.
  var distance: Double?
  /// Of the music it wrote: by what it was written with, such as a temperature.
  var written: [(name: String, counts: TimedCounts)] = []
  /// How many weights lie in each of `bins` parts from `-weightLimit` to `weightLimit`.
  var weights: [Int] = []

  static let bins = 40
  static let weightLimit: Float = 1

  init() {}

  /// Reads what `text` wrote.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "course": course = TrainCourse(parts[1])
      case "distance": distance = Double(parts[1])
      case "weights": weights = parts[1].split(separator: " ").compactMap { Int($0) }
      default:
        if parts[0].hasPrefix("written ") {
          written.append((String(parts[0].dropFirst("written ".count)), TimedCounts(parts[1])))
        }
      }
    }
  }

  var text: String {
    var lines = ["course=" + course.text]
    if let distance { lines.append("distance=\(distance)") }
    for (name, counts) in written { lines.append("written \(name)=" + counts.text) }
    if !weights.isEmpty {
      lines.append("weights=" + weights.map(String.init).joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }

  /// Counts the weights of a checkpoint; those beyond the limit are counted with the outermost.
  mutating func count(weightsOf checkpoint: Checkpoint) throws(CheckpointError) {
    weights = [Int](repeating: 0, count: Self.bins)
    for tensor in checkpoint.tensors {
      for value in try tensor.floats() {
        let share = (value + Self.weightLimit) / (2 * Self.weightLimit)
        weights[min(Self.bins - 1, max(0, Int(share * Float(Self.bins))))] += 1
      }
    }
  }
}

/// How often notes have each pitch, and each step and duration in twentieths of a second.
struct TimedCounts {
  var pitches = Distribution()
  var steps = Distribution()
  var durations = Distribution()

  static let partsOfSecond = 20
  /// What is longer than four seconds is counted as that.
  private static let longest = 4 * partsOfSecond

  init() {}

  mutating func add(pitch: Int, step: Float, duration: Float) {
    pitches.add(pitch)
    steps.add(Self.parts(step))
    durations.add(Self.parts(duration))
  }

  private static func parts(_ seconds: Float) -> Int {
    min(longest, max(0, Int((min(seconds, 1000) * Float(partsOfSecond)).rounded())))
  }

  /// Seconds that so many parts are.
  static func seconds(_ parts: Int) -> String { decimals(Double(parts) / Double(partsOfSecond), 2) }

  init(_ text: String) {
    let lists = text.split(separator: ";", omittingEmptySubsequences: false)
    guard lists.count == 3 else { return }
    func read(_ list: Substring) -> Distribution {
      var counts = Distribution()
      for entry in list.split(separator: " ") {
        let numbers = entry.split(separator: ":").compactMap { Int($0) }
        if numbers.count == 2 { counts.add(numbers[0], times: numbers[1]) }
      }
      return counts
    }
    (pitches, steps, durations) = (read(lists[0]), read(lists[1]), read(lists[2]))
  }

  var text: String {
    [pitches, steps, durations].map { counts in
      counts.counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        .joined(separator: " ")
    }.joined(separator: ";")
  }
}

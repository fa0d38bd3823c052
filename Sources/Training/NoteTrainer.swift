import Neural
import Notes
internal import TrainingKernels

/// What foretelling notes cost.
public struct NoteLoss: Hashable, Sendable {
  /// `pitch` times its weight, and both squares.
  public var total = 0.0
  /// Mean of -ln p of the pitches.
  public var pitch = 0.0
  /// Means of (y − p)² + 10 max(0, −p): times below 0 cost extra.
  public var step = 0.0
  public var duration = 0.0
  /// Share of the pitches that were the likeliest.
  public var accuracy = 0.0
}

/// Trains a network that reads notes as pitch, step and duration and foretells the next one, by
/// three outputs with a loss of their own.
///
/// Windows of notes are drawn at random; each foretells the note after it.
public final class NoteTrainer {
  public let settings: TrainerSettings
  public let network: TrainingNetwork
  let pieces: NoteWindows
  let optimizer: Optimizer
  /// Steps taken.
  public internal(set) var step = 0
  /// How often a plateau was met, for schedules that ask.
  public internal(set) var falls = 0
  var bestOnValid = Double.infinity
  var epochsWithoutGain = 0
  /// What the pitches' cross-entropy is multiplied by.
  public var pitchWeight: Float = 0.05

  /// Scores of pitches, then step and duration.
  public static let outputs = 130

  /// The network of one recurrent layer of 128 that the system was published with, or another.
  public static func shape(
    layerSizes: [Int] = [128], cell: NetworkShape.Cell = .lstm
  ) -> NetworkShape {
    NetworkShape(
      vocabularySize: 0, input: .numbers(count: 3), cell: cell, layerSizes: layerSizes,
      output: .lastMoment, outputCount: outputs)
  }

  /// `settings.steps` is the length of a window. Throws when no piece is longer than one, or the
  /// network does not read three numbers and foretell 130.
  public init(
    pieces: [[TimedNote]], shape: NetworkShape = NoteTrainer.shape(), settings: TrainerSettings
  ) throws(TrainingError) {
    guard shape.input == .numbers(count: 3), shape.outputCount == Self.outputs,
      shape.output == .lastMoment
    else {
      throw .impossible(
        "a network of notes reads three numbers and foretells pitch, step, duration")
    }
    let window = settings.steps
    self.pieces = NoteWindows(pieces, length: window)
    guard self.pieces.count > 0 else {
      throw .tooLittleText(
        tokens: pieces.reduce(0) { $0 + $1.count }, needed: window + 1)
    }
    self.settings = settings
    network = try TrainingNetwork(
      shape, batch: settings.batch, steps: window, precision: .float32, threads: settings.threads,
      initialisation: settings.initialisation, seed: settings.seed)
    optimizer = try Optimizer(
      settings.optimizer, count: network.parameters.count, arithmetic: network.arithmetic)
    network.prepare(step: 0)
  }

  /// Reads one batch of windows and changes the weights.
  public func takeStep(progress: Double) throws(TrainingError) -> NoteLoss {
    var random = Numbers(seed: settings.seed, run: 1 << 43 | UInt64(step))
    let targets = fill(pieces) { random.below(pieces.count) }
    network.forward(Batch(grid: network.grid), keepsState: false, trains: true, step: step)
    let loss = network.noteLoss(targets, pitchWeight: pitchWeight)
    network.backward(Batch(grid: network.grid))
    let set = network.parameters
    let norm = optimizer.norm(set.gradients, pool: network.pool)
    guard loss.total.isFinite, norm.isFinite else { throw .notFinite(step: step + 1) }
    let scale = settings.clipping > 0 && norm > settings.clipping ? settings.clipping / norm : 1
    optimizer.update(
      weights: set.values, gradients: set.gradients,
      rate: settings.schedule.rate(step: step, progress: progress, falls: falls), scale: scale,
      pool: network.pool)
    step += 1
    network.prepare(step: step)
    return loss
  }

  /// Windows that it is trained on: each foretells one note.
  public var windowCount: Int { pieces.count }

  /// An epoch reads as many windows as there are.
  public var stepsPerEpoch: Int { max(1, windowCount / settings.batch) }

  /// The mean over windows spread evenly over some pieces, or over those it is trained on; nil where
  /// none is longer than a window.
  public func evaluate(_ others: [[TimedNote]]? = nil, batches: Int = 8) -> NoteLoss? {
    let pieces = others.map { NoteWindows($0, length: settings.steps) } ?? self.pieces
    guard pieces.count > 0 else { return nil }
    let thins = network.shape.weightDropout > 0
    if thins { network.prepare() }
    defer { if thins { network.prepare(step: step) } }
    var sum = NoteLoss()
    let count = batches * settings.batch
    var drawn = 0
    for _ in 0..<batches {
      let targets = fill(pieces) {
        defer { drawn += 1 }
        return drawn * pieces.count / count
      }
      network.forward(Batch(grid: network.grid), keepsState: false, trains: false, step: 0)
      let loss = network.noteLoss(targets, pitchWeight: pitchWeight)
      sum.total += loss.total / Double(batches)
      sum.pitch += loss.pitch / Double(batches)
      sum.step += loss.step / Double(batches)
      sum.duration += loss.duration / Double(batches)
      sum.accuracy += loss.accuracy / Double(batches)
    }
    return sum
  }

  /// Puts windows into the network's input; gives the note after each, row by row.
  private func fill(_ pieces: NoteWindows, _ place: () -> Int) -> [TimedNote] {
    guard let input = network.numbers?.floats else { return [] }
    var targets: [TimedNote] = []
    for row in 0..<settings.batch {
      let (piece, start) = pieces.place(place())
      for step in 0..<settings.steps {
        let at = 3 * network.grid.position(row: row, step: step)
        for (index, number) in piece[start + step].numbers.enumerated() {
          input.floats[at + index] = number
        }
      }
      targets.append(piece[start + settings.steps])
    }
    return targets
  }

  /// Tells the schedule how an epoch went.
  public func note(valid loss: Double) {
    if loss < bestOnValid {
      bestOnValid = loss
      epochsWithoutGain = 0
      return
    }
    epochsWithoutGain += 1
    if epochsWithoutGain % max(settings.schedule.patience, 1) == 0 { falls += 1 }
  }

  /// The network as a checkpoint of format 2 with the outputs `pitch`, `step` and `duration`.
  public func checkpoint(
    metadata: [String: String], format: Checkpoint.Format = .float16
  ) throws(CheckpointError) -> Checkpoint {
    try network.checkpoint(metadata: metadata, format: format)
  }
}

/// Runs of notes of one length in some pieces, each with the note after it.
struct NoteWindows {
  let pieces: [[TimedNote]]
  /// How many there are up to the end of each piece.
  private let ends: [Int]

  init(_ pieces: [[TimedNote]], length: Int) {
    let usable = pieces.filter { $0.count > length }
    var total = 0
    ends = usable.map {
      total += $0.count - length
      return total
    }
    self.pieces = usable
  }

  var count: Int { ends.last ?? 0 }

  /// The piece and the first note of a window in `0..<count`.
  func place(_ window: Int) -> (piece: [TimedNote], start: Int) {
    var low = 0
    var high = ends.count - 1
    while low < high {
      let middle = (low + high) / 2
      if window < ends[middle] { high = middle } else { low = middle + 1 }
    }
    return (pieces[low], window - (low == 0 ? 0 : ends[low - 1]))
  }
}

extension TrainingNetwork {
  /// The three-headed loss; leaves the gradient of its mean in the place of the scores.
  func noteLoss(_ targets: [TimedNote], pitchWeight: Float) -> NoteLoss {
    guard let top = dense.last else { return NoteLoss() }
    var loss = NoteLoss()
    let share = 1 / Float(max(targets.count, 1))
    for (row, target) in targets.enumerated() {
      let at = grid.position(row: row, step: grid.steps - 1)
      let scores = top.values + at * top.outputs
      var wanted = Int32(target.pitch)
      var best: Int32 = 0
      loss.pitch += arithmetic.kernels.pointee.cross_entropy(
        1, Int32(top.outputs - 2), scores, &wanted, share * pitchWeight, &best)
      if best == wanted { loss.accuracy += 1 }
      loss.step += Self.timeLoss(&scores[top.outputs - 2], target.step, share)
      loss.duration += Self.timeLoss(&scores[top.outputs - 1], target.duration, share)
    }
    let count = Double(max(targets.count, 1))
    loss.pitch /= count
    loss.step /= count
    loss.duration /= count
    loss.accuracy /= count
    loss.total = Double(pitchWeight) * loss.pitch + loss.step + loss.duration
    return loss
  }

  /// (y − p)² + 10 max(0, −p); its gradient times `share` takes the place of `value`.
  private static func timeLoss(_ value: inout Float, _ wanted: Float, _ share: Float) -> Double {
    let given = value
    let distance = given - wanted
    value = share * (2 * distance - (given < 0 ? 10 : 0))
    return Double(distance * distance + 10 * max(0, -given))
  }
}

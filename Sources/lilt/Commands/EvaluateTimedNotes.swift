import Corpus
import Glibc
import MIDI
import Neural
import Training

/// A model of notes as pitch, step and duration: measured on MIDI files, and heard.
struct EvaluateTimedNotes {
  private let network: LayeredNetwork
  private let window: Int

  /// nil where the checkpoint is of another kind.
  init?(path: String) throws {
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint(path: path)
      guard checkpoint.metadata["encoding"] == TrainNotes.encoding else { return nil }
      network = try LayeredNetwork(checkpoint)
      window = min(max(checkpoint.metadata["window"].flatMap { Int($0) } ?? 25, 1), 1024)
      guard network.inputSize == 3, network.outputs.map(\.size) == [128, 1, 1] else {
        throw .unsupported("its outputs are not a pitch, a step and a duration")
      }
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error.description)")
    }
  }

  func run(_ options: EvaluateCommand) throws {
    guard options.reconstruct == 0 else {
      throw CommandFailure(.usage, "--reconstruct is not for models of pitch, step and duration")
    }
    var table = EvaluateTable()
    let pieces = try CorpusFiles.pieces(options.files).map { TimedNote.notes(of: $0.performance) }
    if !options.files.isEmpty { table.add(measure(pieces)) }
    if let file = options.midi {
      let start = pieces.first.map { Array($0.prefix(window)) } ?? []
      let notes = sampler.notes(
        count: options.tokens, after: start, temperature: options.temperature, rng: options.rng)
      let performance = TimedNote.performance(of: notes)
      table.add([("notes_written", "\(notes.count)")])
      try table.add(performance, comparedWith: options.corpus)
      try EvaluateNotes.write(performance, to: file)
    }
    table.print(asJSON: options.json)
  }

  private var sampler: TimedNoteSampler { TimedNoteSampler(network: network, window: window) }

  private func measure(_ pieces: [[TimedNote]]) -> [EvaluateTable.Fact] {
    var count = 0
    var right = 0
    var nats = 0.0
    var squares = (step: 0.0, duration: 0.0)
    for piece in pieces where piece.count > window {
      // A few hundred windows of each piece say enough.
      for end in stride(from: window, to: piece.count, by: max(1, piece.count / 200)) {
        let results = sampler.foretell(piece[(end - window)..<end])
        let wanted = piece[end]
        let scores = results[..<128]
        let largest = Double(scores.max() ?? 0)
        let sum = scores.reduce(0.0) { $0 + exp(Double($1) - largest) }
        nats += largest + log(sum) - Double(scores[wanted.pitch])
        if scores.indices.max(by: { scores[$0] < scores[$1] }) == wanted.pitch { right += 1 }
        squares.step += Double((results[128] - wanted.step) * (results[128] - wanted.step))
        squares.duration +=
          Double((results[129] - wanted.duration) * (results[129] - wanted.duration))
        count += 1
      }
    }
    let total = Double(max(count, 1))
    return [
      ("notes", "\(count)"), ("bits_per_pitch", decimals(nats / total / log(2), 4)),
      ("pitch_accuracy", decimals(Double(right) / total, 4)),
      ("step_error_seconds", decimals((squares.step / total).squareRoot(), 4)),
      ("duration_error_seconds", decimals((squares.duration / total).squareRoot(), 4)),
    ]
  }
}

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
    let pieces = try CorpusFiles.pieces(options.files).map { TimedNote.notes(of: $0.performance) }
    if !options.files.isEmpty { measure(pieces) }
    guard let file = options.midi else { return }
    let start = pieces.first.map { Array($0.prefix(window)) } ?? []
    let bytes = MIDIFile(performance: TimedNote.performance(of: sample(options, start))).bytes
    do throws(FileError) {
      try Files.write(bytes, to: file)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// Scores of the pitches, step and duration of the note after some.
  private func foretell(_ notes: ArraySlice<TimedNote>) -> [Float] {
    var state = network.makeState()
    var results = [Float](repeating: 0, count: 130)
    for note in notes.suffix(window) {
      network.step(note.numbers, state: &state, results: &results)
    }
    return results
  }

  /// Goes on from the first notes of a file, or from a single middle D.
  private func sample(_ options: EvaluateCommand, _ start: [TimedNote]) -> [TimedNote] {
    var notes = start.isEmpty ? [TimedNote(pitch: 62, step: 0, duration: 0.25)] : start
    let settings = SamplerSettings(temperature: options.temperature)
    var sampler = Sampler(vocabularySize: 128)
    for index in 0..<options.tokens {
      let results = foretell(notes[...])
      let chance = RandomSource.uniform(rng: options.rng, run: 0, index: UInt64(index))
      let pitch = sampler.pick(Array(results[..<128]), settings, uniform: chance).token
      notes.append(
        TimedNote(pitch: pitch, step: max(0, results[128]), duration: max(0, results[129])))
    }
    return Array(notes.dropFirst(start.count))
  }

  private func measure(_ pieces: [[TimedNote]]) {
    var count = 0
    var right = 0
    var nats = 0.0
    var squares = (step: 0.0, duration: 0.0)
    for piece in pieces where piece.count > window {
      // A few hundred windows of each piece say enough.
      for end in stride(from: window, to: piece.count, by: max(1, piece.count / 200)) {
        let results = foretell(piece[(end - window)..<end])
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
    StandardOutput.line("notes: \(count)")
    StandardOutput.line("bits per pitch: \(decimals(nats / total / log(2), 4))")
    StandardOutput.line("pitch accuracy: \(decimals(Double(right) / total, 4))")
    StandardOutput.line("step error: \(decimals((squares.step / total).squareRoot(), 4)) s")
    StandardOutput.line(
      "duration error: \(decimals((squares.duration / total).squareRoot(), 4)) s")
  }
}

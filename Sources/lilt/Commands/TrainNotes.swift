import ArgumentParser
import Corpus
import Glibc
import Neural
import Training

/// Training of a network that reads notes as pitch, step and duration.
struct TrainNotes {
  let command: TrainCommand
  static let encoding = "pitch-step-duration"

  func run() throws {
    let pieces = try CorpusFiles.pieces(command.corpus).map {
      TimedNote.notes(of: $0.performance)
    }
    var settings = command.training.settings(preset: command.preset)
    settings.precision = .float32
    let limits = command.training.limits(preset: command.preset)
    let signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP])
    let trainer: NoteTrainer
    do throws(TrainingError) {
      let shape = command.network.shape(preset: command.preset, vocabularySize: 1)
      trainer = try NoteTrainer(
        pieces: pieces, layerSizes: shape.layerSizes, cell: shape.cell, settings: settings)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    // An epoch reads as many windows as there are notes.
    let notes = pieces.reduce(0) { $0 + $1.count }
    let stepsPerEpoch = max(1, notes / settings.batch)
    var best = Double.infinity
    let began = TrainRun.now()
    while true {
      let epochs = Double(trainer.step) / Double(stepsPerEpoch)
      let progress = limits.progress(
        epochs: epochs, step: trainer.step, seconds: TrainRun.now() - began)
      let isStopped = signals.next(milliseconds: 0) != nil
      let isOver = progress >= 1 || isStopped
      if isOver || trainer.step > 0 && trainer.step % stepsPerEpoch == 0 {
        let loss = trainer.evaluate()
        StandardOutput.line(line(trainer.step, epochs, loss))
        if loss.total < best || isOver && !best.isFinite {
          best = loss.total
          try write(trainer)
        }
      }
      if isOver {
        if isStopped { StandardError.line("stopped at step \(trainer.step)") }
        return
      }
      do throws(TrainingError) {
        _ = try trainer.takeStep(progress: progress)
      } catch {
        throw CommandFailure(.checkFailed, error.description)
      }
    }
  }

  private func line(_ step: Int, _ epochs: Double, _ loss: NoteLoss) -> String {
    "{\"v\":1,\"event\":\"epoch\",\"step\":\(step),\"epoch\":\(decimals(epochs, 2))"
      + ",\"loss\":\(decimals(loss.total, 5)),\"pitch\":\(decimals(loss.pitch, 5))"
      + ",\"step_loss\":\(decimals(loss.step, 5))"
      + ",\"duration_loss\":\(decimals(loss.duration, 5))"
      + ",\"pitch_accuracy\":\(decimals(loss.accuracy, 4))}"
  }

  private func write(_ trainer: NoteTrainer) throws {
    var metadata = [
      "encoding": Self.encoding, "trained_by": "lilt \(Lilt.version)",
      "window": String(trainer.settings.steps),
    ]
    if let name = command.name { metadata["name"] = name }
    if !command.licence.isEmpty { metadata["licence"] = command.licence }
    let checkpoint: Checkpoint
    do throws(CheckpointError) {
      checkpoint = try trainer.checkpoint(metadata: metadata, format: command.format.format)
    } catch {
      throw CommandFailure(.unwritableOutput, "\(command.output): \(error.description)")
    }
    do throws(FileError) {
      try Files.write(checkpoint.bytes, to: command.output)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }
}

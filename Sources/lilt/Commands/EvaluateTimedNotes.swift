import Compose
import Corpus
import Glibc
import Neural
import Notes

/// A model of notes as pitch, step and duration: measured on MIDI files, and heard.
struct EvaluateTimedNotes {
  private let model: NoteModel
  private let window: Int

  /// nil where the model is of another kind.
  init?(_ model: NoteModel) {
    guard model.isTimed else { return nil }
    self.model = model
    window = model.window ?? 1
  }

  func run(_ options: EvaluateCommand) throws {
    guard options.reconstruct == 0 else {
      throw CommandFailure(.usage, "--reconstruct is not for models of pitch, step and duration")
    }
    var table = EvaluateTable()
    let pieces = try CorpusFiles.pieces(options.files).map { TimedNote.notes(of: $0.performance) }
    if !options.files.isEmpty {
      table.add(measure(pieces))
      guard pieces.contains(where: { $0.count > window }) else {
        throw CommandFailure(
          .unreadableInput,
          "\(options.files.joined(separator: ", ")): no piece is longer than the window of \(window) "
            + "notes: there is nothing to measure")
      }
    }
    if let file = options.midi {
      // Without music to go on from, a middle D.
      let start =
        pieces.first.map { Array($0.prefix(window)) }
        ?? [TimedNote(pitch: 62, step: 0, duration: 0.25)]
      var reader = NoteReader(model)
      let tokens = reader.tokens(
        after: start.map(\.token), count: options.tokens ?? 400,
        .init(settings: SamplerSettings(temperature: options.temperature ?? 0.8)),
        rng: options.rng ?? 1)
      let notes = tokens.compactMap { TimedNote(token: $0) }
      let performance = TimedNote.performance(of: notes)
      table.add([("notes_written", "\(notes.count)")])
      // Steps and lengths are seconds: the corpus is compared as it sounds, at whatever tempo.
      try table.add(performance, comparedWith: options.corpus) {
        TimedNote.performance(of: TimedNote.notes(of: $0))
      }
      try EvaluateNotes.write(performance, to: file)
    }
    table.print(asJSON: options.json)
  }

  private func measure(_ pieces: [[TimedNote]]) -> [EvaluateTable.Fact] {
    var count = 0
    var right = 0
    var nats = 0.0
    var squares = (step: 0.0, duration: 0.0)
    var reader = NoteReader(model)
    for piece in pieces where piece.count > window {
      // A few hundred windows of each piece say enough.
      for end in stride(from: window, to: piece.count, by: max(1, piece.count / 200)) {
        reader.prime(with: piece[(end - window)..<end].map(\.token))
        let results = reader.outputs()
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

import Training

/// Recipes of published character and note networks, by name: network, batch, rate and epochs are those
/// that were published, where Lilt advises otherwise it says so beside.
enum TrainPreset: String, CaseIterable {
  /// Small layers for one kind of dance.
  case jigsHornpipes = "jigs-hornpipes"
  /// One-hot characters, one layer of 16 to 128.
  case midiCharacters = "midi-characters"
  /// Notes and chords, each read as one number, two layers of 512 under a dense stack.
  case noteChords = "note-chords"
  /// Notes as three numbers, one layer of 128, three outputs.
  case pitchStepDuration = "pitch-step-duration"
  /// Three layers of 256 over an embedding of 512, streams of 16 rows.
  case stateful3x256 = "stateful-3x256"
  /// One layer of 1024 over an embedding of 256.
  case irish1024 = "irish-1024"

  /// What the recipe's network reads.
  var encoding: TrainEncoding {
    switch self {
    case .midiCharacters: .midiCharacters
    case .noteChords: .noteChords
    case .pitchStepDuration: .pitchStepDuration
    case .jigsHornpipes, .stateful3x256, .irish1024: .abc
    }
  }

  func shape(vocabularySize: Int) -> NetworkShape {
    switch self {
    case .jigsHornpipes:
      NetworkShape(
        vocabularySize: vocabularySize, input: .embedding(width: 64),
        layerSizes: [128, 128, 128], dropout: 0.2)
    case .midiCharacters:
      NetworkShape(
        vocabularySize: vocabularySize, input: .oneHot, layerSizes: [64])
    case .noteChords:
      NetworkShape(
        vocabularySize: vocabularySize, input: .scaledToken, layerSizes: [512, 512],
        denseSizes: [512, 256], dropout: 0.3, denseDropout: 0)
    case .pitchStepDuration:
      NoteTrainer.shape()
    case .stateful3x256:
      NetworkShape(
        vocabularySize: vocabularySize, input: .embedding(width: 512),
        layerSizes: [256, 256, 256], dropout: 0.2)
    case .irish1024:
      NetworkShape(
        vocabularySize: vocabularySize, input: .embedding(width: 256), layerSizes: [1024])
    }
  }

  /// - Parameter shape: The network; a rate may follow from its size, an optimizer from its cell.
  func settings(for shape: NetworkShape) -> TrainerSettings {
    func settings(
      _ rule: OptimizerSettings.Rule, rate: Double, batch: Int, sequence: Int, clipping: Double = 0
    ) -> TrainerSettings {
      TrainerSettings(
        batch: batch, steps: sequence, optimizer: OptimizerSettings(rule: rule),
        schedule: Schedule(course: .constant, rate: rate), clipping: clipping,
        initialisation: Initialisation(rule: .xavier, forgetBias: 1))
    }
    switch self {
    case .jigsHornpipes: return settings(.adam, rate: 0.001, batch: 16, sequence: 64)
    case .midiCharacters:
      let width = Double(shape.layerSizes.max() ?? 64)
      return settings(
        shape.cell == .rnn ? .adagrad : .adam, rate: 1 / width, batch: 1, sequence: 20)
    case .noteChords: return settings(.rmsprop, rate: 0.001, batch: 64, sequence: 100)
    case .pitchStepDuration: return settings(.adam, rate: 0.005, batch: 64, sequence: 25)
    case .stateful3x256: return settings(.adam, rate: 0.001, batch: 16, sequence: 64)
    case .irish1024: return settings(.adam, rate: 0.0001, batch: 64, sequence: 125)
    }
  }

  /// Whether each window is read from a state of zeros.
  var readsWindows: Bool { self == .noteChords }

  /// Hundredths of the melodies that are kept to measure on.
  var validPercent: Int { self == .jigsHornpipes ? 30 : 10 }

  /// How often the text is read.
  ///
  /// - Parameter tokens: Of the text, on which it depends in one of the recipes.
  func epochs(for shape: NetworkShape, tokens: Int) -> Int {
    switch self {
    case .jigsHornpipes, .noteChords: return 200
    case .midiCharacters:
      let width = Double(shape.layerSizes.max() ?? 64)
      let epochs = width.squareRoot() * 10_000 / Double(max(tokens, 1))
      return min(1_000_000, max(1, Int(epochs.rounded())))
    case .pitchStepDuration: return 10
    case .stateful3x256: return 100
    case .irish1024: return 20
    }
  }

  /// The recipe in a line.
  var published: String {
    switch self {
    case .jigsHornpipes:
      "3 (to 4) layers of 128, batch 16 × 64, Adam at 0.001, 200 epochs, 30 % kept to measure on"
    case .midiCharacters:
      "one layer of d = 64 (16 to 128), sequence 20, rate 1/d, √d·10⁴/n epochs of n characters; "
        + "LSTM with Adam, RNN (--cell rnn) with AdaGrad"
    case .noteChords:
      "2 × 512, dense 512 and 256, dropout 0.3 behind the LSTMs, windows of 100, batch 64, RMSProp "
        + "at 0.001, 200 epochs"
    case .pitchStepDuration:
      "128 units, sequence × batch of 25 × 64 (or 8 × 64), Adam at 0.005, 10 (or 5) epochs"
    case .stateful3x256:
      "embedding 512, 3 × 256 stateful, batch 16 × 64, Adam at 0.001, 100 epochs"
    case .irish1024:
      "embedding 256, 1024 units, batch 64 (or 32) × 125, Adam at 0.0001, 20 epochs"
    }
  }

  /// What Lilt advises besides.
  var advice: String {
    switch self {
    case .jigsHornpipes, .stateful3x256:
      "--patience 5 ends it when it learns no more; --clip 1 keeps single steps from throwing it off"
    case .midiCharacters:
      "--batch 16 reads rows side by side; --epochs where the text is long, for which the formula gives "
        + "one"
    case .noteChords:
      "--clip 5 --patience 5: it ends when it learns no more of a small corpus"
    case .pitchStepDuration: "--epochs 50 --patience 5: it ends when it learns no more"
    case .irish1024: "--rate 0.001 --clip 1 --dropout 0.2, with fewer epochs"
    }
  }

  /// Says on standard error what is followed.
  func tell(_ limits: TrainingOptions.Limits) {
    StandardError.line("\(rawValue), as published: \(published)")
    if let epochs = limits.epochs { StandardError.line("epochs: \(epochs)") }
    StandardError.line("Lilt advises: \(advice)")
  }

  /// `lilt train --presets`.
  static func printAll() {
    for preset in allCases {
      StandardOutput.line("\(preset.rawValue) (\(preset.encoding.rawValue))")
      StandardOutput.line("  published: \(preset.published)")
      StandardOutput.line("  advised:   \(preset.advice)")
    }
  }
}

import Training

/// Recipes of published character and note networks, by name.
enum TrainPreset: String, CaseIterable {
  /// Two small layers for one kind of dance.
  case jigsHornpipes = "jigs-hornpipes"
  /// One-hot characters, three layers of 512.
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
        vocabularySize: vocabularySize, input: .embedding(width: 64), layerSizes: [128, 128],
        dropout: 0.2)
    case .midiCharacters:
      NetworkShape(
        vocabularySize: vocabularySize, input: .oneHot, layerSizes: [512, 512, 512],
        dropout: 0.2)
    case .noteChords:
      NetworkShape(
        vocabularySize: vocabularySize, input: .scaledToken, layerSizes: [512, 512],
        denseSizes: [512, 256], dropout: 0.3)
    case .pitchStepDuration:
      NetworkShape(
        vocabularySize: vocabularySize, input: .numbers(count: 3), layerSizes: [128],
        output: .lastMoment, outputCount: NoteTrainer.outputs)
    case .stateful3x256:
      NetworkShape(
        vocabularySize: vocabularySize, input: .embedding(width: 512),
        layerSizes: [256, 256, 256], dropout: 0.2)
    case .irish1024:
      NetworkShape(
        vocabularySize: vocabularySize, input: .embedding(width: 256), layerSizes: [1024])
    }
  }

  var settings: TrainerSettings {
    func settings(
      _ rule: OptimizerSettings.Rule, rate: Double, batch: Int, sequence: Int, clipping: Double
    ) -> TrainerSettings {
      TrainerSettings(
        batch: batch, steps: sequence, optimizer: OptimizerSettings(rule: rule),
        schedule: Schedule(course: .constant, rate: rate), clipping: clipping,
        initialisation: Initialisation(rule: .xavier, forgetBias: 1))
    }
    switch self {
    case .jigsHornpipes:
      return settings(.rmsprop, rate: 0.002, batch: 50, sequence: 50, clipping: 5)
    case .midiCharacters:
      return settings(.rmsprop, rate: 0.001, batch: 32, sequence: 100, clipping: 5)
    case .noteChords:
      return settings(.rmsprop, rate: 0.001, batch: 64, sequence: 100, clipping: 5)
    case .pitchStepDuration:
      return settings(.adam, rate: 0.005, batch: 64, sequence: 25, clipping: 0)
    case .stateful3x256:
      return settings(.adam, rate: 0.001, batch: 16, sequence: 64, clipping: 0)
    case .irish1024:
      return settings(.adam, rate: 0.001, batch: 64, sequence: 100, clipping: 0)
    }
  }

  var epochs: Int {
    switch self {
    case .jigsHornpipes, .pitchStepDuration: 50
    case .midiCharacters, .noteChords: 100
    case .stateful3x256: 100
    case .irish1024: 20
    }
  }
}

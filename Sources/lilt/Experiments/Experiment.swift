import ArgumentParser
import Neural
import Training

/// A figure or table of one of the published articles, as a list of trainings that differ in one thing.
enum Experiment: String, CaseIterable, ExpressibleByArgument {
  // System 1: ABC characters.
  case abcLayers = "abc-layers"
  case abcSizes = "abc-sizes"
  case abcDropout = "abc-dropout"
  case abcOptimizer = "abc-optimizer"
  case abcAugmentation = "abc-augmentation"
  case abcBatch = "abc-batch"
  case abcWindow = "abc-window"
  // System 2: MIDI as characters.
  case midiDataSize = "midi-data-size"
  case midiConvergence = "midi-convergence"
  case midiCapacity = "midi-capacity"
  // System 3: pitch, step and duration.
  case notesCell = "notes-cell"
  case notesLayers = "notes-layers"
  case notesDropout = "notes-dropout"
  case notesNorm = "notes-batch-norm"
  case notesDense = "notes-dense"
  case notesWindow = "notes-window"
  case notesTemperature = "notes-temperature"
  // System 4: notes and chords.
  case chordsAccuracy = "chords-accuracy"

  /// What is drawn, in a line.
  var summary: String {
    switch self {
    case .abcLayers: "loss and F1 over epochs for 1 to 4 layers"
    case .abcSizes: "loss and F1 over epochs by units of a layer"
    case .abcDropout: "loss and F1 over epochs by dropout"
    case .abcOptimizer: "loss and F1 over epochs for every optimizer"
    case .abcAugmentation: "loss and F1 over epochs with tunes in one key and in all"
    case .abcBatch: "loss and F1 over epochs by batch"
    case .abcWindow: "loss and F1 over epochs by sequence length"
    case .midiDataSize: "loss and distance over data size, RNN and LSTM, semi-log and log-log"
    case .midiConvergence: "loss over epochs by units, log-log"
    case .midiCapacity: "lowest training loss over data size by units and cell"
    case .notesCell: "pitches, steps and durations written by LSTM, GRU and RNN beside the data's"
    case .notesLayers: "the same for one and two layers"
    case .notesDropout: "the same by dropout"
    case .notesNorm: "the same with and without batch normalisation"
    case .notesDense: "the same without and with a dense layer, of ReLU or leaky ReLU"
    case .notesWindow: "the same for sequence × batch of 25 × 64, 8 × 64 and 64 × 8"
    case .notesTemperature: "the same at temperatures 0.1, 1 and 10"
    case .chordsAccuracy: "accuracy over epochs, and histograms of the weights"
    }
  }

  /// What its networks read.
  var encoding: TrainEncoding {
    switch self {
    case .abcLayers, .abcSizes, .abcDropout, .abcOptimizer, .abcAugmentation, .abcBatch, .abcWindow:
      .abc
    case .midiDataSize, .midiConvergence, .midiCapacity: .midiCharacters
    case .notesCell, .notesLayers, .notesDropout, .notesNorm, .notesDense, .notesWindow,
      .notesTemperature:
      .pitchStepDuration
    case .chordsAccuracy: .noteChords
    }
  }

  var preset: TrainPreset {
    switch encoding {
    case .abc: .jigsHornpipes
    case .midiCharacters, .midiSixteenths: .midiCharacters
    case .pitchStepDuration: .pitchStepDuration
    case .noteChords: .noteChords
    }
  }

  /// One training.
  struct Variant {
    var name: String
    /// What several variants belong to: a curve.
    var series = ""
    var shape: NetworkShape
    var settings: TrainerSettings
    var epochs: Int
    /// Tokens of the corpus that it reads; nil = all.
    var dataSize: Int?
    var isTransposed = false
    var isStateful = true
    /// Temperatures at which notes are written afterwards.
    var temperatures: [Double] = [1]
  }

  /// Sizes that end in minutes on a laptop, or those of the article.
  enum Scale { case quick, full }

  /// The trainings, in the order in which they are run.
  ///
  /// - Parameters:
  ///   - tokens: Of the corpus.
  ///   - epochs: Instead of those of the recipe.
  func variants(
    _ scale: Scale, vocabularySize: Int, tokens: Int, epochs: Int?, threads: Int, seed: UInt64
  ) -> [Variant] {
    let isQuick = scale == .quick
    var shape = preset.shape(vocabularySize: vocabularySize)
    if isQuick {
      switch encoding {
      case .abc:
        shape.input = .embedding(width: 16)
        shape.layerSizes = [48]
      case .noteChords:
        shape.layerSizes = [48, 48]
        shape.denseSizes = [48, 32]
      case .midiCharacters, .midiSixteenths: shape.layerSizes = [16]
      case .pitchStepDuration: shape.layerSizes = [32]
      }
    }
    func variant(
      _ name: String, series: String = "", _ change: (inout Variant) -> Void = { _ in }
    ) -> Variant {
      var settings = preset.settings(for: shape)
      settings.threads = threads
      settings.seed = seed
      var variant = Variant(
        name: name, series: series, shape: shape, settings: settings, epochs: 1,
        isStateful: !preset.readsWindows)
      change(&variant)
      let usual = preset.epochs(for: variant.shape, tokens: variant.dataSize ?? tokens)
      variant.epochs =
        epochs ?? (isQuick ? min(usual, encoding == .midiCharacters ? 100 : 5) : usual)
      return variant
    }
    switch self {
    case .abcLayers:
      return (1...(isQuick ? 3 : 4)).map { count in
        variant(count == 1 ? "1 layer" : "\(count) layers") {
          $0.shape.layerSizes = [Int](repeating: shape.layerSizes[0], count: count)
        }
      }
    case .abcSizes:
      return (isQuick ? [16, 32, 64] : [32, 64, 128, 256, 512]).map { units in
        variant("\(units) units") {
          $0.shape.layerSizes = $0.shape.layerSizes.map { _ in units }
        }
      }
    case .abcDropout:
      return (isQuick ? [0, 0.2, 0.5] : [0, 0.1, 0.2, 0.3, 0.5]).map { (share: Float) in
        variant("dropout \(share)") { $0.shape.dropout = share }
      }
    case .abcOptimizer:
      return OptimizerSettings.Rule.allCases.map { rule in
        variant(rule.rawValue) {
          $0.settings.optimizer = OptimizerSettings(rule: rule, momentum: rule == .sgd ? 0.9 : 0)
          $0.settings.schedule.rate = rule == .sgd ? 0.1 : $0.settings.optimizer.usualRate
        }
      }
    case .abcAugmentation:
      return [variant("as written"), variant("in all keys") { $0.isTransposed = true }]
    case .abcBatch:
      return (isQuick ? [4, 16] : [8, 16, 32, 64]).map { rows in
        variant("batch \(rows)") { $0.settings.batch = rows }
      }
    case .abcWindow:
      return (isQuick ? [16, 64] : [16, 32, 64, 128]).map { steps in
        variant("sequence \(steps)") { $0.settings.steps = steps }
      }
    case .midiDataSize, .midiCapacity:
      return sizes(isQuick, tokens).flatMap { size in
        NetworkShape.Cell.allCases.filter { $0 != .gru }.flatMap { cell in
          (self == .midiCapacity ? widths(isQuick) : [shape.layerSizes[0]]).map { units in
            let series =
              cell.rawValue.uppercased() + (self == .midiCapacity ? " \(units)" : "")
            return variant("\(series), \(size) tokens", series: series) {
              $0.shape.cell = cell
              $0.shape.layerSizes = [units]
              let settings = preset.settings(for: $0.shape)
              ($0.settings.optimizer, $0.settings.schedule) = (
                settings.optimizer, settings.schedule
              )
              $0.dataSize = size
            }
          }
        }
      }
    case .midiConvergence:
      let size = sizes(isQuick, tokens).last ?? tokens
      return widths(isQuick).map { units in
        variant("\(units) units", series: "\(units) units") {
          $0.shape.layerSizes = [units]
          $0.settings.schedule.rate = 1 / Double(units)
          $0.dataSize = size
        }
      }
    case .notesCell:
      return NetworkShape.Cell.allCases.map { cell in
        variant(cell.rawValue.uppercased()) { $0.shape.cell = cell }
      }
    case .notesLayers:
      return [1, 2].map { count in
        variant(count == 1 ? "1 layer" : "2 layers") {
          $0.shape.layerSizes = [Int](repeating: shape.layerSizes[0], count: count)
        }
      }
    case .notesDropout:
      return [0, 0.2, 0.5].map { (share: Float) in
        variant("dropout \(share)") { $0.shape.dropout = share }
      }
    case .notesNorm:
      return [false, true].map { isNormalised in
        variant(isNormalised ? "batch normalisation" : "none") {
          $0.shape.isBatchNormalised = isNormalised
        }
      }
    case .notesDense:
      return [nil, Activation.relu, .leakyReLU(slope: 0.01), .leakyReLU(slope: 0.3)].map {
        activation in
        variant(activation.map { "dense, \($0.name)" } ?? "none") {
          guard let activation else { return }
          $0.shape.denseSizes = [$0.shape.layerSizes[0]]
          $0.shape.denseActivation = activation
        }
      }
    case .notesWindow:
      return [(25, 64), (8, 64), (64, 8)].map { steps, rows in
        variant("\(steps) × \(rows)") { ($0.settings.steps, $0.settings.batch) = (steps, rows) }
      }
    case .notesTemperature:
      return [variant("temperature") { $0.temperatures = [0.1, 1, 10] }]
    case .chordsAccuracy: return [variant("notes and chords")]
    }
  }

  private func widths(_ isQuick: Bool) -> [Int] { isQuick ? [8, 16] : [16, 32, 64, 128] }

  /// Data sizes from 100 tokens up, as far as the corpus goes.
  private func sizes(_ isQuick: Bool, _ tokens: Int) -> [Int] {
    let wanted = isQuick ? [100, 200, 400] : [100, 300, 1000, 3000, 10_000, 30_000, 100_000]
    let found = wanted.filter { $0 <= tokens }
    return found.isEmpty ? [tokens] : found
  }
}

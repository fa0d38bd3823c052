internal import TrainingKernels

/// A network with everything that is needed to train it on batches of one size.
///
/// A step is `forward`, `loss`, `backward`, then an optimizer's work, then `prepare`. Each pass is
/// shared out among threads in pieces whose results do not depend on who computes them.
public final class TrainingNetwork {
  public let shape: NetworkShape
  public let precision: TrainingPrecision
  let grid: Grid
  let arithmetic: Arithmetic
  let pool: WorkerPool
  let parameters = ParameterSet()
  let layers: [RecurrentLayer]
  let norms: [BatchNormalisation]
  let dense: [DenseStage]
  let table: TokenTable?
  /// Where the input is numbers.
  let numbers: Activations?
  private let scratch: GradientScratch
  let seed: UInt64
  private var step = 0
  private var trains = false

  /// - Parameters:
  ///   - batch: Streams or windows that are read side by side.
  ///   - steps: Moments of a sequence through which gradients go back.
  ///   - kernelName: A set of kernels by name; nil takes the best.
  public init(
    _ shape: NetworkShape, batch: Int, steps: Int,
    precision: TrainingPrecision = .float32, threads: Int = 2,
    initialisation: Initialisation = Initialisation(), seed: UInt64 = 0, kernelName: String? = nil
  ) throws(TrainingError) {
    try shape.check(precision: precision)
    guard (1...4096).contains(batch), (1...65536).contains(steps), batch * steps <= 1 << 20 else {
      throw .impossible("a batch must have 1 to 4096 rows, and at most 1048576 tokens in all")
    }
    self.shape = shape
    self.precision = precision
    self.seed = seed
    arithmetic = try Arithmetic(precision, kernelName: kernelName)
    pool = WorkerPool(threadCount: threads)
    // At least 16 rows a group, if there are as many, keep the processor's pipeline full.
    grid = Grid(
      batch: batch, steps: steps, groups: max(threads, min(2 * threads, batch / 16)))
    var embedding: Int?
    if case .embedding(let width) = shape.input {
      embedding = parameters.add("embedding.weight", [shape.vocabularySize, width], .embedding)
    }
    var below: Activations?
    if case .numbers(let count) = shape.input {
      guard precision == .float32 else {
        throw .impossible("networks that read numbers are trained in float32")
      }
      below = try Activations(
        rows: grid.count, columns: count, isNarrow: false, keepsFloats: true)
    }
    numbers = below
    var layers: [RecurrentLayer] = []
    for index in shape.layerSizes.indices {
      let layer = try RecurrentLayer(
        shape, index: index, below: below, grid: grid, arithmetic: arithmetic,
        parameters: parameters,
        keepsFloats: shape.isBatchNormalised && index == shape.layerSizes.count - 1)
      layers.append(layer)
      below = layer.out
    }
    self.layers = layers
    table =
      numbers == nil
      ? try TokenTable(shape, layer: layers[0], embedding: embedding, kernelName: kernelName)
      : nil
    var norms: [BatchNormalisation] = []
    var dense: [DenseStage] = []
    for (index, size) in (shape.denseSizes + [shape.outputCount]).enumerated() {
      guard var input = below else { break }
      if shape.isBatchNormalised {
        let norm = try BatchNormalisation(
          name: "norm.\(index)", below: input, moments: shape.output, grid: grid,
          arithmetic: arithmetic, parameters: parameters)
        norms.append(norm)
        input = norm.out
      }
      let isHidden = index < shape.denseSizes.count
      let stage = try DenseStage(
        name: shape.denseSizes.isEmpty ? "head" : "head.\(index)", below: input, outputs: size,
        hidden: isHidden ? shape.denseActivation : nil, keepsFloats: shape.isBatchNormalised,
        moments: shape.output,
        grid: grid, arithmetic: arithmetic, parameters: parameters)
      dense.append(stage)
      below = stage.out
    }
    self.norms = norms
    self.dense = dense
    let widths = layers.map(\.width)
    scratch = try GradientScratch(
      grid: grid, arithmetic: arithmetic,
      widths: [
        max(widths.max() ?? 0, dense.map(\.outputs).max() ?? 0),
        shape.cell == .gru ? widths.max() ?? 0 : 0,
        max(layers.map(\.inputs).max() ?? 0, dense.map(\.inputs).max() ?? 0),
        shape.layerSizes.max() ?? 0,
      ])
    try parameters.allocate()
    initialisation.fill(parameters, seed: seed)
    prepare()
  }

  public var parameterCount: Int { shape.parameterCount }
  /// The instruction set in use.
  public var kernelName: String { arithmetic.name }

  /// Brings weights into the forms that products want; after every change of them.
  ///
  /// `step` is the number of the step of training that they are for; nil drops no weights.
  func prepare(step: Int? = nil) {
    if shape.weightDropout > 0 {
      pool.run(layers.count) { index in
        var dropout = LiltDropout.none
        if let step {
          var random = Numbers(seed: seed, run: 1 << 44 | UInt64(step), index: UInt64(index))
          dropout = LiltDropout(
            share: shape.weightDropout, key: UInt32(random.below(1 << 32)), isLocked: false)
        }
        layers[index].thin(dropout)
      }
    }
    let pieces = layers.count * RecurrentLayer.preparations
    pool.run(pieces + dense.count) { piece in
      if piece < pieces {
        layers[piece / RecurrentLayer.preparations].prepare(piece % RecurrentLayer.preparations)
      } else {
        dense[piece - pieces].prepare()
      }
    }
    table?.prepare()
  }

  private func dropout(_ layer: Int) -> LiltDropout {
    let share = layer < layers.count ? shape.dropout : shape.denseDropout ?? shape.dropout
    guard trains, share > 0 else { return .none }
    var random = Numbers(seed: seed, run: 1 << 40 | UInt64(step), index: UInt64(layer))
    return LiltDropout(
      share: share, key: UInt32(random.below(1 << 32)), isLocked: shape.isDropoutLocked)
  }

  /// Scores every moment of a batch.
  ///
  /// - Parameters:
  ///   - keepsState: Whether rows go on from where the last batch ended.
  ///   - trains: Whether outputs are dropped and batch statistics used.
  ///   - step: The number of the step, which decides what is dropped.
  func forward(_ batch: Batch, keepsState: Bool, trains: Bool, step: Int) {
    self.step = step
    self.trains = trains
    batch.withPointers { tokens, fresh in
      for (index, layer) in layers.enumerated() {
        let dropout = dropout(index)
        pool.run(grid.groups) { group in
          let base = grid.start(group, 0, slots: grid.steps)
          layer.carry(group, keeps: keepsState, fresh: fresh.map { $0 + base })
          if index == 0 { table?.forward(group, tokens: tokens) }
          layer.forward(group, fresh: fresh, dropout: dropout)
        }
      }
    }
    for (index, stage) in dense.enumerated() {
      if norms.indices.contains(index) { norms[index].forward(trains: trains, pool: pool) }
      let dropout = dropout(layers.count + index)
      pool.run(grid.groups) { group in stage.forward(group, dropout: dropout) }
    }
  }

  /// From the gradient of the scores, which `loss` left in their place, to those of all weights.
  func backward(_ batch: Batch) {
    for (index, stage) in dense.enumerated().reversed() {
      let dropout = dropout(layers.count + index)
      pool.run(grid.groups) { group in
        stage.backward(group, dropout: dropout, scratch: scratch)
      }
      pool.run(stage.gradientPieces) { stage.addWeightGradients($0, scratch: scratch) }
      if norms.indices.contains(index) { norms[index].backward(pool: pool) }
    }
    batch.withPointers { tokens, fresh in
      for (index, layer) in layers.enumerated().reversed() {
        let dropout = dropout(index)
        pool.run(grid.groups) { group in
          layer.backward(group, fresh: fresh, dropout: dropout)
          if index == 0 { table?.backward(group, tokens: tokens) }
          layer.packGradients(group, scratch: scratch)
        }
        pool.run(layer.gradientPieces + 1) { piece in
          if piece == 0 {
            layer.addBiasGradients()
            if index == 0 { table?.finish() }
          } else {
            layer.addWeightGradients(piece - 1, scratch: scratch)
          }
        }
      }
    }
  }
}

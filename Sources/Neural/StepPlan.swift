import Kernels

/// Where a step keeps its inputs and outputs in the thread's scratch memory, in bytes for each
/// stream; the part of one kind for all streams begins at its place times the number of streams.
struct StepPlaces: Sendable {
  let addends: Int
  let states: Int
  let scales: Int
  /// Two outputs of dense layers, `widest` floats each.
  let dense: (Int, Int)
  let widest: Int
  /// A prepared input of a dense layer above the first.
  let denseInput: Int
  let denseInputSize: Int
  let size: Int
}

/// What a step reads of a network: plain numbers and addresses, so that nothing is counted while it
/// runs. Valid as long as the layers are.
struct StepPlan: @unchecked Sendable {
  // @unchecked: nobody writes the memory to which it points.
  struct Layer {
    var matrix: LiltMatrix
    /// What tokens add, `tableRow` floats each; nil above the lowest layer.
    var table: UnsafePointer<Float>?
    var tableRow: Int
    var size: Int
    var unitsPerGroup: Int
    /// Bytes of the weights of its own last output.
    var ownBytes: Int
    /// Where its output and cell begin in a state, in floats.
    var statePlace: Int
    /// Prepared last outputs and prepared new ones, as in `StepPlaces`, `inputSize` bytes each.
    var ownPlace: Int
    var outputPlace: Int
    var inputSize: Int
    /// Where its part of `AheadSums` begins, in bytes.
    var aheadPlace: Int

    /// The groups of one of `members` threads: whole blocks of inputs of the next layer.
    func share(of member: Int, of members: Int) -> Range<Int> {
      let groups = Int(matrix.groups)
      guard members > 1 else { return 0..<groups }
      let perBlock = max(1, Int(LILT_BLOCK) / unitsPerGroup)
      let half = min(groups, (groups / perBlock + 1) / 2 * perBlock)
      return member == 0 ? 0..<half : half..<groups
    }
  }

  struct Dense {
    var matrix: LiltMatrix
    var size: Int
    /// Pairs of vectors of rows: the parts that threads may share.
    var pairs: Int
    var rowsPerPair: Int
    var isRectified: Bool
  }

  private(set) var layers: [Layer] = []
  private(set) var head: [Dense] = []
  /// Floats of a state, and bytes of `AheadSums`.
  private(set) var stateCount = 0
  private(set) var aheadSize = 0
  let places: StepPlaces

  init(layers: [LSTMLayer], head: [DenseLayer], precision: Precision) {
    var end = 0
    func place(_ bytes: Int) -> Int {
      defer { end += (bytes + 63) / 64 * 64 }
      return end
    }
    let addends = place(16)
    let states = place(8 * max(1, layers.count))
    let scales = place(4)
    let format = precision.denseFormat
    for layer in layers {
      // One cache line more than needed: inputs of different streams a multiple of 4 KB apart would
      // all want the same places in the first cache.
      let inputSize = lilt_input_size(format, Int32(layer.hiddenSize)) + 64
      let matrix = layer.weights.matrix
      self.layers.append(
        Layer(
          matrix: matrix, table: layer.table?.start, tableRow: layer.table?.rowLength ?? 0,
          size: layer.hiddenSize, unitsPerGroup: layer.paddedSize / Int(matrix.groups),
          ownBytes: layer.weightBytes * Int(matrix.depth.1)
            / Int(matrix.depth.0 + matrix.depth.1), statePlace: stateCount,
          ownPlace: place(inputSize), outputPlace: place(inputSize), inputSize: inputSize,
          aheadPlace: aheadSize))
      stateCount += 2 * layer.paddedSize
      aheadSize += 16 * layer.paddedSize
    }
    for layer in head {
      self.head.append(
        Dense(
          matrix: layer.weights.matrix, size: layer.outputSize, pairs: layer.pairs,
          rowsPerPair: layer.paddedSize / layer.pairs, isRectified: layer.isRectified))
    }
    let widest = head.map(\.paddedSize).reduce(0, max) + 16
    let dense = (place(4 * widest), place(4 * widest))
    let largest = head.dropLast().map(\.outputSize).max() ?? 0
    let denseInputSize = lilt_input_size(format, Int32(largest)) + 64
    let denseInput = place(denseInputSize)
    places = StepPlaces(
      addends: addends, states: states, scales: scales, dense: dense, widest: widest,
      denseInput: denseInput, denseInputSize: denseInputSize, size: end)
  }
}

/// Sums of a layer's own last output, computed a step ahead: in every other step of one stream a
/// layer multiplies its old output and its new one with the same weights, one right after the other,
/// while they are in the nearer caches; the step between has these products already.
struct AheadSums {
  /// 32 bits for each packed row, from `aheadPlace` on for each layer.
  let start: UnsafeMutableRawPointer
  /// Whether this step has them; otherwise it makes those of the next.
  let areThere: Bool
}

/// One step of some streams.
struct StepJob {
  let network: Unmanaged<RecurrentNetwork>
  let states: UnsafePointer<UnsafeMutablePointer<Float>>
  let streams: Int
  let logits: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutableRawPointer
  /// For one stream.
  let ahead: AheadSums?

  private func at<Value>(_ place: Int, _ type: Value.Type) -> UnsafeMutablePointer<Value> {
    (scratch + place * streams).assumingMemoryBound(to: type)
  }

  /// For the lowest layer, then as many null pointers for those above.
  func addends(_ places: StepPlaces) -> UnsafeMutablePointer<UnsafePointer<Float>?> {
    at(places.addends, UnsafePointer<Float>?.self)
  }

  /// For each layer those of all streams.
  func statePointers(_ places: StepPlaces) -> UnsafeMutablePointer<UnsafeMutablePointer<Float>?> {
    at(places.states, UnsafeMutablePointer<Float>?.self)
  }

  func scales(_ places: StepPlaces) -> UnsafeMutablePointer<Float> {
    at(places.scales, Float.self)
  }

  func own(_ layer: StepPlan.Layer, _ stream: Int) -> UnsafeMutableRawPointer {
    scratch + layer.ownPlace * streams + stream * layer.inputSize
  }

  func owns(_ layer: StepPlan.Layer) -> LiltInputs {
    LiltInputs(values: own(layer, 0), stride: layer.inputSize)
  }

  func output(_ layer: StepPlan.Layer, _ stream: Int) -> UnsafeMutableRawPointer {
    scratch + layer.outputPlace * streams + stream * layer.inputSize
  }

  func outputs(_ layer: StepPlan.Layer) -> LiltInputs {
    LiltInputs(values: output(layer, 0), stride: layer.inputSize)
  }

  func dense(_ places: StepPlaces, _ which: Int) -> UnsafeMutablePointer<Float> {
    at(which == 0 ? places.dense.0 : places.dense.1, Float.self)
  }

  func denseInput(_ places: StepPlaces, _ stream: Int) -> UnsafeMutableRawPointer {
    scratch + places.denseInput * streams + stream * places.denseInputSize
  }

  func denseInputs(_ places: StepPlaces) -> LiltInputs {
    LiltInputs(
      values: scratch + places.denseInput * streams, stride: places.denseInputSize)
  }
}

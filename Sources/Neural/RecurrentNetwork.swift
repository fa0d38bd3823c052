import Kernels

/// A character network: recurrent layers and, on top of them, dense layers that score every
/// possible next character.
///
/// The weights are packed once and never change, so one network may be used from any number of
/// threads; what a thread has read lives in its `State`. In 32-bit floats the same checkpoint gives
/// the same scores, bit for bit, on every machine.
public final class RecurrentNetwork: Sendable {
  /// How the weights are kept; never `auto`.
  public let precision: Precision
  /// How many characters there are: the length of the scores.
  public let vocabularySize: Int
  public let layerSizes: [Int]
  /// Bytes of weights that one step reads.
  public let bytesPerStep: Int
  /// Numbers in the checkpoint's tensors.
  public let parameterCount: Int
  /// The instruction set in use: `avx512`, `avx2`, `neon` or `portable`.
  public let kernelName: String

  /// Does the work for checkpoints of format 2, whose layers may be of any kind.
  private let layered: LayeredNetwork?
  private let layers: [LSTMLayer]
  private let head: [DenseLayer]
  private let kernels: UnsafeKernels
  private let scratchSize: Int
  private let widest: Int

  /// What a network remembers of what it has read. A copy is cheap and independent.
  public struct State: Equatable, Sendable {
    /// For each layer its output, then its cell, padded.
    fileprivate var values: [Float]
    /// Memory that it takes.
    public var byteCount: Int { values.count * MemoryLayout<Float>.stride }
  }

  /// Packs the weights of a checkpoint.
  ///
  /// Tensors are named as in PyTorch: `embedding.weight` (without it tokens are one-hot),
  /// `lstm.weight_ih_l0` and so on, and `head.weight` with `head.bias`, or `head.0.weight`,
  /// `head.1.weight`… for dense layers with ReLU between them. A checkpoint of format 2 says itself
  /// what its layers are, see `LayerPlan`; it is run in floats of 32 or 16 bits.
  public convenience init(
    _ checkpoint: Checkpoint, precision: Precision = .auto
  ) throws(CheckpointError) {
    try self.init(checkpoint, precision: precision, kernels: UnsafeKernels(lilt_kernels()))
  }

  /// Uses the instruction set of a name; nil where this machine cannot run it.
  convenience init?(
    _ checkpoint: Checkpoint, precision: Precision, kernelName: String
  ) throws(CheckpointError) {
    guard let kernels = lilt_kernels_named(kernelName) else { return nil }
    try self.init(checkpoint, precision: precision, kernels: UnsafeKernels(kernels))
  }

  private init(
    _ checkpoint: Checkpoint, precision: Precision, kernels: UnsafeKernels
  ) throws(CheckpointError) {
    if LayeredNetwork.describes(checkpoint) {
      let layered = try LayeredNetwork(checkpoint, precision: precision, kernels: kernels)
      guard let tokens = layered.vocabularySize else {
        throw .unsupported("it reads and writes numbers, such as pitch and duration, not text")
      }
      self.layered = layered
      self.precision = layered.precision
      self.kernels = kernels
      layers = []
      head = []
      vocabularySize = tokens
      layerSizes = layered.layerSizes
      parameterCount = checkpoint.tensors.reduce(0) { $0 + $1.count }
      bytesPerStep = layered.bytesPerStep
      kernelName = layered.kernelName
      widest = 0
      scratchSize = 0
      return
    }
    layered = nil
    let precision = precision.resolved
    let architecture = try Architecture(checkpoint)
    var layers: [LSTMLayer] = []
    for index in 0..<architecture.layerSizes.count {
      layers.append(
        try LSTMLayer(
          architecture.lstm(index, in: checkpoint),
          inputs: index == 0 ? architecture.inputs(in: checkpoint) : nil,
          format: precision.format, kernels: kernels.pointer))
    }
    var head: [DenseLayer] = []
    for index in architecture.heads.indices {
      let (part, bias) = try architecture.dense(index, in: checkpoint)
      head.append(
        try DenseLayer(
          part, bias: bias, isRectified: index < architecture.heads.count - 1,
          format: precision.format, kernels: kernels.pointer))
    }
    self.precision = precision
    self.layers = layers
    self.head = head
    self.kernels = kernels
    vocabularySize = architecture.vocabularySize
    layerSizes = architecture.layerSizes
    parameterCount = checkpoint.tensors.reduce(0) { $0 + $1.count }
    bytesPerStep =
      layers.reduce(0) { $0 + $1.weightBytes } + head.reduce(0) { $0 + $1.weightBytes }
    kernelName = String(cString: kernels.pointer.pointee.name)
    widest = (layers.map(\.paddedSize) + head.map(\.paddedSize)).reduce(0, max)
    // Two inputs and two outputs of dense layers at most.
    scratchSize = 4 * widest * MemoryLayout<Float>.stride
  }

  /// The state before anything was read.
  public func makeState() -> State {
    if let layered { return State(values: layered.makeState().values) }
    return State(values: [Float](repeating: 0, count: layers.reduce(0) { $0 + 2 * $1.paddedSize }))
  }

  /// Reads one token and scores every possible next one.
  ///
  /// - Parameters:
  ///   - token: An index in `0..<vocabularySize`.
  ///   - state: One of this network's; updated in place.
  ///   - logits: Receives `vocabularySize` unnormalised log-probabilities.
  ///
  /// Gate order is input, forget, cell, output, as in `torch.nn.LSTM`.
  public func step(_ token: Int, state: inout State, logits: inout [Float]) {
    precondition((0..<vocabularySize).contains(token), "no such token")
    if logits.count != vocabularySize {
      logits = [Float](repeating: 0, count: vocabularySize)
    }
    if let layered {
      layered.step(token, values: &state.values, scores: &logits)
      return
    }
    state.values.withUnsafeMutableBufferPointer { values in
      logits.withUnsafeMutableBufferPointer { logits in
        withUnsafeTemporaryAllocation(byteCount: scratchSize, alignment: 64) { scratch in
          guard let values = values.baseAddress, let logits = logits.baseAddress,
            let scratch = scratch.baseAddress
          else { return }
          step(token, values: values, logits: logits, scratch: scratch)
        }
      }
    }
  }

  private func step(
    _ token: Int, values: UnsafeMutablePointer<Float>, logits: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) {
    let own = scratch
    let below = scratch + widest * MemoryLayout<Float>.stride
    var layerValues = values
    for layer in layers {
      let size = layer.paddedSize
      // The layer overwrites its output group by group while every group still reads the old one.
      prepare(layerValues, size, to: own)
      layer.step(
        token: token, below: UnsafeRawPointer(below), own: UnsafeRawPointer(own),
        hidden: layerValues, cell: layerValues + size)
      prepare(layerValues, size, to: below)
      layerValues += 2 * size
    }
    var input = below
    var inputScale: Float = 1.0 / 127
    var output = scratch + 2 * widest * MemoryLayout<Float>.stride
    var free = scratch + 3 * widest * MemoryLayout<Float>.stride
    for (index, layer) in head.enumerated() {
      let result = output.assumingMemoryBound(to: Float.self)
      layer.apply(UnsafeRawPointer(input), inputScale: inputScale, output: result)
      guard index < head.count - 1 else {
        logits.update(from: result, count: vocabularySize)
        return
      }
      if precision == .int8 {
        let kernels = kernels.pointer.pointee
        let largest = kernels.largest(result, Int32(layer.outputSize))
        inputScale = largest > 0 ? largest / 127 : 1
        kernels.quantize(
          result, Int32(layer.paddedSize), 1 / inputScale,
          own.assumingMemoryBound(to: UInt8.self))
        input = own
      } else {
        input = output
        swap(&output, &free)
      }
    }
  }

  /// Brings outputs of a recurrent layer, which lie between -1 and 1, to the form of inputs.
  private func prepare(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, to input: UnsafeMutableRawPointer
  ) {
    if precision == .int8 {
      kernels.pointer.pointee.quantize(
        values, Int32(count), 127, input.assumingMemoryBound(to: UInt8.self))
    } else {
      input.copyMemory(from: values, byteCount: count * MemoryLayout<Float>.stride)
    }
  }
}

/// A set of kernels.
struct UnsafeKernels: @unchecked Sendable {
  // @unchecked: the sets are constants of the program.
  let pointer: UnsafePointer<LiltKernels>

  init(_ pointer: UnsafePointer<LiltKernels>) { self.pointer = pointer }
}

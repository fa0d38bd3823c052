import Kernels

/// A network of checkpoint format 2: recurrent layers of any kind, normalisations and dense layers
/// in any order, and one output or several.
///
/// What one step reads is a token or a few numbers, see `inputSize`. The weights never change; what
/// a thread has read lives in its `State`. In 32-bit floats a checkpoint gives the same outputs on
/// every machine.
///
/// The checkpoint's metadata says in JSON what there is:
///
/// | entry | meaning |
/// | --- | --- |
/// | `input` | `{"kind":"tokens"}`, `{"kind":"one-hot","count":N}`, `{"kind":"scaled-token","scale":S}` or `{"kind":"numbers","count":N}` |
/// | `layers` | a list, lowest first; the tensors of entry N are `layers.N.…` |
/// | `heads` | only where there are several outputs, all of which read the last layer; tensors `heads.N.…` |
///
/// | kind of layer | its tensors |
/// | --- | --- |
/// | `embedding` | `weight` (tokens, units) |
/// | `lstm` | `weight_ih`, `weight_hh`, perhaps `bias_ih`, `bias_hh`; gates input, forget, cell, output |
/// | `gru`, `gru-reset-before` | the same; gates reset, update, new |
/// | `rnn` | the same, without gates |
/// | `scale-and-shift` | `scale`, `shift`: batch normalisation once it has learnt |
/// | `dense` | `weight` (units, inputs), perhaps `bias` |
/// | `activation` | none |
///
/// Each has its `units`, and an `activation` (recurrent layers also a `gate_activation`) of those
/// that `Activation` lists, such as `"relu"` or `"leaky-relu=0.3"`.
public final class LayeredNetwork: Sendable {
  /// `fp32` or `bf16`: these layers have no bytes.
  public let precision: Precision
  /// Tokens that can be read; nil for a network that reads numbers.
  public let vocabularySize: Int?
  /// Numbers that one step reads: 1 (the token) unless the network reads numbers.
  public let inputSize: Int
  /// Names and sizes of the outputs, which follow each other in what a step gives. A network with
  /// one output calls it `scores`.
  public let outputs: [(name: String, size: Int)]
  /// Units of each recurrent layer, lowest first.
  public let layerSizes: [Int]
  /// Bytes of weights that one step reads.
  public let bytesPerStep: Int
  let kernelName: String

  private let plan: LayerPlan
  private let widest: Int
  private let scratchSize: Int
  private let stateSize: Int
  /// Where the output of the top recurrent layer lies in a state, in floats, and its size.
  let topLayer: (place: Int, size: Int)

  /// What a network remembers of what it has read.
  public struct State: Equatable, Sendable {
    var values: [Float]
  }

  /// Whether a checkpoint is of format 2.
  static func describes(_ checkpoint: Checkpoint) -> Bool {
    checkpoint.metadata["lilt.format"] == "2"
  }

  /// Packs the weights of a checkpoint of format 2.
  public convenience init(
    _ checkpoint: Checkpoint, precision: Precision = .float32
  ) throws(CheckpointError) {
    try self.init(checkpoint, precision: precision, in: WeightStore(kernels: .best))
  }

  init(
    _ checkpoint: Checkpoint, precision: Precision, in store: WeightStore
  ) throws(CheckpointError) {
    self.precision = precision == .bfloat16 ? .bfloat16 : .float32
    plan = try LayerPlan(checkpoint, format: self.precision.format, in: store)
    vocabularySize = plan.tokens
    inputSize = plan.inputSize
    outputs = plan.heads.map { ($0.name, $0.layer.outputSize) }
    layerSizes = plan.stages.compactMap(\.recurrentUnits)
    bytesPerStep =
      plan.stages.reduce(0) { $0 + $1.weightBytes }
      + plan.heads.reduce(0) { $0 + $1.layer.weightBytes }
    kernelName = String(cString: store.kernels.pointer.pointee.name)
    let widths = plan.stages.map(\.widest) + plan.heads.map(\.layer.paddedSize)
    // Whole cache lines, so that every buffer is aligned.
    widest = (widths.reduce(plan.inputWidth, max) + 15) / 16 * 16
    scratchSize = plan.stages.map(\.scratchSize).reduce(0, max)
    var place = 0
    var topLayer = (place: 0, size: 0)
    for stage in plan.stages {
      if let units = stage.recurrentUnits { topLayer = (place, units) }
      place += stage.stateSize
    }
    stateSize = place
    self.topLayer = topLayer
  }

  /// The state before anything was read.
  public func makeState() -> State { State(values: [Float](repeating: 0, count: stateSize)) }

  var outputSize: Int { outputs.reduce(0) { $0 + $1.size } }

  /// Reads one step.
  ///
  /// - Parameters:
  ///   - input: `inputSize` numbers; a token is one whole number in `0..<vocabularySize`.
  ///   - results: Receives all outputs, one after the other.
  public func step(_ input: [Float], state: inout State, results: inout [Float]) {
    precondition(input.count == inputSize, "not what the network reads")
    if results.count != outputSize { results = [Float](repeating: 0, count: outputSize) }
    state.values.withUnsafeMutableBufferPointer { values in
      results.withUnsafeMutableBufferPointer { results in
        input.withUnsafeBufferPointer { input in
          if let input = input.baseAddress, let results = results.baseAddress {
            step(input, values: values.baseAddress, results: results)
          }
        }
      }
    }
  }

  /// Floats that a state takes.
  var stateCount: Int { stateSize }

  /// `values` is nil only for a network without memory.
  func step(
    _ input: UnsafePointer<Float>, values: UnsafeMutablePointer<Float>?,
    results: UnsafeMutablePointer<Float>
  ) {
    let byteCount = (2 * widest + scratchSize) * MemoryLayout<Float>.stride
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 64) { memory in
      guard let start = memory.baseAddress?.assumingMemoryBound(to: Float.self),
        var state = values
      else { return }
      var current = start
      var next = start + widest
      let scratch = start + 2 * widest
      plan.read(input, into: current)
      for stage in plan.stages {
        stage.step(&current, &next, state: state, scratch: scratch)
        state += stage.stateSize
      }
      var place = results
      for head in plan.heads {
        head.layer.apply(UnsafeRawPointer(current), inputScale: 1, output: next)
        place.update(from: next, count: head.layer.outputSize)
        head.activation.apply(place, head.layer.outputSize)
        place += head.layer.outputSize
      }
    }
  }
}

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
  /// Multiplications and additions of one step.
  public var operationsPerStep: Int {
    let width =
      precision == .float32 ? 4.0 : precision == .bfloat16 ? 2 : precision == .int8 ? 1 : 17.0 / 32
    return Int(2 * Double(bytesPerStep) / width)
  }
  /// Numbers in the checkpoint's tensors.
  public let parameterCount: Int
  /// The instruction set in use: `avx512`, `avxvnni`, `avx2`, `neon` or `portable`.
  public let kernelName: String

  /// Does the work for checkpoints of format 2, whose layers may be of any kind.
  let layered: LayeredNetwork?
  /// Keep the weights, to which `plan` points.
  private let layers: [LSTMLayer]
  private let head: [DenseLayer]
  let kernels: UnsafeKernels
  let plan: StepPlan
  var places: StepPlaces { plan.places }
  /// Floats of a state.
  let stateCount: Int

  /// Packs the weights of a checkpoint.
  ///
  /// Tensors are named as in PyTorch: `embedding.weight` (without it tokens are one-hot),
  /// `lstm.weight_ih_l0` and so on, and `head.weight` with `head.bias`, or `head.0.weight`,
  /// `head.1.weight`… for dense layers with ReLU between them. A checkpoint of format 2 says itself
  /// what its layers are, see `LayerPlan`; it is run in floats of 32 or 16 bits.
  public convenience init(
    _ checkpoint: Checkpoint, precision: Precision = .auto
  ) throws(CheckpointError) {
    try self.init(checkpoint, precision: precision, in: WeightStore(kernels: .best))
  }

  /// Uses the instruction set of a name; nil where this machine cannot run it.
  convenience init?(
    _ checkpoint: Checkpoint, precision: Precision, kernelName: String
  ) throws(CheckpointError) {
    guard let kernels = lilt_kernels_named(kernelName) else { return nil }
    try self.init(
      checkpoint, precision: precision, in: WeightStore(kernels: UnsafeKernels(kernels)))
  }

  /// Puts the weights into a store, or finds them there.
  init(
    _ checkpoint: Checkpoint, precision: Precision, in store: WeightStore
  ) throws(CheckpointError) {
    kernels = store.kernels
    kernelName = String(cString: kernels.pointer.pointee.name)
    parameterCount = checkpoint.tensors.reduce(0) { $0 + $1.count }
    if LayeredNetwork.describes(checkpoint) {
      let layered = try LayeredNetwork(checkpoint, precision: precision, in: store)
      guard let tokens = layered.vocabularySize else {
        throw .unsupported("it reads and writes numbers, such as pitch and duration, not text")
      }
      self.layered = layered
      self.precision = layered.precision
      layers = []
      head = []
      vocabularySize = tokens
      layerSizes = layered.layerSizes
      bytesPerStep = layered.bytesPerStep
      stateCount = layered.stateCount
      topLayer = layered.topLayer
      plan = StepPlan(layers: [], head: [], precision: .float32)
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
          format: precision.format, in: store))
    }
    var head: [DenseLayer] = []
    for index in architecture.heads.indices {
      let (part, outputs, bias) = try architecture.dense(index, in: checkpoint)
      head.append(
        try DenseLayer(
          part, outputs: outputs, bias: bias,
          isRectified: index < architecture.heads.count - 1, format: precision.denseFormat,
          in: store))
    }
    self.precision = precision
    self.layers = layers
    self.head = head
    vocabularySize = architecture.vocabularySize
    layerSizes = architecture.layerSizes
    bytesPerStep =
      layers.reduce(0) { $0 + $1.weightBytes } + head.reduce(0) { $0 + $1.weightBytes }
    plan = StepPlan(layers: layers, head: head, precision: precision)
    stateCount = plan.stateCount
    topLayer = plan.layers.last.map { ($0.statePlace, $0.size) } ?? (0, 0)
  }

  /// Where the output of the top recurrent layer lies in a state, in floats, and its size.
  let topLayer: (place: Int, size: Int)

  /// Hands over the output of the top recurrent layer: `topLayer.size` numbers.
  func withTopOutput<Result>(
    of state: borrowing State, _ body: (UnsafePointer<Float>) -> Result
  ) -> Result {
    state.reading { body($0 + topLayer.place) }
  }

  /// The state before anything was read.
  public func makeState() -> State { State(count: stateCount) }

  /// What a network remembers of what it has read. A copy is cheap and independent.
  public struct State: Equatable, Sendable {
    /// For each layer its output, then its cell, padded.
    private var storage: Storage

    fileprivate init(count: Int) { storage = Storage(count: count) }

    /// A state of no network, to stand in for one that is elsewhere.
    public static let none = State(count: 0)

    /// Memory that a copy of it takes.
    public var byteCount: Int { storage.values.count * MemoryLayout<Float>.stride }

    /// The numbers, after a copy where others hold them too; valid as long as this value is.
    mutating func writable() -> UnsafeMutablePointer<Float> {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(copy: storage) }
      return storage.start
    }

    func reading<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
      withExtendedLifetime(storage) { body(storage.start) }
    }

    /// Memory for sums ahead, of which a copy of the state has none.
    func aheadSums(_ size: Int) -> AheadSums { storage.aheadSums(size) }

    /// Whether the last step has left sums for the next one.
    var hasAheadSums: Bool {
      get { storage.hasAheadSums }
      nonmutating set { storage.hasAheadSums = newValue }
    }

    public static func == (left: State, right: State) -> Bool {
      left.storage === right.storage || left.storage.values.elementsEqual(right.storage.values)
    }

    private final class Storage: @unchecked Sendable {
      // @unchecked: written only by the one state that refers to it.
      let values: UnsafeMutableBufferPointer<Float>
      let start: UnsafeMutablePointer<Float>
      private var ahead: UnsafeMutableRawPointer?
      var hasAheadSums = false

      func aheadSums(_ size: Int) -> AheadSums {
        let sums = ahead ?? .allocate(byteCount: max(64, size), alignment: 64)
        ahead = sums
        return AheadSums(start: sums, areThere: hasAheadSums)
      }

      init(count: Int) {
        values = .allocate(capacity: max(1, count))
        values.initialize(repeating: 0)
        // A buffer with room for at least one number has an address.
        start = values.baseAddress.unsafelyUnwrapped
      }

      init(copy other: Storage) {
        values = .allocate(capacity: other.values.count)
        _ = values.initialize(from: other.values)
        start = values.baseAddress.unsafelyUnwrapped
      }

      deinit {
        values.deallocate()
        ahead?.deallocate()
      }
    }
  }
}

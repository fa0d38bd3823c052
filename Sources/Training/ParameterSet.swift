/// All weights of a network in one row, and their gradients in another.
final class ParameterSet {
  /// One named block.
  struct Parameter {
    let name: String
    let shape: [Int]
    let offset: Int
    let kind: Kind

    var count: Int { shape.reduce(1, *) }
  }

  /// What a block is for; it decides how it is initialised and whether weight decay applies.
  enum Kind: Hashable {
    case embedding
    case inputWeights(gates: Int)
    case recurrentWeights(gates: Int)
    /// `forget` is the range of the forget gate, where there is one.
    case recurrentBias(units: Int, forget: Range<Int>?)
    case denseWeights
    case denseBias
    case scale
    case shift
  }

  private(set) var parameters: [Parameter] = []
  private(set) var count = 0
  private var storage: (values: Storage, gradients: Storage)?

  /// Adds a block; all are added before `allocate`.
  func add(_ name: String, _ shape: [Int], _ kind: Kind) -> Int {
    let parameter = Parameter(name: name, shape: shape, offset: count, kind: kind)
    parameters.append(parameter)
    // Every block starts at a multiple of 64 bytes.
    count += (parameter.count + 15) / 16 * 16
    return parameters.count - 1
  }

  func allocate() throws(TrainingError) {
    storage = (values: try Storage(count: count), gradients: try Storage(count: count))
  }

  var values: UnsafeMutablePointer<Float> {
    guard let storage else { preconditionFailure("the parameters are not allocated") }
    return storage.values.floats
  }

  var gradients: UnsafeMutablePointer<Float> {
    guard let storage else { preconditionFailure("the parameters are not allocated") }
    return storage.gradients.floats
  }

  func values(_ index: Int) -> UnsafeMutablePointer<Float> {
    values + parameters[index].offset
  }

  func gradients(_ index: Int) -> UnsafeMutablePointer<Float> {
    gradients + parameters[index].offset
  }

  /// The numbers of a block by name.
  func array(_ name: String, ofGradients: Bool = false) -> [Float]? {
    guard let parameter = parameters.first(where: { $0.name == name }) else { return nil }
    let start = (ofGradients ? gradients : values) + parameter.offset
    return Array(UnsafeBufferPointer(start: start, count: parameter.count))
  }
}

import Neural

extension ONNXGraph {
  /// The result of a node whose inputs are all known: exporters leave it to the program that runs
  /// the graph to cut weights up and put the gates in ONNX's order. nil for an operation that is not
  /// about the order or the shape of numbers.
  ///
  /// - Parameter inputs: By the node's places; nil where a place is empty.
  mutating func folded(_ node: Node, _ inputs: [Tensor?]) throws(ImportError) -> Tensor? {
    guard let first = inputs.first ?? nil, first.isReal || first.type == 7 else { return nil }
    switch node.operation {
    case "Identity", "Cast":
      var result = try whole(first)
      result.type = node.integers["to"] ?? result.type
      return result.isReal || result.type == 7 ? result : nil
    case "Squeeze", "Unsqueeze", "Reshape", "Flatten":
      guard let shape = try shape(after: node, inputs, of: first) else { return nil }
      var result = try whole(first)
      guard shape.allSatisfy({ $0 >= 0 }), Self.count(shape) == Self.count(first.shape) else {
        throw Self.impossible(node)
      }
      result.shape = shape
      return result
    case "Transpose":
      let order = node.lists["perm"] ?? Array(first.shape.indices.reversed())
      guard order.sorted() == Array(first.shape.indices) else { throw Self.impossible(node) }
      let strides = Self.strides(first.shape)
      return try pick(
        first, shape: order.map { first.shape[$0] }, strides: order.map { strides[$0] })
    case "Slice": return try sliced(node, inputs, first)
    case "Concat": return try joined(node, inputs)
    case "Gather":
      guard let places = inputs.dropFirst().first ?? nil, places.type == 7 else { return nil }
      return try gathered(node, first, places)
    default: return nil
    }
  }

  private static func impossible(_ node: Node) -> ImportError {
    .damaged(
      format: format, reason: "the sizes of \(quoted(node.operation)) do not fit in its graph")
  }

  /// The product of sizes; nil where it is absurdly large.
  private static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= ForeignTensor.mostElements else { return nil }
      count = product
    }
    return count
  }

  private static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for index in shape.indices.dropLast().reversed() {
      strides[index] = strides[index + 1] &* max(1, shape[index + 1])
    }
    return strides
  }

  /// A tensor with its numbers read.
  private mutating func whole(_ tensor: Tensor) throws(ImportError) -> Tensor {
    var result = tensor
    result.computed = try values(of: tensor)
    return result
  }

  /// The whole numbers of a tensor; numbers beyond all sizes are kept within them.
  private mutating func integers(_ tensor: Tensor?) throws(ImportError) -> [Int]? {
    guard let tensor, tensor.type == 7 else { return nil }
    return try values(of: tensor).map { Int(max(-1e15, min(1e15, $0))) }
  }

  /// Whole numbers that older graphs keep as an attribute and newer ones as an input.
  private mutating func list(
    _ node: Node, _ attribute: String, or input: Tensor?
  ) throws(ImportError) -> [Int]? {
    if let list = node.lists[attribute] { return list }
    return try integers(input)
  }

  private static func axis(_ axis: Int, of rank: Int, _ node: Node) throws(ImportError) -> Int {
    let place = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(place) else { throw impossible(node) }
    return place
  }

  private mutating func shape(
    after node: Node, _ inputs: [Tensor?], of first: Tensor
  ) throws(ImportError) -> [Int]? {
    let second = inputs.dropFirst().first ?? nil
    var shape = first.shape
    switch node.operation {
    case "Reshape":
      guard var wanted = try integers(second) else { return nil }
      for (place, size) in wanted.enumerated() where size == 0 && shape.indices.contains(place) {
        wanted[place] = shape[place]
      }
      if let open = wanted.firstIndex(of: -1) {
        wanted[open] = 1
        guard let known = Self.count(wanted), known > 0, let all = Self.count(shape) else {
          throw Self.impossible(node)
        }
        wanted[open] = all / known
      }
      return wanted
    case "Flatten":
      let cut = try Self.axis(node.integers["axis"] ?? 1, of: shape.count + 1, node)
      guard let rows = Self.count(Array(shape[..<cut])),
        let columns = Self.count(Array(shape[cut...]))
      else { throw Self.impossible(node) }
      return [rows, columns]
    case "Squeeze":
      guard let axes = try list(node, "axes", or: second) else {
        return shape.filter { $0 != 1 }
      }
      var dropped: Set<Int> = []
      for axis in axes { dropped.insert(try Self.axis(axis, of: shape.count, node)) }
      return shape.indices.filter { !dropped.contains($0) }.map { shape[$0] }
    default:
      guard let axes = try list(node, "axes", or: second), axes.count <= 8 else {
        return nil
      }
      var places: Set<Int> = []
      for axis in axes { places.insert(try Self.axis(axis, of: shape.count + axes.count, node)) }
      for place in places.sorted() { shape.insert(1, at: min(place, shape.count)) }
      return shape
    }
  }

  /// The elements of a tensor that strides lead to.
  private mutating func pick(
    _ tensor: Tensor, shape: [Int], strides: [Int], offset: Int = 0
  ) throws(ImportError) -> Tensor {
    let values = try values(of: tensor)
    guard let count = Self.count(shape) else {
      throw .tooLarge(
        what: "the tensor \(quoted(tensor.name))", bytes: .max, limit: ForeignTensor.mostElements)
    }
    try spend(count, on: tensor.name)
    var result = tensor
    result.shape = shape
    var picked: [Float] = []
    picked.reserveCapacity(count)
    forEachPlace(of: count, shape: shape, strides: strides, from: offset) {
      picked.append(values[$0])
    }
    result.computed = picked
    return result
  }

  private mutating func sliced(
    _ node: Node, _ inputs: [Tensor?], _ first: Tensor
  ) throws(ImportError) -> Tensor? {
    func input(_ place: Int) -> Tensor? { place < inputs.count ? inputs[place] : nil }
    guard let starts = try list(node, "starts", or: input(1)),
      let ends = try list(node, "ends", or: input(2))
    else { return nil }
    var axes = Array(starts.indices)
    if let given = try list(node, "axes", or: input(3)) { axes = given }
    var steps = [Int](repeating: 1, count: starts.count)
    if let given = try integers(input(4)) { steps = given }
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count,
      steps.allSatisfy({ $0 == 1 })
    else { return nil }
    var shape = first.shape
    let strides = Self.strides(first.shape)
    var offset = 0
    for (place, given) in axes.enumerated() {
      let axis = try Self.axis(given, of: shape.count, node)
      let size = first.shape[axis]
      func bound(_ number: Int) -> Int { min(max(number < 0 ? number + size : number, 0), size) }
      let start = bound(starts[place])
      shape[axis] = max(0, bound(ends[place]) - start)
      offset += start * strides[axis]
    }
    return try pick(first, shape: shape, strides: strides, offset: offset)
  }

  private mutating func joined(_ node: Node, _ inputs: [Tensor?]) throws(ImportError) -> Tensor? {
    let parts = inputs.compactMap { $0 }
    guard parts.count == inputs.count, let first = parts.first,
      let axis = node.integers["axis"], parts.allSatisfy({ $0.type == first.type })
    else { return nil }
    let place = try Self.axis(axis, of: first.shape.count, node)
    // Reading a tensor says whether its shape can be.
    var read: [[Float]] = []
    for part in parts { read.append(try values(of: part)) }
    var result = first
    result.shape[place] = 0
    for part in parts {
      var others = part.shape
      guard others.count == first.shape.count else { throw Self.impossible(node) }
      result.shape[place] += others[place]
      others[place] = first.shape[place]
      guard others == first.shape else { throw Self.impossible(node) }
    }
    guard let count = Self.count(result.shape),
      let outer = Self.count(Array(first.shape[..<place]))
    else { throw Self.impossible(node) }
    try spend(count, on: node.outputs.first ?? "")
    var numbers: [Float] = []
    numbers.reserveCapacity(count)
    for row in 0..<outer {
      for part in read {
        let run = part.count / outer
        numbers += part[row * run..<(row + 1) * run]
      }
    }
    result.computed = numbers
    return result
  }

  /// Some rows of a tensor.
  private mutating func gathered(
    _ node: Node, _ table: Tensor, _ places: Tensor
  ) throws(ImportError) -> Tensor? {
    guard node.integers["axis"] ?? 0 == 0, let rows = table.shape.first,
      let wanted = try integers(places)
    else { return nil }
    let values = try values(of: table)
    let width = rows > 0 ? values.count / rows : 0
    var result = table
    result.shape = places.shape + table.shape.dropFirst()
    var numbers: [Float] = []
    let (count, overflow) = wanted.count.multipliedReportingOverflow(by: width)
    guard !overflow else { throw Self.impossible(node) }
    try spend(count, on: table.name)
    for number in wanted {
      let row = number < 0 ? number + rows : number
      guard (0..<rows).contains(row) else { throw Self.impossible(node) }
      numbers += values[row * width..<(row + 1) * width]
    }
    result.computed = numbers
    return result
  }
}

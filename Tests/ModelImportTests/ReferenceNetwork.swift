import Glibc
import Neural

@testable import ModelImport

/// The two schemas of Lilt's checkpoints, run as plainly as possible: what every faster way to run
/// them must agree with.
struct ReferenceNetwork {
  private enum Input {
    case tokens
    case oneHot(Int)
    case scaled(Double)
    case numbers
  }

  private struct Layer {
    var kind: String
    var activation: String
    var gateActivation: String
    /// By the last part of their names.
    var tensors: [String: (shape: [Int], values: [Float])]
    var hidden: [Double] = []
    var cell: [Double] = []
  }

  private var input = Input.tokens
  private var layers: [Layer] = []
  private var heads: [(name: String, layer: Layer)] = []

  init(_ checkpoint: Checkpoint) throws {
    func tensors(_ prefix: String, _ suffix: String = "") throws
      -> [String: (shape: [Int], values: [Float])]
    {
      var found: [String: (shape: [Int], values: [Float])] = [:]
      for tensor in checkpoint.tensors
      where tensor.name.hasPrefix(prefix + ".") && tensor.name.hasSuffix(suffix) {
        let role = tensor.name.dropFirst(prefix.count + 1).dropLast(suffix.count)
        if !role.contains(".") { found[String(role)] = (tensor.shape, try tensor.floats()) }
      }
      return found
    }
    func text(_ literal: Literal, _ key: String) -> String { literal[key]?.text ?? "" }

    if checkpoint.metadata["lilt.format"] == "1" {
      if checkpoint["embedding.weight"] != nil {
        layers.append(
          Layer(
            kind: "embedding", activation: "", gateActivation: "", tensors: try tensors("embedding")
          ))
      }
      var number = 0
      while checkpoint["lstm.weight_hh_l\(number)"] != nil {
        layers.append(
          Layer(
            kind: "lstm", activation: "tanh", gateActivation: "sigmoid",
            tensors: try tensors("lstm", "_l\(number)")))
        number += 1
      }
      if checkpoint["embedding.weight"] == nil {
        input = .oneHot(checkpoint["lstm.weight_ih_l0"]?.shape[1] ?? 0)
      }
      var names = checkpoint["head.weight"] == nil ? [] : ["head"]
      while checkpoint["head.\(names.count).weight"] != nil { names.append("head.\(names.count)") }
      for (place, name) in names.enumerated() {
        layers.append(
          Layer(
            kind: "dense", activation: place < names.count - 1 ? "relu" : "linear",
            gateActivation: "", tensors: try tensors(name)))
      }
      return
    }
    let described = try Literal(
      Array((checkpoint.metadata["input"] ?? "").utf8), format: "input")
    switch text(described, "kind") {
    case "one-hot": input = .oneHot(described["count"]?.integer ?? 0)
    case "scaled-token": input = .scaled(described["scale"]?.number ?? 0)
    case "numbers": input = .numbers
    default: input = .tokens
    }
    let list = try Literal(Array((checkpoint.metadata["layers"] ?? "").utf8), format: "layers")
    for (place, entry) in (list.list ?? []).enumerated() {
      layers.append(
        Layer(
          kind: text(entry, "kind"), activation: text(entry, "activation"),
          gateActivation: text(entry, "gate_activation"), tensors: try tensors("layers.\(place)")))
    }
    guard let outputs = checkpoint.metadata["heads"] else { return }
    for (place, entry) in (try Literal(Array(outputs.utf8), format: "heads").list ?? [])
      .enumerated()
    {
      heads.append(
        (
          text(entry, "name"),
          Layer(
            kind: "dense", activation: text(entry, "activation"), gateActivation: "",
            tensors: try tensors("heads.\(place)"))
        ))
    }
  }

  /// Reads a token and gives the outputs by name: `logits`, or those of several heads.
  mutating func step(token: Int, numbers: [Float] = []) -> [String: [Double]] {
    var values: [Double] = []
    switch input {
    case .tokens: values = [Double(token)]
    case .oneHot(let count): values = (0..<count).map { $0 == token ? 1 : 0 }
    case .scaled(let scale): values = [Double(token) * scale]
    case .numbers: values = numbers.map(Double.init)
    }
    for place in layers.indices { values = Self.apply(&layers[place], values) }
    guard !heads.isEmpty else { return ["logits": values] }
    var outputs: [String: [Double]] = [:]
    for place in heads.indices {
      outputs[heads[place].name] = Self.apply(&heads[place].layer, values)
    }
    return outputs
  }

  private static func apply(_ layer: inout Layer, _ input: [Double]) -> [Double] {
    func product(_ name: String, _ vector: [Double]) -> [Double] {
      guard let weights = layer.tensors[name] else { return [] }
      let columns = weights.shape[1]
      return (0..<weights.shape[0]).map { row in
        (0..<columns).reduce(0.0) { $0 + Double(weights.values[row * columns + $1]) * vector[$1] }
      }
    }
    func bias(_ name: String, _ row: Int) -> Double {
      (layer.tensors[name]?.values[row]).map(Double.init) ?? 0
    }
    let (actName, gateName) = (layer.activation, layer.gateActivation)
    let act = { activate(actName, $0) }
    let gate = { activate(gateName, $0) }
    switch layer.kind {
    case "embedding":
      guard let table = layer.tensors["weight"] else { return [] }
      let start = Int(input[0]) * table.shape[1]
      return table.values[start..<start + table.shape[1]].map(Double.init)
    case "dense":
      let result = product("weight", input).enumerated().map { $1 + bias("bias", $0) }
      return layer.activation == "softmax" ? softmax(result) : result.map(act)
    case "activation":
      return layer.activation == "softmax" ? softmax(input) : input.map(act)
    case "scale-and-shift":
      return input.enumerated().map { place, value in
        value * Double(layer.tensors["scale"]?.values[place] ?? 0)
          + Double(layer.tensors["shift"]?.values[place] ?? 0)
      }
    default: break
    }
    let units = layer.tensors["weight_hh"]?.shape[1] ?? 0
    if layer.hidden.isEmpty {
      layer.hidden = [Double](repeating: 0, count: units)
      layer.cell = layer.hidden
    }
    let below = product("weight_ih", input).enumerated().map { $1 + bias("bias_ih", $0) }
    let own = product("weight_hh", layer.hidden).enumerated().map { $1 + bias("bias_hh", $0) }
    switch layer.kind {
    case "lstm":
      for unit in 0..<units {
        let sums = (0..<4).map { below[$0 * units + unit] + own[$0 * units + unit] }
        layer.cell[unit] = gate(sums[1]) * layer.cell[unit] + gate(sums[0]) * act(sums[2])
        layer.hidden[unit] = gate(sums[3]) * act(layer.cell[unit])
      }
    case "gru", "gru-reset-before":
      let reset = (0..<units).map { gate(below[$0] + own[$0]) }
      let update = (0..<units).map { gate(below[units + $0] + own[units + $0]) }
      var memory = (0..<units).map { reset[$0] * own[2 * units + $0] }
      if layer.kind == "gru-reset-before" {
        let gated = (0..<units).map { reset[$0] * layer.hidden[$0] }
        memory = Array(product("weight_hh", gated)[(2 * units)...])
      }
      for unit in 0..<units {
        let new = act(below[2 * units + unit] + memory[unit])
        layer.hidden[unit] = (1 - update[unit]) * new + update[unit] * layer.hidden[unit]
      }
    default:
      for unit in 0..<units { layer.hidden[unit] = act(below[unit] + own[unit]) }
    }
    return layer.hidden
  }

  private static func softmax(_ values: [Double]) -> [Double] {
    let powers = values.map { exp($0 - (values.max() ?? 0)) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  private static func activate(_ name: String, _ x: Double) -> Double {
    switch name {
    case "relu": max(0, x)
    case "tanh": tanh(x)
    case "sigmoid": 1 / (1 + exp(-x))
    case "hard-sigmoid": min(1, max(0, 0.2 * x + 0.5))
    case "hard-sigmoid-6": min(1, max(0, x / 6 + 0.5))
    case "elu": x > 0 ? x : exp(x) - 1
    case "selu": 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (exp(x) - 1))
    case "softplus": log1p(exp(x))
    case "softsign": x / (1 + abs(x))
    default: x
    }
  }
}

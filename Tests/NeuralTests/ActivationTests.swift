import Foundation
import Kernels
import Testing

@testable import Neural

@Suite struct ActivationTests {
  private static let values: [Float] =
    (-60...60).map { Float($0) * 0.31 } + [0, 1e-6, -1e-6, 88, -88, 1e9, -1e9]

  @Test(arguments: KernelSets.names, [false, true])
  func `every instruction set gives the same bits, wherever a value stands`(
    kernels: String, isTangent: Bool
  ) throws {
    let set = try KernelSets.need(kernels)
    let portable = try #require(lilt_kernels_named("portable"))
    for count in [1, 3, 4, 15, 16, 17, Self.values.count] {
      var expected = Array(Self.values.prefix(count))
      var found = expected
      portable.pointee.squash(&expected, Int32(count), isTangent)
      set.pointee.squash(&found, Int32(count), isTangent)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  @Test(arguments: Activation.names.dropLast() + ["leaky-relu=0.3", "leaky-relu=0.0"])
  func `an activation is called by the name it was read by`(name: String) throws {
    #expect(try #require(Activation(name: name)).name == name)
  }

  @Test func `a leaky ReLU without a slope has that of PyTorch, and one that is no number none`() {
    #expect(Activation(name: "leaky-relu") == .leakyReLU(slope: 0.01))
    for name in [
      "", "ReLU", "leaky", "leaky-relu=", "leaky-relu=x", "leaky-relu=inf", "leaky-relu=nan",
    ] {
      #expect(Activation(name: name) == nil)
    }
  }

  @Test(arguments: [Float(0.01), 0.3, 1, -0.5])
  func `a leaky ReLU multiplies what is below 0 by its slope`(slope: Float) {
    var row = Self.values
    Activation.leakyReLU(slope: slope).apply(&row, row.count)
    for (value, found) in zip(Self.values, row) {
      #expect(found == (value > 0 ? value : value * slope))
      #expect(found == Activation.leakyReLU(slope: slope)(value))
    }
  }

  @Test(arguments: [Activation.tanh, .sigmoid])
  func `a row of values is what each of them is`(activation: Activation) {
    var row = Self.values
    activation.apply(&row, row.count)
    for (value, found) in zip(Self.values, row) {
      let x = Double(value)
      let exact = activation == .tanh ? tanh(x) : 1 / (1 + exp(-x))
      #expect(abs(Double(found) - exact) < 3e-7)
      #expect(abs(found - activation(value)) < 3e-7)
    }
  }
}

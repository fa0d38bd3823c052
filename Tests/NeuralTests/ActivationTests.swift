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

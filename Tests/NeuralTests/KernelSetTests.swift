import Kernels
import Testing

/// One test for each set, so that a report names those that were not compared.
@Suite struct KernelSetTests {
  private static let lanes = ["avx512": 16, "avxvnni": 8, "avx2": 8, "neon": 4, "portable": 4]

  private static func check(_ name: String) throws {
    let set = try KernelSets.need(name)
    #expect(String(cString: set.pointee.name) == name)
    #expect(set.pointee.lanes == Int32(lanes[name] ?? 0))
  }

  @Test func `the portable loops are compared`() throws { try Self.check("portable") }

  #if arch(x86_64)
    @Test(.enabled(if: KernelSets.has("avx2"), "this processor cannot run them"))
    func `the kernels avx2 are compared`() throws { try Self.check("avx2") }

    @Test(.enabled(if: KernelSets.has("avxvnni"), "this processor cannot run them"))
    func `the kernels avxvnni are compared`() throws { try Self.check("avxvnni") }

    @Test(.enabled(if: KernelSets.has("avx512"), "this processor cannot run them"))
    func `the kernels avx512 are compared`() throws { try Self.check("avx512") }
  #elseif arch(arm64)
    @Test(.enabled(if: KernelSets.has("neon"), "this processor cannot run them"))
    func `the kernels neon are compared`() throws { try Self.check("neon") }
  #endif
}

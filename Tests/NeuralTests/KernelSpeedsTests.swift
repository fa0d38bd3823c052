import Glibc
import Kernels
import Testing

@testable import Neural

@Suite struct KernelSpeedsTests {
  private static func speeds(_ rows: [(String, Double, Double)]) -> KernelSpeeds {
    KernelSpeeds(
      entries: rows.map { .init(name: $0.0, int8: $0.1, float32: $0.2) }, processor: "A processor")
  }

  @Test func `the widest vectors are used unless others are clearly faster in bytes and in floats`()
  {
    #expect(Self.speeds([("avx512", 600, 150), ("avx2", 110, 80)]).best == "avx512")
    #expect(Self.speeds([("avx512", 100, 80), ("avx2", 110, 90)]).best == "avx512")
    #expect(Self.speeds([("avx512", 100, 80), ("avx2", 200, 80)]).best == "avx512")
    #expect(Self.speeds([("avx512", 60, 40), ("avx2", 110, 80)]).best == "avx2")
    #expect(Self.speeds([]).best == nil)
  }

  @Test func `every set that this processor has is measured`() {
    let measured = KernelSpeeds.measured()
    #expect(!measured.entries.isEmpty)
    #expect(measured.entries.allSatisfy { $0.int8 > 1e6 && $0.float32 > 1e6 })
    #expect(measured.entries.allSatisfy { lilt_kernels_named($0.name) != nil })
  }

  @Test func `what was measured is read back, and nothing else is taken for it`() throws {
    let measured = Self.speeds([("avx512", 6e11, 1.5e11), ("avx2", 1.1e11, 8e10)])
    let text = measured.text
    #expect(KernelSpeeds(text: text) == measured)
    for count in 0..<text.utf8.count {
      let cut = String(decoding: Array(text.utf8).prefix(count), as: UTF8.self)
      if let found = KernelSpeeds(text: cut) {
        // Whole lines are missing.
        #expect(measured.entries.starts(with: found.entries))
      }
    }
    #expect(KernelSpeeds(text: text.replacing("6", with: "x")) == nil)
    #expect(KernelSpeeds(text: text.replacing("speeds 1", with: "speeds 2")) == nil)
  }

  @Test func `it is measured once for a processor`() throws {
    var template = Array("/tmp/lilt-speeds-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let path = folder + "/kernel-speeds"
    defer {
      unlink(path)
      rmdir(folder)
    }
    #expect(KernelSpeeds(file: path) == nil)
    let first = KernelSpeeds.known(in: path)
    let second = KernelSpeeds.known(in: path)
    #expect(first.text == second.text)
    Self.speeds([("avx2", 1, 1)]).keep(in: path)
    #expect(KernelSpeeds(file: path) == nil, "another processor was measured")
  }
}

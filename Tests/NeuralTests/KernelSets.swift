import Kernels
import Testing

/// The sets of inner loops, by name.
enum KernelSets {
  /// All that were written for processors of this kind, whether this one has them or not.
  static let names: [String] = {
    #if arch(x86_64)
      ["avx512", "avxvnni", "avx2", "portable"]
    #elseif arch(arm64)
      ["neon", "portable"]
    #else
      ["portable"]
    #endif
  }()

  static func has(_ name: String) -> Bool { lilt_kernels_named(name) != nil }

  /// Ends this case of a test with a word where the processor lacks the set.
  @discardableResult
  static func need(_ name: String) throws -> UnsafePointer<LiltKernels> {
    guard let set = lilt_kernels_named(name) else {
      try Test.cancel("this processor cannot run the kernels \(name)")
    }
    return set
  }
}

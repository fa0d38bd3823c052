import Kernels

/// How the weights of a network are kept while it runs.
public enum Precision: String, CaseIterable, Sendable {
  /// `int8` where the processor multiplies bytes quickly, `float32` elsewhere.
  case auto
  /// 32-bit floats: the same text on every machine.
  case float32 = "fp32"
  /// 16-bit weights, 32-bit sums: half the memory.
  case bfloat16 = "bf16"
  /// 8-bit weights with one scale for each row, exact sums: a quarter of the memory.
  case int8

  /// What `auto` stands for on this machine.
  public var resolved: Precision {
    guard self == .auto else { return self }
    return lilt_kernels().pointee.prefers_int8 ? .int8 : .float32
  }

  var format: LiltFormat {
    switch resolved {
    case .bfloat16: LILT_BFLOAT16
    case .int8: LILT_INT8
    case .auto, .float32: LILT_FLOAT32
    }
  }
}

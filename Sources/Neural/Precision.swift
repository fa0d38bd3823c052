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
  /// 4-bit weights of the recurrent layers, with one scale for each 64 of a row; dense layers as in
  /// `int8`. Half the memory of `int8`, for large networks.
  case int4

  /// What `auto` stands for on this machine.
  public var resolved: Precision {
    guard self == .auto else { return self }
    return lilt_kernels().pointee.prefers_int8 ? .int8 : .float32
  }

  /// Of the weights of recurrent layers.
  var format: LiltFormat {
    switch resolved {
    case .bfloat16: LILT_BFLOAT16
    case .int8: LILT_INT8
    case .int4: LILT_INT4
    case .auto, .float32: LILT_FLOAT32
    }
  }

  /// Of the weights of dense layers.
  var denseFormat: LiltFormat { resolved == .int4 ? LILT_INT8 : format }

  /// Whether layers read bytes.
  var readsBytes: Bool { denseFormat == LILT_INT8 }
}

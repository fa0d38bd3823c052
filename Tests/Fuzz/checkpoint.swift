@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let checkpoint = try? Checkpoint(bytes: input) else { return 0 }
  for tensor in checkpoint.tensors { _ = try? tensor.floats() }
  return 0
}

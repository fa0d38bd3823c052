/// The bytes of an ONNX file, to a graph and a network.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let graph = try? ONNXGraph(input) else { return 0 }
  _ = try? ONNXNetwork.network(graph)
  return 0
}

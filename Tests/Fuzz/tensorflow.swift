/// The index of a TensorFlow checkpoint, and behind its checksums the messages in it. The numbers are
/// as many zeros as are asked for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  let importer = ModelImporter(companion: { _ in [UInt8](repeating: 0, count: 1 << 16) })
  _ = try? importer.network(input, name: "fuzz.index")
  _ = try? ObjectGraph(input).layers
  return 0
}

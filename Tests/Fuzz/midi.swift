@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let file = try? MIDIFile(bytes: input) else { return 0 }
  _ = MIDIFile(performance: file.performance).bytes
  return 0
}

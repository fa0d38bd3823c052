@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let file = try? MIDIFile(bytes: input) else { return 0 }
  let performance = file.performance
  _ = MIDIFile(performance: performance).bytes
  _ = abcTranscription(of: performance).text
  return 0
}

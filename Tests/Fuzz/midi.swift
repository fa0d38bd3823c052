@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let file = try? MIDIFile(bytes: input) else { return 0 }
  let performance = file.performance
  let written = MIDIFile(performance: performance).bytes
  precondition(MIDIFile.bytes(of: performance) == written)
  _ = abcTranscription(of: performance).text
  // Whatever is written down is taken for right, so that chord symbols are written too.
  _ = abcTranscription(of: performance) { _ in performance }.text
  return 0
}

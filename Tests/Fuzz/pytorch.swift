@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  // Behind the checksums of a zip archive mutations would never reach the pickle: give it bare, too.
  _ = try? PickleReader.pickle(in: input)
  _ = try? Literal(input, format: "literal")
  guard !HDF5File.isHDF5(input) else { return 0 }
  _ = try? ModelImporter().network(input)
  return 0
}

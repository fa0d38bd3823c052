@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  // Each input costs a process; bytes that are no HDF5 file would waste it.
  guard HDF5File.isHDF5(input) else { return -1 }
  _ = try? ModelImporter().network(input)
  return 0
}

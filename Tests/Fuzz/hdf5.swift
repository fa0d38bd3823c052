/// Whole HDF5 files. libhdf5 reads each in a process of its own, which is slow and whose crashes are no
/// crash of ours.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard HDF5File.isHDF5(input) else { return -1 }
  _ = try? ModelImporter().network(input)
  return 0
}

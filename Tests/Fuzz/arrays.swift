/// Matrices of MATLAB and NumPy. An array is given bare, too: the checksums of an archive would hide it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard !HDF5File.isHDF5(input) else { return 0 }
  _ = try? NumPyArchive.tensor(input, name: "fuzz")
  _ = try? ModelImporter().network(input)
  return 0
}

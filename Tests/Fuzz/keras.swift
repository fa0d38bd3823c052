import Glibc

/// What the process that reads HDF5 files says, in any disorder: to groups, weights and a network.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let file = try? HDF5File(records: input) else { return 0 }
  _ = try? ModelImporter().keras(file, configuration: nil)
  return 0
}

/// Makes seeds of the HDF5 files in the corpus, whose folder is the last argument.
@_cdecl("LLVMFuzzerInitialize")
public func prepare(
  _ count: UnsafePointer<CInt>,
  _ arguments: UnsafePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> CInt {
  let folder = String(cString: arguments.pointee[Int(count.pointee) - 1])
  guard let directory = opendir(folder) else { return 0 }
  defer { closedir(directory) }
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name.hasSuffix(".h5"), let file = fopen(folder + "/" + name, "rb") else { continue }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    fclose(file)
    guard let records = try? HDF5File.records(bytes), let seed = fopen(folder + "/" + name, "wb")
    else { continue }
    fwrite(records, 1, records.count, seed)
    fclose(seed)
  }
  return 0
}

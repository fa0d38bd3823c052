/// Whole tunebooks: any bytes in any encoding, the tunes in them, and the lines that training reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let book = Tunebook(bytes: Array(UnsafeBufferPointer(start: bytes, count: count)))
  let size = book.text.utf8.count
  for index in book.tunes.indices {
    precondition(book.tunes[index].range.upperBound <= size)
    _ = book.lines(of: index)
    for diagnostic in book.parsedTune(index).diagnostics {
      precondition(diagnostic.range.upperBound <= book.tunes[index].range.count)
    }
  }
  return 0
}

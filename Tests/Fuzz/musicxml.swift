@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard let read = try? ScoreFile.abc(input) else { return 0 }
  let tune = ParsedTune(text: read.text)
  // What has been read can be written, and is read again.
  let document = ScoreFile.document(of: tune, text: Array(read.text.utf8)).text
  do {
    _ = try ScoreFile.abc(Array(document.utf8))
  } catch MusicXMLError.noParts {
  } catch {
    preconditionFailure("\(error)")
  }
  return 0
}

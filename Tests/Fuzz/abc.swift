@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  let tune = ParsedTune(text: text)
  _ = tune.performance(PlaybackOptions())
  if count < 1000 {
    _ = TuneTransform.fold(text)
    _ = TuneTransform.retrograde(text)
    _ = TuneTransform.transpose(text, semitones: 3)
  }
  return 0
}

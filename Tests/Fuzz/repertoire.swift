/// The file's mark, version and checksum are always right, so that what lies behind them is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard input.count > 36 else { return 0 }
  input.replaceSubrange(0..<12, with: Array("lilt.rep".utf8) + [1, 0, 0, 0])
  let sum = Repertoire.checksum(input[16...])
  for index in 0..<4 { input[12 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
  guard let repertoire = try? Repertoire(bytes: input) else { return 0 }
  let text = "R:reel\nM:4/4\nL:1/8\nK:G\n|:G2BG d2BG|A2cA e2cA|G2BG d2BG|A2FA G4:|\n"
  let judgement = Judgement(text: "X:1\n" + text, repertoire: repertoire)
  _ = judgement.score
  for gate in Gate.allCases { _ = judgement.sentence(for: gate) }
  _ = judgement.sharedRun.map { repertoire.title(of: $0.melody) }
  var copies = CopyGuard([repertoire, repertoire], rule: .forbid(10))
  for character in text.unicodeScalars {
    copies.read(character)
    if copies.mayForbid() { _ = copies.forbids("c") }
  }
  _ = judgement.measures.melody.sharedPassages(with: [repertoire])
  _ = repertoire.melodies.melodiesSharingMost(judgement.measures.intervals, limit: 3)
  return 0
}

import Testing

@testable import TUI

@Suite struct PictureTests {
  @Test func `sixels are rows of six, run by run, in the colours there are`() {
    var pixels = Array(repeating: UInt32(0xFFFFFF), count: 8 * 7)
    for column in 0..<8 { pixels[2 * 8 + column] = 0 }
    let text = Sixels.text(PixelPicture(width: 8, height: 7, pixels: pixels))
    // White in rows 1, 2, 4, 5 and 6 of the first band, black in its third; one white row below.
    #expect(
      text == "\u{1b}P0;1q\"1;1;8;7#0;2;100;100;100#1;2;0;0;0#0!8z$#1!8C-#0!8@-\u{1b}\\")
  }

  @Test func `a picture goes to kitty in pieces and is removed by its number`() {
    let png = [UInt8](repeating: 7, count: 6000)
    let picture = TerminalPicture(png: png, by: .kitty, row: 2, column: 0, height: 10)
    let pieces = picture.show.components(of: "\u{1b}\\")
    #expect(pieces.count == 2)
    #expect(pieces[0].hasPrefix("\u{1b}_Ga=T,f=100,t=d,i=1147,p=1,C=1,q=2,m=1;"))
    #expect(pieces[1].hasPrefix("\u{1b}_Gm=0,q=2;"))
    #expect(pieces.allSatisfy { $0.utf8.count <= 4096 + 50 })
    #expect(picture.remove == "\u{1b}_Ga=d,d=I,i=1147,q=2\u{1b}\\")
    let inline = TerminalPicture(png: [1, 2, 3], by: .iTerm, row: 0, column: 0, height: 1)
    #expect(inline.show.hasPrefix("\u{1b}]1337;File=inline=1;size=3;"))
    #expect(inline.show.hasSuffix(":AQID\u{07}"))
  }

  @Test(arguments: [
    ("\u{1b}_Gi=31;OK\u{1b}\\", TerminalAnswer.kittyGraphics(isKnown: true)),
    ("\u{1b}_Gi=31;ENODATA:no\u{1b}\\", .kittyGraphics(isKnown: false)),
    ("\u{1b}[?62;4;22c", .deviceAttributes(hasSixels: true)),
    ("\u{1b}[?62;22c", .deviceAttributes(hasSixels: false)),
    ("\u{1b}[6;20;10t", .cellSize(width: 10, height: 20)),
    ("\u{1b}[4;480;800t", .windowSize(width: 800, height: 480)),
    ("\u{1b}[?2;0;1000;600S", .pictureLimit(width: 1000, height: 600)),
  ])
  func `a terminal says whether it shows pictures and how large a cell is`(
    bytes: String, answer: TerminalAnswer
  ) {
    var decoder = InputDecoder()
    #expect(decoder.read(Array(bytes.utf8), at: 0) == [.answer(answer)])
    // Never a key, wherever it is cut.
    for cut in 1..<bytes.utf8.count {
      var slow = InputDecoder()
      slow.answersExpectedUntil = 1000
      let all =
        slow.read(Array(bytes.utf8.prefix(cut)), at: 0)
        + slow.read(Array(bytes.utf8.dropFirst(cut)), at: 100)
      #expect(all == [.answer(answer)])
    }
  }

  @Test func `the best way to show pictures is chosen`() {
    var traits = TerminalTraits()
    #expect(traits.pictures == nil)
    traits.take(.deviceAttributes(hasSixels: true))
    #expect(traits.pictures == .sixel)
    traits.showsInlineImages = true
    #expect(traits.pictures == .iTerm)
    traits.take(.kittyGraphics(isKnown: true))
    #expect(traits.pictures == .kitty)
  }
}

extension String {
  /// What stands between separators, the last, empty one left out.
  fileprivate func components(of separator: String) -> [String] {
    var rest = Substring(self)
    var found: [String] = []
    while let range = rest.firstRange(of: separator) {
      found.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return found
  }
}

import TerminalHarness
import Testing

@testable import lilt

/// Engraved notation in the place of the roll, on terminals that show pictures and on others.
@Suite(.serialized) struct EngravedScenarioTests {
  private static let canDraw =
    ExternalProgram.engraver.isInstalled && ExternalProgram.rasterizer.isInstalled

  /// A composer with a tune, in a terminal that answers what it is told to.
  private func composer(extra: [String: String] = [:]) throws -> RunningComposer {
    let place = try Workplace()
    try place.write(
      "X:1\nT:Lane\nM:4/4\nL:1/8\nK:D\n|:DEFG ABcd|e4 d4:|\n", to: "lane.abc")
    let composer = try RunningComposer(["lane.abc"], in: place, extra: extra, answers: false)
    composer.type("\u{1b}[?62;22c")
    #expect(composer.wait("Lane"))
    return composer
  }

  private func written(_ composer: RunningComposer, _ text: String) -> Bool {
    composer.program.waitUntil(seconds: 20) {
      String(decoding: composer.program.output, as: UTF8.self).contains(text)
    }
  }

  /// To the staff, and on to engraved notation; then the terminal says what it can.
  private func ask(_ composer: RunningComposer, answer: String) {
    composer.keys("P", "s")
    #expect(composer.wait("●"))
    composer.keys("P", "s")
    #expect(written(composer, "\u{1b}_Gi=31,s=1,v=1,a=q"))
    composer.type(answer)
  }

  @Test(.enabled(if: canDraw, "needs abcm2ps and rsvg-convert"))
  func `notation is drawn for a terminal with kitty's protocol, anew after an edit, and removed`()
    throws
  {
    let composer = try composer()
    ask(composer, answer: "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[6;20;10t\u{1b}[4;480;800t\u{1b}[?62;22c")
    #expect(written(composer, "\u{1b}_Ga=T,f=100"))
    let before = composer.program.output.count
    composer.keys("x")
    #expect(
      composer.program.waitUntil(seconds: 20) {
        String(decoding: composer.program.output.dropFirst(before), as: UTF8.self)
          .contains("\u{1b}_Ga=T,f=100")
      })
    composer.keys("P", "s")
    #expect(written(composer, "\u{1b}_Ga=d,d=I"))
  }

  @Test(.enabled(if: canDraw, "needs abcm2ps and rsvg-convert"))
  func `notation is drawn in sixels where the terminal has them`() throws {
    let composer = try composer()
    ask(composer, answer: "\u{1b}[6;20;10t\u{1b}[?62;4;22c")
    #expect(written(composer, "\u{1b}P0;1q\"1;1;"))
  }

  @Test(.enabled(if: canDraw, "needs abcm2ps and rsvg-convert"))
  func `a picture in sixels is no larger than the terminal takes`() throws {
    let composer = try composer()
    // The pane is 800 pixels wide, which this terminal would leave out whole.
    ask(composer, answer: "\u{1b}[6;20;10t\u{1b}[?2;0;500;300S\u{1b}[?62;4;22c")
    #expect(written(composer, "\u{1b}P0;1q\"1;1;"))
    let output = String(decoding: composer.program.output, as: UTF8.self)
    let size = output.firstRange(of: "\u{1b}P0;1q\"1;1;").map {
      output[$0.upperBound...].prefix { $0.isNumber || $0 == ";" }.split(separator: ";")
        .compactMap { Int($0) }
    }
    #expect(size?.count == 2 && size?[0] ?? 0 <= 500 && size?[1] ?? 0 <= 300, "\(size ?? [])")
  }

  @Test func `a terminal without pictures is told in a sentence, and the roll comes back`() throws {
    let composer = try composer()
    ask(composer, answer: "\u{1b}[?62;22c")
    #expect(composer.wait("shows no pictures"))
    #expect(!String(decoding: composer.program.output, as: UTF8.self).contains("\u{1b}_Ga=T"))
  }

  @Test func `a missing engraver is named with its package`() throws {
    let composer = try composer(extra: ["PATH": "/nowhere"])
    ask(composer, answer: "\u{1b}[?62;4c")
    #expect(composer.wait("in the package abcm2ps"))
  }
}

import Compose
import Testing

@testable import TUI

/// The tutorial's strip.
@Suite struct TutorViewTests {
  private func screen(_ session: Session, width: Int, height: Int) -> [String] {
    var surface = Surface(width: width, height: height)
    draw(session, Scene.context, on: &surface)
    return (0..<height).map { row in
      String(
        String.UnicodeScalarView(
          (0..<width).compactMap { Unicode.Scalar(surface[row, $0].scalar) }.filter { $0 != "\0" }))
    }
  }

  @Test(arguments: [(80, 24), (62, 20), (200, 60), (40, 14), (24, 12)])
  func `it stands below the whole composer, in the keys of the musician`(size: (Int, Int)) throws {
    let session = Scene.session(Scene.reel, [Scene.command("tutor")])
    let lines = screen(session, width: size.0, height: size.1)
    let start = try #require(
      lines.firstIndex { $0.contains(" tutor  1 of ") }, "\(lines.joined(separator: "\n"))")
    #expect(lines[start + 1].hasPrefix(" Enter lets the model"))
    // Above it all is as on a screen with so many rows.
    let without = screen(
      Scene.session(
        Scene.reel,
        [Scene.command("tutor"), Scene.command("tutor off"), .clockTicked(milliseconds: 9000)]),
      width: size.0, height: start)
    let above = screen(
      Scene.session(Scene.reel, [Scene.command("tutor"), .clockTicked(milliseconds: 9000)]),
      width: size.0, height: size.1)
    #expect(Array(above[..<start]) == without)
  }

  @Test func `a click on the strip does nothing, one above it what it always does`() {
    let session = Scene.session(Scene.reel, [Scene.command("tutor")])
    func clicked(_ row: Int) -> [Event] {
      events(
        for: KeyPress.Mouse(.press, row: row, column: 5), in: session, Scene.context,
        width: 80, height: 24)
    }
    #expect(clicked(23).isEmpty)
    #expect(!clicked(20).isEmpty || !clicked(21).isEmpty)
  }

  @Test func `a screen without room has no strip`() {
    let session = Scene.session(Scene.reel, [Scene.command("tutor")])
    #expect(!screen(session, width: 80, height: 10).contains { $0.contains("tutor  1") })
  }
}

import Compose
import Music
import Testing

@testable import TUI

/// Sessions as a musician would have them, for drawings.
enum Scene {
  static let context = DrawContext(
    palette: ThemeLibrary(folders: []).theme(named: "").theme.palette(at: .colors256))

  static let reel = """
    X:3
    T:untitled-3
    M:4/4
    L:1/8
    Q:1/4=112
    K:D
    |:D2FA dAFA|B2AF E2FG|A2dc BAFA|GFED E4|
    D2FA dAFA|BABc d2ef|gfed c
    """

  /// A session with a text that stands in a file.
  static func session(_ text: String, _ events: [Event] = []) -> Session {
    var session = Session(title: "untitled-3", rng: 7)
    if !text.isEmpty { _ = session.handle(.fileRead(path: "seed.abc", text: text)) }
    for event in events { _ = session.handle(event) }
    return session
  }

  static func drawn(
    _ session: Session, _ width: Int, _ height: Int, _ context: DrawContext = Scene.context
  ) -> Surface {
    var surface = Surface(width: width, height: height)
    draw(session, context, on: &surface)
    return surface
  }
}

@Suite struct ProbeTests {
  @Test func `look`() {
    print(Scene.drawn(Scene.session(Scene.reel), 80, 24).text)
    var ascii = Scene.context
    ascii.symbols = .ascii
    print(Scene.drawn(Scene.session(Scene.reel), 80, 24, ascii).text)
    print(Scene.drawn(Scene.session(Scene.reel), 40, 12).text)
    print(Scene.drawn(Scene.session(Scene.reel), 120, 40).text)
    print(Scene.drawn(Scene.session(Scene.reel), 200, 60).text)
  }
}

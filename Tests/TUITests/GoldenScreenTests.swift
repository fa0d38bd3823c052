import Compose
import Foundation
import Music
import Testing

@testable import TUI

/// Whole screens as they were looked at: characters, and below them the attributes of each cell.
/// `UPDATE_GOLDEN=1 swift test --filter GoldenScreenTests` writes them anew; look at what changed.
@Suite struct GoldenScreenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Screens")
  private static let sizes = [(80, 24), (120, 40), (160, 45), (200, 60)]

  /// A tune longer than any line of the roll.
  private static let long = """
    X:4
    T:Sixteen
    R:jig
    M:6/8
    L:1/8
    Q:3/8=120
    K:D
    A|:dAF DFA|ded cBA|dcd efg|fdf ece|dAF DFA|ded cBA|gfe dcB|AFE D2A:|
    |:fef dfa|gfg ecA|fef dfa|gec d2A|fef dfa|gfg ecA|Bcd efg|fec d2A:|
    """

  private static func compose() -> (Session, Tick) {
    var session = Scene.writing()
    _ = session.handle(Scene.command("play.toggle"))
    let playhead = Tick(Tick.perQuarter * 6)
    _ = session.handle(
      .playerChanged(
        PlayerReport(state: .playing, playhead: playhead, output: "silent", silence: "")))
    return (session, playhead)
  }

  private static func practise() -> (Session, Tick) {
    var session = Scene.session(
      long, [Scene.command("loop 3-4"), Scene.command("practise 60 100 5 2")])
    let playhead = Tick(Tick.perQuarter * 8)
    _ = session.handle(
      .playerChanged(
        PlayerReport(state: .playing, playhead: playhead, output: "silent", silence: "")))
    return (session, playhead)
  }

  private static let scenes: [(name: String, make: @Sendable () -> (Session, Tick))] = [
    ("compose", compose), ("audition", { (Scene.audition(), .zero) }), ("practise", practise),
  ]

  /// The rows of a screen, and of each row that has any the attributes: B bold, D dim, I italic,
  /// U underlined, R reversed, several as small letters from a.
  private static func text(of surface: Surface) -> String {
    var attributes: [String] = []
    for row in 0..<surface.height {
      let signs = (0..<surface.width).map { column -> Character in
        let set = surface[row, column].style.attributes
        switch set {
        case []: return "."
        case .bold: return "B"
        case .dim: return "D"
        case .italic: return "I"
        case .underline: return "U"
        case .reverse: return "R"
        default: return Character(Unicode.Scalar(97 + set.rawValue % 26))
        }
      }
      guard signs.contains(where: { $0 != "." }) else { continue }
      attributes.append("\(row): " + trimmed(String(signs), "."))
    }
    let rows = surface.lines.map { trimmed($0, " ") }
    return (rows + ["---- attributes"] + attributes).joined(separator: "\n") + "\n"
  }

  private static func trimmed(_ line: String, _ sign: Character) -> String {
    var line = line[...]
    while line.last == sign { line.removeLast() }
    return String(line)
  }

  @Test(arguments: scenes.map(\.name), sizes.map { "\($0.0)x\($0.1)" })
  func `a screen is the one that was looked at`(name: String, size: String) throws {
    let parts = size.split(separator: "x").compactMap { Int($0) }
    let (session, playhead) = try #require(Self.scenes.first { $0.name == name }).make()
    var context = DrawContext(palette: Scene.palette(.mono))
    context.playhead = playhead
    let drawn = Self.text(of: Scene.drawn(session, parts[0], parts[1], context))
    let file = Self.folder.appendingPathComponent("\(name)-\(size).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: Self.folder, withIntermediateDirectories: true)
      try Data(drawn.utf8).write(to: file)
    }
    let kept = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let lines = zip(
      kept.split(separator: "\n", omittingEmptySubsequences: false),
      drawn.split(separator: "\n", omittingEmptySubsequences: false))
    let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
    #expect(
      kept == drawn,
      "\(file.lastPathComponent) line \((first?.offset ?? 0) + 1): \(first.map { "'\($0.element.0)' is now '\($0.element.1)'" } ?? "longer or shorter") (UPDATE_GOLDEN=1 writes it anew)"
    )
  }

  @Test func `a long tune stands on several lines where there is room, all of it when zoomed`()
    throws
  {
    let session = Scene.session(Self.long)
    func numbers(_ surface: Surface) -> Set<Int> {
      Set(
        surface.lines.flatMap { line in
          line.split { !$0.isNumber }.compactMap { Int($0) }
        })
    }
    let small = Scene.drawn(session, 120, 40)
    #expect(!small.lines[1].contains("16"))
    var zoomed = session
    _ = zoomed.handle(Scene.command("pane full"))
    let large = Scene.drawn(zoomed, 200, 60)
    #expect(numbers(large).isSuperset(of: 1...16))
    let layout = Layout(width: 200, height: 60, session: session, symbols: .unicode)
    #expect(layout.rollLines == 2)
    // A click on the second line is a place in it.
    let drawing = Drawing(session, Scene.context, Surface(width: 200, height: 60))
    let lines = layout.roll.map(drawing.rollLines) ?? []
    #expect(lines.count == 2)
    let second = try #require(lines.last)
    let bar = try #require(second.bars.first)
    #expect(lines[0].bars.last.map { $0.index + 1 } == bar.index)
    let place = drawing.rollPlace(atRow: second.area.row + 1, column: bar.column + 1)
    #expect(place?.time == bar.start)
  }
}

import ABC
import Compose
import Music
import TUI

/// Engraved notation in the place of the roll: which picture is shown, and which is being drawn.
struct EngravedPane {
  /// Everything that the picture depends on.
  struct Request: Hashable, Sendable {
    var text: String
    /// In pixels.
    var width: Int
    var height: Int
    var ink: String
    var paper: String
    var way: PictureProtocol
    /// In cells.
    var row: Int
    var column: Int
    var rows: Int
  }

  /// A drawn picture, or why there is none.
  struct Answer: Sendable {
    var request: Request
    var picture: Result<TerminalPicture, CommandFailure>
  }

  var drawn: Request?
  var picture: TerminalPicture?
  var beingDrawn: Request?
  /// What could not be drawn, so that it is not tried again before it changes.
  var refused: Request?

  /// Draws what is asked for. Runs in the files' queue.
  static func draw(_ request: Request) -> Answer {
    do throws(CommandFailure) {
      // Staves are drawn this much larger than abcm2ps has them for paper.
      let zoom = 1.5
      let width = Int(Double(request.width) / zoom)
      let head = """
        %%pagewidth \(width)pt
        %%leftmargin 6pt
        %%rightmargin 6pt
        %%topspace 0
        %%musicspace 0
        %%staffsep 40
        %%printtempo 0

        """
      var svg = try Engraving.svg(of: head + request.text)
      if let found = svg.firstRange(of: "color=\"black\"") {
        svg.replaceSubrange(found, with: "color=\"\(request.ink)\"")
      }
      let png = try Rasterizing.bytes(
        [svg], as: "png", background: request.paper,
        options: [
          "--width=\(request.width)", "--height=\(request.height)", "--keep-aspect-ratio",
        ])
      let picture: TerminalPicture
      if request.way == .sixel {
        guard let pixels = PNGPixels.read(png) else {
          throw CommandFailure(.unwritableOutput, "rsvg-convert drew a picture of an unknown kind")
        }
        picture = TerminalPicture(
          pixels, row: request.row, column: request.column, height: request.rows)
      } else {
        picture = TerminalPicture(
          png: png, by: request.way, row: request.row, column: request.column,
          height: request.rows)
      }
      return Answer(request: request, picture: .success(picture))
    } catch {
      return Answer(request: request, picture: .failure(error))
    }
  }
}

extension Composer {
  /// Brings the engraved notation up to date: a new picture is drawn when the text, the page or the
  /// pane has changed, and not while the model writes within a phrase.
  func updatePicture(_ context: DrawContext) {
    guard session.view.showsEngraved else {
      terminal.showPicture(nil)
      return
    }
    terminal.askForPictures()
    terminal.waitForAnswers(atMost: 400)
    guard let way = terminal.traits.pictures else {
      refuseEngraving(
        "this terminal shows no pictures (kitty, sixel or iTerm2 protocol): P s shows roll and staff"
      )
      return
    }
    for program in [ExternalProgram.engraver, .rasterizer] where !program.isInstalled {
      refuseEngraving(
        "engraved notation needs \(program.name), on Debian in the package \(program.package)")
      return
    }
    let request = request(by: way, context)
    if let request, request != engraved.drawn, request != engraved.refused,
      engraved.beingDrawn == nil, session.generator != .running
    {
      engraved.beingDrawn = request
      let mailbox = mailbox
      workshop.run { mailbox.post(.picture(EngravedPane.draw(request))) }
    }
    // What lies over the pane would be covered.
    let isFree = session.mode == .normal || session.mode == .insert
    let isInPlace = request.map { engraved.drawn?.isSamePlace(as: $0) ?? false } ?? false
    terminal.showPicture(
      isFree && isInPlace && session.pendingPrefix == nil ? engraved.picture : nil)
  }

  func take(_ answer: EngravedPane.Answer) {
    if engraved.beingDrawn == answer.request { engraved.beingDrawn = nil }
    switch answer.picture {
    case .success(let picture):
      (engraved.drawn, engraved.picture, engraved.refused) = (answer.request, picture, nil)
    case .failure(let failure):
      engraved.refused = answer.request
      if let sentence = failure.sentence { perform(session.handle(.warned(sentence))) }
    }
  }

  private func refuseEngraving(_ sentence: String) {
    terminal.showPicture(nil)
    perform(session.handle(.engravingRefused(sentence)))
    redrawAll()
  }

  /// The eight bars in which the cursor is, or what sounds.
  private func request(
    by way: PictureProtocol, _ context: DrawContext
  ) -> EngravedPane.Request? {
    guard
      let place = TUI.engravedPlace(
        of: session, context, width: terminal.width, height: terminal.height)
    else { return nil }
    let tune = session.parsed
    let isPlaying = session.player.state != .stopped
    let bar: Int? =
      isPlaying
      ? session.score.playedBar(at: session.player.playhead)?.written
      : session.score.bar(atByte: session.cursor)
    var number = 1
    if let bar, tune.bars.indices.contains(bar) { number = tune.bars[bar].number }
    let first = max(number - 1, 0) / 8 * 8 + 1
    let last = tune.bars.map(\.number).max() ?? 0
    guard last > 0, first <= last else { return nil }
    // A pickup stands before the first bar.
    let start = first == 1 ? tune.bars.map(\.number).min() ?? 1 : first
    let bars: ClosedRange<Int> = start...min(first + 7, last)
    guard let excerpt = TuneTransform.excerpt(session.text, bars: bars) else { return nil }
    let unwanted: Set<String> = ["T:", "C:", "R:", "Z:", "N:", "S:", "O:", "H:", "Q:"]
    let lines: [Substring] = excerpt.split(separator: "\n", omittingEmptySubsequences: false)
    let text: String = lines.filter { !unwanted.contains(String($0.prefix(2))) }
      .joined(separator: "\n")
    let cell = terminal.cellPixels
    let colors = context.palette.inkAndPaper
    return EngravedPane.Request(
      text: text, width: place.width * cell.width, height: place.height * cell.height,
      ink: colors.ink, paper: colors.paper, way: way, row: place.row, column: place.column,
      rows: place.height)
  }
}

extension EngravedPane.Request {
  /// Whether a picture of this stands where another would.
  fileprivate func isSamePlace(as other: Self) -> Bool {
    row == other.row && column == other.column && rows == other.rows && width == other.width
      && height == other.height && way == other.way
  }
}

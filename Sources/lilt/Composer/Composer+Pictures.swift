import ABC
import Compose
import Music
import TUI

/// Engraved notation in the place of the roll: which picture is shown, and which is being drawn.
struct EngravedPane {
  /// Everything that the picture depends on.
  struct Request: Hashable, Sendable {
    var page: EngravedPage
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

    /// Whether another asks for the same but for the place that is to be seen.
    func isAlike(_ other: Self) -> Bool {
      var here = self
      here.page.focus = other.page.focus
      return here == other
    }
  }

  /// A drawn picture, or why there is none.
  struct Answer: Sendable {
    var request: Request
    var picture: Result<Drawn, CommandFailure>
  }

  struct Drawn: Sendable {
    var picture: TerminalPicture
    /// By their numbers.
    var bars: ClosedRange<Int>
  }

  var drawn: Request?
  /// The bars that the picture shows.
  var bars: ClosedRange<Int>?
  var picture: TerminalPicture?
  var beingDrawn: Request?
  /// What could not be drawn, so that it is not tried again before it changes.
  var refused: Request?

  /// Whether the picture is the one that is asked for, or there can be none: the place looked at may
  /// move on as long as it is seen.
  func shows(_ request: Request) -> Bool {
    if let refused, request.isAlike(refused) { return true }
    guard let drawn, let bars else { return false }
    return request.isAlike(drawn) && bars.contains(request.page.focus)
  }

  /// Draws what is asked for. Runs in the files' queue.
  static func draw(_ request: Request) -> Answer {
    do throws(CommandFailure) {
      let (drawing, bars) = try request.page.drawn(
        inPixels: (request.width, request.height))
      var svg = drawing
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
      return Answer(request: request, picture: .success(Drawn(picture: picture, bars: bars)))
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
    if let request, !engraved.shows(request), engraved.beingDrawn == nil,
      session.generator != .running
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
    case .success(let drawn):
      (engraved.drawn, engraved.bars) = (answer.request, drawn.bars)
      (engraved.picture, engraved.refused) = (drawn.picture, nil)
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

  /// The tune, and the bar in which the cursor is, or what sounds.
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
    guard let last = tune.bars.map(\.number).max() else { return nil }
    let number = bar.flatMap { tune.bars.indices.contains($0) ? tune.bars[$0].number : nil } ?? last
    let cell = terminal.cellPixels
    let colors = context.palette.inkAndPaper
    var size = (width: place.width * cell.width, height: place.height * cell.height)
    if way == .sixel, let most = terminal.traits.largestPicture {
      size = (min(size.width, most.width), min(size.height, most.height))
    }
    return EngravedPane.Request(
      page: EngravedPage(text: session.text, focus: number), width: size.width,
      height: size.height,
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

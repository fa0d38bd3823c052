import Glibc

extension NCursesTerminal {
  /// Asks whether pictures can be shown, and how large a cell is. The answers come among the keys.
  public func askForPictures() {
    guard !isPlain, !isLeft, !traits.hasBeenAskedForPictures else { return }
    traits.hasBeenAskedForPictures = true
    let program = options.environment["TERM_PROGRAM"] ?? ""
    if ["iTerm.app", "WezTerm"].contains(program) { traits.showsInlineImages = true }
    // A pixel is offered to kitty's protocol, never shown. What is wider than a terminal's limit for
    // sixels it leaves out whole. DA1 tells of sixels and comes last.
    write(
      "\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\\u{1b}[16t\u{1b}[14t\u{1b}[?2;1;0S\u{1b}[c")
    askedAt = NCursesTerminal.milliseconds
    decoder.answersExpectedUntil = askedAt + NCursesTerminal.answerPatience
    redraw()
  }

  /// Shows a picture over the cells at its place from now on, or none any more.
  public func showPicture(_ new: TerminalPicture?) {
    guard new != picture else { return }
    if let picture {
      if let remove = picture.remove, isPictureShown {
        write(remove)
      } else if isPictureShown {
        redraw()
      }
    }
    picture = new
    isPictureShown = false
  }

  /// Paints the picture where it is not seen any more: it is new, or cells below it have changed.
  func paintPicture(changedRows: Range<Int>?) {
    guard let picture, !isLeft else { return }
    let rows = picture.row..<picture.row + picture.height
    guard !isPictureShown || changedRows?.overlaps(rows) ?? false else { return }
    // Saved and restored, so that ncurses finds the cursor where it left it.
    write("\u{1b}7\u{1b}[\(picture.row + 1);\(picture.column + 1)H\(picture.show)\u{1b}8")
    isPictureShown = true
  }

  /// Leaves no picture behind on a screen that others use.
  func removePicture() {
    if let remove = picture?.remove, isPictureShown { write(remove) }
    isPictureShown = false
  }

  /// The size of a cell in pixels: as the terminal says, in an answer or to the system, or as most
  /// have it. Too large a guess would be worst: xterm shows nothing of a picture wider than its window.
  public var cellPixels: (width: Int, height: Int) {
    if let cell = traits.cell { return (cell.width, cell.height) }
    if let window = traits.window, width > 0, height > 0 {
      return (max(window.width / width, 1), max(window.height / height, 1))
    }
    var size = winsize()
    if ioctl(options.output, UInt(TIOCGWINSZ), &size) == 0, size.ws_xpixel > 0, size.ws_ypixel > 0,
      size.ws_col > 0, size.ws_row > 0
    {
      return (
        max(Int(size.ws_xpixel / size.ws_col), 1), max(Int(size.ws_ypixel / size.ws_row), 1)
      )
    }
    return (8, 16)
  }
}

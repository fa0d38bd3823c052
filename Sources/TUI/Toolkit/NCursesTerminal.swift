internal import CNCurses
internal import CTerminal
import Glibc

/// A real terminal through ncurses. Use it from one thread only; there can be only one.
public final class NCursesTerminal: Terminal {
  /// What the user asked of the screen.
  public struct Options {
    /// Where keys come from: standard input, or the controlling terminal.
    public var input: Int32 = 0
    public var output: Int32 = 1
    public var wish = ColorDepth.Wish.auto
    /// Plain characters only, whatever the locale says.
    public var ascii = false
    public var mouse = true
    /// Whether the window's title may be set.
    public var title = true
    public var focusEvents = false
    /// Of this process: TERM, COLORTERM, NO_COLOR and ESCDELAY are read.
    public var environment: [String: String]

    public init(environment: [String: String] = [:]) { self.environment = environment }
  }

  public private(set) var width = 80
  public private(set) var height = 24
  public let depth: ColorDepth
  public let showsUnicode: Bool
  public var fileDescriptor: Int32 { options.input }
  /// The terminfo entry in use.
  public let terminalName: String

  let options: Options
  private let handle: OpaquePointer
  private let outputFile: UnsafeMutablePointer<FILE>
  private let inputFile: UnsafeMutablePointer<FILE>
  private let settings: UnsafeMutableRawPointer
  private var shown: Surface?
  private var row: [cchar_t] = []
  private var pairs: [UInt64: Int32] = [:]
  private let pairLimit: Int
  private let usesDirectColor: Bool
  var isLeft = false
  var decoder: InputDecoder
  /// Keys that came while answers were waited for.
  var waitingKeys: [KeyPress] = []
  /// What the terminal is to tell of keys.
  var reports = KeyReports.text
  /// What the terminal has said of itself so far.
  public internal(set) var traits = TerminalTraits()
  /// When the terminal was last asked about itself, in milliseconds.
  var askedAt = 0
  /// Whether the terminal knows only the oldest sequences: no title, no questions.
  let isPlain: Bool
  private let hasSecondScreen: Bool
  /// The picture over the cells, and whether it is seen now.
  var picture: TerminalPicture?
  var isPictureShown = false
  /// Whether the cursor is asked not to blink.
  var cursorIsSteady = false

  public init(options: Options) throws(TerminalError) {
    guard isatty(options.input) == 1, isatty(options.output) == 1 else {
      throw .notATerminal
    }
    let environment = options.environment
    let term = environment["TERM"] ?? ""
    guard term != "dumb" else { throw .dumb }
    let isUTF8 = NCursesTerminal.setLocale()
    self.options = options
    settings = .allocate(byteCount: Int(terminal_raw_size()), alignment: 16)
    _ = NCursesTerminal.saveSettings(of: options.input, into: settings)
    let wanted = ColorDepth.wanted(options.wish, environment: environment)
    guard let output = fdopen(dup(options.output), "w"), let input = fdopen(dup(options.input), "r")
    else { throw .notATerminal }
    (outputFile, inputFile) = (output, input)
    var opened: (screen: OpaquePointer, name: String)?
    for name in NCursesTerminal.descriptions(for: term, direct: wanted == .trueColor) {
      if let screen = newterm(name, output, input) {
        opened = (screen, name)
        break
      }
    }
    guard let opened else { throw .unusable(term.isEmpty ? "(empty)" : term) }
    handle = opened.screen
    terminalName = opened.name
    set_term(handle)
    usesDirectColor = tigetflag("RGB") > 0
    // Without this call ncurses sends no colour at all, not even white on black.
    let colors = wanted != .mono && has_colors() ? (start_color(), Int(nc_colors())).1 : 0
    var depth: ColorDepth =
      usesDirectColor
      ? .trueColor
      : colors >= 256
        ? .colors256
        : colors >= 16
          ? .colors16
          : colors >= 8 ? .colors8 : .mono
    // More than the terminal has cannot be had, less can.
    if let wanted { depth = min(depth, wanted) }
    self.depth = depth
    pairLimit = min(Int(nc_color_pairs()), 32767)
    if depth != .mono { use_default_colors() }
    let wideEnough = ["─", "█", "▀", "▼"].allSatisfy { character in
      character.unicodeScalars.allSatisfy { nc_width($0.value) == 1 }
    }
    showsUnicode = isUTF8 && wideEnough && !options.ascii
    isPlain = ["linux", "vt", "ansi", "cons", "sun", "wy"].contains(where: term.hasPrefix)
    hasSecondScreen = NCursesTerminal.capability("smcup") != nil
    decoder = InputDecoder(terminfo: TerminfoKeys(NCursesTerminal.capability))
    if let delay = environment["ESCDELAY"].flatMap({ Int($0) }), (0...10_000).contains(delay) {
      decoder.escapeDelay = delay
    }
    // Frames are whole: waiting keys do not cut one short.
    typeahead(-1)
    raw()
    noecho()
    nonl()
    // The keypad's sequences are switched on; they are read by `InputDecoder`, not by ncurses.
    keypad(nc_screen(), true)
    meta(nc_screen(), true)
    leaveok(nc_screen(), false)
    wrefresh(nc_screen())
    if options.title, !isPlain { write("\u{1b}[22;2t") }
    enterModes()
    ask()
    _ = updateSize()
  }

  deinit { leave() }

  // MARK: Drawing

  public func redraw() {
    shown = nil
    isPictureShown = false
    clearok(nc_screen(), true)
  }

  public func show(_ surface: Surface) {
    guard !isLeft else { return }
    let columns = min(surface.width, width)
    let previous = shown.flatMap {
      $0.width == surface.width && $0.height == surface.height ? $0 : nil
    }
    var changedRows: Range<Int>?
    var isChanged = shown?.cursor != surface.cursor || previous == nil
    if row.count < columns { row = Array(repeating: cchar_t(), count: columns) }
    for line in 0..<min(surface.height, height) {
      let range = line * surface.width..<line * surface.width + columns
      if let previous, previous.cells[range] == surface.cells[range],
        previous.marks.isEmpty && surface.marks.isEmpty || previous.marks == surface.marks
      {
        continue
      }
      isChanged = true
      changedRows = (changedRows?.lowerBound ?? line)..<line + 1
      let count = fillRow(from: surface, range)
      nc_row(Int32(line), row, Int32(count))
    }
    if let cursor = surface.cursor, cursor.row < height, cursor.column < width {
      curs_set(1)
      wmove(nc_screen(), Int32(max(0, cursor.row)), Int32(max(0, cursor.column)))
    } else {
      curs_set(0)
    }
    wnoutrefresh(nc_screen())
    let isOneStep = isChanged && traits.synchronizesOutput
    if isOneStep { write("\u{1b}[?2026h") }
    doupdate()
    paintPicture(changedRows: changedRows)
    if isOneStep { write("\u{1b}[?2026l") }
    shown = surface
  }

  /// Makes ncurses' cells of a row's: one for each character, a wide one included.
  ///
  /// - Returns: How many there are.
  private func fillRow(from surface: Surface, _ range: Range<Int>) -> Int {
    var count = 0
    var column = 0
    while column < range.count {
      let index = range.lowerBound + column
      let cell = surface.cells[index]
      let isWide =
        column + 1 < range.count
        && surface.cells[index + 1].scalar == Surface.Cell.continuation
      // What the C library would draw in another width would push the row out of place.
      var (scalar, cells) = (cell.scalar, 1)
      if scalar == Surface.Cell.continuation {
        scalar = 32
      } else if scalar > 126 {
        let width = nc_width(scalar)
        if width == 2, isWide { cells = 2 } else if width != 1 || isWide { scalar = 63 }
      }
      fill(count, with: scalar, marks: surface.marks[index] ?? [], cell.style)
      count += 1
      column += cells
    }
    return count
  }

  private func fill(_ index: Int, with scalar: UInt32, marks: [UInt32], _ style: Style) {
    let marks = scalar > 126 || scalar > 32 ? marks.filter { nc_width($0) == 0 } : []
    nc_cell(
      &row[index], scalar, marks, Int32(marks.count), attributes(of: style), pair(style))
  }

  private func attributes(of style: Style) -> attr_t {
    guard !style.attributes.isEmpty else { return 0 }
    let style = style.legible(at: depth)
    var attributes: attr_t = 0
    if style.attributes.contains(.bold) { attributes |= nc_bold }
    if style.attributes.contains(.dim) { attributes |= nc_dim }
    if style.attributes.contains(.italic) { attributes |= nc_italic }
    if style.attributes.contains(.underline) { attributes |= nc_underline }
    if style.attributes.contains(.reverse) { attributes |= nc_reverse }
    return attributes
  }

  /// The number of a colour pair, made when first needed. When the terminal has no more, colours
  /// give way: first the background, then both.
  private func pair(_ style: Style) -> Int32 {
    guard depth != .mono else { return 0 }
    let (front, back) = (number(style.foreground), number(style.background))
    guard front != -1 || back != -1 else { return 0 }
    let key = UInt64(UInt32(bitPattern: front)) << 32 | UInt64(UInt32(bitPattern: back))
    if let pair = pairs[key] { return pair }
    let next = Int32(pairs.count + 1)
    guard Int(next) < pairLimit, init_extended_pair(next, front, back) == OK else {
      let plain = UInt64(UInt32(bitPattern: front)) << 32 | UInt64(UInt32(bitPattern: -1))
      return pairs[plain] ?? 0
    }
    pairs[key] = next
    return next
  }

  private func number(_ color: Color) -> Int32 {
    if color.code < 0 { return -1 }
    guard usesDirectColor else { return color.paletteIndex.map(Int32.init) ?? -1 }
    // Direct-colour entries keep the first eight numbers for the terminal's own colours.
    if let index = color.paletteIndex, index < 8 { return Int32(index) }
    return Int32(color.components?.value ?? 0)
  }

  // MARK: Entering and leaving

  /// Straight to the terminal, after what ncurses has buffered.
  func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(options.output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  public func pauseScreen() {
    guard !isLeft else { return }
    def_prog_mode()
    leaveModes()
    waitForAnswers()
    endPicture()
    var saved = settings.load(as: termios.self)
    tcsetattr(options.input, TCSADRAIN, &saved)
  }

  public func resumeScreen() {
    guard !isLeft else { return }
    reset_prog_mode()
    redraw()
    wrefresh(nc_screen())
    enterModes()
    // The theme of the desktop may be another one by now.
    ask()
    _ = updateSize()
  }

  public func suspend() {
    pauseScreen()
    terminal_stop_self()
    resumeScreen()
  }

  public func leave() {
    guard !isLeft else { return }
    leaveModes()
    waitForAnswers()
    dropInput()
    isLeft = true
    if options.title, !isPlain { write("\u{1b}[23;2t") }
    endPicture()
    fflush(outputFile)
    delscreen(handle)
    var saved = settings.load(as: termios.self)
    tcsetattr(options.input, TCSADRAIN, &saved)
    settings.deallocate()
    fclose(outputFile)
    fclose(inputFile)
  }

  /// Gives the screen back. Where there is only one, the picture stays and what comes next begins
  /// below it.
  private func endPicture() {
    endwin()
    if !hasSecondScreen { write("\r\n") }
  }

  /// Names the window, where that is wanted; control characters are left out.
  public func setTitle(_ title: String) {
    guard options.title, !isPlain, !isLeft else { return }
    let plain = title.unicodeScalars.filter {
      $0.value >= 32 && $0.value != 127
        && (showsUnicode ? !(128..<160).contains($0.value) : $0.isASCII)
    }
    write("\u{1b}]2;\(String(String.UnicodeScalarView(plain)))\u{07}")
  }

  /// Asks for a cursor that does not blink (DECSCUSR), or for the usual one.
  public func steadyCursor(_ isSteady: Bool) {
    guard isSteady != cursorIsSteady, !isPlain, !isLeft else { return }
    cursorIsSteady = isSteady
    write(isSteady ? "\u{1b}[2 q" : "\u{1b}[0 q")
    guardModes()
  }

  public func copyToClipboard(_ text: String) {
    write("\u{1b}]52;c;\(base64(text))\u{07}")
  }

  /// Asks the terminal for its size; true when it has changed.
  func updateSize() -> Bool {
    var (columns, rows): (Int32, Int32) = (0, 0)
    guard terminal_size(options.output, &columns, &rows), columns > 0, rows > 0 else {
      return false
    }
    guard Int(columns) != width || Int(rows) != height else { return false }
    (width, height) = (Int(columns), Int(rows))
    resizeterm(rows, columns)
    shown = nil
    return true
  }
}

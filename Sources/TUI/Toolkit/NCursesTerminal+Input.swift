internal import CNCurses
internal import CTerminal
import Glibc

extension NCursesTerminal {
  /// Whether a paste has begun and not ended; its text comes as one key when it has.
  public var pasteIsOpen: Bool { decoder.pasteIsOpen }

  public func readKeys() -> [KeyPress] {
    var keys = updateSize() ? [KeyPress(.resize)] : []
    readInput()
    keys += waitingKeys
    waitingKeys = []
    return keys
  }

  public var inputDelay: Int? {
    if !waitingKeys.isEmpty { return 0 }
    return decoder.deadline.map { max($0 - NCursesTerminal.milliseconds, 0) }
  }

  /// Milliseconds of a clock that only goes forwards.
  static var milliseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// Takes in what has come. Bounded, so that a flood of input cannot keep the screen from drawing.
  private func readInput() {
    take(decoder.wait(until: NCursesTerminal.milliseconds))
    var block = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<64 where inputWaits(milliseconds: 0) {
      let count = Glibc.read(options.input, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      take(decoder.read(block[..<count], at: NCursesTerminal.milliseconds))
    }
  }

  private func inputWaits(milliseconds: Int) -> Bool {
    var waiting = pollfd(fd: options.input, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, Int32(milliseconds)) > 0 && waiting.revents & Int16(POLLIN) != 0
  }

  private func take(_ inputs: [InputDecoder.Input]) {
    for input in inputs {
      switch input {
      case .key(let key): waitingKeys.append(key)
      case .answer(let answer): use(answer)
      }
    }
  }

  // MARK: Questions and answers

  /// Asks the terminal about itself. The answers come among the keys, whenever they come.
  func ask() {
    guard !isPlain else { return }
    // The last question is one that every terminal answers, after all the others.
    write("\u{1b}]11;?\u{1b}\\\u{1b}[?2026$p\u{1b}[?2031$p\u{1b}[?u\u{1b}[c")
    askedAt = NCursesTerminal.milliseconds
    decoder.answersExpectedUntil = askedAt + NCursesTerminal.answerPatience
    // A terminal that took one of these for something else shows no trace of it.
    redraw()
  }

  /// How long an answer may be on its way, in milliseconds.
  public static let answerPatience = 3000

  /// Waits until the terminal has said all it has to say of itself.
  ///
  /// - Parameter limit: The longest wait, in milliseconds. Answers that come later count as well.
  public func waitForAnswers(atMost limit: Int = NCursesTerminal.answerPatience) {
    let end = min(NCursesTerminal.milliseconds + limit, askedAt + NCursesTerminal.answerPatience)
    while decoder.answersExpectedUntil > 0 || decoder.isInside {
      let left = end - NCursesTerminal.milliseconds
      guard left > 0, inputWaits(milliseconds: left) else { return }
      let before = waitingKeys.count
      readInput()
      // A terminal that is gone is readable for ever and says nothing.
      if waitingKeys.count == before, !terminalIsThere { return }
    }
  }

  private var terminalIsThere: Bool {
    var waiting = pollfd(fd: options.input, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) >= 0 && waiting.revents & Int16(POLLHUP | POLLERR | POLLNVAL) == 0
  }

  /// Throws away what has come and was not read: it was not meant for the shell.
  func dropInput() {
    readInput()
    waitingKeys = []
  }

  public func report(_ keys: KeyReports) {
    guard keys != reports else { return }
    reports = keys
    decoder.tellsReleases = keys == .releases
    if traits.namesKeys { write(keyReports) }
  }

  /// Sets what is told of keys, and asks what the terminal made of it.
  private var keyReports: String { "\u{1b}[=\(reports.rawValue);1u\u{1b}[?u" }

  private func use(_ answer: TerminalAnswer) {
    let before = traits
    traits.take(answer)
    if traits.reportsScheme, !before.reportsScheme { write(TerminalTraits.schemeReports.on) }
    if traits.namesKeys, !before.namesKeys {
      write(TerminalTraits.keyNames.on + (reports == .text ? "" : keyReports))
      decoder.escapeIsNamed = true
    }
    if traits != before { guardModes() }
  }

  // MARK: Modes

  private var modes: [(on: String, off: String)] {
    var modes = [(on: "\u{1b}[?2004h", off: "\u{1b}[?2004l")]
    if options.mouse { modes.append(("\u{1b}[?1002h\u{1b}[?1006h", "\u{1b}[?1006l\u{1b}[?1002l")) }
    if options.focusEvents { modes.append(("\u{1b}[?1004h", "\u{1b}[?1004l")) }
    if traits.reportsScheme { modes.append(TerminalTraits.schemeReports) }
    if traits.namesKeys { modes.append(TerminalTraits.keyNames) }
    return modes
  }

  func enterModes() {
    write(modes.map(\.on).joined())
    if traits.namesKeys, reports != .text { write(keyReports) }
    if cursorIsSteady { write("\u{1b}[2 q") }
    guardModes()
  }

  func leaveModes() {
    write(modes.reversed().map(\.off).joined())
    removePicture()
    if cursorIsSteady { write("\u{1b}[0 q") }
    terminal_guard_also("")
  }

  /// Tells the crash guard what else it has to switch off.
  func guardModes() {
    var text = ""
    if traits.synchronizesOutput { text += "\u{1b}[?2026l" }
    if traits.reportsScheme { text += TerminalTraits.schemeReports.off }
    if traits.namesKeys { text += TerminalTraits.keyNames.off }
    if cursorIsSteady { text += "\u{1b}[0 q" }
    terminal_guard_also(text)
  }
}

/// What a terminal has said of itself.
public struct TerminalTraits: Hashable, Sendable {
  /// Whether its background is light; `nil` where it does not say.
  public private(set) var isLight: Bool?
  /// Whether it shows a frame as one step (DEC private mode 2026).
  public private(set) var synchronizesOutput = false
  /// Whether it tells when the system's colours change (mode 2031).
  public private(set) var reportsScheme = false
  /// Whether it sends keys by their names (kitty keyboard protocol).
  public private(set) var namesKeys = false
  /// Whether it tells when keys are let go now.
  public private(set) var reportsReleases = false
  private var knowsBackground = false
  /// Whether it knows kitty's graphics protocol.
  public private(set) var knowsKittyGraphics = false
  public private(set) var hasSixels = false
  /// Whether it shows iTerm2's inline images, which it does not say by itself.
  var showsInlineImages = false
  var hasBeenAskedForPictures = false
  /// In pixels, as far as it says.
  private(set) var cell: Size?
  private(set) var window: Size?

  /// The largest picture in sixels; `nil` where the terminal does not say.
  public private(set) var largestPicture: Size?

  /// In pixels.
  public struct Size: Hashable, Sendable {
    public var width: Int
    public var height: Int
  }

  /// The best way to show pictures; `nil` where there is none.
  public var pictures: PictureProtocol? {
    if knowsKittyGraphics { return .kitty }
    if showsInlineImages { return .iTerm }
    return hasSixels ? .sixel : nil
  }

  /// Keys that would be ambiguous get names: progressive enhancement 1 of the kitty protocol.
  static let keyNames = (on: "\u{1b}[>1u", off: "\u{1b}[<u")
  static let schemeReports = (on: "\u{1b}[?2031h", off: "\u{1b}[?2031l")

  public init() {}

  /// Learns from an answer.
  public mutating func take(_ answer: TerminalAnswer) {
    switch answer {
    case .foreground: if !knowsBackground { isLight = answer.isLight }
    case .background:
      knowsBackground = true
      isLight = answer.isLight
    case .colorScheme: isLight = answer.isLight
    case .mode(2026, let state): synchronizesOutput = state.canChange
    case .mode(2031, let state): reportsScheme = state.canChange
    case .keyboardProtocol(let flags):
      namesKeys = true
      reportsReleases = flags & 0b10 != 0
    case .kittyGraphics(let isKnown): knowsKittyGraphics = isKnown
    case .deviceAttributes(let sixels): hasSixels = hasSixels || sixels
    case .cellSize(let width, let height): cell = Size(width: width, height: height)
    case .windowSize(let width, let height): window = Size(width: width, height: height)
    case .pictureLimit(let width, let height): largestPicture = Size(width: width, height: height)
    case .mode: break
    }
  }
}

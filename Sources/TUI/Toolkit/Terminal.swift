/// A screen to draw on and keys to read: ncurses in the program, lines in plain mode, a script in
/// tests.
public protocol Terminal: AnyObject {
  var width: Int { get }
  var height: Int { get }
  /// How many colours surfaces may use.
  var depth: ColorDepth { get }
  /// Whether box and block characters can be shown, one cell each.
  var showsUnicode: Bool { get }
  /// Becomes readable when keys wait.
  var fileDescriptor: Int32 { get }
  /// Milliseconds until `readKeys` has something though nothing more comes; `nil` = never.
  var inputDelay: Int? { get }
  /// What the terminal has said of itself so far; may change with every `readKeys`.
  var traits: TerminalTraits { get }
  /// Waits for what the terminal says of itself, at most so many milliseconds.
  func waitForAnswers(atMost limit: Int)
  /// Asks for what is told of keys, where the terminal can tell more than what they write.
  func report(_ keys: KeyReports)
  /// Names the window.
  func setTitle(_ title: String)
  /// Everything typed since the last call; never waits. A changed size comes as `.resize`.
  func readKeys() -> [KeyPress]
  /// Writes what differs from the surface shown before.
  func show(_ surface: Surface)
  /// Makes the next `show` paint every cell.
  func redraw()
  /// Leaves the screen, really stops the program as Ctrl-Z does, and comes back when continued.
  func suspend()
  /// Leaves the screen to another program, such as an editor.
  func pauseScreen()
  /// Takes the screen back.
  func resumeScreen()
  /// Asks the terminal to put text on the system's clipboard (OSC 52).
  func copyToClipboard(_ text: String)
  /// Restores the terminal as it was found. Safe to call twice.
  func leave()
  /// Asks whether pictures can be shown; the answers become traits.
  func askForPictures()
  /// Shows a picture over the cells at its place with the next `show`, or none any more.
  func showPicture(_ picture: TerminalPicture?)
  /// The size of a cell in pixels.
  var cellPixels: (width: Int, height: Int) { get }
  /// Asks for a cursor that does not blink, or for the usual one.
  func steadyCursor(_ isSteady: Bool)
}

/// Terminals without pictures.
extension Terminal {
  public func askForPictures() {}
  public func showPicture(_ picture: TerminalPicture?) {}
  public var cellPixels: (width: Int, height: Int) { (10, 20) }
  public func steadyCursor(_ isSteady: Bool) {}
}

/// What a terminal is to tell of keys (progressive enhancements of the kitty keyboard protocol).
public enum KeyReports: Int, Hashable, Sendable {
  /// What they write, and names of those that would be ambiguous.
  case text = 0b00001
  /// Their places on the keyboard, too, so that commands do not depend on its layout.
  case places = 0b11101
  /// And when each is let go.
  case releases = 0b11111
}

/// Why there is no screen.
public enum TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
  case notATerminal
  case dumb
  case unusable(String)

  public var description: String {
    switch self {
    case .notATerminal: "the screen needs a terminal"
    case .dumb: "TERM=dumb has no screen; try --plain"
    case .unusable(let name): "no terminal description for TERM=\(name), nor for xterm-256color"
    }
  }
}

/// A terminal that is only a script: keys go in, surfaces come out.
public final class ScriptedTerminal: Terminal {
  public private(set) var width: Int
  public private(set) var height: Int
  public let depth: ColorDepth
  public let showsUnicode: Bool
  /// Keys that the next `readKeys` returns.
  public var keys: [KeyPress] = []
  public private(set) var shown: [Surface] = []
  public private(set) var clipboard: [String] = []
  public private(set) var titles: [String] = []
  public private(set) var isLeft = false
  public private(set) var suspensions = 0
  public private(set) var redraws = 0
  public private(set) var reports = KeyReports.text
  public let fileDescriptor: Int32 = -1
  public let inputDelay: Int? = nil
  public var traits = TerminalTraits()

  public init(
    width: Int = 80, height: Int = 24, depth: ColorDepth = .colors256, showsUnicode: Bool = true
  ) {
    self.width = width
    self.height = height
    self.depth = depth
    self.showsUnicode = showsUnicode
  }

  public func resize(width: Int, height: Int) {
    self.width = width
    self.height = height
    keys.append(KeyPress(.resize))
  }

  public func readKeys() -> [KeyPress] {
    defer { keys = [] }
    return keys
  }

  public func waitForAnswers(atMost limit: Int) {}
  public func report(_ keys: KeyReports) { reports = keys }
  public func setTitle(_ title: String) { titles.append(title) }
  public func show(_ surface: Surface) { shown.append(surface) }
  public func redraw() { redraws += 1 }
  public func suspend() { suspensions += 1 }
  public func pauseScreen() {}
  public func resumeScreen() { redraws += 1 }
  public func copyToClipboard(_ text: String) { clipboard.append(text) }
  public func leave() { isLeft = true }
}

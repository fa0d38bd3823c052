import CTerminal
import Glibc
import TUI

/// A program that only shows what the terminal gives it, for the tests of the real terminal: the
/// size, the depth of colour, the background, and the name of each key. `q` leaves, `K` crashes, `E`
/// stands in for
/// an editor, ctrl-z suspends, `--text TEXT` is written below.
@main
struct ScreenProbe {
  static func main() {
    let names = ["TERM", "COLORTERM", "NO_COLOR", "ESCDELAY"]
    var environment: [String: String] = [:]
    for name in names { if let value = getenv(name) { environment[name] = String(cString: value) } }
    var options = NCursesTerminal.Options(environment: environment)
    options.title = false
    options.ascii = CommandLine.arguments.contains("--ascii")
    terminal_guard_install(0)
    let signals = terminal_signals_open()
    do {
      let terminal = try NCursesTerminal(options: options)
      let status = run(terminal, signals)
      terminal.leave()
      print("left", status)
      exit(status)
    } catch {
      fputs("\(error)\n", stderrStream())
      exit(2)
    }
  }

  static func stderrStream() -> UnsafeMutablePointer<FILE>? { fdopen(2, "w") }

  static func run(_ terminal: NCursesTerminal, _ signals: Int32) -> Int32 {
    var seen: [String] = []
    let theme = ThemeLibrary(folders: []).theme(named: "default-dark").theme
    let palette = theme.palette(at: terminal.depth)
    while true {
      var surface = Surface(
        width: terminal.width, height: terminal.height, style: palette[.background])
      let unicode = terminal.showsUnicode ? "unicode ▀█é" : "ascii"
      surface.write(
        "size \(terminal.width)x\(terminal.height) \(terminal.depth) \(unicode)", row: 0, column: 0,
        palette[.status])
      let background = terminal.traits.isLight.map { $0 ? "light" : "dark" } ?? "unknown"
      surface.write("background \(background)", row: terminal.height - 1, column: 0, palette[.text])
      if let index = CommandLine.arguments.firstIndex(of: "--text") {
        surface.write(CommandLine.arguments[index + 1], row: 1, column: 0, palette[.text])
      }
      for (index, name) in seen.suffix(max(0, terminal.height - 3)).enumerated() {
        surface.write("key \(name)", row: index + 1, column: 0, palette[.noteModel])
      }
      surface.write("end", row: terminal.height - 1, column: terminal.width - 3, palette[.text])
      surface.cursor = Surface.Position(row: 1, column: 2)
      terminal.show(surface)
      var waiting = [
        pollfd(fd: terminal.fileDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&waiting, 2, Int32(terminal.inputDelay ?? -1)) < 0, errno != EINTR { return 1 }
      if waiting[0].revents & Int16(POLLHUP) != 0 { return 129 }
      while true {
        let number = terminal_signals_next()
        if number == 0 { break }
        if number == SIGTERM || number == SIGHUP || number == SIGINT { return 128 + number }
      }
      for key in terminal.readKeys() {
        switch key.name {
        case "q": return 0
        case "K": abort()
        case "E":
          terminal.pauseScreen()
          print("editor here")
          terminal.resumeScreen()
        case "ctrl-z":
          terminal.suspend()
          seen.append("resumed")
        case "paste":
          if case .paste(let text) = key.key {
            seen.append("paste[\(text.split(separator: "\n"))]")
          }
        case "mouse-press", "mouse-wheelUp", "mouse-release":
          if case .mouse(let mouse) = key.key {
            seen.append("\(key.name) \(mouse.row),\(mouse.column)")
          }
        default: seen.append(key.name)
        }
      }
    }
  }
}

import Compose

extension KeyMap {
  /// Every key there is without a keys.toml: one row for each key, with the command it runs. What
  /// the command does is told by the command table.
  static let table: [(mode: String, keys: String, command: String)] = [
    ("normal", "Enter", "gen.toggle"),
    ("normal", "Space", "play.toggle"),
    ("normal", "+", "temp +0.05"),
    ("normal", "=", "temp +0.05"),
    ("normal", "-", "temp -0.05"),
    ("normal", "T", "temp ="),
    ("normal", "*", "memory up"),
    ("normal", "_", "memory down"),
    ("normal", "F", "plan next"),
    ("normal", "Backspace", "gen.bar-back"),
    ("normal", "s", "gen.step"),
    ("normal", "S", "gen.bar"),
    ("normal", "r", "gen.retry"),
    ("normal", "R", "gen.retry-here"),
    ("normal", "a", "alt"),
    ("normal", "A", "alt here"),
    ("normal", "W", "alt note"),
    ("normal", "L", "lock"),
    ("normal", ",", "take.prev"),
    ("normal", ".", "take.next"),
    ("normal", "u", "undo"),
    ("normal", "U", "redo"),
    ("normal", "ctrl-r", "redo"),
    ("normal", "i", "insert"),
    ("normal", "I", "header"),
    ("normal", "E", "edit"),
    ("normal", "h", "move left"),
    ("normal", "Left", "move left"),
    ("normal", "l", "move right"),
    ("normal", "Right", "move right"),
    ("normal", "k", "move up"),
    ("normal", "Up", "move up"),
    ("normal", "j", "move down"),
    ("normal", "Down", "move down"),
    ("normal", "w", "bar.next"),
    ("normal", "b", "bar.start"),
    ("normal", "e", "bar.end"),
    ("normal", "(", "phrase.prev"),
    ("normal", "PgUp", "phrase.prev"),
    ("normal", ")", "phrase.next"),
    ("normal", "PgDn", "phrase.next"),
    ("normal", "0", "line.start"),
    ("normal", "Home", "line.start"),
    ("normal", "$", "line.end"),
    ("normal", "End", "line.end"),
    ("normal", "G", "goto end"),
    ("normal", "/", "find"),
    ("normal", "n", "find.next"),
    ("normal", "N", "find.prev"),
    ("normal", "v", "select bars"),
    ("normal", "V", "select phrase"),
    ("normal", "y", "copy"),
    ("normal", "d", "cut"),
    ("normal", "p", "paste"),
    ("normal", "\"", "register"),
    ("normal", "x", "delete"),
    ("normal", "Del", "delete"),
    ("normal", "Y", "yank.system"),
    ("normal", "o", "loop"),
    ("normal", "<", "tempo -2"),
    ("normal", ">", "tempo +2"),
    ("normal", "B", "tempo.tap"),
    ("normal", "H", "hear"),
    ("normal", "m", "metronome"),
    ("normal", "M", "mute"),
    ("normal", "f", "follow"),
    ("normal", "c", "colour"),
    ("normal", "C", "theme"),
    ("normal", "J", "judge"),
    ("normal", "Tab", "focus"),
    ("normal", ":", "command"),
    ("normal", "?", "help"),
    ("normal", "X", "export"),
    ("normal", "K", "keep"),
    ("normal", "'", "shelf"),
    ("normal", "!", "panic"),
    ("normal", "q", "quit"),
    ("normal", "Q", "quit!"),
    ("normal", "Esc", "cancel"),
    ("normal", "ctrl-c", "halt"),
    ("normal", "ctrl-z", "suspend"),
    ("normal", "ctrl-l", "redraw"),

    ("normal", "t.a", "temp.focus all"),
    ("normal", "t.m", "temp.focus melody"),
    ("normal", "t.r", "temp.focus rhythm"),
    ("normal", "t.f", "temp.focus form"),
    ("normal", "t.t", "temp ="),
    ("normal", "t.0", "temp.reset"),
    ("normal", "t.p", "pace"),
    ("normal", "t.h", "ahead"),
    ("normal", "t.P", "top-p"),
    ("normal", "t.k", "top-k"),
    ("normal", "t.i", "min-p"),
    ("normal", "t.n", "rng new"),
    ("normal", "t.N", "rng ="),
    ("normal", "t.l", "phrase"),
    ("normal", "t.e", "stop-rule"),
    ("normal", "t.c", "copy-guard"),
    ("normal", "t.M", "memory"),
    ("normal", "t.S", "shape"),
    ("normal", "t.s", "scale next"),
    ("normal", "t.g", "instrument next"),
    ("normal", "t.G", "best-key"),
    ("normal", "t.b", "bias"),
    ("normal", "t.o", "mood"),
    ("normal", "t.x", "mix"),

    ("normal", "g.g", "goto start"),
    ("normal", "g.s", "goto start"),
    ("normal", "g.e", "goto end"),
    ("normal", "g.p", "goto playhead"),
    ("normal", "g.h", "goto head"),
    ("normal", "g.l", "goto edit"),
    ("normal", "g.w", "goto warning"),
    ("normal", "g.b", "play.bar"),
    ("normal", "g.f", "form"),
    ("normal", "g.t", "take.list"),
    ("normal", "g.d", "drafts"),
    ("normal", "g.o", "open"),
    ("normal", "g.u", "history"),

    ("normal", "z.i", "zoom in"),
    ("normal", "z.o", "zoom out"),
    ("normal", "z.k", "zoom up"),
    ("normal", "z.j", "zoom down"),
    ("normal", "z.z", "zoom centre"),
    ("normal", "z.f", "zoom fit"),

    ("normal", "P.p", "pane next"),
    ("normal", "P.t", "pane takes"),
    ("normal", "P.l", "pane lanes"),
    ("normal", "P.z", "pane full"),
    ("normal", "P.j", "pane judge"),
    ("normal", "P.s", "pane staff"),
    ("normal", "P.m", "messages"),

    ("select", "v", "grab"),
    ("select", "Esc", "cancel"),

    ("grab", "k", "grab up"),
    ("grab", "Up", "grab up"),
    ("grab", "j", "grab down"),
    ("grab", "Down", "grab down"),
    ("grab", "K", "grab sharp"),
    ("grab", "J", "grab flat"),
    ("grab", "h", "grab earlier"),
    ("grab", "Left", "grab earlier"),
    ("grab", "l", "grab later"),
    ("grab", "Right", "grab later"),
    ("grab", ">", "grab longer"),
    ("grab", "<", "grab shorter"),
    ("grab", "Tab", "grab next"),
    ("grab", "shift-Tab", "grab prev"),
    ("grab", "Space", "play.toggle"),
    ("grab", "H", "hear"),
    ("grab", "u", "undo"),
    ("grab", "U", "redo"),
    ("grab", "!", "panic"),
    ("grab", "q", "cancel"),
    ("grab", "Enter", "cancel"),
    ("grab", "Esc", "cancel"),
    ("grab", "ctrl-c", "halt"),
    ("grab", "ctrl-z", "suspend"),
    ("grab", "ctrl-l", "redraw"),

    ("audition", "0", "alt.hear 0"),
    ("audition", "1", "alt.hear 1"),
    ("audition", "2", "alt.hear 2"),
    ("audition", "3", "alt.hear 3"),
    ("audition", "4", "alt.hear 4"),
    ("audition", "5", "alt.hear 5"),
    ("audition", "6", "alt.hear 6"),
    ("audition", "7", "alt.hear 7"),
    ("audition", "8", "alt.hear 8"),
    ("audition", "9", "alt.hear 9"),
    ("audition", "j", "alt.hear next"),
    ("audition", "Down", "alt.hear next"),
    ("audition", "k", "alt.hear prev"),
    ("audition", "Up", "alt.hear prev"),
    ("audition", "Enter", "alt.choose"),
    ("audition", "Space", "play.toggle"),
    ("audition", "r", "alt.reroll"),
    ("audition", "L", "alt.hold"),
    ("audition", "d", "alt.drop"),
    ("audition", "m", "alt.more"),
    ("audition", "C", "alt.comp"),
    ("audition", "+", "temp +0.05"),
    ("audition", "=", "temp +0.05"),
    ("audition", "-", "temp -0.05"),
    ("audition", "c", "colour"),
    ("audition", "M", "mute"),
    ("audition", "!", "panic"),
    ("audition", "q", "cancel"),
    ("audition", "Esc", "cancel"),
    ("audition", "ctrl-c", "halt"),
    ("audition", "ctrl-z", "suspend"),
    ("audition", "ctrl-l", "redraw"),

    ("insert", "ctrl-n", "choose next"),
    ("insert", "ctrl-p", "choose prev"),
    ("insert", "ctrl-g", "gen.toggle"),
    ("insert", "ctrl-c", "halt"),
    ("insert", "ctrl-z", "suspend"),
    ("insert", "ctrl-l", "redraw"),

    ("picker", "Tab", "pick hear"),
    ("picker", "Del", "pick drop"),
    ("picker", "ctrl-y", "pick back"),
    ("picker", "ctrl-r", "pick rename"),
    ("picker", "ctrl-d", "pick copy"),
    ("picker", "shift-Tab", "pick compare"),
    ("picker", "ctrl-c", "halt"),
    ("picker", "ctrl-z", "suspend"),
    ("picker", "ctrl-l", "redraw"),

    ("messages", "q", "cancel"),
    ("messages", "Esc", "cancel"),
    ("messages", "ctrl-c", "halt"),
    ("messages", "ctrl-z", "suspend"),
    ("messages", "ctrl-l", "redraw"),
  ]

  /// Keys that a preset takes away, by mode and name.
  private static let withoutLetterMovement = ["h", "j", "k", "l", "w", "b", "e", "0", "$"]

  private static let emacs: [(mode: String, keys: String, command: String)] = [
    ("normal", "ctrl-f", "move right"), ("normal", "ctrl-b", "move left"),
    ("normal", "ctrl-n", "move down"), ("normal", "ctrl-p", "move up"),
    ("normal", "ctrl-e", "line.end"), ("normal", "ctrl-d", "delete"),
    ("normal", "ctrl-k", "cut"), ("normal", "ctrl-y", "paste"), ("normal", "ctrl-s", "find"),
    ("normal", "ctrl-g", "cancel"), ("normal", "alt-f", "bar.next"),
    ("normal", "alt-b", "bar.start"),
    ("normal", "alt-w", "copy"), ("normal", "ctrl-x.ctrl-s", "write"),
    ("normal", "ctrl-x.ctrl-c", "quit"), ("normal", "ctrl-x.u", "undo"),
    ("normal", "alt-x", "command"),
  ]

  /// `default`, `arrows` (no letters needed for movement, and none taken) or `emacs`.
  public static let presets = ["default", "arrows", "emacs"]

  /// The keys without a keys.toml.
  public static let standard = preset("default") ?? KeyMap()

  /// The keys of a preset; `nil` where there is none of that name.
  public static func preset(_ name: String) -> KeyMap? {
    guard presets.contains(name) else { return nil }
    var map = KeyMap()
    for row in table { map.add(row) }
    switch name {
    case "arrows":
      for key in withoutLetterMovement {
        if let sequence = sequence(named: key) { map.bind(sequence, to: [], in: "normal") }
      }
    case "emacs":
      for row in emacs { map.add(row) }
    default: break
    }
    return map
  }

  private mutating func add(_ row: (mode: String, keys: String, command: String)) {
    guard let sequence = KeyMap.sequence(named: row.keys),
      case .success(let invocation) = Invocation.parse(row.command)
    else {
      preconditionFailure("the key table's row \(row.keys) is wrong")
    }
    bind(sequence, to: [invocation], in: row.mode)
  }
}

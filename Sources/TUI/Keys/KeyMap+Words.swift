/// What keys after a prefix do, in a word or two.
extension KeyMap {
  /// The words for a command line as it is bound; the line itself where it has none.
  static func words(for command: String) -> String { words[command] ?? command }

  private static let words: [String: String] = [
    "temp.focus all": "+ - move all", "temp.focus melody": "+ - move melody",
    "temp.focus rhythm": "+ - move rhythm", "temp.focus form": "+ - move form",
    "temp =": "type a temperature", "temp.reset": "all back to 1.00", "pace": "pace of writing",
    "ahead": "bars ahead", "top-p": "likeliest share", "top-k": "likeliest so many",
    "min-p": "least likely", "rng new": "new random number", "rng =": "type a number",
    "phrase": "bars of a phrase", "stop-rule": "where it stops", "copy-guard": "copy guard",
    "memory": "memory of the tune", "shape": "which bars return", "scale next": "next scale",
    "instrument next": "next instrument", "best-key": "best key for it",
    "bias": "favour or ban notes",
    "mood": "mood", "mix": "second model",
    "goto start": "to the start", "goto end": "to the end", "goto playhead": "to the playhead",
    "goto head": "to where it writes", "goto edit": "to the last edit",
    "goto warning": "to the next warning", "play.bar": "play this bar", "form": "build a form",
    "take.list": "list takes", "drafts": "list drafts", "open": "open a file",
    "history": "list versions", "record": "play notes in", "step": "notes step by step",
    "answer": "call and response",
    "zoom in": "more room", "zoom out": "less room", "zoom up": "higher", "zoom down": "lower",
    "zoom centre": "cursor in view", "zoom fit": "as much as fits",
    "pane next": "what is likely next", "pane takes": "takes", "pane lanes": "lanes",
    "pane judge": "the judge's marks", "pane full": "this pane alone",
    "pane staff": "roll, staff, engraved", "messages": "past messages",
  ]
}

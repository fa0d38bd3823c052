import ABC

/// Every command there is. Keys, the `:` line, `lilt ctl`, keys.toml, the help list and the README's
/// tables are made from this one table.
public enum CommandName: String, CaseIterable, Sendable {
  // Generating
  case generateToggle = "gen.toggle"
  case generateStep = "gen.step"
  case generateBar = "gen.bar"
  case retry = "gen.retry"
  case retryHere = "gen.retry-here"
  case barBack = "gen.bar-back"
  case temperature = "temp"
  case temperatureFocus = "temp.focus"
  case temperatureReset = "temp.reset"
  case topP = "top-p"
  case topK = "top-k"
  case minP = "min-p"
  case alternatives = "alt"
  case alternativeHear = "alt.hear"
  case alternativeChoose = "alt.choose"
  case alternativeReroll = "alt.reroll"
  case alternativeHold = "alt.hold"
  case alternativeDrop = "alt.drop"
  case alternativeMore = "alt.more"
  case alternativeComp = "alt.comp"
  case vary = "vary"
  case chords = "chords"
  case voice = "voice"
  case lock = "lock"
  case rng = "rng"
  case pace = "pace"
  case ahead = "ahead"
  case phrase = "phrase"
  case stopRule = "stop-rule"
  case legal = "legal"
  case copyGuard = "copy-guard"
  case choose = "choose"
  case checkpoint = "checkpoint"
  case memory = "memory"
  case shape = "shape"
  case plan = "plan"
  case parts = "parts"
  case cadence = "cadence"
  case instrument = "instrument"
  case bestKey = "best-key"
  case scale = "scale"
  case bias = "bias"
  case mood = "mood"
  case mix = "mix"
  // Hearing
  case playToggle = "play.toggle"
  case playBar = "play.bar"
  case hear = "hear"
  case loop = "loop"
  case tempo = "tempo"
  case tempoTap = "tempo.tap"
  case metronome = "metronome"
  case countIn = "count-in"
  case practise = "practise"
  case swing = "swing"
  case mute = "mute"
  case solo = "solo"
  case panic = "panic"
  case halt = "halt"
  case output = "out"
  case input = "in"
  case clock = "clock"
  case sound = "sound"
  // History
  case undo = "undo"
  case redo = "redo"
  case takePrevious = "take.prev"
  case takeNext = "take.next"
  case takeList = "take.list"
  case history = "history"
  case take = "take"
  case tag = "tag"
  // Moving
  case move = "move"
  case barNext = "bar.next"
  case barStart = "bar.start"
  case barEnd = "bar.end"
  case lineStart = "line.start"
  case lineEnd = "line.end"
  case phrasePrevious = "phrase.prev"
  case phraseNext = "phrase.next"
  case goTo = "goto"
  case find = "find"
  case findNext = "find.next"
  case findPrevious = "find.prev"
  // Editing
  case insert = "insert"
  case header = "header"
  case section = "section"
  case editor = "edit"
  case record = "record"
  case step = "step"
  case tap = "tap"
  case answer = "answer"
  case delete = "delete"
  case select = "select"
  case grab = "grab"
  case copy = "copy"
  case cut = "cut"
  case paste = "paste"
  case register = "register"
  case yankSystem = "yank.system"
  case cancel = "cancel"
  case name = "name"
  case transpose = "transpose"
  case double = "double"
  case halve = "halve"
  case invert = "invert"
  case retrograde = "retrograde"
  case foldRepeats = "fold-repeats"
  case unfold = "unfold"
  case why = "why"
  // Phrases and forms
  case keep = "keep"
  case shelf = "shelf"
  case form = "form"
  case pick = "pick"
  // Looking
  case follow = "follow"
  case zoom = "zoom"
  case colour = "colour"
  case theme = "theme"
  case motion = "motion"
  case focus = "focus"
  case pane = "pane"
  case messages = "messages"
  case judge = "judge"
  case redraw = "redraw"
  // Files and the program
  case open = "open"
  case new = "new"
  case drafts = "drafts"
  case export = "export"
  case write = "write"
  case set = "set"
  case commandLine = "command"
  case help = "help"
  case tutor = "tutor"
  case reload = "reload"
  case suspend = "suspend"
  case quit = "quit"
  case quitNow = "quit!"

  /// What the argument is, as the help list shows it; empty = none.
  public var argument: String {
    switch self {
    case .temperature: "+N|-N|=N|="
    case .temperatureFocus: "all|melody|rhythm|form"
    case .topP, .minP: "0-1"
    case .topK: "N"
    case .alternatives: "1-9|here|note|beat|A-B"
    case .vary: "rhythm|pitch|ornament"
    case .chords: "1-9"
    case .voice: "NAME|N|new NAME [0-10]"
    case .section: "K:G M:6/8 L:1/16 Q:1/4=90"
    case .take: "N|TAG"
    case .tag: "NAME|off"
    case .lock: "A-B|off"
    case .alternativeHear: "N|next|prev"
    case .rng: "N|new"
    case .pace: "max|follow|N"
    case .ahead, .phrase: "N"
    case .stopRule: "phrase|cadence|tune|never"
    case .memory: "N|up|down|add FILE|off"
    case .plan: "next|5=1|6~2|7 new|7 auto|off"
    case .mood: "NAME|save NAME"
    case .mix: "NAME 0-1|off"
    case .shape: "auto|free|abac"
    case .parts, .cadence: "off|wish|rule"
    case .instrument: "NAME|off|wish|rule|next"
    case .scale: "NAME|off|wish|rule|next"
    case .bias: "f#+1.5,c-2,z!|off"
    case .legal: "on|off"
    case .copyGuard: "off|warn N|forbid N"
    case .checkpoint: "NAME|FILE"
    case .loop: "A-B|off"
    case .tempo: "+N|-N|N"
    case .mute: "on|off|VOICE"
    case .solo: "off|VOICE"
    case .transpose: "N|N steps"
    case .metronome: "on|off"
    case .countIn: "0-4|off"
    case .practise: "START END STEP ROUNDS|rest|off"
    case .record: "[BARS]|\(Session.RecordingWord.allCases.map(\.rawValue).joined(separator: "|"))"
    case .tap: "tempo"
    case .answer: "[BARS]"
    case .swing: "50-75|off"
    case .output: "synth|PORT|N|off"
    case .input: "PORT|N|off"
    case .clock: "off|send|follow"
    case .sound: "NAME|N|off"
    case .move: "left|right|up|down"
    case .goTo: "start|end|N|playhead|head|edit|warning"
    case .find: "TEXT"
    case .select: "bars|phrase|all"
    case .follow: "playhead|head|off"
    case .zoom: "in|out|up|down|fit|centre"
    case .choose: "next|prev|take"
    case .grab: "up|down|sharp|flat|earlier|later|longer|shorter|next|prev"
    case .copy, .cut, .paste, .register: "LETTER"
    case .colour: "origin|surprise|voice|pitch|temperature"
    case .theme: "NAME"
    case .motion: "on|off"
    case .pane: ViewSettings.Toggle.allCases.map(\.rawValue).joined(separator: "|")
    case .open: "FILE [N|TRACKS]"
    case .export: "[tune|selection|phrase|takes|shelf|LETTER|form] FILE"
    case .keep: "LETTER [A-B] [NAME|off|back]"
    case .shelf: "LETTER"
    case .form: "A A B B"
    case .pick: "hear|drop|back|rename|copy|compare"
    case .drafts: "list|open|rename|copy|compare|delete|restore|NAME NEW"
    case .write: "FILE"
    case .name: "TITLE"
    case .set: "NAME VALUE"
    case .help: "WORD"
    case .tutor: "on|next|back|off"
    default: ""
    }
  }

  /// One sentence for the help list, the README and the man page.
  public var help: String {
    switch self {
    case .generateToggle: "let the model write, pause it in mid-bar, or go on exactly there"
    case .generateStep: "let the model write one character"
    case .generateBar: "let the model write to the end of the bar"
    case .retry: "try the last run again; the old ending becomes a take"
    case .retryHere: "try again from the cursor's bar; the old ending becomes a take"
    case .barBack: "pause and drop the last bar"
    case .temperature: "make the model wilder (+) or calmer (-), or type a temperature"
    case .temperatureFocus: "choose which temperature + and - move"
    case .temperatureReset: "set every temperature back to 1.00"
    case .topP: "draw only from the likeliest characters that make up this share"
    case .topK: "draw only from this many characters; 0 = all"
    case .minP: "leave out characters less likely than this share of the likeliest"
    case .alternatives:
      "write several next phrases to choose from; or fill the selection, note or beat here"
    case .alternativeHear: "hear an alternative, on the next beat; 0 is the original"
    case .alternativeChoose: "take the alternative that is shown; the others stay as takes"
    case .alternativeReroll: "write the alternatives that are not held anew"
    case .alternativeHold: "hold the alternative that is shown while others are written anew"
    case .alternativeDrop: "take the alternative that is shown off the list; it stays a take"
    case .alternativeMore:
      "write others like the one that is shown: its beginning, the nearest contour first"
    case .alternativeComp: "keep what was heard of the alternatives, beat by beat, as a take"
    case .vary: "write only the rhythm, the pitches or the ornaments of the selected bars anew"
    case .chords: "propose chord symbols for the selected bars or the tune"
    case .voice: "go to a voice; new NAME adds one and lets the model fill it, chord tones favoured"
    case .lock: "lock the selected bars or the cursor's, so that nothing changes them, or let go"
    case .rng: "set the random number, or take a new one"
    case .pace: "how fast the model writes: max, follow the playhead, or characters a second"
    case .ahead: "how many bars the model keeps in front of the playhead"
    case .phrase: "how many bars make a phrase, after which the model stops"
    case .stopRule:
      "where the model stops by itself: phrase, cadence, end of the tune, or never"
    case .memory:
      "how much the tune remembers itself, -1 to 1 (below 0 it keeps away); or lend it tunes"
    case .plan: "change what the coming bar will be (next), or say which bars come back"
    case .mood: "take on a manner by name: key, tempo, rhythm, temperatures, memory; or save one"
    case .mix: "blend a second model in, so much of it"
    case .shape: "which phrases come back: as tunes do, no plan, or letters such as abac|dedc"
    case .parts: "parts of 4, 8 or 16 bars that end where the plan says"
    case .cadence: "parts end on the tonic, held for a beat; bar 4 of 8 does not"
    case .instrument: "whose range the notes lie in, as a wish or a rule: fiddle, whistle, flute, …"
    case .bestKey: "move the tune into the key that suits the instrument best"
    case .scale:
      "which notes belong: the key's, pentatonic, hexatonic, or a scale by name; off, wish or rule"
    case .bias: "favour or ban notes by name or MIDI key, and characters; ! = never"
    case .legal: "let the model write only correct ABC whose bars add up, or anything"
    case .copyGuard:
      "warn of, or forbid, so many notes in a row of a tune the model has learnt from"
    case .choose: "walk the likely characters at the cursor; Enter forks a take with the one chosen"
    case .checkpoint: "load another model"
    case .playToggle: "play from the cursor, or stop"
    case .playBar: "play from the start of the cursor's bar"
    case .hear: "sound the note at the cursor"
    case .loop: "loop the selection, the phrase at the cursor, or stop looping"
    case .tempo: "faster or slower, at once; written into the header"
    case .tempoTap: "tap the tempo"
    case .metronome: "metronome on or off"
    case .practise:
      "play bars over and over, faster after some rounds; rest: a silent round after each"
    case .record:
      "play notes in on the typing keyboard or by MIDI, to the clock; one take is one undo step"
    case .step: "enter notes one by one on the typing keyboard or by MIDI"
    case .tap: "tap a new rhythm for the selected notes or those that follow; or tap the tempo"
    case .answer: "play bars in, the model answers with as many in time, round after round"
    case .countIn: "how many bars are clicked before the music"
    case .swing:
      "play pairs of eighths unevenly: the first one's share, 66 = two to one; into the header"
    case .mute: "silence everything, or one voice by its number, and keep the clock"
    case .solo: "hear one voice alone, by its number"
    case .panic: "all notes off on every channel"
    case .halt: "stop sound and pause the model; twice within a second offers to quit"
    case .output:
      "say where the sound goes, or send it to MIDI ports by name or number, with commas"
    case .input: "list MIDI ports that notes come from, or choose some by name or number"
    case .sound: "the instrument of the tune, by its General MIDI name; written into the header"
    case .clock: "send MIDI clock, start and stop; or follow another's"
    case .undo: "undo, also while the model writes (it pauses first)"
    case .redo: "redo"
    case .takePrevious: "the take before this one, from here"
    case .takeNext: "the next take from here"
    case .takeList: "list the takes from here to look at, hear and choose from"
    case .history: "list everything the draft has been to look at, hear and go back to"
    case .take: "to a take by its number, or by its tag from anywhere"
    case .tag: "name this take"
    case .move: "move by note, or by line"
    case .barNext: "to the next bar"
    case .barStart: "to the start of this bar, then of the one before"
    case .barEnd: "to the end of this bar, then of the next"
    case .lineStart: "to the start of the line"
    case .lineEnd: "to the end of the line"
    case .phrasePrevious: "one phrase back"
    case .phraseNext: "one phrase on"
    case .goTo: "to the start, the end, a bar, the playhead, the last edit, the next warning"
    case .find: "find ABC text"
    case .findNext: "find again"
    case .findPrevious: "find again, backwards"
    case .insert: "edit the text here; Esc ends, the model goes on from it"
    case .header:
      "edit title, key, meter, unit length, tempo and rhythm; behind the first bar as a new section"
    case .section: "change key, meter, unit length or tempo from the cursor's bar on"
    case .editor: "open the tune in $VISUAL or $EDITOR"
    case .delete: "delete the note or character at the cursor"
    case .select: "select bars; movement extends the selection"
    case .grab: "move the cursor's note by step, semitone, grid or length; its bar keeps its sum"
    case .copy: "copy the selected bars"
    case .cut: "cut the selected bars"
    case .paste: "paste bars after the cursor's bar, or in place of the selected ones"
    case .register:
      "name the register (a letter) that the next copy, cut or paste uses; - = last cut"
    case .yankSystem: "copy the tune or selection to the terminal's clipboard"
    case .cancel: "leave what is open; end a selection"
    case .name: "give the tune a title"
    case .transpose: "transpose by semitones into the new key, or by steps of the scale"
    case .double: "make every note twice as long"
    case .halve: "make every note half as long"
    case .invert: "turn the melody upside down around its first note"
    case .retrograde: "turn the melody around, last note first"
    case .foldRepeats: "write music that comes twice in a row as a repeat"
    case .unfold: "write repeats out"
    case .keep: "keep the selection or the phrase here on the shelf, under a letter"
    case .shelf: "hear a phrase of the shelf by its letter; Enter puts it in after the cursor's bar"
    case .form:
      "build the tune of the shelf: A A B B, A' for a varied return, A1 A2 for two endings"
    case .pick: "hear, drop, rename, copy or compare what is chosen in a list, or bring it back"
    case .why: "say what the note at the cursor sounds like, and why"
    case .follow: "what the view follows: the playhead, the generation head, nothing"
    case .zoom: "zoom time in and out, shift pitch up and down, fit the tune"
    case .colour: "colour notes by origin, surprise, voice, pitch or temperature"
    case .theme: "choose a theme, with a live preview"
    case .motion: "let the view move; off = by the page, and nothing blinks"
    case .focus: "to the next pane"
    case .pane:
      "show or hide a pane; staff = roll, staff or engraved; full = the focused pane alone"
    case .messages: "list past messages"
    case .judge: "say why the tune so far has its nine marks, and what it shares with known tunes"
    case .redraw: "draw the screen anew"
    case .open:
      "open an ABC or MIDI file, or a tune of a book, as a new version; without one, list files"
    case .new: "start a new draft; this one is kept"
    case .drafts:
      "list the drafts to look at, hear and open; or rename, copy, compare, delete, restore one"
    case .export: "write tune, selection, phrase or takes as .abc, .mid or sound"
    case .write: "save the tune as .abc"
    case .set: "set any of the values that commands set"
    case .commandLine: "type a command"
    case .help: "search all keys and commands; Enter runs one"
    case .tutor: "learn the first tune step by step; next skips a step"
    case .reload: "read config.toml, keys.toml and themes again"
    case .suspend: "suspend to the shell"
    case .quit: "leave; the draft is always saved"
    case .quitNow: "leave at once; the draft is saved all the same"
    }
  }

  /// Short forms musicians know from other programs.
  public static let aliases: [String: CommandName] = [
    "w": .write, "q": .quit, "q!": .quitNow, "wq": .quit, "e": .open, "h": .help,
    "save": .write, "title": .name, "gen": .generateToggle, "play": .playToggle,
    "practice": .practise, "color": .colour, "warnings": .goTo,
  ]

  /// The command a word names: in full, by alias, or by the only name it begins.
  public static func named(_ word: String) -> CommandName? {
    if let exact = CommandName(rawValue: word) ?? aliases[word] { return exact }
    let beginning = allCases.filter { $0.rawValue.hasPrefix(word) }
    return beginning.count == 1 ? beginning[0] : nil
  }

  /// The name nearest to a word that names nothing.
  public static func nearest(to word: String) -> String? {
    nearestWord(to: word, among: allCases.map(\.rawValue) + aliases.keys.sorted())
  }

  /// Whether a prompt for it ends with the first letter.
  var takesOneLetter: Bool { self == .register || self == .keep }

  /// Whether the argument is the name of a file.
  var takesPath: Bool {
    switch self {
    case .open, .write, .export, .checkpoint: true
    default: false
    }
  }
}

/// A command with its argument, as typed, bound to a key, or sent by `lilt ctl`.
public struct Invocation: Sendable, Equatable {
  public var name: CommandName
  public var argument: String
  /// The number typed before a key: `4a`, `12G`.
  public var count: Int?

  public init(_ name: CommandName, _ argument: String = "", count: Int? = nil) {
    self.name = name
    self.argument = argument
    self.count = count
  }

  /// Reads `temp +0.05`, `temp = 0.7`, `w tune.abc`, `12`.
  public static func parse(_ line: String) -> Result<Invocation, InvocationError> {
    let trimmed = line.trimmingSpaces()
    guard !trimmed.isEmpty else { return .failure(.empty) }
    if Int(trimmed) != nil { return .success(Invocation(.goTo, trimmed)) }
    let word = String(trimmed.prefix { $0 != " " })
    let argument = String(trimmed.dropFirst(word.count)).trimmingSpaces()
    guard let name = CommandName.named(word) else {
      return .failure(.unknown(word, nearest: CommandName.nearest(to: word)))
    }
    return .success(Invocation(name, argument))
  }
}

public enum InvocationError: Error, Sendable, Equatable, CustomStringConvertible {
  case empty
  /// `nearest` is `nil` where no name is near.
  case unknown(String, nearest: String?)

  public var description: String {
    switch self {
    case .empty: "type a command, or Esc"
    case .unknown(let word, let nearest):
      "unknown command '\(word)'"
        + (nearest.map { " (did you mean '\($0)'?)" } ?? " (? lists every command)")
    }
  }
}

extension String {
  func trimmingSpaces() -> String {
    let start = drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(start[...last])
  }
}

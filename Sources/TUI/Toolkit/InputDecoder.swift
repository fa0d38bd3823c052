/// Decoder of everything that a terminal sends: keys, the mouse, pastes, and answers to questions.
///
/// Bytes go in as they come, in any pieces; whole things come out. What begins like a control string
/// (ECMA-48: `ESC [`, `ESC ]`, `ESC P`, `ESC O` …) is one thing up to its final byte, however late
/// that comes: an answer of the terminal is never taken for keys, whether or not it is understood.
/// Reads no clock: the time, in milliseconds from any beginning, is told.
struct InputDecoder {
  /// One thing that the terminal sent.
  enum Input: Hashable, Sendable {
    case key(KeyPress)
    case answer(TerminalAnswer)
  }

  /// How long a lone ESC waits before it is the Escape key, in milliseconds.
  var escapeDelay = 25
  /// Until when an answer may come: an ESC may be its first byte then, however slow the line is.
  var answersExpectedUntil = 0
  /// How long a lone ESC waits while answers are expected, in milliseconds.
  static let answerDelay = 300
  /// Whether keys that are let go, or stay down, are told; otherwise those are nothing, and repeat.
  var tellsReleases = false
  /// Whether the terminal sends the Escape key as `CSI 27 u`: then ESC alone is a beginning.
  var escapeIsNamed = false
  /// The keys that terminfo knows, by their bytes; those without a name here give nothing.
  let terminfo: TerminfoKeys

  /// How long after an ESC that was given as the Escape key the rest of a sequence may come.
  static let lateDelay = 500
  /// The same where the Escape key has a name of its own.
  static let namedDelay = 1000
  /// After so long a silence, in milliseconds, the rest of a control string is not coming any more.
  static let patience = 10_000
  /// Longest control string that is waited for, in bytes.
  static let longestString = 1 << 20
  /// As much of it as is kept.
  private static let keptString = 4096

  /// Longest control sequence that is read; a longer one means nothing.
  private static let longestSequence = 256

  private enum State: Hashable {
    case ground
    /// After ESC, or after two of them.
    case escape(isDouble: Bool)
    /// After `ESC [`.
    case control
    /// After `ESC O`.
    case single
    /// One byte of a Linux console's function key, `ESC [ [ A`.
    case consoleKey
    /// X10 mouse report: three bytes follow `ESC [ M`.
    case mouse
    /// After `ESC ]`, or after the beginning of a string that is of no use (DCS, SOS, PM, APC).
    case string(isCommand: Bool)
    /// After an ESC in a string: `\` ends it.
    case stringEscape(isCommand: Bool)
    case paste
  }

  private var state = State.ground
  /// The bytes of the sequence being read, from its ESC on.
  private var sequence: [UInt8] = []
  /// The content of the string being read, as far as it is kept.
  private var content: [UInt8] = []
  /// Whether it is an application's command (APC).
  private var isApplicationCommand = false
  private var stringLength = 0
  /// Bytes that the UTF-8 character in a string still lacks: 0x9C may be one of them.
  private var stringMissing = 0
  private var stringLead: UInt8 = 0
  /// Whether another ESC came just before the sequence: Alt, if it is a key.
  private var isAfterEscape = false
  /// The bytes of an unfinished UTF-8 character, how many are missing, and what is held with it.
  private var character: [UInt8] = []
  private var missing = 0
  private var modifiers: KeyPress.Modifiers = []
  private var paste = PasteCollector()
  private var found: [Input] = []
  private var now = 0
  private var lastByte = 0
  private var escapeAt = 0
  /// When the last thing that was given was an ESC taken for the Escape key; nil = it was not.
  private var escapeGivenAt: Int?

  init(terminfo: TerminfoKeys = TerminfoKeys()) { self.terminfo = terminfo }

  /// Whether a paste has begun and not ended.
  var pasteIsOpen: Bool { state == .paste }
  /// Whether something has begun and not ended.
  var isInside: Bool { state != .ground }

  /// Takes bytes as they come and returns what is complete.
  mutating func read(_ bytes: some Sequence<UInt8>, at milliseconds: Int) -> [Input] {
    let before = wait(until: milliseconds)
    for byte in bytes {
      lastByte = now
      take(byte)
    }
    defer { found = [] }
    return before + found
  }

  /// When `wait` has something to say though no byte comes; `nil` while it has not.
  var deadline: Int? {
    guard case .escape = state else { return nil }
    let isExpecting = escapeAt < answersExpectedUntil
    return escapeAt
      + max(
        escapeDelay, isExpecting ? InputDecoder.answerDelay : 0,
        escapeIsNamed ? InputDecoder.namedDelay : 0)
  }

  /// Lets time pass: an ESC that nothing followed is the Escape key.
  mutating func wait(until milliseconds: Int) -> [Input] {
    now = max(now, milliseconds)
    if let deadline, now >= deadline {
      giveEscape()
      state = .ground
      escapeGivenAt = now
    } else if now - lastByte >= InputDecoder.patience, state != .paste {
      state = .ground
    }
    defer { found = [] }
    return found
  }

  // MARK: One byte

  private mutating func take(_ byte: UInt8) {
    switch state {
    case .ground: ground(byte)
    case .escape(let isDouble): afterEscape(byte, isDouble: isDouble)
    case .control: control(byte)
    case .single: single(byte)
    case .consoleKey: state = .ground
    case .mouse:
      sequence.append(byte)
      if sequence.count == 6 { endMouse() }
    case .string(let isCommand): string(byte, isCommand)
    case .stringEscape(let isCommand):
      switch byte {
      case 0x5C: endString(isCommand)
      case 0x1B: startEscape()
      default:
        // Not the string's end: it is broken off, and something new has begun.
        startEscape()
        take(byte)
      }
    case .paste:
      let (isOver, text) = paste.append(byte)
      if isOver { state = .ground }
      if let text { press(KeyPress(.paste(text))) }
    }
  }

  private mutating func ground(_ byte: UInt8) {
    if missing > 0 {
      if byte & 0xC0 == 0x80 {
        character.append(byte)
        missing -= 1
        if missing == 0 { endCharacter() }
        return
      }
      missing = 0
    }
    defer { escapeGivenAt = nil }
    switch byte {
    case 0x1B: startEscape()
    case _ where escapeGoesOn(with: byte):
      // The ESC was no key: this is what it began.
      begin(byte)
    case ..<0x80: press(InputDecoder.key(byte))
    case 0x80..<0xA0: begin(byte - 0x40)
    default:
      character = [byte]
      missing = InputDecoder.continuations(of: byte)
      modifiers = []
    }
  }

  /// Whether a byte goes on with an ESC that was given as the Escape key already.
  ///
  /// Reports of the mouse, of focus and of colours, and cursor keys come at any time, and a slow line
  /// may deliver them in pieces; what begins them is no command by itself.
  private func escapeGoesOn(with byte: UInt8) -> Bool {
    guard let escapeGivenAt else { return false }
    if now < answersExpectedUntil, "[]P_^X".utf8.contains(byte) { return true }
    return now - escapeGivenAt < InputDecoder.lateDelay && "[]O".utf8.contains(byte)
  }

  private mutating func endCharacter() {
    guard let text = String(validating: character, as: UTF8.self),
      let scalar = text.unicodeScalars.first
    else { return }
    if (0x80..<0xA0).contains(scalar.value) {
      // A control character of the second set is ESC and the letter below it.
      begin(UInt8(scalar.value - 0x40))
    } else {
      press(KeyPress(.character(Character(scalar)), modifiers))
    }
  }

  private mutating func startEscape() {
    state = .escape(isDouble: false)
    escapeAt = now
  }

  private mutating func giveEscape() {
    if state == .escape(isDouble: true) { press(KeyPress(.escape)) }
    press(KeyPress(.escape))
  }

  private mutating func afterEscape(_ byte: UInt8, isDouble: Bool) {
    let isLate = now - escapeAt >= escapeDelay
    // Slowly after an ESC only an answer goes on: a key comes in one piece.
    if isLate, !escapeIsNamed, !"[]P_^X".utf8.contains(byte) {
      giveEscape()
      state = .ground
      take(byte)
      return
    }
    switch byte {
    case 0x1B where isDouble || isLate:
      giveEscape()
      startEscape()
    case 0x1B:
      // Some terminals send Alt and an arrow so: ESC ESC [ A.
      state = .escape(isDouble: true)
      escapeAt = now
    case _ where "[O]P_^X".utf8.contains(byte):
      begin(byte, isAfterEscape: isDouble)
    default:
      if isDouble { press(KeyPress(.escape)) }
      state = .ground
      let bytes = [0x1B, byte]
      if terminfo.knows(bytes) {
        if let key = terminfo.key(bytes) { press(key) }
      } else if byte < 0x80 {
        let key = InputDecoder.key(byte)
        press(KeyPress(key.key, key.modifiers.union(.alt)))
      } else {
        take(byte)
        modifiers = .alt
      }
    }
  }

  /// Begins what ESC and this byte begin.
  private mutating func begin(_ byte: UInt8, isAfterEscape: Bool = false) {
    self.isAfterEscape = isAfterEscape
    sequence = [0x1B, byte]
    switch byte {
    case UInt8(ascii: "["): state = .control
    case UInt8(ascii: "O"): state = .single
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"),
      UInt8(ascii: "X"):
      (content, stringLength, stringMissing) = ([], 0, 0)
      isApplicationCommand = byte == UInt8(ascii: "_")
      state = .string(isCommand: byte == UInt8(ascii: "]"))
    default: state = .ground
    }
  }

  // MARK: Control sequences

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case 0x1B:
      dropSequence()
      startEscape()
    case 0x18, 0x1A: dropSequence()
    case 0x20...0x7E:
      if sequence.count < InputDecoder.longestSequence { sequence.append(byte) }
      if takeTerminfo() { return }
      if sequence.count == 3, byte == UInt8(ascii: "[") {
        state = .consoleKey
      } else if sequence.count == 3, byte == UInt8(ascii: "M") {
        state = .mouse
      } else if byte >= 0x40 {
        endControl()
      }
    // Nothing that may stand in a sequence; it goes on all the same.
    default: break
    }
  }

  private mutating func endControl() {
    guard sequence.count < InputDecoder.longestSequence,
      let control = ControlSequence(sequence.dropFirst(2))
    else {
      dropSequence()
      return
    }
    switch control.meaning {
    case .key(let key): give(key)
    case .answer(let answer):
      dropSequence()
      found.append(.answer(answer))
      if case .deviceAttributes = answer { answersExpectedUntil = 0 }
    case .pasteStart:
      dropSequence()
      paste = PasteCollector()
      state = .paste
    case .pasteEnd, .nothing: dropSequence()
    }
  }

  private mutating func single(_ byte: UInt8) {
    switch byte {
    case 0x1B:
      dropSequence()
      startEscape()
    case 0x18, 0x1A: dropSequence()
    case 0x20...0x7E:
      if sequence.count < InputDecoder.longestSequence { sequence.append(byte) }
      if takeTerminfo() { return }
      guard !(0x30...0x3B).contains(byte) else { return }
      if let key = InputDecoder.singleShift(sequence.dropFirst(2)) {
        give(key)
      } else {
        dropSequence()
      }
    default: break
    }
  }

  private mutating func endMouse() {
    let parts = sequence[3...].map { Int($0) - 32 }
    if case .key(let key) = ControlSequence.mouse(parts[0], column: parts[1], row: parts[2]) {
      give(key)
    } else {
      dropSequence()
    }
  }

  /// Whether terminfo knows the sequence as it is now; its key is given then.
  private mutating func takeTerminfo() -> Bool {
    guard terminfo.knows(sequence), !terminfo.isBeginning(sequence) else { return false }
    if let key = terminfo.key(sequence) { give(key) } else { dropSequence() }
    return true
  }

  /// Gives the key that the sequence was.
  private mutating func give(_ key: KeyPress) {
    state = .ground
    press(isAfterEscape ? KeyPress(key.key, key.modifiers.union(.alt)) : key)
  }

  /// Lets a sequence that was no key go; an ESC before it was a key of its own.
  private mutating func dropSequence() {
    state = .ground
    if isAfterEscape { press(KeyPress(.escape)) }
    isAfterEscape = false
  }

  // MARK: Control strings

  private mutating func string(_ byte: UInt8, _ isCommand: Bool) {
    stringLength += 1
    if stringMissing > 0, byte & 0xC0 == 0x80 {
      stringMissing -= 1
      if byte == 0x9C, stringLead == 0xC2 {
        // ST as a character of its own, U+009C.
        if content.last == 0xC2 { content.removeLast() }
        endString(isCommand)
        return
      }
    } else {
      stringMissing = 0
      switch byte {
      case 0x1B:
        state = .stringEscape(isCommand: isCommand)
        return
      case 0x07, 0x9C:
        endString(isCommand)
        return
      case 0x18, 0x1A:
        dropSequence()
        return
      default:
        stringMissing = InputDecoder.continuations(of: byte)
        stringLead = byte
      }
    }
    if content.count < InputDecoder.keptString { content.append(byte) }
    if stringLength >= InputDecoder.longestString { dropSequence() }
  }

  private mutating func endString(_ isCommand: Bool) {
    dropSequence()
    if isCommand, let answer = TerminalAnswer(operatingSystemCommand: content) {
      found.append(.answer(answer))
    } else if isApplicationCommand, let answer = TerminalAnswer(applicationCommand: content) {
      found.append(.answer(answer))
    }
  }

  private mutating func press(_ key: KeyPress) {
    if tellsReleases {
      found.append(.key(key))
    } else if key.act != .release {
      found.append(.key(key.asPressed))
    }
  }
}

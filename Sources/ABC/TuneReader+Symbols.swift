import Music

extension TuneReader {
  /// A chord symbol, or an annotation where it begins with `^ _ < > @` (ABC 2.1 §4.18, §4.19).
  mutating func readQuoted() {
    let start = position
    var end = position + 1
    while end < lineLimit, bytes[end] != UInt8(ascii: "\"") || bytes[end - 1] == UInt8(ascii: "\\")
    {
      end += 1
    }
    guard end < lineLimit else {
      look(asFarAs: lineLimit + 1)
      remark(
        .error, "This chord symbol is not closed by \"; the quotation mark is ignored.",
        start..<(start + 1))
      position = start + 1
      return
    }
    position = end + 1
    emitQuoted(bytes[(start + 1)..<end], at: start..<position)
  }

  /// The same between the quotation marks of printed text, which a word processor puts in.
  mutating func readCurlyQuoted() {
    let start = position
    var end = position + 3
    func isMark(_ place: Int) -> Bool {
      bytes[place] == UInt8(ascii: "\"")
        || bytes[place] == 0xE2 && place + 2 < lineLimit && bytes[place + 1] == 0x80
          && (0x9C...0x9E).contains(bytes[place + 2])
    }
    while end < lineLimit, !isMark(end) { end += 1 }
    guard end < lineLimit else {
      look(asFarAs: lineLimit + 1)
      remark(
        .error, "This chord symbol is not closed by \"; the quotation mark is ignored.",
        start..<(start + 3))
      position = start + 3
      return
    }
    position = end + (bytes[end] == UInt8(ascii: "\"") ? 1 : 3)
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    remark(
      .warning,
      "Use straight quotation marks (\") around chord symbols; \(text) is read as if it had them.",
      start..<position, cause: .curlyQuotes, subject: .writing)
    emitQuoted(bytes[(start + 3)..<end], at: start..<position)
  }

  private mutating func emitQuoted(_ quoted: ArraySlice<UInt8>, at range: Range<Int>) {
    let text = trimmed(quoted)
    guard let first = text.first else { return }
    switch first {
    case UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "<"), UInt8(ascii: ">"),
      UInt8(ascii: "@"):
      return
    default:
      let symbol = decodeText(String(decoding: text, as: UTF8.self))
      emit(.chordSymbol(text: store(symbol)), at: range)
    }
  }

  /// `!name!`, or a lone `!`: an old sign for a line break (ABC 2.1 §4.14, §12.1.1).
  mutating func readExclamation() {
    let start = position
    if state.lineBreaks.exclamation {
      position += 1
      return
    }
    var end = position + 1
    while end < lineLimit, isNameByte(bytes[end], after: start, end) { end += 1 }
    guard end < lineLimit, bytes[end] == UInt8(ascii: "!"), end > start + 1 else {
      look(asFarAs: end + 1)
      position += 1
      return
    }
    let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    position = end + 1
    decorate(name, at: start..<position)
  }

  /// Names hold no blanks, but `D.C. al fine` does.
  private func isNameByte(_ byte: UInt8, after start: Int, _ place: Int) -> Bool {
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "\""):
      return false
    case 0x20: return place > start + 2 && bytes[start + 2] == UInt8(ascii: ".")
    default: return true
    }
  }

  /// `+trill+`, the old way to write a decoration, or `+CEG+`, the old way to write a chord.
  mutating func readPlus() {
    let start = position
    var end = position + 1
    while end < lineLimit, bytes[end] != UInt8(ascii: "+"), bytes[end] != UInt8(ascii: "|") {
      end += 1
    }
    guard end < lineLimit, bytes[end] == UInt8(ascii: "+"), end > start + 1 else {
      look(asFarAs: end + 1)
      remark(.error, "This + has no partner; it is ignored.", start..<(start + 1))
      position += 1
      return
    }
    let text = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    if DecorationName(text) != nil || !isMusic((start + 1)..<end) {
      position = end + 1
      decorate(text, at: start..<position)
      return
    }
    remark(
      .note, "+ marks around a chord are an old form; [ and ] are usual now.", start..<(end + 1))
    readOldChord(to: end)
  }

  /// `+slide+` inside a chord, where `+` begins no other chord.
  mutating func readPlusDecoration(before limit: Int) {
    let start = position
    let end = bytes[(start + 1)..<limit].firstIndex(of: UInt8(ascii: "+"))
    guard let end, end > start + 1 else {
      remark(.error, "This + has no partner; it is ignored.", start..<(start + 1))
      position += 1
      return
    }
    position = end + 1
    decorate(String(decoding: bytes[(start + 1)..<end], as: UTF8.self), at: start..<position)
  }

  private func isMusic(_ range: Range<Int>) -> Bool {
    bytes[range].allSatisfy { byte in
      letterIndex(byte) != nil || isDigit(byte) || isBlank(byte)
        || "^_=,'/-()".utf8.contains(byte)
    }
  }

  /// Reads `+CEG+` through the chord reader, on a copy with brackets.
  private mutating func readOldChord(to end: Int) {
    let open = position
    bytes[open] = UInt8(ascii: "[")
    bytes[end] = UInt8(ascii: "]")
    readChord(to: end)
    bytes[open] = UInt8(ascii: "+")
    bytes[end] = UInt8(ascii: "+")
  }

  /// `.`, `~`, `T`, `u` and whatever `U:` has given a meaning (ABC 2.1 §4.16).
  mutating func readShorthand(_ byte: UInt8) {
    let range = position..<(position + 1)
    position += 1
    if let name = state.userSymbols[byte] {
      if name == "nil" || name == "none" || name.isEmpty { return }
      if let first = name.utf8.first, first == UInt8(ascii: "\"") { return }
      decorate(name, at: range)
      return
    }
    switch byte {
    case UInt8(ascii: "."): state.voice.decorations.insert(.staccato)
    case UInt8(ascii: "~"): state.voice.decorations.insert(.roll)
    case UInt8(ascii: "H"): state.voice.decorations.insert(.fermata)
    case UInt8(ascii: "L"): state.voice.decorations.insert(.accent)
    case UInt8(ascii: "M"): state.voice.decorations.insert(.lowerMordent)
    case UInt8(ascii: "P"): state.voice.decorations.insert(.upperMordent)
    case UInt8(ascii: "T"): state.voice.decorations.insert(.trill)
    case UInt8(ascii: "O"): emit(.jump(.coda), at: range)
    case UInt8(ascii: "S"): emit(.jump(.segno), at: range)
    case UInt8(ascii: "u"), UInt8(ascii: "v"), UInt8(ascii: "J"), UInt8(ascii: "R"): break
    default:
      let letter = String(decoding: [byte], as: UTF8.self)
      remark(
        .warning, "\(letter) is no note and no U: gives it a meaning; it is ignored.", range,
        cause: .sameSentence)
    }
  }

  private static func sentence(aboutUnknown name: String) -> String {
    let near = nearestWord(to: name, among: DecorationName.known)
    let question = near.map { " (did you mean !\($0)!?)" } ?? ""
    return "!\(name)! is no known decoration\(question); it is ignored."
  }

  /// Notes a decoration for the next note, or what it does to everything after it.
  private mutating func decorate(_ name: String, at range: Range<Int>) {
    guard let decoration = DecorationName(name) else {
      if state.ownDecorations.contains(name) { return }
      let sentence = unknownDecorations[name] ?? TuneReader.sentence(aboutUnknown: name)
      unknownDecorations[name] = sentence
      remark(.note, sentence, range, cause: .sameSentence, subject: .sound)
      return
    }
    switch decoration {
    case .sign(let sign): state.voice.decorations.insert(sign)
    case .dynamic(let loudness): state.voice.loudness = loudness
    case .jump(let jump): emit(.jump(jump), at: range)
    case .hairpin(let isLouder, let isStart):
      emit(.hairpin(isLouder: isLouder, isStart: isStart), at: range)
    case .drawn: break
    }
  }
}

/// What the name of a decoration means to a player (ABC 2.1 §4.14).
enum DecorationName: Hashable, Sendable {
  case sign(Decorations)
  case dynamic(Loudness)
  case jump(Jump)
  case hairpin(isLouder: Bool, isStart: Bool)
  /// Drawn, but not heard.
  case drawn

  init?(_ name: String) {
    guard let found = DecorationName.table[name] ?? DecorationName.jumps(name) else { return nil }
    self = found
  }

  /// `D.C. al fine`, `dcalfine`, `D.S.alcoda` and their like.
  private static func jumps(_ name: String) -> DecorationName? {
    let letters = String(
      decoding: name.lowercased().utf8.filter { (0x61...0x7A).contains($0) }, as: UTF8.self)
    switch letters {
    case "dc", "dacapo": return .jump(.daCapo)
    case "dcalfine", "dacapoalfine": return .jump(.daCapoAlFine)
    case "dcalcoda", "dacapoalcoda": return .jump(.daCapoAlCoda)
    case "ds", "dalsegno": return .jump(.dalSegno)
    case "dsalfine", "dalsegnoalfine": return .jump(.dalSegnoAlFine)
    case "dsalcoda", "dalsegnoalcoda": return .jump(.dalSegnoAlCoda)
    case "fine": return .jump(.fine)
    case "dacoda", "tocoda", "alcoda": return .jump(.toCoda)
    default: return nil
    }
  }

  private static func level(_ first: UInt8, _ strong: UInt8, _ other: UInt8) -> DecorationName {
    .dynamic(Loudness(first: first, strong: strong, other: other, every: 1))
  }

  /// Every name, in a fixed order.
  static let known = table.keys.sorted()

  private static let table: [String: DecorationName] = {
    var table: [String: DecorationName] = [
      ".": .sign(.staccato), "staccato": .sign(.staccato), "wedge": .sign(.wedge),
      "tenuto": .sign(.tenuto), ">": .sign(.accent), "accent": .sign(.accent),
      "emphasis": .sign(.accent), "^": .sign(.accent), "marcato": .sign(.accent),
      "fermata": .sign(.fermata), "invertedfermata": .sign(.fermata), "trill": .sign(.trill),
      "roll": .sign(.roll), "lowermordent": .sign(.lowerMordent), "mordent": .sign(.lowerMordent),
      "uppermordent": .sign(.upperMordent), "pralltriller": .sign(.upperMordent),
      "turn": .sign(.turn), "turnx": .sign(.turn), "invertedturn": .sign(.invertedTurn),
      "invertedturnx": .sign(.invertedTurn), "arpeggio": .sign(.arpeggio),
      "sfz": .sign(.sforzando), "sf": .sign(.sforzando),
      "pppp": level(20, 10, 5), "ppp": level(30, 20, 10), "pp": level(45, 35, 20),
      "p": level(60, 50, 35), "mp": level(75, 65, 50), "mf": level(90, 80, 65),
      "f": level(105, 95, 80), "ff": level(120, 110, 95), "fff": level(127, 125, 110),
      "ffff": level(127, 127, 125),
      "crescendo(": .hairpin(isLouder: true, isStart: true),
      "<(": .hairpin(isLouder: true, isStart: true),
      "crescendo)": .hairpin(isLouder: true, isStart: false),
      "<)": .hairpin(isLouder: true, isStart: false),
      "diminuendo(": .hairpin(isLouder: false, isStart: true),
      ">(": .hairpin(isLouder: false, isStart: true),
      "diminuendo)": .hairpin(isLouder: false, isStart: false),
      ">)": .hairpin(isLouder: false, isStart: false),
      "segno": .jump(.segno), "coda": .jump(.coda),
    ]
    for name in [
      "0", "1", "2", "3", "4", "5", "+", "plus", "snap", "slide", "upbow", "downbow", "open",
      "thumb", "breath", "shortphrase", "mediumphrase", "longphrase", "trill(", "trill)",
      "editorial", "courtesy", "repeatbar", "repeatbar2", "8va(", "8va)", "8vb(", "8vb)",
      "15ma(", "15ma)", "beambr1", "beambr2", "rbstop", "rbend", "stemless", "invisible",
      "nil", "none", "-(", "-)", "~(", "~)", "xstem", "dot", "head-slash", "umarcato", "irishroll",
    ] {
      table[name] = .drawn
    }
    return table
  }()
}

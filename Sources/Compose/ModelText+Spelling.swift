import ABC
import Neural

/// Writes the text that a network reads, and keeps account of what had to be changed.
struct ModelTextWriter {
  let vocabulary: Vocabulary
  /// How the network's own text spells headers; nil = as Lilt does.
  let spelling: HeaderSpelling?
  private(set) var text = ""
  private(set) var replaced: [Range<Int>] = []
  private(set) var skipped: [Range<Int>] = []

  typealias Scalars = ArraySlice<(scalar: Unicode.Scalar, offset: Int)>

  /// Whether texts are compared, and stay as they are written: otherwise `!trill!` is read as `T`, and
  /// what a key adds to its signature is left out.
  let isMeasured: Bool

  init(vocabulary: Vocabulary, spelling: HeaderSpelling? = nil, isMeasured: Bool) {
    self.vocabulary = vocabulary
    self.spelling = spelling
    self.isMeasured = isMeasured
  }

  // MARK: Header

  /// A header line; a value that has no character the network knows is left out.
  mutating func writeField(_ field: Character, _ value: Scalars) {
    var spelled = self
    spelled.write(known: "\(field):" + (spelling?.spaced.contains(field) == true ? " " : ""))
    let before = spelled.text.utf8.count
    switch field {
    case "K": spelled.writeKey(value)
    case "R": spelled.write(value, lowercased: spelling == nil)
    default: spelled.write(value)
    }
    spelled.write(known: "\n")
    if spelled.text.utf8.count > before + 1 {
      self = spelled
    } else {
      skip(value)
    }
  }

  /// A key in short form: `G`, `Em`, `Ador`, `Dmix`.
  private mutating func writeKey(_ value: Scalars) {
    let text = String(String.UnicodeScalarView(value.map(\.scalar)))
    let key = KeySpelling(text)
    if let spelling {
      let own = spelling.values["K"] ?? []
      if !own.contains(text), key.isExact,
        let name = own.first(where: { ModelText.shortKey($0) == key.short })
      {
        write(known: name)
      } else {
        write(value)
      }
      return
    }
    if isMeasured, !key.isExact, let exact = key.exact {
      write(known: exact)
      return
    }
    let before = self.text
    write(known: key.short)
    guard self.text.utf8.count - before.utf8.count == key.short.utf8.count else {
      self.text = before
      write(value)
      return
    }
    if !key.isExact { note(&replaced, value) }
  }

  // MARK: Music

  mutating func writeBody(_ line: TuneLine) {
    if line.isComment { return }
    switch line.field {
    case nil:
      writeMusic(line.scalars[...])
    case "K" where line.isTerminated:
      write(known: "K:")
      writeKey(line.value)
    case "K", "M", "L", "P":
      write(line.scalars[...])
    default:
      return
    }
    if line.isTerminated { write(known: "\n") }
  }

  /// A header line that ends where the network goes on.
  mutating func writeUnfinished(_ line: TuneLine) { write(line.scalars[...]) }

  private mutating func writeMusic(_ scalars: Scalars) {
    var rest = scalars
    while let (scalar, _) = rest.first {
      var length = 1
      switch scalar {
      case "%":
        return
      case "\"", "\u{201c}", "\u{201d}":
        length = writeQuoted(rest)
      case "!", "+":
        length = writeDecoration(rest)
      case "[":
        length = writeInlineField(rest)
      default:
        writeOne(rest.prefix(1))
      }
      rest = rest.dropFirst(length)
    }
  }

  /// A chord symbol is written, an annotation (ABC 2.1 §4.19) is not. Answers the length read.
  private mutating func writeQuoted(_ rest: Scalars) -> Int {
    let isQuote: (Unicode.Scalar) -> Bool = { "\"\u{201c}\u{201d}".unicodeScalars.contains($0) }
    guard let close = rest.dropFirst().firstIndex(where: { isQuote($0.scalar) }) else {
      writeOne(rest.prefix(1))
      return 1
    }
    let quoted = rest[...close]
    if quoted.count > 2, "^_<>@".unicodeScalars.contains(quoted[quoted.startIndex + 1].scalar) {
      skip(quoted)
    } else {
      for place in quoted.indices { writeOne(quoted[place...place], isChordSymbol: true) }
    }
    return quoted.count
  }

  /// Decorations (ABC 2.1 §4.14) that have a letter are written as that letter.
  private mutating func writeDecoration(_ rest: Scalars) -> Int {
    guard let mark = rest.first?.scalar,
      let close = rest.dropFirst().firstIndex(where: { $0.scalar == mark }),
      case let name = rest[(rest.startIndex + 1)..<close],
      !name.isEmpty, name.count <= 20,
      !name.contains(where: { " |:[]".unicodeScalars.contains($0.scalar) })
    else {
      writeOne(rest.prefix(1))
      return 1
    }
    let decoration = rest[...close]
    let letter = Self.decorations[String(String.UnicodeScalarView(name.map(\.scalar)))]
    if let letter, knows(letter), !isMeasured {
      write(known: letter)
      note(&replaced, decoration)
    } else if mark == "!", decoration.allSatisfy({ vocabulary.contains($0.scalar) }) {
      write(decoration)
    } else {
      skip(decoration)
    }
    return decoration.count
  }

  /// `[K:…]`, `[L:…]`, `[M:…]` and `[P:…]` are written, other fields within music are not.
  private mutating func writeInlineField(_ rest: Scalars) -> Int {
    let start = rest.startIndex
    guard rest.count >= 3, rest[start + 2].scalar == ":", rest[start + 1].scalar.isASCII,
      rest[start + 1].scalar.properties.isAlphabetic,
      let close = rest.firstIndex(where: { $0.scalar == "]" })
    else {
      writeOne(rest.prefix(1))
      return 1
    }
    let field = rest[...close]
    switch rest[start + 1].scalar {
    case "K":
      write(known: "[K:")
      writeKey(rest[(start + 3)..<close])
      write(known: "]")
    case "L", "M", "P":
      write(field)
    default:
      break
    }
    return field.count
  }

  // MARK: Characters

  private func knows(_ spelling: String) -> Bool {
    spelling.unicodeScalars.allSatisfy { vocabulary.contains($0) }
  }

  /// Writes text that is not in the document, as far as the network knows it.
  private mutating func write(known spelling: String) {
    for scalar in spelling.unicodeScalars where vocabulary.contains(scalar) {
      text.unicodeScalars.append(scalar)
    }
  }

  private mutating func write(_ scalars: Scalars, lowercased: Bool = false) {
    for place in scalars.indices {
      let one = scalars[place...place]
      if lowercased, let lower = one.first?.scalar.properties.lowercaseMapping,
        lower != one.first.map({ String(Character($0.scalar)) }), knows(lower)
      {
        write(known: lower)
        note(&replaced, one)
      } else {
        writeOne(one)
      }
    }
  }

  /// One character: as it is, in another spelling, or not at all.
  private mutating func writeOne(_ one: Scalars, isChordSymbol: Bool = false) {
    guard let scalar = one.first?.scalar else { return }
    if vocabulary.contains(scalar) {
      text.unicodeScalars.append(scalar)
      return
    }
    if Self.meaningless.contains(scalar) { return }
    let spelling =
      (isChordSymbol ? Self.chordSpellings[scalar] : nil) ?? Self.spellings[scalar] ?? ""
    guard !spelling.isEmpty, knows(spelling) else {
      skip(one)
      return
    }
    write(known: spelling)
    note(&replaced, one)
  }

  private mutating func skip(_ scalars: Scalars) { note(&skipped, scalars) }

  /// Adds the bytes of `scalars`; those that follow the last ones added join them.
  private func note(_ ranges: inout [Range<Int>], _ scalars: Scalars) {
    guard let first = scalars.first, let last = scalars.last, first.offset >= 0 else { return }
    let range = first.offset..<last.offset + UTF8.width(last.scalar)
    if let before = ranges.last, before.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = before.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }

  /// Line-break and spacing marks (ABC 2.1 §6.1): nothing that sounds.
  private static let meaningless: Set<Unicode.Scalar> = ["\\", "`", "$", "\u{feff}"]

  private static let spellings: [Unicode.Scalar: String] = [
    "\t": " ", "\u{a0}": " ", "\u{2009}": " ",
    "\u{2018}": "'", "\u{2019}": "'", "\u{2013}": "-", "\u{2014}": "-",
    "\u{201c}": "\"", "\u{201d}": "\"",
    "\u{266f}": "^", "\u{266d}": "_", "\u{266e}": "=",
    "\u{2502}": "|", "\u{ff5c}": "|", "\u{bd}": "1/2",
  ]

  private static let chordSpellings: [Unicode.Scalar: String] = [
    "\u{266f}": "#", "\u{266d}": "b",
  ]

  private static let decorations: [String: String] = [
    "fermata": "H", "trill": "T", "roll": "~", "accent": "L", "emphasis": "L", ">": "L",
    "lowermordent": "M", "mordent": "M", "uppermordent": "P", "pralltriller": "P",
    "staccato": ".", "segno": "S", "coda": "O", "upbow": "u", "downbow": "v",
  ]
}

/// A key as ABC text writes it (ABC 2.1 §3.1.14), and its short form.
struct KeySpelling: Equatable {
  /// `G`, `Em`, `Ador`, `F#m`; `C` for a key that is none.
  var short: String
  /// Whether `short` says all that the text says: a letter, an accidental and a mode.
  var isExact: Bool
  /// With the accidentals that the key adds, `Dm ^c`; nil where it names no key.
  var exact: String? { KeyName(text)?.text }
  private let text: String

  init(_ text: String) {
    self.text = text
    var rest = Array(text.unicodeScalars)[...]
    func dropBlanks() {
      while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
    }
    dropBlanks()
    guard let tonic = rest.first, ("A"..."G").contains(tonic) else {
      // Highland pipes play in A with a flat seventh.
      let isPipes = rest.first == "H"
      (short, isExact) = (isPipes ? "Amix" : "C", false)
      return
    }
    short = String(Character(tonic))
    rest = rest.dropFirst()
    if let accidental = rest.first, let letter = Self.accidentals[accidental] {
      short += letter
      rest = rest.dropFirst()
    }
    dropBlanks()
    let word = rest.prefix { $0.isASCII && $0.properties.isAlphabetic }
    let name = String(String.UnicodeScalarView(word)).lowercased()
    rest = rest.dropFirst(word.count)
    if let mode = Self.modes[String(name.prefix(3))], !Self.isAttribute(rest) {
      short += mode
      isExact = rest.allSatisfy { $0 == " " }
    } else {
      // The word is something like `clef`, or is not known.
      isExact = false
    }
  }

  private static func isAttribute(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    rest.first == "="
  }

  private static let accidentals: [Unicode.Scalar: String] = [
    "#": "#", "b": "b", "\u{266f}": "#", "\u{266d}": "b",
  ]

  private static let modes = [
    "": "", "maj": "", "ion": "", "m": "m", "min": "m", "aeo": "m", "dor": "dor", "phr": "phr",
    "lyd": "lyd", "mix": "mix", "loc": "loc",
  ]
}

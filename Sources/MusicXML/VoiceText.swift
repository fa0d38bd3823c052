import Music

/// The lines of one voice: its music, and the words below it.
struct VoiceText {
  struct Line {
    var music = ""
    var words: [String] = []
  }

  private(set) var lines: [Line] = []
  private let unit: Fraction
  private var key: ReadKey
  private var meter: String
  /// What a reader of the text takes a letter for, by letter, and by letter and octave: other
  /// programs keep an accidental to its octave, and both must find the same pitch.
  private var letters: [Int?] = Array(repeating: nil, count: 7)
  private var octaves: [Int: Int] = [:]
  private var music = ""
  /// One for each note of the line: its syllable in each verse.
  private var syllables: [[Int: ReadSyllable]] = []
  private var openSlurs = 0

  init(
    _ staff: ReadStaff, unit: Fraction, lines: [Range<Int>], key: ReadKey, meter: String,
    leads: Bool
  ) {
    self.unit = unit
    self.key = key
    self.meter = meter
    let measures = staff.measures
    for line in lines {
      music = ""
      syllables = []
      if line.lowerBound == 0, staff.transposition != 0 {
        music += "[K:transpose=\(staff.transposition)]"
      }
      for place in line where measures.indices.contains(place) {
        var measure = measures[place]
        if place == 0, leads { measure.marks.removeAll { $0.isFirstTempo } }
        if place == 0, measure.startsRepeat { music += "|:" }
        if !measure.endings.isEmpty {
          music += "[" + measure.endings.map(String.init).joined(separator: ",") + " "
        }
        write(measure)
        music += sign(
          after: measure, measures.indices.contains(place + 1) ? measures[place + 1] : nil)
      }
      while music.last == " " { music.removeLast() }
      self.lines.append(Line(music: music, words: words))
    }
  }

  /// The bar line between two measures.
  private mutating func sign(after measure: ReadMeasure, _ next: ReadMeasure?) -> String {
    let starts = next?.startsRepeat ?? false
    // An ending that begins within a bar.
    if measure.style == .none, measure.repeats == 0, next?.endings.isEmpty == false, !starts {
      return " "
    }
    letters = Array(repeating: nil, count: 7)
    octaves = [:]
    guard measure.repeats == 0 else {
      let ends = String(repeating: ":", count: measure.repeats) + "|"
      return (starts ? ends + ":" : ends) + " "
    }
    if starts { return (measure.style == .double ? "||:" : "|:") + " " }
    switch measure.style {
    case .double: return "|| "
    case .final: return "|] "
    case .plain, .none: return next == nil ? "|" : "| "
    }
  }

  // MARK: - A measure

  private mutating func write(_ measure: ReadMeasure) {
    var marks = measure.marks[...]
    if measure.layers.isEmpty {
      writeMarks(&marks, until: measure.length)
      if measure.length > .zero { music += "x" + ABCText.length(measure.length / unit) }
      return
    }
    for (index, layer) in measure.layers.enumerated() {
      if index > 0 {
        music += " & "
        // What an accidental before the sign still holds for is not agreed on.
        for letter in 0..<7 where letters[letter] != nil { letters[letter] = .max }
        octaves = octaves.mapValues { _ in .max }
        var none = [ReadMark]()[...]
        write(layer.notes, until: measure.length, &none)
      } else {
        write(layer.notes, until: measure.length, &marks)
        writeMarks(&marks, until: nil)
      }
    }
  }

  /// The marks up to a place, in their order; all of them without one.
  private mutating func writeMarks(_ marks: inout ArraySlice<ReadMark>, until place: Fraction?) {
    while let mark = marks.first, place.map({ mark.at <= $0 }) ?? true {
      marks.removeFirst()
      switch mark.content {
      case .chord(let symbol): music += "\"\(symbol)\""
      case .text(let text): music += text
      case .tempo(let tempo): music += "[Q:\(tempo)]"
      case .meter(let new):
        if new != meter { music += "[M:\(new)]" }
        meter = new
      case .key(let new):
        if new != key {
          music += "[K:\(new.name)]"
          letters = Array(repeating: nil, count: 7)
          octaves = [:]
        }
        key = new
      }
    }
  }

  /// Notes one after the other; what overlaps or is missing is put right with silence.
  private mutating func write(
    _ notes: [ReadNote], until end: Fraction, _ marks: inout ArraySlice<ReadMark>
  ) {
    var pieces: [ReadNote] = []
    var place = Fraction.zero
    for note in notes where note.start >= place {
      if note.start > place { pieces += Self.split(silence(place, note.start), at: marks) }
      pieces += Self.split(note, at: marks)
      place = note.start + note.length
    }
    if place < end { pieces += Self.split(silence(place, end), at: marks) }
    var index = 0
    while index < pieces.count {
      let count = Self.tuplet(at: index, of: pieces)
      let piece = pieces[index]
      writeMarks(&marks, until: piece.start)
      if count > 0, let tuplet = piece.tuplet {
        if piece.graces.first?.isInTuplet == false {
          writeGraces(of: piece)
          pieces[index].graces = []
        }
        music +=
          tuplet.actual == count && Self.isUsual(tuplet)
          ? "(\(count)" : "(\(tuplet.actual):\(tuplet.normal):\(count)"
        for member in index..<index + count {
          if member > index { writeMarks(&marks, until: pieces[member].start) }
          write(pieces[member], scale: Fraction(tuplet.actual, tuplet.normal))
        }
        index += count
      } else {
        write(piece, scale: .one)
        index += 1
      }
      let last = pieces[index - 1]
      if index < pieces.count, separates(last) { music += " " }
    }
  }

  private func silence(_ start: Fraction, _ end: Fraction) -> ReadNote {
    var rest = ReadNote(start: start, length: end - start)
    rest.isVisible = false
    return rest
  }

  /// Whether a beat ends with a note: the next beam begins there.
  private func separates(_ note: ReadNote) -> Bool {
    guard note.length < Fraction(1, 4) else { return true }
    let isCompound = ["6/8", "9/8", "12/8", "6/16"].contains(meter)
    let beat = isCompound ? Fraction(3, meter.hasSuffix("16") ? 16 : 8) : Fraction(1, 4)
    return ((note.start + note.length) / beat).denominator == 1
  }

  /// Only 3 for 2 is the same in every meter and program.
  private static func isUsual(_ tuplet: (actual: Int, normal: Int)) -> Bool {
    tuplet.actual == 3 && tuplet.normal == 2
  }

  /// How many notes from here on make a tuplet; 0 where none does.
  private static func tuplet(at first: Int, of pieces: [ReadNote]) -> Int {
    guard let tuplet = pieces[first].tuplet else { return 0 }
    var sum = Fraction.zero
    var count = 0
    for piece in pieces[first...] {
      guard let own = piece.tuplet, own == tuplet, count < 999 else { break }
      sum += piece.length
      count += 1
      let written = sum * Fraction(tuplet.actual, tuplet.normal)
      // A whole group: as many of its smallest notes as its number asks for.
      if count >= 2, (written / pieces[first].length).denominator == 1,
        isPower(sum.denominator)
      {
        return count
      }
    }
    return count
  }

  private static func isPower(_ number: Int) -> Bool { number & (number - 1) == 0 }

  /// A note in pieces that are tied, cut where chord symbols stand within it.
  private static func split(_ note: ReadNote, at marks: ArraySlice<ReadMark>) -> [ReadNote] {
    var pieces = [note]
    for mark in marks {
      guard case .chord = mark.content, let last = pieces.last, mark.at > last.start,
        mark.at < last.start + last.length, pieces.count < 64
      else { continue }
      var first = last
      var second = ReadNote(start: mark.at, length: last.start + last.length - mark.at)
      first.length = mark.at - last.start
      first.slurStops = 0
      second.pitches = last.pitches
      second.isVisible = last.isVisible
      second.tuplet = last.tuplet
      second.slurStops = last.slurStops
      for index in first.pitches.indices { first.pitches[index].startsTie = true }
      pieces[pieces.count - 1] = first
      pieces.append(second)
    }
    return pieces
  }

  // MARK: - A note

  private mutating func write(_ note: ReadNote, scale: Fraction) {
    let length = ABCText.length(note.length * scale / unit)
    guard !note.pitches.isEmpty else {
      music += (note.isVisible ? "z" : "x") + length
      return
    }
    writeGraces(of: note)
    // A point before a slur would make it a dotted one.
    music += String(repeating: "(", count: min(note.slurStarts, 4))
    openSlurs += min(note.slurStarts, 4)
    for sign in note.signs { music += Self.sign(sign) }
    writeChord(note.pitches, length)
    let closed = min(note.slurStops, openSlurs)
    music += String(repeating: ")", count: closed)
    openSlurs -= closed
    syllables.append(note.lyrics)
  }

  private mutating func writeGraces(of note: ReadNote) {
    guard let first = note.graces.first else { return }
    music += first.hasSlash ? "{/" : "{"
    for grace in note.graces { writeChord(grace.pitches, ABCText.length(grace.length / unit)) }
    music += "}"
  }

  private static func sign(_ name: String) -> String {
    switch name {
    case "staccato": "."
    case "roll": "~"
    case "trill": "T"
    case "upbow": "u"
    case "downbow": "v"
    default: "!\(name)!"
    }
  }

  private mutating func writeChord(_ pitches: [ReadPitch], _ length: String) {
    guard pitches.count > 1 else {
      write(pitches[0])
      music += length + (pitches[0].startsTie ? "-" : "")
      return
    }
    let areTied = pitches.allSatisfy(\.startsTie)
    music += "["
    for pitch in pitches {
      write(pitch)
      if pitch.startsTie, !areTied { music += "-" }
    }
    music += "]" + length + (areTied ? "-" : "")
  }

  /// A letter, with its accidental where a reader would not know it.
  private mutating func write(_ pitch: ReadPitch) {
    let step = 7 * pitch.octave + pitch.letter
    let usual = key.alterations[pitch.letter]
    let isKnown =
      letters[pitch.letter] ?? usual == pitch.alteration
      && octaves[step] ?? usual == pitch.alteration
    if !isKnown {
      music += ABCText.accidental(pitch.alteration)
      letters[pitch.letter] = pitch.alteration
      octaves[step] = pitch.alteration
    }
    music += ABCText.letter(pitch)
  }

  // MARK: - Words

  /// The `w:` lines of the line.
  private var words: [String] {
    let verses = syllables.compactMap { $0.keys.max() }.max() ?? 0
    guard verses > 0 else { return [] }
    return (1...verses).map { verse in
      let last = syllables.lastIndex { $0[verse] != nil } ?? -1
      var line = "w:"
      var isHeld = false
      var isInWord = false
      for place in 0..<(last + 1) {
        if let syllable = syllables[place][verse] {
          line += (isInWord ? "" : " ") + ABCText.syllable(syllable.text)
          if syllable.hasHyphen { line += "-" }
          isInWord = syllable.hasHyphen
          isHeld = syllable.isHeld && !syllable.hasHyphen
        } else {
          line += isHeld ? "_" : isInWord ? "*" : " *"
        }
      }
      // A verse without words here still has its place among the others.
      return last < 0 ? "w: *" : line
    }
  }
}

extension ReadMark {
  fileprivate var isFirstTempo: Bool {
    if case .tempo = content { at == .zero } else { false }
  }
}

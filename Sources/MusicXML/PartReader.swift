import Music

/// Reads the measures of a part: a staff for each of its staves.
struct PartReader {
  private var staves: [ReadStaff] = []
  private let plan: ReadStaff
  /// MIDI keys of instruments that are struck, by their id.
  private var struck: [String: Int] = [:]
  private(set) var omissions: [String: Int] = [:]

  private var divisions = 1
  /// Where the reading has come to in the measure.
  private var cursor = Fraction.zero
  private var reached = Fraction.zero
  private var measures: [ReadMeasure] = []
  /// By staff and voice: graces before their note, which may stand in the next measure.
  private var graces: [String: [ReadGrace]] = [:]
  private var lastVoice = "1"
  private var wedges: [Int: Character] = [:]
  private var number = 0
  private var hasNotes = false

  init(_ part: XMLElement?) {
    var staff = ReadStaff()
    staff.name = part?.text("part-name") ?? ""
    for instrument in part?.all("midi-instrument") ?? [] {
      if instrument.number("midi-channel") == 10 { staff.isDrums = true }
      if let program = instrument.number("midi-program"), (1...128).contains(program) {
        staff.program = staff.program ?? program - 1
      }
      if let id = instrument[attribute: "id"], let key = instrument.number("midi-unpitched") {
        struck[id] = min(max(key - 1, 0), 127)
      }
    }
    plan = staff
    staves = [staff]
  }

  /// The staves, all of as many measures.
  func finished() -> [ReadStaff] { staves }

  private mutating func omit(_ what: String) { omissions[what, default: 0] += 1 }

  mutating func read(_ measure: XMLElement) {
    cursor = .zero
    reached = .zero
    measures = Array(repeating: ReadMeasure(), count: staves.count)
    for child in measure.children {
      switch child.name {
      case "attributes": readAttributes(child)
      case "note": readNote(child)
      case "backup": cursor = max(cursor - duration(of: child), .zero)
      case "forward":
        cursor += duration(of: child)
        reached = max(reached, cursor)
      case "harmony": readHarmony(child)
      case "direction": readDirection(child)
      case "sound": readSound(child, words: nil, staff: 0, at: cursor)
      case "barline": readBarLine(child)
      case "print":
        if child[attribute: "new-system"] == "yes" || child[attribute: "new-page"] == "yes" {
          for staff in measures.indices { measures[staff].startsLine = true }
        }
      default: break
      }
    }
    for staff in staves.indices {
      measures[staff].length = reached
      measures[staff].marks.sort { $0.at < $1.at }
      staves[staff].measures.append(measures[staff])
    }
    number += 1
  }

  /// A duration in whole notes, of at most a hundred.
  private func duration(of element: XMLElement) -> Fraction {
    let count = min(max(element.number("duration") ?? 0, 0), 1 << 24)
    return min(Fraction(count, 4 * divisions), Fraction(100))
  }

  private func staff(of element: XMLElement) -> Int {
    min(max((element.number("staff") ?? 1) - 1, 0), staves.count - 1)
  }

  private mutating func mark(_ content: ReadMark.Content, staff: Int, at place: Fraction) {
    measures[staff].marks.append(ReadMark(at: place, content: content))
  }

  // MARK: - Attributes

  private mutating func readAttributes(_ attributes: XMLElement) {
    if let count = attributes.number("divisions") { divisions = min(max(count, 1), 1 << 20) }
    if let count = attributes.number("staves") {
      while staves.count < min(count, 8) {
        var staff = plan
        staff.measures = staves[0].measures.map {
          var empty = ReadMeasure()
          empty.length = $0.length
          return empty
        }
        staves.append(staff)
        measures.append(ReadMeasure())
      }
    }
    for child in attributes.children {
      let chosen = child[attribute: "number"].flatMap(Int.init).map { $0 - 1 }
      let places = chosen.map { staves.indices.contains($0) ? [$0] : [] } ?? Array(staves.indices)
      for staff in places {
        switch child.name {
        case "key": mark(.key(ReadKey(child)), staff: staff, at: cursor)
        case "time":
          if let meter = Self.meter(child) { mark(.meter(meter), staff: staff, at: cursor) }
        case "clef":
          if staves[staff].clef.isEmpty { staves[staff].clef = Self.clef(child) }
        case "transpose":
          let semitones =
            (child.number("chromatic") ?? 0) + 12 * (child.number("octave-change") ?? 0)
          guard abs(semitones) <= 60 else { continue }
          if number == 0, cursor == .zero, !hasNotes {
            staves[staff].transposition = semitones
          } else {
            mark(.text("[K:transpose=\(semitones)]"), staff: staff, at: cursor)
          }
        default: break
        }
      }
    }
  }

  /// What stands after `M:`.
  private static func meter(_ time: XMLElement) -> String? {
    if time.has("senza-misura") { return "none" }
    let beats = time.all("beats").map(\.text)
    let units = time.all("beat-type").compactMap(\.number)
    guard !beats.isEmpty, beats.count == units.count,
      units.allSatisfy({ (1...64).contains($0) }),
      beats.allSatisfy({ text in
        !text.isEmpty && text.utf8.count < 20
          && text.split(separator: "+", omittingEmptySubsequences: false).allSatisfy {
            Int($0.filter { $0 != " " }).map { (1...64).contains($0) } ?? false
          }
      })
    else { return nil }
    switch (time[attribute: "symbol"], beats.count) {
    case ("common", 1): return "C"
    case ("cut", 1): return "C|"
    default: break
    }
    return zip(beats, units).map { $0.contains("+") ? "(\($0))/\($1)" : "\($0)/\($1)" }
      .joined(separator: "+")
  }

  private static func clef(_ clef: XMLElement) -> String {
    switch (clef.text("sign"), clef.number("line")) {
    case ("F", _): "bass"
    case ("C", 4): "tenor"
    case ("C", _): "alto"
    case ("percussion", _): "perc"
    default: "treble"
    }
  }

  // MARK: - Notes

  private mutating func readNote(_ note: XMLElement) {
    let staff = staff(of: note)
    let isInChord = note.has("chord")
    // Of the further notes of a chord, some programs do not say the voice.
    let voice = note.text("voice") ?? (isInChord ? lastVoice : "1")
    lastVoice = voice
    let line = "\(staff) \(voice)"
    let pitch = pitch(of: note)
    if let grace = note.first("grace") {
      guard let pitch else { return }
      readGrace(grace, note, pitch, line)
      return
    }
    let length = duration(of: note)
    if isInChord {
      guard let pitch, let place = measures[staff].layers.firstIndex(where: { $0.name == voice }),
        let last = measures[staff].layers[place].notes.indices.last
      else { return }
      measures[staff].layers[place].notes[last].pitches.append(pitch)
      return
    }
    guard length > .zero else { return }
    var read = ReadNote(start: cursor, length: length)
    cursor += length
    reached = max(reached, cursor)
    read.isVisible = note[attribute: "print-object"] != "no"
    // Cue notes are for reading along only.
    if note.has("cue") {
      omit("cue notes")
      read.isVisible = false
    } else if let pitch {
      read.pitches = [pitch]
      read.graces = graces.removeValue(forKey: line) ?? []
      hasNotes = true
    }
    if let change = note.first("time-modification"),
      let actual = change.number("actual-notes"), let normal = change.number("normal-notes"),
      (2...99).contains(actual), (1...99).contains(normal), actual != normal
    {
      read.tuplet = (actual, normal)
    }
    readNotations(note, into: &read)
    readLyrics(note, into: &read)
    measures[staff].add(read, to: voice)
  }

  private mutating func pitch(of note: XMLElement) -> ReadPitch? {
    let startsTie =
      (note.all("tie") + note.all("notations").flatMap { $0.all("tied") })
      .contains { ["start", "continue"].contains($0[attribute: "type"]) }
    if let pitch = note.first("pitch") {
      guard let step = pitch.text("step"), let letter = Self.letters.firstIndex(of: step) else {
        return nil
      }
      let alteration = Double(pitch.text("alter") ?? "0") ?? 0
      if alteration != alteration.rounded() { omit("quarter tones") }
      return ReadPitch(
        letter: letter, octave: min(max(pitch.number("octave") ?? 4, -1), 10),
        alteration: Int(min(max(alteration.rounded(), -2), 2)), startsTie: startsTie)
    }
    guard let unpitched = note.first("unpitched") else { return nil }
    if let id = note.first("instrument")?[attribute: "id"], let key = struck[id] {
      let letters = [0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6]
      let isSharp = [1, 3, 6, 8, 10].contains(key % 12)
      return ReadPitch(
        letter: letters[key % 12], octave: key / 12 - 1, alteration: isSharp ? 1 : 0,
        startsTie: startsTie)
    }
    let letter = Self.letters.firstIndex(of: unpitched.text("display-step") ?? "B") ?? 6
    return ReadPitch(
      letter: letter, octave: min(max(unpitched.number("display-octave") ?? 4, 0), 9),
      alteration: 0, startsTie: startsTie)
  }

  static let letters = ["C", "D", "E", "F", "G", "A", "B"]

  private mutating func readGrace(
    _ grace: XMLElement, _ note: XMLElement, _ pitch: ReadPitch, _ line: String
  ) {
    var pitch = pitch
    pitch.startsTie = false
    if note.has("chord"), let last = graces[line]?.indices.last {
      graces[line]?[last].pitches.append(pitch)
      return
    }
    guard graces[line, default: []].count < 32 else { return }
    let plain = note.text("type").flatMap(NoteValue.length(ofType:)) ?? Fraction(1, 8)
    let dots = min(note.all("dot").count, 3)
    graces[line, default: []].append(
      ReadGrace(
        pitches: [pitch], length: plain * Fraction((2 << dots) - 1, 1 << dots),
        hasSlash: grace[attribute: "slash"] == "yes",
        isInTuplet: note.has("time-modification")))
  }

  private mutating func readNotations(_ note: XMLElement, into read: inout ReadNote) {
    guard !read.pitches.isEmpty else { return }
    for notation in note.all("notations").flatMap(\.children) {
      switch notation.name {
      case "slur":
        if notation[attribute: "type"] == "start" { read.slurStarts += 1 }
        if notation[attribute: "type"] == "stop" { read.slurStops += 1 }
      case "fermata": read.signs.append("fermata")
      case "arpeggiate": read.signs.append("arpeggio")
      case "dynamics":
        for dynamic in notation.children { readDynamic(dynamic, into: &read) }
      case "articulations", "ornaments", "technical":
        for sign in notation.children {
          if let name = Self.signs[sign.name] {
            read.signs.append(name)
          } else if sign.name == "other-ornament", sign.text == "roll" {
            read.signs.append("roll")
          } else if sign.name != "accidental-mark" {
            omit("<\(sign.name)>")
          }
        }
      case "tied", "tuplet": break
      default: omit("<\(notation.name)>")
      }
    }
  }

  private mutating func readDynamic(_ dynamic: XMLElement, into read: inout ReadNote) {
    switch dynamic.name {
    case "sf", "sfz", "fz", "rfz", "sffz": read.signs.append("sfz")
    case "pppp", "ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "ffff":
      read.signs.append(dynamic.name)
    default: omit("<\(dynamic.name)>")
    }
  }

  private static let signs: [String: String] = {
    var table = [
      "strong-accent": "accent", "detached-legato": "tenuto", "spiccato": "wedge",
      "delayed-turn": "turn", "delayed-inverted-turn": "invertedturn", "up-bow": "upbow",
      "down-bow": "downbow", "breath-mark": "breath", "open-string": "open",
      "snap-pizzicato": "snap",
    ]
    for (sign, name) in SignNames.articulations { table[name] = sign.rawValue }
    for (sign, name) in SignNames.ornaments { table[name] = sign.rawValue }
    return table
  }()

  private func readLyrics(_ note: XMLElement, into read: inout ReadNote) {
    guard !read.pitches.isEmpty else { return }
    for (place, lyric) in note.all("lyric").enumerated() {
      let digits = (lyric[attribute: "number"] ?? "").reversed().prefix {
        $0.isASCII && $0.isNumber
      }
      let verse = Int(String(digits.reversed())) ?? place + 1
      let text = lyric.all("text").map(\.text).joined(separator: " ")
      guard (1...32).contains(verse), !text.isEmpty else { continue }
      let syllabic = lyric.text("syllabic")
      read.lyrics[verse] = ReadSyllable(
        text: text, hasHyphen: syllabic == "begin" || syllabic == "middle",
        isHeld: lyric.has("extend"))
    }
  }

  // MARK: - Between the notes

  private func place(of element: XMLElement) -> Fraction {
    let offset = min(max(element.number("offset") ?? 0, -(1 << 24)), 1 << 24)
    return max(cursor + Fraction(offset, 4 * divisions), .zero)
  }

  private mutating func readHarmony(_ harmony: XMLElement) {
    let place = place(of: harmony)
    let staff = staff(of: harmony)
    guard let symbol = ReadChord.symbol(harmony) else {
      omit("chord symbols without a root")
      return
    }
    mark(.chord(symbol), staff: staff, at: place)
  }

  private mutating func readDirection(_ direction: XMLElement) {
    let place = place(of: direction)
    let staff = staff(of: direction)
    var words: [String] = []
    var metronome: XMLElement?
    for type in direction.all("direction-type").flatMap(\.children) {
      switch type.name {
      case "words": if !type.text.isEmpty { words.append(type.text) }
      case "metronome": metronome = type
      case "segno": mark(.text("!segno!"), staff: staff, at: place)
      case "coda": mark(.text("!coda!"), staff: staff, at: place)
      case "rehearsal":
        let isLetter = type.text.utf8.count == 1 && type.text.first?.isLetter == true
        mark(
          .text(isLetter ? "[P:\(type.text)]" : ABCText.annotation(type.text)), staff: staff,
          at: place)
      case "dynamics":
        for dynamic in type.children {
          var holder = ReadNote(start: place, length: .zero)
          readDynamic(dynamic, into: &holder)
          for sign in holder.signs { mark(.text("!\(sign)!"), staff: staff, at: place) }
        }
      case "wedge": readWedge(type, staff: staff, at: place)
      default: omit("<\(type.name)>")
      }
    }
    let text = words.joined(separator: " ")
    let sound = direction.first("sound")
    let jump = ReadJump(words: text, sound: sound)
    if let tempo = ReadTempo.text(metronome: metronome, sound: sound, words: text) {
      mark(.tempo(tempo), staff: staff, at: place)
    } else if let jump {
      mark(.text("!\(jump.name)!"), staff: staff, at: place)
    } else if !text.isEmpty {
      mark(.text(ABCText.annotation(text)), staff: staff, at: place)
    }
  }

  private mutating func readWedge(_ wedge: XMLElement, staff: Int, at place: Fraction) {
    switch wedge[attribute: "type"] {
    case "crescendo": wedges[staff] = "<"
    case "diminuendo": wedges[staff] = ">"
    case "stop":
      if let sign = wedges.removeValue(forKey: staff) {
        mark(.text("!\(sign))!"), staff: staff, at: place)
      }
      return
    default: return
    }
    if let sign = wedges[staff] { mark(.text("!\(sign)(!"), staff: staff, at: place) }
  }

  private mutating func readSound(
    _ sound: XMLElement, words: String?, staff: Int, at place: Fraction
  ) {
    if let tempo = ReadTempo.text(metronome: nil, sound: sound, words: "") {
      mark(.tempo(tempo), staff: staff, at: place)
    }
    if let jump = ReadJump(words: "", sound: sound) {
      mark(.text("!\(jump.name)!"), staff: staff, at: place)
    }
  }

  private mutating func readBarLine(_ bar: XMLElement) {
    let repeatSign = bar.first("repeat")
    for staff in measures.indices {
      if repeatSign?[attribute: "direction"] == "forward" { measures[staff].startsRepeat = true }
      if repeatSign?[attribute: "direction"] == "backward" {
        let times = Int(repeatSign?[attribute: "times"] ?? "") ?? 2
        measures[staff].repeats = min(max(times - 1, 1), 15)
      }
      if let ending = bar.first("ending"), ending[attribute: "type"] == "start" {
        measures[staff].endings =
          (ending[attribute: "number"] ?? "").split { !$0.isNumber }.compactMap { Int($0) }
          .filter { (1...64).contains($0) }
      }
      guard bar[attribute: "location"] ?? "right" == "right" else { continue }
      switch bar.text("bar-style") {
      case "light-light", "heavy-light", "heavy-heavy": measures[staff].style = .double
      case "light-heavy": measures[staff].style = .final
      case "none": measures[staff].style = .none
      default: break
      }
    }
  }
}

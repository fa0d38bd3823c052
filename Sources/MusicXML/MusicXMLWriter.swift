import ABC
import Music

/// Writes a tune as MusicXML 4.0, `score-partwise`: a part for each voice.
struct MusicXMLWriter {
  let tune: ParsedTune
  let score: WrittenScore
  /// General MIDI programs of the voices that choose one, counted from 0.
  let programs: [Int: Int]
  let channels: [Int: Int]
  /// Divisions of a quarter note: every length and every place is a whole number of them.
  let divisions: Int
  /// Syllables by the note they belong to.
  let lyrics: [Int: [(lyric: ParsedTune.Lyric, syllabic: String)]]
  var remarks: [String] = []

  init(_ tune: ParsedTune, text: [UInt8]) {
    self.tune = tune
    score = WrittenScore(tune, text: text)
    var options = PlaybackOptions()
    options.accompaniment = false
    let tracks = tune.performance(options).tracks
    var programs: [Int: Int] = [:]
    var channels: [Int: Int] = [:]
    for index in score.voices.indices where tracks.indices.contains(index) {
      if tracks[index].programIsExplicit { programs[index] = tracks[index].program }
      channels[index] = tracks[index].channel
    }
    self.programs = programs
    self.channels = channels
    divisions = Self.divisions(of: score)
    lyrics = Self.syllables(of: tune)
    if !score.partOrder.isEmpty {
      remarks.append(
        "MusicXML has no order of parts: the parts are written once each, and P:\(score.partOrder)"
          + " stands beside them as a note.")
    }
    if score.instructions.contains(where: { !$0.lowercased().hasPrefix("program") }) {
      remarks.append("MusicXML has no word for %%MIDI lines: only their instruments are in it.")
    }
  }

  /// Enough for every place in the score; of a tune that asks for too many, places are rounded.
  private static func divisions(of score: WrittenScore) -> Int {
    var divisions = 1
    func include(_ place: Fraction) {
      let below = (place * 4).denominator
      var (a, b) = (divisions, below)
      while b != 0 { (a, b) = (b, a % b) }
      let common = divisions / a * below
      if common <= 1 << 20 { divisions = common }
    }
    for voice in score.voices {
      for event in voice.events {
        include(event.start)
        guard case .note(let tone) = event.content, tone.kind != .grace else { continue }
        include(tone.length)
        for value in NoteValue.all(of: tone.length) { include(value.length) }
      }
    }
    return divisions
  }

  /// - Returns: By note: each verse's syllable, and whether it begins, goes on with or ends a word.
  private static func syllables(
    of tune: ParsedTune
  ) -> [Int: [(lyric: ParsedTune.Lyric, syllabic: String)]] {
    var result: [Int: [(lyric: ParsedTune.Lyric, syllabic: String)]] = [:]
    // By voice and verse.
    var isInWord: [[Int]: Bool] = [:]
    for lyric in tune.lyrics where tune.notes.indices.contains(lyric.note) {
      var lyric = lyric
      let line = [tune.notes[lyric.note].voice, lyric.verse]
      let goesOn = lyric.text.hasSuffix("-")
      if goesOn { lyric.text.removeLast() }
      let syllabic: String
      switch (isInWord[line] ?? false, goesOn) {
      case (false, false): syllabic = "single"
      case (false, true): syllabic = "begin"
      case (true, true): syllabic = "middle"
      case (true, false): syllabic = "end"
      }
      isInWord[line] = goesOn
      result[lyric.note, default: []].append((lyric, syllabic))
    }
    return result
  }

  /// Divisions up to a place after the start.
  func ticks(_ place: Fraction) -> Int {
    let exact = place * 4 * divisions
    return (exact.numerator + exact.denominator / 2) / exact.denominator
  }

  // MARK: - The document

  /// - Parameter recipe: How the tune came to be, one sentence each.
  func text(recipe: [String]) -> String {
    var xml = XMLText()
    xml.line(
      "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 4.0 Partwise//EN\" "
        + "\"http://www.musicxml.org/dtds/partwise.dtd\">")
    xml.element("score-partwise", ["version": "4.0"]) { xml in
      writeHead(recipe, &xml)
      xml.element("part-list") { xml in
        for index in score.voices.indices { writePartName(index, &xml) }
      }
      for index in score.voices.indices {
        xml.element("part", ["id": "P\(index + 1)"]) { xml in
          var part = MusicXMLPart(writer: self, voice: index)
          part.write(&xml)
        }
      }
    }
    return xml.text
  }

  private func writeHead(_ recipe: [String], _ xml: inout XMLText) {
    let header = tune.header
    xml.element("work") { xml in
      if let number = header.number { xml.element("work-number", number) }
      xml.element("work-title", header.titles.first ?? "")
    }
    xml.element("identification") { xml in
      if !header.composer.isEmpty {
        xml.element("creator", header.composer, ["type": "composer"])
      }
      if !header.copyright.isEmpty { xml.element("rights", header.copyright) }
      xml.element("encoding") { xml in
        for name in header.transcriptions { xml.element("encoder", name) }
        xml.element("software", "Lilt")
      }
      let fields =
        [("rhythm", header.rhythm), ("parts", score.partOrder)].filter { !$0.1.isEmpty }
        + recipe.map { ("recipe", $0) }
      guard !fields.isEmpty else { return }
      xml.element("miscellaneous") { xml in
        for (name, value) in fields {
          xml.element("miscellaneous-field", value, ["name": name])
        }
      }
    }
    for title in header.titles.dropFirst() {
      xml.element("credit", ["page": "1"]) { xml in
        xml.element("credit-type", "subtitle")
        xml.element("credit-words", title)
      }
    }
  }

  private func writePartName(_ index: Int, _ xml: inout XMLText) {
    let voice = score.voices[index]
    xml.element("score-part", ["id": "P\(index + 1)"]) { xml in
      xml.element("part-name", voice.name)
      let isDrums = voice.isPercussion || channels[index] == 9
      guard isDrums || programs[index] != nil else { return }
      xml.element("score-instrument", ["id": "P\(index + 1)-I1"]) { xml in
        xml.element("instrument-name", voice.name)
      }
      xml.element("midi-instrument", ["id": "P\(index + 1)-I1"]) { xml in
        if isDrums { xml.element("midi-channel", 10) }
        if let program = programs[index] { xml.element("midi-program", program + 1) }
      }
    }
  }
}

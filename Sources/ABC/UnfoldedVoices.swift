import Music

/// A tune of several voices bar by bar as it is played: repeats, endings and parts written out.
struct UnfoldedVoices {
  let header: String
  private(set) var voices: [Voice] = []

  struct Voice {
    /// What stands after `V:`.
    var label: String
    /// Without bar signs.
    var bars: [String] = []
    /// Where each bar starts, in whole notes.
    var starts: [Fraction] = []
  }

  /// `nil` when the voices cannot be taken apart, or a section does not start at a bar.
  init?(_ bytes: [UInt8], _ tune: ParsedTune) {
    guard let texts = VoiceTexts(bytes, tune) else { return nil }
    header = String(decoding: texts.header, as: UTF8.self)
    var options = PlaybackOptions()
    options.followsJumps = false
    let plans = Performer(tune, options).plans
    guard plans.count <= texts.voices.count else { return nil }
    for (index, voice) in texts.voices.enumerated() {
      let text = texts.text(of: index)
      var unfolded = Voice(label: voice.label)
      let stretches = index < plans.count ? plans[index].stretches : []
      guard UnfoldedVoices.write(stretches, of: text, into: &unfolded) else { return nil }
      voices.append(unfolded)
    }
  }

  /// The tune again, four bars to a line, one voice after the other.
  var text: String {
    header
      + voices.map { voice in
        "V:\(voice.label)\n" + UnfoldedVoices.lines(voice.bars) + "\n"
      }.joined()
  }

  static func lines(_ bars: [String]) -> String {
    var text = ""
    for (index, bar) in bars.enumerated() {
      text += bar
      if index + 1 == bars.count {
        text += "|]"
      } else {
        text += index % 4 == 3 ? "|\n" : "|"
      }
    }
    return text
  }

  /// Writes the bars of one voice in the order of its stretches, each change of key, meter, unit
  /// and tempo where it comes into force.
  private static func write(
    _ stretches: [Stretch], of bytes: [UInt8], into voice: inout Voice
  ) -> Bool {
    let tune = ParsedTune(bytes: bytes)
    let fields = FieldPlace.all(in: bytes, kinds: Array("KMLQ".utf8))
    let instructions = FieldPlace.all(in: bytes, kinds: [UInt8(ascii: "I")])
    let bars = tune.bars.filter { $0.length > .zero }
    func value(_ field: FieldPlace) -> String {
      String(decoding: trimmed(bytes[field.value]), as: UTF8.self)
    }
    /// What holds as far as it has been written.
    var holding: [UInt8: String] = [:]
    for field in fields where field.value.upperBound <= tune.body.lowerBound {
      holding[field.kind] = value(field)
    }
    let header = holding
    var time = Fraction.zero
    for stretch in stretches where stretch.end > stretch.start {
      let inside = bars.indices.filter {
        bars[$0].start >= stretch.start && bars[$0].start < stretch.end
      }
      guard let first = inside.first.map({ bars[$0] }), let last = inside.last.map({ bars[$0] }),
        first.start == stretch.start,
        last.start + last.length == stretch.end
      else { return false }
      for index in inside {
        let bar = bars[index]
        let (music, start) = music(bytes, bar.range)
        let before = index > 0 ? bars[index - 1].range.upperBound : tune.body.lowerBound
        var prefix = ""
        for instruction in instructions
        where instruction.value.lowerBound >= before && instruction.value.upperBound <= start {
          prefix += "[I:\(value(instruction))]"
        }
        for kind in Array("MLQK".utf8) {
          let field = fields.last { $0.kind == kind && $0.value.upperBound <= start }
          let wanted = field.map(value) ?? header[kind]
          if let wanted, holding[kind] != wanted {
            prefix += "[\(Unicode.Scalar(kind)):\(wanted)]"
            holding[kind] = wanted
          }
        }
        for field in fields
        where field.value.lowerBound >= start && field.value.upperBound <= bar.range.upperBound {
          holding[field.kind] = value(field)
        }
        voice.bars.append(prefix + music)
        voice.starts.append(time + (bar.start - stretch.start))
      }
      time += stretch.end - stretch.start
    }
    return true
  }

  /// A bar's music on one line without its signs, and where it starts.
  private static func music(_ bytes: [UInt8], _ range: Range<Int>) -> (text: String, start: Int) {
    var place = range.lowerBound
    var start = range.lowerBound
    var kept: [UInt8] = []
    for line in bytes[range].split(separator: 0x0A, omittingEmptySubsequences: false) {
      let isField =
        line.count > 1 && line[line.startIndex + 1] == UInt8(ascii: ":")
        && "KMLQI".utf8.contains(line[line.startIndex])
        && (place == range.lowerBound || bytes[place - 1] == 0x0A)
      if !isField {
        if kept.isEmpty { start = place }
        kept += line
      }
      place += line.count + 1
    }
    let signs = Array("|:[] \\".utf8)
    var slice = kept[...]
    while let last = slice.last, signs.contains(last) {
      // The bracket of a chord or of an inline field is no bar sign.
      if last == UInt8(ascii: "]"),
        !slice.dropLast().reversed().prefix(while: {
          signs.contains($0)
        }).contains(UInt8(ascii: "|"))
      {
        break
      }
      slice.removeLast()
    }
    slice = withoutEnding(slice)
    return (String(decoding: slice, as: UTF8.self), start)
  }

  /// Without `1`, `[2` or `1,3-5` at its start, and the signs of a section that starts there.
  private static func withoutEnding(_ bar: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var slice = bar
    while let first = slice.first {
      let next = slice.dropFirst().first ?? 0
      let isDigit = (0x30...0x39).contains(first)
      let opensEnding = first == UInt8(ascii: "[") && (0x30...0x39).contains(next)
      let opensSection = first == UInt8(ascii: "[") && next == UInt8(ascii: "|")
      guard isDigit || opensEnding || opensSection || " |:,-.".utf8.contains(first) else { break }
      // `.` and `-` only belong to an ending's numbers after a digit; alone they belong to notes.
      if first == UInt8(ascii: ".") || first == UInt8(ascii: "-"),
        slice.startIndex == bar.startIndex
      {
        break
      }
      if first == UInt8(ascii: "."), !(0x30...0x39).contains(bar[slice.startIndex - 1]) { break }
      slice.removeFirst()
    }
    return slice
  }
}

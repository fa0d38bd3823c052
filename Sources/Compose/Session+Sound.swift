import ABC
import Music

/// The instrument that the tune is played with. It stands in the text, as `%%MIDI program` in the
/// header, so that exports, other programs and undo have it.
extension Session {
  /// `flute`, `73`, `off`; nothing says which it is.
  mutating func setSound(_ argument: String) -> [Effect] {
    guard !argument.isEmpty else {
      notice(soundSentence)
      return []
    }
    guard parsed.body.lowerBound > 0 else {
      notice("the instrument is kept in the header: there is none yet (I makes one)")
      return []
    }
    let program: Int?
    if argument == "off" {
      program = nil
    } else if let found = GeneralMIDI.program(named: argument) {
      program = found
    } else {
      let nearest = nearestWord(to: argument.lowercased(), among: GeneralMIDI.allNames)
      complain(
        "no instrument is called '\(argument)'"
          + (nearest.map { " (did you mean '\($0)'?)" }
            ?? ": write a General MIDI name or a number from 0 to 127"))
      return []
    }
    let effects = whilePaused { $0.writeProgram(program) }
    notice(soundSentence)
    return effects
  }

  private var soundSentence: String {
    guard let track = score.performance.tracks.first(where: { $0.role == .melody }) else {
      return "sound: nothing is written yet"
    }
    return "sound: \(GeneralMIDI.names[track.program]) (program \(track.program))"
  }

  /// Puts the program into the header, before the key, in place of the one that was there.
  private mutating func writeProgram(_ program: Int?) {
    let header = text.text(atBytes: 0..<parsed.body.lowerBound)
    let line = program.map { "%%MIDI program \($0)\n" } ?? ""
    var offset = 0
    for written in header.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = written.lowercased().split(separator: " ")
      let isProgram = words.starts(with: ["%%midi", "program"])
      if isProgram || (written.hasPrefix("K:") && !line.isEmpty) {
        draft.closeEdit()
        draft.begin(.header)
        let end = isProgram ? min(offset + written.utf8.count + 1, parsed.body.lowerBound) : offset
        make(Edit(offset..<end, line), origin: .hand)
        return
      }
      offset += written.utf8.count + 1
    }
  }
}

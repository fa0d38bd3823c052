import Audio

/// Where notes go and where they come from, as a musician asks for it.
struct SoundPlaces: Equatable {
  static let synth = "synth"
  static let off = "off"

  var hasSynth = true
  /// MIDI ports by name.
  var outputs: [String] = []
  var inputs: [String] = []
  var clock = MIDIClock.off

  /// Takes names with commas between them; without a port, the synthesizer sounds.
  mutating func setOutputs(_ names: [String]) {
    outputs = names.filter { $0 != SoundPlaces.synth && $0 != SoundPlaces.off }
    hasSynth = outputs.isEmpty || names.contains(SoundPlaces.synth)
  }

  mutating func setInputs(_ names: [String]) { inputs = names.filter { $0 != SoundPlaces.off } }

  /// Names that are no more than numbers in a list stand for what has that number.
  ///
  /// - Parameters:
  ///   - text: Names, numbers from 1 or addresses, with commas between them.
  ///   - listed: What was listed: words of ours, and full names of ports.
  /// - Returns: The full names; or what was asked for and is not there.
  static func names(
    _ text: String, words: [String], ports: [MIDIPort]
  ) -> Result<[String], Missing> {
    var names: [String] = []
    for part in text.split(separator: ",") {
      let asked = String(part.trimmingPrefix { $0 == " " }).trimmingTrailingSpaces()
      if words.contains(asked) || asked == off {
        names.append(asked)
      } else if let number = Int(asked) {
        let listed = words + ports.map(\.fullName)
        guard listed.indices.contains(number - 1) else { return .failure(Missing(name: asked)) }
        names.append(listed[number - 1])
      } else if let port = ports.named(asked) {
        names.append(port.fullName)
      } else {
        return .failure(Missing(name: asked))
      }
    }
    return .success(names)
  }

  struct Missing: Error, Equatable { var name: String }

  // MARK: - Remembering

  /// Reads what `text` says, in lines such as `out = synth, FLUID Synth:Synth input port`.
  mutating func read(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        String($0.trimmingPrefix { $0 == " " }).trimmingTrailingSpaces()
      }
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "out": setOutputs(SoundPlaces.parts(parts[1]))
      case "in": setInputs(SoundPlaces.parts(parts[1]))
      default: break
      }
    }
  }

  var text: String {
    let out = (hasSynth ? [SoundPlaces.synth] : []) + outputs
    return "out = \(out.joined(separator: ", "))\nin = \(inputs.joined(separator: ", "))\n"
  }

  static func parts(_ text: String) -> [String] {
    text.split(separator: ",").map {
      String($0.trimmingPrefix { $0 == " " }).trimmingTrailingSpaces()
    }.filter { !$0.isEmpty }
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}

import Music

/// What holds again where a section is played another time.
extension VoicePlayer {
  struct Change {
    var event: Int
    var content: Event.Content
  }

  func places(_ plan: Performer.Plan, _ texts: [String]) -> [Change] {
    var changes: [Change] = []
    for index in plan.signs.places {
      switch plan.events[index].content {
      case .tempo, .meter, .key:
        changes.append(Change(event: index, content: plan.events[index].content))
      case .midi(let text)
      where isProgram(texts[text]) || isManner(texts[text]) || isControl(texts[text]):
        changes.append(Change(event: index, content: plan.events[index].content))
      default: break
      }
    }
    return changes
  }

  private func isProgram(_ line: String) -> Bool {
    line.lowercased().hasPrefix("program")
  }

  private func isControl(_ line: String) -> Bool {
    line.lowercased().hasPrefix("control")
  }

  private func isManner(_ line: String) -> Bool {
    fieldWords(line).first.map { Manner.names.contains($0.lowercased()) } ?? false
  }

  /// Going back, the tempo, meter, key and instrument of that place hold again.
  mutating func restore(
    _ changes: [Change], before event: Int, into performer: inout Performer
  ) {
    let tune = performer.tune
    let texts = tune.script.texts
    restoreControls(changes, before: event, into: &performer)
    var tempo = tune.header.quartersPerMinute ?? 120
    var meter = tune.script.meter
    var key = (
      fifths: Int8(clamping: tune.script.key.fifths), isMinor: tune.script.key.isMinor
    )
    var program = tune.script.headerDirectives.last { $0.lowercased().hasPrefix("program") }
    manner = headerManner
    for change in changes where change.event < event {
      switch change.content {
      case .midi(let text) where isManner(texts[text]):
        manner.read(fieldWords(texts[text]))
      case .midi(let text): if isProgram(texts[text]) { program = texts[text] }
      case .tempo(let quarters, _): tempo = quarters
      case .meter(let new): meter = new
      case .key(let fifths, let isMinor): key = (fifths, isMinor)
      default: break
      }
    }
    let hasPrograms = changes.contains {
      if case .midi(let text) = $0.content { isProgram(texts[text]) } else { false }
    }
    if hasPrograms {
      performer.directives.append((time, voice, fieldWords(program ?? "program 0")))
    }
    if tempo != self.tempo ?? 120 { change(tempo: tempo, at: time, into: &performer) }
    if meter != self.meter { change(meter: meter, at: time, into: &performer) }
    if key != self.key { change(key: key, at: time, into: &performer) }
  }

  /// Every controller that the voice sets anywhere gets the value it has at a place.
  private func restoreControls(
    _ changes: [Change], before event: Int, into performer: inout Performer
  ) {
    let texts = performer.tune.script.texts
    var values: [String: String] = [:]
    for line in performer.tune.script.headerDirectives where isControl(line) {
      let words = fieldWords(line)
      if words.count > 2 { values[words[1]] = words[2] }
    }
    var later: [String] = []
    for change in changes {
      guard case .midi(let text) = change.content, isControl(texts[text]) else { continue }
      let words = fieldWords(texts[text])
      guard words.count > 2 else { continue }
      later.append(words[1])
      if change.event < event { values[words[1]] = words[2] }
    }
    for controller in Set(later).sorted() {
      // What General MIDI begins with.
      let usual = ["7": "100", "10": "64", "11": "127"][controller] ?? "0"
      performer.directives.append(
        (time, voice, ["control", controller, values[controller] ?? usual]))
    }
  }
}

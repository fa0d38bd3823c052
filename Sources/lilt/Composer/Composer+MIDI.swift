import ABC
import Audio
import Compose
import Music
import TUI

/// MIDI: what comes from keyboards and sequencers, and what is asked of the ports.
extension Composer {
  /// Takes what the settings ask for, or else what was chosen last.
  func openMIDI() {
    if let kept = try? Files.readText(paths.midiPorts) { places.read(kept) }
    if let asked = settings.given(.midiOut) { places.setOutputs(SoundPlaces.parts(asked)) }
    if let asked = settings.given(.midiIn) { places.setInputs(SoundPlaces.parts(asked)) }
    places.clock = MIDIClock(rawValue: settings.text(.midiClock)) ?? .off
    midi.setThru(settings.flag(.midiThru))
    reserveControls()
    connect()
    if places.clock != .off { midi.setClock(places.clock) }
  }

  private func connect() {
    player.setSynth(places.hasSynth)
    midi.setOutputs(places.outputs)
    midi.setInputs(places.inputs)
    tellWiring()
  }

  /// What runs commands is not heard as a note.
  func reserveControls() {
    var reserved = MIDIReserved()
    for control in keys.midiControls {
      switch control {
      case .note(let key): reserved.notes.insert(key)
      case .controller(let number): reserved.controllers.insert(number)
      case .program(let number): reserved.programs.insert(number)
      }
    }
    midi.setReserved(reserved)
  }

  func handle(_ event: MIDIEvent) {
    switch event {
    case .stateChanged: tellWiring()
    case .played(let message, let moment, let playhead, let isHeard):
      // Where nothing is to be heard of it, nothing is left to sound.
      let isSilent = isHeard || !settings.flag(.midiThru)
      played(message, moment: moment, playhead: playhead, isHeard: isSilent)
    case .transport(.play(let start)): perform(session.handle(.transported(.play(from: start))))
    case .transport(.stop): perform(session.handle(.transported(.stop)))
    }
  }

  private func played(_ message: MIDIMessage, moment: Int, playhead: Tick?, isHeard: Bool) {
    var pressed: KeyPress.MIDIControl?
    var isPress = true
    let kind: PlayedEvent.Kind
    let onChannel: UInt8
    switch message {
    case .noteOn(let channel, let key, let velocity):
      guard let pitch = Pitch(key: Int(key)) else { return }
      kind = .noteOn(pitch: pitch, velocity: Int(velocity))
      onChannel = channel
      pressed = .note(Int(key))
    case .noteOff(let channel, let key):
      guard let pitch = Pitch(key: Int(key)) else { return }
      kind = .noteOff(pitch: pitch)
      onChannel = channel
      pressed = .note(Int(key))
      isPress = false
    case .control(let channel, let number, let value):
      kind = .controller(number: Int(number), value: Int(value))
      onChannel = channel
      pressed = .controller(Int(number))
      isPress = value >= 64 && pressedControllers.insert(Int(number)).inserted
      if value < 64 { pressedControllers.remove(Int(number)) }
    case .program(let channel, let number):
      kind = .program(Int(number))
      onChannel = channel
      pressed = .program(Int(number))
    case .bend, .clock, .start, .goOn, .stop, .songPosition: return
    }
    if let pressed, keys.midiControls.contains(pressed) {
      if isPress {
        for event in keys.events(for: KeyPress(.midi(pressed)), in: session) {
          perform(session.handle(event))
        }
      }
      return
    }
    let time = Double(moment - Int(start)) / 1e9
    perform(
      session.handle(
        .played(
          PlayedEvent(
            kind, channel: Int(onChannel), time: time, playhead: playhead, isHeard: isHeard))))
  }

  /// Tells the session what is connected.
  func tellWiring() {
    let state = midi.state
    var wiring = MIDIWiring()
    wiring.hasSynth = places.hasSynth
    wiring.outputs = state.outputs.compactMap { $0.port?.fullName }
    wiring.inputs = state.inputs.compactMap { $0.port?.fullName }
    wiring.missing = state.missing
    wiring.trouble = state.trouble ?? ""
    wiring.clock = places.clock.rawValue
    perform(session.handle(.wired(wiring)))
  }

  // MARK: - Asking

  func answer(_ request: MIDIRequest) {
    switch request {
    case .outputs(let text): answerOutputs(text)
    case .inputs(let text): answerInputs(text)
    case .clock(let text): answerClock(text)
    }
  }

  private func answerOutputs(_ text: String) {
    let state = midi.state
    let takers = state.ports.filter(\.takes)
    guard !text.isEmpty else {
      let own = Picker.Choice(
        name: SoundPlaces.synth, title: "\(SoundPlaces.synth) [\(session.player.output)]",
        detail: Self.mark(places.hasSynth))
      return list(
        .outputs, [own] + choices(takers, state.outputs), remarks(state, missing: state.outputs))
    }
    choose(text, words: [SoundPlaces.synth], among: takers, "out") { places.setOutputs($0) }
  }

  private func answerInputs(_ text: String) {
    let state = midi.state
    let givers = state.ports.filter(\.gives)
    guard !text.isEmpty else {
      let found = choices(givers, state.inputs)
      guard !found.isEmpty else {
        let none = state.trouble == nil ? "no port gives notes" : ""
        return say("in: \(none)" + remarks(state, missing: state.inputs))
      }
      let off = Picker.Choice(
        name: SoundPlaces.off, title: "nothing", detail: Self.mark(state.inputs.isEmpty))
      return list(.inputs, found + [off], remarks(state, missing: state.inputs))
    }
    choose(text, words: [], among: givers, "in") { places.setInputs($0) }
  }

  private static func mark(_ isOn: Bool) -> String { isOn ? "on" : "" }

  /// The ports as entries of a list.
  private func choices(_ ports: [MIDIPort], _ chosen: [MIDIState.Choice]) -> [Picker.Choice] {
    let on = chosen.compactMap { $0.port?.fullName }
    return ports.map {
      Picker.Choice(
        name: $0.fullName, title: $0.fullName, detail: Self.mark(on.contains($0.fullName)))
    }
  }

  /// Opens a list of ports, the first that is on chosen, and says what is not as it was asked.
  private func list(_ kind: Picker.Kind, _ choices: [Picker.Choice], _ remarks: String) {
    let on = choices.firstIndex { $0.detail == Self.mark(true) } ?? 0
    perform(session.handle(.choicesFound(Picker(kind, choices, selected: on))))
    if !remarks.isEmpty { say("\(kind.name): \(remarks.dropFirst(2))") }
  }

  private func remarks(_ state: MIDIState, missing choices: [MIDIState.Choice]) -> String {
    let absent = choices.filter { $0.port == nil }.map { "; not there: \($0.name)" }.joined()
    return absent + (state.trouble.map { "; \($0)" } ?? "")
  }

  private func choose(
    _ text: String, words: [String], among ports: [MIDIPort], _ command: String,
    _ take: ([String]) -> Void
  ) {
    switch SoundPlaces.names(text, words: words, ports: ports) {
    case .failure(let missing):
      if let trouble = midi.state.trouble { return complain(trouble) }
      let nearest = nearestWord(to: missing.name, among: words + ports.map(\.fullName))
      complain(
        "no MIDI port '\(missing.name)'"
          + (nearest.map { " (did you mean '\($0)'?)" } ?? " (:\(command) lists them)"))
    case .success(let names):
      take(names)
      connect()
      let chosen = names.joined(separator: ", ")
      do throws(FileError) {
        try Files.makeFolder(paths.state)
        try Files.write(Array(places.text.utf8), to: paths.midiPorts)
        say("\(command): \(chosen)")
      } catch {
        complain("\(command): \(chosen), but it is not remembered: \(error)")
      }
    }
  }

  private func answerClock(_ text: String) {
    if text.isEmpty { return say("MIDI clock: \(places.clock.rawValue)") }
    guard let clock = MIDIClock(rawValue: text) else {
      return complain("'\(text)' is no way to use MIDI clock: off, send or follow")
    }
    if clock != .off, let trouble = midi.state.trouble { return complain(trouble) }
    places.clock = clock
    midi.setClock(clock)
    tellWiring()
    say("MIDI clock: \(clock.rawValue)")
  }

  private func say(_ sentence: String) { perform(session.handle(.noted(sentence))) }
  private func complain(_ sentence: String) { perform(session.handle(.warned(sentence))) }
}

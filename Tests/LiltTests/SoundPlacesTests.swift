import Testing

@testable import Audio
@testable import lilt

/// Choosing MIDI ports by name or number, and remembering them.
@Suite struct SoundPlacesTests {
  private func port(_ client: Int, _ name: String) -> MIDIPort {
    MIDIPort(
      address: .init(client: client, port: 0), client: name, name: "port 0", takes: true,
      gives: true)
  }
  private var ports: [MIDIPort] { [port(14, "Midi Through"), port(128, "FLUID Synth")] }

  @Test(arguments: [
    ("2", ["Midi Through:port 0"]), ("synth, 3", ["synth", "FLUID Synth:port 0"]),
    ("fluid", ["FLUID Synth:port 0"]), ("128:0", ["FLUID Synth:port 0"]), ("1", ["synth"]),
    ("Midi Through:port 0", ["Midi Through:port 0"]), ("off", ["off"]),
  ])
  func `a port is chosen by its number, its name or a part of it`(text: String, names: [String]) {
    #expect(SoundPlaces.names(text, words: ["synth"], ports: ports) == .success(names))
  }

  @Test(arguments: ["4", "0", "-1", "nosuch", "synth, nosuch"])
  func `what is not there is refused`(text: String) {
    let asked = String(text.split(separator: " ").last ?? "")
    #expect(
      SoundPlaces.names(text, words: ["synth"], ports: ports)
        == .failure(SoundPlaces.Missing(name: asked)))
  }

  @Test func `a port alone silences the own synthesizer, off brings it back`() {
    var places = SoundPlaces()
    places.setOutputs(["FLUID Synth:port 0"])
    #expect(!places.hasSynth)
    places.setOutputs(["synth", "FLUID Synth:port 0"])
    #expect(places.hasSynth)
    #expect(places.outputs == ["FLUID Synth:port 0"])
    places.setOutputs(["off"])
    #expect(places.hasSynth)
    #expect(places.outputs.isEmpty)
  }

  @Test func `what was chosen is remembered by name`() {
    var places = SoundPlaces()
    places.setOutputs(["FLUID Synth:port 0", "synth"])
    places.setInputs(["Keystation:port 0"])
    var again = SoundPlaces()
    again.read(places.text)
    #expect(again == places)
    again.read("nonsense\n= \nout =\nin = ")
    #expect(again == SoundPlaces())
  }
}

import Music
import Testing

@testable import ABC

/// What the text says beside notes reaches the performance.
@Suite struct CarriedThroughTests {
  private func performance(_ text: String) -> Performance { ParsedTune(text: text).performance() }

  @Test(arguments: [
    "X:1\nM:4/4\nL:1/4\nK:C\nV:1\nCDEF|\nV:2\n%%MIDI channel 10\nC,D,E,F,|\n",
    "X:1\nM:4/4\nL:1/4\nV:1\nV:2 clef=perc\nK:C\nV:1\nCDEF|\nV:2\nC,D,E,F,|\n",
    "X:1\nM:4/4\nL:1/4\nV:1\nV:2 perc stafflines=1\nK:C\nV:1\nCDEF|\nV:2\nC,D,E,F,|\n",
    "X:1\nM:4/4\nL:1/4\nK:C\nV:1\nCDEF|\nV:2\nI:MIDI=channel 10\nC,D,E,F,|\n",
    "X:1\nM:4/4\nL:1/4\nK:C\nV:1\nCDEF|\nV:2\n[I:MIDI channel 10]C,D,E,F,|\n",
    "X:1\nM:4/4\nL:1/4\nK:C\nV:1\nCDEF|\nV:2\n[K:C perc]C,D,E,F,|\n",
  ])
  func `a voice of drums is one`(text: String) {
    let heard = performance(text)
    #expect(heard.tracks.map(\.role) == [.melody, .drums])
    #expect(heard.tracks.map(\.channel) == [0, 9])
    #expect(heard.notes.filter { $0.track == 1 }.map(\.pitch.key) == [48, 50, 52, 53])
  }

  @Test func `drums may be the whole tune, mapped or as written`() {
    let mapped = performance(
      "X:1\nM:4/4\nL:1/8\n%%MIDI channel 10\n%%MIDI drummap F 36\nK:C clef=perc\nF2 c2 FF c2|\n")
    #expect(mapped.tracks.map(\.role) == [.drums])
    #expect(mapped.notes.map(\.pitch.key) == [36, 72, 36, 36, 72])
    let written = performance("X:1\nM:4/4\nL:1/8\nK:C perc\nF2 c2 FF c2|\n")
    #expect(written.tracks.map(\.channel) == [9])
    #expect(written.notes.map(\.pitch.key) == [65, 72, 65, 65, 72])
    let named = performance("X:1\nM:4/4\nL:1/8\n%%percmap F 36\nK:C perc\nF2 c2 FF c2|\n")
    #expect(named.notes.map(\.pitch.key) == [36, 72, 36, 36, 72])
  }

  @Test func `a clef that follows makes the voice a melody again`() {
    #expect(performance("X:1\nL:1/4\nK:C perc\nC|[K:C treble]D|\n").tracks[0].role == .melody)
  }

  @Test func `controllers are set where they stand`() {
    let heard = performance(
      "X:1\nM:4/4\nL:1/4\nK:C\n%%MIDI program 48\n%%MIDI control 7 35\nCDEF|[I:MIDI control 64 127]C4|\n"
    )
    #expect(
      heard.controls.map { [$0.at.count / Tick.perQuarter, $0.track, $0.controller, $0.value] }
        == [[0, 0, 7, 35], [4, 0, 64, 127]])
  }

  @Test func `a controller in the header is for all voices`() {
    let heard = performance(
      "X:1\nM:4/4\nL:1/4\n%%MIDI control 7 35\nK:C\nV:1\nCDEF|\nV:2\nCDEF|\n")
    #expect(heard.controls.map(\.track) == [0, 1])
    #expect(heard.controls.allSatisfy { $0.controller == 7 && $0.value == 35 && $0.at == .zero })
  }

  @Test func `going back, controllers have the value of that place again`() {
    let heard = performance(
      "X:1\nM:4/4\nL:1/4\nK:C\n|:CDEF|[I:MIDI control 7 35]C4:|\n")
    #expect(
      heard.controls.map { [$0.at.count / Tick.perQuarter, $0.value] }
        == [[4, 35], [8, 100], [12, 35]])
  }

  @Test func `a drone sounds between its lines, on a channel of its own`() {
    let heard = performance(
      "X:1\nM:4/4\nL:1/4\nK:HP\nABcd|\n%%MIDI droneon\nefga|\n%%MIDI droneoff\na4|\n")
    let track = heard.tracks.firstIndex { $0.role == .drone }
    let drone = heard.notes.filter { $0.track == track }
    #expect(drone.map(\.pitch.key).sorted() == [33, 45])
    #expect(
      drone.allSatisfy {
        $0.start.count == 4 * Tick.perQuarter && $0.end.count == 8 * Tick.perQuarter
      })
    #expect(track.map { heard.tracks[$0].program } == 70)
    #expect(track.map { heard.tracks[$0].channel } == 1)
    let own = performance(
      "X:1\nM:4/4\nL:1/4\n%%MIDI drone 60 50 38 70 60\n%%MIDI droneon\nK:D\nABcd|\n")
    #expect(own.notes.filter { $0.track == 1 }.map(\.pitch.key) == [38, 50])
    #expect(own.notes.filter { $0.track == 1 }.map(\.velocity) == [60, 70])
  }

  @Test func `a directive with an equals sign or without a blank is read`() {
    #expect(performance("X:1\nI:MIDI=program 56\nK:C\nC|\n").tracks[0].program == 56)
    let tune = ParsedTune(text: "X:1\nM:4/4\nL:1/4\nK:C\n%%MIDIprogram 40\nCDEF|\n")
    #expect(tune.performance().tracks[0].program == 40)
    #expect(tune.diagnostics.map(\.severity) == [.note])
  }

  @Test func `composer, transcriber and copyright are told`() {
    let book = Tunebook(
      text:
        "%%abc-copyright 2001 nobody at all\nX:1\nC:Nobody\nZ:written by nobody\nL:1/4\nK:C\nCDEF|\n"
    )
    let heard = book.parsedTune(0).performance()
    #expect(heard.credits == ["Composer: Nobody", "Transcription: written by nobody"])
    #expect(heard.copyright == "2001 nobody at all")
  }

  @Test func `a name of two lines is one name`() {
    let heard = performance("X:1\nL:1/4\nV:1 name=\"Flute\\n[high]\"\nK:C\n[V:1]CDEF|\n")
    #expect(heard.tracks[0].name == "Flute [high]")
  }
}

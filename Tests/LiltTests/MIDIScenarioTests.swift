import Glibc
import Testing

@testable import lilt

/// MIDI in the running composer, on a machine that has no sequencer.
@Suite(.enabled(if: access("/dev/snd/seq", F_OK) != 0, "this machine has a MIDI sequencer"))
struct MIDIScenarioTests {
  @Test func `without a sequencer one sentence says so when it is asked for`() throws {
    let composer = try RunningComposer()
    composer.type(":out\r")
    // A list to choose from, with what is missing said below.
    #expect(composer.wait("out: 1 "))
    #expect(composer.wait("> synth \\[.*on"))
    #expect(composer.wait("there is no /dev/snd/seq"))
    composer.keys("Enter")
    #expect(composer.wait("out: synth"))
    composer.type(":in\r")
    #expect(composer.wait("there is no /dev/snd/seq"))
    composer.type(":clock follow\r")
    #expect(composer.wait("There is no MIDI here"))
  }
}

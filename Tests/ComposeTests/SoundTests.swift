import Compose
import Music
import Testing

/// The instrument of the tune by its name.
@Suite struct SoundTests {
  private func rig() -> Rig {
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|"))
    return rig
  }

  @Test func `an instrument goes into the header and is heard, played on and undone`() {
    var rig = rig()
    rig.run("sound flute")
    #expect(rig.text.contains("L:1/4\n%%MIDI program 73\nK:C\n"))
    #expect(rig.session.score.performance.tracks.first?.program == 73)
    #expect(rig.session.message?.text == "sound: flute (program 73)")
    #expect(rig.effects.contains(.setPlayedProgram(73)))
    rig.run("sound 110")
    #expect(rig.text.contains("%%MIDI program 110\nK:C\n"))
    #expect(!rig.text.contains("program 73"))
    rig.run("undo")
    #expect(rig.text.contains("%%MIDI program 73\n"))
    rig.run("sound off")
    #expect(!rig.text.contains("%%MIDI"))
    rig.run("sound off")
    #expect(rig.text == "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|")
  }

  @Test(arguments: [
    ("flutx", "did you mean 'flute'"), ("zzzzzzzz", "General MIDI name or a number"),
    ("128", "General MIDI name or a number"),
  ])
  func `a name that nothing has changes nothing`(name: String, words: String) {
    var rig = rig()
    let before = rig.text
    rig.run("sound \(name)")
    #expect(rig.session.message?.kind == .error)
    #expect(rig.session.message?.text.contains(words) == true)
    #expect(rig.text == before)
    rig.run("sound")
    #expect(rig.session.message?.text.hasPrefix("sound: ") == true)
  }
}

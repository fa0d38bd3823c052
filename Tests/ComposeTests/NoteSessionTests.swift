import ABC
import Music
import Testing

@testable import Compose

/// A session with a network of notes: everything that is made of a text works as with characters.
@Suite struct NoteSessionTests {
  private func rig(_ kind: String) throws -> Rig {
    Rig(notes: try NoteAuthorTests.model(kind))
  }

  @Test(arguments: NoteAuthorTests.kinds)
  func `a phrase is written to its end, and a draft replays it`(_ kind: String) throws {
    var rig = try rig(kind)
    rig.press(.generateToggle)
    #expect(rig.session.score.completeBars == 8, "\(rig.text)")
    #expect(rig.session.generator == .done(.phrase))
    rig.press(.generateToggle)
    #expect(rig.session.score.completeBars == 16)
    let tune = rig.session.parsed
    #expect(tune.bars.allSatisfy { $0.length == Fraction(1) })

    var author = try NoteAuthor(NoteAuthorTests.model(kind))
    let replay = Replay(rig.journal) { author.write($0).characters }
    #expect(replay.difference == nil)
    #expect(replay.text == rig.text)
    #expect(replay.characters > 40)
  }

  @Test(arguments: NoteAuthorTests.kinds)
  func `a pause within a bar changes nothing of what comes`(_ kind: String) throws {
    var whole = try rig(kind)
    whole.press(.generateToggle)
    var halting = try rig(kind)
    for _ in 0..<400 where halting.session.score.completeBars < 8 {
      // One token, then a pause.
      halting.press(.generateStep)
    }
    #expect(halting.text == whole.text)
  }

  @Test func `a draft that is opened again goes on within the bar`() throws {
    var rig = try rig("note-chords")
    for _ in 0..<12 { rig.press(.generateStep) }
    let unwritten = try #require(rig.session.history.current.unwritten)
    #expect(!unwritten.tokens.isEmpty)
    var again = try self.rig("note-chords")
    again.session.restore(rig.journal)
    #expect(again.session.history.current.unwritten == unwritten)
    for _ in 0..<40 {
      rig.press(.generateStep)
      again.press(.generateStep)
    }
    #expect(again.text == rig.text && rig.session.score.completeBars > 4)
  }

  @Test func `what is changed by hand is what the model goes on from`() throws {
    var rig = try rig("note-chords")
    for _ in 0..<12 { rig.press(.generateStep) }
    #expect(rig.session.history.current.unwritten != nil)
    rig.press(.barBack)
    #expect(rig.session.history.current.unwritten == nil)
    let before = rig.text
    rig.press(.generateToggle)
    #expect(rig.text.hasPrefix(before) && rig.session.score.completeBars == 8)
  }

  @Test func `alternatives, takes and undo are those of the text`() throws {
    var rig = try rig("midi-characters")
    rig.press(.generateToggle)
    let first = rig.text
    rig.press(.alternatives, "3")
    #expect(rig.session.alternatives?.candidates.count == 3)
    rig.press(.alternativeHear, "2")
    rig.press(.alternativeChoose)
    #expect(rig.text.hasPrefix(first) && rig.session.score.completeBars == 16)
    let chosen = rig.text
    rig.press(.undo)
    #expect(rig.text == first)
    rig.press(.redo)
    #expect(rig.text == chosen)
    var author = try NoteAuthor(NoteAuthorTests.model("midi-characters"))
    #expect(Replay(rig.journal) { author.write($0).characters }.difference == nil)
  }

  @Test func `bars between others are filled`() throws {
    var rig = try rig("note-chords")
    rig.press(.generateToggle)
    let before = rig.session.parsed
    rig.press(.alternatives, "3-4")
    #expect(rig.session.alternatives?.candidates.isEmpty == false)
    rig.press(.alternativeHear, "1")
    rig.press(.alternativeChoose)
    let after = rig.session.parsed
    #expect(after.bars.count == before.bars.count)
    #expect(after.bars.allSatisfy { $0.length == Fraction(1) })
  }
}

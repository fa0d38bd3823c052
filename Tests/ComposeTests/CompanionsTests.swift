import ABC
import Music
import Notes
import Testing

@testable import Compose

/// One voice of several, written by a network of notes beside the others.
@Suite struct CompanionsTests {
  private static let header = "X:1\nT:t\nM:3/4\nL:1/8\nK:G\n"
  private static let duet =
    header + "V:1\nV:2 clef=bass\nV:1\nG2B2d2|e2d2c2|B2A2G2|F2A2c2|B2d2g2|\n"
    + "V:2\nG,,2D,2G,,2|C,2E,2C,2|G,,2B,,2D,2|D,2F,2A,,2|G,,2B,,2G,,2|\n"

  /// The music of a bar of a voice, counted from 0, without its bar line.
  private func gap(_ text: String, voice: Int, bar: Int) throws -> Range<Int> {
    let tune = ParsedTune(text: text)
    let bars = tune.bars.filter { $0.voice == voice }
    let range = try #require(bars.indices.contains(bar) ? bars[bar].range : nil)
    let bytes = Array(text.utf8)
    return range.lowerBound..<(bytes[range].lastIndex(of: UInt8(ascii: "|")) ?? range.upperBound)
  }

  private func pieces(_ kind: String, voice: Int) throws -> [String] {
    let range = try gap(Self.duet, voice: voice, bar: 3)
    var author = NoteAuthor(try NoteAuthorTests.model(kind))
    let fill = FillRequest(
      identifier: 1, document: Self.duet, gaps: [Gap(range, length: Fraction(3, 4))], rng: 7,
      runs: Array(1...12), sampling: Sampling(), following: 12)
    return author.fill(fill).map { $0.pieces[0].map(\.character).joined() }
  }

  @Test(arguments: NoteAuthorTests.kinds, [0, 1])
  func `a bar of one voice gets single notes in that voice's range`(
    _ kind: String, voice: Int
  ) throws {
    let range = try gap(Self.duet, voice: voice, bar: 3)
    var sounding = 0
    for piece in try pieces(kind, voice: voice) {
      var text = Self.duet
      text.replaceBytes(range, with: piece)
      let tune = ParsedTune(text: text)
      #expect(tune.bars.allSatisfy { $0.length == Fraction(3, 4) }, "\(piece)")
      let bar = try #require(tune.bars.filter { $0.voice == voice }.dropFirst(3).first)
      let notes = tune.notes.filter { $0.kind == .note && bar.range.contains($0.range.lowerBound) }
      sounding += notes.count
      for (one, next) in zip(notes, notes.dropFirst()) {
        #expect(one.start + one.length <= next.start, "\(piece)")
      }
      // The flute's notes go from F to g, those of the bass from G,, to G,.
      let keys = voice == 0 ? 59...83 : 36...58
      let found = notes.compactMap { $0.pitch?.key }
      #expect(found.allSatisfy { keys.contains($0) }, "\(piece)")
    }
    // The keys that the network of pitch, step and duration says lie above the bass.
    if kind != "pitch-step-duration" || voice == 0 { #expect(sounding > 0) }
  }

  @Test func `what the other voice plays is heard by the one that is written`() throws {
    let kind = "midi-characters"
    let other = Self.duet.replacing("D,2F,2A,,2", with: "C,2_E,2_A,,2")
    let range = try gap(other, voice: 0, bar: 3)
    func piece(_ document: String, _ range: Range<Int>) throws -> [String] {
      var author = NoteAuthor(try NoteAuthorTests.model(kind))
      return author.fill(
        FillRequest(
          identifier: 1, document: document, gaps: [Gap(range, length: Fraction(3, 4))], rng: 7,
          runs: Array(1...12), sampling: Sampling(), following: 12)
      ).map { $0.pieces[0].map(\.character).joined() }
    }
    #expect(try piece(other, range) != pieces(kind, voice: 0))
  }

  @Test(arguments: NoteAuthorTests.kinds, [0, 1])
  func `a request for one voice draws what the filling drew, in one go or token by token`(
    _ kind: String, voice: Int
  ) throws {
    let range = try gap(Self.duet, voice: voice, bar: 3)
    let filled = try pieces(kind, voice: voice)
    let tune = ParsedTune(text: Self.duet)
    let passage = Passage(document: Self.duet, gap: range, tune: tune)
    func request(_ text: String, _ unwritten: UnwrittenNotes?, _ count: Int) -> GenerationRequest {
      var request = GenerationRequest(
        identifier: 1, text: text, continuation: passage.continuation,
        gap: Gap(range, length: Fraction(3, 4)), rng: 7, run: 1, index: 0, count: count,
        sampling: Sampling(), mayEnd: false)
      request.companions = Companions(Self.duet, at: range.lowerBound, tune: tune)
      request.unwritten = unwritten
      return request
    }
    var author = NoteAuthor(try NoteAuthorTests.model(kind))
    let once = author.write(request(passage.text, nil, 400))
    #expect(once.closesGap)
    #expect(once.characters.map(\.character).joined() == filled[0])
    var unwritten: UnwrittenNotes?
    for step in once.steps {
      var author = NoteAuthor(try NoteAuthorTests.model(kind))
      let single = try #require(author.write(request(passage.text, unwritten, 1)).steps.first)
      #expect(single == step)
      unwritten = single.unwritten
    }
  }

  @Test func `a tune of one voice, and one whose others are silent, has no companions`() {
    let plain = Self.header + "G2B2d2|\n"
    #expect(Companions(plain, at: plain.utf8.count, tune: ParsedTune(text: plain)) == nil)
    let silent = Self.header + "V:1\nV:2\nV:1\nG6|\nV:2\nz6|\n"
    #expect(
      Companions(silent, at: Self.header.utf8.count + 12, tune: ParsedTune(text: silent)) == nil)
  }
}

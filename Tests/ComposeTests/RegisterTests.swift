import ABC
import Compose
import Testing

@Suite struct RegisterTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"

  private func rig(_ body: String) -> Rig {
    var rig = Rig()
    rig.send(.pasted(Self.header + body))
    return rig
  }

  private func body(_ rig: Rig) -> String { String(rig.text.dropFirst(Self.header.count)) }

  @Test func `bars go with one bar line, repeats and line ends stay`() {
    var rig = rig("|:CDEF|GABc|\ncBAG|FEDC:|\n")
    rig.press(.goTo, "3")
    rig.press(.cut)
    #expect(body(rig) == "|:CDEF|GABc|\nFEDC:|\n")
    rig.press(.goTo, "1")
    rig.press(.paste)
    #expect(body(rig) == "|:CDEF|cBAG|GABc|\nFEDC:|\n")
    // Behind a bar that ends a repeat they are put in before its sign.
    rig.press(.goTo, "4")
    rig.press(.paste)
    #expect(body(rig) == "|:CDEF|cBAG|GABc|\nFEDC|cBAG:|\n")
    rig.press(.goTo, "5")
    rig.press(.cut)
    #expect(body(rig) == "|:CDEF|cBAG|GABc|\nFEDC:|\n")
    #expect(rig.session.parsed.diagnostics.isEmpty)
  }

  @Test func `pasting over a selection takes its place, between its bar lines`() {
    var rig = rig("|:CDEF|GABc|\ncBAG|FEDC:|\n")
    rig.press(.goTo, "1")
    rig.press(.copy)
    rig.press(.select, "2-4")
    rig.press(.paste)
    #expect(body(rig) == "|:CDEF|CDEF:|\n")
    rig.press(.undo)
    rig.press(.select, "3")
    rig.press(.paste)
    #expect(body(rig) == "|:CDEF|GABc|\nCDEF|FEDC:|\n")
  }

  @Test func `what is cut leaves alone what was copied`() {
    var rig = rig("CDEF|GABc|cBAG|")
    rig.press(.goTo, "1")
    rig.press(.copy)
    rig.press(.goTo, "2")
    rig.press(.cut)
    #expect(rig.session.message?.text == "cut bar 2 (\" - p pastes it), u takes it back")
    rig.press(.goTo, "2")
    rig.press(.paste)
    #expect(body(rig) == "CDEF|cBAG|CDEF|")
    rig.press(.register, "-")
    rig.press(.paste)
    #expect(body(rig).contains("GABc"))
  }

  @Test func `a register keeps what was put in it by name`() {
    var rig = rig("CDEF|GABc|cBAG|")
    rig.press(.goTo, "1")
    rig.press(.register)
    rig.type("a")
    #expect(rig.session.mode == .normal)
    rig.press(.copy)
    rig.press(.goTo, "2")
    rig.press(.cut, "b")
    rig.press(.copy)
    #expect(body(rig) == "CDEF|cBAG|")
    rig.press(.goTo, "2")
    rig.press(.paste, "b")
    #expect(body(rig) == "CDEF|cBAG|GABc|")
    rig.press(.register, "a")
    rig.press(.paste)
    // The cursor stands at what was pasted.
    #expect(body(rig) == "CDEF|cBAG|GABc|CDEF|")
    rig.press(.paste, "z")
    #expect(rig.session.message?.text == "register z is empty")
    rig.press(.register, "7")
    #expect(rig.session.message?.kind == .error)
  }

  @Test func `a pickup is selected with the phrase it leads to`() {
    var rig = rig("G|CDEF|GABc|cBAG|FEDC|")
    rig.press(.goTo, "1")
    rig.press(.phrase, "2")
    rig.press(.select, "phrase")
    #expect(rig.session.selection == 0...2)
    rig.press(.copy)
    rig.press(.goTo, "end")
    rig.press(.paste)
    #expect(body(rig) == "G|CDEF|GABc|cBAG|FEDC|G|CDEF|GABc|")
  }

  @Test func `a locked bar is neither cut nor pasted over`() {
    var rig = rig("CDEF|GABc|cBAG|")
    rig.press(.lock, "2")
    rig.press(.goTo, "1")
    rig.press(.copy)
    rig.press(.goTo, "2")
    rig.press(.cut)
    #expect(body(rig) == "CDEF|GABc|cBAG|")
    rig.press(.select, "2-3")
    rig.press(.paste)
    #expect(body(rig) == "CDEF|GABc|cBAG|")
    #expect(rig.session.message?.text.contains("bar 2 is locked") == true)
  }

  /// Two strains of four bars, each with a pickup.
  static let strains =
    "G|CDEF|GABc|cBAG|FED||\n"
    + "A|cdef|gfed|cBAG|ABc|]\n"

  @Test func `what frames bars stays when those on both sides of a double bar are cut`() {
    var rig = rig(Self.strains)
    rig.press(.goTo, "4")
    rig.press(.select)
    rig.press(.barNext)
    rig.press(.cut)
    // The pickup of the next strain is none of the selected bars.
    #expect(body(rig) == "G|CDEF|GABc|cBAG||\nA|cdef|gfed|cBAG|ABc|]\n")
    #expect(rig.session.message?.text.hasPrefix("cut bar 4 ") == true)
    rig.press(.undo)
    rig.press(.select, "4-5")
    rig.press(.cut)
    #expect(body(rig) == "G|CDEF|GABc|cBAG||\ngfed|cBAG|ABc|]\n")
    #expect(rig.session.message?.text.hasPrefix("cut bars 4-5 ") == true)
    rig.press(.goTo, "end")
    rig.press(.paste)
    #expect(body(rig).hasSuffix("cBAG|ABc|FED||\nA|cdef|]\n"))
  }

  @Test(arguments: [
    ("CDEF|GABc|\ncBAG|FEDC|\n", "2-3", "CDEF|\nFEDC|\n"),
    ("CDEF|\nGABc|cBAG|\nFEDC|\n", "2-3", "CDEF|\nFEDC|\n"),
    ("CDEF|\nGABc||\ncBAG|FEDC|\n", "2", "CDEF||\ncBAG|FEDC|\n"),
    ("|:CDEF|GABc:|\n|:cBAG|FEDC:|\n", "2-3", "|:CDEF:|\n|:FEDC:|\n"),
    ("CDEF|GABc||\ncBAG|FEDC||\nGGGG|\n", "3-4", "CDEF|GABc||\nGGGG|\n"),
    ("CDEF|[K:G]GABc|cBAG|\n", "2", "CDEF|[K:G]cBAG|\n"),
    ("|:CDEF|1GABc:|2cBAG|FEDC|\n", "3", "|:CDEF|1GABc:|2FEDC|\n"),
  ])
  func `lines, repeats, endings and fields stay`(body text: String, bars: String, rest: String) {
    var rig = rig(text)
    rig.press(.select, bars)
    rig.press(.cut)
    #expect(body(rig) == rest)
    #expect(rig.session.parsed.diagnostics.filter { $0.severity == .error }.isEmpty)
    rig.press(.undo)
    #expect(body(rig) == text)
  }

  @Test func `the pickup of a later strain goes along with what it leads to`() {
    var rig = rig(Self.strains)
    rig.press(.goTo, "4")
    rig.press(.barNext, count: 2)
    rig.press(.select)
    rig.press(.barNext)
    rig.press(.copy)
    #expect(rig.session.message?.text.hasPrefix("copied bars 5-6 ") == true)
    rig.press(.goTo, "end")
    rig.press(.paste)
    #expect(body(rig).hasSuffix("cBAG|ABc|A|cdef|gfed|]\n"))
    // A bar in the middle of a strain has none.
    rig.press(.goTo, "6")
    rig.press(.copy)
    rig.press(.goTo, "1")
    rig.press(.paste)
    #expect(body(rig).hasPrefix("G|CDEF|gfed|GABc|"))
  }
}

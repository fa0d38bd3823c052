import Form
import Foundation
import Testing

@Suite struct PlanProjectionTests {
  /// Signs as letters: o part once, r repeated, e with endings; digits for the bars left; p pickup;
  /// n new, x elsewhere, S and V with the target's number.
  static func spelled(_ text: String) -> String {
    var result = ""
    for scalar in PlanProjection.annotated(text).unicodeScalars {
      switch PlanSign(scalar) {
      case nil: result.unicodeScalars.append(scalar)
      case .part(let kind): result += "<\(kind) "
      case .place(.left(let bars)): result += "<\(bars)"
      case .place(.more): result += "<more"
      case .place(.unknown): result += "<?"
      case .pickup: result += "pickup>"
      case .relation(.new): result += " new>"
      case .relation(.elsewhere): result += " elsewhere>"
      case .relation(.unknown): result += " ?>"
      case .relation(.same(let target)): result += " same \(target)>"
      case .relation(.varied(let target)): result += " varied \(target)>"
      }
    }
    return result
  }

  @Test func `before each bar stand its place and its relation, before a part what it is`() {
    let header = "M:2/4\nL:1/8\nK:C\n"
    let music =
      "G|:c2 e2|d2 f2|e2 g2|f4|\nc2 e2|d2 f2|e2 c2|1 c3 G:|2 c4||\n"
      + "|:g2 ab|d2 f2|abag|c4:|\n\n"
    let expected = """
      <endings pickup>G|:<8 new>c2 e2|<7 new>d2 f2|<6 new>e2 g2|<5 new>f4|
      <4 same back4>c2 e2|<3 same back4>d2 f2|<2 varied back4>e2 c2|1 <1 new>c3 G:|\
      2 <1 varied back4>c4||
      |:<repeated <4 new>g2 ab|<3 same firstPart>d2 f2|<2 new>abag|<1 same back4>c4:|


      """
    #expect(Self.spelled(header + music) == header + expected)
  }

  @Test func `a bar that several targets would name is called by the first of them`() {
    let bars = "c2 e2|d2 f2|e2 g2|f4|"
    let spelled = Self.spelled("M:2/4\nL:1/8\nK:C\n" + bars + bars + bars + "\n\n")
    #expect(spelled.components(separatedBy: "same back4").count == 9)
    #expect(!spelled.contains("back8"))
  }

  @Test func `parts longer than sixteen bars say more until sixteen are left`() {
    let bars = String(repeating: "c2|", count: 18)
    let spelled = Self.spelled("M:1/4\nL:1/8\nK:C\n" + bars + "\n\n")
    #expect(spelled.components(separatedBy: "<more").count == 3)
    #expect(spelled.contains("<16 same"))
    #expect(spelled.contains("<1 same"))
  }

  @Test(arguments: [
    "", "K:C\n", "no tune", "M:6/8\nL:1/8\nK:G\n[GB]|[1 A:|[2 B|]\n",
    "M:4/4\nL:1/8\nK:G\n\"G\"|\"D\"A4 B4|[K:D]c8|PA2|\nP:A\nP A8|\n\n",
  ])
  func `without its control characters a text is what it was`(text: String) {
    #expect(PlanProjection.stripped(PlanProjection.annotated(text)) == text)
  }

  @Test func `each sign has a character of its own and is read back from it`() {
    #expect(Set(PlanProjection.characters).count == PlanSign.all.count)
    for sign in PlanSign.all { #expect(PlanSign(sign.scalar) == sign) }
  }

  @Test func `likeness is one less the edit distance of the eighths over the longer length`() {
    func grid(_ music: String) -> MelodyGrid {
      MelodyGrid(MelodyReader("M:6/8\nL:1/8\nK:C\n" + music + "|").bars)
    }
    // c.. e.. beside c.. d..: one of six differs.
    #expect(abs(grid("c3 e3").likeness(to: grid("c3 d3")) - 5.0 / 6) < 1e-12)
    // cde beside c..: two replaced.
    #expect(abs(grid("cde").likeness(to: grid("c3")) - 1.0 / 3) < 1e-12)
    #expect(grid("c3 e3").likeness(to: grid("c3 e3")) == 1)
    // Of notes shorter than an eighth each counts.
    #expect(abs(grid("c/d/e").likeness(to: grid("ce")) - 2.0 / 3) < 1e-12)
  }
}

import Form
import Neural
import Testing

@testable import Compose

@Suite struct WritingRuleTests {
  private static let characters = Array("ABCDEFGabcdefg^_=,'|:]12345678/z \n".unicodeScalars)
  private static let header = "R:jig\nM:6/8\nL:1/8\nK:G\n"

  private static func place(
    _ music: String, barsLeft: Int? = nil, barsToCome: Int? = nil, length: Int? = 8,
    kind: PlanSign.PartKind = .repeated
  ) -> WritingPlace {
    var reader = MelodyReader()
    for scalar in (header + music).unicodeScalars { reader.read(scalar) }
    var bar = WritingPlan.Bar(index: reader.bars.count, isPartStart: false)
    bar.barsLeft = barsLeft
    return WritingPlace(
      reader: reader, bar: barsLeft == nil ? nil : bar,
      part: WritingPlan.Part(number: reader.part, kind: kind, length: length),
      isAtSlot: !reader.hasBegun, barsToCome: barsToCome)
  }

  /// The characters that a rule forbids at a place.
  private static func forbidden(_ rule: some WritingRule, _ place: WritingPlace) throws -> Set<
    Character
  > {
    let vocabulary = try #require(Vocabulary(characters))
    var steering = Steering(TokenTable(vocabulary))
    rule.judge(place, &steering)
    return Set(steering.forbidden.map { Character(vocabulary[$0]) })
  }

  @Test func `notes outside an instrument's range are not begun`() throws {
    // D4 to B5: C lies below with and without its comma; B' and c' lie above, b does not.
    let rule = RangeRule(range: 62...83, force: .rule)
    #expect(try Self.forbidden(rule, Self.place("G")).isSuperset(of: ["C", ","]))
    #expect(try !Self.forbidden(rule, Self.place("G")).contains("D"))
    #expect(try Self.forbidden(rule, Self.place("c")).contains("'"))
    #expect(try !Self.forbidden(rule, Self.place("c")).contains("b"))
    // B, is B3 = 59, a fiddle's; G, is G3 = 55, F, is below.
    let fiddle = RangeRule(range: 55...83, force: .rule)
    #expect(try !Self.forbidden(fiddle, Self.place("G")).contains(","))
    #expect(try Self.forbidden(fiddle, Self.place("F")).contains(","))
  }

  @Test func `a wish makes less likely and forbids nothing`() throws {
    let vocabulary = try #require(Vocabulary(Self.characters))
    var steering = Steering(TokenTable(vocabulary))
    RangeRule(range: 62...83, force: .wish).judge(Self.place("G"), &steering)
    #expect(steering.forbidden.isEmpty)
    #expect(steering.weights.contains { vocabulary[$0.token] == "C" && $0.weight < 0 })
  }

  @Test func `a scale keeps to its degrees, and to others on the way down`() throws {
    // G major without the seventh: F (sharp) is out, and so is every accidental.
    let hexatonic = ScaleRule(scale: .hexatonic, force: .rule)
    let out = try Self.forbidden(hexatonic, Self.place("G2"))
    #expect(out.isSuperset(of: ["F", "f", "^", "_", "="]))
    #expect(out.isDisjoint(with: ["G", "A", "B", "C", "D", "E", "g"]))
    // Desh in G: upwards F sharp, downwards F natural, which needs its accidental.
    let desh = ScaleRule(
      scale: .degrees(ascending: [0, 2, 5, 7, 11], descending: [0, 2, 4, 5, 7, 9, 10]), force: .rule
    )
    let afterE = try Self.forbidden(desh, Self.place("E2"))
    #expect(!afterE.contains("F") && afterE.contains("B"))
    let afterG = try Self.forbidden(desh, Self.place("g2"))
    #expect(afterG.contains("f") && !afterG.contains("=") && !afterG.contains("e"))
    #expect(try !Self.forbidden(desh, Self.place("g2=")).contains("f"))
  }

  @Test func `a part ends after its last bar and not before`() throws {
    let rule = PartLengthRule(force: .rule)
    // Five bars to come: no section sign, no empty line.
    let middle = try Self.forbidden(rule, Self.place("G6|A6|B6|", barsToCome: 5))
    #expect(middle == ["|", "]", ":", "1"])
    #expect(try Self.forbidden(rule, Self.place("G6|\n", barsToCome: 7)).contains("\n"))
    // In the bar itself a repeat's end is the part's.
    #expect(try Self.forbidden(rule, Self.place("G6", barsLeft: 3)) == [":"])
    #expect(try Self.forbidden(rule, Self.place("G6", barsLeft: 1)).isEmpty)
    // Whole: nothing but its end.
    let whole = try Self.forbidden(rule, Self.place("G6|", barsToCome: 0))
    #expect(
      whole.isSuperset(of: ["A", "z", "\n", "1"]) && whole.isDisjoint(with: ["|", "]", ":"]))
    // A first ending comes where endings are planned, for the last bars.
    let ending = Self.place("G6|", barsToCome: 1, kind: .endings)
    #expect(try !Self.forbidden(rule, ending).contains("1"))
    // Where the part has ended, anything may come.
    #expect(try Self.forbidden(rule, Self.place("G6:|")).isEmpty)
  }

  @Test func `the last beat of a part is the tonic's`() throws {
    let rule = CadenceRule(force: .rule)
    let letters: Set<Character> = Set("ABCDEFabcdef")
    // Half of the last bar is written: only G and g.
    #expect(try Self.forbidden(rule, Self.place("ABA", barsLeft: 1)) == letters)
    // Before it, a note that is not the tonic may not reach into the last beat.
    #expect(try Self.forbidden(rule, Self.place("A", barsLeft: 1)) == ["4", "5", "6", "7", "8"])
    #expect(try Self.forbidden(rule, Self.place("G", barsLeft: 1)).isEmpty)
    // A pickup takes its length from the last bar: its last beat begins an eighth earlier.
    #expect(try Self.forbidden(rule, Self.place("D|G6|AB", barsLeft: 1)) == letters)
    // Bar 4 of 8 does not come to rest.
    #expect(try Self.forbidden(rule, Self.place("ABA", barsLeft: 5)) == ["G", "g"])
    #expect(try Self.forbidden(rule, Self.place("ABA", barsLeft: 4)).isEmpty)
  }

  @Test func `what is banned is not written, by name, key and character`() throws {
    let biases = try #require(WritingBias.list("f#!, 60!, 'z'!, a+1.5"))
    let rule = BiasRule(biases: biases)
    // In G an F is F sharp; c, is none, C is key 60, and c's comma leads there.
    #expect(try Self.forbidden(rule, Self.place("G")) == ["F", "f", "C", "z"])
    #expect(try Self.forbidden(rule, Self.place("c")) == ["F", "f", "C", "z", ","])
  }

  @Test(arguments: ["", "f#+1.5", "c-2,z!", "60!", "'['!", "bb+1"])
  func `biases are read`(text: String) {
    #expect(WritingBias.list(text) != nil)
  }

  @Test(arguments: ["f#", "128!", "h#+1", "c+x", "ab#!", "c+1000"])
  func `what is no bias is refused`(text: String) {
    #expect(WritingBias.list(text) == nil)
  }

  @Test func `a rule that would leave nothing is passed over`() throws {
    let model = try ImproviserTests.model.get()
    var style = WritingStyle()
    style.biases = [WritingBias(.character("A"), weight: -.infinity)]
    var rules = WritingRules(style, model)
    var allowed = model.description.vocabulary.characters.map { $0 == "A" }
    let before = allowed
    var scores = [Float](repeating: 0, count: allowed.count)
    rules.apply(Self.place("G"), allowed: &allowed, scores: &scores)
    #expect(allowed == before)
  }

  @Test func `a pointer walks with the beat and finds back after a note of its own`() {
    var reader = MelodyReader()
    for scalar in (Self.header).unicodeScalars { reader.read(scalar) }
    let pointer = BarPointer(Array("\"G\"G2A B>cd ".unicodeScalars), reader)
    func next(_ text: String) -> Unicode.Scalar? {
      var cutter = StepCutter(reader)
      for scalar in text.unicodeScalars { cutter.read(scalar) }
      return pointer.next(after: cutter.step, position: cutter.reader.position)
    }
    #expect(next("") == "\"")
    #expect(next("\"G\"G") == "2")
    #expect(next("\"G\"G2") == "A")
    #expect(next("\"G\"G2A") == " ")
    #expect(next("\"G\"G2A B") == ">")
    #expect(next("\"G\"G2A B>c") == "d")
    // The bar is whole: what follows is not the bar's.
    #expect(next("\"G\"G2A B>cd") == nil)
    // Another note gets the length of the one it stands for; a longer one goes its own way until the
    // bars have a note at the same beat.
    #expect(next("\"G\"E") == "2")
    #expect(next("\"G\"E,2") == "A")
    #expect(next("\"G\"G2E") == " ")
    #expect(next("\"G\"G2E ") == "B")
    #expect(next("\"G\"G2E2") == nil)
    #expect(next("\"G\"G2E B") == ">")
  }

  @Test func `a shape says which bar is like which`() throws {
    let shape = try #require(TuneShape("abac | dc'"))
    #expect(shape.description == "abac|dc'")
    let music = "G6|A6|B6|c6|G6|A6|E6|D6:|"
    let form = TuneForm(MelodyReader(Self.header + music))
    #expect(shape.wish(part: 0, place: 0, length: 8, in: form) == .new)
    // The third phrase is the first: bars 5 and 6 are bars 1 and 2.
    #expect(shape.wish(part: 0, place: 4, length: 8, in: form) == .like(0, isVaried: false))
    #expect(shape.wish(part: 0, place: 5, length: 8, in: form) == .like(1, isVaried: false))
    // In a second part of four bars the second half is a variant of bars 7 and 8.
    #expect(shape.wish(part: 1, place: 1, length: 4, in: form) == .new)
    #expect(shape.wish(part: 1, place: 2, length: 4, in: form) == .like(6, isVaried: true))
    #expect(shape.wish(part: 1, place: 3, length: 4, in: form) == .like(7, isVaried: true))
    #expect(shape.wish(part: 2, place: 0, length: 8, in: form) == .open)
    for text in ["", "a||b", "'a", "a1", "ab|"] { #expect(TuneShape(text) == nil, "\(text)") }
  }
}

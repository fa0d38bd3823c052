import ABC
import Compose
import Testing

@testable import lilt

@Suite struct CatalogueTests {
  private static func builtIn() -> (Catalogue, [String]) {
    var catalogue = Catalogue(ornaments: [.standard])
    var complaints: [String] = []
    catalogue.read(instruments: InstrumentTable.toml, file: "instruments", &complaints)
    catalogue.read(scales: ScaleTable.toml, file: "scales", &complaints)
    catalogue.read(moods: MoodTable.toml, file: "moods", &complaints)
    catalogue.read(ornaments: OrnamentTable.toml, file: "ornaments", &complaints)
    return (catalogue, complaints)
  }

  @Test func `the tables that come with the program are read without complaint`() {
    let (catalogue, complaints) = Self.builtIn()
    #expect(complaints.isEmpty)
    #expect(
      catalogue.instruments.first
        == .init(
          name: "fiddle", lowest: 55, highest: 83, about: "fiddle in first position, G3 to B5"))
    #expect(catalogue.instruments.count == 9)
    let desh = catalogue.scales.first { $0.name == "desh" }
    #expect(desh?.ascending == [0, 2, 5, 7, 11])
    #expect(desh?.descending == [0, 2, 4, 5, 7, 9, 10])
    #expect(catalogue.scales.allSatisfy { $0.ascending.contains(0) && $0.descending.contains(0) })
  }

  @Test
  func `rows of the user's own replace rows of the same name, and mistakes are named by line`() {
    var (catalogue, complaints) = Self.builtIn()
    catalogue.read(
      instruments: """
        [fiddle]
        lowest = 50
        highest = 90
        [tin]
        lowest = 90
        highest = 60
        """, file: "instruments.toml", &complaints)
    #expect(catalogue.instruments.first { $0.name == "fiddle" }?.lowest == 50)
    #expect(catalogue.instruments.count == 9)
    #expect(complaints.count == 1)
    #expect(complaints[0].hasPrefix("instruments.toml:4: lowest and highest must be MIDI keys"))
    catalogue.read(scales: "[key]\nascending = [0, 2, 4]\n", file: "s", &complaints)
    catalogue.read(scales: "[x]\nascending = [0, 2, 14]\n", file: "s", &complaints)
    catalogue.read(scales: "[x\n", file: "s", &complaints)
    #expect(complaints.count == 4)
    #expect(complaints[1].hasPrefix("s:1: key is the name"))
  }

  @Test func `ways to play ornaments have a source, and the first is what is played unasked`() {
    var (catalogue, complaints) = Self.builtIn()
    #expect(catalogue.ornaments.map(\.name) == ["standard", "irish", "baroque"])
    #expect(catalogue.ornaments.allSatisfy { !$0.about.isEmpty })
    #expect(catalogue.ornaments[0].patterns == OrnamentStyle.standard.patterns)
    #expect(catalogue.ornaments[0].graces == OrnamentStyle.standard.graces)
    catalogue.read(
      ornaments: """
        [mine]
        roll = "note below note"
        [wrong]
        trill = "note:0 above"
        [none]
        graces = "two"
        [other]
        rol = "note"
        """, file: "ornaments.toml", &complaints)
    #expect(catalogue.ornaments.last?.name == "mine")
    #expect(catalogue.ornaments.last?.patterns[.turn] == OrnamentStyle.standard.patterns[.turn])
    #expect(complaints.count == 3)
    #expect(complaints[0].hasPrefix("ornaments.toml:3: trill must be notes such as"))
    #expect(complaints[1].hasPrefix("ornaments.toml:5: graces must be a part"))
    #expect(complaints[2] == "ornaments.toml:7: there is no sign 'rol' (did you mean 'roll'?)")
  }

  @Test func `a mood is kept as a row of its own and read back the same`() throws {
    var (catalogue, complaints) = Self.builtIn()
    #expect(catalogue.moods.map(\.name).contains("stately"))
    #expect(catalogue.moods.allSatisfy { !$0.about.isEmpty && $0.tempo != nil })
    let mine = Catalogue.Mood(
      name: "mine", values: [("memory", "0.4"), ("shape", "abac|dedc")],
      fields: ["K": "Ador", "R": "slip jig"], tempo: 90)
    let first = MoodTable.text("# my own\n[other]\ntempo = 70\n", with: mine)
    #expect(first.hasPrefix("# my own\n[other]\ntempo = 70\n\n[mine]\n"))
    var again = mine
    again.tempo = 100
    let second = MoodTable.text(first, with: again)
    catalogue.read(moods: second, file: "moods.toml", &complaints)
    #expect(complaints.isEmpty)
    #expect(catalogue.moods.last == again)
    #expect(catalogue.moods.count { $0.name == "mine" } == 1)
    catalogue.read(moods: "[x]\nmemori = 1\n", file: "m", &complaints)
    catalogue.read(moods: "[x]\nmemory = 7\n", file: "m", &complaints)
    #expect(complaints.first == "m:1: there is no value 'memori' (did you mean 'memory'?)")
    #expect(complaints.last == "m:1: memory must be -1 to 1")
  }

  @Test func `every value of the sampler reads what it says of itself`() {
    let (catalogue, _) = Self.builtIn()
    for value in SamplingValue.all {
      var sampling = Sampling()
      #expect(value.set(&sampling, value.text(sampling), catalogue) == nil, "\(value.name)")
      #expect(sampling == Sampling() || value.name == "scale-name", "\(value.name)")
      #expect(value.set(&sampling, "?!", catalogue) != nil || value.name == "bias", "\(value.name)")
      #expect(!value.help.hasSuffix("."))
    }
    #expect(Set(SamplingValue.all.map(\.name)).count == SamplingValue.all.count)
    var sampling = Sampling()
    #expect(SamplingValue["instrument"]?.set(&sampling, "whistle", catalogue) == nil)
    #expect(sampling.writing.lowest == 62 && sampling.writing.highest == 83)
    #expect(
      SamplingValue["instrument"]?.set(&sampling, "tuba", catalogue)?.contains("fiddle") == true)
  }
}

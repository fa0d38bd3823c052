import Testing

@testable import ModelImport

@Suite struct PresetTests {
  @Test(arguments: [
    ("irish-1024", 5_353_299), ("note-chords", 3_638_119), ("stateful-3x256", 1_904_983),
    ("pitch-step-duration", 84_354),
  ])
  func `a preset has as many parameters as Keras counts for the published system`(
    name: String, count: Int
  ) throws {
    let preset = try #require(Preset.named(name))
    #expect(preset.parameterCount() == count)
    #expect(preset.publishedCount == nil || preset.publishedCount == count)
  }

  @Test func `the six systems have a preset each`() {
    #expect(Preset.all.map(\.system) == [1, 2, 3, 4, 5, 6])
    #expect(Set(Preset.all.map(\.name)).count == 6)
  }

  @Test func `the count of system 6 is an embedding, one LSTM with a single bias, and scores`()
    throws
  {
    let shares = try #require(Preset.named("irish-1024")).shares()
    #expect(shares.map(\.layer) == ["embedding", "LSTM", "scores"])
    #expect(shares.map(\.count) == [83 * 256, 4 * (256 + 1024 + 1) * 1024, 1025 * 83])
  }

  @Test func `PyTorch keeps a second bias in each LSTM layer`() throws {
    let preset = try #require(Preset.named("irish-1024"))
    #expect(preset.parameterCountInPyTorch() == 5_357_395)
  }

  @Test func `system 4 reads one number a step: one-hot input would give another count`() throws {
    let preset = try #require(Preset.named("note-chords"))
    #expect(preset.shares()[0].formula == "4 × (1 + 512 + 1) × 512")
    let oneHot = preset.parameterCount() + 4 * (359 - 1) * 512
    #expect(oneHot != 3_638_119)
  }

  @Test func `an imported network is recognised by its count`() {
    #expect(Preset.matching(5_353_299)?.name == "irish-1024")
    #expect(Preset.matching(5_357_395)?.name == "irish-1024")
    #expect(Preset.matching(5_353_298) == nil)
  }
}

import Testing

@testable import lilt

/// Tracks of MIDI files, chosen and merged.
@Suite(.serialized) struct TrackTests {
  private func workplace() throws -> Workplace {
    let place = try Workplace()
    try place.write(
      "X:1\nT:Two\nM:4/4\nL:1/4\nK:C\nV:1 name=\"Flute\"\ncdef|\nV:2 name=\"Bass\"\nC,2G,2|\n",
      to: "two.abc")
    #expect(try place.run(["export", "two.abc", "-o", "two.mid"]).status == 0)
    return place
  }

  @Test func `one track is written, played and opened alone, or all as one`() throws {
    let place = try workplace()
    let bass = try place.run(["export", "two.mid", "--tracks", "2", "-o", "-", "--format", "abc"])
    #expect(bass.output.contains("C,4 G,4"), "\(bass.output) \(bass.errors)")
    #expect(!bass.output.contains("V:"))
    let merged = try place.run(
      ["export", "two.mid", "--tracks", "merge", "-o", "-", "--format", "abc"])
    #expect(merged.output.contains("Flute") && !merged.output.contains("Bass"), "\(merged.output)")
    let played = try place.run(
      ["play", "two.mid", "--tracks", "1", "--audio", "log:s.jsonl", "--tempo", "900"])
    #expect(played.status == 0, "\(played.errors)")
    #expect(SoundEvent.read(place.read("s.jsonl")).filter { $0.type == "on" }.count == 4)

    let lines = try place.run(
      ["--plain", "--rng", "7", "--audio", "none", "--fresh", "two.mid"],
      input:
        "wait 0.3\nopen two.mid 2\nwait 0.5\nread\nopen two.mid 7\nwait 0.3\nopen two.mid x\nwait 0.3\nopen two.abc x\nwait 0.3\nquit\n"
    ).output
    #expect(
      lines.contains("2 tracks: 1 Flute, 2 Bass; :open two.mid 1 or merge chooses"), "\(lines)")
    #expect(lines.contains("C,4 G,4"))
    #expect(lines.contains("There is no track 7 in it: they are 1 to 2."))
    #expect(lines.contains("tracks are numbers such as 1,3-4, or merge, or merge 1,3, not 'x'"))
    #expect(lines.contains("its tunes have numbers (X:), not 'x'"))
  }

  @Test func `a choice that cannot be is refused with a sentence`() throws {
    let place = try workplace()
    for (words, status, sentence) in [
      (["export", "two.mid", "--tracks", "3", "-o", "x.abc"], Int32(4), "1 to 2"),
      (["export", "two.abc", "--tracks", "1", "-o", "x.mid"], 2, "this is ABC"),
      (["export", "two.mid", "--tracks", "0", "-o", "x.abc"], 2, "--tracks"),
      (["export", "two.mid", "--all", "--tracks", "1", "-o", "x"], 2, "leave out --all"),
      (["corpus", "two.abc", "--tracks", "1", "-o", "x"], 2, "--encoding"),
      (["train", "two.abc", "--tracks", "1", "-o", "x.safetensors"], 2, "MIDI files"),
    ] {
      let result = try place.run(words)
      #expect(result.status == status, "\(words): \(result.errors)")
      #expect(result.errors.contains(sentence), "\(words): \(result.errors)")
    }
  }
}

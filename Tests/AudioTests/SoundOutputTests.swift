import Testing

@testable import Audio

@Suite struct SoundOutputTests {
  @Test(arguments: [
    ("auto", SoundOutput.auto), ("pcm:plughw:1,0", .pcm("plughw:1,0")),
    ("alsa:default", .pcm("default")), ("log:a:b.jsonl", .log(path: "a:b.jsonl")),
  ])
  func `an output is told by its name`(text: String, output: SoundOutput) throws {
    #expect(try SoundOutput(text) == output)
  }

  @Test func `none is silence with a reason`() throws {
    guard case .silent(let reason) = try SoundOutput("none") else {
      Issue.record("not silent")
      return
    }
    #expect(!reason.isEmpty)
  }

  @Test(arguments: ["", "pcm", "pcm:", "log:", "loud", "auto:x", "none:", ":x"])
  func `anything else is refused with the choices`(text: String) {
    #expect(throws: AudioError.outputNotUnderstood(text)) { try SoundOutput(text) }
    #expect("\(AudioError.outputNotUnderstood(text))".contains("log:FILE"))
  }

  @Test(arguments: [
    ("a.wav", AudioFormat.wav), ("b/c.d/e.FLAC", .flac), ("x.ogg", .ogg), ("x.opus", .opus),
    ("x.mp3", .mp3),
  ])
  func `a format is told by the ending of the name`(path: String, format: AudioFormat) {
    #expect(AudioFormat(path: path) == format)
  }

  @Test(arguments: ["wav", "a.mid", "a.wav/x", "", "."])
  func `a name that ends otherwise has no format`(path: String) {
    #expect(AudioFormat(path: path) == nil)
  }
}

import Testing

@testable import lilt

@Suite struct DoctorTests {
  @Test func `doctor says in a line each what it found and leaves the terminal as it was`() throws {
    let composer = try RunningComposer(command: ["doctor", "--audio", "none"])
    #expect(composer.program.waitForExit(seconds: 10 * RunningComposer.patience) == 0)
    let text = composer.program.screen.joined()
    #expect(text.contains("xterm-256color, 80x24, 256 colours"), "\(text)")
    #expect(text.contains("drawn with Unicode"))
    #expect(text.contains("locale     C.UTF-8, UTF-8"))
    #expect(text.contains("midi       "))
    #expect(text.contains("model      "))
    #expect(text.contains("kernels    "))
    #expect(text.contains("speeds     G operations a second in int8 and fp32: "))
    #expect(composer.program.isCooked)
    #expect(!composer.isAlternateScreen)
  }

  @Test func `doctor fails where there is no model`() throws {
    let composer = try RunningComposer(
      command: ["doctor", "--audio", "none", "--checkpoint", "nosuch"])
    #expect(composer.program.waitForExit(seconds: 10 * RunningComposer.patience) == 1)
    #expect(composer.program.text.contains("nosuch"))
  }
}

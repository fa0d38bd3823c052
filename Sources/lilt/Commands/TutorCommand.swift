import ArgumentParser

/// `lilt tutor`: the composer on a new draft, with the tutorial begun.
struct TutorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tutor",
    abstract: "Make a first tune in two minutes, step by step, in the composer.",
    discussion: """
      Each step is done when what it asks for has really happened. ':tutor next' skips one, \
      ':tutor off' puts the tutorial away; the draft stays. ':tutor' begins it in any draft. With \
      --plain it is told in lines.
      """)

  @Flag(help: "Lines instead of a screen, for screen readers.")
  var plain = false
  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Where the sound goes: auto, none, pcm:NAME, log:FILE.")
  var audio: String?
  @Option(help: "The random number the draft starts from.")
  var rng: String?
  @Flag(help: "Draw with ASCII only.")
  var ascii = false

  func run() throws {
    var composer = try ComposerCommand.parse(["--fresh"])
    composer.tutor = true
    composer.plain = plain
    composer.checkpoint = checkpoint
    composer.audio = audio
    composer.rng = rng
    composer.ascii = ascii
    try composer.run()
  }
}

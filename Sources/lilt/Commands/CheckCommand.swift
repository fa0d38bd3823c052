import ABC
import ArgumentParser

/// `lilt check`: what is wrong in ABC files, one line for each thing.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what is wrong in ABC files, as FILE:LINE:COLUMN: text.",
    discussion: """
      - is standard input, called stdin. Exit status 1 when there is an error or a bar that does \
      not add up, 4 when a file cannot be read. With --json each line is an object with v, file, \
      line, column, severity and sentence; about a bar's length also bar, and voice where there are \
      several.
      """)

  @Argument(help: "ABC or MusicXML files; - is standard input.")
  var files: [String]
  @Flag(help: "One JSON object a line.")
  var json = false

  func validate() throws {
    if files.isEmpty { throw ValidationError("a file is missing; - is standard input") }
  }

  func run() throws {
    var hasFailed = false
    let areAllRead = TuneFiles.read(files) { name, bytes in
      let report = CheckReport(bytes: bytes, name: name)
      StandardOutput.write(report.text(json: json, isLinked: Hyperlink.isShown && name != "stdin"))
      if report.hasFailed { hasFailed = true }
      return report.refusal
    }
    if !areAllRead { throw CommandFailure(.unreadableInput, nil) }
    if hasFailed { throw CommandFailure(.checkFailed, nil) }
  }
}

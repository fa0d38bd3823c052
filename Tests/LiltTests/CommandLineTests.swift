import Foundation
import Testing

@testable import lilt

/// What the program says to a command line that it cannot follow, and paths of any bytes.
@Suite struct CommandLineTests {
  @Test(arguments: [
    (["genrate"], "there is no file, draft or command 'genrate' (did you mean 'lilt generate'?)"),
    (
      ["genrate", "--bars", "3"],
      "there is no file or command 'genrate' (did you mean 'lilt generate'?)"
    ),
    (["doctr"], "there is no file, draft or command 'doctr' (did you mean 'lilt doctor'?)"),
    (["help", "exprt"], "there is no command or topic 'exprt' (did you mean 'export'?)"),
    (["help", "nosuchcommand"], "there is no command or topic 'nosuchcommand'"),
    (
      ["--theme", "default-drak"], "no theme 'default-drak' (did you mean 'default-dark'?)"
    ),
    (["generate", "--bars", "-3"], "--bars"),
  ])
  func `a word that is nothing is told with the nearest that is something`(
    arguments: [String], sentence: String
  ) throws {
    let place = try Workplace()
    // In a terminal: without one the composer says only that it needs one.
    let composer = try RunningComposer(command: arguments, in: place)
    #expect(composer.program.waitForExit() == 2)
    let said = composer.program.text.replacingOccurrences(of: "\n", with: "")
    #expect(said.contains(sentence), "\(composer.program.text)")
  }

  @Test func `a negative number is refused with the range`() throws {
    let place = try Workplace()
    let result = try place.run(["generate", "--bars", "-3"])
    #expect(result.status == 2)
    #expect(!result.errors.contains("Missing value"), "\(result.errors)")
    #expect(
      Lilt.joiningNegativeNumbers(["play", "x", "--from", "-2"]) == ["play", "x", "--from=-2"])
    #expect(
      Lilt.joiningNegativeNumbers(["ctl", "tempo", "-5", "--json", "-o"])
        == ["ctl", "tempo", "-5", "--json", "-o"])
  }

  @Test func `a theme of the settings that is none is told with its line`() throws {
    let place = try Workplace()
    try place.write(
      "[display]\ntheme = \"default-lihgt\"\n", to: place.folder + "/config/lilt/config.toml")
    let composer = try RunningComposer(in: place)
    #expect(
      composer.wait("config.toml:2: no theme 'default-lihgt' .did you mean 'default-light")
    )
  }

  @Test func `an example that is to be copied stands on lines of its own`() throws {
    let help = try Workplace().run(["help", "generate"]).output
    #expect(
      help.contains(#"sbatch --array=1-16 --wrap "lilt generate -k 10000 --shard $N/16 -o $N.abc""#)
    )
  }

  @Test func `a path is read and written byte for byte, whatever its bytes`() throws {
    let place = try Workplace()
    let raw = Array(place.directory.utf8) + Array("/caf".utf8) + [0xE9] + Array(".abc".utf8)
    let path = (raw.map(CChar.init(bitPattern:)) + [0]).withUnsafeBufferPointer {
      $0.baseAddress.map { RawPath.text(of: $0) } ?? ""
    }
    #expect(RawPath.bytes(of: path) == raw.map(CChar.init(bitPattern:)) + [0])
    #expect(RawPath.shown(path).hasSuffix("/caf\\xE9.abc"))
    try Files.write(Array("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|\n".utf8), to: path, durable: false)
    // The shell makes the byte: it could not come through Foundation's arguments.
    let script = """
      f=$(printf 'caf\\351'); "$0" check "$f.abc" && "$0" export "$f.abc" -o "$f.mid" \
      && "$0" export "$f.mid" -o "$f-2.abc" && ls | wc -l
      """
    let result = try place.run("/bin/sh", ["-c", script, Workplace.executable])
    #expect(result.status == 0)
    #expect(result.output.hasSuffix("3\n"), "\(result.output)\(result.errors)")
    let missing = try place.run(
      "/bin/sh", ["-c", "\"$0\" check \"$(printf 'n\\351')\"", Workplace.executable])
    #expect(missing.status == 4)
    #expect(missing.errors.contains("n\\xE9: no such file"))
  }

  @Test(arguments: ["caf\u{e9}", "🎵", "plain", "a\u{10FFFF}"])
  func `a path that is UTF-8 comes through with the same bytes`(path: String) {
    let text = path.withCString { RawPath.text(of: $0) }
    #expect(RawPath.bytes(of: text) == Array(path.utf8CString))
    if !path.contains("\u{10FFFF}") { #expect(text == path) }
  }

  @Test func `a command sent to a running lilt is answered when it is done`() throws {
    let composer = try RunningComposer()
    composer.keys("i")
    #expect(composer.wait("INSERT"))
    composer.type("X:1\nK:C\nCDEF|")
    composer.keys("Esc")
    for (words, status, output, errors) in [
      (["export", "/nosuch/x.mid"], Int32(1), "", "/nosuch"), (["nosuch"], 2, "", "'nosuch'"),
      (["export", "kept.mid"], 0, "wrote kept.mid\n", ""), (["play.toggle"], 0, "", ""),
    ] {
      let result = try composer.ctl(words)
      #expect(result.status == status, "\(words)")
      #expect(result.output == output, "\(words)")
      #expect(errors.isEmpty || result.errors.contains(errors), "\(words): \(result.errors)")
    }
    #expect(Files.exists(composer.workplace.directory + "/kept.mid"))
  }
}

extension RunningComposer {
  /// Runs `lilt ctl` while the composer's screen is read: nobody may wait for the other.
  fileprivate func ctl(_ words: [String]) throws -> Workplace.Output {
    // A workplace only names folders, and this test waits for the other thread.
    nonisolated(unsafe) let place = workplace
    let box = OutputBox()
    DispatchQueue.global().async { box.set(Result { try place.run(["ctl"] + words) }) }
    program.waitUntil(seconds: 15) { box.value != nil }
    return try #require(box.value).get()
  }
}

private final class OutputBox: @unchecked Sendable {
  // @unchecked: the lock is taken for every access.
  private let lock = NSLock()
  private var result: Result<Workplace.Output, any Error>?
  var value: Result<Workplace.Output, any Error>? { lock.withLock { result } }
  func set(_ new: Result<Workplace.Output, any Error>) { lock.withLock { result = new } }
}

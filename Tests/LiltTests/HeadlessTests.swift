import Foundation
import MIDI
import Music
import Testing

@testable import lilt

/// UX 5, scenario S09: no screen, pipes, and exit statuses that scripts can rely on.
@Suite struct HeadlessTests {
  static let seed = "M:4/4\nL:1/8\nK:D\n|:D2FA dAFA|"

  @Test func `the same seed and random number give the same three tunes`() throws {
    let place = try Workplace()
    let arguments = [
      "gen", "--seed-abc", "-", "--bars", "8", "-k", "3", "--rng", "11", "--format", "abc",
    ]
    let first = try place.run(arguments, input: Self.seed)
    let second = try place.run(arguments, input: Self.seed)
    #expect(first.status == 0)
    #expect(first.output == second.output)
    #expect(first.output.split(separator: "\n").filter { $0.hasPrefix("X:") }.count == 3)
    #expect(!first.output.contains("\u{1B}"))
    #expect(first.errors.isEmpty)
  }

  @Test func `a reader that goes away ends the program quietly`() throws {
    let place = try Workplace()
    let script = "\"$1\" gen -k 50 --rng 3 --seed-abc \"$2\" | head -1; echo ${PIPESTATUS[0]}"
    let seed = try place.write(Self.seed, to: "seed.abc")
    let result = try place.run(
      "/bin/bash", ["-c", script, "bash", Workplace.executable, seed])
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(["0", "141"].contains(lines.last ?? ""))
    #expect(result.errors.isEmpty)
  }

  @Test func `a checkpoint that is not there is status 3 and one line that names it`() throws {
    let result = try Workplace().run(["gen", "--checkpoint", "nosuch"])
    #expect(result.status == Outcome.checkpoint.rawValue)
    #expect(result.output.isEmpty)
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.errors.contains("nosuch"))
  }

  @Test func `check names line and column of an unclosed chord and of a bar that is wrong`()
    throws
  {
    let text = "M:4/4\nL:1/8\nK:D\n|:D2[FA dA|"
    let result = try Workplace().run(["check", "-"], input: text)
    #expect(result.status == Outcome.checkFailed.rawValue)
    let all = result.output + result.errors
    #expect(all.contains("stdin:4:5:"))
  }

  @Test func `controllers of a tune are heard when it is played, again in its repeat`() throws {
    let place = try Workplace()
    try place.write(
      "X:1\n%%MIDI control 7 50\nM:2/4\nL:1/4\nQ:1/4=3000\nK:C\n|:CD|[I:MIDI control 10 20]EF:|\n",
      to: "a.abc")
    let result = try place.run(["play", "a.abc", "--audio", "log:a.jsonl"])
    #expect(result.status == 0, "\(result)")
    let events = place.read("a.jsonl").split(separator: "\n").compactMap { line -> String? in
      if line.contains("\"on\"") { return "on" }
      guard line.contains("\"control\"") else { return nil }
      return line.contains("\"controller\":7,") ? "7" : "10"
    }
    #expect(
      events == ["7", "on", "on", "10", "on", "on", "10", "on", "on", "10", "on", "on"])
  }

  private static let quick = "X:1\nT:A\nM:2/4\nL:1/8\nQ:1/4=400\nK:D\nDEFG|ABcd|\n"

  @Test func `bars are practised without a screen, faster after each round, and it ends`() throws {
    let place = try Workplace()
    try place.write(Self.quick, to: "a.abc")
    let result = try place.run(
      [
        "play", "a.abc", "--loop", "2", "--practise", "300,400,100,2", "--audio", "log:a.jsonl",
      ])
    #expect(result.status == 0, "\(result)")
    let events = SoundEvent.read(place.read("a.jsonl"))
    let keys = events.filter { $0.type == "on" }.compactMap(\.key)
    #expect(keys == [[Int]](repeating: [69, 71, 73, 74], count: 4).flatMap { $0 })
    let wrong = try place.run(["play", "a.abc", "--practise", "fast", "--audio", "none"])
    #expect(wrong.status == Outcome.usage.rawValue)
    #expect(wrong.errors.contains("--practise must be START END STEP ROUNDS"))
    let both = try place.run(
      ["play", "a.abc", "--practise", "60", "--tempo", "90", "--audio", "none"])
    #expect(both.status == Outcome.usage.rawValue)
  }

  @Test func `an instrument by name is that of the sound and of the file`() throws {
    let place = try Workplace()
    try place.write(Self.quick, to: "a.abc")
    let played = try place.run(
      ["play", "a.abc", "--sound", "flute", "--audio", "log:a.jsonl"])
    #expect(played.status == 0, "\(played)")
    let log = place.read("a.jsonl").split(separator: "\n")
    #expect(log.contains { $0.contains("\"program\"") && $0.contains("73") }, "\(log)")
    let written = try place.run(["export", "a.abc", "--sound", "flute", "-o", "a.mid"])
    #expect(written.status == 0, "\(written)")
    let file = try MIDIFile(bytes: Files.read(place.directory + "/a.mid"))
    #expect(file.performance.tracks.first?.program == 73)
    for command in [["play", "a.abc", "--audio", "none"], ["export", "a.abc", "-o", "b.mid"]] {
      let wrong = try place.run(command + ["--sound", "flutte"])
      #expect(wrong.status == Outcome.usage.rawValue)
      #expect(wrong.errors.contains("no instrument is called 'flutte' (did you mean 'flute'?)"))
    }
  }

  @Test func `swing is a share in percent, for what is played and written`() throws {
    let place = try Workplace()
    try place.write(Self.quick, to: "a.abc")
    func starts(_ options: [String]) throws -> [Int] {
      let result = try place.run(["export", "a.abc", "-o", "a.mid"] + options)
      #expect(result.status == 0, "\(result)")
      let file = try MIDIFile(bytes: Files.read(place.directory + "/a.mid"))
      return file.performance.notes.prefix(3).map { $0.start.count * 100 / Tick.perQuarter }
    }
    #expect(try starts([]) == [0, 50, 100])
    #expect(try starts(["--swing", "66"]) == [0, 66, 100])
    #expect(try starts(["--swing", "75%"]) == [0, 75, 100])
    #expect(try starts(["--swing", "off"]) == [0, 50, 100])
    let played = try place.run(
      ["play", "a.abc", "--swing", "66", "--audio", "log:a.jsonl"])
    #expect(played.status == 0)
    for command in ["play", "export"] {
      let wrong = try place.run([command, "a.abc", "--swing", "80"])
      #expect(wrong.status == Outcome.usage.rawValue && wrong.errors.contains("50-75"))
    }
  }

  @Test func `an option that does not exist is status 2 with a hint`() throws {
    let result = try Workplace().run(["--bogus"])
    #expect(result.status == Outcome.usage.rawValue)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("--help"))
  }

  @Test func `the screen is refused where standard output is no terminal`() throws {
    let result = try Workplace().run([])
    #expect(result.status == Outcome.usage.rawValue)
    #expect(result.output.isEmpty)
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func `an input that is not there is status 4`() throws {
    let result = try Workplace().run(["export", "nosuch.abc", "-o", "x.mid"])
    #expect(result.status == Outcome.unreadableInput.rawValue)
    #expect(result.errors.contains("nosuch.abc"))
  }

  @Test func `an output that cannot be written is status 6 and leaves nothing`() throws {
    let place = try Workplace()
    try place.write("X:1\nT:A\nL:1/8\nK:D\nDEFG|\n", to: "a.abc")
    let result = try place.run(["export", "a.abc", "-o", "nowhere/a.mid"])
    #expect(result.status == Outcome.unwritableOutput.rawValue)
    #expect(!Files.exists(place.directory + "/nowhere"))
  }

  @Test func `sound asked for by name but not there is status 5`() throws {
    let place = try Workplace()
    try place.write("X:1\nT:A\nL:1/8\nK:D\nDEFG|\n", to: "a.abc")
    let result = try place.run(["play", "a.abc", "--audio", "pcm:nosuchdevice"])
    #expect(result.status == Outcome.sound.rawValue)
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["generate", "score", "check", "play", "export", "theme", "keys", "config"])
  func `each command explains itself`(name: String) throws {
    let place = try Workplace()
    let long = try place.run(["help", name])
    #expect(long.status == 0)
    #expect(long.output.contains("USAGE: lilt \(name)"))
    #expect(try place.run([name, "--help"]).output == long.output)
  }

  @Test func `the version is one line`() throws {
    let result = try Workplace().run(["--version"])
    #expect(result.output.hasPrefix("lilt \(Lilt.version)"))
    #expect(result.output.split(separator: "\n").count == 1)
    #expect(try Workplace().run(["-V"]).output == result.output)
  }

  @Test func `without a running lilt the control command says so`() throws {
    let result = try Workplace().run(["ctl", "status", "--json"])
    #expect(result.status == Outcome.checkFailed.rawValue)
    #expect(result.errors == "lilt: no lilt is running\n")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `there are completions for each shell`(shell: String) throws {
    let result = try Workplace().run(["completions", shell])
    #expect(result.status == 0)
    #expect(result.output.contains("generate"))
  }

  @Test(arguments: ManualCommand.Page.allCases)
  func `manual pages hold every row of their tables`(page: ManualCommand.Page) throws {
    let text = try Workplace().run(["man", page.fileName]).output
    #expect(text.hasPrefix(".TH LILT"))
    // A point at the start of a line is a request: only ours may stand there.
    for line in text.split(separator: "\n") where line.hasPrefix(".") {
      #expect(
        [".TH", ".SH", ".TP", ".P", ".B", ".BR", ".br", ".nf"].contains(line.prefix { $0 != " " }))
    }
    switch page {
    case .program: #expect(text.contains("lilt generate"))
    case .keys: #expect(text.contains("gen.toggle"))
    case .config:
      for setting in Setting.all {
        #expect(text.contains(ManualCommand.escaped(setting.help)), "\(setting.path)")
      }
    case .command(let name):
      #expect(text.contains(".SH SYNOPSIS\nlilt \(name)"))
      // Whatever its help lists is there.
      let help = try Workplace().run([name, "--help"]).output
      for option in help.matches(of: /\n  (--[a-z-]+)/).map({ String($0.1) })
      where option != "--version" {
        #expect(text.contains(ManualCommand.escaped(option)), "\(option)")
      }
    }
  }

  @Test func `a tune from nothing has the rhythm, meter, unit length and key asked for`() throws {
    let place = try Workplace()
    let result = try place.run([
      "generate", "-k", "2", "--rhythm", "jig", "--meter", "6/8", "--unit-length", "1/8", "--key",
      "D dorian", "--bars", "4",
    ])
    #expect(result.status == 0)
    for tune in result.output.components(separatedBy: "X:").dropFirst() {
      for line in ["R:jig", "M:6/8", "L:1/8", "K:Ddor"] {
        #expect(tune.contains("\n\(line)\n"), "\(tune)")
      }
    }
    let refused = try place.run(["generate", "--unit-length", "1/3"])
    #expect(refused.status == 2)
  }
}

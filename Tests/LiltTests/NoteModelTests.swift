import Compose
import Foundation
import Music
import Testing

@testable import lilt

/// Networks of notes from their training to tunes, without a screen and on it.
@Suite(.serialized) struct NoteModelTests {
  static let kinds = ["midi-characters", "note-chords", "pitch-step-duration"]

  /// A place with MIDI files and a small network that has seen them a few times.
  static func place(_ kind: String, marks: Bool = false) throws -> Workplace {
    let place = try Workplace()
    var book = ""
    for number in 1...6 {
      let shift = number % 3
      let bars = (0..<8).map { bar -> String in
        let notes = ["G", "A", "B", "c", "d", "e", "f", "g"]
        return (0..<4).map { "[\(notes[($0 + bar + shift) % 6])\(notes[($0 + bar) % 5 + 3])]2" }
          .joined() + "|"
      }
      book += "X:\(number)\nT:t\nM:4/4\nL:1/8\nK:G\n\(bars.joined())\n\n"
    }
    try place.write(book, to: "book.abc")
    try Files.makeFolder(place.directory + "/midi")
    let export = try place.run(["export", "--all", "book.abc", "-o", "midi", "--format", "mid"])
    #expect(export.status == 0, "\(export.errors)")
    let train = try place.run([
      "train", "midi", "-o", "notes.safetensors", "--encoding", kind, "--layers", "16", "--batch",
      "4", "--sequence", "8", "--no-transpose", "--schedule", "constant", "--rate", "0.01",
      "--steps", marks ? "300" : "60", marks ? "--marks" : "--no-marks",
    ])
    #expect(train.status == 0, "\(train.errors)")
    return place
  }

  @Test(arguments: kinds)
  func `tunes, figures and speed come of a network of notes`(_ kind: String) throws {
    let place = try Self.place(kind)
    let model = ["--checkpoint", "./notes.safetensors"]
    let tunes = try place.run(["generate", "-k", "2", "--bars", "6", "--meter", "6/8"] + model)
    #expect(tunes.status == 0, "\(tunes.errors)")
    #expect(tunes.output.components(separatedBy: "M:6/8").count == 3)
    #expect(tunes.output.contains("|]"))
    try place.write(tunes.output, to: "new.abc")
    let check = try place.run(["check", "new.abc"])
    #expect(check.status == 0, "\(check.output) \(tunes.output)")
    let again = try place.run(["generate", "-k", "2", "--bars", "6", "--meter", "6/8"] + model)
    #expect(again.output == tunes.output)

    let seeded = try place.run(
      ["generate", "--seed-abc", "midi/\(Files.names(in: place.directory + "/midi").sorted()[0])"]
        + ["--bars", "12", "--format", "mid", "-o", "new.mid"] + model)
    #expect(seeded.status == 0, "\(seeded.errors)")
    let heard = try place.run(["export", "new.mid", "-o", "-", "--format", "abc"])
    #expect(heard.status == 0 && heard.output.contains("K:"))

    let likely = try place.run(["probs", "--seed-abc", "book.abc", "--json"] + model)
    #expect(likely.status == 0, "\(likely.errors)")
    #expect(likely.output.split(separator: "\n").count > 8)
    #expect(likely.output.contains("\"token\":") && likely.output.contains("\"rank\":"))
    let known = try place.run(["score", "midi", "--json"] + model)
    #expect(known.status == 0, "\(known.errors)")
    #expect(known.output.contains("\"pieces\":6") && known.output.contains("\"bits_per_token\":"))
    let text = try place.run(["score", "book.abc"] + model)
    #expect(text.output.contains("bits per"))
    let speed = try place.run(["bench", "--characters", "50", "--rounds", "1"] + model)
    #expect(speed.status == 0 && speed.output.contains("a second"), "\(speed.errors)")

    let refused = try place.run(["generate", "--memory", "0.5"] + model)
    #expect(refused.status == 2)
    #expect(refused.errors.contains("--memory: this model writes notes"))
  }

  @Test func `notes that the network lacks are told, and the nearest read`() throws {
    let place = try Self.place("note-chords")
    try place.write("X:1\nT:far\nM:4/4\nL:1/8\nK:C\nC,,2 c'''2 C,,4|\n", to: "far.abc")
    let score = try place.run(["score", "far.abc", "--checkpoint", "./notes.safetensors"])
    #expect(score.output.contains("3 replaced by the nearest known"), "\(score.output)")
    let probs = try place.run([
      "probs", "--seed-abc", "far.abc", "--checkpoint", "./notes.safetensors",
    ])
    #expect(probs.errors.contains("does not know 3 notes and chords"))
  }

  @Test func `seconds are measured, at whatever tempo a file is written`() throws {
    let place = try Self.place("pitch-step-duration")
    // The same seconds: quarters at 60 a minute, halves at 120.
    try place.write(
      "X:1\nT:s\nM:4/4\nL:1/8\nQ:1/4=60\nK:C\nCDEF GABc|CEGc BGDB,|\n", to: "slow.abc")
    try place.write(
      "X:1\nT:s\nM:4/4\nL:1/8\nQ:1/4=120\nK:C\nC2D2E2F2|G2A2B2c2|C2E2G2c2|B2G2D2B,2|\n",
      to: "quick.abc")
    var distances: [String] = []
    for name in ["slow", "quick"] {
      #expect(
        try place.run(["export", "\(name).abc", "-o", "\(name).mid", "--format", "mid"]).status == 0
      )
      let result = try place.run([
        "evaluate", "--checkpoint", "./notes.safetensors", "--midi", "out.mid", "--tokens", "40",
        "--corpus", "\(name).mid", "--json",
      ])
      #expect(result.output.contains("\"notes_written\":40"))
      distances.append(
        result.output.components(separatedBy: "\"step_distance\":").dropFirst().first ?? "")
    }
    #expect(!distances[0].isEmpty && distances[0] == distances[1])
  }

  @Test(arguments: kinds)
  func `a MIDI file of two tracks goes on in two voices, each with its program`(
    _ kind: String
  ) throws {
    let place = try Self.place(kind)
    let model = ["--checkpoint", "./notes.safetensors"]
    try place.write(
      "X:1\nT:Two\nM:4/4\nL:1/4\nK:G\nV:1 name=\"Flute\"\n%%MIDI program 73\n"
        + "V:2 name=\"Cello\" clef=bass\n%%MIDI program 42\n"
        + "[V:1] gabg|abga|\n[V:2] G,2D,2|G,2D,2|\n", to: "two.abc")
    #expect(
      try place.run(["export", "two.abc", "--no-accompaniment", "-o", "two.mid"]).status == 0)
    let written = try place.run(
      ["generate", "--seed-abc", "two.mid", "--bars", "6", "-o", "new.abc"] + model)
    #expect(written.status == 0, "\(written.errors)")
    let text = place.read("new.abc")
    #expect(text.contains("\n[V:1] ") && text.contains("\n[V:2] "), "\(text)")
    #expect(try place.run(["check", "new.abc"]).status == 0, "\(text)")
    #expect(try place.run(["export", "new.abc", "-o", "new.mid"]).status == 0)
    // Both tracks come out of the file again.
    for (track, program) in [("1", "73"), ("2", "42")] {
      let alone = try place.run(
        ["export", "new.mid", "--tracks", track, "-o", "-", "--format", "abc"])
      #expect(alone.output.contains("%%MIDI program \(program)"), "\(alone.output)")
    }
    // On the screen it goes on in the same way.
    let composer = try RunningComposer(
      ["--checkpoint", place.directory + "/notes.safetensors", place.directory + "/two.mid"],
      in: place, width: 120, height: 40)
    _ = try composer.status(within: 20) { $0.text.contains("V:2") }
    composer.type(":pace max")
    composer.keys("Enter", "Enter")
    let done = try composer.status(within: 30) { $0.generator.state == "done" }
    #expect(done.text.contains("\n[V:1] ") && done.text.contains("\n[V:2] "), "\(done.text)")
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
  }

  @Test(arguments: ["midi-characters", "note-chords"])
  func `a network that reads marks between pieces ends its tunes itself`(_ kind: String) throws {
    let place = try Self.place(kind, marks: true)
    // It knows six pieces by heart, and kept from copying them it would not come to an end.
    let model = ["--checkpoint", "./notes.safetensors", "--copy-guard", "off"]
    let tunes = try place.run(["generate", "-k", "6", "--rng", "5", "--format", "json"] + model)
    #expect(tunes.status == 0, "\(tunes.errors)")
    let lines = tunes.output.split(separator: "\n")
    #expect(lines.count == 6)
    // It has seen pieces of eight bars only.
    #expect(lines.contains { $0.contains("\"ended\":true") }, "\(tunes.output)")
    let asked = try place.run(["generate", "-k", "3", "--bars", "12"] + model)
    try place.write(asked.output, to: "asked.abc")
    #expect(try place.run(["check", "asked.abc"]).status == 0)
    let other = try place.run(["train", "book.abc", "--marks", "-o", "x.safetensors"])
    #expect(other.status == 2)
    #expect(other.errors.contains("--marks is for notes"))
  }

  @Test(arguments: ["midi-characters", "pitch-step-duration"])
  func `training notes the melodies beside the model, and the composer tells what is copied`(
    _ kind: String
  ) throws {
    let place = try Self.place(kind)
    let told = try place.run(["repertoire", "notes.repertoire"])
    #expect(told.output.hasPrefix("6 tunes"), "\(told.output) \(told.errors)")
    // It is what the files themselves give.
    let own = try place.run(["repertoire", "midi", "-o", "own.repertoire"])
    #expect(own.status == 0, "\(own.errors)")
    let bytes = try Files.read(place.directory + "/notes.repertoire")
    #expect(try Files.read(place.directory + "/own.repertoire") == bytes)

    let tune = place.read("book.abc").components(separatedBy: "\n\n")[0]
    try place.write(tune + "\n", to: "copy.abc")
    let composer = try RunningComposer(
      ["copy.abc", "--checkpoint", place.directory + "/notes.safetensors"], in: place, width: 120,
      height: 40)
    let judged = try composer.status(within: 20) { $0.judge?.shared != nil }.judge
    #expect((judged?.shared?.notes ?? 0) > 24, "\(judged as Any)")
    #expect(composer.waitForRow { $0.hasPrefix("copy") && $0.contains("███") })
    #expect(composer.wait("notes as in t, bars 1-8"))
    composer.type(":copy-guard forbid 12\r")
    #expect(composer.wait("copy-guard forbid 12"))
    composer.type(":copy-guard warn 12\r")
    #expect(composer.wait("copy-guard warn 12"))
  }

  @Test func `the network of notes that is shipped has its repertoire`() throws {
    let path = try CheckpointLocator().path(for: "nottingham-notes")
    let bytes = try Files.read(RepertoireLocator.path(beside: path))
    #expect(bytes.count < 2 << 20)
    #expect(try CheckpointLocator().repertoire(for: "nottingham-notes")?.tuneCount == 809)
  }

  /// A draft's music; drafts have titles of their own.
  private static func music(_ status: Status) -> String {
    status.text.components(separatedBy: "K:C\n").dropFirst().joined()
  }

  @Test(arguments: ["midi-characters", "midi-sixteenths", "note-chords", "pitch-step-duration"])
  func `pauses in the middle of a phrase, and of a bar, change nothing of what comes`(
    _ kind: String
  ) throws {
    let place = try Self.place(kind)
    let arguments = ["--checkpoint", place.directory + "/notes.safetensors"]
    func begin(pace: String) throws -> RunningComposer {
      let composer = try RunningComposer(arguments, in: place, width: 120, height: 40)
      #expect(composer.wait("Enter: let the model begin"))
      composer.type(":pace " + pace)
      composer.keys("Enter", "Enter")
      return composer
    }
    var whole = ""
    do {
      let composer = try begin(pace: "max")
      let status = try composer.status(within: 20) { $0.generator.state == "done" }
      #expect(status.bars == 8, "\(status.text)")
      whole = Self.music(status)
      composer.keys("q")
      #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
    }
    let composer = try begin(pace: "20")
    var pausesInBars = 0
    for bar in [1, 2, 4] {
      _ = try composer.status(within: 40) { $0.bars >= bar && $0.generator.unwritten > 0 }
      composer.keys("Enter")
      let paused = try composer.status { $0.generator.state == "pause" }
      #expect(paused.generator.state == "pause", "\(paused.generator)")
      let text = Self.music(paused)
      #expect(whole.hasPrefix(text) && !text.isEmpty && text.count < whole.count, "\(text)")
      #expect((bar..<8).contains(paused.bars))
      if paused.generator.unwritten > 0 { pausesInBars += 1 }
      composer.pause(0.1)
      #expect(try composer.status().text == paused.text)
      composer.keys("Enter")
      _ = try composer.status { $0.generator.state != "pause" }
    }
    #expect(pausesInBars > 0, "at least one came while a bar was being drawn")
    composer.type(":pace max")
    composer.keys("Enter")
    let done = try composer.status(within: 40) { $0.generator.state == "done" }
    #expect(Self.music(done) == whole)
    let draft = done.draft
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
    let replay = try place.run(["replay", draft] + arguments)
    #expect(replay.status == 0 && replay.errors.contains("all the same"), "\(replay.errors)")
  }

  @Test(arguments: ["midi-characters", "pitch-step-duration"])
  func `on the screen bars appear, and all is as with characters`(_ kind: String) throws {
    let place = try Self.place(kind)
    let arguments = ["--checkpoint", place.directory + "/notes.safetensors"]
    let composer = try RunningComposer(arguments, in: place, width: 120, height: 40)
    #expect(composer.wait("Enter: let the model begin"))
    composer.type(":pace 40")
    composer.keys("Enter", "Enter")
    _ = try composer.status(within: 20) { $0.bars >= 2 }
    composer.keys("Enter")
    // What may come next is told as notes and times.
    #expect(composer.wait(kind == "midi-characters" ? "next step" : "length [0-9.]+s"))
    composer.type(":pace max")
    composer.keys("Enter", "Enter")
    let done = try composer.status(within: 20) { $0.generator.state == "done" }
    let whole = Self.music(done)
    #expect(done.bars == 8, "\(done.text)")

    // Another ending is a take, and the first comes back.
    composer.keys("r")
    let other = try composer.status(within: 20) {
      $0.generator.state == "done" && Self.music($0) != whole
    }
    #expect(other.takes.count == 2)
    composer.keys(",")
    #expect(try Self.music(composer.status { Self.music($0) == whole }) == whole)
    composer.type(":export \(place.directory)/tune.mid")
    composer.keys("Enter")
    #expect(composer.program.waitUntil(seconds: 10) { Files.exists(place.directory + "/tune.mid") })
    let draft = try composer.status().draft
    composer.keys("q")
    #expect(composer.program.waitForExit(seconds: 2 * RunningComposer.patience) == 0)
    let replay = try place.run(["replay", draft] + arguments)
    #expect(replay.status == 0, "\(replay.errors)")
    #expect(replay.errors.contains("all the same"))
  }
}

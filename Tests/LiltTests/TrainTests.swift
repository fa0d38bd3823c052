import Foundation
import ModelImport
import Neural
import TerminalHarness
import Testing

@testable import lilt

/// `lilt train`, `lilt corpus` and `lilt evaluate`, as scripts meet them.
@Suite struct TrainTests {
  /// Forty tunes that differ.
  static let book: String = {
    var text = ""
    for tune in 0..<40 {
      text +=
        "X:\(tune + 1)\nT:Number \(tune)\nR:reel\nM:4/4\nL:1/8\nK:\(tune % 2 == 0 ? "G" : "D")\n"
      for bar in 0..<4 {
        for note in 0..<8 {
          text += String(Array("GABcdefg")[(tune * 5 + bar * tune + note * (tune % 3 + 1)) % 8])
        }
        text += "|"
      }
      text += "\n\n"
    }
    return text
  }()

  private let small = [
    "--layers", "16", "--embedding", "8", "--batch", "4", "--sequence", "16", "--schedule",
    "constant",
  ]

  @Test func `a tune book becomes a checkpoint that writes tunes`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let result = try place.run(
      ["train", "book.abc", "-o", "my.safetensors", "--epochs", "2", "--report", "r.svg"] + small)
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,\"event\":\"") && $0.hasSuffix("}") })
    #expect(lines.filter { $0.contains("\"event\":\"epoch\"") }.count >= 2)
    #expect(place.read("r.svg").hasPrefix("<svg "))
    let checkpoint = try Checkpoint(path: place.directory + "/my.safetensors")
    #expect(checkpoint["lstm.weight_hh_l0"]?.shape == [64, 16])
    let tune = try place.run(["generate", "--checkpoint", "./my.safetensors", "--count", "1"])
    #expect(tune.status == 0, "\(tune.errors)")
    #expect(tune.output.hasPrefix("X:1\n"))
  }

  @Test func `a model is turned towards other tunes, with its own characters`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let others = Self.book.replacing("c", with: "^B,")
    try place.write(others, to: "other.abc")
    #expect(
      try place.run(
        ["train", "book.abc", "-o", "first.safetensors", "--epochs", "4", "--seed", "1"] + small
      ).status == 0)
    let start = [
      "train", "other.abc", "-o", "second.safetensors", "--epochs", "1", "--batch", "4",
      "--sequence", "16",
    ]
    let cold = try place.run(start + ["--layers", "16", "--embedding", "8"])
    let warm = try place.run(start + ["--from", "./first.safetensors"])
    #expect(warm.status == 0, "\(warm.errors)")
    #expect(warm.errors.contains("left out, because the model does not know them: , ^"))
    func bits(_ output: String) throws -> Double {
      let line = try #require(
        output.split(separator: "\n").last { $0.contains("\"event\":\"epoch\"") })
      let found = line.firstMatch(of: /"valid_bits_per_character":([0-9.]+)/)
      return try #require(found.flatMap { Double($0.1) })
    }
    #expect(try bits(warm.output) < bits(cold.output))
    let checkpoint = try Checkpoint(path: place.directory + "/second.safetensors")
    let first = try Checkpoint(path: place.directory + "/first.safetensors")
    #expect(checkpoint.metadata["vocabulary"] == first.metadata["vocabulary"])

    let both = try place.run(start + ["--from", "./first.safetensors", "--layers", "16"])
    #expect(both.status == Outcome.usage.rawValue)
    #expect(both.errors.contains("--from brings its own network"))
    let none = try place.run(start + ["--from", "./none.safetensors"])
    #expect(none.status == Outcome.checkpoint.rawValue)
    #expect(none.errors.contains("none.safetensors"))
  }

  @Test func `stopped and resumed is the same file as trained in one go`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let start = ["train", "book.abc", "-o"]
    #expect(try place.run(start + ["one.safetensors", "--epochs", "3"] + small).status == 0)
    #expect(try place.run(start + ["two.safetensors", "--epochs", "1"] + small).status == 0)
    let resumed = try place.run(
      start + ["two.safetensors", "--epochs", "3", "--resume"] + small)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let one = try Files.read(place.directory + "/one.last.safetensors")
    let two = try Files.read(place.directory + "/two.last.safetensors")
    #expect(one == two)
  }

  @Test func `a resume file of other settings is status 3 and says so`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let start = ["train", "book.abc", "-o", "my.safetensors", "--epochs", "1"] + small
    #expect(try place.run(start + ["--resume"]).status == Outcome.checkpoint.rawValue)
    #expect(try place.run(start).status == 0)
    let result = try place.run(start + ["--resume", "--seed", "5"])
    #expect(result.status == Outcome.checkpoint.rawValue)
    #expect(result.errors.contains("cannot be resumed"))
  }

  @Test func `a full disk is told in a sentence, and what was written before stays whole`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let start = ["train", "book.abc", "-o", "my.safetensors"] + small
    #expect(try place.run(start + ["--epochs", "1"]).status == 0)
    let before = try Files.read(place.directory + "/my.safetensors")
    // Files may not grow beyond 8 blocks of 512 bytes: the write fails as on a full disk.
    let script = "ulimit -f 8; trap '' XFSZ; exec \"$@\""
    let result = try place.run(
      "/bin/sh",
      ["-c", script, "sh", Workplace.executable] + start + ["--epochs", "2", "--resume"])
    #expect(result.status == Outcome.unwritableOutput.rawValue)
    #expect(result.errors.contains("my.last.safetensors: file too large; nothing half-written"))
    #expect(result.errors.contains("make room and go on with --resume"))
    #expect(try Files.read(place.directory + "/my.safetensors") == before)
    let names = Files.names(in: place.directory)
    #expect(
      names == [
        "book.abc", "my.last.safetensors", "my.repertoire", "my.resume", "my.safetensors",
      ])
    #expect(try place.run(start + ["--epochs", "2", "--resume"]).status == 0)
  }

  @Test func `a loss that is no number any more is told with what to do`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let result = try place.run(
      ["train", "book.abc", "-o", "my.safetensors", "--epochs", "20"] + small
        + [
          // Every step multiplies the weights by -99.
          "--optimizer", "sgd", "--rate", "100", "--decay", "1", "--clip", "0", "--format", "f32",
        ])
    #expect(result.status == Outcome.checkFailed.rawValue, "\(result.errors)")
    #expect(result.errors.contains("the loss stopped being a number at step "))
    #expect(result.errors.contains("try a lower learning rate"))
  }

  @Test func `training ends early when valid does not get better`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let result = try place.run(
      ["train", "book.abc", "-o", "my.safetensors", "--epochs", "500", "--patience", "2"] + small
        + ["--rate", "0.05"])
    #expect(result.status == 0, "\(result.errors)")
    let best = result.output.split(separator: "\n").filter { $0.contains("\"event\":\"epoch\"") }
      .map { $0.contains("\"best\":true") }
    #expect(best.count < 500 && best.suffix(2) == [false, false])
  }

  @Test func `weights too large for the checkpoint are told with what to do`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let result = try place.run(
      ["train", "book.abc", "-o", "my.safetensors", "--epochs", "20"] + small
        + ["--optimizer", "sgd", "--rate", "2.5", "--decay", "1", "--clip", "0"])
    #expect(result.status == Outcome.checkFailed.rawValue, "\(result.errors)")
    #expect(result.errors.contains("too large for f16"), "\(result.errors)")
    #expect(result.errors.contains("try a lower learning rate"))
  }

  /// SIGTERM and not Ctrl-C, which a test that was itself started in the background would ignore;
  /// both are handled alike.
  @Test func `a terminal shows bar, curve and tune; a signal saves and says how to go on`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "tune book.abc")
    let program = try TerminalProgram(
      Workplace.executable,
      ["train", "tune book.abc", "-o", "my.safetensors", "--epochs", "100000"] + small,
      width: 200, height: 30, environment: place.environment, directory: place.directory)
    defer { program.kill() }
    #expect(program.wait(for: "\\[[█·]+\\] [0-9.]+ %", seconds: 20))
    #expect(program.wait(for: "valid ● [0-9.]+ bits a character", seconds: 20))
    #expect(program.wait(for: "│.*·", seconds: 20))
    #expect(program.wait(for: "K:[A-G]", seconds: 20))
    program.signal(SIGTERM)
    #expect(
      program.wait(
        for: "go on with: lilt train 'tune book.abc' -o my.safetensors", seconds: 20))
    #expect(program.waitForExit(seconds: 20) == 143)
    #expect(Files.exists(place.directory + "/my.resume"))
    let resumed = try place.run(
      ["train", "tune book.abc", "-o", "my.safetensors", "--resume", "--minutes", "0.001"] + small)
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test(arguments: ["midi-characters", "note-chords", "pitch-step-duration"])
  func `MIDI files train, resume, foretell and are heard`(encoding: String) throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    try Files.makeFolder(place.directory + "/midi")
    #expect(
      try place.run(["export", "--all", "book.abc", "-o", "midi", "--format", "mid"]).status == 0)
    let train =
      [
        "train", "midi", "-o", "my.safetensors", "--encoding", encoding, "--layers", "16",
        "--batch", "4", "--sequence", "8", "--no-transpose", "--schedule", "constant",
      ]
    let first = try place.run(train + ["--epochs", "1"])
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("\"event\":\"epoch\"") && first.output.contains("K:"))
    let second = try place.run(train + ["--epochs", "2", "--resume"])
    #expect(second.status == 0, "\(second.errors)")
    let whole = try place.run(
      train.map { $0 == "my.safetensors" ? "one.safetensors" : $0 } + ["--epochs", "2"])
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(
      try Files.read(place.directory + "/my.last.safetensors")
        == Files.read(place.directory + "/one.last.safetensors"))
    if encoding != "pitch-step-duration" {
      let corpus = try place.run(["corpus", "midi", "-o", "notes", "--encoding", encoding])
      #expect(corpus.status == 0, "\(corpus.errors)")
      #expect(corpus.output.contains("pieces") && corpus.output.contains("vocabulary: "))
      #expect(place.read("notes/train.jsonl").hasPrefix("{\"tokens\":[[\""))
    }
    let heard = try place.run([
      "evaluate", "--checkpoint", "./my.safetensors", "midi", "--midi", "new.mid", "--tokens",
      "60", "--corpus", "midi", "--json",
    ])
    #expect(heard.status == 0, "\(heard.errors)")
    #expect(heard.output.contains("\"pitch_distance\":0."))
    #expect(heard.output.contains("\"notes_written\":"))
    let tune = try place.run(["export", "new.mid", "-o", "-", "--format", "abc"])
    #expect(tune.status == 0 && tune.output.contains("K:"))
  }

  @Test func `a model's tunes are measured against its corpus in one command`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let train = ["train", "book.abc", "-o", "my.safetensors", "--epochs", "1"] + small
    #expect(try place.run(train).status == 0)
    let options = [
      "evaluate", "--checkpoint", "./my.safetensors", "--corpus", "book.abc", "--samples", "5",
      "--legal", "--keep", "five.abc", "--reconstruct", "2", "book.abc",
    ]
    let result = try place.run(options + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    for fact in [
      "tunes\":40", "bits_per_character", "6_gram_bits", "macro_f1", "reconstructed\":2",
      "reconstruction_chamfer", "samples\":5", "valid", "bars_right", "ends_on_tonic", "distinct",
      "longest_shared_run", "copied_mean", "pitch_distance", "step_distance", "length_distance",
    ] { #expect(result.output.contains("\"\(fact)"), "\(fact)") }
    #expect(place.read("five.abc").components(separatedBy: "X:").count == 6)
    let text = try place.run(options)
    #expect(text.output.contains("pitches (MIDI keys): █ written, │ corpus, distance 0."))
  }

  @Test
  func `dense layers are trained with the activation that was asked for, and the model tells it`()
    throws
  {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    func train(_ options: [String]) throws -> Workplace.Output {
      try place.run(
        [
          "train", "book.abc", "--layers", "8", "--batch", "8", "--sequence", "8", "--steps", "3",
          "--no-transpose", "--threads", "1", "-o", "m.safetensors",
        ] + options)
    }
    var written: Set<[UInt8]> = []
    for (name, told) in [
      ("relu", "dense 12, relu"), ("leaky-relu", "dense 12, leaky-relu=0.01"),
      ("leaky-relu=0.3", "dense 12, leaky-relu=0.3"), ("elu", "dense 12, elu"),
      ("tanh", "dense 12, tanh"), ("sigmoid", "dense 12, sigmoid"), ("linear", "dense 12 "),
    ] {
      let result = try train(["--dense", "12", "--dense-activation", name])
      #expect(result.status == 0, "\(name): \(result.errors)")
      written.insert(try Files.read(place.directory + "/m.safetensors"))
      let model = try place.run(["model", "./m.safetensors"]).output
      #expect(model.contains(told), "\(name): \(model)")
      let activation = name == "leaky-relu" ? "leaky-relu=0.01" : name
      #expect(model.contains("\"dense_activation\":\"\(activation)\""), "\(model)")
      let tune = try place.run(
        ["generate", "--checkpoint", "./m.safetensors", "--characters", "40", "--rng", "1"])
      #expect(tune.status == 0 && !tune.output.isEmpty, "\(name): \(tune.errors)")
    }
    #expect(written.count == 7)
    for (options, reason) in [
      (["--dense-activation", "tanh"], "give --dense, too"),
      (["--dense", "12", "--dense-activation", "softmax"], "is one of relu, leaky-relu[=SLOPE]"),
      (["--dense", "12", "--dense-activation", "leaky-relu=2"], "a slope from 0 to 1"),
      (["--dense", "12", "--dense-activation", "gelu"], "--dense-activation"),
      (["--from", "default", "--dense-activation", "tanh"], "leave out"),
    ] {
      let refused = try train(options)
      #expect(refused.status == Outcome.usage.rawValue, "\(options)")
      #expect(refused.errors.contains(reason), "\(refused.errors)")
    }
  }

  @Test func `every option of a network of notes works, or is refused with status 2`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    try Files.makeFolder(place.directory + "/midi")
    _ = try place.run(["export", "--all", "book.abc", "-o", "midi", "--format", "mid"])
    func train(_ name: String, _ options: [String]) throws -> Workplace.Output {
      try place.run(
        [
          "train", "midi", "--preset", "pitch-step-duration", "--layers", "8", "--batch", "16",
          "--sequence", "8", "--epochs", "1", "-o", name,
        ] + options)
    }
    #expect(try train("a.safetensors", []).status == 0)
    let plain = try Files.read(place.directory + "/a.safetensors")
    for options in [
      ["--dropout", "0.9"], ["--weight-dropout", "0.5"], ["--batch-norm"], ["--dense", "12,6"],
      ["--cell", "gru"], ["--data-size", "200"],
    ] {
      let result = try train("b.safetensors", options)
      #expect(result.status == 0, "\(options): \(result.errors)")
      #expect(try Files.read(place.directory + "/b.safetensors") != plain, "\(options)")
    }
    let reported = try train("b.safetensors", ["--report", "r.html", "--save-every", "1"])
    #expect(reported.status == 0, "\(reported.errors)")
    #expect(place.read("r.html").contains("<polyline"))
    #expect(Files.exists(place.directory + "/b.epoch-0001.safetensors"))
    for options in [
      ["--embedding", "64"], ["--plan"], ["--raw"], ["--precision", "bf16"],
      ["--original-share", "0.5"], ["--compare"],
    ] {
      let refused = try train("c.safetensors", options)
      #expect(refused.status == Outcome.usage.rawValue, "\(options)")
      #expect(refused.errors.contains(options[0]), "\(refused.errors)")
    }
  }

  /// Every option of a network or its training, and what the encodings refuse; what is not refused makes
  /// another network, or a file.
  private static let matrix: [(options: [String], refusedBy: Set<String>)] = [
    (["--dropout", "0.9"], []), (["--weight-dropout", "0.5"], []),
    (["--locked-dropout", "--dropout", "0.5"], []),
    (["--decay", "0.5"], []), (["--batch-norm"], []), (["--dense", "12,6"], []),
    (["--dense-activation", "leaky-relu", "--dense", "12"], []),
    (["--dense-activation", "leaky_relu=0.3", "--dense", "12", "--dropout", "0.2"], []),
    (["--cell", "gru"], []),
    (["--cell", "rnn"], []), (["--layers", "8,8"], []), (["--data-size", "150"], []),
    (["--embedding", "5"], ["pitch-step-duration"]), (["--report", "r.html"], []),
    (["--save-every", "1"], []), (["--compare"], ["pitch-step-duration"]),
    (["--raw"], ["midi-characters", "midi-sixteenths", "note-chords", "pitch-step-duration"]),
    (["--plan"], ["midi-characters", "midi-sixteenths", "note-chords", "pitch-step-duration"]),
  ]

  @Test(arguments: [
    "abc", "midi-characters", "midi-sixteenths", "note-chords", "pitch-step-duration",
  ])
  func `every option works for every encoding, or is refused with a sentence`(
    _ encoding: String
  ) throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    try Files.makeFolder(place.directory + "/midi")
    _ = try place.run(["export", "--all", "book.abc", "-o", "midi", "--format", "mid"])
    func train(_ name: String, _ options: [String]) throws -> Workplace.Output {
      let layers = options.contains("--layers") ? [] : ["--layers", "8"]
      return try place.run(
        [
          "train", encoding == "abc" ? "book.abc" : "midi", "--encoding", encoding, "--batch", "8",
          "--sequence", "8", "--steps", "3", "--no-transpose", "--threads", "1", "-o", name,
        ] + layers + options)
    }
    let plain = try train("plain.safetensors", [])
    #expect(plain.status == 0, "\(plain.errors)")
    let bytes = try Files.read(place.directory + "/plain.safetensors")
    for (options, refusedBy) in Self.matrix {
      let result = try train("other.safetensors", options)
      if refusedBy.contains(encoding) {
        #expect(result.status == Outcome.usage.rawValue, "\(encoding) \(options)")
        #expect(result.errors.contains(options[0]), "\(encoding): \(result.errors)")
        continue
      }
      #expect(result.status == 0, "\(encoding) \(options): \(result.errors)")
      switch options[0] {
      case "--report": #expect(place.read("r.html").contains("<svg"))
      case "--save-every": break
      case "--compare": #expect(result.output.contains("dropout 0.5"), "\(result.output)")
      default:
        let other = try Files.read(place.directory + "/other.safetensors")
        #expect(other != bytes, "\(encoding) \(options)")
      }
    }
  }

  @Test func `a comparison writes its report, and counts the tunes to measure on`() throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    try place.write(Self.book.replacing("c", with: "B"), to: "valid.abc")
    let result = try place.run(
      [
        "train", "book.abc", "--valid", "valid.abc", "--compare", "--steps", "1", "--no-transpose",
        "--report", "r.html", "-o", "c.safetensors",
      ] + small)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("valid: 40 tunes"), "\(result.errors)")
    #expect(place.read("r.html").contains("<td>dropout 0.5</td>"))
    let rows = result.output.split(separator: "\n").filter { $0.hasPrefix("| sgd") }
    let other = try place.run(
      [
        "train", "book.abc", "--valid", "valid.abc", "--compare", "--steps", "3", "--no-transpose",
        "--momentum", "0.1", "-o", "c.safetensors",
      ] + small)
    #expect(rows.count == 1 && !other.output.contains(rows[0]))
  }

  @Test func `a resume file of another recipe names what differs, and the line that goes on`()
    throws
  {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let start = ["train", "book.abc", "-o", "my.safetensors", "--epochs", "1", "--rate", "0.01"]
    #expect(try place.run(start + small).status == 0)
    let other = start.map { $0 == "0.01" ? "0.02" : $0 } + small.map { $0 == "16" ? "24" : $0 }
    let refused = try place.run(other + ["--resume"])
    #expect(refused.status == Outcome.checkpoint.rawValue)
    #expect(refused.errors.contains("its layers was 16, and now it is 24"), "\(refused.errors)")
    #expect(refused.errors.contains("its rate was 0.01, and now it is 0.02"))
    let line = try #require(refused.errors.components(separatedBy: "Go on with: lilt ").last)
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(words.contains("--resume") && words.contains("0.01") && !words.contains("0.02"))
    let resumed = try place.run(words)
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test func `a checkpoint of every epoch is kept by number, and less text is read when asked`()
    throws
  {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    let result = try place.run(
      [
        "train", "book.abc", "-o", "my.safetensors", "--epochs", "4", "--save-every", "2",
        "--data-size", "900", "--no-transpose",
      ] + small)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\"characters\":900"))
    let names = Files.names(in: place.directory)
    #expect(names.contains("my.epoch-0002.safetensors"), "\(names)")
    #expect(!names.contains("my.epoch-0001.safetensors"))
  }

  @Test func `a text is read as it stands, with the header that it has`() throws {
    let place = try Workplace()
    var text = ""
    for tune in 1...40 {
      text += "X: \(tune)\nT:tune of hay\nM:6/8\nL:1/8\nK:D Major\nDFA dAF|EGB eBG|\n\n\n"
    }
    try place.write(text, to: "raw.abc")
    let result = try place.run(
      ["train", "raw.abc", "--raw", "-o", "my.safetensors", "--epochs", "1"] + small)
    #expect(result.status == 0, "\(result.errors)")
    let checkpoint = try Checkpoint(path: place.directory + "/my.safetensors")
    #expect(checkpoint.metadata["header_fields"] == "XTMLK")
    #expect(checkpoint.metadata["start"] == #""\n\n\n""#)
    #expect(checkpoint.metadata["header_spelling"]?.contains(#""K":["D Major"]"#) == true)
    let tune = try place.run(["generate", "--checkpoint", "./my.safetensors", "--bars", "2"])
    #expect(tune.status == 0, "\(tune.errors)")
    #expect(tune.output.components(separatedBy: "X:").count == 2, "\(tune.output)")
    #expect(tune.output.contains("K:D Major\n"), "\(tune.output)")
    #expect(try place.run(["train", "raw.abc", "--raw", "--plan"]).status == 2)
  }

  @Test func `recipes are the published ones, and what is advised stands beside`() throws {
    for (preset, batch, steps, rate, epochs) in [
      (.jigsHornpipes, 16, 64, 0.001, 200), (.midiCharacters, 1, 20, 1.0 / 64, 80),
      (.noteChords, 64, 100, 0.001, 200), (.pitchStepDuration, 64, 25, 0.005, 10),
      (.stateful3x256, 16, 64, 0.001, 100), (.irish1024, 64, 125, 0.0001, 20),
    ] as [(TrainPreset, Int, Int, Double, Int)] {
      let network = preset.shape(vocabularySize: 108)
      let found = preset.settings(for: network)
      let count = preset.epochs(for: network, tokens: 1000)
      #expect(found.batch == batch && found.steps == steps, "\(preset)")
      #expect(found.schedule.rate == rate && count == epochs, "\(preset)")
      #expect(found.schedule.course.rawValue == "constant")
    }
    var shape = TrainPreset.midiCharacters.shape(vocabularySize: 108)
    let gated = TrainPreset.midiCharacters.settings(for: shape)
    #expect(gated.optimizer.rule.rawValue == "adam")
    (shape.cell, shape.layerSizes) = (.rnn, [16])
    let plain = TrainPreset.midiCharacters.settings(for: shape)
    #expect(plain.optimizer.rule.rawValue == "adagrad" && plain.schedule.rate == 1.0 / 16)
    #expect(TrainPreset.midiCharacters.epochs(for: shape, tokens: 1000) == 40)
    #expect(TrainPreset.noteChords.readsWindows && TrainPreset.jigsHornpipes.validPercent == 30)
    let listed = try Workplace().run(["train", "--presets"])
    #expect(listed.status == 0)
    for preset in TrainPreset.allCases {
      #expect(listed.output.contains(preset.rawValue) && listed.output.contains(preset.advice))
    }
  }

  @Test func `the line to go on with can be typed into a shell`() {
    #expect(
      TrainCommand.resumeLine(["train", "my tunes/it's.abc", "-o", "a.safetensors"])
        == "lilt train 'my tunes/it'\\''s.abc' -o a.safetensors --resume")
    #expect(TrainCommand.resumeLine(["train", "--resume"]) == "lilt train --resume")
  }

  @Test func `a recipe has the network of the published system`() throws {
    for preset in TrainPreset.allCases {
      let published = try #require(Preset.named(preset.rawValue))
      let size = max(published.vocabulary, 1)
      #expect(
        preset.shape(vocabularySize: size).parameterCount == published.parameterCountInPyTorch(),
        "\(preset.rawValue)")
    }
    let noteChords = try #require(Preset.named("note-chords"))
    #expect(noteChords.parameterCount() == 3_638_119)
  }

  @Test(arguments: [
    (["train", "nosuch.abc", "-o", "a.safetensors"], Outcome.unreadableInput),
    (["train", "empty.abc", "-o", "a.safetensors"], .unreadableInput),
    (["train", "book.abc", "-o", "nosuch/a.safetensors"], .unwritableOutput),
    (["train", "book.abc", "-o", "a.txt"], .usage),
    (["train", "book.abc", "-o", "a.safetensors", "--layers", "x"], .usage),
    (["train", "book.abc", "-o", "a.safetensors", "--dropout", "1"], .usage),
    (["train", "empty.abc", "-o", "a.safetensors", "--encoding", "note-chords"], .unreadableInput),
    (["corpus", "empty.abc", "-o", "c"], .unreadableInput),
    (["evaluate", "--checkpoint", "./nosuch.safetensors", "book.abc"], .checkpoint),
  ])
  func `what cannot be done is told in a line`(_ arguments: [String], _ outcome: Outcome) throws {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    try place.write("no tune at all\n", to: "empty.abc")
    let result = try place.run(arguments)
    #expect(result.status == outcome.rawValue, "\(result.errors)")
    #expect(!result.errors.isEmpty && result.output.isEmpty)
  }

  @Test
  func `folders are read to any depth, and what is left out is told even where nothing is left`()
    throws
  {
    let place = try Workplace()
    try place.write(Self.book, to: "nested/inner/deep/Book.ABC")
    let read = try place.run(["corpus", "nested", "-o", "out"])
    #expect(read.status == 0 && read.output.contains("Book.ABC: "), "\(read.errors)")
    try place.write("X:1\nT:Duet\nK:G\nV:1\nGAB|\nV:2\nGAB|\n", to: "duet.abc")
    for arguments in [["corpus", "duet.abc", "-o", "x"], ["train", "duet.abc", "--steps", "1"]] {
      let refused = try place.run(arguments)
      #expect(refused.status == 4)
      #expect(refused.errors.contains("left out 1: several voices (Duet (duet.abc))"))
      #expect(refused.errors.contains("there is no tune to train on"))
    }
    let score = try place.run(["score", "duet.abc"])
    #expect(score.status == 4)
    #expect(score.errors.contains("there is no tune that can be measured (several voices: 1)"))
  }

  @Test func `a corpus is split, counted and written in every key`() throws {
    let place = try Workplace()
    try place.write(Self.book + "X:99\nT:Empty\nM:4/4\nL:1/8\nK:C\n\n", to: "book.abc")
    let result = try place.run(["corpus", "book.abc", "-o", "out", "--titles"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("left out 1: no music"))
    #expect(place.read("out/train.abc").hasPrefix("X:1\nT:Number "))
    let first = try #require(place.read("out/train.jsonl").split(separator: "\n").first)
    #expect(first.components(separatedBy: "K:").count == 9)
    #expect(jsonStrings(place.read("out/vocabulary.json"))?.contains("|") ?? false)
  }
}

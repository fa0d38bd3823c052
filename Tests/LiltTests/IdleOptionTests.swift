import Foundation
import Testing

@testable import lilt

/// Options that would change nothing are refused with a sentence, and those that act, act.
@Suite(.serialized) struct IdleOptionTests {
  @Test func `a network of notes refuses what only characters have, and reads ABC as MIDI`() throws
  {
    let place = try NoteModelTests.place("pitch-step-duration")
    let model = ["--checkpoint", "./notes.safetensors"]
    for (line, reason) in [
      ("score --memory 0.5 midi", "--memory is for models of characters"),
      ("score --precision int8 midi", "computes in fp32"),
      ("generate --precision int4 --bars 2", "computes in fp32"),
      ("probs --precision int8", "computes in fp32"),
      ("bench --composing", "--composing is for models of characters"),
      ("bench --precision int8", "computes in fp32"),
      ("evaluate midi --legal", "need --samples"),
      ("evaluate midi --tokens 9", "--tokens needs --midi"),
      ("evaluate midi --temperature 0.5", "need --samples or --midi"),
      ("evaluate midi --rng 3", "need --samples or --midi"),
      ("evaluate midi --corpus midi", "give both"),
    ] {
      let refused = try place.run(line.split(separator: " ").map(String.init) + model)
      #expect(refused.status == Outcome.usage.rawValue, "\(line): \(refused.output)")
      #expect(refused.errors.contains(reason), "\(line): \(refused.errors)")
    }
    let measured = try place.run(["evaluate", "book.abc"] + model)
    #expect(measured.status == 0, "\(measured.errors)")
    #expect(!measured.output.contains("bits per pitch          0.0000"), "\(measured.output)")
    try place.write("no music\n", to: "empty.abc")
    let nothing = try place.run(["evaluate", "empty.abc"] + model)
    #expect(nothing.status == Outcome.unreadableInput.rawValue)
    #expect(nothing.errors.contains("nothing to measure"), "\(nothing.errors)")
  }

  @Test func `pitch, step and duration have temperatures of their own without a screen, too`()
    throws
  {
    let place = try NoteModelTests.place("pitch-step-duration")
    func tune(_ options: [String]) throws -> String {
      let result = try place.run(
        ["generate", "--bars", "6", "--checkpoint", "./notes.safetensors"] + options)
      #expect(result.status == 0, "\(result.errors)")
      return result.output
    }
    let plain = try tune([])
    #expect(try tune(["--set", "melody-temperature=all"]) == plain)
    for name in ["melody", "rhythm", "form"] {
      #expect(try tune(["--set", "\(name)-temperature=3"]) != plain, "\(name)")
    }
    let guarded = try place.run([
      "generate", "--bars", "6", "--checkpoint", "./notes.safetensors", "--mood", "lively",
    ])
    #expect(guarded.status == 0, "\(guarded.errors)")
    #expect(guarded.errors.contains("would be for a model of characters"), "\(guarded.errors)")
  }

  @Test func `a recipe of training refuses options that its network has no use for`() throws {
    let place = try Workplace()
    try place.write("X:1\nT:t\nM:4/4\nL:1/8\nK:G\nGABc defg|g4 G4|\n", to: "book.abc")
    for (line, reason) in [
      ("--momentum 0.5", "--momentum is of sgd and rmsprop"),
      ("--momentum 0.5 --optimizer adagrad", "--momentum is of sgd and rmsprop"),
      ("--forget-bias 1 --cell gru", "--forget-bias is of LSTM cells"),
      ("--locked-dropout --dropout 0", "--locked-dropout needs --dropout"),
      ("--raw --transpose", "leave out --transpose"),
      ("--raw --original-share 0.5", "leave out --raw"),
      ("--no-transpose --original-share 0.5", "leave out --no-transpose"),
      ("--encoding pitch-step-duration --transpose", "reads pieces as they are"),
    ] {
      let refused = try place.run(
        ["train", "book.abc", "-o", "a.safetensors"] + line.split(separator: " ").map(String.init))
      #expect(refused.status == Outcome.usage.rawValue, "\(line): \(refused.output)")
      #expect(refused.errors.contains(reason), "\(line): \(refused.errors)")
    }
    let taken = try place.run([
      "train", "book.abc", "-o", "a.safetensors", "--layers", "8", "--steps", "2", "--optimizer",
      "sgd", "--momentum", "0.5", "--forget-bias", "1", "--batch", "2",
    ])
    #expect(taken.status == 0, "\(taken.errors)")
    // ABC trains networks of notes as the MIDI files would that are made of it.
    let notes = try place.run([
      "train", "book.abc", "-o", "n.safetensors", "--encoding", "midi-characters", "--layers", "8",
      "--steps", "2", "--batch", "1", "--no-marks",
    ])
    #expect(notes.status == 0, "\(notes.errors)")
    let shown = try place.run(["model", "./n.safetensors"])
    #expect(shown.output.contains("108 tokens"), "the whole alphabet: \(shown.output)")
  }

  @Test func `what is no checkpoint is named, with the way in`() throws {
    let place = try Workplace()
    try Files.makeFolder(place.directory + "/saved")
    let folder = try place.run(["generate", "--checkpoint", "./saved"])
    #expect(folder.status == Outcome.checkpoint.rawValue)
    #expect(folder.errors.contains("'lilt import' brings in the SavedModel"), "\(folder.errors)")
    try place.write("{}", to: "my.resume")
    let resume = try place.run(["model", "./my.resume"])
    #expect(resume.errors.contains("'lilt train --resume' goes on from"), "\(resume.errors)")
    try place.write("model_checkpoint_path: \"ckpt_2\"\n", to: "saved/checkpoint")
    try place.write("", to: "saved/ckpt_2.index")
    let note = try place.run(["import", "saved/checkpoint", "-o", "n.safetensors"])
    #expect(note.errors.contains("ckpt_2.index"), "\(note.errors)")
  }
}

import ArgumentParser
import Glibc

/// What the exit status of the program says (UX 4.3). Scripts may rely on these numbers.
enum Outcome: Int32, CaseIterable, Sendable {
  case done = 0
  /// A check that was asked for found something.
  case checkFailed = 1
  /// The command line could not be understood.
  case usage = 2
  /// The checkpoint is missing, damaged or of another format.
  case checkpoint = 3
  /// The input could not be read as ABC or MIDI.
  case unreadableInput = 4
  /// Sound was asked for by name but is not available.
  case sound = 5
  /// The output could not be written; nothing half-written is left.
  case unwritableOutput = 6

  /// One line for manuals and the README.
  var meaning: String {
    switch self {
    case .done: "done"
    case .checkFailed: "a check that was asked for failed"
    case .usage: "wrong usage"
    case .checkpoint: "checkpoint missing, damaged or of another format"
    case .unreadableInput: "input not readable as ABC or MIDI"
    case .sound: "sound asked for by name but not available"
    case .unwritableOutput: "output could not be written; nothing half-written is left"
    }
  }
}

/// A command that could not do its work: thrown from `run()`, printed as one line on standard error.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
  var outcome: Outcome
  /// One sentence, the place first; nil when the command has already said everything.
  var sentence: String?

  init(_ outcome: Outcome, _ sentence: String?) {
    self.outcome = outcome
    self.sentence = sentence
  }

  var description: String { sentence ?? outcome.meaning }
}

extension ExitCode {
  /// The exit status for an outcome, for commands that have already said what there is to say.
  init(_ outcome: Outcome) { self.init(outcome.rawValue) }
}

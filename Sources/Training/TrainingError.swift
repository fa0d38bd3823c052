/// Why training cannot start or go on. `description` is one sentence without a file's path, which
/// whoever opened the file puts in front.
public enum TrainingError: Error, Hashable, Sendable {
  case noMemory(bytes: Int)
  /// A shape or a number that no network can have.
  case impossible(String)
  /// The loss or a gradient stopped being a finite number after this many steps.
  case notFinite(step: Int)
  case resume(reason: String)
  case tooLittleText(tokens: Int, needed: Int)
}

extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noMemory(let bytes):
      "there is not enough memory to train this network: it needs \(bytes >> 20) MB at once."
    case .impossible(let what):
      "\(what)."
    case .notFinite(let step):
      "the loss stopped being a number at step \(step): try a lower learning rate, "
        + "or gradient clipping."
    case .resume(let reason):
      "training cannot be resumed from this file: \(reason)."
    case .tooLittleText(let tokens, let needed):
      "there is too little to train on: \(tokens) tokens, where at least \(needed) are needed."
    }
  }
}

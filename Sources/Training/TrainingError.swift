/// Why training cannot start or go on. `description` is one sentence without a file's path, which
/// whoever opened the file puts in front.
public enum TrainingError: Error, Hashable, Sendable {
  case noMemory(bytes: Int)
  /// A shape or a number that no network can have.
  case impossible(String)
  /// The loss or a gradient stopped being a finite number after this many steps.
  case notFinite(step: Int)
  case resume(reason: String)
  /// A resume file is of a training with other values than those given now.
  case differs([Difference])
  case tooLittleText(tokens: Int, needed: Int)

  /// A value of a `Recipe` in a resume file, and now.
  public struct Difference: Hashable, Sendable {
    public var name: String
    public var kept: String
    public var given: String
  }
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
    case .differs(let list):
      "training cannot be resumed from this file: "
        + list.map { "its \($0.name) was \($0.kept), and now it is \($0.given)" }
        .joined(separator: "; ") + "."
    case .tooLittleText(let tokens, let needed):
      "there is too little to train on: \(tokens) tokens, where at least \(needed) are needed."
    }
  }
}

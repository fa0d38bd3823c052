/// Why a checkpoint cannot be used. `description` is one sentence without the file's path, which
/// whoever opened the file puts in front.
public enum CheckpointError: Error, Hashable, Sendable {
  /// The system refused: `reason` is what it said.
  case unreadable(reason: String)
  case unwritable(reason: String)
  case tooLarge(bytes: Int, limit: Int)
  /// A file of another kind.
  case foreign(ForeignFile)
  /// The file ends before its header does.
  case truncatedHeader(needed: UInt64, found: Int)
  /// `offset` counts bytes from the start of the header.
  case headerNotUnderstood(offset: Int, reason: String)
  case duplicateTensor(String)
  case unknownFormat(tensor: String, format: String)
  case damagedTensor(String, reason: String)
  /// Bytes `start..<end` of the data belong to no tensor, or to two.
  case dataNotCovered(start: Int, end: Int)
  case truncatedData(needed: Int, found: Int)
  case missingTensor(String)
  case wrongShape(tensor: String, expected: String, found: [Int])
  case notFinite(tensor: String)
  case metadata(key: String, reason: String)
  case unsupported(String)
  case noMemory(bytes: Int)
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let reason):
      "the checkpoint could not be read: \(reason)."
    case .unwritable(let reason):
      "the checkpoint could not be written: \(reason)."
    case .tooLarge(let bytes, let limit):
      "the checkpoint is \(bytes) bytes long; the most that is read is \(limit)."
    case .foreign(let file):
      "this is \(file.name): \(file.advice)."
    case .truncatedHeader(let needed, let found):
      "this is no safetensors file, or it is cut short: its header asks for \(needed) bytes, "
        + "there are \(found)."
    case .headerNotUnderstood(let offset, let reason):
      "the checkpoint's header cannot be read at byte \(offset): \(reason)."
    case .duplicateTensor(let name):
      "the checkpoint names the tensor \(quoted(name)) twice."
    case .unknownFormat(let tensor, let format):
      "the tensor \(quoted(tensor)) is of the format \(quoted(format)), which is not supported; "
        + "F32, F16 and BF16 are."
    case .damagedTensor(let tensor, let reason):
      "the tensor \(quoted(tensor)) is damaged: \(reason)."
    case .dataNotCovered(let start, let end):
      "the checkpoint's data is not laid out without gaps and overlaps: see bytes "
        + "\(start) to \(end)."
    case .truncatedData(let needed, let found):
      "the checkpoint is damaged or cut short: its tensors ask for \(needed) bytes of data, "
        + "there are \(found)."
    case .missingTensor(let name):
      "the checkpoint lacks the tensor \(quoted(name))."
    case .wrongShape(let tensor, let expected, let found):
      "the tensor \(quoted(tensor)) should be of the shape \(expected), but is \(found)."
    case .notFinite(let tensor):
      "the tensor \(quoted(tensor)) holds a value that is not a finite number."
    case .metadata(let key, let reason):
      "the checkpoint's \(quoted(key)) entry \(reason)."
    case .unsupported(let what):
      "the checkpoint is of a kind that is not supported: \(what)."
    case .noMemory(let bytes):
      "there is not enough memory for the network: it needs \(bytes >> 20) MB."
    }
  }

  /// A foreign name fit for one line of a terminal: short and without control characters.
  private func quoted(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars.prefix(60) {
      let isPlain = scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
      text.unicodeScalars.append(isPlain ? scalar : "?")
    }
    return "\"" + text + (name.unicodeScalars.count > 60 ? "…\"" : "\"")
  }
}

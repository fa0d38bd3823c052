import Neural

/// Why a file cannot be imported. `description` is one sentence without the file's path, which
/// whoever opened the file puts in front.
public enum ImportError: Error, Hashable, Sendable {
  /// The first bytes belong to no format that is known.
  case unknownFile
  /// Something else than a network.
  case foreign(ForeignFile)
  /// A file beside the one that was given, which it needs.
  case companionMissing(String)
  case truncated(format: String)
  case damaged(format: String, reason: String)
  case tooLarge(what: String, bytes: Int, limit: Int)
  /// A pickle asks for something that is not on the list of what is understood.
  case notAllowed(name: String)
  /// A file that is whole but holds what cannot be run, or no network at all.
  case unsupported(String)
  case missingTensor(String, layer: String)
  case wrongShape(tensor: String, expected: String, found: [Int])
  case notFinite(tensor: String)
  /// A tensor that no layer has a use for.
  case strayTensor(String, shape: [Int])
  case vocabulary(String)
  /// A system library that is not installed, and the Debian package that has it.
  case libraryMissing(String, package: String)
  case checkpoint(CheckpointError)
}

extension ImportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownFile:
      "this is no PyTorch, Keras, ONNX or safetensors file: its first bytes are those of none."
    case .foreign(let file):
      "this is \(file.name): \(file.advice)."
    case .companionMissing(let name):
      "its numbers are in the file \(quoted(name)), which is not beside it."
    case .truncated(let format):
      "the \(format) is cut short."
    case .damaged(let format, let reason):
      "the \(format) is damaged: \(reason)."
    case .tooLarge(let what, let bytes, let limit):
      "\(what) would take \(bytes) bytes; the most that is read is \(limit)."
    case .notAllowed(let name):
      "the file asks for the Python object \(quoted(name)), which is not on the list of what may "
        + "be read: save the state dict alone, with torch.save(model.state_dict(), …)."
    case .unsupported(let what):
      "this network cannot be imported: \(what)."
    case .missingTensor(let name, let layer):
      "\(layer) lacks its tensor \(quoted(name))."
    case .wrongShape(let tensor, let expected, let found):
      "the tensor \(quoted(tensor)) is of the shape \(found), but \(expected) was wanted."
    case .notFinite(let tensor):
      "the tensor \(quoted(tensor)) holds a value that is not a finite number."
    case .strayTensor(let tensor, let shape):
      "the tensor \(quoted(tensor)) of the shape \(shape) has no place in a recurrent network."
    case .vocabulary(let reason):
      "the vocabulary does not fit: \(reason)."
    case .libraryMissing(let library, let package):
      "\(library) is needed to read this file; on Debian it is in the package \(package)."
    case .checkpoint(let error):
      error.description
    }
  }
}

/// A foreign text fit for one line of a terminal: short, without control characters, in quotes.
func quoted(_ name: String) -> String {
  var text = ""
  for scalar in name.unicodeScalars.prefix(80) {
    let isPlain = scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
    text.unicodeScalars.append(isPlain ? scalar : "?")
  }
  return "\"" + text + (name.unicodeScalars.dropFirst(80).isEmpty ? "\"" : "…\"")
}

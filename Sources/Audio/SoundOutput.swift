/// Where the sound goes.
public enum SoundOutput: Hashable, Sendable, CustomStringConvertible {
  /// The default ALSA device; silent, with a reason, when there is none.
  case auto
  /// An ALSA device by name; not available is an error.
  case pcm(String)
  /// No sound; time goes on, so that the playhead still moves. The reason is one sentence.
  case silent(reason: String)
  /// No sound; one line of JSON for every MIDI event in this file.
  case log(path: String)

  /// Reads what follows `--audio`: `auto`, `none`, `pcm:NAME`, `alsa:NAME` or `log:FILE`.
  public init(_ text: String) throws(AudioError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let argument = parts.count == 2 ? String(parts[1]) : ""
    switch (parts[0], parts.count, argument.isEmpty) {
    case ("auto", 1, _): self = .auto
    case ("none", 1, _): self = .silent(reason: "sound is switched off")
    case ("pcm", 2, false), ("alsa", 2, false): self = .pcm(argument)
    case ("log", 2, false): self = .log(path: argument)
    default: throw .outputNotUnderstood(text)
    }
  }

  public var description: String {
    switch self {
    case .auto: "auto"
    case .pcm(let name): "pcm:\(name)"
    case .silent: "none"
    case .log(let path): "log:\(path)"
    }
  }
}

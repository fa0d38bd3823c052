internal import CSndFile

/// The kinds of sound file that can be written.
public enum AudioFormat: String, CaseIterable, Sendable {
  case wav, flac, ogg, opus, mp3

  /// By the ending of a file name; `nil` when it is none of these.
  public init?(path: String) {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
    self.init(rawValue: path[path.index(after: dot)...].lowercased())
  }

  /// libsndfile's number for it.
  var code: Int32 {
    let parts: (container: Int, encoding: Int) =
      switch self {
      case .wav: (SF_FORMAT_WAV, SF_FORMAT_PCM_16)
      case .flac: (SF_FORMAT_FLAC, SF_FORMAT_PCM_16)
      case .ogg: (SF_FORMAT_OGG, SF_FORMAT_VORBIS)
      case .opus: (SF_FORMAT_OGG, SF_FORMAT_OPUS)
      case .mp3: (SF_FORMAT_MPEG, SF_FORMAT_MPEG_LAYER_III)
      }
    return Int32(truncatingIfNeeded: parts.container | parts.encoding)
  }
}

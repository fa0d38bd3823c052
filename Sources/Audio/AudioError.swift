/// Why there is no sound, or no sound file. Each description is a whole sentence.
public enum AudioError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `--audio` was given something else than `auto`, `none`, `pcm:NAME` or `log:FILE`.
  case outputNotUnderstood(String)
  /// A device asked for by name cannot be opened.
  case deviceUnavailable(name: String, reason: String)
  /// libfluidsynth is not installed.
  case synthesizerMissing
  /// No SoundFont where it was asked for, or (`nil`) at none of the usual places.
  case soundFontMissing(String?)
  /// The file is there, but FluidSynth cannot read it.
  case soundFontUnreadable(String)
  case fileNotWritten(path: String, reason: String)
  /// The ending of a file name says nothing about an audio format.
  case formatUnknown(String)
  /// The caller asked to stop; nothing was written.
  case cancelled
  /// The system has no MIDI sequencer, or does not let us in.
  case sequencerUnavailable(reason: String)

  public var description: String {
    switch self {
    case .outputNotUnderstood(let text):
      "'\(text)' is no audio output: use auto, none, pcm:NAME or log:FILE."
    case .deviceUnavailable(let name, let reason):
      "The sound device '\(name)' cannot be opened: \(reason)."
    case .synthesizerMissing:
      "The synthesizer is not installed (on Debian: the package libfluidsynth3)."
    case .soundFontMissing(let path?):
      "There is no SoundFont at '\(path)'."
    case .soundFontMissing(nil):
      "No SoundFont found: install one (on Debian: the package timgm6mb-soundfont) or name one."
    case .soundFontUnreadable(let path):
      "'\(path)' cannot be read as a SoundFont."
    case .fileNotWritten(let path, let reason):
      "'\(path)' could not be written: \(reason)."
    case .formatUnknown(let path):
      "'\(path)' has no known audio format: use .wav, .flac, .ogg, .opus or .mp3."
    case .cancelled:
      "Cancelled; nothing was written."
    case .sequencerUnavailable(let reason):
      "There is no MIDI here: \(reason) (the kernel's module snd-seq makes it)."
    }
  }
}

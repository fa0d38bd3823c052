import ABC
import Music

/// Reads what follows `--sound`; nil where it was not given.
///
/// - Returns: A General MIDI program.
/// - Throws: `CommandFailure` with the outcome `usage` when no instrument is called so.
func soundProgram(_ name: String?) throws(CommandFailure) -> Int? {
  guard let name else { return nil }
  if let program = GeneralMIDI.program(named: name) { return program }
  throw CommandFailure(
    .usage,
    "--sound: no instrument is called '\(name)'"
      + suggestion(for: name.lowercased(), among: GeneralMIDI.allNames))
}

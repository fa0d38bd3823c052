import Compose

/// What a new draft takes over from the settings.
extension Settings {
  /// Commands that bring a session with built-in values to the settings' ones, beyond `Sampling`.
  var openingCommands: [Invocation] {
    var commands: [Invocation] = []
    if entry(.noteColour).source != .builtIn {
      commands.append(Invocation(.colour, text(.noteColour)))
    }
    if entry(.follow).source != .builtIn { commands.append(Invocation(.follow, text(.follow))) }
    if flag(.metronome) { commands.append(Invocation(.metronome, "on")) }
    return commands
  }
}

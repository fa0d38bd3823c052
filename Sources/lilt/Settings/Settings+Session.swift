import ABC
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
    if !flag(.motion) { commands.append(Invocation(.motion, "off")) }
    if flag(.metronome) { commands.append(Invocation(.metronome, "on")) }
    if integer(.countIn) > 0 { commands.append(Invocation(.countIn, "\(integer(.countIn))")) }
    return commands
  }

  /// How ornaments are played, by the tables.
  var ornamentStyle: OrnamentStyle {
    let name = text(.ornamentStyle)
    guard name != OrnamentStyle.standard.name else { return .standard }
    return Catalogue.load().catalogue.ornaments.first { $0.name == name } ?? .standard
  }

  /// How takes are clicked, and how practising goes where nothing is said.
  var habits: Habits {
    var habits = Habits()
    habits.countIn = integer(.recordCountIn)
    habits.clicks = flag(.recordClick)
    habits.practiceStart = integer(.practiseStart)
    habits.practiceStep = integer(.practiseStep)
    habits.practiceRounds = integer(.practiseRounds)
    habits.practiceRests = flag(.practiseRests)
    habits.ornaments = text(.ornamentStyle)
    return habits
  }
}

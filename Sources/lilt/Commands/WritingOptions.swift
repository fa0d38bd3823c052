import ArgumentParser
import Compose

/// The options of `lilt generate` that say what is wanted of the tunes; their values are those of the
/// table in `SamplingValue`.
struct WritingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How much a tune remembers itself; 0 = not, below 0 it keeps away from what was said.",
      valueName: "-1...1"))
  var memory: String?
  @Option(
    help: "Which bars come back: auto, free, or phrases such as abac|dedc (a' varied, . open).")
  var shape: String?
  @Option(
    help:
      "Parts of 4, 8 or 16 bars that end where they should: off, wish, rule, or bars such as 8|16.")
  var parts: String?
  @Option(help: "Parts end on the tonic: off, wish or rule.")
  var cadence: String?
  @Option(help: "The range of notes: fiddle, whistle, flute, … or off.")
  var instrument: String?
  @Option(help: "Whether notes lie in the instrument's range: off, wish or rule.")
  var range: String?
  @Option(
    name: .customLong("scale-name"),
    help: "A scale: key, pentatonic, hexatonic, or a name such as bhupali.")
  var scaleName: String?
  @Option(help: "Whether notes belong to the scale: off, wish or rule.")
  var scale: String?
  @Option(
    name: .customLong("copy-guard"),
    help: "Keep from copying known tunes: off, 'warn 20', or 'forbid 24' notes in a row.")
  var copyGuard: String?
  @Option(help: "What single bars are to be, such as '5=1,6~2,7 new'.")
  var plan: String?
  @Option(help: "Blend a second checkpoint in, such as 'NAME 0.3'.")
  var mix: String?
  @Option(help: "A manner by name, such as lively: its values, where no option says otherwise.")
  var mood: String?
  @Option(
    name: .customLong("memory-tunes"), help: "A tunebook that the model remembers while it writes.")
  var memoryTunes: String?
  @Option(help: "Favour or ban notes and characters, such as f#+1.5,c-2,z!.")
  var bias: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Any value that the composer's 'set' knows; may be given several times.",
      valueName: "name=value"))
  var assignments: [ValueAssignment] = []

  /// The values that were given, by the names of the table.
  var values: [(name: String, value: String)] {
    assignments.map { ($0.name, $0.value) }
      + [
        ("memory", memory), ("shape", shape), ("parts", parts), ("cadence", cadence),
        ("instrument", instrument), ("range", range), ("scale-name", scaleName), ("scale", scale),
        ("bias", bias), ("copy-guard", copyGuard), ("plan", plan), ("mix", mix),
      ].compactMap { name, value in value.map { (name, $0) } }
  }
}

/// A row of `SamplingValue` and what it is to be, as `--set top-p=0.9` gives it.
struct ValueAssignment: ExpressibleByArgument {
  var name: String
  var value: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
    guard SamplingValue[name].map({ $0.group != .running }) ?? false, !value.isEmpty else {
      return nil
    }
  }

  static let allValueStrings = SamplingValue.all.filter { $0.group != .running }.map {
    $0.name + "="
  }
}

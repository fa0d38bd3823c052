import ABC
import ArgumentParser
import Music

/// What follows `--swing`: the first eighth's share of a pair in percent, as `%%swing` has it.
struct SwingChoice: ExpressibleByArgument {
  private let swing: Swing

  static let help = ArgumentHelp(
    "How uneven eighths are, whatever the tune says: the first one's share in percent; 50 straight, "
      + "66 two to one.", valueName: "50-75|off")

  init?(argument: String) {
    guard let swing = Swing(argument) else { return nil }
    self.swing = swing
  }

  /// The first eighth's length as a multiple of the second one's.
  var ratio: Fraction { swing.share / (.one - swing.share) }
}

import Glibc

/// Finds the samples that the synthesizer plays.
public enum SoundFont {
  /// Where distributions put a General MIDI SoundFont; the small one comes first because it is
  /// read in a moment.
  static let usualPlaces = [
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/local/share/soundfonts/default.sf2",
  ]

  /// The path asked for, or the first usual place where there is one.
  public static func find(_ asked: String?) throws(AudioError) -> String {
    if let asked {
      guard access(asked, R_OK) == 0 else { throw .soundFontMissing(asked) }
      return asked
    }
    for place in usualPlaces where access(place, R_OK) == 0 { return place }
    throw .soundFontMissing(nil)
  }
}

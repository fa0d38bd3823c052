import ArgumentParser
import Audio

/// A format that music is written in. This is the one table of them: what a name ends with, and
/// whether it holds text, notes, sound or a picture.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case mid, abc, wav, flac, ogg, opus, mp3, musicxml, mxl, svg, png, pdf

  /// By the end of the name; nil where it says nothing known.
  init?(path: String) {
    let ending = ExportFormat.ending(of: path)
    self.init(rawValue: ["midi": "mid", "xml": "musicxml"][ending] ?? ending)
  }

  /// What follows the last point of a file's name, in lower case; empty without one.
  static func ending(of path: String) -> String {
    let name = Paths.lastComponent(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  static var names: String { allCases.map(\.rawValue).joined(separator: "|") }
  static var endings: String { allCases.map { "." + $0.rawValue }.joined(separator: ", ") }

  var isPicture: Bool { [.svg, .png, .pdf].contains(self) }

  /// As the sound writer knows it; nil for the formats that hold notes or a picture.
  var audio: AudioFormat? { AudioFormat(rawValue: rawValue) }
}

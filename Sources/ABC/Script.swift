import Music

/// What a performance is made from: everything the text says, voice by voice.
struct Script: Sendable {
  var voices: [[Event]] = []
  var texts: [String] = []
  /// `%%MIDI` lines of the header.
  var headerDirectives: [String] = []
  var partOrder = ""
  var meter = Meter.common
  var key = KeySignature.none
}

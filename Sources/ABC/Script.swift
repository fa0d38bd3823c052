import Music

/// What a performance is made from: everything the text says, voice by voice.
struct Script: Sendable {
  var voices: [[Event]] = []
  /// Of each voice.
  var signs: [VoiceSigns] = []
  var texts: [String] = []
  /// `%%MIDI` lines of the header.
  var headerDirectives: [String] = []
  var partOrder = ""
  var meter = Meter.common
  var key = KeySignature.none
  /// Music lines with words.
  var lyricBlocks: [LyricLine.Block] = []
  /// Stretches in which a voice has nothing because `%%score` lets it begin later.
  var gaps: [Gap] = []

  struct Gap: Hashable, Sendable {
    var voice: Int
    /// In whole notes of the written time line.
    var from: Fraction
    var to: Fraction
  }
}

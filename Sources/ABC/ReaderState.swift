import Music

/// All that the text before a place means for the text after it. A value: a copy kept at a bar
/// line is a place to resume from, and two equal states read the same text alike.
struct ReaderState: Hashable, Sendable {
  enum Phase: Hashable, Sendable {
    /// In the file header, before `X:`.
    case preamble
    case header
    case body
    /// Where another tune begins: nothing more is read.
    case ended
  }

  var phase = Phase.header
  var isAtLineStart = true
  /// Whether the line before ended with `\`.
  var isContinued = false
  /// The field that `+:` goes on with.
  var lastField: UInt8 = 0
  /// Whether the line before was a field of text that ended with `\`.
  var isFieldOpen = false
  var header = ParsedTune.Header()
  var hasUnitLength = false
  /// Whether an X: line was read, with a number or without.
  var hasNumberLine = false
  var hasMeter = false
  var partOrder = ""
  /// The header's `Q:`.
  var tempo = ""
  var voice = Voice()
  var voiceIndex = 0
  /// The voice that an inline `[V:]` in the middle of a line goes back to.
  var lineVoice = 0
  /// The other voices; the place of the current one holds an old copy.
  var voices: [Voice] = [Voice()]
  /// What a voice that is declared in the body starts with.
  var seed = Voice()
  var hasVoiceField = false
  var macros: [Macro] = []
  var userSymbols: [UInt8: String] = [:]
  /// Names that `%%deco` lines define for drawing.
  var ownDecorations: Set<String> = []
  var lineBreaks = LineBreaks()
  var isSkippingText = false
  /// Whether anything but fields has been read.
  var hasMusic = false
  /// Whether an empty line was read after the music: what follows is words, or music that goes on.
  var isAfterEmptyLine = false
  /// Whether it was said that music goes on after an empty line, and that words are not played.
  var hasToldEmptyLine = false
  var hasToldFreeText = false

  struct LineBreaks: Hashable, Sendable {
    var exclamation = false
    var plusDecorations = false
  }

  struct Tuplet: Hashable, Sendable {
    var ratio: Fraction
    var count: Int
    var remaining: Int
    /// Whether it has been said that it goes on past a bar line.
    var isTold = false
  }

  /// A broken rhythm whose second half is still to come.
  struct Broken: Hashable, Sendable {
    var factor: Fraction
    /// The length that both halves must have by themselves.
    var length: Fraction
  }

  struct PendingTie: Hashable, Sendable {
    var staff: Int16
    var key: Int16
    var end: Fraction
  }

  enum Propagation: UInt8, Hashable, Sendable { case pitch, octave, not }

  struct Voice: Hashable, Sendable {
    var id = ""
    var name = ""
    var sound = VoiceSound() {
      didSet { addSemitones() }
    }
    var keySound = VoiceSound() {
      didSet { addSemitones() }
    }
    /// By how much clef, `octave=` and `transpose=` move the voice.
    private(set) var semitones = 0
    var key = KeySignature.none
    var meter = Meter.common
    var unit = Fraction(1, 8)
    var midiTranspose = 0
    var loudness = Loudness()
    var brokenRatio = Fraction(2, 1)
    var usesBrokenRatio = false
    var propagation = Propagation.pitch
    /// Accidentals of the bar by letter; 127 = none.
    var letterAlterations = Voice.noAlterations
    /// The same by letter and octave, for `%%propagate-accidentals octave`.
    var staffAlterations: [Int16: Int8] = [:]
    /// Whole notes since the bar line.
    var offset = Fraction.zero
    /// The farthest any overlay of this bar has come.
    var reached = Fraction.zero
    var ties: [PendingTie] = []
    var tuplets: [Tuplet] = []
    /// What the next note is multiplied with, after `>` or `<`.
    var broken: Broken?
    /// Open ones.
    var slurs = 0
    /// Open ones where the first of several endings begins.
    var slursInEndings = 0
    /// What is left of them to be closed in a later ending.
    var slursBeforeEndings = 0
    /// The greatest ending of the section so far, for one that has a text instead of a number.
    var namedEndings: UInt8 = 0
    var decorations: Decorations = []

    static let noAlterations = SIMD8<Int8>(repeating: 127)

    private mutating func addSemitones() {
      let octaves =
        (sound.clefOctave ?? keySound.clefOctave ?? 0) + (sound.octave ?? keySound.octave ?? 0)
      semitones = 12 * octaves + (sound.transpose ?? keySound.transpose ?? 0)
    }
  }
}

/// `m:` (ABC 2.1 §9): text that stands for other text.
struct Macro: Hashable, Sendable {
  var target: [UInt8]
  var replacement: [UInt8]
  /// Where the target's `n` stands for any note.
  var noteIndex: Int?
}

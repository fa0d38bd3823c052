import ABC
import Music
import Notes

/// Something that happened, told in the past tense. Everything that can change a session is one.
public enum Event: Sendable, Equatable {
  // From the musician
  case commanded(Invocation)
  /// A digit of a count, in a mode where digits are no text.
  case countDigit(Int)
  /// The first key of a two-key command; the popup shows what may follow.
  case prefixPressed(String)
  case prefixDropped
  case typed(String)
  case editKeyPressed(EditKey)
  case pasted(String)
  /// A click on a byte of the text, or on a note of the roll.
  case pointed(byte: Int)
  /// The mouse takes hold of a note of the roll, at a moment of the written time line in whole notes.
  case noteHeld(byte: Int, time: Double)
  case noteDragged(NoteDrag)
  case noteReleased
  /// A key that means nothing here.
  case unknownKey(String)

  // From the generator
  case modelLoading
  case modelLoaded(ModelSummary)
  case modelFailed(String)
  case generated(GenerationResult)
  case filled(FillResult)
  case ranked(RankResult)
  case drawn(DrawResult)
  case generationFailed(request: Int, sentence: String)
  /// The likeliest next characters at the generation head.
  case nextCharactersFound([NextCharacter], entropy: Float, request: Int)
  /// What the coming bars will be unless something is changed.
  case planForeseen([PlannedBar], request: Int)
  /// Tunes to lend to the model were read; `remark` says which.
  case tunesLent(LentTunes, remark: String)

  // From the judge
  case judged(CritiqueReport)

  // From the player
  case playerChanged(PlayerReport)

  /// A key of the typing keyboard where keys are a piano's.
  case keyStruck(KeyStroke)
  /// Whether the terminal tells when keys are let go.
  case releasesReported(Bool)

  // From a musical keyboard
  case played(PlayedEvent)
  /// Connections were made, or ports came or went.
  case wired(MIDIWiring)
  /// Another's clock has begun or stopped.
  case transported(Transport)

  // From the shell
  /// The time, in milliseconds since the start; sent whenever the program has waited.
  case clockTicked(milliseconds: Int)
  /// `remark`: which tune of a book it is.
  case fileRead(path: String, text: String, remark: String = "")
  /// `remarks`: what of the tune is not in the file, or differs.
  case fileWritten(path: String, remarks: [String] = [])
  case fileFailed(sentence: String)
  /// The disk does not take the draft; what it does not take is kept and tried again.
  case savingFailed(reason: String)
  case savingRestored
  case editorReturned(text: String)
  /// What there is to choose from.
  case choicesFound(Picker)
  case comparisonFound(Comparison)
  /// The list of drafts is to be shown, one of these chosen, the first that there is.
  case draftsAsked(choosing: [String])
  /// The text of a file that is looked at in a list.
  case previewFound(path: String, text: String)
  /// The themes there are; one of them was asked for before it was known.
  case themesFound([String], chosen: String? = nil)
  /// Engraved notation cannot be shown here.
  case engravingRefused(String)
  /// The files whose names begin as was typed, folders with a stroke at their end.
  case filesFound([String], matching: String)
  /// What can be asked for by name, the musician's own rows included.
  case catalogueRead(Catalogue)
  /// The settings were read.
  case habitsRead(Habits)
  case noted(String)
  case warned(String)
  case recovered(String)
}

/// Where the mouse has drawn a note of the roll.
public struct NoteDrag: Sendable, Equatable {
  /// The MIDI keys of its row.
  public var keys: [Int]
  /// On the written time line, in whole notes.
  public var time: Double
  /// Whether it goes by semitones instead of steps of the scale.
  public var isChromatic: Bool

  public init(keys: [Int], time: Double, isChromatic: Bool = false) {
    self.keys = keys
    self.time = time
    self.isChromatic = isChromatic
  }
}

/// What a session needs to know of a model.
public struct ModelSummary: Sendable, Equatable {
  public var name: String
  public var hash: String
  public var precision: String
  /// Header fields that the model reads, in its order: `RMLK`.
  public var headerFields: [Character]
  public var vocabulary: Set<Character>
  /// Fingerprints of the repertoires that the copy guard may look into.
  public var repertoires: [String]
  public var writing: Writing

  /// What a model writes.
  public enum Writing: String, Sendable {
    case characters
    /// Notes, chords and lengths.
    case notes
    /// Notes as pitch, step and duration, each with a temperature.
    case timedNotes
  }

  public init(
    name: String, hash: String, precision: String, headerFields: [Character],
    vocabulary: Set<Character>, repertoires: [String] = [], writing: Writing = .characters
  ) {
    self.name = name
    self.hash = hash
    self.precision = precision
    self.headerFields = headerFields
    self.vocabulary = vocabulary
    self.repertoires = repertoires
    self.writing = writing
  }
}

/// Asks the generator for characters. A request says all there is to know, so that it gives the same
/// characters whenever it is asked: character `index` depends only on the text, the settings and
/// (`rng`, `run`, `index`).
public struct GenerationRequest: Sendable, Equatable {
  public var identifier: Int
  /// The document up to the place that is written, without the bars of other voices.
  public var text: String
  /// The same with the bars of all voices, where the document ends at that place: an author of notes
  /// writes them all on. `nil` where other music stands behind it.
  public var score: String?
  /// The other voices of the document, where it has some.
  var companions: Companions?
  /// What stands behind that place and stays; empty at the end of a tune.
  public var continuation: String
  /// The gap that is to be filled; `nil` where bar follows bar.
  public var gap: Gap?
  public var rng: UInt64
  public var run: Int
  /// How many characters this run has written before.
  public var index: Int
  /// How many characters, or steps of an author of notes; 0 = only say what would be likely.
  public var count: Int
  public var sampling: Sampling
  /// Whether the first character may end the tune.
  public var mayEnd: Bool
  /// The tunes that the model is lent.
  public var book: LentTunes?
  /// Whether the plan of the coming bars is asked for, too.
  public var foresees = false
  /// What an author of notes has drawn behind the text.
  public var unwritten: UnwrittenNotes?
  /// In a replay: the model that wrote it, as the draft names it.
  public var model: Model?

  public struct Model: Hashable, Sendable {
    public var name: String
    /// `ImproviserModel.fingerprint`.
    public var hash: String
  }

  /// - Parameters:
  ///   - version: The version that is written; where, it says itself.
  ///   - tune: Its text, read; asked for only where it may have several voices.
  ///   - readsVoicesApart: Whether other voices are left out, as they are since format 2.
  init(
    identifier: Int, version: History.Version, tune: @autoclosure () -> ParsedTune, count: Int,
    sampling: Sampling, mayEnd: Bool, readsVoicesApart: Bool = true
  ) {
    let open = version.gaps.first
    let place = version.writePoint
    let passage = Passage(
      document: version.text,
      gap: place..<(open.map { $0.isOpen ? place : $0.range.upperBound } ?? place), tune: tune())
    self.init(
      identifier: identifier,
      text: readsVoicesApart ? passage.text : version.text.text(atBytes: 0..<place),
      continuation: passage.continuation, gap: open.flatMap { $0.isEndless ? nil : $0 },
      rng: version.rng, run: version.run, index: version.generatedCount, count: count,
      sampling: sampling, mayEnd: mayEnd)
    unwritten = version.unwritten
    score = Self.score(version.text, before: place)
    if score == nil, readsVoicesApart {
      companions = Companions(version.text, at: place, tune: tune())
    }
  }

  /// A document up to a place with which it ends; `nil` where something follows.
  static func score(_ document: String, before place: Int) -> String? {
    let bytes = document.utf8
    guard bytes.dropFirst(place).allSatisfy({ [0x20, 0x0A, 0x0D].contains($0) }) else { return nil }
    return document.text(atBytes: 0..<place)
  }

  init(
    identifier: Int, text: String, continuation: String = "", gap: Gap? = nil, rng: UInt64,
    run: Int, index: Int, count: Int, sampling: Sampling, mayEnd: Bool
  ) {
    self.identifier = identifier
    self.text = text
    self.continuation = continuation
    self.gap = gap
    self.rng = rng
    self.run = run
    self.index = index
    self.count = count
    self.sampling = sampling
    self.mayEnd = mayEnd
  }
}

/// Asks the generator for several ways to fill the gaps of one text, all at once.
public struct FillRequest: Sendable, Equatable {
  public var identifier: Int
  /// The whole document, before anything is filled.
  public var document: String
  public var gaps: [Gap]
  public var rng: UInt64
  /// The version that each candidate is written into; which random numbers it draws follows from it.
  public var runs: [Int]
  public var sampling: Sampling
  /// How many bytes of the document behind the last gap are counted in the ranking.
  public var following: Int
  /// The tunes that the model is lent.
  public var book: LentTunes?
}

/// Ways to fill gaps, as the model wrote them.
public struct FillResult: Sendable, Equatable {
  public struct Candidate: Sendable, Equatable {
    public var run: Int
    /// What was written into each gap; fewer than there are gaps where it could not be ended.
    public var pieces: [[GeneratedCharacter]]
    /// How surprising what was written is to the model, in bits.
    public var bits: Float
    /// How surprising what follows is after it, in bits.
    public var bitsAfter: Float
    /// For each piece how many steps of an author of notes it took; empty for characters.
    public var steps: [Int] = []

    public init(run: Int, pieces: [[GeneratedCharacter]], bits: Float, bitsAfter: Float) {
      self.run = run
      self.pieces = pieces
      self.bits = bits
      self.bitsAfter = bitsAfter
    }
  }
  public var request: Int
  public var candidates: [Candidate]

  public init(request: Int, candidates: [Candidate]) {
    self.request = request
    self.candidates = candidates
  }
}

public struct GenerationResult: Sendable, Equatable {
  public var request: Int
  public var characters: [GeneratedCharacter]
  /// Whether the tune ended after these (the empty line itself is left out).
  public var endsTune: Bool
  /// Whether the gap is filled after these.
  public var closesGap: Bool
  public var next: [NextCharacter]
  /// Of `next`'s distribution, in bits.
  public var entropy: Float
  /// Characters of the text that the model does not know, as a sentence; empty when there are none.
  public var unknown: String
  /// What an author of notes did; empty for characters.
  public var steps: [AuthorStep]

  public init(
    request: Int, characters: [GeneratedCharacter], endsTune: Bool, closesGap: Bool = false,
    next: [NextCharacter] = [], entropy: Float = 0, unknown: String = "",
    steps: [AuthorStep] = []
  ) {
    self.request = request
    self.characters = characters
    self.endsTune = endsTune
    self.closesGap = closesGap
    self.next = next
    self.entropy = entropy
    self.unknown = unknown
    self.steps = steps
  }
}

/// What the player does, as heard (device latency taken off).
public struct PlayerReport: Sendable, Equatable {
  public enum State: String, Sendable, Equatable { case stopped, playing, waiting }
  public var state: State
  public var playhead: Tick
  /// A device, `silent`, `log`; shown by `out`.
  public var output: String
  /// Why there is no sound; empty when there is.
  public var silence: String
  /// Whether nothing can be heard, whatever plays.
  public var isSilent: Bool { output.hasPrefix("none") }

  public init(state: State, playhead: Tick, output: String, silence: String) {
    self.state = state
    self.playhead = playhead
    self.output = output
    self.silence = silence
  }
}

/// Something the shell should do, told as a command.
public enum Effect: Sendable, Equatable {
  case generate(GenerationRequest)
  case fill(FillRequest)
  case rank(RankRequest)
  case draw(DrawRequest)
  case cancelGeneration
  /// Judge some texts, when there is time.
  case judge(CritiqueRequest)
  case loadModel(String)
  case play(PlaybackPlan, from: Tick)
  /// The same from the next beat on, where something plays.
  case playAtBeat(PlaybackPlan, from: Tick)
  /// The tune has changed while it plays.
  case updatePlayback(PlaybackPlan, closesNotes: Bool)
  case stopPlaying
  case setLoop(Range<Tick>?)
  case setMetronome(Bool)
  /// Bars of clicks before the music, whenever it begins.
  case setCountIn(Int)
  /// Multiplies every tempo that is played.
  case setTempoScale(Double)
  /// Whether every other round of a loop is silent.
  case setRests(Bool)
  /// Indices into the performance's tracks; the others sound.
  case setMuted(Set<Int>)
  case soundNote(Pitch)
  /// A note that is held until it is let go, or a controller of the instrument it is played on.
  case soundPlayed(PlayedEvent)
  case panic
  case midi(MIDIRequest)
  /// What a musician plays sounds as the tune does: a General MIDI program.
  case setPlayedProgram(Int)
  case journal([JournalEntry])
  /// Never takes the place of a file that exists.
  case writeTune(TuneExport)
  case readFile(path: String)
  /// Read tunes to lend to the model: files as they are typed behind `memory add`, and a tunebook of
  /// phrases from the shelf.
  case readTunes(files: String, shelf: String)
  /// Keep a mood among the musician's own.
  case saveMood(Catalogue.Mood)
  /// Read a file only to look at it.
  case preview(path: String)
  /// Look which files there are.
  case listFiles(folder: String)
  case draft(DraftTask)
  /// Look for files whose names begin like this.
  case findFiles(matching: String)
  /// Look which themes there are now; one was asked for.
  case findThemes(chosen: String?)
  case startEditor(text: String)
  case setClipboard(String)
  case newDraft
  case reload
  case redraw
  case suspend
  case quit
}

/// What to play, and how far it is ready.
public struct PlaybackPlan: Sendable, Equatable {
  public var performance: Performance
  /// The player waits here while the tune grows.
  public var readyUntil: Tick
  public var isGrowing: Bool
}

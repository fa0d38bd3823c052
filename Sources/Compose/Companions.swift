import ABC
import Music
import Notes

/// The other voices of a tune, beside which one voice is written: what sounds in them is given, and read
/// before what the voice gets at the same time.
public struct Companions: Hashable, Sendable {
  /// By start and pitch; ties joined.
  let notes: [PlacedNote]
  /// About which key the voice lies where it has no notes yet, by its place among the others.
  let register: Double

  /// nil where a document has one voice only, or others without notes.
  ///
  /// - Parameters:
  ///   - byte: A place in the voice that is written.
  ///   - tune: The document, read; asked for only where it may have several voices.
  init?(_ document: String, at byte: Int, tune: @autoclosure () -> ParsedTune) {
    guard document.hasVoiceFields else { return nil }
    let tune = tune()
    guard tune.voices.count > 1 else { return nil }
    let voice = tune.voice(atByte: byte, in: Array(document.utf8))
    let joined = NotePlace.joined(tune)
    let notes = joined.indices.filter { $0 != voice }.flatMap { joined[$0] }
    guard !notes.isEmpty, !tune.isPercussion(voice) else { return nil }
    self.notes = notes.sorted { ($0.start, $0.key) < ($1.start, $1.key) }
    register = VoiceSplitter.beginning(tune.voices.count)[voice].register
  }
}

/// The range and manner of a voice, from what it has.
struct VoiceManner {
  /// The keys that it may get: those it has had and a third around them, at least an octave.
  let keys: ClosedRange<Int>
  /// Whether it plays one note at a time.
  let isLine: Bool
  /// About which key it lies.
  let register: Double

  init(_ notes: [PlacedNote], register: Double) {
    let voice = VoiceSplitter.voice(of: notes)
    self.register = voice?.register ?? register
    isLine = voice?.isLine ?? true
    let own = notes.map(\.key)
    let middle = Int(self.register.rounded())
    let low = min((own.min() ?? middle) - 4, middle - 6)
    let high = max((own.max() ?? middle) + 4, middle + 6)
    keys = max(low, 0)...min(max(high, 1), 127)
  }
}

extension NoteAuthor {
  /// Draws the next token of a voice beside others, but none of the keys that would be copied.
  mutating func draw(
    _ task: Task, _ unwritten: UnwrittenNotes, _ place: NotePlace, beside companions: Companions,
    without copied: Set<Int>, uniform: (Int) -> Double
  ) -> UnwrittenNotes.Token {
    let manner = VoiceManner(place.notes, register: companions.register)
    guard !model.isTimed else {
      return drawTimed(task, unwritten, place, companions, manner, copied, uniform)
    }
    let (own, time) = decoded(unwritten, place)
    read(unwritten, place, beside: companions, manner)
    let sounds = own.contains { $0.end > time } || place.held(unwritten).contains { $0.end > time }
    let others = Set(companions.notes.lazy.filter { $0.start == time }.map(\.key))
    let mask = (0..<model.scoreCount).map { token -> Bool in
      switch model.meaning(ofToken: token) {
      case .step, .length: return true
      case .key(let key):
        return manner.keys.contains(key) && !others.contains(key) && !copied.contains(key)
          && !(manner.isLine && sounds)
      case .chord(let classes):
        return !manner.isLine && classes.allSatisfy { manner.keys.contains(60 + $0) }
      case .end, nil: return false
      }
    }
    // A network of chords may know no note of the voice's.
    return reader.draw(
      NoteReader.Temperatures(task.sampling, isTimed: false),
      allowed: mask.contains(true) ? mask : [], uniform: uniform)
  }

  /// Reads what stands before the next token: the voice itself, the others up to now, and of what begins
  /// now in others that which lies below.
  mutating func read(
    _ unwritten: UnwrittenNotes, _ place: NotePlace, beside companions: Companions,
    _ manner: VoiceManner
  ) {
    guard let encoding = model.encoding else {
      let (own, _) = decoded(unwritten, place)
      let cursor = own.last?.start ?? place.end - 1
      return prime(place, unwritten, own, companions.notes.filter { $0.start <= cursor })
    }
    var decoder = NoteDecoder(
      encoding, at: place.end + unwritten.lead, sounding: place.held(unwritten))
    // How many of the tokens were drawn since time passed: these are read as they are.
    var fresh = 0
    for token in unwritten.tokens {
      let before = decoder.time
      decoder.read(token.text)
      fresh = decoder.time == before ? fresh + 1 : 0
    }
    let time = decoder.time
    let known = Self.merged(
      place.notes(holding: place.held(unwritten)) + decoder.notes.filter { $0.start < time },
      companions.notes.filter {
        $0.start < time || $0.start == time && Double($0.key) < manner.register
      })
    let (tokens, _) = model.tokens(of: known, until: time, tempos: place.tempos)
    reader.prime(with: tokens + unwritten.tokens.suffix(fresh).map(\.text))
  }

  private mutating func prime(
    _ place: NotePlace, _ unwritten: UnwrittenNotes, _ own: [PlacedNote], _ others: [PlacedNote]
  ) {
    let known = Self.merged(place.notes(holding: place.held(unwritten)) + own, others)
    reader.prime(with: model.tokens(of: known, tempos: place.tempos).tokens)
  }

  private static func merged(_ own: [PlacedNote], _ others: [PlacedNote]) -> [PlacedNote] {
    (own + others).sorted { ($0.start, $0.key) < ($1.start, $1.key) }
  }

  /// The next note of pitch, step and duration: it begins before the next one of the others, or that one is
  /// read first.
  private mutating func drawTimed(
    _ task: Task, _ unwritten: UnwrittenNotes, _ place: NotePlace, _ companions: Companions,
    _ manner: VoiceManner, _ copied: Set<Int>, _ uniform: (Int) -> Double
  ) -> UnwrittenNotes.Token {
    let (own, _) = decoded(unwritten, place)
    let cursor = own.last?.start ?? place.end - 1
    var read = companions.notes.filter { $0.start <= cursor }
    var coming = companions.notes.filter { $0.start > cursor }[...]
    let mask = (0..<128).map { manner.keys.contains($0) && !copied.contains($0) }
    let ticksPerSecond = place.quartersPerMinute / 60 * Double(Tick.perQuarter)
    var turn = 0
    while true {
      prime(place, unwritten, own, read)
      // Whose turn it is, the network says: by a key that is not this voice's it lets the others go on.
      let next = coming.first.flatMap { $0.start < place.barEnd ? $0 : nil }
      let token = reader.draw(
        NoteReader.Temperatures(task.sampling, isTimed: true),
        allowed: next == nil && mask.contains(true) ? mask : []
      ) { uniform($0 + 5 * min(turn, 2)) }
      guard var note = TimedNote(token: token.text) else { return token }
      if let next, !mask[note.pitch] {
        read.append(next)
        coming.removeFirst()
        turn += 1
        continue
      }
      let last =
        [own.last, read.last, place.notes.last].compactMap { $0?.start }.max() ?? place.end
      let start = min(last + Int(Double(max(note.step, 0)) * ticksPerSecond), next?.start ?? .max)
      // The token counts from the voice's own last note.
      let drawn = unwritten.tokens.compactMap { TimedNote(token: $0.text) }
      let from =
        TimedNote.placed(
          drawn, quartersPerMinute: place.quartersPerMinute,
          from: place.notes.last?.start ?? place.end
        ).last?.start ?? place.notes.last?.start ?? place.end
      note.step = Float(Double(max(start, place.end) - from) / ticksPerSecond)
      var moved = token
      moved.text = note.token
      return moved
    }
  }
}

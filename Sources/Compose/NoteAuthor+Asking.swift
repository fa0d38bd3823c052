import Notes

/// What is likely to be drawn next.
extension NoteAuthor {
  /// The likeliest next notes, chords and lengths, the likeliest first, and their entropy in bits.
  /// Keys and chords are named as ABC writes them; of pitch, step and duration the two times come
  /// first, as the network says them.
  public mutating func outlook(
    _ request: GenerationRequest, top: Int = 12
  ) -> (next: [NextCharacter], entropy: Float) {
    let place = NotePlace(
      request.score ?? request.text, barLength: request.gap?.length,
      writesVoices: request.score != nil)
    let unwritten = request.unwritten ?? Self.empty(place)
    if request.score == nil, let companions = request.companions {
      read(
        unwritten, place, beside: companions,
        VoiceManner(place.notes, register: companions.register))
    } else {
      read(unwritten, place)
    }
    return outlook(fifths: place.transcriber.fifths, top: top)
  }

  private mutating func outlook(fifths: Int, top: Int) -> (next: [NextCharacter], entropy: Float) {
    let probabilities = reader.probabilities()
    let order = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    var next = order.prefix(max(0, top)).map { place in
      NextCharacter(
        character: model.name(ofToken: place, fifths: fifths),
        probability: Float(probabilities[place]))
    }
    if model.isTimed {
      let outputs = reader.outputs()
      let times = [("step", outputs[128]), ("length", outputs[129])].map { name, seconds in
        NextCharacter(
          character: "\(name) \(Double(max(0, seconds)).formatted(decimals: 2))s", probability: 1)
      }
      next = Array((times + next).prefix(max(0, top)))
    }
    return (next, Float(reader.entropyBits()))
  }

  /// What follows what the author has read last, as after `write`.
  public mutating func outlook(after request: GenerationRequest, _ written: WrittenPassage) -> (
    next: [NextCharacter], entropy: Float
  ) {
    var request = request
    request.text += written.characters.map(\.character).joined()
    request.score = request.score.map { $0 + written.characters.map(\.character).joined() }
    request.unwritten = written.steps.last?.unwritten ?? request.unwritten
    return outlook(request)
  }
}

extension NoteModel {
  /// A token for people: `^f`, `[ceg]`, `next step`, `length 3`.
  public func name(ofToken place: Int, fifths: Int = 0) -> String {
    guard case .tokens(_, let vocabulary) = network else {
      return place == end?.place ? "end" : BarTranscriber.name(of: place, fifths: fifths)
    }
    switch vocabulary.meanings[place] {
    case .step: return "next step"
    case .end: return "end"
    case .length(let count): return "length \(count)"
    case .key(let key): return BarTranscriber.name(of: key, fifths: fifths)
    case .chord(let classes):
      return "[" + classes.map { BarTranscriber.name(of: 60 + $0, fifths: fifths) }.joined() + "]"
    case nil: return vocabulary.tokens[place]
    }
  }
}

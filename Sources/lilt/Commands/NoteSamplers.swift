import Corpus
import Neural
import Training

/// Draws music of a network of tokens.
struct NoteSampler {
  let network: RecurrentNetwork
  let vocabulary: [String]

  /// Goes on from some tokens, or from nothing; unknown ones are passed over.
  func tokens(
    after start: [String] = [], count: Int, temperature: Double, rng: UInt64, run: UInt64 = 0
  ) -> [String] {
    let index = Dictionary(vocabulary.enumerated().map { ($1, $0) }) { first, _ in first }
    let settings = SamplerSettings(temperature: temperature)
    var sampler = Sampler(vocabularySize: vocabulary.count)
    var state = network.makeState()
    var logits = [Float](repeating: 0, count: vocabulary.count)
    for token in start.compactMap({ index[$0] }) {
      network.step(token, state: &state, logits: &logits)
    }
    var result: [String] = []
    for place in 0..<count {
      let chance = RandomSource.uniform(rng: rng, run: run, index: UInt64(place))
      let token = sampler.pick(logits, settings, uniform: chance).token
      result.append(vocabulary[token])
      network.step(token, state: &state, logits: &logits)
    }
    return result
  }
}

/// Draws music of a network of notes as pitch, step and duration.
struct TimedNoteSampler {
  let network: LayeredNetwork
  /// Notes that it reads to foretell one.
  let window: Int

  /// Scores of the 128 pitches, then step and duration of the note after some.
  func foretell(_ notes: ArraySlice<TimedNote>) -> [Float] {
    var state = network.makeState()
    var results = [Float](repeating: 0, count: NoteTrainer.outputs)
    for note in notes.suffix(window) {
      network.step(note.numbers, state: &state, results: &results)
    }
    return results
  }

  /// Goes on from some notes, or from a single middle D.
  func notes(
    count: Int, after start: [TimedNote], temperature: Double, rng: UInt64, run: UInt64 = 0
  ) -> [TimedNote] {
    var notes = start.isEmpty ? [TimedNote(pitch: 62, step: 0, duration: 0.25)] : start
    let before = start.count
    let settings = SamplerSettings(temperature: temperature)
    var sampler = Sampler(vocabularySize: 128)
    for index in 0..<count {
      let results = foretell(notes[...])
      let chance = RandomSource.uniform(rng: rng, run: run, index: UInt64(index))
      let pitch = sampler.pick(Array(results[..<128]), settings, uniform: chance).token
      notes.append(
        TimedNote(pitch: pitch, step: max(0, results[128]), duration: max(0, results[129])))
    }
    return Array(notes.dropFirst(before))
  }
}

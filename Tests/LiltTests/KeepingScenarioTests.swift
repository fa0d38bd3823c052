import Compose
import Foundation
import Testing

@testable import lilt

/// Bars that are kept, and others written anew around them, as a musician's keys go.
@Suite(.serialized) struct KeepingScenarioTests {
  /// Sixteen bars and a pickup, two parts of eight with repeats.
  private static let tune =
    "X:1\nT:Sixteen\nR:jig\nM:6/8\nL:1/8\nQ:3/8=120\nK:D\n"
    + "A|:dAF DFA|ded cBA|dcd efg|fdf ece|dAF DFA|ded cBA|gfe dcB|AFE D2A:|\n"
    + "|:fef dfa|gfg ecA|fef dfa|gec d2A|fef dfa|gfg ecA|Bcd efg|fec d2A:|\n"

  private func composer(audio: String? = nil) throws -> RunningComposer {
    let place = try Workplace()
    let file = try place.write(Self.tune, to: "sixteen.abc")
    let composer = try RunningComposer([file], in: place, audio: audio)
    _ = try composer.status(within: 20) { $0.model != "" }
    return composer
  }

  /// What stands between the bar lines.
  private func parts(_ text: String) -> [Substring] {
    text.split(separator: "|", omittingEmptySubsequences: false)
  }

  @Test func `two places of a tune are written anew in eleven keys, all else is kept`() throws {
    let composer = try composer()
    let keys = [["3", "G", "2", "A"], ["Enter"], ["1", "3", "G", "2", "A"], ["Enter"]]
    #expect(keys.joined().count == 11)
    for key in keys[0] { composer.keys(key) }
    #expect(composer.wait("alternatives for bars 3-4", 15))
    let first = try composer.status(within: 20) { ($0.alternatives?.ready ?? 0) >= 1 }
    #expect(first.alternatives?.name == "bars 3-4")
    composer.keys(keys[1][0])
    let once = try composer.status { $0.alternatives == nil }
    for key in keys[2] { composer.keys(key) }
    #expect(composer.wait("alternatives for bars 13-14", 15))
    _ = try composer.status(within: 20) { ($0.alternatives?.ready ?? 0) >= 1 }
    composer.keys(keys[3][0])
    let twice = try composer.status { $0.alternatives == nil && $0.text != once.text }

    let before = parts(Self.tune)
    let after = parts(twice.text)
    #expect(before.count == after.count)
    let changed = before.indices.filter { before[$0] != after[$0] }
    // The pickup and the repeat sign are pieces 0 and 1.
    #expect(changed.allSatisfy { [3, 4, 14, 15].contains($0) }, "\(changed)")
    #expect(changed.contains { $0 < 8 } && changed.contains { $0 > 8 })
    #expect(Score(text: twice.text).completeBars == Score(text: Self.tune).completeBars)
    #expect(twice.warnings.isEmpty, "\(twice.warnings)")
  }

  @Test func `locked bars keep every byte, and what would change them names them`() throws {
    let composer = try composer()
    composer.keys("1", "G", "v", "w", "L")
    let kept = try composer.status { $0.locks.count == 2 }.locks
    #expect(kept.map(\.bars) == ["bar 1", "bar 2"])
    // Over the lock: refused by name, and nothing is asked of the model.
    composer.keys("2", "G", "v", "w", "A")
    let refused = try composer.status { $0.message.contains("locked and stay") }
    #expect(refused.message.contains("2"), "\(refused.message)")
    #expect(refused.alternatives == nil)
    #expect(refused.text == Self.tune)
    composer.keys("Esc", "2", "G", "x")
    #expect(try composer.status { $0.message.contains("locked and stay") }.text == Self.tune)
    composer.type(":transpose 2")
    composer.keys("Enter")
    #expect(try composer.status { $0.message.contains("locked and stay") }.text == Self.tune)
    // Beside the lock: written.
    composer.keys("3", "G", "v", "w", "A")
    _ = try composer.status(within: 20) { ($0.alternatives?.ready ?? 0) >= 1 }
    composer.keys("Enter")
    let written = try composer.status { $0.alternatives == nil && $0.text != Self.tune }
    #expect(written.locks.map(\.text) == kept.map(\.text))
    for lock in kept { #expect(written.text.contains(lock.text)) }
  }

  @Test func `the candidates stand in the order that a score of the tune gives`() throws {
    let composer = try composer()
    // Fewer than eight bars follow, so that the rank counts the tune to its end.
    composer.keys("1", "1", "G", "v", "w", "A")
    let open = try composer.status(within: 30) { $0.alternatives?.ready == 4 }
    let alternatives = try #require(open.alternatives)
    let ranked = zip(alternatives.bits, alternatives.bitsAfter).map { $0 + $1 }
    #expect(ranked.count >= 2)
    #expect(ranked == ranked.sorted())
    composer.keys("Esc", "Q")
    #expect(composer.program.waitForExit() == 0)

    let totals = try alternatives.texts.dropFirst().prefix(ranked.count).map { text -> Double in
      try composer.workplace.write(text, to: "candidate.abc")
      let scored = try composer.workplace.run(
        ["score", "candidate.abc", "--json", "--precision", "auto"])
      let tune = try JSONDecoder().decode(Scored.self, from: Data(scored.output.utf8))
      return tune.bitsPerBodyCharacter * Double(tune.characters)
    }
    // The order is the same wherever two candidates are more than a bit apart.
    for (one, other) in zip(totals, totals.dropFirst()) { #expect(one <= other + 1) }
  }

  @Test func `candidates are changed on the beat while a loop goes round, and none is lost`() throws
  {
    let composer = try composer(audio: "a.jsonl")
    composer.type(":tempo 140\r:loop 3-4\r")
    _ = try composer.status { $0.loop == "3-4" }
    composer.keys("3", "G", "Space")
    #expect(composer.wait("LOOP 3-4"))
    composer.keys("v", "w", "A")
    let open = try composer.status(within: 30) { $0.alternatives?.ready == 4 }
    let alternatives = try #require(open.alternatives)
    #expect(alternatives.texts.count == 5)
    for number in [1, 2, 0, 3, 4, 0] {
      composer.keys("\(number)")
      #expect(composer.wait("> \(number)"))
      let count = beats(composer.heard("a.jsonl")).count
      #expect(
        composer.program.waitUntil(seconds: 10 * RunningComposer.patience) {
          beats(composer.heard("a.jsonl")).count >= count + 3
        })
    }
    composer.keys("Esc")
    _ = try composer.status { $0.alternatives == nil }
    composer.keys("Space")
    #expect(composer.wait("STOP"))
    let heard = composer.heardWhenQuiet("a.jsonl")
    #expect(SoundEvent.hanging(in: heard).isEmpty)

    // What each would play in each beat of the loop: what is heard must be one of them, whole.
    let wanted = alternatives.texts.map { keysByBeat(of: $0, bars: 3...4) }
    // Where it was stopped a beat may have been cut off.
    var played = Set<Int>()
    for beat in beats(heard).dropLast() {
      let same = wanted.indices.filter { wanted[$0][beat.place, default: []] == beat.keys }
      #expect(!same.isEmpty, "\(beat)")
      if same.count == 1 { played.formUnion(same) }
    }
    #expect(played == Set(wanted.indices))
    // Beat after beat, round and round: no place is left out, and none comes twice.
    for (one, next) in zip(beats(heard), beats(heard).dropFirst()) {
      var place = one.place.next
      while place != next.place, wanted.contains(where: { $0[place] == nil }) { place = place.next }
      #expect(place == next.place, "\(one) \(next)")
    }
  }

  /// A beat of bars 3 and 4 in 6/8.
  private struct Beat: Hashable {
    var bar: Int
    var beat: Int
    var next: Beat {
      beat == 1 ? Beat(bar: bar, beat: 2) : Beat(bar: bar == 3 ? 4 : 3, beat: 1)
    }
  }

  /// The notes that begin in each beat, in the order in which they were heard; beats without one are
  /// left out.
  private func beats(_ events: [SoundEvent]) -> [(place: Beat, keys: [Int])] {
    var beats: [(place: Beat, keys: [Int])] = []
    for event in events where event.type == "on" {
      guard let bar = event.bar, let beat = event.beat, let key = event.key else { continue }
      let place = Beat(bar: bar, beat: Int(beat))
      if beats.last?.place == place {
        beats[beats.count - 1].keys.append(key)
      } else {
        beats.append((place, [key]))
      }
    }
    return beats
  }

  private func keysByBeat(of text: String, bars: ClosedRange<Int>) -> [Beat: [Int]] {
    let score = Score(text: text)
    var keys: [Beat: [Int]] = [:]
    var last = 0
    for note in score.performance.notes {
      let place = score.position(at: note.start)
      // Up to the repeat.
      if place.bar < last { break }
      last = place.bar
      guard bars.contains(place.bar) else { continue }
      keys[Beat(bar: place.bar, beat: place.beat), default: []].append(Int(note.pitch.key))
    }
    return keys
  }

  private struct Scored: Decodable {
    var bitsPerBodyCharacter: Double
    var characters: Int

    enum CodingKeys: String, CodingKey {
      case bitsPerBodyCharacter = "bits_per_body_character"
      case characters
    }
  }
}

import ABC
import MIDI
import Music
import Testing

/// However the notes of a file are held, it is written as if each were held in full: legato into the
/// next, detached with rests behind, for a tick.
@Suite struct ArticulationTests {
  /// Tunes made by dice in 4/4, of one voice, with rests of the length of a note behind some.
  private func tune(_ dice: inout Dice, rests percent: Int = 0) -> FileMaker {
    let scale = [62, 64, 66, 67, 69, 71, 73, 74, 76]
    let patterns = [[1.0], [0.5, 0.5], [0.5, 0.5], [1.5, 0.5], [2]]
    var notes: [(Int, Double)] = []
    var now = 0.0
    while now < 32 {
      for length in patterns.randomElement(using: &dice)! {
        notes.append((scale.randomElement(using: &dice)!, length))
        now += length
        if Int.random(in: 0..<100, using: &dice) < percent {
          notes.append((0, length))
          now += length
        }
      }
    }
    notes.append((62, 4 - now.truncatingRemainder(dividingBy: 4)))
    var maker = FileMaker(voices: [FileMaker.line(notes)], key: (2, false))
    maker.division = [96, 480, 960].randomElement(using: &dice)!
    return maker
  }

  private func written(_ maker: FileMaker) throws -> [String] {
    music(abcTranscription(of: try maker.reread()) { ParsedTune(text: $0).performance() })
  }

  @Test func `notes held too long by one measure are one voice, with few exceptions`() throws {
    var odd: [String] = []
    for seed in 0..<40 {
      var dice = Dice(state: UInt64(seed))
      var maker = tune(&dice)
      let wanted = try written(maker)
      let percent = Int.random(in: 102...135, using: &dice)
      let ticks = Int.random(in: 1...maker.division / 5, using: &dice)
      maker.gate = seed % 2 == 0 ? { $0 * percent / 100 } : { $0 + ticks }
      guard try written(maker) != wanted else { continue }
      odd.append("\(seed % 2 == 0 ? "\(percent) %" : "\(ticks) ticks") of \(maker.division)")
    }
    #expect(odd.count <= 2, "\(odd)")
  }

  @Test func `fingers that stay now longer, now shorter seldom make voices`() throws {
    var (kept, whole) = (0, 0)
    for seed in 0..<40 {
      var dice = Dice(state: UInt64(seed))
      var maker = tune(&dice)
      maker.division = 480
      let wanted = try written(maker)
      let others = [95, 100][seed / 4 % 2]
      // The last note is held as the others are that touch nothing.
      let last = maker.voices[0].count - 1
      for index in maker.voices[0].indices {
        let isHeld = index < last && Int.random(in: 0..<100, using: &dice) < 15
        let percent = isHeld ? Int.random(in: 100...148, using: &dice) : others
        maker.voices[0][index].length *= Double(percent) / 100
      }
      let found = try written(maker)
      if found.count == wanted.count { whole += 1 }
      if found == wanted { kept += 1 }
    }
    #expect(whole >= 34, "\(whole) of 40 in one voice")
    #expect(kept >= 24, "\(kept) of 40 as they were")
  }

  @Test(arguments: Array(0..<60))
  func `rests as long as the notes before them stay at every gate`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed))
    let share = [10, 30, 40, 50, 60, 70][seed % 6]
    var maker = tune(&dice, rests: share)
    maker.division = 480
    let wanted = try written(maker)
    for percent in [50, 60, 66, 75, 85, 90, 92, 95, 98] {
      maker.gate = { $0 * percent / 100 }
      #expect(try written(maker) == wanted, "\(share) % rests, gate \(percent) %")
    }
  }

  @Test func `off-beats and bass lines keep their rests`() throws {
    let notes: [(Int, Double)] = [
      (62, 0.5), (0, 0.5), (66, 0.5), (0, 0.5), (69, 0.5), (0, 0.5), (74, 0.5), (0, 0.5),
      (73, 0.5), (71, 0.5), (69, 0.5), (67, 0.5), (66, 1), (62, 0.5), (0, 0.5),
      (62, 1.5), (0, 0.5), (64, 1), (0, 1), (66, 4),
    ]
    for percent in [90, 92, 95, 98, 100] {
      var maker = FileMaker(voices: [FileMaker.line(notes)], key: (2, false))
      maker.gate = { $0 * percent / 100 }
      #expect(
        try written(maker) == ["DzFz Azdz|cBAG F2Dz|D3z E2z2|F8|]"], "\(percent) %")
    }
  }

  @Test(arguments: Array(0..<20))
  func `two voices in one track stay two, however long their notes are held`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed))
    var maker = tune(&dice)
    maker.division = 480
    let bars = Int(((maker.voices[0].last?.start ?? 0) / 4).rounded(.down)) + 1
    let bass = (0..<bars * 2).map {
      FileMaker.Note(
        key: [38, 43, 45].randomElement(using: &dice)!, start: Double($0) * 2, length: 2)
    }
    maker.voices = [maker.voices[0] + bass]
    let wanted = try written(maker)
    for ticks in [-40, -24, 10, 30, 60] {
      maker.gate = { $0 + ticks }
      #expect(try written(maker) == wanted, "\(ticks) ticks")
    }
    for percent in [85, 95, 110] {
      maker.gate = { $0 * percent / 100 }
      #expect(try written(maker) == wanted, "\(percent) %")
    }
  }

  @Test func `notes of one tick are written as those of five`() throws {
    var maker = FileMaker(
      voices: [
        FileMaker.line([
          (62, 1), (66, 0.5), (62, 0.5), (69, 0.5), (62, 0.5), (66, 0.5), (62, 0.5), (64, 1),
          (67, 1),
          (62, 2),
        ])
      ], key: (2, false))
    maker.gate = { _ in 5 }
    let wanted = try written(maker)
    #expect(wanted.first?.hasPrefix("DzFD ADFD|EzGz") == true, "\(wanted)")
    for ticks in 1...4 {
      maker.gate = { _ in ticks }
      #expect(try written(maker) == wanted, "\(ticks) ticks")
    }
  }
}

import ABC
import Music

/// Where a run that follows the meter stops: behind the bar line of the last bar it was asked for.
struct PhraseEnd {
  var voice: Int
  /// The bar after which it stops; `nil` where it does not.
  var target: Int?
  /// Whether it goes on until a bar comes to rest.
  var needsCadence = false

  init(voice: Int, target: Int) {
    self.voice = voice
    self.target = target
  }

  init(_ run: Run, _ targetBar: Int, _ rule: Sampling.StopRule) {
    voice = run.voice
    switch run.goal {
    case .bars(let wanted): target = wanted
    case .rule where rule == .phrase: target = targetBar
    case .rule where rule == .cadence:
      target = targetBar
      needsCadence = true
    case .rule, .characters, .gaps: target = nil
    }
  }

  /// Whether the next character, which does not belong to the closing bar line any more, is left
  /// for later.
  ///
  /// - Parameter written: How many characters the version has from the model.
  func isReached(
    before character: GeneratedCharacter, at head: Int, in score: Score, written: Int
  ) -> Bool {
    guard let target, written > 0, let next = character.character.first, !"|:]".contains(next)
    else { return false }
    // An ending's number belongs to the bar line before it.
    if next.isNumber || next == "[" { return false }
    guard
      let last = score.parsed.bars.last(where: {
        $0.voice == voice && $0.range.lowerBound < head
      }), last.isClosed, last.range.upperBound == head
    else { return false }
    guard score.completeBars(ofVoice: voice, before: head) >= target else { return false }
    return !needsCadence || score.comesToRest(before: head, voice: voice)
  }
}

extension Score {
  /// Whether the last note of a voice before a byte is the tonic, held for a beat at least.
  func comesToRest(before byte: Int, voice: Int) -> Bool {
    let last = parsed.notes.last {
      $0.voice == voice && $0.kind == .note && $0.range.upperBound <= byte
    }
    guard let last, let key = last.pitch?.key, let name = KeyName(parsed.header.key) else {
      return false
    }
    let tonic = ((name.tonic * 7) % 12 + 12) % 12
    return (key % 12 + 12) % 12 == tonic && last.length >= parsed.header.beatLength
  }
}

/// Where a run that follows the meter stops: behind the bar line of the last bar it was asked for.
struct PhraseEnd {
  var voice: Int
  /// The bar after which it stops; `nil` where it does not.
  var target: Int?

  init(voice: Int, target: Int) {
    self.voice = voice
    self.target = target
  }

  init(_ run: Run, _ targetBar: Int, _ rule: Sampling.StopRule) {
    voice = run.voice
    switch run.goal {
    case .bars(let wanted): target = wanted
    case .rule where rule == .phrase: target = targetBar
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
    return score.completeBars(ofVoice: voice, before: head) >= target
  }
}

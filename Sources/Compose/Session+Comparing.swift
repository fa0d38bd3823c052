import ABC
import Music

/// Two texts of a list side by side: seen, heard, and one of them taken.
extension Session {
  /// `pick compare`: marks the chosen entry, or compares it with the one that was marked.
  mutating func compare(_ picker: Picker) -> [Effect] {
    guard picker.kind.mayCompare, let chosen = picker.chosen else {
      notice("nothing of this list can be compared")
      return []
    }
    guard let marked = picker.marked.flatMap({ picker.choices[$0] }), marked != chosen else {
      var picker = picker
      picker.mark()
      notice(
        picker.marked == nil
          ? "not compared" : "\(chosen.title): go to another and press the same key to compare")
      return follow(picker)
    }
    guard let left = text(of: marked), let right = text(of: chosen) else { return [] }
    return stopHearing()
      + show(Comparison((marked, left.text), (chosen, right.text), kind: picker.kind))
  }

  mutating func show(_ comparison: Comparison) -> [Effect] {
    let isNew = if case .compare = mode { false } else { true }
    screen.enter(.compare(comparison))
    screen.look(at: Draft(title: comparison.chosen.choice.title, text: comparison.chosen.text))
    if isNew {
      let count = comparison.count.different
      notice(
        count == 0 ? "they are the same, bar by bar" : "\(Session.bars(count)) differ")
    }
    return []
  }

  mutating func edit(_ comparison: Comparison, _ key: EditKey) -> [Effect] {
    var comparison = comparison
    switch key {
    case .up: comparison.move(by: -1)
    case .down: comparison.move(by: 1)
    case .pageUp: comparison.move(by: -8)
    case .pageDown: comparison.move(by: 8)
    case .home: comparison.move(by: -comparison.rows.count)
    case .end: comparison.move(by: comparison.rows.count)
    case .left, .right:
      guard comparison.isRight != (key == .right) else { return [] }
      let before = previewed?.score
      let other = comparison.other
      comparison.choose(right: key == .right)
      let effects = show(comparison)
      guard isHearing, listening.isPlaying, let before else { return effects }
      return effects + goOn(in: comparison, bar: other, before)
    case .tab:
      if isHearing, listening.isPlaying { return stopHearing() }
      return pause() + play(comparison)
    case .enter:
      let effects = leavePicker()
      let chosen = comparison.chosen
      return effects + take(chosen.choice, chosen.text, of: comparison.kind)
    default: return []
    }
    return show(comparison)
  }

  private mutating func play(_ comparison: Comparison) -> [Effect] {
    var comparison = comparison
    guard let score = previewed?.score, let bar = comparison.bar,
      let start = score.performance.bars.first(where: { $0.written == bar })?.start
    else {
      notice("this side has no such bar")
      return []
    }
    comparison.isHeard = true
    screen.enter(.compare(comparison))
    listening.start(at: start)
    return [.play(plan(score), from: start)]
  }

  /// What sounds goes on in the other text at the next beat, in the bar beside the one that sounds.
  ///
  /// - Parameters:
  ///   - other: The bar of the chosen side that stands beside a bar of the side before.
  ///   - before: What was heard until now.
  private mutating func goOn(
    in comparison: Comparison, bar other: (Int) -> Int?, _ before: Score
  ) -> [Effect] {
    guard let score = previewed?.score, let played = before.playedBar(at: player.playhead) else {
      return []
    }
    let bar = other(played.written)
    let inside = player.playhead - played.start
    guard let start = score.performance.bars.first(where: { $0.written == bar })?.start else {
      return stopHearing()
    }
    if start == played.start { return [.updatePlayback(plan(score), closesNotes: true)] }
    return [.playAtBeat(plan(score), from: start + inside)]
  }

  private func plan(_ score: Score) -> PlaybackPlan {
    PlaybackPlan(
      performance: score.performance, readyUntil: score.performance.end, isGrowing: false)
  }
}

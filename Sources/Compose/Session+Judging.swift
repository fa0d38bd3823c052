import ABC
import Analysis

/// The judge: what it says of the tune so far, of takes and of alternatives.
extension Session {
  /// Whether a judge is there: one that has tunes to judge by.
  public var hasJudge: Bool { critic.isPresent }

  /// What was said last of the text on the screen; nil before the first time.
  public var critique: Critique? { critic.critique(of: history.currentIdentifier) }

  /// What was said of a take or an alternative.
  public func critique(of version: History.Identifier) -> Critique? {
    critic.critique(of: version)
  }

  /// How many notes of a known tune are too many; those that a guard of its own kind allows.
  public var mostSharedNotes: Int {
    sampling.writing.copyGuard.notes ?? CopyGuard.Rule.default.notes ?? .max
  }

  /// Whether the musician has asked why, and the judge has still to read the text.
  public var isExplanationDue: Bool { critic.isExplanationDue }

  /// The longest run of notes at the cursor that a known tune has, too.
  public var passageAtCursor: SharedPassage? { critique?.passage(atByte: cursor) }

  /// Texts that are judged with one request.
  private static let subjectsAtOnce = 8
  /// Takes on either side of the current one that are judged.
  private static let takesAround = 16
  /// Longer texts are books, not tunes.
  private static let longestText = 20_000

  /// Asks about what has changed, one request after the other: the text on the screen first, then
  /// alternatives, then takes.
  mutating func askForCritique() -> [Effect] {
    guard critic.isPresent, critic.isIdle else { return [] }
    var subjects: [CritiqueRequest.Subject] = []
    var bars: [History.Identifier: Int] = [:]
    func add(_ version: History.Version, isComplete: Bool, bars count: Int = 0) {
      guard subjects.count < Self.subjectsAtOnce, version.byteCount <= Self.longestText else {
        return
      }
      subjects.append(
        CritiqueRequest.Subject(
          edition: Critic.Edition(version), text: version.text, isComplete: isComplete))
      bars[version.identifier] = count
    }
    let current = history.current
    if !text.isEmpty, !critic.isKnown(Critic.Edition(current)) {
      // While the model writes, what it has written is judged bar by bar.
      let count = parsed.bars.count
      if writer.run == nil || critic.bars(of: current.identifier) != count {
        add(current, isComplete: isAtEnd(current), bars: count)
      }
    }
    for version in versionsBeside where !critic.isKnown(Critic.Edition(history.versions[version])) {
      add(history.versions[version], isComplete: isAtEnd(history.versions[version]))
    }
    guard !subjects.isEmpty else { return [] }
    return [.judge(critic.ask(subjects, bars: bars))]
  }

  /// Versions that are seen beside the current one.
  private var versionsBeside: [History.Identifier] {
    if let alternatives {
      return [alternatives.original] + alternatives.candidates.filter(\.isReady).map(\.version)
    }
    guard takes.count > 1, let here = takes.firstIndex(of: history.currentIdentifier) else {
      return []
    }
    let near = max(here - Self.takesAround, 0)..<min(here + Self.takesAround + 1, takes.count)
    return takes[near].filter { $0 != history.currentIdentifier }
  }

  /// Whether a text is a whole tune: the model ended it, or a final bar line does.
  private func isAtEnd(_ version: History.Version) -> Bool {
    if version.identifier == history.currentIdentifier, writer.isPastEnd { return true }
    let last = version.text.utf8.reversed().drop { $0 == 10 || $0 == 32 || $0 == 13 }.prefix(2)
    return last.elementsEqual("]|".utf8)
  }

  /// Takes in what the judge says.
  mutating func receive(_ report: CritiqueReport) {
    guard critic.receive(report) else { return }
    if critic.isExplanationDue, critique != nil {
      critic.isExplanationDue = false
      if mode == .normal { explainCritique() }
    }
    guard let notes = notesWarnedOf, let critique, let passage = critique.longestPassage,
      passage.notes >= notes, critic.warn(of: passage.title)
    else { return }
    notice(words(of: passage))
  }

  /// How many notes of a known tune in a row are told: nothing keeps a network of notes from them.
  private var notesWarnedOf: Int? {
    switch sampling.writing.copyGuard {
    case .warn(let notes): notes
    case .forbid(let notes): model?.writing == .characters ? nil : notes
    case .off: nil
    }
  }

  /// `14 notes as in The Kesh, bars 3-6`.
  public func words(of passage: SharedPassage) -> String {
    passage.words + (score.bars(inBytes: passage.bytes).map { ", \(barNames($0))" } ?? "")
  }

  /// Opens what the judge says, mark by mark.
  mutating func explainCritique() {
    guard critic.isPresent else {
      notice("there is no repertoire beside the model: nothing to judge by ('lilt repertoire')")
      return
    }
    critic.isExplanationDue = false
    guard critique == nil else {
      screen.enter(.critique(scroll: 0))
      return
    }
    if text.isEmpty {
      complain("there is no tune yet to judge")
    } else if text.utf8.count > Self.longestText {
      complain("the text is too long to be judged")
    } else {
      critic.isExplanationDue = true
      notice("the judge reads the tune")
    }
  }
}

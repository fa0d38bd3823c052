import Form

/// A bar as it is written, for saying it again: what comes next at each beat.
///
/// The text of the bar is cut after each note. A bar in progress that stands at the same beat, with
/// the same characters since, goes on as this one does; one that has gone its own way finds back at the
/// next beat at which both have a note.
struct BarPointer: Equatable, Sendable {
  /// What is written from one note's end to the next one's.
  struct Step: Equatable, Sendable {
    /// In parts of a whole note from the start of the bar, before broken rhythm moves it.
    var onset: Int
    var text: [Unicode.Scalar]
  }

  private(set) var steps: [Step] = []

  /// The steps of a bar's text.
  ///
  /// - Parameters:
  ///   - text: From the first character of its music to its bar line.
  ///   - reader: A reader of the same tune, for unit length and meter.
  init(_ text: some Sequence<Unicode.Scalar>, _ reader: MelodyReader) {
    var cutter = StepCutter(reader)
    for scalar in text { cutter.read(scalar) }
    steps = cutter.steps + [cutter.step]
    // What follows the last note, a space mostly, belongs to the bar line.
    if let last = steps.last, !last.text.contains(where: { MelodyReader.isNote($0) }) {
      steps.removeLast()
    }
  }

  /// What comes next in a bar in progress; nil where this bar says nothing of it.
  func next(after step: Step, position: Int) -> Unicode.Scalar? {
    for own in steps where own.onset == step.onset && own.text.starts(with: step.text) {
      if own.text.count > step.text.count { return own.text[step.text.count] }
    }
    // The note is whole: at the beat after it the bars may meet.
    guard let tail = Self.tail(of: step.text) else { return nil }
    guard let own = steps.first(where: { $0.onset == step.onset }),
      let ownTail = Self.tail(of: own.text), ownTail.starts(with: tail)
    else { return nil }
    // Another note than this bar's gets the length of the one it stands for.
    if ownTail.count > tail.count { return ownTail[ownTail.startIndex + tail.count] }
    return steps.first { $0.onset == position }?.text.first
  }

  /// What follows the letter and the octave marks of a step's note; nil where it has no note yet.
  private static func tail(of text: [Unicode.Scalar]) -> ArraySlice<Unicode.Scalar>? {
    guard let letter = text.lastIndex(where: { MelodyReader.isNote($0) }) else { return nil }
    return text[(letter + 1)...].drop { $0 == "," || $0 == "'" }
  }
}

/// Cuts the text of a bar into steps while it is read.
struct StepCutter: Equatable, Sendable {
  private(set) var steps: [BarPointer.Step] = []
  private(set) var step = BarPointer.Step(onset: 0, text: [])
  private(set) var reader: MelodyReader

  init(_ reader: MelodyReader) {
    self.reader = reader.atBarStart
  }

  mutating func read(_ scalar: Unicode.Scalar) {
    let notes = reader.bar.notes.count
    let position = reader.position
    reader.read(scalar)
    if reader.bar.notes.count > notes {
      steps.append(step)
      step = BarPointer.Step(onset: position, text: [])
    }
    step.text.append(scalar)
  }
}

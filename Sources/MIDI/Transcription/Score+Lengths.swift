import Music
import Notes

extension Score {
  /// Settles how long every note is written. Starts decide: what ends shortly before another note
  /// begins lasts until there, however detached it was played; only a silence that no way of
  /// playing explains is a rest.
  mutating func judgeLengths(of played: [PlayedNote], steps: BeatSteps, in recording: Recording) {
    let reach =
      steps.isWritten ? recording.reach * Unit.perTick : Unit.perQuarter / 20
    let tracks = Dictionary(grouping: notes.indices, by: { notes[$0].track })
    var lines: [(track: Int, line: PlayedLine)] = []
    for (track, indices) in tracks.sorted(by: { $0.key < $1.key }) {
      lines.append(
        (
          track,
          PlayedLine(
            indices.map { (notes[$0].start, played[$0]) }, reach: reach, isSwung: swing != nil)
        ))
    }
    // Where another part is written out to the tick, so is this one.
    let isNotation = steps.isWritten && lines.contains { $0.line.touching >= 0.8 }
    let manners = lines.map { $0.line.manner(isWritten: steps.isWritten, isNotation: isNotation) }
    // What one part shows in many notes, another may show in few.
    let shared = zip(lines, manners).filter { !$0.1.isWritten }
      .max { $0.0.line.detached < $1.0.line.detached }?.1
    for ((track, line), own) in zip(lines, manners) {
      let manner = own.isWritten ? shared.flatMap { line.agrees(with: $0) ? $0 : nil } ?? own : own
      let isDrums =
        recording.performance.tracks.indices.contains(track)
        && recording.performance.tracks[track].role == .drums
      for index in tracks[track] ?? [] {
        let note = PlayedLine.Note(start: notes[index].start, played: played[index])
        let isHit = isDrums && !manner.isWritten
        notes[index].end =
          isHit
          ? line.endOfHit(note) : line.end(of: note, played: manner, steps: steps, reach: reach)
      }
    }
    end = steps.isWritten ? max(end, 0) : notes.map(\.end).max() ?? 0
  }
}

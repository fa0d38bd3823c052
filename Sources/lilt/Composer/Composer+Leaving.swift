import Compose
import Glibc
import TUI

/// Leaving, and changing from one draft to another: nothing that was made is lost by it.
extension Composer {
  func quit() { isLeaving = true }

  func leave() {
    leaveEditor()
    player.shutdown()
    midi.close()
    generator.cancel()
    control?.finish()
    keepWhatIsUnsaved()
    workshop.finish()
    leaveFollowers()
    hooks.finish(within: 5)
    terminal.leave()
  }

  /// Ends the editor. What it had written by then is kept.
  private func leaveEditor() {
    guard let editor else { return }
    editor.terminate()
    if let text = try? Files.readText(editor.path), text != editor.text {
      farewells.append("what the editor wrote is in \(editor.path)")
    } else {
      unlink(editor.path)
    }
  }

  /// Finishes the journal. A tune that the disk does not take is written wherever there is room.
  private func keepWhatIsUnsaved() {
    if let trouble = journal.finish() {
      farewells.append("\(journal.name) could not be saved: \(trouble)\(rescue())")
      if exitStatus == 0 { exitStatus = Outcome.unwritableOutput.rawValue }
    }
    for other in unfinished {
      guard let trouble = other.finish() else { continue }
      farewells.append("\(other.name) could not be saved: \(trouble)")
      if exitStatus == 0 { exitStatus = Outcome.unwritableOutput.rawValue }
    }
  }

  /// Writes the tune to another place than the state folder.
  ///
  /// - Returns: Where it is, as the end of a sentence.
  private func rescue() -> String {
    guard !session.text.isEmpty else { return "" }
    for folder in [paths.runtime, "/tmp"].compactMap({ $0 }) {
      let path = ExportJob.free(Paths.join(folder, "lilt-\(journal.name).abc"))
      guard (try? Files.write(Array(session.text.utf8), to: path, permissions: 0o600)) != nil
      else { continue }
      return "; its tune is in \(path)"
    }
    return ""
  }

  func watchJournal() {
    let mailbox = mailbox
    journal.onTrouble { trouble in
      mailbox.post(trouble.map { .savingFailed(reason: $0) } ?? .savingRestored)
    }
    if journal.isInMemory {
      perform(session.handle(.noted("this draft is kept in memory only (:w FILE saves the tune)")))
    }
  }

  /// Something about this machine that the first draft has said is true of the next.
  private func sayOnce(_ sentence: String) {
    logger.notice("\(sentence)")
    guard saidOnce.insert(sentence).inserted else { return }
    perform(session.handle(.noted(sentence)))
  }

  func openControl() {
    guard let folder = paths.runtime else {
      sayOnce("'lilt ctl' cannot reach this lilt: XDG_RUNTIME_DIR is not set")
      return
    }
    do {
      control = try ControlServer(folder: folder, draft: journal.name)
    } catch {
      sayOnce("'lilt ctl' cannot reach this lilt: \(error)")
    }
  }

  /// Lets go of one draft and takes another.
  ///
  /// - Parameter isFinished: Whether the journal of the one before was finished already.
  func change(to opening: Opening, isFinished: Bool = false) {
    control?.finish()
    control = nil
    if !isFinished, journal.finish() != nil { unfinished.append(journal) }
    let model = session.model
    var next = opening.session
    next.continueRequests(of: session)
    session = next
    player.setLoop(nil)
    player.setMetronome(false)
    player.setPlayedProgram(0)
    for track in 0..<64 { player.setMuted(track, false) }
    journal = opening.journal
    perform(session.handle(.themesFound(themes.names)))
    readCatalogue()
    tellWiring()
    for event in opening.events { perform(session.handle(event)) }
    if let model { perform(session.handle(.modelLoaded(model))) }
    watchJournal()
    openControl()
    redrawAll()
  }
}

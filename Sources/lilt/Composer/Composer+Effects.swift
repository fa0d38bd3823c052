import ABC
import Audio
import Compose
import FoundationEssentials
import Glibc
import MIDI
import Music
import Neural
import TUI

/// Carrying out what the session asks for.
extension Composer {
  func perform(_ effects: [Effect]) {
    for effect in effects { perform(effect) }
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .generate(let request): generator.answer(request)
    case .fill(let request): generator.answer(request)
    case .rank(let request): generator.answer(request)
    case .draw(let request): generator.answer(request)
    case .cancelGeneration: generator.cancel()
    case .judge(let request): judge.answer(request)
    case .loadModel(let name): loadModel(name.isEmpty ? settings.given(.checkpoint) : name)
    case .play(let plan, let tick): player.play(schedule(plan), from: tick)
    case .playAtBeat(let plan, let tick): player.playAtBeat(schedule(plan), from: tick)
    case .updatePlayback(let plan, let closesNotes):
      player.update(schedule(plan), when: closesNotes ? .atNextBeat : .seamlessly)
    case .stopPlaying: player.stop()
    case .setLoop(let range): player.setLoop(range)
    case .setMetronome(let isOn): player.setMetronome(isOn)
    case .setCountIn(let bars): player.setCountIn(bars)
    case .setTempoScale(let scale): player.setTempoScale(scale)
    case .setRests(let isOn): player.setRests(isOn)
    case .setMuted(let tracks):
      for track in 0..<64 { player.setMuted(track, tracks.contains(track)) }
    case .soundNote(let pitch): player.hear(pitch)
    case .soundPlayed(let event): sound(event)
    case .panic: player.panic()
    case .setPlayedProgram(let program): player.setPlayedProgram(program)
    case .midi(let request): answer(request)
    case .journal(let entries): journal.append(entries)
    case .writeTune(let music):
      let recipe =
        settings.flag(.exportRecipe) ? ["draft \(journal.name)"] + music.recipe : []
      let job = ExportJob(
        music: music, folder: settings.path(.exportFolder),
        export: Export(
          playback: playbackOptions, soundFont: settings.path(.soundFont),
          level: SoundLevel(settings), recipe: recipe,
          // Nothing to say where it is what one expects.
          drawing: ExternalProgram.engraver.isInstalled ? .notation : nil))
      runForFile { job.perform() }
    case .readFile(let path): runForFile { FileWorkshop.readTune(path) }
    case .readTunes(let files, let shelf):
      let description = generator.description
      runForFile { FileWorkshop.readTunes(files, shelf: shelf, for: description) }
    case .saveMood(let mood): save(mood)
    case .preview(let path):
      let box = self.mailbox
      workshop.run {
        FileWorkshop.previewText(path).map { box.post(.previewFound(path: path, text: $0)) }
      }
    case .listFiles(let folder):
      let box = self.mailbox
      workshop.run { box.post(.choicesFound(FileWorkshop.files(in: folder))) }
    case .draft(let task): perform(task)
    case .findFiles(let typed):
      let box = self.mailbox
      workshop.run {
        box.post(.filesFound(FileWorkshop.names(beginningWith: typed), matching: typed))
      }
    case .findThemes(let chosen): findThemes(chosen)
    case .startEditor(let text): startEditor(text)
    case .setClipboard(let text): terminal.copyToClipboard(text)
    case .newDraft: startNewDraft()
    case .reload: reloadTables()
    case .redraw: redrawAll()
    // The editor has the terminal, and its own way to be suspended.
    case .suspend where editor != nil: break
    case .suspend:
      player.release()
      terminal.suspend()
      redrawAll()
    case .quit: quit()
    }
  }

  private func sound(_ event: PlayedEvent) {
    switch event.kind {
    case .noteOn(let pitch, let velocity): player.press(pitch, velocity: velocity)
    case .noteOff(let pitch): player.lift(pitch)
    case .controller(let number, let value): player.steer(controller: number, to: value)
    case .program(let number): player.setPlayedProgram(number)
    }
  }

  /// Keeps a mood in the musician's own file, and tells the session of it.
  private func save(_ mood: Catalogue.Mood) {
    let path = Paths.join(paths.configuration, "moods.toml")
    do throws(FileError) {
      let present = Files.exists(path) ? try Files.readText(path) : ""
      try Files.makeFolder(paths.configuration)
      try Files.write(Array(MoodTable.text(present, with: mood).utf8), to: path)
      readCatalogue()
      perform(session.handle(.noted("mood \(mood.name) is kept in \(path)")))
    } catch {
      perform(session.handle(.fileFailed(sentence: "the mood is not kept: \(error)")))
    }
  }

  /// Reads or writes a file away from the main thread. Its event tells the session, and whoever asked
  /// over the control socket.
  private func runForFile(_ work: @escaping @Sendable () -> Event) {
    let (mailbox, asker) = (mailbox, onFile)
    onFile = nil
    workshop.run {
      let event = work()
      mailbox.post(event)
      asker?(event)
    }
  }

  private var playbackOptions: PlaybackOptions {
    var playback = PlaybackOptions()
    playback.accompaniment = settings.flag(.exportAccompaniment)
    playback.ornaments = settings.flag(.exportOrnaments)
    playback.style = session.ornamentStyle
    return playback
  }

  private func schedule(_ plan: PlaybackPlan) -> Schedule {
    Schedule(
      performance: plan.performance, readyUntil: plan.readyUntil, isGrowing: plan.isGrowing,
      barNumbers: plan.performance.bars.map { played in
        session.heard.parsed.bars.indices.contains(played.written)
          ? session.heard.parsed.bars[played.written].number : 0
      })
  }

  /// Loads a model by name or path; without one, the one that is shipped.
  func loadModel(_ name: String?) {
    let generator = generator
    let precision = options.precision
    do {
      let path = try CheckpointLocator(paths: paths)
        .path(for: name.map(Paths.expandingHome))
      // Said here and not by the generator, so that a key pressed before it starts is remembered.
      perform(session.handle(.modelLoading))
      generator.load(
        path: path, precision: precision, repertoires: settings.list(.repertoires))
    } catch {
      mailbox.post(.modelFailed(error.description))
    }
  }

  /// Hands the text to the musician's own editor and takes it back as one step.
  private func startEditor(_ text: String) {
    guard editor == nil else { return }
    let environment = Paths.processEnvironment()
    let command =
      settings.given(.editorCommand) ?? environment["VISUAL"] ?? environment["EDITOR"] ?? "vi"
    var template = Array("/tmp/lilt-XXXXXX.abc".utf8CString)
    let descriptor = mkstemps(&template, 4)
    guard descriptor >= 0 else {
      mailbox.post(.fileFailed(sentence: "no file for the editor could be made"))
      return
    }
    close(descriptor)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do {
      try Files.write(Array(text.utf8), to: path, durable: false)
    } catch {
      unlink(path)
      mailbox.post(.fileFailed(sentence: "the editor '\(command)' could not be used: \(error)"))
      return
    }
    player.release()
    terminal.pauseScreen()
    let mailbox = mailbox
    editor = EditorProcess(command, on: path, holding: text, keyboard: terminal.fileDescriptor) {
      mailbox.post(.editorEnded(status: $0))
    }
    if editor == nil {
      unlink(path)
      terminal.resumeScreen()
      redrawAll()
      mailbox.post(.fileFailed(sentence: "the editor '\(command)' could not be started"))
    }
  }

  /// Takes the screen and the text back.
  func editorEnded(_ status: Int32) {
    guard let editor else { return }
    self.editor = nil
    terminal.resumeScreen()
    redrawAll()
    defer { unlink(editor.path) }
    guard status == 0 else {
      perform(session.handle(.noted("the editor ended with \(status): nothing changed")))
      return
    }
    do {
      perform(session.handle(.editorReturned(text: try Files.readText(editor.path))))
    } catch {
      perform(session.handle(.fileFailed(sentence: "\(error)")))
    }
  }

  private func startNewDraft() {
    do {
      var sampling = session.sampling
      sampling.forgetTune()
      let opening = try Opening.fresh(
        store: store, settings: settings, rng: session.rngIsFixed ? session.rng : nil,
        sampling: sampling)
      change(to: opening)
    } catch {
      mailbox.post(.fileFailed(sentence: "no new draft: \(error)"))
    }
  }

  /// Answers one line from `lilt ctl`; a command that reads or writes a file when that is done.
  func reply(to line: String, _ answer: @escaping @Sendable (String) -> Void) {
    let words = line.split(separator: " ").map(String.init)
    if words.first == "status" {
      let status = session.status(draft: journal.name)
      guard words.contains("--json") else { return answer(StatusLine.text(of: session)) }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let data = try? encoder.encode(status) else { return answer("error: no status") }
      return answer(String(decoding: data, as: UTF8.self))
    }
    switch Invocation.parse(line) {
    case .failure(let error): answer("usage: \(error)")
    case .success(let invocation):
      let (before, draft) = (session.messageCount, journal.name)
      onFile = { event in
        switch event {
        case .fileFailed(let sentence): answer("error: \(sentence)")
        case .fileWritten(let path, let remarks):
          answer((["wrote \(path)"] + remarks).joined(separator: "\n"))
        case .fileRead(let path, _, _): answer("opened \(path)")
        case .choicesFound(let picker):
          answer("\(picker.choices.count) tunes to choose from (open FILE N opens X:N)")
        default: answer("")
        }
      }
      perform(session.handle(.commanded(invocation)))
      guard onFile != nil else { return }
      onFile = nil
      // Another draft has messages of its own.
      let count = journal.name == draft ? session.messageCount - before : session.messageCount
      let said = session.messages.suffix(max(count, 0))
      if let complaint = said.last(where: { $0.kind == .error }) {
        return answer("error: \(complaint.text)")
      }
      answer(said.map(\.text).joined(separator: "\n"))
    }
  }
}

import ABC

/// What each command does. One switch, without a default: a new command must say what it does.
extension Session {
  mutating func run(_ invocation: Invocation) -> [Effect] {
    let argument = invocation.argument
    let typedCount = invocation.count ?? pendingCount
    let count = max(typedCount ?? 1, 1)
    screen.dropPending()
    if message?.kind == .error { screen.dropMessage() }
    if alternatives != nil, !invocation.name.keepsAlternatives {
      return chooseAlternative() + run(Invocation(invocation.name, argument, count: typedCount))
    }
    if mode == .record, !invocation.name.keepsRecording {
      return endExchange() + finishRecording()
        + run(Invocation(invocation.name, argument, count: typedCount))
    }
    switch invocation.name {
    case .generateToggle:
      if draft.isEditOpen || mode == .insert { return endInsert() + generateToggle() }
      return generateToggle()
    case .generateStep: return pause() + startGenerating(.characters(count))
    case .generateBar:
      let voice = score.voice(atByte: head)
      let bars = score.completeBars(ofVoice: voice, before: head) + count
      return pause() + startGenerating(.bars(bars))
    case .retry: return retry()
    case .retryHere: return retryHere()
    case .barBack: return barBack(count)
    case .alternatives: return openAlternatives(argument, count: typedCount)
    case .alternativeHear: return hearAlternative(argument, count: count)
    case .alternativeChoose: return chooseAlternative()
    case .alternativeReroll: return sayingProgress { $0.rerollAlternatives() }
    case .alternativeHold: holdAlternative()
    case .alternativeDrop: return removeAlternative()
    case .alternativeMore: return sayingProgress { $0.moreLikeThis() }
    case .alternativeComp: return keepWhatWasHeard()
    case .vary: return vary(argument, count: typedCount)
    case .chords: return proposeChords(argument, count: typedCount)
    case .voice: return voice(argument)
    case .lock: return lock(argument)
    case .temperature: return changeTemperature(argument, count: count)
    case .temperatureFocus: focusTemperature(argument)
    case .temperatureReset:
      writer.steer { $0.setTemperature(1, of: .all) }
      announceTemperature()
    case .topP, .topK, .minP, .pace, .ahead, .phrase, .stopRule, .copyGuard, .shape, .parts,
      .cadence,
      .instrument, .scale, .bias, .mix:
      return setValue(invocation.name, to: argument, count: count)
    case .memory: return changeMemory(argument, count: count)
    case .plan: return plan(argument)
    case .mood: return mood(argument)
    case .rng: return setRandomNumber(argument)
    case .bestKey: return takeBestKey()
    case .legal:
      guard let isOn = onOff(argument, now: sampling.isLegal) else { return [] }
      writer.steer { $0.isLegal = isOn }
      notice(sampling.isLegal ? "only correct ABC, bars add up" : "the model may write anything")
    case .choose: return choose(argument)
    case .checkpoint:
      guard !argument.isEmpty else { return ask("checkpoint (name or file)", .checkpoint) }
      return pause() + [.loadModel(argument)]
    case .playToggle: return playToggle(fromBarStart: false)
    case .playBar: return playToggle(fromBarStart: true)
    case .hear: return soundNoteAtCursor()
    case .loop: return toggleLoop(argument)
    case .tempo: return changeTempo(argument, count: typedCount)
    case .tempoTap: return tapTempo()
    case .metronome:
      guard let isOn = onOff(argument, now: hasMetronome) else { return [] }
      listening.setMetronome(isOn)
      notice("metronome \(hasMetronome ? "on" : "off")")
      return [.setMetronome(hasMetronome)]
    case .countIn: return changeCountIn(argument)
    case .practise: return practise(argument)
    case .record: return record(argument)
    case .step: return stepEntry()
    case .tap: return tap(argument)
    case .answer: return answer(argument, count: typedCount)
    case .swing: return changeSwing(argument)
    case .ornaments: return changeOrnaments(argument)
    case .mute: return mute(argument)
    case .solo: return solo(argument)
    case .panic:
      notice("all notes off")
      return [.panic]
    case .halt: return halt()
    case .output: return [.midi(.outputs(argument))]
    case .input: return [.midi(.inputs(argument))]
    case .clock: return [.midi(.clock(argument))]
    case .sound: return setSound(argument)
    case .undo: return undo(count)
    case .redo: return redo(count)
    case .takePrevious: return switchTake(by: -count)
    case .takeNext: return switchTake(by: count)
    case .take: return goToTake(argument, count: typedCount)
    case .tag: return tag(argument)
    case .move: move(argument, count: count)
    case .barNext: moveByBar(count)
    case .barStart: moveToBarStart(count)
    case .barEnd: moveToBarEnd(count)
    case .lineStart: moveCursor(to: lineStart(of: cursor))
    case .lineEnd: moveCursor(to: lineEnd(of: cursor))
    case .phrasePrevious: moveByPhrase(-count)
    case .phraseNext: moveByPhrase(count)
    case .goTo:
      if let typedCount, argument.isEmpty || argument == "end" || argument == "start" {
        return goTo("\(typedCount)")
      }
      return goTo(argument)
    case .find:
      guard argument.isEmpty else {
        find(argument)
        return []
      }
      screen.enter(.find(LineEditor()))
    case .findNext: find("")
    case .findPrevious: find("", backwards: true)
    case .insert: return startInsert()
    case .header: return openHeader()
    case .section: return beginSection(argument)
    case .editor: return pause() + [.startEditor(text: text)]
    case .delete: return deleteAtCursor(count)
    case .select: select(argument)
    case .grab: return grab(argument, count: count)
    case .copy: copy(argument)
    case .cut: return cut(argument)
    case .paste: return pasteRegister(argument)
    case .register: return chooseRegister(argument)
    case .yankSystem:
      let copied = selection.map { text.text(atBytes: score.bytes(ofBars: $0)) } ?? text
      notice("copied \(copied.utf8.count) bytes to the clipboard, where the terminal allows it")
      return [.setClipboard(copied)]
    case .cancel: return cancel()
    case .name: return nameTune(argument)
    case .transpose:
      guard !argument.isEmpty else {
        return ask("transpose by (semitones, or 2 steps)", .transpose)
      }
      return transform(invocation.name, argument)
    case .double, .halve, .invert, .retrograde, .foldRepeats, .unfold:
      return transform(invocation.name, argument)
    case .why: explainNote()
    case .follow, .zoom, .colour, .theme, .motion, .focus, .pane, .messages:
      return changeView(invocation.name, argument)
    case .judge: explainCritique()
    case .redraw: return [.redraw]
    case .open:
      guard !argument.isEmpty else { return look(for: .files(folder: "")) }
      return pause() + [.readFile(path: argument)]
    case .new: return stopPlaying() + pause() + [.newDraft]
    case .export: return export(argument)
    case .write: return write(argument)
    case .keep: return keep(argument)
    case .shelf: return openShelf(argument)
    case .form: return buildForm(argument)
    case .takeList: return pickTake()
    case .history: return pickVersion()
    case .pick: return pick(argument)
    case .drafts: return drafts(argument)
    case .set: return set(argument)
    case .commandLine: screen.enter(.commandLine(LineEditor(argument)))
    case .help:
      var list = HelpList()
      list.query.set(argument)
      screen.enter(.help(list))
    case .tutor: tutor(argument)
    case .reload: return [.reload]
    case .suspend: return stopPlaying() + pause() + [.suspend]
    case .quit, .quitNow:
      if invocation.name == .quit, mode != .normal {
        return cancel()
      }
      return stopPlaying() + pause() + [.quit]
    }
    return []
  }

  /// Asks for alternatives; what is said of it is taken back once they are there.
  private mutating func sayingProgress(_ ask: (inout Session) -> [Effect]) -> [Effect] {
    let effects = ask(&self)
    if alternatives?.requests.isEmpty == false { screen.beginProgress() }
    return effects
  }

  /// Leaves whatever is open; nothing is lost.
  mutating func cancel() -> [Effect] {
    screen.dropPending()
    switch mode {
    case .insert: return endInsert()
    case .select: endSelection()
    case .audition: return dropAlternatives()
    case .grab: return endGrab()
    case .record: return endExchange() + finishRecording()
    case .picker, .compare: return leavePicker()
    case .theme(let picker):
      screen.arrange { $0.theme = picker.before }
      screen.enter(.normal)
    case .normal:
      if practice != nil { return endPractice() }
      if selection != nil {
        endSelection()
        return []
      }
      screen.dropMessage()
      // What was being written by a key is taken as it is.
      if generator == .priming { return pause() }
    default: screen.enter(.normal)
    }
    return []
  }

  /// What `on`, `off`, or nothing makes of a switch; nil, with a sentence, for anything else.
  mutating func onOff(_ argument: String, now isOn: Bool) -> Bool? {
    switch argument {
    case "": return !isOn
    case "on", "off": return argument == "on"
    default:
      complain("'\(argument)' is neither on nor off")
      return nil
    }
  }

  mutating func ask(_ question: String, _ command: CommandName, _ value: String = "")
    -> [Effect]
  {
    var line = LineEditor(value)
    line.selectAll()
    screen.enter(.prompt(Prompt(question: question, command: command, line: line)))
    return []
  }

  private mutating func nameTune(_ title: String) -> [Effect] {
    guard !title.isEmpty else {
      let present = parsed.header.titles.first ?? draftTitle
      return ask("title", .name, present)
    }
    draft.rename(title)
    notice("named \(title)")
    guard parsed.body.lowerBound > 0 else { return [] }
    return whilePaused { $0.setHeaderField("T", to: title, kind: .header) }
  }

  // MARK: - The sampler's values

  private mutating func changeTemperature(_ argument: String, count: Int) -> [Effect] {
    let focus = sampling.focus
    let present = sampling.temperature(of: focus)
    var digits = argument.trimmingSpaces()
    if digits.isEmpty || digits == "=" {
      return ask("temperature (\(name(of: focus)))", .temperature, present.formatted(decimals: 2))
    }
    let isRelative = digits.hasPrefix("+") || digits.hasPrefix("-")
    if digits.hasPrefix("=") { digits = String(digits.dropFirst()).trimmingSpaces() }
    guard let value = Double(digits), value.isFinite else {
      complain("'\(argument)' is no temperature: write a number such as 0.85")
      return []
    }
    let wanted = isRelative ? present + value * Double(count) : value
    guard isRelative || Sampling.temperatures.contains(wanted) else {
      complain("the temperature lies between 0.05 and 5; \(digits) does not")
      return []
    }
    writer.steer { $0.setTemperature(wanted, of: focus) }
    announceTemperature()
    return []
  }

  private mutating func announceTemperature() {
    let focus = sampling.focus
    let name = focus == .all ? "T" : "T \(name(of: focus))"
    let value = sampling.temperature(of: focus).formatted(decimals: 2)
    let bar = max(score.growingBar(atByte: head), 1)
    if player.state == .stopped {
      notice("\(name) \(value) -> will be heard from bar \(bar)")
    } else {
      let away = max(bar - score.position(at: player.playhead).bar, 0)
      let bars = away == 1 ? "1 bar" : "\(away) bars"
      notice("\(name) \(value) -> will be heard from bar \(bar) (\(bars) from now)")
    }
  }

  private mutating func focusTemperature(_ argument: String) {
    let names = Sampling.Focus.allCases.map(name)
    guard
      let focus = Sampling.Focus(rawValue: argument)
        ?? Sampling.Focus.allCases.first(where: { name(of: $0) == argument })
    else {
      complain(
        "'\(argument)' is no part of the music: "
          + "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")")
      return
    }
    writer.steer { $0.focus = focus }
    let value = sampling.temperature(of: focus).formatted(decimals: 2)
    notice("+ - now move the \(name(of: focus)) temperature (\(value))")
  }

  /// What a temperature is called: a model of pitch, step and length has three of its own.
  private func name(of focus: Sampling.Focus) -> String {
    guard model?.writing == .timedNotes else { return focus.rawValue }
    switch focus {
    case .all: return "all"
    case .melody: return "pitch"
    case .rhythm: return "step"
    case .form: return "length"
    }
  }

  /// `set NAME VALUE`: the same as the command of that name.
  /// The commands whose value `set` sets.
  static let settable: [CommandName] = [
    .temperature, .temperatureFocus, .topP, .topK, .minP, .rng, .pace, .ahead, .phrase, .stopRule,
    .legal, .copyGuard, .memory, .shape, .parts, .cadence, .instrument, .scale, .bias, .plan, .mood,
    .mix, .tempo, .follow, .colour, .theme, .motion, .metronome, .countIn, .swing, .ornaments,
    .mute,
    .name, .loop,
  ]

  private mutating func set(_ argument: String) -> [Effect] {
    let name = String(argument.prefix { $0 != " " && $0 != "=" })
    let rest = argument.dropFirst(name.count).drop { $0 == " " || $0 == "=" }
    guard !name.isEmpty else {
      return ask("set (name and value)", .set)
    }
    let short = name == "temperature" ? "temp" : name == "top_p" ? "top-p" : name
    if CommandName(rawValue: short) == nil, let value = SamplingValue[short] {
      return setValue(value, to: String(rest), count: 1)
    }
    guard let command = CommandName.named(short), Session.settable.contains(command) else {
      let nearest = nearestWord(
        to: short, among: Session.settable.map(\.rawValue) + SamplingValue.all.map(\.name))
      complain(
        "nothing called '\(name)' can be set"
          + (nearest.map { " (did you mean '\($0)'?)" } ?? ""))
      return []
    }
    let value =
      command == .temperature && !rest.hasPrefix("+") && !rest.hasPrefix("-")
      ? "= \(rest)" : String(rest)
    return run(Invocation(command, value))
  }
}

import Compose
import Music
import Testing

/// Every command, run once where its effect can be seen. A new command needs an entry here.
@Suite struct CommandEffectTests {
  typealias Check = (inout Rig) -> Bool

  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"
  static let tune = header + "CDEF|GABc|cBAG|FEDC|CDEF|GABc|cBAG|FEDC|\n"

  private func rig() -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    rig.press(.goTo, "3")
    rig.effects = []
    return rig
  }

  @Test(arguments: CommandName.allCases)
  func `it does what it says`(command: CommandName) throws {
    let check = try #require(Self.effect(of: command), "\(command.rawValue) has no entry")
    var rig = rig()
    let isSeen = check(&rig)
    #expect(isSeen, "\(command.rawValue): \(rig.session.message?.text ?? "nothing said")")
  }

  /// Runs a line and says whether something holds then that did not hold before.
  private static func after(
    _ line: String, _ holds: @escaping (Rig) -> Bool
  ) -> Check {
    { rig in
      let before = holds(rig)
      rig.run(line)
      return !before && holds(rig)
    }
  }

  /// Runs a line and says whether an effect was asked for.
  private static func asks(_ line: String, _ isWanted: @escaping (Effect) -> Bool) -> Check {
    { rig in
      rig.run(line)
      return rig.effects.contains(where: isWanted)
    }
  }

  private static func says(_ line: String, _ words: String) -> Check {
    after(line) { $0.session.message?.text.contains(words) == true }
  }

  private static func moves(_ line: String, to text: String) -> Check {
    after(line) { rig in
      rig.text.text(atBytes: rig.session.cursor..<rig.text.utf8.count).hasPrefix(text)
    }
  }

  private static func rewrites(_ line: String, to body: String) -> Check {
    after(line) { $0.text.hasPrefix(header + body) }
  }

  private static func effect(of command: CommandName) -> Check? {
    generating(command) ?? wishing(command) ?? alternatives(command) ?? hearing(command) ?? history(
      command)
      ?? moving(command) ?? editing(command) ?? transforming(command) ?? looking(command)
      ?? files(command)
  }

  private static func generating(_ command: CommandName) -> Check? {
    switch command {
    case .generateToggle:
      { rig in
        rig.press(.goTo, "end")
        rig.run("gen.toggle")
        return rig.session.generator == .done(.phrase)
          && rig.session.score.completeBars == 16
      }
    case .generateStep:
      { rig in
        rig.press(.goTo, "end")
        rig.run("gen.step")
        return rig.text.count == tune.count + 1
      }
    case .generateBar:
      { rig in
        rig.press(.goTo, "end")
        rig.run("gen.bar")
        return rig.session.score.completeBars == 9
      }
    case .retry:
      { rig in
        rig.press(.goTo, "end")
        rig.press(.generateToggle)
        let first = rig.text
        rig.run("gen.retry")
        return rig.text != first && rig.text.hasPrefix(tune) && rig.session.takes.count == 2
      }
    case .retryHere:
      after("gen.retry-here") {
        $0.text.hasPrefix(header + "CDEF|GABc|") && !$0.text.contains("cBAG")
      }
    case .barBack: after("gen.bar-back") { $0.session.score.completeBars == 7 }
    case .temperature: after("temp = 0.7") { $0.session.sampling.temperature == 0.7 }
    case .temperatureFocus: after("temp.focus rhythm") { $0.session.sampling.focus == .rhythm }
    case .temperatureReset:
      { rig in
        rig.run("temp = 0.7")
        rig.run("temp.reset")
        return rig.session.sampling.temperature == 1
      }
    case .topP: after("top-p 0.5") { $0.session.sampling.topP == 0.5 }
    case .topK: after("top-k 5") { $0.session.sampling.topK == 5 }
    case .minP: after("min-p 0.1") { $0.session.sampling.minP == 0.1 }
    case .lock: after("lock 2") { $0.session.locks.count == 1 }
    case .rng: after("rng 99") { $0.session.rng == 99 }
    case .pace: after("pace 12") { $0.session.sampling.pace == .type(12) }
    case .ahead: after("ahead 5") { $0.session.sampling.ahead == 5 }
    case .phrase: after("phrase 4") { $0.session.sampling.phrase == 4 }
    case .stopRule: after("stop-rule never") { $0.session.sampling.stop == .never }
    case .legal: after("legal off") { !$0.session.sampling.isLegal }
    case .copyGuard:
      { rig in
        let before = rig.session.sampling
        rig.run("copy-guard forbid 40")
        return rig.session.sampling != before
      }
    case .choose:
      { rig in
        rig.send(
          .nextCharactersFound(
            [NextCharacter(character: "d", probability: 0.5)], entropy: 1,
            request: lastRequest(rig)))
        rig.run("choose next")
        return rig.session.chosenCharacter == 0
      }
    case .checkpoint: asks("checkpoint other") { $0 == .loadModel("other") }
    default: nil
    }
  }

  /// What is wanted of the tune while it is written.
  private static func wishing(_ command: CommandName) -> Check? {
    switch command {
    case .memory: after("memory 0.5") { $0.session.sampling.writing.memory == 0.5 }
    case .shape: after("shape abac") { $0.session.sampling.writing.shape == "abac" }
    case .plan: after("plan 9=1") { $0.session.sampling.writing.bars == "9=1" }
    case .parts: after("parts rule") { $0.session.sampling.writing.parts == .rule }
    case .cadence: after("cadence off") { $0.session.sampling.writing.cadence == .off }
    case .instrument:
      { rig in
        rig.send(.catalogueRead(catalogue))
        rig.run("instrument whistle")
        return rig.session.sampling.writing.lowest == 62
      }
    case .bestKey:
      { rig in
        rig.send(.catalogueRead(catalogue))
        rig.run("instrument whistle")
        rig.run("best-key")
        let keys = rig.session.parsed.notes.compactMap { $0.pitch?.key }
        return rig.text != tune && keys.allSatisfy { $0 >= 62 }
      }
    case .scale: after("scale wish") { $0.session.sampling.writing.scale == .wish }
    case .bias: after("bias c+1.5") { $0.session.sampling.writing.bias != "" }
    case .mood:
      { rig in
        rig.send(.catalogueRead(catalogue))
        rig.run("mood calm")
        return rig.session.sampling.temperature == 0.7
      }
    case .mix:
      { rig in
        rig.send(.catalogueRead(catalogue))
        rig.run("mix other 0.3")
        return rig.session.sampling.writing.mix?.share == 0.3
      }
    default: nil
    }
  }

  private static let catalogue = Catalogue(
    instruments: [.init(name: "whistle", lowest: 62, highest: 83)],
    scales: [], moods: [.init(name: "calm", values: [("temperature", "0.7")])],
    checkpoints: ["other"])

  /// The number of the request that was made last.
  private static func lastRequest(_ rig: Rig) -> Int {
    var copy = rig
    copy.isHolding = true
    copy.press(.goTo, "4")
    return (copy.held.last?.identifier ?? 1) - 1
  }

  private static func alternatives(_ command: CommandName) -> Check? {
    func opened(_ line: String, _ holds: @escaping (Rig) -> Bool) -> Check {
      { rig in
        rig.run("alt 3-4")
        let before = holds(rig)
        rig.run(line)
        return !before && holds(rig)
      }
    }
    return switch command {
    case .alternatives: after("alt 3-4") { $0.session.alternatives?.candidates.count == 4 }
    case .alternativeHear: opened("alt.hear 3") { $0.session.alternatives?.selected == 3 }
    case .alternativeChoose:
      opened("alt.choose") { $0.session.alternatives == nil && !$0.text.hasPrefix(tune) }
    case .alternativeReroll:
      { rig in
        rig.run("alt 3-4")
        let before = rig.alternativeTexts
        rig.run("alt.reroll")
        return Set(rig.alternativeTexts.dropFirst()).isDisjoint(with: before.dropFirst())
      }
    case .alternativeHold:
      opened("alt.hold") { $0.session.alternatives?.candidates.first?.isHeld == true }
    case .alternativeDrop:
      opened("alt.drop") { $0.session.alternatives?.candidates.count == 3 }
    case .alternativeMore:
      opened("alt.more") { $0.session.alternatives?.candidates.last?.distance != nil }
    case .alternativeComp:
      { rig in
        rig.run("alt 3-4")
        rig.run("alt.hear 1")
        for beat in 8..<11 { rig.hear(quarter: Double(beat)) }
        rig.run("alt.hear 2")
        for beat in 11..<16 { rig.hear(quarter: Double(beat)) }
        rig.run("alt.comp")
        return rig.session.alternatives?.candidates.last?.isComp == true
      }
    case .vary:
      { rig in
        rig.isHolding = true
        rig.run("vary pitch")
        return rig.fills.last?.gaps.first?.variation == Variation(.pitch, of: "cBAG")
      }
    case .chords: after("chords") { $0.text.contains("\"C\"") }
    case .voice: after("voice new bass") { $0.session.parsed.voices.count == 2 }
    default: nil
    }
  }

  private static func hearing(_ command: CommandName) -> Check? {
    switch command {
    case .playToggle:
      asks("play.toggle") {
        if case .play(_, let start) = $0 { start.count == 8 * Tick.perQuarter } else { false }
      }
    case .playBar:
      { rig in
        rig.press(.move, "right", count: 2)
        rig.run("play.bar")
        return rig.effects.contains {
          if case .play(_, let start) = $0 { start.count == 8 * Tick.perQuarter } else { false }
        }
      }
    case .hear:
      asks("hear") { if case .soundNote(let pitch) = $0 { pitch.key == 72 } else { false } }
    case .loop: after("loop 2-3") { $0.session.loop == 1...2 }
    case .tempo: after("tempo 90") { $0.text.contains("\nQ:1/4=90\n") }
    case .tempoTap:
      { rig in
        for _ in 0..<3 {
          rig.run("tempo.tap")
          rig.wait(milliseconds: 500)
        }
        rig.run("tempo.tap")
        return rig.text.contains("\nQ:1/4=12")
      }
    case .practise: asks("practise 60 100 5 2") { $0 == .setTempoScale(0.5) }
    case .record: after("record") { $0.session.mode == .record && $0.session.isClockRunning }
    case .step: after("step") { $0.session.mode == .record && !$0.session.isClockRunning }
    case .tap: after("tap") { $0.session.recordingWords?.hasPrefix("TAP") == true }
    case .answer: says("answer 2", "the model answers")
    case .countIn: asks("count-in 2") { $0 == .setCountIn(2) }
    case .ornaments: says("ornaments nosuch", "no ornaments are called 'nosuch'")
    case .swing: after("swing 66") { $0.text.contains("%%swing 66\nK:C") }
    case .metronome: asks("metronome on") { $0 == .setMetronome(true) }
    case .mute: after("mute on") { $0.session.isMuted }
    case .solo: says("solo 1", "voice")
    case .panic: asks("panic") { $0 == .panic }
    case .halt:
      { rig in
        rig.press(.playToggle)
        rig.run("halt")
        return rig.effects.contains(.stopPlaying)
      }
    case .output: asks("out 2") { $0 == .midi(.outputs("2")) }
    case .input: asks("in off") { $0 == .midi(.inputs("off")) }
    case .sound: after("sound flute") { $0.text.contains("%%MIDI program 73") }
    case .clock: asks("clock send") { $0 == .midi(.clock("send")) }
    default: nil
    }
  }

  private static func history(_ command: CommandName) -> Check? {
    func tried(_ line: String, _ wanted: String) -> Check {
      { rig in
        rig.press(.goTo, "end")
        rig.press(.generateToggle)
        rig.press(.retry)
        rig.run(line)
        return rig.session.message?.text == wanted
      }
    }
    return switch command {
    case .undo: after("undo") { $0.text.isEmpty }
    case .redo:
      { rig in
        rig.press(.undo)
        rig.run("redo")
        return rig.text == tune
      }
    case .takePrevious: tried("take.prev", "take 1/2")
    case .takeNext: tried("take.next", "take 1/2")
    case .take: tried("take 1", "take 1/2")
    case .history: after("history") { $0.session.mode.name == "picker" }
    case .takeList:
      { rig in
        rig.press(.goTo, "end")
        rig.press(.generateToggle)
        rig.press(.retry)
        rig.run("take.list")
        return rig.session.mode.name == "picker"
      }
    case .tag: after("tag A part") { $0.session.history.current.tag == "A part" }
    default: nil
    }
  }

  private static func moving(_ command: CommandName) -> Check? {
    switch command {
    case .move: moves("move right", to: "BAG|FEDC|CDEF")
    case .barNext: moves("bar.next", to: "FEDC|CDEF")
    case .barStart: moves("bar.start", to: "GABc|cBAG|FEDC|CDEF")
    case .barEnd: moves("bar.end", to: "G|FEDC|CDEF")
    case .lineStart: moves("line.start", to: "CDEF|GABc|cBAG|FEDC|CDEF")
    case .lineEnd: moves("line.end", to: "\n")
    case .phrasePrevious: moves("phrase.prev", to: "CDEF|GABc|cBAG|FEDC|CDEF")
    case .phraseNext:
      { rig in
        rig.run("phrase 4")
        rig.run("phrase.next")
        return rig.text.text(atBytes: rig.session.cursor..<rig.text.utf8.count)
          .hasPrefix("CDEF|GABc|cBAG|FEDC|\n")
      }
    case .goTo: moves("goto 4", to: "FEDC|CDEF")
    case .find: moves("find DEF", to: "DEF|GABc|cBAG|FEDC|\n")
    case .findNext, .findPrevious:
      { rig in
        rig.run("find GAB")
        let first = rig.session.cursor
        rig.run(command.rawValue)
        return rig.session.cursor != first
          && rig.text.text(atBytes: rig.session.cursor..<rig.session.cursor + 3) == "GAB"
      }
    case .select: after("select bars") { $0.session.selection == 2...2 }
    default: nil
    }
  }

  private static func editing(_ command: CommandName) -> Check? {
    switch command {
    case .insert: after("insert") { $0.session.mode == .insert }
    case .header: after("header") { $0.session.mode.name == "header" }
    case .section: rewrites("section K:G", to: "CDEF|GABc|\nK:G\ncBAG|")
    case .editor: asks("edit") { $0 == .startEditor(text: tune) }
    case .delete: rewrites("delete", to: "CDEF|GABc|BAG|")
    case .grab: rewrites("grab up", to: "CDEF|GABc|dBAG|")
    case .copy:
      { rig in
        rig.run("copy")
        rig.run("paste")
        return rig.text.hasPrefix(header + "CDEF|GABc|cBAG|cBAG|FEDC|")
      }
    case .cut: rewrites("cut", to: "CDEF|GABc|FEDC|")
    case .paste:
      { rig in
        rig.run("cut")
        rig.run("paste")
        return rig.text.contains("FEDC|cBAG|CDEF|")
      }
    case .register:
      { rig in
        rig.run("register a")
        rig.run("copy")
        rig.run("goto 1")
        rig.run("register a")
        rig.run("paste")
        return rig.text.hasPrefix(header + "CDEF|cBAG|GABc|")
      }
    case .yankSystem: asks("yank.system") { $0 == .setClipboard(tune) }
    case .cancel:
      { rig in
        rig.run("select bars")
        rig.run("cancel")
        return rig.session.selection == nil && rig.session.mode == .normal
      }
    case .name: after("name New") { $0.text.contains("T:New\n") && $0.session.draftTitle == "New" }
    default: nil
    }
  }

  private static func transforming(_ command: CommandName) -> Check? {
    switch command {
    case .transpose: after("transpose 2") { $0.text.contains("K:D\nDEFG|ABcd|") }
    case .double: after("double") { $0.text.contains("C2D2E2F2|") }
    case .halve: after("halve") { $0.text.contains("C/D/E/F/|") }
    case .invert: rewrites("invert", to: "CB,A,G,|")
    case .retrograde:
      { rig in
        rig.run("transpose 1 steps")
        rig.run("goto 1")
        rig.run("delete")
        rig.run("retrograde")
        return rig.text.hasPrefix(header + "DEFG|ABcd|dcBA|GFED|DEFG|ABcd|dcBA|GFE|")
      }
    case .foldRepeats: after("fold-repeats") { $0.text.contains("|:CDEF|GABc|cBAG|FEDC:|") }
    case .unfold:
      { rig in
        rig.run("fold-repeats")
        rig.run("unfold")
        return rig.text.filter { $0 == "|" }.count >= 8 && !rig.text.contains(":|")
      }
    case .why:
      { rig in
        let before = rig.session.messageCount
        rig.run("why")
        return rig.session.messageCount == before + 1 && rig.session.message?.kind == .notice
      }
    default: nil
    }
  }

  private static func looking(_ command: CommandName) -> Check? {
    switch command {
    case .follow: after("follow off") { $0.session.view.follow == .off }
    case .zoom: after("zoom in") { $0.session.view.columnsPerUnit == 4 }
    case .colour: after("colour pitch") { $0.session.view.noteColour == .pitch }
    case .theme: after("theme heather") { $0.session.view.theme == "heather" }
    case .motion: after("motion off") { $0.session.view.isCalm }
    case .focus: after("focus") { $0.session.view.focus == .text }
    case .pane:
      { rig in
        let before = rig.session.view.showsTakes
        rig.run("pane takes")
        return rig.session.view.showsTakes != before
      }
    case .messages: after("messages") { $0.session.mode == .messages(scroll: 0) }
    case .redraw: asks("redraw") { $0 == .redraw }
    case .judge: says("judge", "nothing to judge by")
    default: nil
    }
  }

  private static func files(_ command: CommandName) -> Check? {
    switch command {
    case .open: asks("open x.abc") { $0 == .readFile(path: "x.abc") }
    case .drafts: asks("drafts") { $0 == .draft(.list) }
    case .new: asks("new") { $0 == .newDraft }
    case .export: asks("export t.mid") { if case .writeTune = $0 { true } else { false } }
    case .write: asks("write t.abc") { if case .writeTune = $0 { true } else { false } }
    case .keep: after("keep a 1-4") { $0.session.status(draft: "").shelf.map(\.name) == ["a"] }
    case .form:
      { rig in
        rig.run("keep a 1-4")
        rig.run("keep b 5-8")
        rig.run("form A B B")
        return rig.session.status(draft: "").form.uppercased().hasPrefix("A B B")
          && rig.text != tune
      }
    case .shelf, .pick:
      { rig in
        rig.run("keep a 1-4")
        rig.run("shelf")
        let isOpen = rig.session.mode.name == "picker"
        if command == .pick { rig.run("pick hear") }
        return isOpen
          && (command == .shelf
            || rig.effects.contains { if case .play = $0 { true } else { false } })
      }
    case .set: after("set top-k 3") { $0.session.sampling.topK == 3 }
    case .commandLine: after("command") { $0.session.mode.name == "command" }
    case .tutor: after("tutor") { $0.session.tutor != nil }
    case .help: after("help tempo") { $0.session.mode.name == "help" }
    case .reload: asks("reload") { $0 == .reload }
    case .suspend: asks("suspend") { $0 == .suspend }
    case .quit: asks("quit") { $0 == .quit }
    case .quitNow: asks("quit!") { $0 == .quit }
    default: nil
    }
  }
}

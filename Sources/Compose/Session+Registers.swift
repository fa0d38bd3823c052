import ABC

/// Bars as objects: copied, cut and pasted by registers. What frames them (bar lines, repeats,
/// endings, voices, line ends) stays where it is.
extension Session {
  /// The music of the selected bars, or of the cursor's, with the bar lines between them: what
  /// `copy` and `cut` mean.
  private struct BarMusic {
    var bars: ClosedRange<Int>
    var first: BarFrame
    var last: BarFrame
    /// `bars 5-8`, a pickup not named.
    var name: String
    var range: Range<Int> { first.music.lowerBound..<last.music.upperBound }
  }

  func frame(ofBar bar: Int) -> BarFrame {
    BarFrame(
      Array(text.utf8), bar: parsed.bars[bar].range,
      lastNote: parsed.notes.last { $0.bar == bar }?.range.upperBound)
  }

  /// `nil` where there are none, or those of several voices; that is said. A pickup at the end belongs
  /// to what follows.
  private mutating func musicToMove(_ word: String, takesPickup: Bool = false) -> BarMusic? {
    guard var bars = selection ?? score.bar(atByte: cursor).map({ $0...$0 }) else {
      notice("no bar here to \(word)")
      return nil
    }
    guard bars.allSatisfy({ parsed.bars[$0].voice == parsed.bars[bars.lowerBound].voice }) else {
      complain("these are bars of several voices: select those of one (Y copies text of all)")
      return nil
    }
    bars = withoutNextPickup(bars)
    if takesPickup { bars = withPickup(bars) }
    let music = BarMusic(
      bars: bars, first: frame(ofBar: bars.lowerBound), last: frame(ofBar: bars.upperBound),
      name: wholeBarNames(bars))
    guard !music.range.isEmpty else {
      notice("no music in \(barNames(bars)) to \(word)")
      return nil
    }
    return music
  }

  /// `register`: asks for a letter, or takes it.
  mutating func chooseRegister(_ argument: String) -> [Effect] {
    guard let name = argument.first else { return ask("register (a letter)", .register) }
    guard argument.count == 1, Registers.isName(name) else {
      complain("'\(argument)' is no register: write a letter, or - for what was cut last")
      return []
    }
    registers.choose(name)
    let held = registers.text(in: name)
    notice("register \(name): \(held.isEmpty ? "empty" : held) (y d keep in it, p pastes it)")
    return []
  }

  /// The register that a command names, or the one chosen before; `nil` in the outer one where the
  /// name is none, which is said.
  private mutating func register(_ argument: String) -> Character?? {
    guard let name = argument.first else { return .some(registers.chosen) }
    guard argument.count == 1, Registers.isName(name) else {
      complain("'\(argument)' is no register: write a letter, or - for what was cut last")
      return nil
    }
    return name
  }

  private mutating func keep(_ music: String, in name: Character?, isCut: Bool) {
    let register = registers.keep(music, in: name, isCut: isCut)
    draft.recordRegister(register, music)
  }

  mutating func copy(_ argument: String) {
    guard let name = register(argument), let music = musicToMove("copy", takesPickup: true) else {
      return
    }
    keep(text.text(atBytes: music.range), in: name, isCut: false)
    endSelection()
    notice("copied \(music.name)" + (name.map { " into register \($0)" } ?? " (p pastes)"))
  }

  mutating func cut(_ argument: String) -> [Effect] {
    guard let name = register(argument), let music = musicToMove("cut") else { return [] }
    let effects = pause()
    let words = text.text(atBytes: music.range)
    let removed = removal(of: music.bars).ranges
    endSelection()
    guard let first = removed.first,
      change(removed.reversed().map { Edit($0, "") }, .hand, origin: .hand)
    else { return effects }
    let keepsCopy = name == nil && !registers.copied.isEmpty
    keep(words, in: name, isCut: true)
    places.moveCursor(to: min(first.lowerBound, draft.count))
    places.moveHead(to: draft.count)
    settle()
    let paste =
      name.map { "into register \($0)" } ?? (keepsCopy ? "(\" - p pastes it)" : "(p pastes)")
    notice("cut \(music.name) \(paste), u takes it back")
    return effects + playbackUpdate() + requestNextCharacters()
  }

  private func removal(of bars: ClosedRange<Int>) -> BarRemoval {
    func frame(_ bar: Int) -> (frame: BarFrame, end: Int) {
      (self.frame(ofBar: bar), parsed.bars[bar].range.upperBound)
    }
    let before = bars.lowerBound - 1
    let hasBefore = before >= 0 && parsed.bars[before].voice == parsed.bars[bars.lowerBound].voice
    return BarRemoval(
      Array(text.utf8), frames: bars.map(frame), before: hasBefore ? frame(before) : nil)
  }

  /// Puts a register's bars in behind the cursor's bar, or in place of the selected ones.
  mutating func pasteRegister(_ argument: String) -> [Effect] {
    guard let name = register(argument) else { return [] }
    let music = registers.text(in: name)
    registers.choose(nil)
    guard !music.isEmpty else {
      notice(
        name.map { "register \($0) is empty" } ?? "nothing copied yet (v selects, y copies)")
      return []
    }
    return put(music, origin: .paste, saying: "pasted")
  }

  /// Puts the music of bars in behind the cursor's bar, or in place of the selected ones.
  ///
  /// - Parameter behind: What is to stand behind the bar line that closes it, where music follows.
  mutating func put(
    _ music: String, behind: String = "", origin: Origin, saying words: String
  ) -> [Effect] {
    let effects = pause()
    let edit: Edit
    /// Where the bar line ends that closes what is put in.
    var close: Int?
    if selection != nil {
      guard let old = musicToMove("replace") else { return effects }
      edit = Edit(old.range, music)
      close = parsed.bars[old.bars.upperBound].range.upperBound
    } else if let bar = score.bar(atByte: cursor) {
      let frame = frame(ofBar: bar)
      let end = parsed.bars[bar].range.upperBound
      let sign = text.text(atBytes: frame.music.upperBound..<end).trimmingSpaces()
      if sign == "|" {
        edit = Edit(end..<end, music + "|" + (end < draft.count ? behind : ""))
      } else {
        edit = Edit(frame.music.upperBound..<frame.music.upperBound, "|" + music)
        close = end
      }
    } else {
      edit = Edit(draft.count..<draft.count, music + "|")
    }
    endSelection()
    var edits = [edit]
    if let close, close < draft.count, !behind.isEmpty {
      edits.insert(Edit(close..<close, behind), at: 0)
    }
    guard change(edits, .paste, origin: origin) else { return effects }
    places.moveCursor(to: edit.range.lowerBound)
    places.moveHead(to: draft.count)
    settle()
    notice("\(words) (u takes it back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }
}

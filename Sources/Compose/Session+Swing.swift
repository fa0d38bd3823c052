import ABC

/// Swing and count-in. Swing is a line of the tune's header, `%%swing 66`, so that it is undone, kept,
/// played and exported with the text, and differs from draft to draft.
extension Session {
  /// What the header says; straight where it says nothing.
  public var swing: Swing? {
    headerLine("%%swing").flatMap { line in
      Swing(line.dropFirst("%%swing".count).description.trimmingSpaces())
    }
  }

  /// The last line of the header that begins with a word.
  private func headerLine(_ word: String) -> Substring? {
    text.text(atBytes: 0..<parsed.body.lowerBound).split(separator: "\n")
      .last { $0 == word || $0.hasPrefix(word + " ") }
  }

  /// Writes how long the first of two eighths is into the header, or takes the line out.
  mutating func changeSwing(_ argument: String) -> [Effect] {
    let wanted = argument.trimmingSpaces()
    guard !wanted.isEmpty else {
      return ask("swing (50 straight, 66 two to one, 75 three to one)", .swing, swingWords)
    }
    guard let new = Swing(wanted) else {
      complain("'\(wanted)' is no swing: a share from 50 (straight) to 75 percent, or off")
      return []
    }
    guard parsed.body.lowerBound > 0 else {
      notice("swing is kept in the header: there is none yet (I makes one)")
      return []
    }
    let line = new.percent == 50 ? "" : "%%swing \(new.percent)"
    guard line != (swing.map { "%%swing \($0.percent)" } ?? "") else {
      notice("swing \(swingWords)")
      return []
    }
    let effects = whilePaused { $0.setHeaderLine("%%swing", to: line) }
    let isCompound = parsed.header.beatLength.numerator == 3
    notice(
      "swing \(swingWords)" + (isCompound ? " (not heard in \(parsed.header.meter))" : ""))
    return effects
  }

  private var swingWords: String {
    switch swing?.percent {
    case nil, 50: "off"
    case 66, 67: "\(swing?.percent ?? 66) (two to one)"
    case 75: "75 (three to one)"
    case let percent?: "\(percent)"
    }
  }

  /// Puts a line in front of the header's `K:`, in place of the line that begins with the same word.
  ///
  /// - Parameter line: Empty takes the line out.
  private mutating func setHeaderLine(_ word: String, to line: String) {
    let header = text.text(atBytes: 0..<parsed.body.lowerBound)
    draft.closeEdit()
    draft.begin(.header)
    var offset = 0
    for old in header.split(separator: "\n", omittingEmptySubsequences: false) {
      let length = old.utf8.count
      if old == word || old.hasPrefix(word + " ") {
        let end = min(offset + length + (line.isEmpty ? 1 : 0), draft.count)
        make(Edit(offset..<end, line), origin: .hand)
        return
      }
      if old.hasPrefix("K:"), !line.isEmpty {
        make(Edit(offset..<offset, line + "\n"), origin: .hand)
        return
      }
      offset += length + 1
    }
  }

  /// How many bars of clicks precede the music.
  public static let countInBars = 0...4

  mutating func changeCountIn(_ argument: String) -> [Effect] {
    guard !argument.isEmpty else {
      return ask("count-in (bars before the music, 0 to 4)", .countIn, "\(listening.countIn)")
    }
    guard let bars = argument == "off" ? 0 : Int(argument), Session.countInBars.contains(bars)
    else {
      complain("'\(argument)' is no count-in: bars from 0 to 4, or off")
      return []
    }
    listening.setCountIn(bars)
    notice(bars == 0 ? "no count-in" : "count-in \(Session.bars(bars))")
    return [.setCountIn(bars)]
  }
}

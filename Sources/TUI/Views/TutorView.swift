import Compose

/// The tutorial's strip below the composer: how far it is, what was learnt last, what is to be done now.
extension Drawing {
  /// Rows that the strip takes of a screen; 0 where there is no tutorial or no room for it.
  static func tutorRows(_ session: Session, _ context: DrawContext, width: Int, height: Int) -> Int
  {
    guard let tutor = session.tutor, height >= 12, width >= 24 else { return 0 }
    return 1 + min(lines(of: tutor, context, width: width).count, height - 11)
  }

  private static func lines(of tutor: Tutor, _ context: DrawContext, width: Int) -> [String] {
    TextWidth.lines(of: tutor.text { name(of: $0, context.keys) }, width: width - 2)
  }

  /// What a reference of the tutorial is called by those who have keys.
  private static func name(of reference: Tutor.Reference, _ keys: KeyMap) -> String {
    switch reference {
    case .line(let line): ":\(line) Enter"
    case .key(let key): key
    case .command(let invocation, let mode):
      if let key = keys.shortKey(
        for: invocation.name, invocation.argument.isEmpty ? nil : invocation.argument, in: mode)
      {
        "\(invocation.count.map(String.init) ?? "")\(key)"
      } else {
        ":\(invocation.line) Enter"
      }
    }
  }

  /// Draws the strip below `rows` rows.
  static func drawTutor(
    _ session: Session, _ context: DrawContext, below rows: Int, on surface: inout Surface
  ) {
    guard let tutor = session.tutor else { return }
    let palette = context.palette
    let width = surface.width
    surface.fill(row: rows, columns: 0..<width, with: context.symbols.horizontal, palette[.border])
    let place = tutor.isOver ? "done" : "\(tutor.step + 1) of \(Tutor.count)"
    let learnt = tutor.learnt.isEmpty ? "" : "  \(context.symbols.check) \(tutor.learnt)"
    surface.write(" tutor  \(place)\(learnt) ", row: rows, column: 1, palette[.titleFocus])
    let hint = " :tutor next skips "
    if !tutor.isOver, width >= 60 {
      surface.write(hint, row: rows, column: width - hint.count - 1, palette[.dim])
    }
    for (index, line) in lines(of: tutor, context, width: width).enumerated() {
      let row = rows + 1 + index
      guard row < surface.height else { break }
      surface.fill(row: row, columns: 0..<width, palette[.text])
      surface.write(line, row: row, column: 1, palette[.text])
    }
  }
}

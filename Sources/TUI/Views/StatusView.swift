import Compose

extension Drawing {
  /// The status line: parts in their fixed order, dropped from the right; GEN and T never.
  mutating func drawStatus() {
    surface.fill(row: 0, columns: 0..<surface.width, palette[.status])
    var parts = StatusLine.parts(of: session).map { Piece($0, palette) }
    if !session.player.output.isEmpty, !session.player.isSilent {
      let ports = session.wiring.outputs
      let places = (session.wiring.hasSynth || ports.isEmpty ? [session.player.output] : []) + ports
      parts.append(Piece("out \(places.joined(separator: ", "))", .extra, palette[.status]))
    }
    if !context.note.isEmpty { parts.append(Piece(context.note, .extra, palette[.status])) }
    if parts.first?.kind == .title { parts.insert(Piece("lilt", .brand, palette[.status]), at: 0) }
    func size() -> Int { parts.reduce(1) { $0 + TextWidth.of($1.text) + 2 } }
    // What gives way first comes first.
    let order: [Piece.Kind] = [.extra, .ahead, .brand, .memory, .tune, .mode, .missing, .silence]
    for kind in order {
      while size() > surface.width + 1, let last = parts.lastIndex(where: { $0.kind == kind }) {
        parts.remove(at: last)
      }
    }
    var gap = 2
    if size() > surface.width + 1, let title = parts.firstIndex(where: { $0.kind == .title }) {
      gap = 1
      let others = parts.reduce(1) { $0 + TextWidth.of($1.text) + 1 }
      let room = TextWidth.of(parts[title].text) - (others - surface.width)
      if room >= 4 {
        parts[title].text = TextWidth.clip(parts[title].text, to: room)
      } else {
        parts.remove(at: title)
      }
    }
    func tight() -> Int { parts.reduce(0) { $0 + TextWidth.of($1.text) + 1 } }
    if gap == 1, tight() > surface.width,
      let transport = parts.firstIndex(where: { $0.kind == .transport })
    {
      parts.remove(at: transport)
    }
    if gap == 1, tight() > surface.width { shorten(&parts) }
    if tight() > surface.width + 1,
      let generator = parts.firstIndex(where: { $0.kind == .generator })
    {
      parts[generator].text = parts[generator].text.replacing("GEN ", with: "")
    }
    let isSplit = gap == 2 && size() + 1 <= surface.width
    var column = tight() > surface.width ? 0 : 1
    for piece in parts {
      if piece.kind == .transport, isSplit { column += 1 }
      column = surface.write(piece.text, row: 0, column: column, piece.style) + gap
    }
  }

  /// The last resort: `GEN run 7/8 T.85`.
  private func shorten(_ parts: inout [Piece]) {
    for index in parts.indices {
      switch parts[index].kind {
      case .temperature:
        parts[index].text = parts[index].text.replacing("T 0.", with: "T.").replacing(
          "T ", with: "T")
      case .generator:
        let others =
          parts.reduce(0) { $0 + TextWidth.of($1.text) + 1 }
          - TextWidth.of(parts[index].text)
        parts[index].text = TextWidth.clip(parts[index].text, to: max(surface.width - others, 8))
      default: break
      }
    }
  }

  private struct Piece {
    enum Kind {
      case brand, title, tune, transport, silence, missing, unsaved, generator, temperature, memory
      case ahead, mode
      case extra
    }
    var text: String
    var kind: Kind
    var style: Style

    init(_ text: String, _ kind: Kind, _ style: Style) {
      self.text = text
      self.kind = kind
      self.style = style
    }

    init(_ part: StatusLine.Part, _ palette: Palette) {
      text = part.text
      style = palette[.status]
      switch part.kind {
      case .title:
        kind = .title
        style = palette[.statusTitle]
        text = TextWidth.clip(text, to: 32)
      case .tune: kind = .tune
      case .transport:
        kind = .transport
        if text != "STOP" { style = palette[.statusPlaying] }
      case .silence:
        kind = .silence
        style = palette[.statusPaused]
      case .missing:
        kind = .missing
        style = palette[.statusPaused]
      case .unsaved:
        kind = .unsaved
        style = palette[.statusFailed]
      case .generator:
        kind = .generator
        text = TextWidth.clip(text, to: 40)
        style = palette[.statusGenerator]
        if text.hasPrefix("GEN run") || text.hasPrefix("GEN prime") {
          style = palette[.statusRunning]
        } else if text.hasPrefix("GEN pause") || text.hasPrefix("GEN rest") {
          style = palette[.statusPaused]
        } else if text.hasPrefix("GEN fail") {
          style = palette[.statusFailed]
        }
      case .temperature:
        kind = .temperature
        style = palette[.statusTitle]
      case .memory: kind = .memory
      case .ahead: kind = .ahead
      case .mode:
        kind = .mode
        style = palette[.statusMode]
      }
    }
  }
}

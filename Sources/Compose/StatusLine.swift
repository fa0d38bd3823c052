/// The words of the status line, in their fixed order. Screen, `lilt ctl status` and tests share them.
public enum StatusLine {
  public struct Part: Sendable, Equatable {
    public enum Kind: Sendable {
      case title, tune, transport, silence, missing, unsaved, generator, temperature, memory, ahead,
        mode
    }
    public var kind: Kind
    public var text: String
  }

  public static func parts(of session: Session) -> [Part] {
    let header = session.parsed.header
    let unit = header.unitLength
    // What is in force where one works.
    let here = session.fieldsAtCursor
    let tune = [
      key(in: here) ?? header.key, here["M"] ?? header.meter,
      here["L"] ?? "\(unit.numerator)/\(unit.denominator)", "Q\(session.tempo)",
    ].filter { !$0.isEmpty }.joined(separator: " ")
    var parts = [
      Part(kind: .title, text: header.titles.first ?? session.draftTitle),
      Part(kind: .tune, text: tune),
      Part(kind: .transport, text: session.transportWords),
    ]
    if session.player.isSilent { parts.append(Part(kind: .silence, text: "OUT none")) }
    if let name = session.wiring.missing.first {
      let others = session.wiring.missing.count - 1
      parts.append(
        Part(kind: .missing, text: "MIDI? \(name.prefix(16))" + (others > 0 ? " +\(others)" : "")))
    }
    if session.isUnsaved { parts.append(Part(kind: .unsaved, text: "UNSAVED")) }
    parts += [
      Part(kind: .generator, text: "GEN \(session.generatorWords)"),
      Part(
        kind: .temperature,
        text: temperatures(session.sampling, writing: session.model?.writing ?? .characters)),
    ]
    if !session.writesNotes {
      parts.append(
        Part(
          kind: .memory, text: "M \(session.sampling.writing.memory.formatted(decimals: 2))"))
    }
    parts.append(Part(kind: .ahead, text: "ahead \(session.sampling.ahead)"))
    if let words = session.recordingWords ?? session.practiceWords {
      parts.append(Part(kind: .mode, text: words))
    }
    switch session.mode {
    case .insert: parts.append(Part(kind: .mode, text: "INSERT"))
    case .select: parts.append(Part(kind: .mode, text: "SELECT"))
    case .grab: parts.append(Part(kind: .mode, text: "GRAB"))
    case .audition: parts.append(Part(kind: .mode, text: "AUDITION"))
    default: break
    }
    return parts
  }

  /// The key of a `K:` field, without the clefs and octaves that may stand there, too.
  private static func key(in fields: [Character: String]) -> String? {
    let words = (fields["K"] ?? "").split(separator: " ").filter { !$0.contains("=") }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// `T 0.85`, or `T 0.85 m0.80 r0.70 f0.60` where melody, rhythm and form differ; `p`, `s` and `l` are
  /// pitch, step and length of a model that writes these.
  public static func temperatures(
    _ sampling: Sampling, writing: ModelSummary.Writing = .characters
  ) -> String {
    var text = "T \(sampling.temperature.formatted(decimals: 2))"
    let letters = writing == .timedNotes ? ["p", "s", "l"] : ["m", "r", "f"]
    for (letter, value) in zip(letters, [sampling.melody, sampling.rhythm, sampling.form]) {
      if let value { text += " \(letter)\(value.formatted(decimals: 2))" }
    }
    return text
  }

  public static func text(of session: Session) -> String {
    "lilt  " + parts(of: session).map(\.text).joined(separator: "  ")
  }
}

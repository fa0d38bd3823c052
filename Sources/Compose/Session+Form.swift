import ABC
import Music

/// The tune that phrases of the shelf make in an order.
extension Session {
  /// `form A A B B`: the tune anew from the shelf, as one step; without an argument it asks.
  mutating func buildForm(_ argument: String) -> [Effect] {
    guard !argument.isEmpty else {
      guard !shelf.phrases.isEmpty else { return openShelf("") }
      let present =
        shelf.form.isEmpty ? shelf.names.joined(separator: " ").uppercased() : shelf.form
      return ask("form, such as A A B B", .form, present)
    }
    let text: String
    let form: BuiltForm
    do throws(FormError) {
      (text, form) = try built(argument)
    } catch {
      complain(error.description)
      return []
    }
    let name = Session.formName(argument)
    var effects: [Effect] = []
    if text != self.text {
      guard let replaced = replaceText(with: text, kind: .command, origin: .shelf) else {
        return []
      }
      effects = replaced
      places.moveCursor(to: parsed.bars.first?.range.lowerBound ?? parsed.body.lowerBound)
      places.moveHead(to: draft.count)
    }
    draft.setForm(name)
    tell(form, name)
    return effects + vary(form, name)
  }

  private static func formName(_ form: String) -> String {
    (Shelf.sections(of: form) ?? []).joined(separator: " ").uppercased()
  }

  /// The text that a form makes under the header of the tune, with what does not fit in it.
  func built(_ form: String) throws(FormError) -> (text: String, form: BuiltForm) {
    guard let names = Shelf.sections(of: form), !names.isEmpty else { throw .notAForm(form) }
    /// The sections of each voice.
    var voices = [[BuiltForm.Section]](repeating: [], count: max(parsed.voices.count, 1))
    for name in names {
      for voice in voices.indices { voices[voice].append(try section(name, ofVoice: voice)) }
    }
    var fields = PhraseFields(header: "", unit: Fraction(1, 8))
    var header = ""
    for line in text.text(atBytes: 0..<parsed.body.lowerBound).split(separator: "\n") {
      if let letter = line.first, line.dropFirst().first == ":", "MLK".contains(letter) { continue }
      if line.hasPrefix("Q:") { fields.tempo = String(line.dropFirst(2)).trimmingSpaces() }
      header += line + "\n"
    }
    if header.isEmpty { header = "X:1\nT:\(draftTitle)\n" }
    let first = voices[0][0].phrase.fields
    (fields.meter, fields.unit, fields.key) = (first.meter, first.unit, first.key)
    header += "M:\(fields.meter)\nL:\(fields.unit)\nK:\(fields.key)\n" + voiceDefinitions
    let built = BuiltForm(voices, labels: parsed.voices.map(\.id), under: fields)
    return (header + built.body, built)
  }

  /// What the body says of its voices besides their names, which stand in `V:` fields anywhere in it.
  private var voiceDefinitions: String {
    guard parsed.voices.count > 1 else { return "" }
    var lines = ""
    var known: Set<Substring> = []
    for line in text.text(atBytes: parsed.body.lowerBound..<text.utf8.count).split(separator: "\n")
    {
      let isInline = line.hasPrefix("[V:")
      guard isInline || line.hasPrefix("V:") else { continue }
      let value = line.dropFirst(isInline ? 3 : 2).prefix { $0 != "%" && !(isInline && $0 == "]") }
      let words = value.split(separator: " ")
      if words.count > 1, known.insert(words[0]).inserted {
        lines += "V:" + words.joined(separator: " ") + "\n"
      }
    }
    return lines
  }

  /// A section of a voice by its name: what is kept so, one time through a phrase with endings, or a copy that
  /// the model is to vary.
  private func section(
    _ name: String, ofVoice voice: Int
  ) throws(FormError) -> BuiltForm.Section {
    let label = name.uppercased()
    if let phrase = try music(keptAs: name, ofVoice: voice) {
      return BuiltForm.Section(label: label, phrase: phrase)
    }
    let letter = String(name.prefix(1))
    guard let phrase = try music(keptAs: letter, ofVoice: voice) else {
      throw .missing(label, kept: shelf.names)
    }
    guard let number = name.last?.wholeNumberValue else {
      guard phrase.whole == nil else { throw .hasRepeats(letter) }
      return BuiltForm.Section(label: label, phrase: phrase, copy: .varied)
    }
    guard phrase.whole == nil else {
      guard let pass = phrase.pass(number) else { throw .noEnding(letter, number) }
      return BuiltForm.Section(label: label, phrase: pass)
    }
    return BuiltForm.Section(label: label, phrase: phrase, copy: number > 1 ? .ending : .none)
  }

  /// What is kept under a name of one voice of the tune; `nil` where nothing is.
  private func music(
    keptAs name: String, ofVoice voice: Int
  ) throws(FormError) -> PhraseMusic? {
    guard let phrase = shelf.phrases[name] else { return nil }
    let count = parsed.voices.count
    guard count > 1 else { return PhraseMusic(phrase.text) }
    guard let texts = phrase.voices, texts.count == count else {
      throw .otherVoices(name, kept: phrase.voices?.count ?? 1, wanted: count)
    }
    guard let music = PhraseMusic(texts[voice], mayRest: true) else {
      throw .noBars(name, voice: parsed.voices[voice].id)
    }
    return music
  }

  /// The form line: how long it is, and what does not fit.
  private mutating func tell(_ form: BuiltForm, _ name: String) {
    let remarks =
      form.remarks
      + parsed.diagnostics.filter { $0.severity != .note }
      .map { "\($0.line):\($0.column): \($0.sentence)" }
    let line = "form \(name) = \(playedLength)"
    guard let first = remarks.first else {
      notice("\(line), every join fits")
      return
    }
    for remark in remarks.dropFirst().prefix(20).reversed() { complain("form: \(remark)") }
    let more = remarks.count > 1 ? " (and \(remarks.count - 1) more: P m)" : ""
    complain("\(line); \(first)\(more)")
  }

  /// `32 bars, 1:09`: as it is played.
  private var playedLength: String {
    let performance = score.performance
    let seconds = Int(TempoMap(performance.tempos).seconds(at: performance.end).rounded())
    let time = "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
    guard let length = parsed.header.barLength.map({ Tick($0).count }), length > 0 else {
      return time
    }
    return "\(Session.bars((performance.end.count + length / 2) / length)), \(time)"
  }

  /// Lets the model write what is still a copy, as alternatives; without one it is selected.
  private mutating func vary(_ form: BuiltForm, _ name: String) -> [Effect] {
    let start = draft.count - form.body.utf8.count
    let bars = form.copies.compactMap { copy in
      score.bars(inBytes: copy.lowerBound + start..<copy.upperBound + start)?.lowerBound
    }
    let gaps = gaps(ofBars: bars)
    guard let first = bars.first, let last = bars.last, !gaps.isEmpty,
      isFree(gaps.map(\.range))
    else { return [] }
    let said = message?.text ?? ""
    guard model != nil else {
      places.select(from: parsed.bars[first].range, to: parsed.bars[last].range)
      screen.enter(.select)
      notice("\(said); \(barNames(first...last)) are copies (A writes them once there is a model)")
      return []
    }
    let effects = open(
      .bars, .fill(gaps), Room(gaps: gaps), name: "\(name), \(barNames(first...last))", 4)
    notice("\(said); copies are written anew: 0-9 hears, Enter takes one")
    return effects
  }
}

/// Why a form cannot be built.
enum FormError: Error, CustomStringConvertible {
  case notAForm(String)
  /// A name, and what is kept.
  case missing(String, kept: [String])
  case hasRepeats(String)
  case noEnding(String, Int)
  /// A name, how many voices it was kept of, and how many the tune has.
  case otherVoices(String, kept: Int, wanted: Int)
  /// A name, and the voice that has none of the bars kept under it.
  case noBars(String, voice: String)

  var description: String {
    switch self {
    case .notAForm(let form):
      "'\(form)' is no form: write letters of the shelf, such as A A B B, A' or A1 A2"
    case .missing(let name, let kept):
      kept.isEmpty
        ? "nothing is kept yet (K and a letter keeps the selection or the phrase here)"
        : "nothing is kept as \(name); there is \(kept.joined(separator: " ").uppercased())"
    case .hasRepeats(let name):
      "\(name.uppercased()) has repeats of its own and cannot be varied: keep it without them"
    case .noEnding(let name, let number):
      "\(name.uppercased()) has no ending \(number) that is played from its beginning"
    case .otherVoices(let name, let kept, let wanted):
      "\(name.uppercased()) was kept of \(kept == 1 ? "one voice" : "\(kept) voices") and this tune "
        + "has \(wanted): keep its bars again in this tune (K), those of all voices go together"
    case .noBars(let name, let voice):
      "voice \(voice) has none of the bars that are kept as \(name.uppercased())"
    }
  }
}

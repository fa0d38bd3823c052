import ABC

/// What goes out of a draft, and what comes in.
extension Session {
  /// The name a tune's file gets unless another is asked for.
  var fileName: String {
    let title = parsed.header.titles.first ?? draftTitle
    let letters = title.lowercased().map { character -> Character in
      character.isLetter || character.isNumber ? character : "-"
    }
    let joined = String(letters).split(separator: "-").joined(separator: "-")
    return joined.isEmpty ? "tune" : joined
  }

  mutating func write(_ argument: String) -> [Effect] {
    guard !text.isEmpty else {
      notice("there is nothing to write yet")
      return []
    }
    return exports(.tune, to: argument.isEmpty ? "\(fileName).abc" : argument)
  }

  /// `export`: a form without an argument; otherwise the selection or the whole tune, or what the
  /// first word says.
  mutating func export(_ argument: String) -> [Effect] {
    let choices = exportChoices
    guard !choices.isEmpty else {
      notice("there is nothing to export yet")
      return []
    }
    guard !argument.isEmpty else {
      screen.enter(.export(ExportForm(path: LineEditor("\(fileName).mid"), choices: choices)))
      return []
    }
    let word = String(argument.prefix { $0 != " " })
    let rest = String(argument.dropFirst(word.count)).trimmingSpaces()
    guard !rest.isEmpty, let scope = exportScope(word) else {
      return exports(choices[0].scope, to: argument)
    }
    guard choices.contains(where: { $0.scope == scope }) else {
      complain("there is no \(word) to export here")
      return []
    }
    return exports(scope, to: rest)
  }

  mutating func export(_ form: ExportForm) -> [Effect] {
    screen.enter(.normal)
    let path = form.path.text.trimmingSpaces()
    guard !path.isEmpty, form.choices.indices.contains(form.selected) else { return [] }
    return exports(form.choices[form.selected].scope, to: path)
  }

  private func exportScope(_ word: String) -> ExportScope? {
    switch word {
    case "tune": .tune
    case "selection": .selection
    case "phrase": .phrase
    case "takes": .takes
    case "shelf": .shelf
    case "form": .form
    default: Shelf.name(word).map(ExportScope.kept)
    }
  }

  /// Everything that can be exported now, the likeliest first.
  var exportChoices: [ExportForm.Choice] {
    var kept = shelf.names.map { name in
      ExportForm.Choice(
        scope: .kept(name), name: "\(name) of the shelf, \(shelf.phrases[name]?.name ?? "")")
    }
    if kept.count > 1 {
      kept.append(.init(scope: .shelf, name: "\(kept.count) phrases of the shelf, a file each"))
    }
    if !shelf.form.isEmpty, (try? built(shelf.form)) != nil {
      kept.append(.init(scope: .form, name: "the form \(shelf.form)"))
    }
    guard !text.isEmpty else { return kept }
    var choices = [ExportForm.Choice(scope: .tune, name: "the whole tune")]
    if let selection { choices.insert(.init(scope: .selection, name: barNames(selection)), at: 0) }
    if let phraseBars {
      choices.append(.init(scope: .phrase, name: "the phrase here, \(barNames(phraseBars))"))
    }
    if takes.count > 1 {
      choices.append(.init(scope: .takes, name: "\(takes.count) takes, a file each"))
    }
    return choices + kept
  }

  /// The bars of the phrase that the cursor is in.
  var phraseBars: ClosedRange<Int>? {
    guard let bar = score.bar(atByte: cursor) ?? (parsed.bars.isEmpty ? nil : 0) else {
      return nil
    }
    let phrase = max(sampling.phrase, 1)
    let number = max(parsed.bars[bar].number, 1)
    let first = (number - 1) / phrase * phrase + 1
    let start = score.bar(numbered: first) ?? bar
    let end = score.bar(numbered: first + phrase - 1) ?? parsed.bars.count - 1
    // A pickup goes with what it leads to.
    return withPickup(min(start, end)...max(start, end))
  }

  private mutating func exports(_ scope: ExportScope, to path: String) -> [Effect] {
    let current = history.currentIdentifier
    func file(_ version: History.Identifier, _ bars: ClosedRange<Int>?, _ path: String) -> Effect {
      .writeTune(
        TuneExport(
          path: path, text: Session.excerpt(of: history.versions[version].text, bars: bars),
          recipe: recipe(of: version, bars: bars)))
    }
    func file(_ phrase: Shelf.Phrase, _ path: String) -> Effect {
      .writeTune(TuneExport(path: path, text: phrase.text, recipe: phrase.recipe))
    }
    switch scope {
    case .tune: return [file(current, nil, path)]
    case .selection:
      let bars = selection.map { withPickup(withoutNextPickup($0)) }
      endSelection()
      return [file(current, bars, path)]
    case .phrase: return [file(current, phraseBars, path)]
    case .kept(let name):
      return shelf.phrases[name].map { [file($0, path)] } ?? []
    case .shelf:
      return shelf.names.compactMap { name in
        shelf.phrases[name].map { file($0, Session.numbered(path, Shelf.fileName(name))) }
      }
    case .form:
      guard let text = try? built(shelf.form).text else { return [] }
      var recipe = ["form \(shelf.form)"]
      if text == self.text { recipe += self.recipe(of: current, bars: nil) }
      return [.writeTune(TuneExport(path: path, text: text, recipe: recipe))]
    case .takes:
      return takes.enumerated().map { number, take in
        file(take, nil, Session.numbered(path, "take-\(number + 1)"))
      }
    }
  }

  /// `lane.mid` as `lane-take-2.mid`.
  private static func numbered(_ path: String, _ word: String) -> String {
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
      return "\(path)-\(word)"
    }
    return "\(path[..<dot])-\(word)\(path[dot...])"
  }

  /// Says where a file is, and what of the tune it leaves out.
  mutating func wrote(_ path: String, _ remarks: [String]) {
    guard let first = remarks.first else {
      notice("wrote \(path)")
      return
    }
    for remark in remarks.dropFirst().prefix(20).reversed() { complain("\(path): \(remark)") }
    let more = remarks.count > 1 ? " (and \(remarks.count - 1) more: Pm)" : ""
    complain("wrote \(path); \(first)\(more)")
  }

  mutating func open(_ content: String, from path: String, _ remark: String) -> [Effect] {
    guard
      let effects = replaceText(
        with: content, kind: .file, origin: .file, hint: ":new begins another draft")
    else { return [] }
    if let title = parsed.header.titles.first { draft.adopt(title: title) }
    places.moveCursor(to: parsed.body.lowerBound)
    places.moveHead(to: draft.count)
    let problems = parsed.diagnostics.filter { $0.severity != .note }.count
    let word = problems == 1 ? "warning" : "warnings"
    let warnings = problems == 0 ? "" : ", \(problems) \(word) (gw shows them)"
    let book = remark.isEmpty ? "" : "; \(remark)"
    let name = path.split(separator: "/").last.map(String.init) ?? path
    notice("opened \(name): \(score.completeBars) bars\(warnings)\(book)")
    return effects
  }

  /// The tune with only some bars in its body.
  public static func excerpt(of text: String, bars: ClosedRange<Int>?) -> String {
    guard let bars else { return text }
    return TuneTransform.excerpt(text, places: bars) ?? text
  }
}

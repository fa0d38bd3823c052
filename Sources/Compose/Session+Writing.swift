import ABC
import Music

/// The values that steer how the model writes; each is a row of `SamplingValue`.
extension Session {
  /// Whether the present model writes notes, not characters of ABC.
  var writesNotes: Bool { model.map { $0.writing != .characters } ?? false }

  /// Sets one of the values: to what is typed, a step `up` or `down`, or to the `next` word.
  mutating func setValue(_ name: CommandName, to argument: String, count: Int) -> [Effect] {
    guard let value = SamplingValue[name.rawValue] else { return [] }
    return setValue(value, to: argument, count: count)
  }

  /// The same for a value that need have no command of its own.
  mutating func setValue(_ value: SamplingValue, to argument: String, count: Int) -> [Effect] {
    var wanted = argument.hasPrefix("=") ? argument.dropFirst().description : argument
    wanted = wanted.trimmingSpaces()
    let present = value.text(sampling)
    let isGuard = value.name == CommandName.copyGuard.rawValue
    if value.isForCharacters, writesNotes {
      complain(Author.charactersOnly)
      return []
    }
    guard !wanted.isEmpty else {
      if let command = CommandName(rawValue: value.name) {
        return ask(value.name, command, present)
      }
      complain("set \(value.name) needs a value: \(value.argument); it is \(present)")
      return []
    }
    switch wanted {
    case "up", "down":
      guard value.step > 0, let number = Double(present) else { break }
      let moved = number + (wanted == "up" ? value.step : -value.step) * Double(count)
      // Steps meet 0, and stop at the ends of what is a share.
      wanted =
        value.step >= 1
        ? moved.formatted(decimals: 0)
        : max(-1, min(1, (moved * 100).rounded() / 100)).formatted(decimals: 2)
    case "next":
      let choices = value.choices(catalogue)
      guard !choices.isEmpty else { break }
      let index = choices.firstIndex { present.hasPrefix($0) } ?? -1
      wanted = choices[(index + 1) % choices.count]
    default: break
    }
    var changed = sampling
    if let fitting = value.set(&changed, wanted, catalogue) {
      complain("'\(wanted)' does not fit \(value.name): \(fitting)")
      return []
    }
    writer.steer { $0 = changed }
    let isBlind = isGuard && sampling.writing.repertoires.isEmpty
    let words =
      "\(value.name) \(value.text(sampling))"
      + (isBlind ? " (there is no repertoire beside the model: nothing is known to guard)" : "")
    if value.group == .writing { announce(words) } else { notice(words) }
    return requestCharacters()
  }

  /// Says from which bar on a change will be heard.
  mutating func announce(_ words: String) {
    let bar = max(score.growingBar(atByte: head), 1)
    guard player.state != .stopped else {
      notice("\(words) -> will be heard from bar \(bar)")
      return
    }
    let away = max(bar - score.position(at: player.playhead).bar, 0)
    let bars = away == 1 ? "1 bar" : "\(away) bars"
    notice("\(words) -> will be heard from bar \(bar) (\(bars) from now)")
  }

  mutating func setRandomNumber(_ argument: String) -> [Effect] {
    let isAsked = argument.hasPrefix("=")
    let value = isAsked ? String(argument.dropFirst()).trimmingSpaces() : argument
    if value.isEmpty, isAsked { return ask("rng", .rng, "\(rng)") }
    if let new = UInt64(value) {
      draft.setRandomNumber(new, isFixed: true)
    } else if value.isEmpty || value == "new" {
      let next = rng &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      draft.setRandomNumber(next % 1_000_000, isFixed: false)
    } else {
      complain("'\(value)' does not fit rng: \(CommandName.rng.argument)")
      return []
    }
    notice("rng \(rng)")
    return requestCharacters()
  }

  /// Moves the tune into the key in which most of its notes lie in the instrument's range; of keys
  /// that are equally good into one with two accidentals at most, then into the nearest.
  mutating func takeBestKey() -> [Effect] {
    let writing = sampling.writing
    let notes = parsed.notes.compactMap { $0.kind == .note ? $0.pitch?.key : nil }
    guard !notes.isEmpty, let key = KeyName(parsed.header.key) else {
      notice("there are no notes yet")
      return []
    }
    let range = writing.lowest...max(writing.lowest, writing.highest)
    func outside(_ move: Int) -> Int { notes.count { !range.contains($0 + move) } }
    func accidentals(_ move: Int) -> Int {
      // Up a half tone is seven fifths; beyond six sharps a key has flats.
      let sharps = (((key.sharps + move * 7 + 5) % 12) + 12) % 12 - 5
      return sharps.magnitude > 6 ? 12 - Int(sharps.magnitude) : Int(sharps.magnitude)
    }
    let moves = (-24...24).map { (move: $0, cost: (outside($0), max(accidentals($0), 2), abs($0))) }
    guard let best = moves.min(by: { $0.cost < $1.cost })?.move else { return [] }
    let left = outside(best)
    guard best != 0 else {
      notice(
        left == 0
          ? "the tune lies well for the \(writing.instrument) as it is"
          : "\(left) notes lie outside the \(writing.instrument)'s range in every key")
      return []
    }
    endSelection()
    let effects = transform(.transpose, "\(best)")
    let moved = "moved by \(best) half tones for the \(writing.instrument)"
    if message?.kind != .error {
      notice(left == 0 ? moved : "\(moved); \(left) notes lie outside its range")
    }
    return effects
  }

  // MARK: The plan of single bars

  /// The bar whose plan `plan next` changes: the next one of which nothing is written.
  public var comingBar: Int {
    let growing = score.growingBar(atByte: head)
    let isOpen = parsed.bars.last { $0.range.lowerBound < head }.map {
      !($0.isClosed && $0.range.upperBound <= head)
    }
    return max(growing + (isOpen == true && growing > 0 ? 1 : 0), 1)
  }

  /// Changes what single bars are to be: `5=1`, `6~2`, `7 new`, `7 auto`, `off`; `next` walks what the
  /// coming bar may be.
  mutating func plan(_ argument: String) -> [Effect] {
    guard !writesNotes else {
      complain(Author.charactersOnly)
      return []
    }
    var bars = BarWish.bars(sampling.writing.bars) ?? [:]
    switch argument {
    case "":
      return ask("plan (a bar and what it is: 5=1, 6~2, 7 new, 7 auto)", .plan, "\(comingBar)")
    case "off": bars = [:]
    case "next":
      let bar = comingBar
      bars[bar] = nextWish(after: bars[bar], bar: bar)
    default:
      for entry in argument.split(separator: ",") {
        guard let (number, wish) = BarWish.bar(String(entry)) else {
          complain(
            "'\(entry)' is no plan of a bar: 5=1 (the same as bar 1), 6~2 (a variant), 7 new, 7 auto"
          )
          return []
        }
        bars[number] = wish
      }
    }
    let before = sampling.writing.bars
    writer.steer { $0.writing.bars = BarWish.text(of: bars) }
    let bar = argument == "next" ? comingBar : nil
    let words = bar.map { "bar \($0)\(bars[$0]?.mark ?? " as the plan says")" }
    notice(
      words.map { "\($0) (F changes it, :plan off gives up all)" }
        ?? (sampling.writing.bars.isEmpty
          ? "no bar is planned by hand" : "plan \(sampling.writing.bars)"))
    if sampling.writing.bars == before { return [] }
    return requestCharacters()
  }

  /// What a bar may be after what it is to be now: new, then like bars before it, then as planned.
  private func nextWish(after wish: BarWish?, bar: Int) -> BarWish? {
    var wishes: [BarWish] = [.new]
    for distance in [4, 2, 1, 8] where distance < bar {
      wishes.append(.like(bar - distance, isVaried: false))
      wishes.append(.like(bar - distance, isVaried: true))
    }
    // What the plan says already is no change.
    let planned = plannedBars.first { $0.number == bar }?.wish
    if wish == nil { return wishes.first { $0 != planned } }
    guard let index = wishes.firstIndex(where: { $0 == wish }), index + 1 < wishes.count else {
      return nil
    }
    return wishes[index + 1]
  }

  // MARK: Tunes that are lent

  /// `add FILE…` and `add shelf` lend the model tunes besides those that it is lent already, `off`
  /// takes all of them back; anything else sets the memory.
  mutating func changeMemory(_ argument: String, count: Int) -> [Effect] {
    guard !writesNotes else {
      complain(Author.charactersOnly)
      return []
    }
    let argument = argument.trimmingSpaces()
    switch argument {
    case "add": return ask("lend tunes from (files, or shelf)", .memory, "add ")
    case "add shelf":
      guard !shelf.names.isEmpty else {
        notice("the shelf is empty (:keep a keeps a phrase)")
        return []
      }
      let phrases = shelf.names.compactMap { shelf.phrases[$0]?.text }
      return [.readTunes(files: "", shelf: Self.tunebook(of: phrases))]
    case "off":
      let name = book?.name
      writer.steer { $0.writing.book = "" }
      announce(name.map { "\($0): no longer lent" } ?? "no tunes are lent")
      return requestCharacters()
    default: break
    }
    if argument.hasPrefix("add ") {
      return [.readTunes(files: String(argument.dropFirst(4)).trimmingSpaces(), shelf: "")]
    }
    if let word = argument.first, word.isLetter, argument != "up", argument != "down" {
      complain(
        "'\(argument)' does not fit memory: -1 to 1, add FILE… or add shelf to lend tunes, off to "
          + "take them back")
      return []
    }
    return setValue(.memory, to: argument, count: count)
  }

  /// Small tunes, one after the other.
  private static func tunebook(of tunes: [String]) -> String {
    tunes.enumerated().map { place, text in
      let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        .filter { !$0.hasPrefix("X:") }
      return "X:\(place + 1)\n" + lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  mutating func lend(_ new: LentTunes, _ remark: String) -> [Effect] {
    let lent = book?.adding(new) ?? new
    writer.keep(lent)
    recorder.note(.book(lent))
    writer.steer { $0.writing.book = lent.identifier }
    let others = lent.texts.count - new.texts.count
    let besides =
      others <= 0 ? "" : others == 1 ? ", and the tune lent before" : ", and \(others) lent before"
    announce("the model remembers \(remark)\(besides)")
    return requestCharacters()
  }

  // MARK: Moods

  /// Takes on a mood by its name; `save NAME` keeps the present one.
  mutating func mood(_ argument: String) -> [Effect] {
    let names = catalogue.moods.map(\.name)
    if argument.isEmpty {
      return ask("mood (\(names.joined(separator: ", ")), or save NAME)", .mood)
    }
    if argument.hasPrefix("save") {
      let name = argument.dropFirst(4).description.trimmingSpaces()
      guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else {
        complain("a mood's name has letters, digits and '-' only")
        return []
      }
      return [.saveMood(presentMood(named: name))]
    }
    guard let mood = catalogue.moods.first(where: { $0.name == argument }) else {
      complain("there is no mood '\(argument)': \(names.joined(separator: ", "))")
      return []
    }
    var changed = sampling
    // In the order of the table, as later values count more.
    for row in SamplingValue.all {
      guard let value = mood.values.last(where: { $0.name == row.name })?.value else { continue }
      if let fitting = row.set(&changed, value, catalogue) {
        complain("mood \(mood.name): \(row.name) must be \(fitting), not \(value)")
        return []
      }
    }
    writer.steer { $0 = changed }
    var effects: [Effect] = []
    let isNew = parsed.notes.isEmpty
    if isNew, !mood.fields.isEmpty { effects += takeFields(of: mood) }
    if let tempo = mood.tempo { effects += run(Invocation(.tempo, "\(tempo)")) }
    let idle =
      writesNotes
      ? mood.values.map(\.name).filter { SamplingValue[$0]?.isForCharacters == true } : []
    var words = "mood \(mood.name)"
    if !isNew, !mood.fields.isEmpty { words += " (its key and rhythm are for a new tune)" }
    if !idle.isEmpty {
      words += " (\(idle.joined(separator: ", ")): only for models of characters)"
    }
    announce(words)
    return effects + requestCharacters()
  }

  /// Gives a tune without notes the header of a mood.
  private mutating func takeFields(of mood: Catalogue.Mood) -> [Effect] {
    guard text.isEmpty else {
      return whilePaused { session in
        for field in ["M", "R", "K"] as [Character] {
          guard let value = mood.fields[field] else { continue }
          session.setHeaderField(field, to: value, kind: .header)
        }
      }
    }
    var header = "X:1\nT:\(draftTitle)\n"
    for field in ["R", "M"] as [Character] {
      if let value = mood.fields[field] { header += "\(field):\(value)\n" }
    }
    header += "L:1/8\nK:\(mood.fields["K"] ?? "C")\n"
    let effects = replaceText(with: header, kind: .header, origin: .hand) ?? []
    places.moveCursor(to: draft.count)
    return effects
  }

  /// What makes the present tune's mood: its values, those that are usual too, and its header.
  private func presentMood(named name: String) -> Catalogue.Mood {
    let values = SamplingValue.all.filter(\.isOfMood).compactMap {
      value -> (name: String, value: String)? in
      let text = value.text(sampling)
      // What cannot be said again, such as a file that is gone, is not kept.
      var again = Sampling()
      return value.set(&again, text, catalogue) == nil && value.text(again) == text
        ? (value.name, text) : nil
    }
    let header = parsed.header
    var fields: [Character: String] = [:]
    if !header.key.isEmpty { fields["K"] = header.key }
    if !header.meter.isEmpty { fields["M"] = header.meter }
    if !header.rhythm.isEmpty { fields["R"] = header.rhythm }
    return Catalogue.Mood(name: name, values: values, fields: fields, tempo: tempo)
  }
}

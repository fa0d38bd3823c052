import ABC

/// Phrases kept by a letter, dropped, heard and put in.
extension Session {
  /// `keep a`: the selection, or the phrase at the cursor; `keep a 5-8` those bars. `off` drops it,
  /// `back` takes what the letter meant before.
  mutating func keep(_ argument: String) -> [Effect] {
    guard !argument.isEmpty else { return ask("keep as (a letter)", .keep) }
    var words = argument.split(separator: " ").map(String.init)
    guard let name = Shelf.name(words.removeFirst()) else {
      complain("'\(argument)' is no place on the shelf: a letter, or one with ' or a number behind")
      return []
    }
    switch words.joined(separator: " ") {
    case "off": return dropKept(name)
    case "back": return keepAgain(name)
    default: break
    }
    var asked: ClosedRange<Int>?
    if let range = words.first, range.first?.isNumber == true {
      guard let bars = barRange(range) else {
        complain("'\(range)' is no range of bars: write 5-8")
        return []
      }
      asked = bars
      words.removeFirst()
    }
    guard let bars = asked ?? selection ?? phraseBars else {
      notice("there are no bars to keep yet")
      return []
    }
    guard bars.allSatisfy({ parsed.bars[$0].voice == parsed.bars[bars.lowerBound].voice }) else {
      complain("these are bars of several voices: select those of one")
      return []
    }
    let whole = withPickup(withoutNextPickup(bars))
    let text = Session.excerpt(of: self.text, bars: whole)
    guard PhraseMusic(text) != nil else {
      notice("there is no music in \(barNames(bars))")
      return []
    }
    let title = parsed.header.titles.first ?? draftTitle
    let replaced = shelf.phrases[name]
    draft.keep(
      Shelf.Phrase(
        text: text,
        name: words.isEmpty ? "\(wholeBarNames(whole)) of \(title)" : words.joined(separator: " "),
        recipe: recipe(of: history.currentIdentifier, bars: whole), voices: allVoices(of: whole)),
      as: name)
    let bar = wholeBarNames(whole)
    endSelection()
    notice(
      "kept \(bar) as \(name)"
        + (replaced.map { " in place of \($0.name) (:keep \(name) back)" } ?? " (' shows the shelf)")
    )
    return []
  }

  /// The bars of every voice that have the numbers of these; `nil` in a tune of one voice.
  private func allVoices(of bars: ClosedRange<Int>) -> [String]? {
    guard parsed.voices.count > 1 else { return nil }
    let numbers = parsed.bars[bars.lowerBound].number...parsed.bars[bars.upperBound].number
    return parsed.voices.indices.map {
      TuneTransform.excerpt(text, bars: numbers, ofVoice: $0) ?? ""
    }
  }

  private mutating func dropKept(_ name: String) -> [Effect] {
    guard let phrase = shelf.phrases[name] else {
      complain("nothing is kept as \(name)")
      return []
    }
    draft.keep(nil, as: name)
    notice("dropped \(name), \(phrase.name) (:keep \(name) back)")
    return []
  }

  private mutating func keepAgain(_ name: String) -> [Effect] {
    guard let phrase = shelf.previous(name) else {
      complain("\(name) was nothing else before")
      return []
    }
    draft.keep(phrase, as: name)
    notice("\(name) is \(phrase.name) again")
    return []
  }

  /// `shelf`: lists what is kept; `shelf a` puts it in.
  mutating func openShelf(_ argument: String) -> [Effect] {
    guard !shelf.phrases.isEmpty else {
      notice("nothing is kept yet (K and a letter keeps the selection or the phrase here)")
      return []
    }
    guard !argument.isEmpty else { return open(shelfPicker) }
    guard let name = Shelf.name(argument), shelf.phrases[name] != nil else {
      complain("nothing is kept as '\(argument)'; there is \(shelf.names.joined(separator: " "))")
      return []
    }
    return putIn(name)
  }

  private var shelfPicker: Picker {
    Picker(
      .shelf,
      shelf.names.compactMap { name in
        shelf.phrases[name].map { phrase in
          let music = PhraseMusic(phrase.text)
          let count = (music?.bars.count ?? 0) - (music?.pickup == nil ? 0 : 1)
          let fields = music.map { "\($0.fields.key) \($0.fields.meter)" } ?? ""
          return Picker.Choice(
            name: name, title: phrase.name, detail: "\(fields)  \(Session.bars(count))",
            text: phrase.text)
        }
      })
  }

  /// Drops a phrase out of the list of them, which goes on as long as there are others.
  mutating func dropFromShelf(_ name: String) -> [Effect] {
    let before = chosenPlace
    let effects = stopHearing() + dropKept(name)
    guard !shelf.phrases.isEmpty else { return effects + leavePicker() }
    var picker = shelfPicker
    picker.choose(min(before, picker.choices.count - 1))
    return effects + open(picker)
  }

  private var chosenPlace: Int {
    if case .picker(let picker) = mode { picker.selected } else { 0 }
  }

  /// Puts a phrase in after the cursor's bar, or in place of the selected ones, read with its own
  /// key, meter and unit length.
  mutating func putIn(_ name: String) -> [Effect] {
    guard let phrase = shelf.phrases[name], let music = PhraseMusic(phrase.text) else { return [] }
    guard let bar = selection?.upperBound ?? score.bar(atByte: cursor) else {
      // An empty draft, or a header alone: the phrase brings its own.
      guard let effects = replaceText(with: phrase.text, kind: .paste, origin: .shelf) else {
        return []
      }
      notice("put \(name) in (u takes it back)")
      return effects
    }
    let end = frame(ofBar: bar).music.upperBound
    let before = fields(at: selection.map { frame(ofBar: $0.lowerBound).music.lowerBound } ?? end)
    var words = "put \(name) in"
    if music.fields.meter != before.meter {
      words += "; it is in \(music.fields.meter), the bars around it in \(before.meter)"
    }
    return put(
      music.fields.inline(after: before) + music.music,
      behind: fields(at: end).inline(after: music.fields), origin: .shelf, saying: words)
  }

  /// What music is read with at a byte of the text.
  func fields(at byte: Int) -> PhraseFields {
    var fields = PhraseFields(
      header: text.text(atBytes: 0..<parsed.body.lowerBound), unit: parsed.header.unitLength)
    let voice = score.voice(atByte: byte)
    let name = parsed.voices.indices.contains(voice) ? parsed.voices[voice].id : ""
    for (letter, value) in TuneTransform.fields(inForceAt: byte, ofVoice: name, in: text) {
      fields.set(letter, value)
    }
    return fields
  }
}

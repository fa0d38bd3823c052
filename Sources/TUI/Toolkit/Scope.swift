/// Every part of the screen that a theme can colour. A theme that leaves one out gives it the style
/// of its longest prefix: `roll.note.voice.2` falls back to `roll.note.voice`, then `roll.note`.
public enum Scope: String, CaseIterable, Sendable {
  case background = "ui.background"
  case text = "ui.text"
  case dim = "ui.text.dim"
  case border = "ui.border"
  case borderFocus = "ui.border.focus"
  case title = "ui.title"
  case titleFocus = "ui.title.focus"
  case status = "ui.status"
  case statusTitle = "ui.status.title"
  case statusGenerator = "ui.status.gen"
  case statusRunning = "ui.status.gen.run"
  case statusPaused = "ui.status.gen.pause"
  case statusFailed = "ui.status.gen.fail"
  case statusPlaying = "ui.status.play"
  case statusMode = "ui.status.mode"
  case help = "ui.help"
  case helpKey = "ui.help.key"
  case popup = "ui.popup"
  case popupBorder = "ui.popup.border"
  case popupKey = "ui.popup.key"
  case popupSelected = "ui.popup.selected"
  case popupDim = "ui.popup.dim"
  case selection = "ui.selection"
  case message = "ui.message"
  case messageError = "ui.message.error"
  case prompt = "ui.prompt"

  case rowWhite = "roll.row.white"
  case rowBlack = "roll.row.black"
  case rowTonic = "roll.row.tonic"
  case barLine = "roll.barline"
  case beat = "roll.beat"
  case ruler = "roll.ruler"
  case rulerWarning = "roll.ruler.warning"
  case chord = "roll.chord"
  case lyric = "roll.lyric"
  case pitchLabel = "roll.label"
  case note = "roll.note"
  case voice1 = "roll.note.voice.1"
  case voice2 = "roll.note.voice.2"
  case voice3 = "roll.note.voice.3"
  case voice4 = "roll.note.voice.4"
  case voice5 = "roll.note.voice.5"
  case voice6 = "roll.note.voice.6"
  case noteHand = "roll.note.hand"
  case noteModel = "roll.note.model"
  case notePaste = "roll.note.paste"
  case noteFile = "roll.note.file"
  case noteShelf = "roll.note.shelf"
  case noteGhost = "roll.note.ghost"
  case notePlaying = "roll.note.playing"
  case noteLocked = "roll.note.locked"
  case noteCursor = "roll.note.cursor"
  case headPlay = "roll.head.play"
  case headGenerate = "roll.head.gen"
  case headEdit = "roll.head.edit"
  case keyWhite = "roll.key.white"
  case keyBlack = "roll.key.black"

  case abcText = "abc"
  case abcField = "abc.field"
  case abcNote = "abc.note"
  case abcRest = "abc.rest"
  case abcAccidental = "abc.accidental"
  case abcDuration = "abc.duration"
  case abcBar = "abc.bar"
  case abcOrnament = "abc.ornament"
  case abcChord = "abc.chord"
  case abcLyric = "abc.lyric"
  case abcComment = "abc.comment"
  case abcError = "abc.error"
  case abcWarning = "abc.warning"
  case abcPlaying = "abc.playing"
  case abcHead = "abc.head"
  case abcGhost = "abc.ghost"

  case laneLabel = "lane"
  case laneBits = "lane.bits"
  case laneTemperature = "lane.temperature"
  case laneCopy = "lane.copy"
  case take = "take"
  case takeKept = "take.kept"
  case takeCurrent = "take.current"
  case takeLocked = "take.locked"
  case next = "next"
  case nextBar = "next.bar"

  /// Its place in `allCases`, for tables.
  var ordinal: Int { Scope.ordinals[self] ?? 0 }

  private static let ordinals = Dictionary(
    uniqueKeysWithValues: Scope.allCases.enumerated().map { ($1, $0) })

  static let names = Set(Scope.allCases.map(\.rawValue))

  /// Whether `name` is a scope or the beginning of one (`roll.note.voice`).
  static func isKnown(_ name: String) -> Bool {
    names.contains(name) || names.contains { $0.hasPrefix(name + ".") }
  }

  /// One of six voices, counted from 0.
  static func voice(_ index: Int) -> Scope {
    let voices: [Scope] = [.voice1, .voice2, .voice3, .voice4, .voice5, .voice6]
    return voices[((index % voices.count) + voices.count) % voices.count]
  }
}

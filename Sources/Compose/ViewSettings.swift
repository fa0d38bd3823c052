/// How the musician has arranged the screen. Part of a draft, so that it comes back.
public struct ViewSettings: Codable, Sendable, Equatable {
  public enum Follow: String, Codable, Sendable, CaseIterable { case playhead, head, off }
  public enum NoteColour: String, Codable, Sendable, CaseIterable {
    case origin, surprise, voice, pitch, temperature
  }
  public enum Pane: String, Codable, Sendable, CaseIterable { case roll, text }

  public var follow = Follow.playhead
  public var noteColour = NoteColour.origin
  public var focus = Pane.roll
  /// Columns of the roll for one unit length: 1, 2, 4, 8.
  public var columnsPerUnit = 2
  /// Semitones for each row of the roll: 2 = half blocks, 1 = one row each; 0 = by the size.
  public var semitonesPerRow = 0
  /// Whether the focused pane fills the screen.
  public var isZoomed = false
  public var showsNext = true
  public var showsTakes = true
  public var showsLanes = true
  /// nil = the judge's line is shown, as in drafts from before there was one.
  public var hidesJudge: Bool?
  /// Whether the music is shown on a staff instead of the roll; nil = no, as in older drafts.
  public var staff: Bool?
  public var showsStaff: Bool { staff == true && !showsEngraved }
  /// Whether it is shown as engraved notation, a picture; nil = no, as in older drafts.
  public var engraved: Bool?
  public var showsEngraved: Bool { engraved == true }
  /// false = calm: the view goes on page by page, and nothing blinks; nil = as ever.
  public var motion: Bool?
  public var isCalm: Bool { motion == false }
  /// First bar of the roll, when the view follows nothing.
  public var scrollBar = 0
  /// Semitones the roll is shifted up from where it would centre itself.
  public var scrollPitch = 0
  /// A theme's name; empty = the default for the terminal.
  public var theme = ""

  public init() {}

  /// What `pane` shows and hides, by the names that it takes.
  public enum Toggle: String, CaseIterable, Sendable {
    case next, takes, lanes, judge, staff, full
  }

  mutating func toggle(_ pane: Toggle) {
    switch pane {
    case .next: showsNext.toggle()
    case .takes: showsTakes.toggle()
    case .lanes: showsLanes.toggle()
    case .judge: hidesJudge = hidesJudge == true ? nil : true
    case .staff:
      // Roll, staff, engraved.
      (staff, engraved) = showsStaff ? (nil, true) : showsEngraved ? (nil, nil) : (true, nil)
    case .full: isZoomed.toggle()
    }
  }
}

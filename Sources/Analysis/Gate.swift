/// One of nine things that a folk tune does or does not.
///
/// They follow the words of people who judge tunes: metre, rhythm of the dance, mode, range, parts,
/// pickups, close, repetition and contrast.
public enum Gate: String, CaseIterable, Sendable {
  case meter, rhythm, mode, range, form, pickup, cadence, repetition, contrast

  /// What is asked, for a table's row.
  public var rule: String {
    switch self {
    case .meter: "every bar inside a part is as long as the meter says"
    case .rhythm: "four in five bars have a rhythm that the dance knows"
    case .mode: "the notes keep to the key, with at least five different ones"
    case .range: "no note is below G3 or above B5"
    case .form: "two to four parts of 4, 8 or 16 bars"
    case .pickup: "every part is a whole number of bars, pickup and last bar together"
    case .cadence: "the last note is the tonic"
    case .repetition: "as many bars come back as is usual in the dance"
    case .contrast: "the second part is not much lower than the first, and not the same"
    }
  }
}

/// Whether a tune passes a gate.
public enum Verdict: String, Sendable {
  case passed, failed
  /// The text so far does not tell, or there is nothing to judge by.
  case open

  /// `✓`, `✗` and `·`; `+`, `-` and `.` where the terminal knows only ASCII.
  public func mark(isASCII: Bool = false) -> String {
    switch self {
    case .passed: isASCII ? "+" : "✓"
    case .failed: isASCII ? "-" : "✗"
    case .open: isASCII ? "." : "·"
    }
  }
}

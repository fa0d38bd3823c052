import ABC

/// A piece of music on its way into a file.
public struct TuneExport: Sendable, Equatable {
  /// As the musician wrote it: with `~`, and without a folder where it goes into the exports' own.
  public var path: String
  /// ABC.
  public var text: String
  /// How the text came to be, one sentence each; see `Recipe`.
  public var recipe: [String]

  public init(path: String, text: String, recipe: [String]) {
    self.path = path
    self.text = text
    self.recipe = recipe
  }
}

/// What of a draft is exported.
public enum ExportScope: Sendable, Equatable {
  case tune, selection, phrase
  /// Every ending there is from here, each as a file of its own.
  case takes
  /// A phrase of the shelf by its name, or all of them, each as a file of its own.
  case kept(String)
  case shelf
  /// The tune that the phrases of the shelf make, whatever stands in the text.
  case form
}

/// What to export, and where to.
public struct ExportForm: Sendable, Equatable {
  public struct Choice: Sendable, Equatable {
    public var scope: ExportScope
    /// In words: `bars 3-4`.
    public var name: String
  }
  public var path: LineEditor
  /// What there is to export, the likeliest first.
  public var choices: [Choice]
  public var selected = 0

  mutating func choose(_ step: Int) {
    selected = (selected + step + choices.count) % max(choices.count, 1)
  }
}

/// How a text came to be, in sentences that a file can carry: the version it is, the model, what was
/// drawn with which random number, and who wrote each bar.
///
/// `Recipe(reading:)` finds the version again, so that a file can be compared with its draft.
public struct Recipe: Sendable, Equatable {
  /// What each line begins with where it stands in a file.
  public static let mark = "recipe: "

  /// The draft's folder.
  public var draft: String?
  public var version: History.Identifier
  /// `nil` = the whole tune.
  private var part: RecipeBars?

  /// Reads the lines of a recipe; `nil` where none of them names a version.
  public init?(reading lines: [String]) {
    var draft: String?
    var found: (version: Int, part: RecipeBars?)?
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      if words.first == "draft", words.count > 1 {
        draft = words.dropFirst().joined(separator: " ")
      } else if words.first == "version", found == nil, words.count > 1,
        let version = Int(words[1].filter(\.isNumber))
      {
        found = (version, RecipeBars(reading: Array(words.dropFirst(2))))
      }
    }
    guard let found else { return nil }
    self.draft = draft
    version = found.version
    part = found.part
  }

  /// Which bars of the version's text it speaks of, by place in `ParsedTune.bars` from 0; `nil` = all
  /// of them.
  public func bars(in text: String) -> ClosedRange<Int>? {
    part.flatMap { $0.places(in: Strains(text, ParsedTune(text: text))) }
  }

  /// The recipe's lines in an ABC text, without their marks.
  public static func lines(inABC text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let content = line.drop { $0 == "%" || $0 == " " }
      return line.hasPrefix("%") && content.hasPrefix(mark)
        ? String(content.dropFirst(mark.count)) : nil
    }
  }

  /// An ABC text without the lines of its recipe.
  public static func without(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { lines(inABC: String($0)).isEmpty }.joined(separator: "\n")
  }
}

extension Session {
  /// How some bars of a version came to be; all of it without bars.
  func recipe(of identifier: History.Identifier, bars: ClosedRange<Int>?) -> [String] {
    let version = history.versions[identifier]
    let tune = identifier == history.currentIdentifier ? parsed : Score(text: version.text).parsed
    var lines: [String] = []
    if let bars {
      let part = RecipeBars(bars, in: Strains(version.text, tune))
      lines.append("version \(identifier), \(part.text(voices: tune.voices.count))")
    } else {
      lines.append("version \(identifier), whole")
    }
    if let model { lines.append("model \(model.name), hash \(model.hash), \(model.precision)") }
    var runs: [String] = []
    var step: History.Version? = version
    while let here = step {
      if here.generatedCount > 0 {
        runs.append(
          "run \(here.identifier), rng \(here.rng), from byte \(here.head), "
            + "\(here.generatedCount) characters")
      }
      step = here.parent.map { history.versions[$0] }
    }
    lines += runs.reversed()
    return lines + authors(of: tune, version.records, bars)
  }

  /// Who wrote each bar, by the ruler's numbers: neighbours of one kind in one line. The halves of a bar
  /// that a repeat divides are one.
  private func authors(
    of tune: ParsedTune, _ records: [CharacterRecord], _ wanted: ClosedRange<Int>?
  ) -> [String] {
    var lines: [String] = []
    for voice in 0..<max(tune.voices.count, 1) {
      var bars: [(number: Int, records: [CharacterRecord])] = []
      for (place, bar) in tune.bars.enumerated()
      where bar.voice == voice && wanted?.contains(place) ?? true {
        let own = records[bar.range.clamped(to: 0..<records.count)]
        if bars.last?.number == bar.number {
          bars[bars.count - 1].records += own
        } else {
          bars.append((bar.number, Array(own)))
        }
      }
      var groups: [(first: Int, last: Int, author: String)] = []
      for (number, own) in bars {
        let author = Session.author(of: own[...])
        if let last = groups.last, last.author == author {
          groups[groups.count - 1].last = number
        } else {
          groups.append((number, number, author))
        }
      }
      let name = tune.voices.count > 1 ? "voice \(voice + 1) " : ""
      lines += groups.map { "\(name)\(Session.ruled($0.first, $0.last)): \($0.author)" }
    }
    return lines
  }

  /// `bar 3`, `bars 3-4`, `pickup`, `pickup and bars 1-4`.
  private static func ruled(_ first: Int, _ last: Int) -> String {
    if last == 0 { return "pickup" }
    let start = max(first, 1)
    let bars = start == last ? "bar \(last)" : "bars \(start)-\(last)"
    return first == 0 ? "pickup and \(bars)" : bars
  }

  /// `model at 0.85`, `hand and model at 1.00`.
  private static func author(of records: ArraySlice<CharacterRecord>) -> String {
    let names = Origin.allCases.compactMap { origin -> String? in
      let own = records.filter { $0.origin == origin }
      guard !own.isEmpty else { return nil }
      guard origin == .model else { return "\(origin)" }
      let heats = Set(own.map { Double($0.temperature).formatted(decimals: 2) }).sorted()
      let range = heats.count > 1 ? "\(heats[0]) to \(heats[heats.count - 1])" : heats[0]
      return "model at \(range)"
    }
    return names.isEmpty ? "nobody" : names.joined(separator: " and ")
  }
}

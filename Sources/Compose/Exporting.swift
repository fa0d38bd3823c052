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
  /// By place in the version's `bars`, from 0; `nil` = the whole tune.
  public var bars: ClosedRange<Int>?

  /// Reads the lines of a recipe; `nil` where none of them names a version.
  public init?(reading lines: [String]) {
    var draft: String?
    var found: (version: Int, bars: ClosedRange<Int>?)?
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      if words.first == "draft", words.count > 1 {
        draft = words.dropFirst().joined(separator: " ")
      } else if words.first == "version", found == nil, words.count > 1,
        let version = Int(words[1].filter(\.isNumber))
      {
        let range = words.last.map { $0.split(separator: "-").compactMap { Int($0) } } ?? []
        let bars = range.count == 2 && 1 <= range[0] && range[0] <= range[1]
        found = (version, bars ? range[0] - 1...range[1] - 1 : nil)
      }
    }
    guard let found else { return nil }
    self.draft = draft
    version = found.version
    bars = found.bars
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
      lines.append(
        "version \(identifier), written bars \(bars.lowerBound + 1)-\(bars.upperBound + 1)")
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

  /// Who wrote each bar: neighbours of one kind in one line.
  private func authors(
    of tune: ParsedTune, _ records: [CharacterRecord], _ wanted: ClosedRange<Int>?
  ) -> [String] {
    var groups: [(first: Int, last: Int, voice: Int, author: String)] = []
    for (place, bar) in tune.bars.enumerated() where wanted?.contains(place) ?? true {
      let author = Session.author(of: records[bar.range.clamped(to: 0..<records.count)])
      if let last = groups.last, last.author == author, last.voice == bar.voice {
        groups[groups.count - 1].last = bar.number
      } else {
        groups.append((bar.number, bar.number, bar.voice, author))
      }
    }
    return groups.map { group in
      let bars =
        group.first == group.last ? "bar \(group.first)" : "bars \(group.first)-\(group.last)"
      let voice = tune.voices.count > 1 ? "voice \(group.voice + 1) " : ""
      return "\(voice)\(bars): \(group.author)"
    }
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

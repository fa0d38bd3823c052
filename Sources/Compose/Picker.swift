import ABC

/// A list to look for something in: what is typed filters it, what is chosen is seen and heard.
public struct Picker: Sendable, Equatable {
  /// What it is a list of, and so what becomes of the chosen one.
  public enum Kind: Sendable, Equatable {
    /// Phrases kept by a letter.
    case shelf
    /// Other endings of the text, by their versions.
    case takes
    /// Every version of the draft.
    case history
    case drafts
    /// The tunes of a book.
    case tunes(path: String)
    /// Music in a folder, and the folders in it.
    case files(folder: String)
    /// Where the sound goes.
    case outputs
    /// MIDI ports that notes come from.
    case inputs

    /// One word, as the list's title has it.
    public var name: String {
      switch self {
      case .shelf: "shelf"
      case .takes: "takes"
      case .history: "history"
      case .drafts: "drafts"
      case .tunes: "tunes"
      case .files: "files"
      case .outputs: "out"
      case .inputs: "in"
      }
    }

    /// Whether `pick drop` means something.
    public var mayDrop: Bool { self == .shelf || self == .drafts }

    /// Whether its entries are places for sound, not music.
    public var isOfPorts: Bool { self == .outputs || self == .inputs }

    /// Whether two entries can be looked at side by side.
    public var mayCompare: Bool {
      switch self {
      case .files, .outputs, .inputs: false
      default: true
      }
    }
  }

  public struct Choice: Sendable, Equatable {
    /// What it is called where one is asked for: a letter, the number of a version.
    public let name: String
    public let title: String
    /// Key, bars, age and the like.
    public let detail: String
    /// ABC that belongs to it; `nil` where `Picker` or the session knows it.
    public let text: String?
    /// How it begins, where that is not how `text` begins.
    private let beginning: String?
    /// What is searched, in small letters.
    private let words: [UInt8]

    public init(
      name: String, title: String, detail: String, text: String? = nil, incipit: String? = nil
    ) {
      self.name = name
      self.title = title
      self.detail = detail
      self.text = text
      beginning = incipit
      words = Array("\(name) \(title) \(detail)".lowercased().utf8)
    }

    fileprivate func has(_ word: [UInt8]) -> Bool {
      guard let first = word.first, words.count >= word.count else { return word.isEmpty }
      for start in 0...(words.count - word.count) where words[start] == first {
        if words[start..<start + word.count].elementsEqual(word) { return true }
      }
      return false
    }

    /// The first line of music.
    public var incipit: String { beginning ?? Choice.incipit(of: text ?? "") }

    /// The first line of music in an ABC text; empty where there is none.
    static func incipit(of text: String) -> String {
      var isBody = false
      for line in text.split(whereSeparator: \.isNewline) {
        if isBody, line.dropFirst().first != ":" || line.hasPrefix("|:"), !line.hasPrefix("%") {
          return String(line)
        }
        if line.hasPrefix("K:") { isBody = true }
      }
      return ""
    }
  }

  public let kind: Kind
  public private(set) var choices: [Choice]
  /// Where the texts of tunes stand.
  public let book: Tunebook?
  /// Whether the entries are still being looked for.
  public private(set) var isWaiting = false
  /// Which entry is to be chosen when they come: the first of these names that there is.
  private var wanted: [String] = []
  public private(set) var query = LineEditor()
  /// The places in `choices` that have every word typed, in order.
  public private(set) var matches: [Int]
  /// A place in `matches`.
  public private(set) var selected = 0
  /// The place in `choices` of the one that another is to be compared with.
  public private(set) var marked: Int?
  /// Whether the chosen one is what sounds.
  public internal(set) var isHeard = false

  public init(_ kind: Kind, _ choices: [Choice], selected: Int = 0) {
    self.kind = kind
    self.choices = choices
    book = nil
    matches = Array(choices.indices)
    choose(selected)
  }

  /// A list whose entries come later: what is typed until then filters them.
  init(waitingFor kind: Kind, query: String = "", choosing names: [String] = []) {
    self.init(kind, [])
    isWaiting = true
    wanted = names
    self.query.insert(query)
  }

  /// The tunes of a book, by their places in it; none of them is read.
  public init(book: Tunebook, path: String) {
    kind = .tunes(path: path)
    self.book = book
    choices = book.tunes.enumerated().map { place, tune in
      let fields = book.fields(of: place)
      let number = tune.number.map { "X:\($0)" } ?? ""
      let detail = [number, fields["R"] ?? "", fields["M"] ?? "", fields["K"] ?? ""]
      return Choice(
        name: "\(place)", title: tune.title.isEmpty ? "without a title" : tune.title,
        detail: detail.filter { !$0.isEmpty }.joined(separator: "  "))
    }
    matches = Array(choices.indices)
  }

  /// Takes the entries in that it waited for. The chosen place stays, unless a name was wanted.
  mutating func fill(with other: Picker) {
    let place = selected
    choices = other.choices
    isWaiting = false
    marked = nil
    filter()
    guard query.text.isEmpty else { return }
    let named = wanted.compactMap { name in choices.firstIndex { $0.name == name } }
    choose(named.first ?? place)
    wanted = []
  }

  public var chosen: Choice? {
    matches.indices.contains(selected) ? choices[matches[selected]] : nil
  }

  /// How the music of an entry begins.
  public func incipit(of choice: Choice) -> String {
    guard let book, let place = Int(choice.name) else { return choice.incipit }
    return Choice.incipit(of: book.text(of: place))
  }

  /// Goes to a place among the matches, the nearest there is.
  mutating func choose(_ place: Int) {
    selected = max(min(place, matches.count - 1), 0)
  }

  /// Marks the chosen one, or takes its mark away.
  mutating func mark() {
    let chosen = matches.indices.contains(selected) ? matches[selected] : nil
    marked = marked == chosen ? nil : chosen
  }

  mutating func type(_ typed: String) {
    query.insert(typed)
    filter()
  }

  /// Returns whether the key changed what is typed.
  mutating func edit(_ key: EditKey) -> Bool {
    let before = query.text
    guard query.edit(key) else { return false }
    if query.text != before { filter() }
    return true
  }

  private mutating func filter() {
    selected = 0
    matches = Array(choices.indices)
    // On the shelf a name says which one is meant, and the others stay in sight.
    if kind == .shelf, let name = Shelf.name(query.text),
      let place = choices.firstIndex(where: { $0.name == name })
    {
      selected = place
      return
    }
    let words = query.text.lowercased().split(separator: " ").map { Array($0.utf8) }
    guard !words.isEmpty else { return }
    matches = choices.indices.filter { place in words.allSatisfy { choices[place].has($0) } }
  }
}

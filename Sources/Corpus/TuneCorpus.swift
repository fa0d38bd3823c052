import ABC
import Music

/// Tunes to train on, cleaned, without doubles, split into three parts that share no melody.
public struct TuneCorpus: Sendable {
  public var train: [ModelTune] = []
  public var valid: [ModelTune] = []
  public var test: [ModelTune] = []
  public var report = CorpusReport()

  /// How tunes are read and shared out.
  public struct Options: Hashable, Sendable {
    /// Shares of the melodies that are kept for `valid` and `test`, in hundredths.
    public var validPercent: Int
    public var testPercent: Int
    /// Changes which melodies go where.
    public var salt: UInt64
    /// Whether tunes with the melody of an earlier one are left out.
    public var dropsDoubles: Bool

    public init(
      validPercent: Int = 10, testPercent: Int = 10, salt: UInt64 = 0, dropsDoubles: Bool = true
    ) {
      self.validPercent = validPercent
      self.testPercent = testPercent
      self.salt = salt
      self.dropsDoubles = dropsDoubles
    }
  }

  /// A tune book under a name.
  public struct Book: Sendable {
    public var name: String
    public var tunes: Tunebook
    /// The whole book as UTF-8.
    public var text: String { tunes.text }

    public init(name: String, text: String) {
      self.init(name: name, tunes: Tunebook(text: text))
    }

    public init(name: String, tunes: Tunebook) {
      self.name = name
      self.tunes = tunes
    }
  }

  /// Reads tune books.
  ///
  /// Tunes whose melodies share half of their runs of eight intervals, in any key, form a family. A
  /// family goes to one part whole, by the hash of its smallest melody.
  public init(_ books: [Book], options: Options = Options()) {
    var tunes: [ModelTune] = []
    var melodies: [Melody] = []
    var known: Set<UInt64> = []
    for book in books {
      var kept = 0
      for index in book.tunes.tunes.indices {
        switch ModelTune.read(book.tunes.lines(of: index)) {
        case .failure(let refused):
          report.add(dropped: refused.reason.rawValue, title: refused.title, book: book.name)
        case .success(let tune):
          let melody = Melody(tune)
          if options.dropsDoubles, !known.insert(melody.fingerprint).inserted {
            report.add(dropped: CorpusReport.double, title: tune.title, book: book.name)
            continue
          }
          tunes.append(tune)
          melodies.append(melody)
          kept += 1
        }
      }
      report.books.append(.init(name: book.name, tunes: kept))
    }
    let families = Self.families(melodies)
    for (index, tune) in tunes.enumerated() {
      let place = Self.mixed(families[index] ^ options.salt) % 100
      if place < UInt64(max(options.testPercent, 0)) {
        test.append(tune)
      } else if place < UInt64(max(options.testPercent + options.validPercent, 0)) {
        valid.append(tune)
      } else {
        train.append(tune)
      }
    }
    report.count(train: train, valid: valid, test: test)
  }

  /// The same number for melodies of one family.
  private static func families(_ melodies: [Melody]) -> [UInt64] {
    var parent = Array(melodies.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parent[index] != index {
        parent[index] = parent[parent[index]]
        index = parent[index]
      }
      return index
    }
    let runs = melodies.map { $0.runs(of: 8) }
    var owners: [UInt64: [Int]] = [:]
    for (index, own) in runs.enumerated() {
      var shared: [Int: Int] = [:]
      for run in own {
        for other in owners[run] ?? [] { shared[other, default: 0] += 1 }
        // A run that very many tunes have says nothing.
        if (owners[run]?.count ?? 0) < 64 { owners[run, default: []].append(index) }
      }
      for (other, count) in shared where 2 * count >= min(own.count, runs[other].count) {
        let (first, second) = (root(index), root(other))
        if first != second { parent[max(first, second)] = min(first, second) }
      }
    }
    var smallest: [Int: UInt64] = [:]
    for index in melodies.indices {
      let root = root(index)
      smallest[root] = min(smallest[root] ?? .max, melodies[index].fingerprint)
    }
    return melodies.indices.map { smallest[root($0)] ?? 0 }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = value &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value = value &* 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }
}

/// What was read, what was left out, and why.
public struct CorpusReport: Hashable, Sendable {
  public struct Book: Hashable, Sendable {
    public var name: String
    /// Tunes that were kept.
    public var tunes: Int
  }

  public struct Part: Hashable, Sendable {
    public var tunes = 0
    /// Characters of their texts.
    public var characters = 0
  }

  static let double = "the melody of an earlier tune"

  public var books: [Book] = []
  public var train = Part()
  public var valid = Part()
  public var test = Part()
  /// Reasons and how often they held, in order of first appearance.
  public private(set) var dropped: [(reason: String, count: Int)] = []
  /// The first titles for each reason.
  public private(set) var examples: [String: [String]] = [:]
  /// Different characters of the training text.
  public var characterCount = 0

  mutating func add(dropped reason: String, title: String, book: String) {
    if let index = dropped.firstIndex(where: { $0.reason == reason }) {
      dropped[index].count += 1
    } else {
      dropped.append((reason, 1))
    }
    if examples[reason, default: []].count < 3 {
      examples[reason, default: []].append("\(title.isEmpty ? "untitled" : title) (\(book))")
    }
  }

  mutating func count(train: [ModelTune], valid: [ModelTune], test: [ModelTune]) {
    func part(_ tunes: [ModelTune]) -> Part {
      Part(tunes: tunes.count, characters: tunes.reduce(0) { $0 + $1.text.unicodeScalars.count })
    }
    self.train = part(train)
    self.valid = part(valid)
    self.test = part(test)
    characterCount = Set(train.flatMap { $0.text.unicodeScalars }).count
  }

  public static func == (first: CorpusReport, second: CorpusReport) -> Bool {
    first.lines == second.lines
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(lines) }

  /// The report for people, line by line.
  public var lines: [String] {
    var lines = books.map { "\($0.name): \($0.tunes.counted("tune"))" }
    for (name, part) in [("train", train), ("valid", valid), ("test", test)] {
      lines.append(
        "\(name): \(part.tunes.counted("tune")), \(part.characters.counted("character"))")
    }
    lines.append("vocabulary: \(characterCount.counted("character"))")
    for (reason, count) in dropped {
      let examples = (examples[reason] ?? []).joined(separator: "; ")
      lines.append("left out \(count): \(reason) (\(examples)\(count > 3 ? "; …" : ""))")
    }
    return lines
  }
}

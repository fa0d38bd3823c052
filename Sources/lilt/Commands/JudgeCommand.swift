import ABC
import Analysis
import ArgumentParser
import Glibc

/// `lilt judge`: nine marks for each tune.
struct JudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract: "Judge how well tunes are made, by nine marks and shared notes.",
    discussion: """
      \(Gate.allCases.map { "\($0.rawValue): \($0.rule)." }.joined(separator: "\n"))

      What is usual, and which notes are shared, is told by the repertoire beside the model: the tunes \
      it learnt from. --json is one object for each tune, with all measures of the panel. - is \
      standard input. Exit status 4 when a file cannot be read.
      """)

  @Argument(help: "ABC files; - is standard input.")
  var files: [String]
  @Flag(help: "One JSON object a tune.")
  var json = false
  @Option(help: "The dance to judge all tunes as, such as jig or reel; else each one's own.")
  var rhythm: String?
  @Flag(help: "Say in a sentence why each mark is what it is.")
  var explain = false
  @Flag(help: "Marks as + - . in place of ✓ ✗ ·")
  var ascii = false
  @Option(help: "The model whose repertoire is compared with: a name or a file.")
  var checkpoint: String?
  @Option(help: "A repertoire to compare with in its place.")
  var repertoire: String?

  func validate() throws {
    if files.isEmpty { throw ValidationError("a file is missing; - is standard input") }
    if checkpoint != nil, repertoire != nil {
      throw ValidationError("--checkpoint and --repertoire exclude each other")
    }
  }

  func run() throws {
    let known =
      try repertoire.map { try RepertoireLocator.read($0) }
      ?? CheckpointLocator().repertoire(for: checkpoint)
    if known == nil {
      StandardError.line(
        "there is no repertoire beside the model: rhythm and shared notes are not judged")
    }
    if let rhythm { try Self.check(rhythm, known) }
    var tally = GateTally()
    let areAllRead = TuneFiles.read(files) { name, bytes in
      if let refusal = TuneFiles.refusal(bytes, name: name) { return refusal }
      let tunes = JudgedTune.tunes(of: bytes, file: name)
      guard tunes.contains(where: { !$0.parsed.notes.isEmpty }) else {
        return "there is no music in it"
      }
      for tune in tunes {
        let judgement = Judgement(
          tune.parsed, text: tune.text, repertoire: known, rhythm: rhythm?.lowercased())
        tally.add(judgement)
        let report = JudgeReport(tune: tune, judgement: judgement, repertoire: known)
        StandardOutput.line(
          json ? report.json(explains: explain) : report.text(explains: explain, isASCII: isASCII))
      }
      return nil
    }
    if !json, tally.count > 1 { StandardOutput.line("\n" + tally.table) }
    if !areAllRead { throw CommandFailure(.unreadableInput, nil) }
  }

  /// As asked, or where the locale knows only ASCII.
  private var isASCII: Bool {
    guard !ascii else { return true }
    setlocale(LC_CTYPE, "")
    guard let codeset = nl_langinfo(Int32(CODESET)) else { return true }
    return String(cString: codeset) != "UTF-8"
  }

  /// Throws where a repertoire knows no such dance.
  static func check(_ rhythm: String, _ repertoire: Repertoire?) throws(CommandFailure) {
    guard let repertoire else { return }
    let dance = Dance(rhythm: rhythm, meter: "")
    guard repertoire.statistics(of: dance) == nil else { return }
    let known = repertoire.dances.map(\.dance.name).joined(separator: ", ")
    throw CommandFailure(
      .usage, "--rhythm \(rhythm): too few tunes of this dance are known; known are: \(known)")
  }
}

/// A tune of a file that is judged.
struct JudgedTune {
  var file: String
  /// `X:`; nil where there is none.
  var number: Int?
  var title: String
  var parsed: ParsedTune
  var text: [UInt8]

  /// The tunes of a book, or one tune without `X:`.
  static func tunes(of bytes: [UInt8], file: String) -> [JudgedTune] {
    let book = Tunebook(bytes: bytes)
    guard !book.tunes.isEmpty else {
      let parsed = ParsedTune(text: book.text)
      return [
        JudgedTune(
          file: file, title: parsed.header.titles.first ?? "", parsed: parsed,
          text: Array(book.text.utf8))
      ]
    }
    return book.tunes.indices.map { index in
      JudgedTune(
        file: file, number: book.tunes[index].number, title: book.tunes[index].title,
        parsed: book.parsedTune(index), text: Array(book.text(of: index).utf8))
    }
  }
}

/// How many tunes pass each gate.
struct GateTally {
  private(set) var count = 0
  private(set) var passed: [Gate: Int] = [:]
  private(set) var passedAll = 0

  mutating func add(_ judgement: Judgement) {
    count += 1
    for gate in Gate.allCases where judgement[gate] == .passed { passed[gate, default: 0] += 1 }
    if judgement.passesAll { passedAll += 1 }
  }

  func share(_ gate: Gate) -> Double { Double(passed[gate, default: 0]) / Double(max(count, 1)) }
  var shareOfAll: Double { Double(passedAll) / Double(max(count, 1)) }

  /// A row for each gate, and one for those who pass all.
  var table: String {
    let rows =
      Gate.allCases.map { ($0.rawValue, passed[$0, default: 0]) } + [("all nine", passedAll)]
    return rows.map { name, passed in
      name + String(repeating: " ", count: 12 - name.count)
        + decimals(Double(passed) / Double(max(count, 1)), 3) + "  \(passed) of \(count)"
    }.joined(separator: "\n")
  }
}

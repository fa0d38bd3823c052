import ABC
import Music

/// What is wrong in one file of ABC.
struct CheckReport {
  /// One thing that is wrong. Line and column count from 1; columns count characters.
  struct Finding {
    var line: Int
    var column: Int
    var severity: Diagnostic.Severity
    var sentence: String
    /// The bar that does not add up, as a musician counts (0 for a pickup).
    var bar: Int?
    /// The name of its voice where the tune has several.
    var voice: String?
  }

  let name: String
  /// In the order of the file.
  private(set) var findings: [Finding] = []
  /// Whether there is an error, or a bar that does not add up.
  private(set) var hasFailed = false
  /// Why the bytes are no ABC at all; nil when they are.
  private(set) var refusal: String?

  /// Reads a tunebook, or a fragment without `X:`.
  init(bytes: [UInt8], name: String) {
    self.name = name
    if ScoreSource.isScore(bytes) {
      addScore(bytes)
      return
    }
    refusal = TuneFiles.refusal(bytes, name: name)
    guard refusal == nil else { return }
    let book = Tunebook(bytes: bytes)
    guard !book.tunes.isEmpty else {
      add(ParsedTune(text: book.text), linesBefore: 0)
      return
    }
    var counted = (bytes: 0, lines: 0)
    let utf8 = Array(book.text.utf8)
    for index in book.tunes.indices {
      let start = book.tunes[index].range.lowerBound
      counted.lines += CheckReport.lineEnds(utf8[counted.bytes..<start])
      counted.bytes = start
      add(book.parsedTune(index), linesBefore: counted.lines)
    }
  }

  /// A score in MusicXML: what of it is not taken over, and its bars. These have numbers in the
  /// file, but no line that means anything to a musician.
  private mutating func addScore(_ bytes: [UInt8]) {
    do throws(CommandFailure) {
      let read = try ScoreSource.abc(bytes, name: name)
      for sentence in read.remarks {
        findings.append(Finding(line: 1, column: 1, severity: .note, sentence: sentence))
      }
      let known = findings.count
      add(ParsedTune(text: read.text), linesBefore: 0)
      for place in known..<findings.count {
        (findings[place].line, findings[place].column) = (1, 1)
      }
    } catch {
      refusal = error.sentence
    }
  }

  private mutating func add(_ tune: ParsedTune, linesBefore: Int) {
    var found = tune.diagnostics
    for bar in tune.bars where bar.isClosed && bar.expected.map({ $0 != bar.length }) ?? false {
      // Only a short bar may be a pickup.
      if !bar.mayDiffer || bar.expected.map({ bar.length > $0 }) ?? false {
        hasFailed = true
      } else if let error = tune.diagnostics.first(where: {
        $0.severity == .error && bar.range.contains($0.range.lowerBound)
      }) {
        // A bar with a mistake in it is no pickup that is meant to be short.
        let sum = BarSum(
          bar.length, of: bar.expected ?? bar.length, bar: tune.name(of: bar),
          unit: tune.header.unitLength)
        found.append(
          Diagnostic(
            severity: .warning, range: bar.range, line: error.line, column: error.column,
            sentence: sum.sentence))
      }
    }
    if tune.performance().isCut {
      found.append(
        Diagnostic(
          severity: .warning, range: 0..<0, line: 1, column: 1,
          sentence: "The tune asks for more than 200,000 notes; the rest is not played."))
    }
    found.sort { ($0.line, $0.column) < ($1.line, $1.column) }
    let bars = Dictionary(tune.bars.map { ($0.range, $0) }) { first, _ in first }
    for diagnostic in found {
      let bar = bars[diagnostic.range]
      let voice = bar.flatMap {
        tune.voices.count > 1 && tune.voices.indices.contains($0.voice)
          ? tune.voices[$0.voice].name : nil
      }
      findings.append(
        Finding(
          line: diagnostic.line + linesBefore, column: diagnostic.column,
          severity: diagnostic.severity, sentence: diagnostic.sentence, bar: bar?.number,
          voice: voice))
      if diagnostic.severity == .error { hasFailed = true }
    }
  }

  /// LF, CR LF and CR each end a line (ABC 2.1 §8).
  static func lineEnds(_ bytes: ArraySlice<UInt8>) -> Int {
    var count = 0
    var previous: UInt8 = 0
    for byte in bytes {
      if byte == 0x0D || byte == 0x0A && previous != 0x0D { count += 1 }
      previous = byte
    }
    return count
  }

  /// One line for each finding, plain or as JSON.
  ///
  /// - Parameter isLinked: Whether places open their lines where they are clicked.
  func text(json: Bool, isLinked: Bool = false) -> String {
    var text = ""
    for finding in findings {
      if json {
        text +=
          "{\"v\":1,\"file\":\(CheckReport.quoted(name)),\"line\":\(finding.line),"
          + "\"column\":\(finding.column),\"severity\":\"\(finding.severity.rawValue)\","
          + (finding.bar.map { "\"bar\":\($0)," } ?? "")
          + (finding.voice.map { "\"voice\":\(CheckReport.quoted($0))," } ?? "")
          + "\"sentence\":\(CheckReport.quoted(finding.sentence))}\n"
      } else {
        let place = "\(name):\(finding.line):\(finding.column)"
        let address = Hyperlink.address(ofFile: name) + "#\(finding.line)"
        text +=
          Hyperlink.text(place, to: address, isShown: isLinked) + ": \(finding.severity.rawValue): "
          + "\(finding.sentence)\n"
      }
    }
    return text
  }

  /// A JSON string (RFC 8259 §7).
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        quoted += "\\"
        quoted.unicodeScalars.append(scalar)
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

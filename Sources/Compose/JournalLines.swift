import FoundationEssentials

/// The lines of a journal file: JSON objects, each with its running number, where in the undo tree it
/// belongs, and a checksum.
///
///     {"edit":{"lower":4,…},"n":12,"at":[3,2,140],"sum":"9f3a1c22"}
///
/// `n` counts the entries of the file from 0. `at` says how many versions there were before the
/// entry, which of them was the current one, and how many bytes of text that had. `sum` is the
/// CRC-32 of all bytes before `,"sum"`. Journals of earlier programs have none of these; both kinds
/// may stand in one file, and earlier programs read both.
public struct JournalLines: Sendable, Equatable {
  /// The number that the next entry gets.
  public private(set) var next = 0
  /// Bytes of text in each version.
  private var sizes = [0]
  private var current = 0

  public init() {}

  /// The line for an entry, newline included.
  public mutating func line(for entry: JournalEntry) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers and texts always can be encoded.
    guard let data = try? encoder.encode(entry) else { return [] }
    var line = Array(data.dropLast())
    line += Array(",\"n\":\(next),\"at\":[\(sizes.count),\(current),\(sizes[current])]".utf8)
    line += Array(",\"sum\":\"\(CRC32.hex(line))\"}\n".utf8)
    follow(entry)
    next += 1
    return line
  }

  /// Does to the sizes what `Session.restore` does to the texts.
  fileprivate mutating func follow(_ entry: JournalEntry) {
    switch entry {
    case .begin:
      sizes.append(sizes[current])
      current = sizes.count - 1
    case .edit(let lower, let upper, let text, _):
      guard 0 <= lower, lower <= upper, upper <= sizes[current] else { return }
      sizes[current] += text.utf8.count - (upper - lower)
    case .generated(let batch):
      let version = batch.version ?? current
      guard sizes.indices.contains(version) else { return }
      sizes[version] += batch.characters.reduce(0) { $0 + $1.character.utf8.count }
    case .branch(let branch):
      if sizes.indices.contains(branch.from) { sizes.append(sizes[branch.from]) }
    case .change(let change):
      guard sizes.indices.contains(change.version), 0 <= change.lower,
        change.lower <= change.upper, change.upper <= sizes[change.version]
      else { return }
      sizes[change.version] += change.text.utf8.count - (change.upper - change.lower)
    case .select(let identifier):
      if sizes.indices.contains(identifier) { current = identifier }
    case .draft, .model, .sampling, .book, .place, .gaps, .locks, .mark, .kept, .form, .register,
      .closed:
      break
    }
  }
}

/// A journal as far as it can be read.
public struct JournalReading: Sendable {
  public private(set) var entries: [JournalEntry] = []
  /// Goes on where the file ends.
  public private(set) var lines = JournalLines()
  /// Numbers of the entries that are missing or damaged, in order.
  public private(set) var missing: [ClosedRange<Int>] = []
  /// Whether the file ends in the middle of a line.
  public private(set) var isCutOff = false
  /// Lines that are no entries and stand where none is missing.
  public private(set) var strayLines = 0
  /// Whether the file holds something, but not one entry.
  public private(set) var isUnreadable = false
  private var damagedSince = 0
  /// Zero bytes at the end: what a disk leaves where a file was grown and not written.
  private var blankCount = 0

  /// Whether the program was left in good order.
  public var wasClosed: Bool { entries.isEmpty || entries.last == .closed }

  /// Whether something is not as it was written.
  public var isDamaged: Bool { !missing.isEmpty || isCutOff || strayLines > 0 || isUnreadable }

  public init() {}

  /// - Parameter bytes: The whole file.
  public init(_ bytes: [UInt8]) {
    let decoder = JSONDecoder()
    let rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, written) in rows.enumerated() where !written.isEmpty {
      // A program that copies text between systems may have changed the line ends.
      let row = written.last == UInt8(ascii: "\r") ? written.dropLast() : written
      if let line = Line(row, decoder) {
        take(line)
      } else if index == rows.count - 1 {
        isCutOff = true
        blankCount = row.reversed().prefix { $0 == 0 }.count
      } else {
        damagedSince += 1
      }
    }
    if damagedSince > 0 { miss(damagedSince) }
    isUnreadable = entries.isEmpty && (isCutOff || !missing.isEmpty)
  }

  private mutating func miss(_ count: Int) {
    missing.append(next...next + count - 1)
    next += count
    damagedSince = 0
  }

  private var next: Int {
    get { lines.next }
    set { lines.skip(to: newValue) }
  }

  private mutating func take(_ line: Line) {
    guard let place = line.place else {
      // Without a number each damaged line counts as one entry.
      if damagedSince > 0 { miss(damagedSince) }
      add(line.entry)
      next += 1
      return
    }
    guard place.number >= next else {
      // The same line once more.
      strayLines += 1
      return
    }
    if place.number > next {
      miss(place.number - next)
    } else {
      strayLines += damagedSince
    }
    damagedSince = 0
    if isDamaged {
      for entry in lines.entriesMissing(before: place) { add(entry) }
      add(lines.moved(line.entry, to: place))
    } else {
      add(line.entry)
    }
    next = place.number + 1
  }

  private mutating func add(_ entry: JournalEntry) {
    entries.append(entry)
    lines.follow(entry)
  }

  /// Where an entry belongs, as its line says.
  fileprivate struct Place {
    var number: Int
    var versions: Int
    var current: Int
    var size: Int
  }

  /// One line that is sound.
  private struct Line {
    var entry: JournalEntry
    /// `nil` in journals of earlier programs.
    var place: Place?

    init?(_ bytes: ArraySlice<UInt8>, _ decoder: JSONDecoder) {
      let mark = Array(",\"sum\":\"".utf8)
      // The mark, eight digits, a quotation mark and a brace.
      let body = bytes.dropLast(mark.count + 10)
      let tail = bytes[body.endIndex...]
      if tail.starts(with: mark), !body.isEmpty {
        guard
          String(decoding: tail.dropFirst(mark.count).prefix(8), as: UTF8.self)
            == CRC32.hex(body), let place = Line.place(body)
        else { return nil }
        self.place = place
      } else if bytes.suffix(100).contains(subsequence: Line.mark) {
        // It had a checksum once.
        return nil
      }
      guard let entry = try? decoder.decode(JournalEntry.self, from: Data(bytes)) else {
        return nil
      }
      self.entry = entry
    }

    private static let mark = Array(",\"n\":".utf8)

    /// Reads `,"n":12,"at":[3,2,140]` at the end.
    private static func place(_ body: ArraySlice<UInt8>) -> Place? {
      let tail = body.suffix(100)
      guard let start = tail.indices.last(where: { tail[$0...].starts(with: mark) }) else {
        return nil
      }
      let numbers = tail[start...].split { !(0x30...0x39).contains($0) }
        .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
      guard numbers.count == 4, numbers[1] > numbers[2] else { return nil }
      return Place(
        number: numbers[0], versions: numbers[1], current: numbers[2], size: numbers[3])
    }
  }
}

extension JournalLines {
  fileprivate mutating func skip(to number: Int) { next = number }

  /// Versions and the selection as they were before an entry, where lost lines made them.
  fileprivate func entriesMissing(before place: JournalReading.Place) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    var last = current
    // A journal never has so many; a number that is damaged and passed its checksum might.
    for version in sizes.count..<min(max(place.versions, sizes.count), sizes.count + 10_000) {
      entries.append(.begin(kind: .hand, head: 0, rng: 0))
      last = version
    }
    if last != place.current { entries.append(.select(place.current)) }
    return entries
  }

  /// An edit at the same distance from the text's end, where lost lines have made it shorter or
  /// longer.
  fileprivate func moved(
    _ entry: JournalEntry, to place: JournalReading.Place
  ) -> JournalEntry {
    guard case .edit(let lower, let upper, let text, let origin) = entry else { return entry }
    let shift = sizes[current] - place.size
    guard shift != 0, lower + shift >= 0 else { return entry }
    return .edit(lower: lower + shift, upper: upper + shift, text: text, origin: origin)
  }
}

extension JournalReading {
  /// What is missing, as the end of a sentence; `nil` where nothing is.
  public var loss: String? {
    guard isDamaged else { return nil }
    if isUnreadable { return "nothing of its journal can be read" }
    var parts: [String] = []
    if !missing.isEmpty {
      let ranges = missing.prefix(3).map {
        $0.count == 1 ? "\($0.lowerBound + 1)" : "\($0.lowerBound + 1)-\($0.upperBound + 1)"
      }
      let isOne = missing.count == 1 && missing[0].count == 1
      let more = missing.count > 3 ? " and more" : ""
      parts.append(
        "\(isOne ? "entry" : "entries") \(ranges.joined(separator: ", "))\(more) of its journal"
          + " \(isOne ? "is" : "are") damaged or missing")
    }
    if isCutOff {
      // What may have stood behind it, nobody can tell.
      parts.append(
        "it ends \(blankCount > 0 ? "at" : "in the middle of") entry \(lines.next + 1)"
          + (blankCount > 0 ? ", and \(blankCount) bytes behind that are blank" : ""))
    }
    if parts.isEmpty { parts.append("its journal held lines that are no entries") }
    return parts.joined(separator: ", and ")
  }
}

extension Collection where Element: Equatable {
  fileprivate func contains(subsequence other: [Element]) -> Bool {
    indices.contains { self[$0...].starts(with: other) }
  }
}

/// CRC-32 as in zlib and PNG (polynomial 0xEDB88320).
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 != 0 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
    }
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }

  /// Eight hexadecimal digits.
  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = String(of(bytes), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

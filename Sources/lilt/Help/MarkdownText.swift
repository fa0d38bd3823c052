/// A page of Markdown as text for a terminal: headings stand out, paragraphs are set to the width,
/// tables become columns, links are links. Only what the project's own pages use is understood.
struct MarkdownText {
  /// In columns.
  let width: Int
  /// Whether headings may be bold and links hyperlinks.
  let isStyled: Bool

  func lines(of page: String) -> [String] {
    var lines: [String] = []
    var paragraph: [String] = []
    var table: [[String]] = []
    var isCode = false
    func close() {
      if !paragraph.isEmpty {
        lines += set(paragraph)
        paragraph = []
      }
      if !table.isEmpty {
        lines += columns(table)
        table = []
      }
    }
    for raw in page.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = String(raw)
      if line.hasPrefix("```") {
        close()
        isCode.toggle()
      } else if isCode {
        lines.append(line.isEmpty ? "" : "    " + line)
      } else if line.hasPrefix("<!--") {
        continue
      } else if line.hasPrefix("#") {
        close()
        let heading = plain(line.drop { $0 == "#" || $0 == " " })
        lines.append(isStyled ? "\u{1B}[1m\(heading)\u{1B}[0m" : heading)
      } else if line.hasPrefix("|") {
        if !paragraph.isEmpty { close() }
        table.append(cells(line))
      } else if line.isEmpty {
        close()
        if lines.last?.isEmpty == false { lines.append("") }
      } else {
        if !table.isEmpty || isItem(line) { close() }
        paragraph.append(line)
      }
    }
    close()
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private func isItem(_ line: String) -> Bool {
    let text = line.drop { $0 == " " }
    return text.hasPrefix("- ")
      || text.prefix { $0.isNumber }.count > 0
        && text.drop { $0.isNumber }.hasPrefix(". ")
  }

  // MARK: Paragraphs

  /// A paragraph or an item of a list, whose further lines stand below its first word.
  private func set(_ lines: [String]) -> [String] {
    let first = lines[0]
    let indent = first.prefix { $0 == " " }.count
    let marker = isItem(first) ? first.dropFirst(indent).prefix { $0 != " " }.count + 1 : 0
    let words = inline(lines.joined(separator: " "))
    return wrapped(
      words, first: String(repeating: " ", count: indent),
      rest: String(repeating: " ", count: indent + marker))
  }

  private func wrapped(_ words: [Word], first: String, rest: String) -> [String] {
    var lines: [String] = []
    var (line, used, isEmpty) = (first, first.count, true)
    for word in words {
      if !isEmpty, used + 1 + word.width > width {
        lines.append(line)
        (line, used, isEmpty) = (rest, rest.count, true)
      }
      line += (isEmpty ? "" : " ") + word.text
      used += (isEmpty ? 0 : 1) + word.width
      isEmpty = false
    }
    return isEmpty ? lines : lines + [line]
  }

  // MARK: Tables

  private func cells(_ line: String) -> [String] {
    // A bar in a cell is written `\|`.
    let marked = line.replacing("\\|", with: "\u{1}")
    return marked.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
      .map { cell in
        let text = cell.drop { $0 == " " }
        return String(text.reversed().drop { $0 == " " }.reversed()).replacing("\u{1}", with: "|")
      }
  }

  private func columns(_ rows: [[String]]) -> [String] {
    let rows = rows.filter { row in !row.allSatisfy { $0.allSatisfy { "-: ".contains($0) } } }
    let count = rows.map(\.count).max() ?? 0
    guard count > 0 else { return [] }
    // The column with most in it takes what room the others leave.
    let texts = rows.map { row in
      (0..<count).map { $0 < row.count ? inline(row[$0]) : [] }
    }
    let natural = (0..<count).map { column in
      texts.map { $0[column].reduce(-1) { $0 + 1 + $1.width } }.max() ?? 0
    }
    let widest = natural.indices.max { natural[$0] < natural[$1] } ?? 0
    var widths = natural.map { max($0, 0) }
    let others = widths.reduce(0, +) - widths[widest] + 2 * (count - 1)
    widths[widest] = max(min(widths[widest], width - others), 16)
    return texts.flatMap { row in
      let cells = row.enumerated().map { column, words in
        MarkdownText(width: widths[column], isStyled: isStyled).wrapped(words, first: "", rest: "")
      }
      let height = cells.map(\.count).max() ?? 0
      return (0..<height).map { place in
        var line = ""
        for (column, cell) in cells.enumerated() {
          let text = place < cell.count ? cell[place] : ""
          let room = widths[column] - visibleWidth(text)
          line += text
          if column < count - 1 { line += String(repeating: " ", count: max(room, 0) + 2) }
        }
        return String(line.reversed().drop { $0 == " " }.reversed())
      }
    }
  }

  /// Columns of a text without its escape sequences.
  private func visibleWidth(_ text: String) -> Int {
    guard isStyled else { return text.count }
    return text.replacing(/\u{1B}\]8;;[^\u{1B}]*\u{1B}\\/, with: "").count
  }

  // MARK: Words

  private struct Word {
    var text: String
    var width: Int
  }

  /// Words as they are shown: without backticks and stars, links as hyperlinks.
  private func inline(_ text: String) -> [Word] {
    var words: [Word] = []
    var rest = text[...]
    func add(_ part: Substring) {
      for word in part.split(separator: " ") {
        let shown = plain(word)
        words.append(Word(text: shown, width: shown.count))
      }
    }
    while let link = rest.firstMatch(of: /\[([^\]]+)\]\(([^)]+)\)/) {
      add(rest[..<link.range.lowerBound])
      let shown = plain(link.output.1)
      let address = String(link.output.2)
      let isGlued = rest[..<link.range.lowerBound].last.map { $0 != " " } ?? false
      let word = Word(text: linked(shown, address), width: shown.count)
      if isGlued, let last = words.popLast() {
        words.append(Word(text: last.text + word.text, width: last.width + word.width))
      } else {
        words.append(word)
      }
      rest = rest[link.range.upperBound...]
      // A mark behind the link belongs to it.
      let mark = rest.prefix { $0 != " " }
      if !mark.isEmpty, let last = words.popLast() {
        let shown = plain(mark)
        words.append(Word(text: last.text + shown, width: last.width + shown.count))
        rest = rest[mark.endIndex...]
      }
    }
    add(rest)
    return words
  }

  private func linked(_ text: String, _ address: String) -> String {
    guard isStyled, address.contains("://") else { return text }
    return Hyperlink.text(text, to: address, isShown: true)
  }

  private func plain(_ text: some StringProtocol) -> String {
    String(text).replacing("**", with: "").replacing("`", with: "")
  }
}

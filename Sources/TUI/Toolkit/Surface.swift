/// What a screen shows: a grid of cells and a place for the cursor. A value, so that a view is a
/// function and a test compares text.
public struct Surface: Equatable, Sendable {
  /// One cell. A wide character takes two: itself and a cell of `Cell.continuation`.
  public struct Cell: Hashable, Sendable {
    /// A Unicode scalar of width 1 or 2; 0 continues a wide one.
    public var scalar: UInt32
    public var style: Style
    public static let continuation: UInt32 = 0

    public init(scalar: UInt32 = 32, style: Style = .plain) {
      self.scalar = scalar
      self.style = style
    }
  }

  /// Counted from 0 at the top left.
  public struct Position: Hashable, Sendable {
    public var row: Int
    public var column: Int
    public init(row: Int, column: Int) {
      self.row = row
      self.column = column
    }
  }

  public let width: Int
  public let height: Int
  /// Where the hardware cursor stands; hidden where `nil`.
  public var cursor: Position?
  var cells: [Cell]
  /// Combining marks, by index of the cell they belong to.
  var marks: [Int: [UInt32]] = [:]

  /// Marks on one character beyond these are not shown.
  private static let longestStack = 4

  /// A blank surface; sizes below 0 count as 0.
  public init(width: Int, height: Int, style: Style = .plain) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Cell(style: style), count: self.width * self.height)
  }

  /// Reading outside gives a blank; writing outside does nothing.
  public subscript(row: Int, column: Int) -> Cell {
    get { contains(row, column) ? cells[row * width + column] : Cell() }
    set { if contains(row, column) { cells[row * width + column] = newValue } }
  }

  @inline(__always)
  func contains(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < height && column >= 0 && column < width
  }

  /// Takes over the rows and the cursor of another surface of the same width, from the top.
  mutating func copy(_ other: Surface) {
    guard other.width == width else { return }
    let count = min(other.cells.count, cells.count)
    cells.replaceSubrange(..<count, with: other.cells[..<count])
    marks.merge(other.marks.filter { $0.key < count }) { $1 }
    cursor = other.cursor
  }

  /// Writes one character of width 1. Colours that `style` leaves unset stay as they are.
  public mutating func set(_ scalar: Unicode.Scalar, row: Int, column: Int, _ style: Style) {
    guard contains(row, column) else { return }
    let index = row * width + column
    put(scalar.value, at: index, style)
  }

  @inline(__always)
  private mutating func put(_ scalar: UInt32, at index: Int, _ style: Style) {
    // Half of a wide character is none: the other half becomes blank.
    if cells[index].scalar == Cell.continuation, scalar != Cell.continuation, index > 0 {
      cells[index - 1].scalar = 32
    }
    if index + 1 < cells.count, cells[index + 1].scalar == Cell.continuation {
      cells[index + 1].scalar = 32
    }
    let beneath = cells[index].style
    cells[index] = Cell(
      scalar: scalar,
      style: Style(
        foreground: style.foreground == .unset ? beneath.foreground : style.foreground,
        background: style.background == .unset ? beneath.background : style.background,
        attributes: style.attributes))
    if !marks.isEmpty { marks[index] = nil }
  }

  /// Writes text from `column` on, stopping before `end` (the right edge without one). Control
  /// characters show as `^I`. Returns the column after the last one written.
  @discardableResult
  public mutating func write(
    _ text: some StringProtocol, row: Int, column: Int, _ style: Style = .plain, end: Int? = nil
  ) -> Int {
    let limit = min(end ?? width, width)
    guard row >= 0, row < height else { return column }
    var at = column
    for scalar in text.unicodeScalars {
      let value = scalar.value
      if value >= 32 && value < 127 {
        guard at < limit else { break }
        if at >= 0 { put(value, at: row * width + at, style) }
        at += 1
        continue
      }
      switch TextWidth.of(scalar) {
      case .control(let shown):
        for character in shown.unicodeScalars {
          guard at < limit else { break }
          if at >= 0 { put(character.value, at: row * width + at, style) }
          at += 1
        }
      case .zero:
        // On the character before, which may be a wide one.
        guard at > 0, at <= width else { break }
        var index = row * width + at - 1
        if cells[index].scalar == Cell.continuation, at > 1 { index -= 1 }
        if marks[index, default: []].count < Surface.longestStack {
          marks[index, default: []].append(value)
        }
      case .one:
        guard at < limit else { return at }
        if at >= 0 { put(value, at: row * width + at, style) }
        at += 1
      case .two:
        guard at + 1 < limit else { return at }
        if at >= 0 {
          put(value, at: row * width + at, style)
          put(Cell.continuation, at: row * width + at + 1, style)
        }
        at += 2
      }
    }
    return at
  }

  /// Fills part of a row with one character.
  public mutating func fill(
    row: Int, columns: Range<Int>, with scalar: Unicode.Scalar = " ", _ style: Style = .plain
  ) {
    guard row >= 0, row < height else { return }
    for column in columns.clamped(to: 0..<width) {
      put(scalar.value, at: row * width + column, style)
    }
  }

  /// Lays a style over cells and keeps their characters.
  public mutating func tint(row: Int, columns: Range<Int>, _ style: Style) {
    guard row >= 0, row < height else { return }
    for column in columns.clamped(to: 0..<width) {
      let index = row * width + column
      cells[index].style = cells[index].style.patched(with: style)
    }
  }

  /// The characters of one row, its full width, trailing blanks kept.
  public func line(_ row: Int) -> String {
    guard row >= 0, row < height else { return "" }
    var line = ""
    for index in row * width..<(row + 1) * width {
      let scalar = cells[index].scalar
      if scalar == Cell.continuation { continue }
      line.unicodeScalars.append(Unicode.Scalar(scalar) ?? "?")
      line.unicodeScalars += (marks[index] ?? []).compactMap(Unicode.Scalar.init)
    }
    return line
  }

  /// Every row, without trailing blanks.
  public var lines: [String] {
    (0..<height).map { row in
      var line = Substring(line(row))
      while line.last == " " { line.removeLast() }
      return String(line)
    }
  }

  /// The rows as one text, for tests and for `--plain`.
  public var text: String { lines.joined(separator: "\n") }
}

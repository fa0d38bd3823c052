import Glibc

/// What is shown while a network is trained: a few lines that stay in place on a terminal, one JSON
/// object a line elsewhere.
struct TrainView {
  let isLive: Bool
  /// How often it is shown how far the training is.
  var secondsBetweenWords: Double { isLive ? 0.5 : 10 }
  /// What the losses are, such as `bits a character`.
  let unit: String
  private var train = TrainCurve()
  private var valid = TrainCurve()
  private var standing: Standing?
  private var measured: Measured?
  private var shownLines = 0

  init(isLive: Bool, unit: String) {
    self.isLive = isLive
    self.unit = unit
  }

  /// Where training stands.
  struct Standing {
    var step: Int
    var epoch: Double
    var loss: Double
    var rate: Double
    /// How much is done, 0...1.
    var progress: Double
    var seconds: Double
    /// What was read each second since the last report, such as `20103 characters/s`.
    var speed: String
    var json: String
  }

  /// What came out at the end of an epoch.
  struct Measured {
    var step: Int
    /// Loss on what is kept back to measure on; nil where there is nothing.
    var valid: Double?
    /// The other figures, in a line.
    var facts: String
    /// A tune as the network writes it now.
    var sample: String
    var json: String
  }

  mutating func begin(_ text: String, json: String) {
    StandardOutput.line(isLive ? text : json)
  }

  /// Keeps the loss of a step for the curve.
  mutating func note(step: Int, loss: Double) {
    if isLive { train.add(step, loss) }
  }

  mutating func show(_ standing: Standing) {
    self.standing = standing
    if isLive { redraw() } else { StandardOutput.line(standing.json) }
  }

  mutating func show(_ measured: Measured) {
    if let loss = measured.valid { valid.add(measured.step, loss) }
    self.measured = measured
    if isLive { redraw() } else { StandardOutput.line(measured.json) }
  }

  mutating func end(_ text: String, json: String) {
    StandardOutput.line(isLive ? text : json)
  }

  private mutating func redraw() {
    guard let standing else { return }
    let size = Self.terminalSize
    let width = min(size.columns - 1, 78)
    var lines = [
      bar(standing, width: width),
      "step \(standing.step), epoch \(decimals(standing.epoch, 2)), \(standing.speed), "
        + "rate \(decimals(standing.rate, 6))",
    ]
    let rows = min(8, max(3, size.rows - 8))
    lines += TrainCurve.plot(train, valid, width: width, rows: rows)
    var figures = "train · \(decimals(train.recent, 3))"
    if let last = valid.last { figures += ", valid ● \(decimals(last, 3))" }
    lines.append(figures + " \(unit)")
    if let facts = measured?.facts, !facts.isEmpty { lines.append(facts) }
    let room = size.rows - 2 - lines.count
    if let sample = measured?.sample, !sample.isEmpty, room > 3 {
      lines.append("")
      let tune = sample.split(separator: "\n").prefix(room - 1)
      lines += tune.map { line in
        String(
          String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
        )
      }
    }
    var text = shownLines > 0 ? "\u{1b}[\(shownLines)A\u{1b}[J" : ""
    text += lines.map { String($0.prefix(max(width, 1))) }.joined(separator: "\n") + "\n"
    StandardOutput.write(text)
    shownLines = lines.count
  }

  private func bar(_ standing: Standing, width: Int) -> String {
    let rest =
      standing.progress > 0.001
      ? Self.clock(standing.seconds / standing.progress * (1 - standing.progress)) + " left" : ""
    let figures = " \(decimals(100 * standing.progress, 1)) % \(rest)"
    let room = max(4, min(60, width - figures.count - 2))
    let filled = min(room, max(0, Int(standing.progress * Double(room))))
    return "[" + String(repeating: "█", count: filled)
      + String(repeating: "·", count: room - filled) + "]" + figures
  }

  private static var terminalSize: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
    else { return (80, 24) }
    return (max(20, Int(size.ws_col)), max(8, Int(size.ws_row)))
  }

  /// Hours, minutes and seconds.
  static func clock(_ seconds: Double) -> String {
    let seconds = Int(min(max(seconds, 0), 1e9))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}

/// A loss over the steps of a training, kept in a bounded number of points.
struct TrainCurve {
  private(set) var points: [(step: Int, value: Double)] = []
  private static let most = 4096

  mutating func add(_ step: Int, _ value: Double) {
    guard value.isFinite else { return }
    points.append((step, value))
    guard points.count > Self.most else { return }
    points = stride(from: 0, to: points.count - 1, by: 2).map {
      (points[$0 + 1].step, (points[$0].value + points[$0 + 1].value) / 2)
    }
  }

  var last: Double? { points.last?.value }
  /// Mean of the last ten points.
  var recent: Double {
    points.suffix(10).reduce(0) { $0 + $1.value } / Double(max(1, min(10, points.count)))
  }

  /// Two curves as text, steps to the right, losses upwards on a logarithmic scale; highest and
  /// lowest loss stand at the side.
  static func plot(
    _ train: TrainCurve, _ valid: TrainCurve, width: Int, rows: Int
  ) -> [String] {
    let all = (train.points + valid.points).filter { $0.value > 0 }
    guard let low = all.map(\.value).min(), let high = all.map(\.value).max(), high > low,
      let first = all.map(\.step).min(), let end = all.map(\.step).max(), end > first, width > 16
    else { return [] }
    let columns = width - 8
    var cells = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
    func column(_ step: Int) -> Int { (step - first) * (columns - 1) / (end - first) }
    func row(_ value: Double) -> Int {
      let height = (log(value) - log(low)) / (log(high) - log(low))
      return rows - 1 - Int((height * Double(rows - 1)).rounded())
    }
    var sums = [(total: Double, count: Int)](repeating: (0, 0), count: columns)
    for point in train.points where point.value > 0 {
      let at = column(point.step)
      sums[at].total += point.value
      sums[at].count += 1
    }
    for (at, sum) in sums.enumerated() where sum.count > 0 {
      cells[row(sum.total / Double(sum.count))][at] = "·"
    }
    for point in valid.points where point.value > 0 {
      cells[row(point.value)][column(point.step)] = "●"
    }
    return cells.enumerated().map { index, line in
      let label = index == 0 ? decimals(high, 2) : index == rows - 1 ? decimals(low, 2) : ""
      return String(repeating: " ", count: max(0, 6 - label.count)) + label + " │" + String(line)
    }
  }
}

/// A number with so many digits after the point.
func decimals(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "null" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let whole = Int(scaled)
  let sign = value < 0 && whole > 0 ? "-" : ""
  if digits == 0 { return "\(sign)\(whole)" }
  let unit = Int(scale)
  let fraction = String(whole % unit)
  return "\(sign)\(whole / unit)." + String(repeating: "0", count: digits - fraction.count)
    + fraction
}

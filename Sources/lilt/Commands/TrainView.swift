import Training

/// What is shown while a network is trained: a few lines that stay in place on a terminal, one JSON
/// object a line elsewhere.
struct TrainView {
  let isLive: Bool
  private var losses: [Double] = []
  private var validations: [Double] = []
  private var sample = ""
  private var shownLines = 0
  private var facts = ""

  init(isLive: Bool) { self.isLive = isLive }

  /// Where training stands.
  struct Standing {
    var step: StepReport
    var progress: Double
    var seconds: Double
    /// Characters a second since the last report.
    var speed: Double
  }

  mutating func begin(_ text: String, json: String) {
    facts = text
    if isLive { StandardOutput.line(text) } else { StandardOutput.line(json) }
  }

  mutating func show(_ standing: Standing) {
    let report = standing.step
    losses.append(report.bitsPerToken)
    guard isLive else {
      StandardOutput.line(
        "{\"v\":1,\"event\":\"step\",\"step\":\(report.step),\"epoch\":\(epoch(report))"
          + ",\"seconds\":\(decimals(standing.seconds, 1))"
          + ",\"bits_per_character\":\(decimals(report.bitsPerToken, 4))"
          + ",\"accuracy\":\(decimals(report.accuracy, 4)),\"rate\":\(report.rate)"
          + ",\"gradient_norm\":\(decimals(report.gradientNorm, 4))"
          + ",\"characters_per_second\":\(decimals(standing.speed, 0))"
          + ",\"progress\":\(decimals(standing.progress, 4))}")
      return
    }
    redraw(standing)
  }

  mutating func show(valid: Evaluation, train: Double, sample: String, isBest: Bool, step: Int) {
    validations.append(valid.bitsPerToken)
    self.sample = sample
    guard !isLive else { return }
    StandardOutput.line(
      "{\"v\":1,\"event\":\"epoch\",\"step\":\(step)"
        + ",\"train_bits_per_character\":\(decimals(train, 4))"
        + ",\"valid_bits_per_character\":\(decimals(valid.bitsPerToken, 4))"
        + ",\"accuracy\":\(decimals(valid.accuracy, 4))"
        + ",\"macro_f1\":\(decimals(valid.macroF1, 4))"
        + ",\"weighted_f1\":\(decimals(valid.weightedF1, 4))"
        + ",\"labels\":\(valid.labelCount),\"characters\":\(valid.count)"
        + ",\"best\":\(isBest),\"sample\":\(jsonText(sample))}")
  }

  mutating func end(_ text: String, json: String) {
    StandardOutput.line(isLive ? text : json)
  }

  private func epoch(_ report: StepReport) -> String {
    decimals(Double(report.epoch) + report.epochProgress, 3)
  }

  private mutating func redraw(_ standing: Standing) {
    let width = 40
    let filled = Int(standing.progress * Double(width))
    let rest =
      standing.progress > 0.001
      ? standing.seconds / standing.progress * (1 - standing.progress) : 0
    var lines = [
      "[" + String(repeating: "█", count: filled)
        + String(repeating: "·", count: width - filled)
        + "] \(decimals(100 * standing.progress, 1)) %, \(clock(rest)) left",
      "step \(standing.step.step), epoch \(epoch(standing.step)), "
        + "\(decimals(standing.speed, 0)) characters/s, rate \(decimals(standing.step.rate, 6))",
      "train \(decimals(losses.suffix(10).reduce(0, +) / Double(min(losses.count, 10)), 3)) bits "
        + Self.sparkline(losses, width: 50),
    ]
    if let last = validations.last {
      lines.append(
        "valid \(decimals(last, 3)) bits " + Self.sparkline(validations, width: 50))
    }
    if !sample.isEmpty {
      lines.append("")
      lines += sample.split(separator: "\n").prefix(10).map { String($0.prefix(76)) }
    }
    var text = shownLines > 0 ? "\u{1b}[\(shownLines)A\u{1b}[J" : ""
    text += lines.joined(separator: "\n") + "\n"
    StandardOutput.write(text)
    shownLines = lines.count
  }

  /// The course of some numbers in one line of blocks, the newest last.
  static func sparkline(_ values: [Double], width: Int) -> String {
    guard let lowest = values.min(), let highest = values.max(), highest > lowest else { return "" }
    let blocks = Array("▁▂▃▄▅▆▇█")
    let count = min(width, values.count)
    return String(
      (0..<count).map { place in
        let part = values[values.count * place / count..<values.count * (place + 1) / count]
        let mean = part.reduce(0, +) / Double(max(part.count, 1))
        return blocks[min(7, Int((mean - lowest) / (highest - lowest) * 8))]
      })
  }

  private func clock(_ seconds: Double) -> String {
    let seconds = Int(min(max(seconds, 0), 1e9))
    let minutes = seconds / 60 % 60
    return "\(seconds / 3600):\(minutes < 10 ? "0" : "")\(minutes)"
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

import Music

/// The piano roll of a performance as SVG: time to the right, pitches upwards, each track in a colour
/// of its own, systems of eight bars one below the other.
struct RollPicture {
  private let performance: Performance
  private let notes: [Performance.Note]
  private let lowest: Int
  private let highest: Int
  /// Where bars begin, in ticks, and where the last one ends.
  private let bars: [Int]

  private static let left = 40.0
  private static let barWidth = 112.0
  private static let rowHeight = 6.0
  private static let gap = 34.0
  private static let barsOfSystem = 8

  init(_ performance: Performance) {
    self.performance = performance
    let drums = Set(performance.tracks.indices.filter { performance.tracks[$0].role == .drums })
    let notes = performance.notes.filter { !drums.contains($0.track) && $0.end > $0.start }
    self.notes = notes
    lowest = (notes.map(\.pitch.key).min() ?? 60) - 1
    highest = (notes.map(\.pitch.key).max() ?? 72) + 1
    let end = max(performance.end.count, notes.map(\.end.count).max() ?? 0)
    var bars = performance.bars.map(\.start.count).filter { $0 < end }
    if bars.isEmpty {
      // A file without bars is measured by its first meter.
      let meter = performance.meters.first ?? .init(at: .zero, beats: 4, unit: 4)
      let length = max(Tick.perQuarter / 4, Tick.perQuarter * 4 * meter.beats / max(meter.unit, 1))
      bars = Array(stride(from: 0, to: max(end, 1), by: length))
      bars.append((bars.last ?? 0) + length)
    } else {
      bars.append(max(end, bars[bars.count - 1] + 1))
    }
    self.bars = bars
  }

  var svg: String {
    let count = max(1, bars.count - 1)
    let systems = (count + Self.barsOfSystem - 1) / Self.barsOfSystem
    let width = Self.left + Self.barWidth * Double(min(count, Self.barsOfSystem)) + 12
    let height = 30 + Double(systems) * (rollHeight + Self.gap)
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(decimals(width, 0)) "
      + "\(decimals(height, 0))\" width=\"\(decimals(width, 0))\" font-family=\"sans-serif\" "
      + "font-size=\"9\">\n<title>\(Plot.escaped(performance.title))</title>\n"
      + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    text += label(Self.left, 14, performance.title, size: 12)
    text += legend
    for system in 0..<systems { text += drawn(system) }
    return text + "</svg>\n"
  }

  private var rollHeight: Double { Double(highest - lowest + 1) * Self.rowHeight }

  /// The names of the tracks that have notes, where there are several.
  private var legend: String {
    let used = Set(notes.map(\.track)).sorted()
    guard used.count > 1 else { return "" }
    var x = Self.left + 8 + 7 * Double(performance.title.count)
    var text = ""
    for track in used {
      let name =
        performance.tracks.indices.contains(track) ? performance.tracks[track].name : "\(track)"
      text += label(x, 14, "● " + name, color: color(track))
      x += 22 + 6 * Double(name.count)
    }
    return text
  }

  private func color(_ track: Int) -> String { Plot.colors[max(0, track) % Plot.colors.count] }

  private func drawn(_ system: Int) -> String {
    let first = system * Self.barsOfSystem
    let last = min(first + Self.barsOfSystem, bars.count - 1)
    let top = 30 + Double(system) * (rollHeight + Self.gap)
    let right = Self.left + Self.barWidth * Double(last - first)
    var text = ""
    for key in lowest...highest {
      let y = top + Double(highest - key) * Self.rowHeight
      if [1, 3, 6, 8, 10].contains(key % 12) {
        text += rectangle(Self.left, y, right - Self.left, Self.rowHeight, "#f0f0f0")
      }
      if key % 12 == 0 {
        text += line(Self.left, y + Self.rowHeight, right, y + Self.rowHeight, "#bbb")
        text += label(Self.left - 6, y + Self.rowHeight, "C\(key / 12 - 1)", anchor: "end")
      }
    }
    for bar in first...last {
      let x = Self.left + Self.barWidth * Double(bar - first)
      text += line(x, top, x, top + rollHeight, "#888")
      if bar < last { text += label(x + 2, top + rollHeight + 10, "\(bar + 1)", color: "#888") }
    }
    for note in notes where note.end.count > bars[first] && note.start.count < bars[last] {
      let from = place(max(note.start.count, bars[first]), first, last)
      let to = place(min(note.end.count, bars[last]), first, last)
      let y = top + Double(highest - note.pitch.key) * Self.rowHeight
      text += rectangle(
        from, y + 0.5, max(1, to - from - 0.8), Self.rowHeight - 1, color(note.track))
    }
    return text
  }

  /// Where a tick is in a system; bars are as wide as each other.
  private func place(_ tick: Int, _ first: Int, _ last: Int) -> Double {
    var bar = first
    while bar + 1 < last, bars[bar + 1] <= tick { bar += 1 }
    let share = Double(tick - bars[bar]) / Double(max(1, bars[bar + 1] - bars[bar]))
    return Self.left + Self.barWidth * (Double(bar - first) + share)
  }

  private func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ fill: String
  ) -> String {
    "<rect x=\"\(decimals(x, 1))\" y=\"\(decimals(y, 1))\" width=\"\(decimals(width, 1))\" "
      + "height=\"\(decimals(height, 1))\" fill=\"\(fill)\"/>\n"
  }

  private func line(
    _ x: Double, _ y: Double, _ toX: Double, _ toY: Double, _ color: String
  ) -> String {
    "<path stroke=\"\(color)\" stroke-width=\"0.6\" d=\"M\(decimals(x, 1)) \(decimals(y, 1))"
      + "L\(decimals(toX, 1)) \(decimals(toY, 1))\"/>\n"
  }

  private func label(
    _ x: Double, _ y: Double, _ text: String, color: String = "#222", size: Int = 9,
    anchor: String = "start"
  ) -> String {
    "<text x=\"\(decimals(x, 1))\" y=\"\(decimals(y, 1))\" fill=\"\(color)\" "
      + "font-size=\"\(size)\" text-anchor=\"\(anchor)\">\(Plot.escaped(text))</text>\n"
  }
}

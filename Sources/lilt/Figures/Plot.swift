import Glibc

/// One chart of a figure: curves, dots or bars over two axes, drawn as SVG.
struct Plot {
  enum Scale { case linear, logarithmic }

  struct Curve {
    var name: String
    var points: [(x: Double, y: Double)]
    /// Dots alone, without a line between them.
    var isScattered = false
  }

  /// Bars side by side with those of the other series, by label.
  struct Bars {
    var name: String
    var values: [(label: String, value: Double)]
  }

  var title: String
  var xLabel = ""
  var yLabel = ""
  var xScale = Scale.linear
  var yScale = Scale.linear
  var curves: [Curve] = []
  var bars: [Bars] = []

  static let width = 640.0
  static let height = 260.0
  private static let left = 64.0
  private static let right = 16.0
  private static let top = 52.0
  private static let bottom = 44.0
  /// What series, and the tracks of piano rolls, are told apart by.
  static let colors = [
    "#2471a3", "#c0392b", "#117a65", "#9a7d0a", "#76448a", "#ba4a00", "#5d6d7e", "#1b2631",
    "#d4ac0d", "#2e86c1", "#a93226", "#229954",
  ]

  /// The chart's elements, in a room of `width` × `height`.
  var svg: String {
    var text = label(10, 16, title, size: 13)
    text += legend
    if !bars.isEmpty { return text + drawnBars }
    return text + drawnCurves
  }

  private func color(_ index: Int) -> String { Self.colors[index % Self.colors.count] }

  private var legend: String {
    let names = bars.isEmpty ? curves.map(\.name) : bars.map(\.name)
    guard names.count > 1 || names.first?.isEmpty == false else { return "" }
    var x = 10.0
    var text = ""
    for (index, name) in names.enumerated() where !name.isEmpty {
      text += label(x, 32, "● " + name, color: color(index))
      x += 22 + 6.2 * Double(name.count)
    }
    return text
  }

  // MARK: Curves

  private var drawnCurves: String {
    func shown(_ point: (x: Double, y: Double)) -> Bool {
      point.x.isFinite && point.y.isFinite && (xScale == .linear || point.x > 0)
        && (yScale == .linear || point.y > 0)
    }
    let points = curves.flatMap(\.points).filter(shown)
    guard let x = Axis(points.map(\.x), xScale), let y = Axis(points.map(\.y), yScale) else {
      return label(10, 60, "nothing was measured yet")
    }
    func place(_ point: (x: Double, y: Double)) -> String {
      decimals(Self.left + x.share(point.x) * (Self.width - Self.left - Self.right), 1) + ","
        + decimals(Self.height - Self.bottom - y.share(point.y) * Self.plotHeight, 1)
    }
    var text = frame(x, y)
    for (index, curve) in curves.enumerated() {
      let own = curve.points.filter(shown)
      if !curve.isScattered {
        text +=
          "<polyline fill=\"none\" stroke=\"\(color(index))\" stroke-width=\"1.5\" points=\""
          + own.map(place).joined(separator: " ") + "\"/>\n"
      }
      guard curve.isScattered || own.count <= 40 else { continue }
      for point in own {
        let parts = place(point).split(separator: ",")
        text +=
          "<circle cx=\"\(parts[0])\" cy=\"\(parts[1])\" r=\"\(curve.isScattered ? 2 : 1.8)\" "
          + "fill=\"\(color(index))\"/>"
      }
    }
    return text
  }

  private static var plotHeight: Double { height - top - bottom }

  private func frame(_ x: Axis, _ y: Axis) -> String {
    let (low, high) = (Self.height - Self.bottom, Self.top)
    var text =
      "<path fill=\"none\" stroke=\"#888\" d=\"M\(Self.left) \(high)V\(low)H\(Self.width - Self.right)\"/>"
    for tick in y.ticks {
      let at = low - y.share(tick) * Self.plotHeight
      text +=
        "<path stroke=\"#ddd\" d=\"M\(Self.left) \(decimals(at, 1))H\(Self.width - Self.right)\"/>"
      text += label(Self.left - 6, at + 4, Axis.name(tick), anchor: "end")
    }
    for tick in x.ticks {
      let at = Self.left + x.share(tick) * (Self.width - Self.left - Self.right)
      // A wide number at the right edge would be cut.
      let isAtEdge = at + 3.5 * Double(Axis.name(tick).count) > Self.width
      text += label(
        isAtEdge ? Self.width - 2 : at, low + 14, Axis.name(tick),
        anchor: isAtEdge ? "end" : "middle")
    }
    text += label((Self.left + Self.width) / 2, low + 32, xLabel, anchor: "middle")
    return text + label(10, Self.top - 4, yLabel)
  }

  // MARK: Bars

  private var drawnBars: String {
    let labels = bars.first?.values.map(\.label) ?? []
    guard !labels.isEmpty, let highest = bars.flatMap(\.values).map(\.value).max(), highest > 0
    else { return label(10, 60, "none") }
    let room = (Self.width - Self.left - Self.right) / Double(labels.count)
    let width = room * 0.85 / Double(bars.count)
    let low = Self.height - Self.bottom
    var text = ""
    if let y = Axis([0, highest], .linear) {
      for tick in y.ticks where tick <= highest * 1.001 {
        let at = low - tick / highest * Self.plotHeight
        text +=
          "<path stroke=\"#ddd\" d=\"M\(Self.left) \(decimals(at, 1))H\(Self.width - Self.right)\"/>"
        text += label(Self.left - 6, at + 4, Axis.name(tick), anchor: "end")
      }
    }
    for (series, own) in bars.enumerated() {
      for (index, bar) in own.values.enumerated() where bar.value > 0 {
        let height = bar.value / highest * Self.plotHeight
        let x = Self.left + room * Double(index) + width * Double(series)
        text +=
          "<rect x=\"\(decimals(x, 1))\" y=\"\(decimals(low - height, 1))\" "
          + "width=\"\(decimals(width, 1))\" height=\"\(decimals(height, 1))\" "
          + "fill=\"\(color(series))\"><title>\(Self.escaped(bar.label)): "
          + "\(decimals(bar.value, 4))</title></rect>"
      }
    }
    let every = max(1, labels.count / 24)
    for (index, name) in labels.enumerated() where index % every == 0 {
      text += label(
        Self.left + room * (Double(index) + 0.43), low + 13, name, size: 9, anchor: "middle")
    }
    text += label((Self.left + Self.width) / 2, low + 32, xLabel, anchor: "middle")
    return text + label(10, Self.top - 4, yLabel)
  }

  // MARK: Text

  private func label(
    _ x: Double, _ y: Double, _ text: String, color: String = "#222", size: Int = 11,
    anchor: String = "start"
  ) -> String {
    "<text x=\"\(decimals(x, 1))\" y=\"\(decimals(y, 1))\" fill=\"\(color)\" "
      + "font-size=\"\(size)\" text-anchor=\"\(anchor)\">\(Self.escaped(text))</text>\n"
  }

  /// A text between the tags of XML.
  static func escaped(_ text: String) -> String {
    String(
      text.flatMap { character -> [Character] in
        switch character {
        case "&": Array("&amp;")
        case "<": Array("&lt;")
        case ">": Array("&gt;")
        case "\"": Array("&quot;")
        default: [character]
        }
      })
  }
}

/// The values of an axis from its lowest to its highest, and where lines are drawn.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  private let scale: Plot.Scale

  /// nil where there are no values.
  init?(_ values: [Double], _ scale: Plot.Scale) {
    guard let smallest = values.min(), let largest = values.max() else { return nil }
    self.scale = scale
    if scale == .logarithmic {
      let first = floor(log10(smallest))
      let last = max(first + 1, ceil(log10(largest)))
      (low, high) = (pow(10, first), pow(10, last))
      let step = max(1, ((last - first) / 6).rounded(.up))
      ticks = stride(from: first, through: last, by: step).map { pow(10, $0) }
      return
    }
    let span = largest - smallest > 0 ? largest - smallest : max(abs(largest), 1)
    let rough = span / 5
    let power = pow(10, floor(log10(rough)))
    let step = [1.0, 2, 5, 10].first { $0 * power >= rough }.map { $0 * power } ?? rough
    let first = floor(smallest / step) * step
    let last = max(ceil(largest / step) * step, first + step)
    (low, high) = (first, last)
    ticks = (0...Int(((last - first) / step).rounded())).map { first + Double($0) * step }
  }

  /// Where a value is, 0...1.
  func share(_ value: Double) -> Double {
    scale == .linear
      ? (value - low) / (high - low) : (log10(value) - log10(low)) / (log10(high) - log10(low))
  }

  /// A value in few characters.
  static func name(_ value: Double) -> String {
    let size = abs(value)
    if value == 0 { return "0" }
    if size >= 1e5 || size < 1e-3 {
      let exponent = floor(log10(size))
      let digits = decimals(value / pow(10, exponent), 1)
      return (digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits) + "e\(Int(exponent))"
    }
    var text = decimals(value, size < 0.1 ? 4 : size < 10 ? 2 : 1)
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

/// Charts one below the other, with tables between them, as a page or a picture.
struct PlotSheet {
  var title: String
  /// A sentence or two on what is shown.
  var summary = ""
  var plots: [Plot] = []
  /// Rows of cells, the first of them the names of the columns.
  var table: [[String]] = []

  /// A page or a picture, by the ending of the path.
  func text(path: String) -> String {
    guard path.hasSuffix(".html") else { return svg }
    let name = Plot.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(name)</title>
      <style>body{font-family:sans-serif;max-width:48em;margin:2em auto}
      table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em .6em;text-align:right}
      td:first-child,th:first-child{text-align:left}</style></head>
      <body>
      <h1>\(name)</h1>
      <p>\(Plot.escaped(summary))</p>
      \(tableText)
      \(svg)
      </body></html>

      """
  }

  private var tableText: String {
    guard !table.isEmpty else { return "" }
    let rows = table.enumerated().map { index, cells in
      let tag = index == 0 ? "th" : "td"
      return "<tr>" + cells.map { "<\(tag)>\(Plot.escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return "<table>\n" + rows.joined(separator: "\n") + "\n</table>"
  }

  private var svg: String {
    let total = Plot.height * Double(max(plots.count, 1))
    let parts = plots.enumerated().map { index, plot in
      "<g transform=\"translate(0 \(Int(Plot.height) * index))\">\(plot.svg)</g>"
    }
    return
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Plot.width)) \(Int(total))\""
      + " width=\"\(Int(Plot.width))\" font-family=\"sans-serif\" font-size=\"11\">\n"
      + "<title>\(Plot.escaped(title))</title>\n"
      + parts.joined(separator: "\n") + "\n</svg>\n"
  }
}

import Glibc

extension Theme {
  /// What makes this theme hard to read: text below 4.5:1 on its ground (quiet text below 3:1), notes
  /// below 3:1 on a row, and steps of surprise that look alike to red-green blind eyes; at every
  /// depth of colour. The ratios are those of WCAG 2.1 §1.4.3 and §1.4.11.
  public func check() -> [ThemeProblem] {
    var problems: [ThemeProblem] = []
    func note(_ place: Place?, _ sentence: String) {
      let problem = ThemeProblem(
        file: place?.file ?? file, line: place?.line ?? 1, column: place?.column ?? 1,
        sentence: isPair ? "\(variant.rawValue): \(sentence)" : sentence)
      if !problems.contains(where: { $0.sentence == problem.sentence }) { problems.append(problem) }
    }
    for depth in ColorDepth.allCases.reversed() where depth != .mono {
      for (scopes, ground, least) in Theme.readings {
        for scope in scopes {
          checkContrast(scope.rawValue, on: ground.rawValue, least, depth, note)
        }
      }
      for row in [Scope.rowWhite, .rowBlack, .rowTonic] {
        for scope in Theme.notes {
          checkContrast(scope.rawValue, on: row.rawValue, 3, depth, note)
        }
        checkRamp("surprise", 5, on: row.rawValue, depth, note)
        checkRamp("pitch_class", 12, on: row.rawValue, depth, note)
      }
      checkSurprise(depth, note)
    }
    for name in ThemeFile.rampNames where ramps[name] == nil {
      note(nil, "ramp '\(name)' is missing")
    }
    return problems
  }

  private typealias Note = (Place?, String) -> Void

  /// Which text stands on which ground, and the contrast it needs.
  private static let readings: [(scopes: [Scope], ground: Scope, least: Double)] = [
    (
      [
        .text, .help, .helpKey, .message, .messageError, .prompt, .abcNote, .abcDuration,
        .abcOrnament, .abcChord, .abcAccidental, .abcError, .abcWarning, .abcLyric, .ruler,
        .rulerWarning, .takeCurrent, .next, .chord, .lyric, .titleFocus,
      ], .background, 4.5
    ),
    (
      [
        .dim, .abcField, .abcBar, .abcRest, .abcComment, .abcGhost, .title, .laneLabel, .take,
        .pitchLabel, .headPlay, .headGenerate, .headEdit, .laneBits, .laneTemperature, .nextBar,
      ], .background, 3
    ),
    (
      [
        .status, .statusTitle, .statusGenerator, .statusRunning, .statusPaused, .statusFailed,
        .statusPlaying, .statusMode,
      ], .status, 4.5
    ),
    ([.popup, .popupKey, .popupSelected], .popup, 4.5),
    ([.popupDim], .popup, 3),
    ([.keyWhite], .keyWhite, 3),
    ([.keyBlack], .keyBlack, 3),
  ]

  private static let notes: [Scope] = [
    .note, .voice1, .voice2, .voice3, .voice4, .voice5, .voice6, .noteHand, .noteModel, .notePaste,
    .noteFile, .noteShelf,
  ]

  private func checkContrast(
    _ scope: String, on ground: String, _ least: Double, _ depth: ColorDepth, _ note: Note
  ) {
    let base = style(Scope.background.rawValue, at: depth)
      .patched(with: Style(foreground: style(Scope.text.rawValue, at: depth).foreground))
    var drawn = base.patched(with: style(ground, at: depth)).patched(with: style(scope, at: depth))
    drawn = drawn.legible(at: depth)
    let lightened = depth <= .colors16 ? drawn.lightened : nil
    if drawn.attributes.contains(.reverse) {
      (drawn.foreground, drawn.background) = (drawn.background, drawn.foreground)
    }
    let front = shown(drawn.foreground, isText: !drawn.attributes.contains(.reverse))
    let back = shown(drawn.background, isText: drawn.attributes.contains(.reverse))
    // Some terminals make bold colours lighter, others do not: both must be readable.
    let other = drawn.attributes.contains(.reverse) ? front : back
    let ratio = min(
      front.contrast(with: back), lightened?.contrast(with: other) ?? .infinity)
    guard ratio < least else { return }
    note(
      entry(for: scope)?.place,
      "'\(scope)' on '\(ground)' has contrast \(ratio.tenths):1 with \(depth.words), "
        + "less than \(least.tenths):1")
  }

  private func checkRamp(
    _ name: String, _ steps: Int, on ground: String, _ depth: ColorDepth, _ note: Note
  ) {
    guard ramps[name] != nil else { return }
    let back = shown(
      style(Scope.background.rawValue, at: depth).patched(with: style(ground, at: depth))
        .background, isText: false)
    for step in 0..<steps {
      let color = ramp(name, Double(step) / Double(steps - 1), at: depth)
      let ratio = shown(color, isText: true).contrast(with: back)
      if ratio < 3 {
        note(
          Place(file: file, line: 1),
          "step \(step + 1) of ramp '\(name)' on '\(ground)' has contrast \(ratio.tenths):1 with "
            + "\(depth.words), less than 3.0:1")
      }
    }
  }

  /// Steps must differ for eyes without red or green cones, too. Sixteen colours need to tell apart
  /// only what the heads `o x !` do; with eight, the heads alone do it.
  private func checkSurprise(_ depth: ColorDepth, _ note: Note) {
    guard ramps["surprise"] != nil, depth > .colors8 else { return }
    let steps = (0..<5).map { shown(ramp("surprise", Double($0) / 4, at: depth), isText: true) }
    for (kind, words) in [(Sight.protan, "without red"), (Sight.deutan, "without green")] {
      let compared = depth >= .colors256 ? [0, 1, 2, 3, 4] : [0, 2, 4]
      for (index, first) in compared.enumerated() {
        for second in compared[(index + 1)...] {
          let difference = steps[first].lab(kind).distance(to: steps[second].lab(kind))
          guard difference < 8 else { continue }
          note(
            nil,
            "steps \(first + 1) and \(second + 1) of ramp 'surprise' look alike to eyes \(words) "
              + "cones with \(depth.words)")
        }
      }
    }
  }

  /// What a colour looks like; the terminal's own are taken as the variant says.
  private func shown(_ color: Color, isText: Bool) -> RGB {
    if let rgb = color.components { return rgb }
    return isText == (variant == .dark) ? RGB(0xE5E5E5) : RGB(0)
  }
}

extension ColorDepth {
  /// `256 colours`.
  var words: String {
    switch self {
    case .mono: "no colours"
    case .colors8: "8 colours"
    case .colors16: "16 colours"
    case .colors256: "256 colours"
    case .trueColor: "true colour"
    }
  }
}

extension Double {
  /// With one decimal, rounded down, so that 4.49 is not shown as the 4.5 it misses.
  fileprivate var tenths: String {
    let scaled = Int((self * 10).rounded(.down))
    return "\(scaled / 10).\(scaled % 10)"
  }
}

private enum Sight { case protan, deutan }

/// A point in CIE L*a*b*, where distance is about what the eye sees.
private struct Lab {
  var l: Double
  var a: Double
  var b: Double

  func distance(to other: Lab) -> Double {
    let (x, y, z) = (l - other.l, a - other.a, b - other.b)
    return (x * x + y * y + z * z).squareRoot()
  }
}

extension RGB {
  /// sRGB to linear light (IEC 61966-2-1).
  private static func linear(_ value: Int) -> Double {
    let share = Double(value) / 255
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
  }

  private var linear: (red: Double, green: Double, blue: Double) {
    (RGB.linear(red), RGB.linear(green), RGB.linear(blue))
  }

  var luminance: Double {
    let (red, green, blue) = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  /// 1...21 (WCAG 2.1).
  func contrast(with other: RGB) -> Double {
    let (first, second) = (luminance, other.luminance)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  /// What dichromats see, after Viénot, Brettel and Mollon (1999), as L*a*b*.
  fileprivate func lab(_ sight: Sight) -> Lab {
    let (red, green, blue) = linear
    let mixed: (Double, Double, Double) =
      switch sight {
      case .protan:
        (
          0.11238 * red + 0.88762 * green, 0.11238 * red + 0.88762 * green,
          0.00401 * red - 0.00401 * green + blue
        )
      case .deutan:
        (
          0.29275 * red + 0.70725 * green, 0.29275 * red + 0.70725 * green,
          -0.02234 * red + 0.02234 * green + blue
        )
      }
    let x = (0.4124 * mixed.0 + 0.3576 * mixed.1 + 0.1805 * mixed.2) / 0.9505
    let y = 0.2126 * mixed.0 + 0.7152 * mixed.1 + 0.0722 * mixed.2
    let z = (0.0193 * mixed.0 + 0.1192 * mixed.1 + 0.9505 * mixed.2) / 1.089
    func bend(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16 / 116 }
    return Lab(
      l: 116 * bend(y) - 16, a: 500 * (bend(x) - bend(y)), b: 200 * (bend(y) - bend(z)))
  }
}

extension Theme {
  /// Every scope with its colours at each depth, a line each, for `lilt theme show`.
  public func listing() -> String {
    let depths: [ColorDepth] = [.trueColor, .colors256, .colors16, .colors8, .mono]
    let width = (Scope.allCases.map(\.rawValue.count).max() ?? 0) + 2
    var text = ""
    for scope in Scope.allCases {
      let cells = depths.map { depth in
        let style = style(scope.rawValue, at: depth)
        let parts =
          [
            style.foreground.words,
            style.background == .unset ? "" : "on \(style.background.words)",
          ]
          + [style.attributes.list.joined(separator: "+")]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
      }
      let name = scope.rawValue + String(repeating: " ", count: width - scope.rawValue.count)
      text += name + cells.map { $0.isEmpty ? "-" : $0 }.joined(separator: "  |  ") + "\n"
    }
    return text
  }
}

extension Color {
  /// `#5fafff`, `75`, `default`, or nothing for a colour that is not set.
  var words: String {
    if self == .unset { return "" }
    if self == .terminal { return "default" }
    return paletteIndex.map { "\($0)" } ?? components?.hex ?? ""
  }
}

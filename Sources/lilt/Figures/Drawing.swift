import ArgumentParser

/// What a picture of music shows.
enum Drawing: String, CaseIterable, ExpressibleByArgument {
  case roll, notation

  /// What is drawn where nobody says: notation of what is written as notation, the roll of what was
  /// played, or where no engraver is installed.
  static func usual(for music: ExportMusic) -> Drawing {
    if case .midi = music { return .roll }
    return ExternalProgram.engraver.isInstalled ? .notation : .roll
  }

  /// What a file that nobody chose the drawing of should be told about it.
  func remark(for music: ExportMusic) -> String {
    switch (self, music) {
    case (.notation, _): "drawn as notation; --as roll draws the piano roll."
    case (.roll, .midi): "drawn as a piano roll; --as notation draws it as notation."
    case (.roll, _):
      "drawn as a piano roll: notation needs abcm2ps, on Debian in the package abcm2ps."
    }
  }
}

/// Engraved notation, drawn by abcm2ps from ABC.
enum Engraving {
  /// A tune as one picture, as SVG.
  ///
  /// - Parameter options: Of abcm2ps, such as a staff's width.
  /// - Throws: `CommandFailure` with outcome `unwritableOutput`.
  static func svg(of abc: String, options: [String] = []) throws(CommandFailure) -> String {
    String(decoding: try run(["-g"] + options, abc), as: UTF8.self)
  }

  /// A tune on pages, each as SVG.
  static func pages(of abc: String) throws(CommandFailure) -> [String] {
    let all = String(decoding: try run(["-v"], abc), as: UTF8.self)
    var pages: [String] = []
    for line in all.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("<svg") { pages.append("") }
      if !pages.isEmpty { pages[pages.count - 1] += line + "\n" }
    }
    return pages
  }

  private static func run(_ options: [String], _ abc: String) throws(CommandFailure) -> [UInt8] {
    // Whole tunes only: a fragment gets what it lacks. -S: a tune's text reads no files.
    let needsNumber = !abc.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("X:") }
    let needsKey = !abc.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("K:") }
    let text = (needsNumber ? "X:1\n" : "") + (needsKey ? "K:C\n" : "") + abc
    let engraver = ExternalProgram.engraver
    do throws(ExternalProgram.Trouble) {
      return try engraver.run(
        ["-S", "-q"] + options + ["-O", "-", "-"], inputs: [Array(text.utf8)])
    } catch {
      throw CommandFailure(
        .unwritableOutput,
        engraver.sentence(
          error, work: "notation is drawn", otherwise: "--as roll draws the piano roll"))
    }
  }
}

/// A picture in another form than SVG, drawn by librsvg's program.
enum Rasterizing {
  /// - Parameter format: `png` or `pdf`; a PDF has a page for each picture.
  /// - Throws: `CommandFailure` with outcome `unwritableOutput`.
  static func bytes(
    _ pictures: [String], as format: String, background: String = "white", options: [String] = []
  ) throws(CommandFailure) -> [UInt8] {
    let rasterizer = ExternalProgram.rasterizer
    // The first comes on standard input, where no name is needed.
    let names = pictures.count > 1 ? ["-"] + (10..<9 + pictures.count).map { "/dev/fd/\($0)" } : []
    do throws(ExternalProgram.Trouble) {
      return try rasterizer.run(
        ["--format=\(format)", "--background-color=\(background)"] + options + names,
        inputs: pictures.map { Array($0.utf8) })
    } catch {
      throw CommandFailure(
        .unwritableOutput,
        rasterizer.sentence(error, work: "a .\(format) is drawn", otherwise: "a .svg needs it not"))
    }
  }
}

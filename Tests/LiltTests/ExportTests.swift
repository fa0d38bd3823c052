import MIDI
import Testing

@testable import lilt

/// `lilt export`: what is written where, and what is said about it.
@Suite struct ExportTests {
  static let book = """
    X:12
    T:The Kerry Cobbler
    M:4/4
    L:1/8
    K:D
    D2FA d2AF|G4 E4|A4 F4|D8|]

    X:13
    T:O'Carolan's Été!
    M:6/8
    K:G
    GAB dBG|G6|]
    """

  private func place() throws -> Workplace {
    let place = try Workplace()
    try place.write(Self.book, to: "book.abc")
    return place
  }

  private func notes(_ name: String, in place: Workplace) throws -> [Int] {
    let bytes = try Files.read(Paths.join(place.directory, name))
    return try MIDIFile(bytes: bytes).performance.notes.map(\.pitch.key)
  }

  @Test func `a tune is written as MIDI, and nothing is said`() throws {
    let place = try place()
    let result = try place.run(["export", "book.abc", "--tune", "13", "-o", "out.mid"])
    #expect(result.status == 0)
    #expect(result.output.isEmpty && result.errors.isEmpty)
    #expect(try notes("out.mid", in: place) == [67, 69, 71, 74, 71, 67, 67])
    #expect(Files.names(in: place.directory) == ["book.abc", "out.mid"])
  }

  @Test func `one tune of several is written with a word`() throws {
    let place = try place()
    for name in ["out.mid", "out.abc"] {
      let result = try place.run(["export", "book.abc", "-o", name])
      #expect(result.status == 0)
      #expect(result.errors == "lilt: book.abc: 1 of 2 tunes; --tune N or --all for the others.\n")
    }
    let result = try place.run(["play", "book.abc", "--audio", "none", "--loop", "99"])
    #expect(result.errors.contains("1 of 2 tunes"))
  }

  @Test func `what is not played is told once, with its place in the file`() throws {
    let place = try Workplace()
    let tune =
      "X:1\nT:A\nM:4/4\nL:1/4\n%%MIDI temperament 1\nK:Dmyx\n\"Cm13b5x\"CDEF|\"Cm13b5x\"!no!C4|[CEGC|GA|c4|\n"
    try place.write(tune + "\n" + tune.replacing("X:1", with: "X:2"), to: "odd.abc")
    let told = try place.run(["export", "odd.abc", "--tune", "2", "-o", "out.mid"]).errors
    let lines = told.split(separator: "\n")
    #expect(
      lines.map { $0.split(separator: " ")[1] } == [
        "odd.abc:13:1:", "odd.abc:14:1:", "odd.abc:15:1:", "odd.abc:15:24:", "odd.abc:15:31:",
      ])
    #expect(!told.contains("holds"))
    let all = try place.run(["export", "odd.abc", "--all", "-o", "out"]).errors
    #expect(all.ranges(of: "(in 2 tunes)").count == 5)
    #expect(all.contains("odd.abc:5:1: %%MIDI temperament is not played. (in 2 tunes)"))
    let played = try place.run([
      "play", "odd.abc", "--tune", "1", "--audio", "none", "--loop", "99",
    ])
    #expect(played.errors.contains("odd.abc:5:1: %%MIDI temperament is not played."))
  }

  @Test func `only the bars asked for are written`() throws {
    let place = try place()
    let result = try place.run(["export", "book.abc", "--bars", "2-3", "-o", "out.mid"])
    #expect(result.status == 0)
    #expect(try notes("out.mid", in: place) == [67, 64, 69, 66])
  }

  @Test func `bars keep the key and meter that were in force`() throws {
    let place = try Workplace()
    try place.write(
      "X:1\nM:4/4\nL:1/8\nK:C\nF8|[K:D]F8|\nM:3/4\nF6|F6|[L:1/4]F3|]\n", to: "a.abc")
    let result = try place.run(["export", "a.abc", "--bars", "4-5", "-o", "-", "--format", "abc"])
    #expect(result.output == "X:1\nM:4/4\nL:1/8\nK:C\n[M:3/4][K:D]F6|[L:1/4]F3|]\n")
  }

  @Test func `a whole tunebook becomes a folder of files named after the tunes`() throws {
    let place = try place()
    let result = try place.run(["export", "book.abc", "--all", "-o", "songs/deep"])
    #expect(result.status == 0)
    #expect(
      Files.names(in: place.directory + "/songs/deep")
        == ["012-the-kerry-cobbler.mid", "013-ocarolans-été.mid"])
  }

  @Test func `several tunebooks become one folder, and what is there already is left alone`() throws
  {
    let place = try place()
    try place.write("X:12\nT:The Kerry Cobbler\nK:G\nG8|\n\nX:2\nT:Other\nK:C\nC8|\n", to: "b.abc")
    let arguments = ["export", "book.abc", "b.abc", "--all", "-o", "songs"]
    let result = try place.run(arguments)
    #expect(result.status == 0)
    #expect(result.errors == "lilt: 4 tunes written to songs\n")
    let names = [
      "002-other.mid", "012-the-kerry-cobbler-2.mid", "012-the-kerry-cobbler.mid",
      "013-ocarolans-été.mid",
    ]
    #expect(Files.names(in: place.directory + "/songs") == names)
    #expect(Files.names(in: place.directory) == ["b.abc", "book.abc", "songs"])
    let before = names.map { Files.modified(place.directory + "/songs/" + $0) }
    try place.write("old", to: "songs/002-other.mid")
    #expect(try place.run(arguments).status == 0)
    #expect(try notes("songs/002-other.mid", in: place) == [60])
    let after = names.map { Files.modified(place.directory + "/songs/" + $0) }
    #expect(before.dropFirst() == after.dropFirst())
    #expect(Files.names(in: place.directory + "/songs") == names)
  }

  @Test func `one file goes to one place`() throws {
    let place = try place()
    let result = try place.run(["export", "book.abc", "book.abc", "-o", "out.mid"])
    #expect(result.status == Outcome.usage.rawValue)
    #expect(Files.names(in: place.directory) == ["book.abc"])
  }

  @Test func `D.C. is followed unless it is not wanted`() throws {
    let place = try Workplace()
    try place.write("X:1\nM:4/4\nL:1/4\nK:C\nCD!fine!EF|GA!D.C.alfine!Bc|]\n", to: "a.abc")
    _ = try place.run(["export", "a.abc", "-o", "with.mid"])
    _ = try place.run(["export", "a.abc", "--no-jumps", "-o", "without.mid"])
    #expect(
      try notes("with.mid", in: place) == [60, 62, 64, 65, 67, 69, 71, 72, 60, 62, 64, 65])
    #expect(try notes("without.mid", in: place) == [60, 62, 64, 65, 67, 69, 71, 72])
  }

  @Test func `bars of every voice are taken, each with its own key and words`() throws {
    let place = try Workplace()
    try place.write(
      """
      X:1
      M:4/4
      L:1/4
      K:C
      V:1
      CDEF|[K:G]GABF|
      w: one two three four five six se-ven
      V:2
      C,4|F,4|
      V:1
      c4|
      V:2
      G,4|
      """, to: "a.abc")
    let result = try place.run(["export", "a.abc", "--bars", "2-3", "-o", "-", "--format", "abc"])
    #expect(
      result.output == """
        X:1
        M:4/4
        L:1/4
        K:C
        V:1
        [K:G]GABF|
        w: one two three four five six se-ven
        c4|
        V:2
        F,4|
        G,4|

        """)
  }

  @Test func `a MIDI file is written down as ABC, also through pipes`() throws {
    let place = try place()
    let script = "\"$1\" export - -o - --format mid <book.abc | \"$1\" export - -o -"
    let result = try place.run("/bin/bash", ["-c", script, "bash", Workplace.executable])
    #expect(result.status == 0)
    #expect(result.output.contains("T:The Kerry Cobbler\nM:4/4\nL:1/8\n"))
    #expect(result.output.contains("K:D\nD2FA d2AF|G4 E4|A4 F4|D8|]\n"))
  }

  @Test(arguments: [
    (["export", "book.abc", "-o", "out.xyz"], Outcome.usage),
    (["export", "book.abc", "--bars", "x", "-o", "out.mid"], .usage),
    (["export", "book.abc", "--bars", "7-9", "-o", "out.mid"], .usage),
    (["export", "book.abc", "--all", "--tune", "12", "-o", "out"], .usage),
    (["export", "book.abc", "--tune", "99", "-o", "out.mid"], .unreadableInput),
    (["export", "letter.txt", "-o", "out.mid"], .unreadableInput),
    (["export", "broken.mid", "-o", "out.abc"], .unreadableInput),
    (["export", "book.abc", "-o", "/proc/out.mid"], .unwritableOutput),
  ])
  func `what cannot be done is one sentence and the right status`(
    arguments: [String], outcome: Outcome
  ) throws {
    let place = try place()
    try place.write("Dear Ann,\nI have no tune today.\n", to: "letter.txt")
    try place.write("MThd and then nothing", to: "broken.mid")
    let result = try place.run(arguments)
    #expect(result.status == outcome.rawValue)
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
    #expect(Files.names(in: place.directory) == ["book.abc", "broken.mid", "letter.txt"])
  }

  @Test(arguments: [
    ("The Kerry Cobbler", "the-kerry-cobbler"), ("O'Carolan's  Été!", "ocarolans-été"),
    ("../../etc/passwd", "etc-passwd"), ("  ", ""),
    (
      String(repeating: "long ", count: 40),
      "long-" + String(repeating: "long-", count: 10) + "long"
    ),
  ])
  func `a title becomes a safe file name`(title: String, slug: String) {
    #expect(ExportWriter.slug(title) == slug)
  }

  @Test func `a roll is drawn as SVG, each voice in its colour, and as PNG where it can be`() throws
  {
    let place = try Workplace()
    try place.write(
      "X:1\nT:Two & two\nM:4/4\nL:1/4\nK:C\nV:1\nCDEF|GABc|\nV:2\nC,4|G,4|\n", to: "two.abc")
    let result = try place.run(["export", "two.abc", "--as", "roll", "-o", "two.svg"])
    #expect(result.status == 0, "\(result.errors)")
    let picture = place.read("two.svg")
    #expect(picture.hasPrefix("<svg ") && picture.contains("Two &amp; two"))
    #expect(picture.components(separatedBy: "fill=\"#2471a3\"/>").count == 9)
    #expect(picture.components(separatedBy: "fill=\"#c0392b\"/>").count == 3)
    let file = try place.run(["export", "two.abc", "-o", "two.mid"])
    #expect(file.status == 0)
    #expect(try place.run(["export", "two.mid", "-o", "mid.svg"]).status == 0)
    #expect(place.read("mid.svg").components(separatedBy: "<rect").count > 10)
    let drawn = try place.run(["export", "two.abc", "--as", "roll", "-o", "two.png"])
    if drawn.status == 0 {
      #expect(try Files.read(place.directory + "/two.png").starts(with: [0x89, 0x50, 0x4e, 0x47]))
    } else {
      #expect(drawn.status == 6 && drawn.errors.contains("librsvg2-bin"), "\(drawn.errors)")
    }
    let without = try place.run(
      ["export", "two.abc", "--as", "roll", "-o", "three.png"], extra: ["PATH": "/nowhere"])
    #expect(without.status == 6)
    #expect(without.errors.contains("on Debian it is in the package librsvg2-bin"))
    #expect(!Files.exists(place.directory + "/three.png"))
  }

  @Test func `a tune is engraved where an engraver is installed, and it is said what was drawn`()
    throws
  {
    let place = try place()
    let result = try place.run(["export", "book.abc", "--tune", "12", "-o", "tune.svg"])
    #expect(result.status == 0, "\(result.errors)")
    let isEngraved = ExternalProgram.engraver.isInstalled
    #expect(result.errors.contains(isEngraved ? "drawn as notation" : "needs abcm2ps"))
    #expect(place.read("tune.svg").contains("The Kerry Cobbler"))
    #expect(place.read("tune.svg").contains("abcm2ps") == isEngraved)
    let files = ["tune.pdf", "tune.png"]
    for file in files where isEngraved && ExternalProgram.rasterizer.isInstalled {
      #expect(try place.run(["export", "book.abc", "--tune", "12", "-o", file]).status == 0)
    }
    if isEngraved, ExternalProgram.rasterizer.isInstalled {
      #expect(try Files.read(place.directory + "/tune.pdf").starts(with: Array("%PDF".utf8)))
      #expect(try Files.read(place.directory + "/tune.png").starts(with: [0x89, 0x50]))
    }
    let without = try place.run(
      ["export", "book.abc", "--tune", "12", "--as", "notation", "-o", "no.svg"],
      extra: ["PATH": "/nowhere"])
    #expect(without.status == 6)
    #expect(without.errors.contains("on Debian it is in the package abcm2ps"))
    let sound = try place.run(["export", "book.abc", "--as", "roll", "-o", "no.mid"])
    #expect(sound.status == 2 && sound.errors.contains("--as is for pictures"))
  }

  @Test func `a program that does not end is stopped`() throws {
    let program = ExternalProgram(name: "sleep", package: "coreutils")
    #expect(throws: ExternalProgram.Trouble.self) {
      try program.run(["60"], inputs: [], seconds: 0)
    }
    #expect(ExternalProgram(name: "no-such-program", package: "none").isInstalled == false)
  }

  @Test(arguments: ["tune.musicxml", "tune.xml", "tune.mxl"])
  func `a tune goes into MusicXML and comes back`(file: String) throws {
    let place = try place()
    #expect(try place.run(["export", "book.abc", "--tune", "12", "-o", file]).status == 0)
    #expect(try place.run(["export", file, "-o", "back.mid"]).status == 0)
    #expect(try place.run(["export", "book.abc", "--tune", "12", "-o", "one.mid"]).status == 0)
    #expect(try notes("back.mid", in: place) == notes("one.mid", in: place))
    let text = try place.run(["export", file, "-o", "-"]).output
    #expect(text.contains("T:The Kerry Cobbler") && text.contains("K:D"))
    #expect(try place.run(["check", file]).status == 0)
  }

  @Test func `a damaged score is refused with its place`() throws {
    let place = try place()
    _ = try place.run(["export", "book.abc", "--tune", "12", "-o", "tune.musicxml"])
    let whole = place.read("tune.musicxml")
    try place.write(String(whole.prefix(900)), to: "cut.musicxml")
    for command in [["export", "cut.musicxml", "-o", "x.mid"], ["check", "cut.musicxml"]] {
      let result = try place.run(command)
      #expect(result.status == 4)
      #expect(result.errors.contains("cut.musicxml:") && result.errors.contains("this is no XML"))
    }
    try place.write("<?xml version=\"1.0\"?>\n<svg/>\n", to: "not.xml")
    let other = try place.run(["play", "not.xml", "--audio", "none"])
    #expect(other.status == 4 && other.errors.contains("<svg> is no score"))
  }

  @Test func `a format is told by the end of the name`() {
    #expect(ExportFormat(path: "a.b/c.MIDI") == .mid)
    #expect(ExportFormat(path: "tune.opus") == .opus)
    #expect(ExportFormat(path: "tune") == nil)
    #expect(ExportFormat(path: "a.mid/tune") == nil)
  }
}

extension ExportTests {
  /// Peak of the 16-bit samples of a WAV file, 0...1.
  private func peak(_ name: String, in place: Workplace) throws -> Double {
    let bytes = try Files.read(Paths.join(place.directory, name)).dropFirst(44)
    var peak = 0
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
      let sample = Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
      peak = max(peak, abs(Int(sample)))
      index += 2
    }
    return Double(peak) / 32_768
  }

  @Test(.enabled(if: Files.exists("/usr/share/sounds/sf2/TimGM6mb.sf2")))
  func `a sound file is as loud as asked for, and its peak stays below`() throws {
    let place = try place()
    for (options, highest, lowest) in [
      ([], 0.8913, 0.3), (["--loudness", "-30"], 0.3, 0.02), (["--peak", "-12"], 0.2512, 0.15),
    ] {
      let result = try place.run(
        ["export", "book.abc", "--tune", "13", "-o", "out.wav"] + options)
      #expect(result.status == 0)
      let peak = try peak("out.wav", in: place)
      #expect(peak < highest && peak > lowest, "\(options): \(peak)")
    }
    #expect(Files.names(in: place.directory) == ["book.abc", "out.wav"])
    let piped = try place.run(["export", "book.abc", "--format", "wav", "-o", "-"])
    #expect(piped.status == 0)
    let refused = try place.run(["export", "book.abc", "--loudness", "5", "-o", "out.wav"])
    #expect(refused.status == 2)
    #expect(refused.errors.contains("\"none\" or a number from -60 to 0"))
  }

  @Test(.enabled(if: Files.exists("/usr/share/sounds/sf2/TimGM6mb.sf2")))
  func `a device asked for by name that takes no sound is told once, with status 5`() throws {
    let place = try place()
    try place.write(
      """
      pcm.full { type file slave.pcm "quiet" file "/dev/full" format raw }
      pcm.quiet { type null }
      ctl.!default { type empty }
      """, to: place.folder + "/asound.conf")
    let result = try place.run(
      ["play", "book.abc", "--tune", "13", "--tempo", "600", "--audio", "pcm:full"],
      extra: ["ALSA_CONFIG_PATH": place.folder + "/asound.conf"])
    #expect(result.status == 5)
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(result.errors.contains("the sound device was lost ("))
  }

  @Test(arguments: [
    (["--loudness", "-20"], "mid", "--loudness is for sound files"),
    (["--peak", "-2"], "mid", "--peak is for sound files"),
    (["--soundfont", "x.sf2"], "musicxml", "--soundfont is for sound files"),
    (["--swing", "66"], "musicxml", "--swing is for what is played"),
    (["--ornaments", "irish"], "abc", "--ornaments is for what is played"),
    (["--no-jumps"], "mxl", "--no-jumps is for what is played"),
    (
      ["--no-accompaniment", "--as", "notation"], "svg", "--no-accompaniment is for what is played"
    ),
    (["--sound", "flute"], "abc", "--sound is for MIDI and sound files"),
  ])
  func `an option that would change nothing in the file is refused`(
    options: [String], ending: String, sentence: String
  ) throws {
    let place = try place()
    let result = try place.run(
      ["export", "book.abc", "--tune", "13", "-o", "out.\(ending)"] + options)
    #expect(result.status == 2)
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(Files.names(in: place.directory) == ["book.abc"])
  }
}

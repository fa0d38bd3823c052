import Testing

@testable import lilt

@Suite struct SettingsTests {
  @Test func `later sources win, and each value knows where it came from`() throws {
    var settings = Settings()
    #expect(settings.number(.temperature) == 1)
    #expect(settings.entry(.temperature).source == .builtIn)
    settings.read(file: "\n[generator]\ntemperature = 0.7\nahead = 4\n")
    #expect(settings.number(.temperature) == 0.7)
    #expect(settings.entry(.temperature).source == .file(line: 3))
    settings.read(environment: ["LILT_TEMPERATURE": "0.8"])
    #expect(settings.number(.temperature) == 0.8)
    #expect(settings.entry(.temperature).source == .variable("LILT_TEMPERATURE"))
    try settings.override(.temperature, with: "0.9")
    #expect(settings.number(.temperature) == 0.9)
    #expect(settings.entry(.temperature).source == .option("--temperature"))
    #expect(settings.integer(.ahead) == 4)
    #expect(settings.problems.isEmpty)
  }

  @Test func `an option that was not given changes nothing`() throws {
    var settings = Settings()
    settings.read(environment: ["LILT_AHEAD": "5"])
    try settings.override(.ahead, with: nil)
    #expect(settings.integer(.ahead) == 5)
  }

  @Test func `an unknown key is named with its line and the nearest key`() {
    var settings = Settings()
    settings.read(file: "[generator]\n# a comment\n\ntemprature = 1.2\nahead = 3\n")
    #expect(
      settings.problems == [
        "config.toml:4: unknown key 'temprature' (did you mean 'temperature'?)"
      ])
    #expect(settings.number(.temperature) == 1)
    #expect(settings.integer(.ahead) == 3)
  }

  @Test(arguments: [
    ("[generator]\ntemperature = 9.5", "config.toml:2: 'temperature' must be a number"),
    ("[generator]\nahead = \"two\"", "config.toml:2: 'ahead' must be a whole number"),
    ("[generator]\nahead = 2.5", "config.toml:2: 'ahead' must be a whole number"),
    ("[display]\nmouse = 1", "config.toml:2: 'mouse' must be true or false"),
    ("[display]\nsymbols = \"big\"", "config.toml:2: 'symbols' must be \"auto\", \"utf8\""),
    ("[player]\naudio = \"loud\"", "config.toml:2: 'audio' must be auto, none"),
    ("[generator]\nrng = -1", "config.toml:2: 'rng' must be"),
    ("ahead = 2", "config.toml:1: key 'ahead' belongs in [generator]"),
    ("[display]\nahead = 2", "config.toml:2: key 'ahead' belongs in [generator]"),
    (
      "[genrator]\nahead = 2", "config.toml:1: unknown table 'genrator' (did you mean 'generator'?)"
    ),
    ("[zzzzzzzz]\n", "config.toml:1: unknown table 'zzzzzzzz'"),
    ("generator = 3", "config.toml:1: 'generator' must be a table"),
    ("[generator]\r\ntop-k = 1\r\nahead = \"x\"\r\n", "config.toml:3: 'ahead' must be"),
  ])
  func `a value that cannot be used falls back and is named`(file: String, beginning: String) {
    var settings = Settings()
    settings.read(file: file)
    #expect(settings.problems.count == 1)
    #expect(settings.problems.first?.hasPrefix(beginning) == true, "\(settings.problems)")
    for setting in Setting.all where setting.path != "generator.top-k" {
      #expect(settings.entry(setting).source == .builtIn)
    }
  }

  @Test func `a file that is no TOML falls back as a whole and says where it breaks`() {
    var settings = Settings()
    settings.read(file: "[generator]\nahead = 3\ntemperature = \n")
    #expect(settings.problems.count == 1)
    #expect(settings.problems[0].hasPrefix("config.toml:3:"))
    #expect(settings.integer(.ahead) == 2)
  }

  @Test func `problems come in the order of the lines`() {
    var settings = Settings()
    settings.read(file: "[player]\nsondfont = 1\n[generator]\nahed = 1\n[display]\nmouse = 3\n")
    #expect(
      settings.problems.map { $0.prefix(13) } == [
        "config.toml:2", "config.toml:4", "config.toml:6",
      ])
  }

  @Test func `a pair of themes is one for the dark and one for the light`() {
    var settings = Settings()
    settings.read(file: "[display]\ntheme = { dark = \"plum\", light = \"day\" }\n")
    #expect(settings.text(.themeDark) == "plum")
    #expect(settings.text(.themeLight) == "day")
    #expect(settings.given(.theme) == nil)
    settings.read(file: "[display]\ntheme = \"plum\"\n")
    #expect(settings.given(.theme) == "plum")
  }

  @Test func `numbers are accepted where text has a form`() {
    var settings = Settings()
    settings.read(file: "[generator]\npace = 30\nrng = 7\n[display]\ncolor = 256\n")
    #expect(settings.problems.isEmpty)
    #expect(settings.text(.pace) == "30")
    #expect(settings.text(.rng) == "7")
    #expect(settings.text(.color) == "256")
  }

  @Test func `a variable that cannot be used falls back and is named`() {
    var settings = Settings()
    settings.read(environment: ["LILT_MOUSE": "perhaps", "LILT_AHEAD": ""])
    #expect(settings.problems == ["LILT_MOUSE: must be true or false, not 'perhaps'"])
    #expect(settings.flag(.mouse))
  }

  @Test func `an option that cannot be used is wrong usage`() {
    var settings = Settings()
    #expect(
      throws: CommandFailure(
        .usage, "--temperature must be a number from 0.05 to 5, not 'hot'")
    ) {
      try settings.override(.temperature, with: "hot")
    }
  }

  @Test func `the commented default says every key and changes nothing when uncommented`() {
    let text = Settings.commentedDefault()
    for setting in Setting.all {
      #expect(text.contains("\n# \(setting.name) = \(setting.standard.toml)\n"), "\(setting.path)")
    }
    let bare = text.split(separator: "\n").map { line in
      line.hasPrefix("# ") && line.contains(" = ") && !line.contains(";") && !line.contains("(")
        ? String(line.dropFirst(2)) : String(line)
    }
    var settings = Settings()
    settings.read(file: bare.joined(separator: "\n"))
    #expect(settings.problems.isEmpty)
    for setting in Setting.all { #expect(settings.entry(setting).value == setting.standard) }
  }

  @Test func `names, paths and variables are each used once`() {
    #expect(Set(Setting.all.map(\.path)).count == Setting.all.count)
    #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
    #expect(Setting.all.allSatisfy { $0.variable.hasPrefix("LILT_") })
  }

  @Test func `every default is a value of its setting`() {
    for setting in Setting.all {
      #expect(setting.value(fromFile: setting.standard) == setting.standard, "\(setting.path)")
      #expect(setting.value(fromText: setting.standard.plain) == setting.standard)
    }
  }

  @Test(arguments: ["plain", "", "a \"quoted\" \\ word", "line\nbreak\ttab", "\u{1}\u{7F}", "é 𝄞"])
  func `text survives the way through TOML`(text: String) {
    var settings = Settings()
    settings.read(file: "[export]\ndir = \(SettingValue.text(text).toml)\n")
    #expect(settings.problems.isEmpty)
    #expect(settings.text(.exportFolder) == text)
  }

  @Test func `the program shows where each value came from`() throws {
    let place = try Workplace()
    try place.write("[generator]\nahead = 3\ntemprature = 1\n", to: place.paths.configurationFile)
    let result = try place.run(["config", "--show"], extra: ["LILT_PHRASE": "4"])
    #expect(result.status == Outcome.checkFailed.rawValue)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.contains { $0 == ["generator.ahead", "=", "3", "config.toml:2"] })
    #expect(lines.contains { $0 == ["constraints.phrase", "=", "4", "LILT_PHRASE"] })
    #expect(lines.contains { $0 == ["generator.temperature", "=", "1.0", "built", "in"] })
    #expect(result.errors.contains("config.toml:3: unknown key 'temprature'"))
  }
}

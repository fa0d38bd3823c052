import Testing

@testable import lilt

/// Arguments that are read without ArgumentParser, and what it makes of them.
@Suite struct GenerateArgumentsTests {
  private static let values: [(names: [String], values: [String])] = [
    (["--checkpoint"], ["folk-lstm-3x512", "./a b.safetensors", "", "-", "--bars"]),
    (["--seed-abc"], ["-", "tune.abc", "-x"]),
    (["--bars"], ["1", "999", "0", "1000", "+4", " 4", "4.0", "x", "-3"]),
    (["--characters"], ["1", "100000", "0", "1e3"]),
    (
      ["--temperature", "--temp"], ["0", "0.75", "10", "10.5", "nan", "inf", ".5", "1e-2", "0x1p1"]
    ),
    (["--top-k"], ["0", "40", "-1", "99999999999999999999"]),
    (["--top-p", "--min-p"], ["0", "0.9", "1", "1.1", "one"]),
    (["--rng"], ["0", "18446744073709551615", "18446744073709551616", "-1"]),
    (["--count", "-k"], ["1", "1000000", "1000001"]),
    (["--best-of"], ["1", "16", "1000", "0", "1001", "x"]),
    (["--shard"], ["1/4", "4/4", "5/4", "a/b"]),
    (["--rhythm"], ["jig", "slip jig", "j1g"]),
    (["--meter"], ["6/8", "C|", "7"]),
    (["--unit-length"], ["1/8", "1/3"]),
    (["--key"], ["Em", "D dorian", "H"]),
    (["--format"], ["abc", "mid", "json", "xml"]),
    (["--output", "-o"], ["-", "out.abc"]),
    (["--precision"], ["auto", "fp32", "bf16", "int8", "int4", "fp16"]),
    (["--memory"], ["0.5", "0", "2"]),
    (["--shape"], ["abac", "free", "9"]),
    (["--cadence", "--parts", "--range", "--scale"], ["off", "wish", "rule", "maybe"]),
    (["--instrument"], ["whistle", "off", "tuba"]),
    (["--scale-name"], ["bhupali", "pentatonic"]),
    (["--bias"], ["f#+1", "z!"]),
    (["--plan"], ["5=1,6~2"]),
    (["--mix"], ["other 0.3"]),
    (
      ["--set"], ["min-p=0.05", "bias=f#+1", "cadence=rule", "pace=max", "nosuch=1", "top-p=", "x"]
    ),
    (["--mood"], ["lively"]),
    (["--memory-tunes"], ["book.abc"]),
    (["--threads"], ["auto", "1", "2", "3"]),
  ]

  /// What ArgumentParser makes of them; nil for what it refuses.
  private func parsed(_ arguments: [String]) -> GenerateRequest? {
    (try? GenerateCommand.parse(arguments))?.request
  }

  @Test func `every option means the same to both readers`() {
    #expect(GenerateRequest(plain: []) == parsed([]))
    #expect(GenerateRequest(plain: []) == GenerateRequest.defaults)
    for (names, values) in Self.values {
      for name in names {
        #expect(values.contains { GenerateRequest(plain: [name, $0]) != nil }, "\(name)")
        for value in values {
          let plain = GenerateRequest(plain: [name, value])
          if let plain { #expect(plain == parsed([name, value]), "\(name) \(value)") }
        }
      }
    }
    for flag in ["--legal", "--free"] {
      #expect(GenerateRequest(plain: [flag]) == parsed([flag]))
    }
  }

  @Test func `many options at once mean the same, or are left to ArgumentParser`() {
    var random = SystemRandomNumberGenerator()
    var understood = 0
    for _ in 0..<400 {
      var arguments: [String] = []
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        if Int.random(in: 0..<6, using: &random) == 0 {
          arguments.append(
            ["--legal", "--free", "--help", "tune.abc", "-k3"].randomElement() ?? "")
          continue
        }
        guard let (names, values) = Self.values.randomElement(using: &random) else { continue }
        arguments.append(names.randomElement(using: &random) ?? "")
        arguments.append(values.prefix(2).randomElement(using: &random) ?? "")
      }
      guard let plain = GenerateRequest(plain: arguments) else { continue }
      understood += 1
      #expect(plain == parsed(arguments), "\(arguments)")
    }
    #expect(understood > 40)
  }

  @Test(arguments: [
    ["--bars"], ["--bars=4"], ["--bars", "4", "--bars", "5"],
    ["--temp", "1", "--temperature", "2"],
    ["--legal", "--free"], ["--free", "--free"], ["--bars", "4", "--characters", "9"], ["tune.abc"],
    ["--seed-abc", "a", "--key", "G"], ["--help"], ["-k", "2", "--format", "mid"],
    ["--", "--free"],
  ])
  func `what is not plain is left to ArgumentParser`(arguments: [String]) {
    #expect(GenerateRequest(plain: arguments) == nil)
  }

  @Test func `the short name of the command is the command`() throws {
    let place = try Workplace()
    let more = ["--checkpoint", "folk-lstm-3x512", "--characters", "20"]
    let whole = try place.run(["generate"] + more)
    #expect(whole.status == 0 && !whole.output.isEmpty)
    #expect(try place.run(["gen"] + more).output == whole.output)
    // The same options, written as only ArgumentParser reads them.
    let equals = ["--checkpoint=folk-lstm-3x512", "--characters=20"]
    #expect(try place.run(["gen"] + equals).output == whole.output)
    let refused = try place.run(["gen", "--bars", "0"])
    #expect(refused.status == 2)
    #expect(refused.errors.contains("--bars must be 1 to 999"))
  }
}

import Testing

@testable import lilt

/// Many tunes, in parts and on threads.
@Suite struct GenerateTests {
  private static func generate(_ more: [String], output: Bool = true) throws -> String {
    let result = try Workplace().run(
      ["generate", "-k", "7", "--bars", "2", "--rng", "5", "--checkpoint", checkpoint] + more)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  private static let checkpoint = "folk-lstm-3x512"

  @Test(arguments: ["abc", "json"])
  func `parts one after the other are the whole`(format: String) throws {
    let whole = try Self.generate(["--format", format])
    for parts in [2, 3, 9] {
      let pieces = try (1...parts).map {
        try Self.generate(["--format", format, "--shard", "\($0)/\(parts)"])
      }
      #expect(pieces.joined() == whole)
    }
  }

  @Test func `threads do not change the tunes`() throws {
    let one = try Self.generate(["--threads", "1"])
    #expect(one.hasPrefix("X:1\n"))
    #expect(try Self.generate(["--threads", "2"]) == one)
    #expect(try Self.generate(["--threads", "auto"]) == one)
  }

  @Test func `a tune does not depend on how many are written beside it`() throws {
    let many = try Self.generate([])
    let one = try Self.generate(["-k", "1"])
    #expect(many.hasPrefix(one))
    #expect(one.hasPrefix("X:1\n"))
  }

  @Test(arguments: ["0/3", "4/3", "1/0", "2", "a/b", "1/2/3", "-1/2"])
  func `a part that there is not is refused`(part: String) throws {
    let result = try Workplace().run(["generate", "-k", "3", "--shard=\(part)"])
    #expect(result.status == 2)
    #expect(result.errors.contains("--shard"))
    #expect(result.output.isEmpty)
  }

  @Test func `parts are of equal length and leave none out`() throws {
    for total in [1, 2, 7, 100, 1_000_000] {
      for count in [1, 2, 3, 16, 99] {
        var end = 1
        for part in 1...count {
          let numbers = try #require(Shard(argument: "\(part)/\(count)")).numbers(of: total)
          #expect(numbers.lowerBound == end)
          #expect((total / count...(total + count - 1) / count).contains(numbers.count))
          end = numbers.upperBound
        }
        #expect(end == total + 1)
      }
    }
  }

  @Test func `bench says what limits the speed in five lines or one object`() throws {
    let place = try Workplace()
    let arguments = ["bench", "--characters", "40", "--rounds", "1"]
    let text = try place.run(arguments)
    #expect(text.status == 0)
    #expect(text.output.split(separator: "\n").count == 5)
    #expect(text.output.contains("limited by: "))
    #expect(text.output.contains("packed now"))
    let json = try place.run(arguments + ["--json", "--streams", "3", "--precision", "int4"])
    for fact in [
      "\"characters_per_second\":", "\"precision\":\"int4\"", "\"threads\":1", "\"streams\":3",
      "\"bandwidth_share\":", "\"weights_kept\":false",
    ] {
      #expect(json.output.contains(fact), "\(json.output)")
    }
    #expect(try place.run(arguments).output.contains("kept from an earlier start"))
  }
}

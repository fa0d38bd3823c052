import Compose
import Foundation
import Testing

@testable import lilt

/// `lilt stats`, on drafts that were really made.
@Suite(.serialized) struct StatsTests {
  @Test func `takes kept of takes made are counted for each draft and for all`() throws {
    let place = try Workplace()
    #expect(try place.run(["stats"]).output == "no drafts yet\n")
    for (name, lines) in [
      ("one", ["wait", "gen.bar", "wait", "gen.retry", "wait", "quit"]),
      ("two", ["insert", "X:1", "K:D", "ABcd|", ".", "quit"]),
    ] {
      let run = try place.run(
        ["--plain", "--rng", "7", "--audio", "none", "--draft", name],
        input: lines.joined(separator: "\n") + "\n")
      #expect(run.status == 0, "\(run.errors)")
    }
    let table = try place.run(["stats"])
    #expect(table.status == 0)
    #expect(table.output.contains(#/one +2 +1 +0 +0 /#))
    #expect(table.output.contains(#/two +0 +0 +0 +0 +0 +0 +1\d +- +-/#))
    #expect(table.output.contains("1 of 2 takes kept (50 %)"))

    let json = try place.run(["stats", "--json", "one"])
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((report["all"] as? [String: Any])?["takes"] as? Int == 2)

    let missing = try place.run(["stats", "onne", "two"])
    #expect(missing.status == 4)
    #expect(missing.errors.contains("there is no draft 'onne' (did you mean 'one'?)"))
    #expect(missing.output.contains("two"))
  }
}

import Glibc
import Music
import Testing

@testable import ABC

/// The cases of `../shared/conformance/abc-playback.txt`, where that folder is present.
struct ConformanceCase: CustomTestStringConvertible, Sendable {
  let id: String
  let text: String
  let heard: String
  let tempo: Double?
  var testDescription: String { id }

  static let all: [ConformanceCase] = {
    var path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    path = "/" + path + "/../shared/conformance/abc-playback.txt"
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return read(String(decoding: bytes[..<count], as: UTF8.self))
  }()

  private static func read(_ text: String) -> [ConformanceCase] {
    var cases: [ConformanceCase] = []
    for block in text.parts(separatedBy: "\n## ").dropFirst() {
      var lines = block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let id = lines.removeFirst().split(separator: " ")[0]
      guard let answer = lines.firstIndex(where: { $0.hasPrefix("=> ") }) else { continue }
      let tempo = lines.first { $0.hasPrefix("~> ") }.flatMap { Double($0.dropFirst(3)) }
      cases.append(
        ConformanceCase(
          id: String(id), text: tune(Array(lines[..<answer])),
          heard: String(lines[answer].dropFirst(3)), tempo: tempo))
    }
    return cases
  }

  /// Fills in the header fields that a case leaves out.
  private static func tune(_ lines: [String]) -> String {
    func isField(_ line: String) -> Bool {
      let bytes = Array(line.utf8)
      return line.isEmpty || bytes[0] == UInt8(ascii: "%")
        || (bytes.count > 1 && bytes[1] == UInt8(ascii: ":"))
    }
    let firstMusic = lines.firstIndex { !isField($0) } ?? lines.count
    var header: [String]
    var body: [String]
    if let key = lines.firstIndex(where: { $0.hasPrefix("K:") }), key <= firstMusic {
      header = Array(lines[..<key])
      body = Array(lines[key...])
    } else {
      let isHeader = { (line: String) in
        line.hasPrefix("%%")
          || ["X:", "T:", "M:", "L:", "Q:", "C:", "R:", "U:", "m:"].contains(where: line.hasPrefix)
      }
      let end = lines.firstIndex { !isHeader($0) } ?? lines.count
      header = Array(lines[..<end])
      body = ["K:C"] + lines[end...]
    }
    var whole = ["X:1", "T:t"]
    if !header.contains(where: { $0.hasPrefix("M:") }) { whole.append("M:4/4") }
    if !header.contains(where: { $0.hasPrefix("L:") }) { whole.append("L:1/8") }
    whole += header.filter { $0 != "M:-" && $0 != "L:-" } + body
    while whole.last == "" { whole.removeLast() }
    return whole.joined(separator: "\n") + "\n"
  }
}

@Suite struct ConformanceTests {
  @Test(
    .enabled(if: !ConformanceCase.all.isEmpty, "the conformance set is not beside the package"),
    arguments: ConformanceCase.all)
  func `a rule of the standard is heard`(rule: ConformanceCase) {
    let tune = ParsedTune(text: rule.text)
    #expect(Heard(tune: tune) == Heard(expected: rule.heard), "\(rule.text)")
    if let tempo = rule.tempo {
      #expect(tune.performance().tempos.first?.quartersPerMinute == tempo)
    }
  }
}

import Testing

@testable import lilt

/// `lilt check`: places, severities and the exit status.
@Suite struct CheckTests {
  private func report(_ text: String) -> CheckReport {
    CheckReport(bytes: Array(text.utf8), name: "a.abc")
  }

  @Test func `a sound tune has nothing to say`() {
    let report = report("X:1\nT:A\nM:4/4\nL:1/8\nK:D\nD4 F4|A8|]\n")
    #expect(report.findings.isEmpty)
    #expect(!report.hasFailed)
    #expect(report.text(json: false).isEmpty)
  }

  @Test func `lines are counted from the start of the file in every tune`() {
    let tune = "X:1\nT:A\nM:4/4\nL:1/8\nK:D\nD4 F4|A8|]\n"
    let report = report(tune + "\n" + tune.replacing("D4 F4|A8|]", with: "D4 F4|A6|D8|]"))
    #expect(report.findings.map(\.line) == [13])
    #expect(report.hasFailed)
    #expect(report.text(json: false).hasPrefix("a.abc:13:"))
  }

  @Test func `an unclosed chord fails, and its bar is told with it`() {
    let report = report("M:4/4\nL:1/8\nK:D\n|:D2[FA dA|")
    let text = report.text(json: false)
    #expect(report.hasFailed)
    #expect(text.contains("a.abc:4:5: error: "))
    #expect(
      text.contains("a.abc:4:5: warning: The pickup holds 6 eighths, but the meter asks for 8."))
  }

  @Test func `an over-full first bar fails, a short one does not`() {
    #expect(report("X:1\nM:4/4\nL:1/4\nK:C\nCDEFG|CDEF|\n").hasFailed)
    #expect(report("X:1\nM:4/4\nL:1/4\nK:C\n|:CDEFG:|CDEF|\n").hasFailed)
    #expect(!report("X:1\nM:4/4\nL:1/4\nK:C\nCD|CDEF|\n").hasFailed)
  }

  @Test(arguments: ["{gC DEF|GABc|", "\"Am CDEF|GABc|", "[CDEFG|GABc|"])
  func `a bar's sum is told once beside the mistake in it`(music: String) {
    let text = report("X:1\nT:t\nM:4/4\nL:1/4\nK:C\n" + music + "\n").text(json: false)
    #expect(text.ranges(of: " holds ").count == 1)
  }

  @Test func `places are links where a terminal takes them`() {
    let report = CheckReport(bytes: Array("K:D\n[A\n".utf8), name: "/tmp/a b.abc")
    let text = report.text(json: false, isLinked: true)
    #expect(text.contains("\u{1b}]8;;file://"))
    #expect(text.contains("/tmp/a%20b.abc#2\u{1b}\\/tmp/a b.abc:2:"))
    #expect(!report.text(json: false).contains("\u{1b}"))
  }

  @Test func `a spacer's width is no length`() {
    let report = report("X:1\nT:t\nM:4/4\nL:1/4\nK:D\ny0A y2 B y12 d y A|\n")
    #expect(report.findings.isEmpty && !report.hasFailed)
  }

  @Test func `a pickup and the bar that completes it are right`() {
    #expect(!report("X:1\nT:A\nM:4/4\nL:1/8\nK:D\n|:A|D4 F4|A7:|\n").hasFailed)
  }

  @Test func `JSON has one object a line, with quotes escaped`() {
    let report = CheckReport(
      bytes: Array("X:1\nT:A\nM:4/4\nL:1/8\nK:D\nD4|D4 F4|[A\n".utf8), name: "a \"b\"\n.abc")
    let lines = report.text(json: true).split(separator: "\n")
    #expect(lines.count == report.findings.count)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,\"file\":\"a \\\"b\\\"\\n.abc\",\"line\":") })
    #expect(lines.allSatisfy { $0.hasSuffix("\"}") })
  }

  @Test func `a bar that does not add up is told with its number and its voice`() {
    let report = report("X:1\nT:A\nM:4/4\nL:1/8\nK:D\nV:1\nC8|C8|]\nV:2 name=\"Low\"\nC8|C7|C8|]\n")
    let sentence = "Bar 2 of voice \u{201C}Low\u{201D} holds 7 eighths, but the meter asks for 8."
    #expect(report.text(json: false).contains("a.abc:9:4: warning: \(sentence)\n"))
    #expect(report.text(json: true).contains("\"bar\":2,\"voice\":\"Low\",\"sentence\":\"Bar 2 "))
    let single = self.report("X:1\nM:4/4\nL:1/8\nK:D\nC8|C7|C8|]\n").text(json: true)
    #expect(single.contains("\"bar\":2,\"sentence\":\"Bar 2 holds 7 "))
  }

  @Test func `a tune whose parts multiply beyond what is played says so`() {
    let bars = String(repeating: "CDEF GABc|", count: 64)
    let report = report("X:1\nM:4/4\nL:1/8\nP:((A9)9)6\nK:D\nP:A\n\(bars)\n")
    #expect(report.text(json: false).contains("asks for more than 200,000 notes"))
    #expect(!report.hasFailed)
  }

  @Test func `MIDI and other bytes are refused`() {
    #expect(report("MThd").refusal != nil)
    #expect(CheckReport(bytes: [0x7F, 0, 1], name: "x").refusal == "x: this is not ABC text.")
  }

  @Test func `a file that is not there is status 4, and the others are still checked`() throws {
    let place = try Workplace()
    try place.write("X:1\nT:A\nM:4/4\nL:1/8\nK:D\nD4 F4|[A8|\n", to: "a.abc")
    let result = try place.run(["check", "nosuch.abc", "a.abc"])
    #expect(result.status == Outcome.unreadableInput.rawValue)
    #expect(result.errors.contains("nosuch.abc"))
    #expect(result.output.contains("a.abc:6:"))
  }
}

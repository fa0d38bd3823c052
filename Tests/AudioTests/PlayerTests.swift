import Glibc
import Music
import Synchronization
import Testing

@testable import Audio

/// The whole player with its threads, on outputs that need no sound card.
@Suite struct PlayerTests {
  private final class Events: Sendable {
    let all = Mutex<[PlayerEvent]>([])
    func add(_ event: PlayerEvent) { all.withLock { $0.append(event) } }
    func contains(_ event: PlayerEvent) -> Bool { all.withLock { $0.contains(event) } }
  }

  private struct Line {
    var milliseconds: Double
    var type: String
    var text: String
  }

  /// The lines of a log; a line in another form is a failure.
  private func lines(of path: String) -> [Line] {
    String(decoding: bytes(of: path), as: UTF8.self).split(separator: "\n").map { line in
      guard let match = line.firstMatch(of: /^\{"v":1,"ms":([0-9.]+),"type":"([a-z]+)",.*\}$/),
        let milliseconds = Double(match.1)
      else {
        Issue.record("no log line: \(line)")
        return Line(milliseconds: 0, type: "", text: "")
      }
      return Line(milliseconds: milliseconds, type: String(match.2), text: String(line))
    }
  }

  @Test func `a silent player moves its playhead in real time and stops at the end`() throws {
    let events = Events()
    let player = try Player(output: .silent(reason: "for the test")) { events.add($0) }
    defer { player.shutdown() }
    #expect(player.status.isSilent)
    let began = nanosecondsNow()
    player.play(Schedule(performance: melody([60, 62], quartersPerMinute: 1200)))
    #expect(wait { events.contains(.finished) })
    let seconds = Double(nanosecondsNow() - began) / 1e9
    #expect(seconds > 0.08)
    #expect(wait { player.status.isResting })
    #expect(player.status.playhead == Tick(2 * Tick.perQuarter))
    #expect(events.contains(.stateChanged(.playing)))
    #expect(events.contains(.stateChanged(.stopped)))
  }

  @Test func `the log tells every event at the time that the score gives it`() throws {
    let folder = makeTemporaryFolder()
    defer { remove(folder: folder) }
    let player = try Player(output: .log(path: folder + "/log"))
    var performance = melody([60, 62, 64, 65, 67], quartersPerMinute: 600, length: 480)
    performance.tracks[0].program = 21
    performance.controls = [.init(at: .zero, track: 0, controller: 10, value: 20)]
    player.play(Schedule(performance: performance))
    #expect(wait { player.status.playhead == performance.end && player.status.isResting })
    player.shutdown()

    let lines = lines(of: folder + "/log")
    let ons = lines.filter { $0.type == "on" }
    #expect(ons.count == 5)
    #expect(lines.filter { $0.type == "off" }.count == 5)
    for (first, second) in zip(ons, ons.dropFirst()) {
      #expect(abs(second.milliseconds - first.milliseconds - 100) < 0.05)
    }
    #expect(ons.last?.text.contains(#""ch":0,"key":67,"vel":90,"bar":2,"beat":1.0}"#) == true)
    #expect(ons[1].text.contains(#""bar":1,"beat":2.0}"#))
    #expect(lines.contains { $0.text.contains(#""type":"program","ch":0,"program":21"#) })
    #expect(
      lines.contains { $0.text.contains(#""type":"control","ch":0,"controller":10,"value":20"#) })
    #expect(lines.contains { $0.text.contains(#""type":"tempo","bpm":600.0"#) })
  }

  @Test func `stop ends the notes within twenty milliseconds`() throws {
    let folder = makeTemporaryFolder()
    defer { remove(folder: folder) }
    let began = nanosecondsNow()
    let player = try Player(output: .log(path: folder + "/log"))
    player.play(Schedule(performance: melody([60], length: 100 * Tick.perQuarter)))
    #expect(wait { player.status.playhead > Tick(20) })
    let asked = Double(nanosecondsNow() - began) / 1e6
    player.stop()
    #expect(wait { player.status.isResting })
    player.shutdown()
    let off = lines(of: folder + "/log").first { $0.type == "off" }
    // Late by one period at most; a busy machine may delay the thread itself, which the stamp shows.
    #expect((off?.milliseconds ?? .infinity) - asked < 20)
  }

  @Test func `shutting down in the middle of a chord leaves no note sounding`() throws {
    let folder = makeTemporaryFolder()
    defer { remove(folder: folder) }
    let player = try Player(output: .log(path: folder + "/log"))
    var chord = melody([60, 64, 67], length: 100 * Tick.perQuarter)
    for index in chord.notes.indices { chord.notes[index].start = .zero }
    player.play(Schedule(performance: chord))
    #expect(wait { player.status.playhead > Tick(20) })
    player.shutdown()
    let lines = lines(of: folder + "/log")
    #expect(lines.filter { $0.type == "on" }.count == 3)
    #expect(lines.filter { $0.type == "off" }.count == 3)
    player.play(Schedule(performance: chord))
    player.shutdown()
    #expect(player.status.state == .stopped)
  }

  @Test func `before a suspension the note-offs are already in the log`() throws {
    let folder = makeTemporaryFolder()
    defer { remove(folder: folder) }
    let player = try Player(output: .log(path: folder + "/log"))
    defer { player.shutdown() }
    player.play(Schedule(performance: melody([60], length: 100 * Tick.perQuarter)))
    #expect(wait { player.status.playhead > Tick(20) })
    player.release()
    #expect(lines(of: folder + "/log").last?.type == "off")
  }

  @Test func `growing music waits, goes on, and says so`() throws {
    let events = Events()
    let player = try Player(output: .silent(reason: "for the test")) { events.add($0) }
    defer { player.shutdown() }
    let music = melody([60, 62, 64, 65], quartersPerMinute: 1200)
    player.play(
      Schedule(performance: music, readyUntil: Tick(2 * Tick.perQuarter), isGrowing: true))
    #expect(wait { player.status.state == .waiting })
    #expect(wait { player.status.playhead == Tick(2 * Tick.perQuarter) })
    player.update(Schedule(performance: music))
    #expect(wait { events.contains(.finished) })
    #expect(events.contains(.stateChanged(.waiting)))
  }

  @Test func `panic silences everything and is told in the log`() throws {
    let folder = makeTemporaryFolder()
    defer { remove(folder: folder) }
    let player = try Player(output: .log(path: folder + "/log"))
    player.play(Schedule(performance: melody([60], length: 100 * Tick.perQuarter)))
    #expect(wait { player.status.playhead > Tick(20) })
    player.panic()
    #expect(wait { player.status.isResting })
    player.shutdown()
    #expect(lines(of: folder + "/log").last?.type == "panic")
  }

  @Test func `a log that cannot be written is an error`() {
    #expect(
      throws: AudioError.fileNotWritten(
        path: "/nowhere/log", reason: "No such file or directory")
    ) { try Player(output: .log(path: "/nowhere/log")) }
  }

  @Test func `a thousand updates while playing free every schedule and keep time`() throws {
    let player = try Player(output: .silent(reason: "for the test"))
    defer { player.shutdown() }
    let music = melody([60, 62, 64, 65], quartersPerMinute: 600)
    player.play(Schedule(performance: music, isGrowing: true))
    for _ in 0..<1000 {
      player.update(Schedule(performance: music, isGrowing: true))
      usleep(100)
    }
    #expect(wait { player.status.state == .waiting })
    #expect(player.status.playhead <= music.end)
  }
}

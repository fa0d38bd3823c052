import Music
import Synchronization
import Testing

@testable import Audio

/// The MIDI client with its thread, at a sequencer that tests hold in their hands.
@Suite struct MIDIClientTests {
  private final class Events: Sendable {
    let all = Mutex<[MIDIEvent]>([])
    func add(_ event: MIDIEvent) { all.withLock { $0.append(event) } }
    var messages: [MIDIMessage] {
      all.withLock { events in
        events.compactMap { if case .played(let message, _, _, _) = $0 { message } else { nil } }
      }
    }
    func contains(_ event: MIDIEvent) -> Bool { all.withLock { $0.contains(event) } }
  }

  private struct Rig {
    let system = FakeSequencer()
    let player: Player
    let events = Events()
    let client: MIDIClient

    init() throws {
      player = try Player(output: .silent(reason: "for the test"))
      let system = system
      let events = events
      client = MIDIClient(
        player: player, openSystem: { () throws(AudioError) in system },
        onEvent: { events.add($0) })
      let client = client
      #expect(wait { client.state.isOpen })
    }

    func leave() {
      player.shutdown()
      client.close()
    }
  }

  private static let synth = MIDIPort.Address(client: 128, port: 0)

  @Test func `a tune goes out note by note, stamped as the score says`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    rig.system.plug("FLUID Synth", 128)
    rig.client.setOutputs(["FLUID Synth:port"])
    #expect(wait { rig.system.outputs == [Self.synth] })
    let began = nanosecondsNow()
    rig.player.play(
      Schedule(performance: melody([60, 62, 64, 65], quartersPerMinute: 600, length: 480)))
    #expect(wait { rig.system.sent.count { $0.message.isNoteOff } == 4 })
    let ons = rig.system.sent.filter { $0.message.isNoteOn }
    let moments = ons.compactMap(\.moment)
    #expect(moments.count == 4)
    #expect((moments.first ?? 0) >= began)
    for (first, second) in zip(moments, moments.dropFirst()) {
      // A tenth of a second each; the clock of frames counts in 48000ths.
      #expect(abs(second - first - 100_000_000) < 30_000)
    }
    let offs = rig.system.sent.filter { $0.message.isNoteOff }.compactMap(\.moment)
    #expect(zip(moments, offs).allSatisfy { abs($1 - $0 - 50_000_000) < 30_000 })
    #expect(
      rig.system.messages.first { if case .program = $0 { true } else { false } }
        == .program(channel: 0, number: 73))
    #expect(rig.system.hanging.isEmpty)
  }

  @Test func `a program change comes with its bank, before the first note`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    rig.player.play(Schedule(performance: melody([60], quartersPerMinute: 600)))
    #expect(wait { rig.system.messages.contains { $0.isNoteOn } })
    let before = rig.system.messages.prefix { !$0.isNoteOn }
    #expect(
      Array(before) == [
        .control(channel: 0, number: 0, value: 0), .control(channel: 0, number: 32, value: 0),
        .program(channel: 0, number: 73),
      ])
  }

  @Test func `a port that is not there is connected by its name as soon as it comes`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    rig.client.setOutputs(["FLUID Synth:port"])
    #expect(wait { rig.client.state.missing == ["FLUID Synth:port"] })
    rig.system.plug("FLUID Synth", 130)
    #expect(wait { rig.system.outputs == [.init(client: 130, port: 0)] })
    #expect(rig.client.state.missing.isEmpty)
    rig.system.unplug(130)
    #expect(wait { rig.client.state.missing == ["FLUID Synth:port"] })
    // Another number, the same name.
    rig.system.plug("FLUID Synth", 131)
    #expect(wait { rig.system.outputs == [.init(client: 131, port: 0)] })
  }

  @Test func `a port that comes back hears the instruments before its notes`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    rig.client.setOutputs(["FLUID Synth:port"])
    rig.player.play(
      Schedule(performance: melody([60], length: 100 * Tick.perQuarter)))
    #expect(wait { rig.system.messages.contains { $0.isNoteOn } })
    let before = rig.system.sent.count
    rig.system.plug("FLUID Synth", 128)
    #expect(
      wait {
        rig.system.messages.dropFirst(before).contains(.program(channel: 0, number: 73))
      })
  }

  @Test func `choosing another port ends the notes that the first one holds`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    rig.system.plug("FLUID Synth", 128)
    rig.client.setOutputs(["FLUID Synth:port"])
    #expect(wait { rig.system.outputs == [Self.synth] })
    rig.player.play(
      Schedule(performance: melody([60], length: 100 * Tick.perQuarter)))
    #expect(wait { rig.system.hanging == [[0, 60]] })
    rig.client.setOutputs([])
    #expect(wait { rig.system.outputs.isEmpty })
    #expect(rig.system.hanging.isEmpty)
    #expect(rig.system.messages.contains(.control(channel: 0, number: 123, value: 0)))
  }

  @Test func `panic and leaving end every note at once`() throws {
    for isPanic in [true, false] {
      let rig = try Rig()
      var chord = melody([60, 64, 67], length: 100 * Tick.perQuarter)
      for index in chord.notes.indices { chord.notes[index].start = .zero }
      rig.player.play(Schedule(performance: chord))
      #expect(wait { rig.system.hanging.count == 3 })
      if isPanic {
        rig.player.panic()
        #expect(wait { rig.system.hanging.isEmpty })
      }
      rig.leave()
      #expect(rig.system.hanging.isEmpty)
      #expect(
        rig.system.sent.last
          == .init(message: .control(channel: 0, number: 123, value: 0), moment: nil))
    }
  }

  @Test func `a kernel without room gets every message all the same`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    rig.system.refuse(20)
    rig.player.play(
      Schedule(performance: melody([60, 62, 64], quartersPerMinute: 1200, length: 480)))
    #expect(wait { rig.system.sent.count { $0.message.isNoteOff } == 3 })
    #expect(rig.system.sent.count { $0.message.isNoteOn } == 3)
  }

  @Test func `what is played on a keyboard sounds and is told, with its moment and place`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    let keyboard = rig.system.plug("Keystation", 20, takes: false)
    rig.client.setInputs(["keystation"])
    #expect(wait { rig.system.inputs == [keyboard.address] })
    let moment = nanosecondsNow()
    rig.system.arrive(
      .message(.noteOn(channel: 3, key: 72, velocity: 90), moment: moment, from: keyboard.address))
    let told = MIDIEvent.played(
      .noteOn(channel: 3, key: 72, velocity: 90), moment: moment, playhead: nil, isHeard: true)
    #expect(wait { rig.events.contains(told) })
    // It goes out again on a channel of its own, at once.
    let echo = FakeSequencer.Sent(
      message: .noteOn(channel: Sequencer.playedChannel, key: 72, velocity: 90), moment: nil)
    #expect(wait { rig.system.sent.contains(echo) })
    rig.system.arrive(
      .message(.noteOff(channel: 3, key: 72), moment: moment, from: keyboard.address))
    #expect(wait { rig.system.hanging.isEmpty })
  }

  @Test func `without thru, and for keys that run commands, nothing sounds`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    let source = MIDIPort.Address(client: 20, port: 0)
    var reserved = MIDIReserved()
    reserved.notes = [36]
    rig.client.setReserved(reserved)
    rig.system.arrive(
      .message(.noteOn(channel: 0, key: 36, velocity: 9), moment: 1, from: source),
      .message(.noteOff(channel: 0, key: 36), moment: 1, from: source))
    #expect(wait { rig.events.messages.count == 2 })
    rig.client.setThru(false)
    rig.system.arrive(
      .message(.noteOn(channel: 0, key: 50, velocity: 9), moment: 1, from: source),
      .message(.noteOff(channel: 0, key: 50), moment: 1, from: source))
    #expect(wait { rig.events.messages.count == 4 })
    rig.leave()
    #expect(!rig.system.messages.contains { $0.isNoteOn })
  }

  @Test func `a keyboard that is unplugged lets go of its keys and its pedal`() throws {
    let rig = try Rig()
    defer { rig.leave() }
    let keyboard = rig.system.plug("Keystation", 20, takes: false)
    rig.system.arrive(
      .message(.control(channel: 0, number: 64, value: 127), moment: 1, from: keyboard.address),
      .message(.noteOn(channel: 0, key: 72, velocity: 90), moment: 1, from: keyboard.address))
    #expect(wait { rig.system.messages.contains { $0.isNoteOn } })
    rig.system.unplug(20)
    #expect(wait { rig.system.hanging.isEmpty })
    #expect(
      wait {
        rig.events.messages.suffix(2) == [
          .noteOff(channel: 0, key: 72), .control(channel: 0, number: 64, value: 0),
        ]
      })
  }

  @Test func `without a sequencer a sentence says why, and it is looked for when asked again`()
    throws
  {
    let player = try Player(output: .silent(reason: "for the test"))
    let system = FakeSequencer()
    let isThere = Atomic(false)
    let client = MIDIClient(
      player: player,
      openSystem: { () throws(AudioError) in
        guard isThere.load(ordering: .relaxed) else {
          throw .sequencerUnavailable(reason: "there is no /dev/snd/seq")
        }
        return system
      }, onEvent: { _ in })
    defer {
      player.shutdown()
      client.close()
    }
    client.setOutputs(["FLUID Synth"])
    #expect(wait { client.state.missing == ["FLUID Synth"] })
    #expect(client.state.trouble?.contains("/dev/snd/seq") == true)
    isThere.store(true, ordering: .relaxed)
    system.plug("FLUID Synth", 128)
    client.setOutputs(["FLUID Synth"])
    #expect(wait { client.state.trouble == nil && client.state.missing.isEmpty })
  }

  @Test func `who comes in the middle of a tune hears the instruments that play it`() throws {
    let player = try Player(output: .silent(reason: "for the test"))
    player.play(Schedule(performance: melody([60], length: 100 * Tick.perQuarter)))
    #expect(wait { player.status.playhead > Tick(20) })
    let system = FakeSequencer()
    let client = MIDIClient(
      player: player, openSystem: { () throws(AudioError) in system }, onEvent: { _ in })
    #expect(wait { system.messages.contains(.program(channel: 0, number: 73)) })
    player.shutdown()
    client.close()
  }

  /// Whatever happens in whatever order, no note sounds on elsewhere.
  @Test(arguments: 1...6)
  func `every note that goes out ends, whatever the musician does`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed))
    let rig = try Rig()
    let source = MIDIPort.Address(client: 20, port: 0)
    rig.client.setClock(seed % 2 == 0 ? .send : .off)
    var isPlugged = false
    for _ in 0..<25 {
      switch Int.random(in: 0..<10, using: &dice) {
      case 0, 1, 2:
        rig.player.play(
          Schedule(
            performance: melody(
              (0..<20).map { _ in Int.random(in: 60...64, using: &dice) }, quartersPerMinute: 900,
              length: Int.random(in: 100...3000, using: &dice))))
      case 3: rig.player.stop()
      case 4: rig.player.setLoop(.zero..<Tick(Int.random(in: 500...4000, using: &dice)))
      case 5:
        if isPlugged { rig.system.unplug(128) } else { rig.system.plug("FLUID Synth", 128) }
        isPlugged.toggle()
      case 6: rig.client.setOutputs(Bool.random(using: &dice) ? ["FLUID"] : [])
      case 7:
        rig.system.arrive(
          .message(.noteOn(channel: 0, key: 70, velocity: 80), moment: 1, from: source))
      case 8: rig.system.arrive(.overrun)
      default: rig.player.panic()
      }
      let before = rig.player.status.playhead
      _ = wait(upTo: 0.02) { rig.player.status.playhead != before }
    }
    rig.leave()
    #expect(rig.system.hanging.isEmpty)
  }
}

extension MIDIMessage {
  var isNoteOn: Bool { if case .noteOn = self { true } else { false } }
  var isNoteOff: Bool { if case .noteOff = self { true } else { false } }
}

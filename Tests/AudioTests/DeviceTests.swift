import Glibc
import Music
import Testing

@testable import Audio

/// The player on ALSA devices that need no sound card. libasound reads its configuration once in
/// a process, so each test runs in a process of its own.
@Suite(.enabled(if: canSynthesize, "FluidSynth or a SoundFont is not installed"))
struct DeviceTests {
  @Test func `what ALSA gets is the score, note for note`() async {
    await #expect(processExitsWith: .success) {
      let folder = makeTemporaryFolder()
      write(
        """
        pcm.!default { type file slave.pcm "null" file "\(folder)/out.wav" format "wav" }
        pcm.null { type null }
        ctl.!default { type empty }
        """, to: folder + "/asound.conf")
      setenv("ALSA_CONFIG_PATH", folder + "/asound.conf", 1)
      let player = try Player(output: .pcm("default"))
      #expect(!player.status.isSilent)
      let keys = [69, 76, 72, 81]
      var music = melody(keys, quartersPerMinute: 240, length: 480)
      music.tracks[0].program = 0
      let began = nanosecondsNow()
      player.play(Schedule(performance: music))
      #expect(wait { player.status.playhead == music.end })
      // A file takes frames at once, so the player itself must keep time.
      let seconds = Double(nanosecondsNow() - began) / 1e9
      #expect(seconds > 0.9)
      #expect(wait { player.status.isResting })
      player.shutdown()

      let recording = Recording(wav: bytes(of: folder + "/out.wav"))
      #expect(recording.mistakes(playing: keys, every: 0.25).isEmpty)
      remove(folder: folder)
    }
  }

  @Test func `a device asked for by name must be there`() async {
    await #expect(processExitsWith: .success) {
      let folder = makeTemporaryFolder()
      write("ctl.!default { type empty }\n", to: folder + "/asound.conf")
      setenv("ALSA_CONFIG_PATH", folder + "/asound.conf", 1)
      #expect(
        throws: AudioError.deviceUnavailable(
          name: "nosuch", reason: "No such file or directory")
      ) { try Player(output: .pcm("nosuch")) }
      // Any device will do for `auto`, even none.
      let player = try Player(output: .auto)
      #expect(wait { player.status.device.hasPrefix("none: no sound device") })
      #expect(player.status.isSilent)
      let music = melody([60, 62], quartersPerMinute: 1200)
      player.play(Schedule(performance: music))
      #expect(wait { player.status.playhead == music.end })
      player.shutdown()
      remove(folder: folder)
    }
  }

  @Test(
    .enabled(
      if: program("pulseaudio") != nil && program("parec") != nil,
      "pulseaudio and pulseaudio-utils are not installed"))
  func `through a real-time sound server notes come when the score says`() async {
    await #expect(processExitsWith: .success) {
      let server = try #require(PulseServer())
      defer { server.stop() }
      let keys = [69, 69, 76, 69, 81, 69]
      var music = melody(keys, quartersPerMinute: 240, length: 480)
      music.tracks[0].program = 0
      let player = try Player(output: .pcm("default"))
      defer { player.shutdown() }
      // A machine that stops its threads for long cannot keep time for anybody, the server least of
      // all: what was recorded then says nothing about the player.
      for attempt in 1...4 {
        let begin = server.recordedBytes
        let underruns = player.status.underruns
        player.play(Schedule(performance: music))
        #expect(wait { !player.status.isResting })
        let pause = longestPause { player.status.playhead == music.end && player.status.isResting }
        let mistakes = server.recording(from: begin).mistakes(playing: keys, every: 0.25)
        if mistakes.isEmpty { return }
        let isCalm = pause < 0.02 && player.status.underruns == underruns
        if isCalm || attempt == 4 && pause < 0.05 {
          #expect(mistakes.isEmpty)
          return
        }
      }
    }
  }

  @Test(
    .enabled(
      if: program("pulseaudio") != nil && program("parec") != nil,
      "pulseaudio and pulseaudio-utils are not installed"))
  func `a sound server that dies is not the end of the music`() async {
    await #expect(processExitsWith: .success) {
      let server = try #require(PulseServer())
      let music = melody(Array(repeating: 60, count: 40), quartersPerMinute: 480)
      let player = try Player(output: .pcm("default"))
      player.play(Schedule(performance: music))
      #expect(wait { player.status.playhead > Tick(960) })
      server.killServer()
      #expect(wait { player.status.isSilent })
      let lostAt = player.status.playhead
      #expect(wait { player.status.playhead > lostAt + Tick(1920) })
      #expect(server.startServer())
      #expect(wait { !player.status.isSilent })
      player.shutdown()
      server.stop()
    }
  }
}

/// A PulseAudio server of our own with a sink that leads nowhere but keeps time, and its recorder.
private final class PulseServer {
  private let folder = makeTemporaryFolder()
  private var server: pid_t = 0
  private var recorder: pid_t = 0

  private var environment: [String] {
    ["XDG_RUNTIME_DIR=\(folder)", "HOME=\(folder)", "PATH=/usr/bin:/bin"]
  }

  /// Points ALSA in this process to the new server; nil when it does not start.
  init?() {
    write(
      """
      load-module module-native-protocol-unix auth-anonymous=1
      load-module module-null-sink sink_name=nul rate=48000 channels=2 format=s16le norewinds=1
      set-default-sink nul

      """, to: folder + "/pulse.pa")
    write(
      "pcm.!default { type pulse }\nctl.!default { type pulse }\n", to: folder + "/asound.conf")
    setenv("XDG_RUNTIME_DIR", folder, 1)
    setenv("HOME", folder, 1)
    setenv("ALSA_CONFIG_PATH", folder + "/asound.conf", 1)
    guard startServer(), let parec = program("parec") else { return nil }
    recorder = record(
      [
        parec, "-d", "nul.monitor", "--format=s16le", "--rate=48000", "--channels=2", "--raw",
        "--latency-msec=20", folder + "/rec.raw",
      ])
    guard wait(until: { !bytes(of: folder + "/rec.raw").isEmpty }) else { return nil }
  }

  private func record(_ arguments: [String]) -> pid_t {
    start(arguments, environment: environment)
  }

  func startServer() -> Bool {
    guard let pulseaudio = program("pulseaudio") else { return false }
    unlink(folder + "/pulse/native")
    server = start(
      [
        pulseaudio, "-n", "-F", folder + "/pulse.pa", "--daemonize=no", "--exit-idle-time=-1",
        "--disallow-exit", "--realtime=no", "--high-priority=no", "--use-pid-file=no",
      ], environment: environment)
    return server > 0 && wait { access(folder + "/pulse/native", F_OK) == 0 }
  }

  func killServer() {
    kill(server, SIGKILL)
    waitpid(server, nil, 0)
  }

  var recordedBytes: Int { bytes(of: folder + "/rec.raw").count }

  func recording(from begin: Int) -> Recording {
    // What is on its way to the recorder must arrive.
    usleep(300_000)
    return Recording(stereo: bytes(of: folder + "/rec.raw").dropFirst(begin))
  }

  func stop() {
    for child in [recorder, server] where child > 0 {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
    remove(folder: folder)
  }
}

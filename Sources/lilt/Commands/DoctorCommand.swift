import ArgumentParser
import Audio
import Compose
import Glibc
import Neural
import TUI

/// `lilt doctor`: one line about each thing that may be otherwise on another machine.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what was found: terminal, locale, colours, sound, model.",
    discussion: """
      Exit status 1 when the composer could not work as it should: no screen, no model, or \
      settings that cannot be used. Missing sound is not such a thing.
      """)

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Where the sound goes: auto, none, pcm:NAME, log:FILE.")
  var audio: String?
  @Option(help: "The instruments: a .sf2 file.")
  var soundfont: String?

  /// One line of the report.
  private struct Finding {
    var name: String
    var sentence: String
    var isTrouble = false
  }

  func run() throws {
    let paths = Paths.current
    var settings = Settings.load(paths: paths)
    try settings.override(.checkpoint, with: checkpoint)
    try settings.override(.audio, with: audio)
    try settings.override(.soundFont, with: soundfont)
    let findings =
      [
        Finding(name: "program", sentence: Lilt.versionLine()), locale(), terminal(settings),
        tables(paths, settings), sound(settings), soundFont(settings), midi(),
      ] + model(paths, settings) + [drafts(paths), control(paths)]
    for finding in findings {
      let padding = String(repeating: " ", count: max(1, 11 - finding.name.count))
      StandardOutput.line("\(finding.name)\(padding)\(finding.sentence)")
    }
    if findings.contains(where: \.isTrouble) { throw CommandFailure(.checkFailed, nil) }
  }

  private func locale() -> Finding {
    let environment = Paths.processEnvironment()
    let name =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    setlocale(LC_ALL, "")
    let codeset = nl_langinfo(Int32(CODESET)).map { String(cString: $0) } ?? "unknown"
    return Finding(name: "locale", sentence: "\(name ?? "not set"), \(codeset)")
  }

  /// Opens the screen for a moment, because only then is it known what it can do.
  private func terminal(_ settings: Settings) -> Finding {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      return Finding(name: "terminal", sentence: "none", isTrouble: true)
    }
    defer { close(descriptor) }
    var options = NCursesTerminal.Options(environment: Paths.processEnvironment())
    options.input = descriptor
    options.output = descriptor
    options.wish = ColorDepth.Wish(rawValue: settings.text(.color)) ?? .auto
    options.ascii = settings.text(.symbols) == "ascii"
    options.mouse = false
    options.title = false
    do {
      let terminal = try NCursesTerminal(options: options)
      defer { terminal.leave() }
      // Here the answers are what is asked for.
      terminal.waitForAnswers()
      let traits = terminal.traits
      let colours =
        switch terminal.depth {
        case .mono: "no colours"
        case .colors8: "8 colours"
        case .colors16: "16 colours"
        case .colors256: "256 colours"
        case .trueColor: "24-bit colour"
        }
      let background = traits.isLight.map { $0 ? "light background" : "dark background" }
      return Finding(
        name: "terminal",
        sentence: [
          terminal.terminalName, "\(terminal.width)x\(terminal.height)", colours,
          background ?? "background unknown",
          terminal.showsUnicode
            ? "drawn with Unicode (─ █ ▀ ▼ are one cell wide)" : "drawn with ASCII",
          traits.synchronizesOutput ? "whole frames" : "",
          traits.namesKeys ? "keys by name" : "",
          traits.reportsScheme ? "tells light from dark" : "",
        ].filter { !$0.isEmpty }.joined(separator: ", "))
    } catch {
      return Finding(name: "terminal", sentence: error.description, isTrouble: true)
    }
  }

  private func tables(_ paths: Paths, _ settings: Settings) -> Finding {
    let problems = settings.problems + KeyTables.read(paths: paths).problems
    if let first = problems.first {
      let others = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
      return Finding(name: "settings", sentence: first + others, isTrouble: true)
    }
    let files = [paths.configurationFile, paths.keysFile].filter(Files.exists)
    return Finding(
      name: "settings", sentence: files.isEmpty ? "all built in" : files.joined(separator: ", "))
  }

  private func sound(_ settings: Settings) -> Finding {
    do {
      var output = try SoundOutput(settings.text(.audio))
      // The default device by its name, so that its absence comes with a reason.
      if output == .auto { output = .pcm("default") }
      let player = try Player(output: output, soundFont: settings.given(.soundFont))
      defer { player.shutdown() }
      // A device is opened by the thread that plays: give it a second.
      for _ in 0..<100 where player.status.device == "opening" { usleep(10_000) }
      return Finding(name: "sound", sentence: player.status.device)
    } catch {
      return Finding(name: "sound", sentence: "\(error)")
    }
  }

  private func soundFont(_ settings: Settings) -> Finding {
    do {
      return Finding(
        name: "soundfont", sentence: try SoundFont.find(settings.given(.soundFont)))
    } catch {
      return Finding(name: "soundfont", sentence: error.description)
    }
  }

  private func midi() -> Finding {
    do {
      let ports = try MIDIPort.present()
      let named = ports.map {
        $0.fullName + ($0.takes ? $0.gives ? " (out, in)" : " (out)" : " (in)")
      }
      return Finding(
        name: "midi",
        sentence: "ALSA sequencer, "
          + (ports.isEmpty ? "no ports of others" : named.joined(separator: "; ")))
    } catch {
      return Finding(name: "midi", sentence: error.description)
    }
  }

  private func model(_ paths: Paths, _ settings: Settings) -> [Finding] {
    do {
      let locator = CheckpointLocator(paths: paths)
      let path = try locator.path(for: settings.given(.checkpoint))
      let loaded = try locator.cache.load(path: path, precision: .auto)
      let model = try ImproviserModel(loaded)
      loaded.keep()
      let network = model.network
      let kept = locator.cache.content
      let size = network.bytesPerStep >> 10
      return [
        Finding(
          name: "model",
          sentence: "\(model.description.name), \(network.parameterCount) weights, \(path)"),
        Finding(
          name: "kernels",
          sentence: "\(network.kernelName), \(network.precision.rawValue), \(size) KiB a step, "
            + (ThreadChoice.most > 1 ? "one or two threads" : "one thread")),
        speeds(paths),
        Finding(
          name: "weights",
          sentence:
            "\(loaded.wasKept ? "packed earlier" : "packed now"); \(kept.networks) networks, "
            + "\(kept.bytes >> 20) MiB in \(locator.cache.folder)"),
      ]
    } catch {
      return [Finding(name: "model", sentence: "\(error)", isTrouble: true)]
    }
  }

  /// How fast the sets of inner loops multiply here, and whether one was asked for in vain.
  private func speeds(_ paths: Paths) -> Finding {
    let known = KernelSpeeds.known(in: paths.kernelSpeeds)
    let list = known.entries.map { entry in
      "\(entry.name) \((entry.int8 / 1e9).formatted(decimals: 0)) and "
        + "\((entry.float32 / 1e9).formatted(decimals: 0))"
    }
    var sentence = "G operations a second in int8 and fp32: " + list.joined(separator: ", ")
    if let refused = KernelSpeeds.refused {
      sentence +=
        "; LILT_KERNELS asks for \(refused), but this processor has "
        + KernelSpeeds.available.joined(separator: ", ")
    }
    return Finding(
      name: "speeds", sentence: sentence, isTrouble: KernelSpeeds.refused != nil)
  }

  private func drafts(_ paths: Paths) -> Finding {
    let count = Files.names(in: paths.drafts).count
    return Finding(name: "drafts", sentence: "\(count) in \(paths.drafts)")
  }

  private func control(_ paths: Paths) -> Finding {
    guard let folder = paths.runtime else {
      return Finding(name: "control", sentence: "no socket: XDG_RUNTIME_DIR is not set")
    }
    let running = Files.names(in: folder).filter { $0.hasPrefix("lilt.") && $0.hasSuffix(".sock") }
    return Finding(name: "control", sentence: "\(folder), \(running.count) running")
  }
}

// swift-tools-version: 6.2
import PackageDescription

#if canImport(Glibc)
  import Glibc
#endif

/// What `lilt --version` says it was built from, as `make` finds it; a build by hand does not say.
let commit = Context.environment["LILT_COMMIT"].flatMap { $0.isEmpty ? nil : $0 }

/// Flags that put libstdc++, libgcc and ncurses into the program where their archives are, as on
/// Debian and Ubuntu: finding 4,000 symbols in the shared libraries costs each start 1 ms. The folder
/// holds linker scripts that name the archives; symbols of archives are not exported.
func archiveFlags() -> [String] {
  #if canImport(Glibc)
    for archive in ["gcc/*/*/libstdc++.a", "*/libncursesw.a", "*/libtinfo.a"] {
      var found = glob_t()
      defer { globfree(&found) }
      guard glob("/usr/lib/" + archive, 0, nil, &found) == 0 else { return [] }
    }
    return [
      "-use-ld=lld", "-L", Context.packageDirectory + "/Sources/Archives",
      "-Xclang-linker", "-static-libgcc",
    ]
  #else
    return []
  #endif
}

let package = Package(
  name: "lilt",
  products: [.executable(name: "lilt", targets: ["lilt"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // Pure subjects, each understood and tested alone.
    .target(name: "Music"),
    .target(name: "Notes", dependencies: ["Music"]),
    .target(name: "ABC", dependencies: ["Music"]),
    .target(name: "Analysis", dependencies: ["Music", "ABC"]),
    .target(name: "MIDI", dependencies: ["Music", "Notes"]),
    .target(name: "Form"),
    .target(
      name: "Kernels",
      cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
    .target(name: "Neural", dependencies: ["Kernels"]),
    .target(
      name: "Compose", dependencies: ["Music", "Notes", "ABC", "Analysis", "Form", "Neural"]),
    .target(
      name: "TrainingKernels",
      cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
    .target(name: "Training", dependencies: ["Notes", "Neural", "TrainingKernels"]),
    .target(
      name: "Corpus",
      dependencies: ["Form", "Music", "Notes", "ABC", "Analysis", "MIDI", "Neural", "Training"]),

    // The modules where a C library enters.
    .target(name: "ModelImport", dependencies: ["Neural", "CHDF5", "CZlib"]),
    .target(name: "MusicXML", dependencies: ["ABC", "Music", "CExpat", "CZlib"]),
    .target(name: "Audio", dependencies: ["Music", "CALSA", "CFluidSynth", "CSndFile"]),
    .target(
      name: "TUI",
      dependencies: [
        "Compose", "Music", "ABC", "Analysis", "CNCurses", "CTerminal",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ]),

    .executableTarget(
      name: "lilt",
      dependencies: [
        "Music", "Notes", "ABC", "Analysis", "Form", "MIDI", "Neural", "Compose", "Audio", "TUI",
        "ModelImport", "MusicXML", "CTerminal", "CProgram", "CZlib", "Corpus", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      linkerSettings: [.unsafeFlags(archiveFlags(), .when(configuration: .release))]),

    // C shims and system libraries.
    .target(
      name: "CNCurses",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "CTerminal"),
    .target(name: "CProgram", cSettings: commit.map { [.define("COMMIT", to: "\"\($0)\"")] }),
    .target(name: "CALSA", linkerSettings: [.linkedLibrary("dl")]),
    // These open their library at run time: few commands need it, and every start would pay.
    .target(name: "CFluidSynth", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CExpat", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CHDF5", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CSndFile", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("dl")]),
    .systemLibrary(name: "CVTerm"),
    .target(
      name: "CPseudoTerminal", path: "Tests/CPseudoTerminal",
      linkerSettings: [.linkedLibrary("util")]),

    // A program in a pseudo terminal with a screen to look at, and a small one to try it on.
    .target(
      name: "TerminalHarness", dependencies: ["CPseudoTerminal", "CVTerm"],
      path: "Tests/TerminalHarness"),
    .executableTarget(
      name: "screenprobe", dependencies: ["TUI", "CTerminal"], path: "Tests/ScreenProbe"),

    .testTarget(name: "MusicTests", dependencies: ["Music"]),
    .testTarget(name: "NotesTests", dependencies: ["Notes", "ABC", "Music"]),
    .testTarget(name: "ABCTests", dependencies: ["ABC", "Music"]),
    .testTarget(name: "FormTests", dependencies: ["Form"]),
    .testTarget(
      name: "AnalysisTests", dependencies: ["Analysis", "ABC", "Music"], exclude: ["Fixtures"]),
    .testTarget(name: "MIDITests", dependencies: ["MIDI", "ABC", "Music"]),
    .testTarget(name: "MusicXMLTests", dependencies: ["MusicXML", "ABC", "Music"]),
    .testTarget(
      name: "NeuralTests", dependencies: ["Neural", "Kernels"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ComposeTests",
      dependencies: ["Compose", "ABC", "Analysis", "Form", "Music", "Neural", "Notes"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ModelImportTests", dependencies: ["ModelImport", "Neural"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "TrainingKernels", "Neural", "Notes"]),
    .testTarget(
      name: "CorpusTests",
      dependencies: ["Corpus", "Form", "ABC", "Training", "Neural", "Notes", "MIDI", "Music"]),
    .testTarget(name: "AudioTests", dependencies: ["Audio", "CSndFile", "Music"]),
    .testTarget(
      name: "TUITests",
      dependencies: [
        "TUI", "Compose", "ABC", "Analysis", "Music", "TerminalHarness", "screenprobe",
      ],
      exclude: ["Screens"]),
    .testTarget(
      name: "LiltTests",
      dependencies: [
        "lilt", "ABC", "Analysis", "Compose", "MIDI", "ModelImport", "Music", "Neural", "Notes",
        "TUI", "TerminalHarness",
      ], exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)

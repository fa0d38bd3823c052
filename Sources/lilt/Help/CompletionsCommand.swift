import ArgumentParser

/// `lilt completions SHELL`: a completion script on standard output.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print a completion script for bash, zsh or fish.",
    discussion: """
      bash: lilt completions bash > ~/.local/share/bash-completion/completions/lilt
      zsh:  lilt completions zsh > a folder of $fpath, as _lilt
      fish: lilt completions fish > ~/.config/fish/completions/lilt.fish
      """, shouldDisplay: false)

  /// The shells that a script can be made for.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    let completionShell: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    StandardOutput.line(Lilt.completionScript(for: completionShell))
  }
}
